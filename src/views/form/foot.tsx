/** @jsxImportSource hono/jsx */
import type { HouseholdProps } from '../household.tsx';

/** Stays in view at the form's lower edge: the amount so far, and the button that asks for it. */
export function Foot({ result, manifest, format }: HouseholdProps) {
  return (
    <div class="form-foot">
      {/* The result stands in its own section too: a screen reader needs it once. */}
      <p class="foot-amount" aria-hidden="true">
        {result ? (
          <>
            <strong>{format.money(result.prediction.amount)}</strong> a {manifest.target.period}
          </>
        ) : (
          'No answer yet'
        )}
      </p>
      <button type="submit">See the answer</button>
    </div>
  );
}
