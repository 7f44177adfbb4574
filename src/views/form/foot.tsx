/** @jsxImportSource hono/jsx */
import type { HouseholdProps } from '../household.tsx';
import { leftOverOf } from '../status.ts';

/** Stays in view at the form's lower edge: what is left over so far, and the button that asks for it. */
export function Foot({ result, format }: HouseholdProps) {
  const left = result && leftOverOf(result.prediction);
  return (
    <div class="form-foot">
      {/* The result stands in its own section too: a screen reader needs it once. */}
      <p class="foot-amount" aria-hidden="true">
        {left ? (
          <>
            {left.name} <strong>{format.money(left.amount)}</strong>
          </>
        ) : (
          'No answer yet'
        )}
      </p>
      <button type="submit">See the answer</button>
      {/* Filled by public/requests.js while there is no answer. */}
      <p id="request-state" class="request-state" role="status" />
    </div>
  );
}
