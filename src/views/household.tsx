/** @jsxImportSource hono/jsx */
import type { FieldError } from '../model/features.ts';
import type { HouseholdResult, KeptHousehold } from '../model/household-result.ts';
import type { Feature, Manifest } from '../model/manifest.ts';
import type { Periods } from '../model/periods.ts';
import type { Words } from '../model/words.ts';
import { FORM_ID, HouseholdForm, SWAPS } from './form/form.tsx';
import type { Reading } from './amount.ts';
import type { Format } from './format.ts';
import { Headline } from './result/headline.tsx';
import type { Help } from './result/help-line.tsx';
import { ResultPanels, Tabs } from './result/panels.tsx';

/** One household as the page shows it; what a plain post and an htmx swap both render. */
export interface HouseholdProps {
  manifest: Manifest;
  words: Words;
  sha256: string;
  format: Format;
  /** What the model learned from, as a whole sentence. */
  provenance: string;
  /** Where a household that overspends can turn; undefined where the deployment says nothing. */
  help: Help | undefined;
  /** What stands in the fields, as text: kept as it was typed. */
  values: Readonly<Record<string, string>>;
  /** The features in the periods that were chosen beside their values: bounds and all. */
  features: readonly Feature[];
  /** Periods that are not the model's own, by feature. */
  periods: Periods;
  /** What the values of features that are numbers say; none for a blank one. */
  readings: Readonly<Record<string, Reading>>;
  errors: readonly FieldError[];
  /** Undefined when an input was refused. */
  result: HouseholdResult | undefined;
  /** What the reader put aside to compare with, in the order of the slots. */
  kept: readonly KeptHousehold[];
  /** What was typed as the amount to reach, and what is wrong with it. */
  goal: { text: string; amount: number | undefined; error: string | undefined };
  /** Whether the values are the model's own proposals or one of its examples, not the reader's. */
  example: boolean;
  /** The only panel that is filled, while a slider moves; undefined for all of them. */
  inView: string | undefined;
  /** The day of the answer. */
  date: Date;
  /** What stood in the form before it was started over, as the form sends it. */
  before: string | undefined;
}

/** What the page is about, for its tab. */
export function pageTitle({ label, budget }: Words): string {
  return budget ? `${label}: what your household has left over` : `${label}: what a model predicts, and why`;
}

function questionOf({ predicted, budget }: Words): string {
  return budget ? 'What does your household have left over?' : predicted;
}

/** The page around one household. */
export function HouseholdPage(props: HouseholdProps) {
  return (
    <>
      <div class="intro">
        <h1>{questionOf(props.words)}</h1>
        <p class="lead">
          {props.words.budget
            ? `Move what comes in and what goes out. Beside what is left over stands the ${props.words.target} that a model predicts, with how sure it is and why.`
            : 'Move the figures that it is predicted from. With the prediction stands how sure the model is, and why.'}
        </p>
      </div>
      <Household {...props} />
      <LiveResult />
    </>
  );
}

export function Household(props: HouseholdProps) {
  const unseen = (props.result?.prediction.warnings.length ?? 0) > 0;
  return (
    <div
      id="household"
      class={unseen ? 'household unseen' : 'household'}
      data-example={props.example ? '' : undefined}
    >
      <div class="in-short">
        <Headline {...props} />
        {props.result && <Tabs words={props.words} />}
      </div>
      <HouseholdForm {...props} />
      <ResultPanels {...props} />
    </div>
  );
}

/** The props of what is shown only with a result. */
export type ResultProps = HouseholdProps & { result: HouseholdResult };

/** Least milliseconds between two questions of a slider on its way: never more than 8 a second. */
export const SLIDER_MS = 130;
/** What has not changed for so long has come to rest. Longer than a slider's last question waits. */
const REST_MS = 250;

/**
 * Ask for a new result while something is being changed. They belong to the form, but outlive what is merged into the
 * page. A glance asks at once and then steadily while a slider moves, and is for what is in view: public/app.js adds
 * which panel is open. What has come to rest is asked for whole.
 */
function LiveResult() {
  return (
    <>
      <Asker
        id="glance"
        when={[`input from:document target:'#${FORM_ID} .slider' throttle:${SLIDER_MS}ms`, 'look']}
      />
      <Asker
        id="live"
        when={[
          `input from:document target:'#${FORM_ID} .slider, #${FORM_ID} .number, #goal' delay:${REST_MS}ms`,
          `rest delay:${REST_MS}ms`,
          `change from:document target:'#${FORM_ID} select'`,
          'look',
        ]}
      />
    </>
  );
}

function Asker({ id, when }: { id: string; when: readonly string[] }) {
  return (
    <input
      id={id}
      type="hidden"
      form={FORM_ID}
      hx-post="/predict"
      hx-trigger={when.join(', ')}
      hx-vals='{"_do": "look"}'
      {...SWAPS}
    />
  );
}
