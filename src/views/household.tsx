/** @jsxImportSource hono/jsx */
import type { Explanation } from '../model/explanation.ts';
import type { FieldError, Inputs } from '../model/features.ts';
import type { GoalAnswer } from '../model/goal.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Sweep } from '../model/sensitivity.ts';
import { Headline } from './result/headline.tsx';
import { AnswerPanels } from './result/panels.tsx';
import { FORM_ID, HouseholdForm, SWAPS } from './form/form.tsx';
import type { Format } from './format.ts';

/** Everything the model says about one household. */
export interface Answer {
  inputs: Inputs;
  prediction: Prediction;
  /** Undefined when the model holds nothing to explain itself with. */
  explanation: Explanation | undefined;
  sweeps: readonly Sweep[];
  goal: GoalAnswer;
}

/** Another set of inputs that the reader put aside, to compare with. */
export interface Kept {
  /** Its inputs as a form would send them: how it travels along with the next request. */
  encoded: string;
  inputs: Inputs;
  prediction: Prediction;
}

/** One household as the page shows it; what a plain post and an htmx swap both render. */
export interface HouseholdProps {
  manifest: Manifest;
  sha256: string;
  format: Format;
  /** What stands in the fields, as text: kept as it was typed. */
  values: Readonly<Record<string, string>>;
  errors: readonly FieldError[];
  /** Undefined when an input was refused. */
  answer: Answer | undefined;
  kept: Kept | undefined;
  /** What was typed as the amount to reach, and what is wrong with it. */
  goal: { text: string; error: string | undefined };
  /** Whether the values are the model's own proposals, not the reader's. */
  example: boolean;
}

/** The page around one household. */
export function HouseholdPage(props: HouseholdProps) {
  return (
    <>
      <div class="intro">
        <h1>What could your household save?</h1>
        <p class="lead">
          Move what comes in and what goes out. The answer follows, with how sure it is, why, and what would
          change it.
        </p>
      </div>
      <Household {...props} />
      <LiveAnswer />
    </>
  );
}

export function Household(props: HouseholdProps) {
  return (
    <div id="household" class="household" data-example={props.example ? '' : undefined}>
      <Headline {...props} />
      <HouseholdForm {...props} />
      <AnswerPanels {...props} />
    </div>
  );
}

/**
 * Asks for a new answer while something is being changed: at once and then steadily while a slider moves, after a
 * pause while somebody types. It belongs to the form, but outlives what is merged into the page.
 */
function LiveAnswer() {
  return (
    <input
      id="live"
      type="hidden"
      form={FORM_ID}
      hx-post="/predict"
      hx-trigger={[
        `input from:document target:'#${FORM_ID} .slider' throttle:100ms`,
        `input from:document target:'#${FORM_ID} .number, #goal' delay:250ms`,
        `change from:document target:'#${FORM_ID} select'`,
        'look',
      ].join(', ')}
      hx-vals='{"_do": "look"}'
      {...SWAPS}
    />
  );
}
