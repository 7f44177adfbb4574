/** @jsxImportSource hono/jsx */

/**
 * Lets the reader's own browser remember the form; public/remember.js shows it, and nothing in it is part of the form.
 *
 * @param unit of the amounts: figures in another one are not brought back
 */
export function Remember({ unit }: { unit: string }) {
  return (
    <div id="remember" class="remember" data-unit={unit} hx-morph-skip="" hidden>
      <p class="actions">
        <input id="remember-choice" type="checkbox" autocomplete="off" aria-describedby="remember-note" />
        <label for="remember-choice">Remember on this device</label>
        <button id="remember-erase" class="quiet" type="button" hidden>
          Erase what is remembered
        </button>
      </p>
      <p id="remember-note" class="note">
        Keeps a copy of your figures, and of the households that you kept, in this browser alone, and fills
        them in when you come back. Whoever else uses this browser can see them, so leave it off on a shared
        computer. Unticking it or starting over erases the copy.
      </p>
      <p class="field-note" role="status" />
    </div>
  );
}
