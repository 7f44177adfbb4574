/** @jsxImportSource hono/jsx */
import type { HouseholdProps } from '../household.tsx';

/** Stays in view at the form's lower edge: the answer so far, and the button that asks for it. */
export function Foot({ answer, manifest, format }: HouseholdProps) {
  return (
    <div class="form-foot">
      {/* The answer stands in its own section too: a screen reader needs it once. */}
      <p class="foot-amount" aria-hidden="true">
        {answer ? (
          <>
            <strong>{format.money(answer.prediction.amount)}</strong> a {manifest.target.period}
          </>
        ) : (
          'No answer yet'
        )}
      </p>
      <button type="submit">See the answer</button>
    </div>
  );
}
