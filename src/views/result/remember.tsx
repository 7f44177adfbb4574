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
        <input id="remember-choice" type="checkbox" aria-describedby="remember-note" />
        <label for="remember-choice">Remember on this device</label>
        <button id="remember-erase" class="quiet" type="button" hidden>
          Erase what is remembered
        </button>
      </p>
      <p id="remember-note" class="note">
        Copies these figures and what you kept into this browser, where whoever uses it sees them: not for a
        shared computer. Untick it, or start over, and the copy is erased.
      </p>
      <p class="note" role="status" />
    </div>
  );
}
