/** @jsxImportSource hono/jsx */
import type { Prediction } from '../../model/prediction.ts';
import type { Words } from '../../model/words.ts';
import type { HouseholdProps } from '../household.tsx';
import { leftOverOf } from '../status.ts';

/** Stays in view at the form's lower edge: what is left over so far, or predicted, and the button that asks for it. */
export function Foot({ result, words, format }: HouseholdProps) {
  const shown = result && inShort(result.prediction, words);
  return (
    <div class="form-foot">
      {/* The result stands in its own section too: a screen reader needs it once. */}
      <p class="foot-amount" aria-hidden="true">
        {shown ? (
          <>
            {shown.name} <strong>{format.money(shown.amount)}</strong>
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

function inShort(prediction: Prediction, { budget, predicted }: Words): { name: string; amount: number } {
  return budget ? leftOverOf(prediction) : { name: predicted, amount: prediction.amount };
}
