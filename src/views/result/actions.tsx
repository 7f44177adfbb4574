/** @jsxImportSource hono/jsx */
import { FORM_ID } from '../form/form.tsx';
import type { HouseholdProps } from '../household.tsx';
import { SLOTS } from '../kept.ts';

/** What can be done with a result: keep it to compare, pass it on, print it. */
export function Actions({ kept, words }: Pick<HouseholdProps, 'kept' | 'words'>) {
  return (
    <div class="actions">
      {kept.length < SLOTS.length ? (
        <button class="quiet" type="submit" form={FORM_ID} name="_do" value="keep">
          {kept.length > 0 ? 'Keep this too' : 'Keep this, then change'}
        </button>
      ) : (
        <p class="note">
          {SLOTS.length} {words.many} are kept: remove one to keep another.
        </p>
      )}
      <button class="quiet scripted" type="button" data-action="link">
        Get a link
      </button>
      <button class="quiet" type="submit" form={FORM_ID} formaction="/result.csv">
        Download as CSV
      </button>
      <button class="quiet scripted" type="button" data-action="print">
        Print
      </button>
      <button class="quiet" type="submit" form={FORM_ID} name="_do" value="fresh">
        Start over
      </button>
      <div class="link" hidden>
        <label for="link">Whoever has this link sees your figures</label>
        <input id="link" type="text" readonly value="" />
        <p class="field-note" role="status" />
      </div>
    </div>
  );
}
