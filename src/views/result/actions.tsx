/** @jsxImportSource hono/jsx */
import { FORM_ID } from '../form/form.tsx';
import type { HouseholdProps } from '../household.tsx';

/** What can be done with a result: keep it to compare, pass it on, print it. */
export function Actions({ compared }: Pick<HouseholdProps, 'compared'>) {
  return (
    <div class="actions">
      <button class="quiet" type="submit" form={FORM_ID} name="_do" value="keep">
        {compared ? 'Keep this instead' : 'Keep this, then change'}
      </button>
      <button class="quiet scripted" type="button" data-action="link">
        Get a link
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
