/** @jsxImportSource hono/jsx */
import type { Feature } from '../../model/manifest.ts';
import type { Format } from '../format.ts';
import type { HouseholdProps } from '../household.tsx';
import { encodeKept, keptField } from '../kept.ts';
import { unseenOf } from '../unseen.ts';
import { Field } from './field.tsx';
import { Beginnings } from './beginnings.tsx';
import { Foot } from './foot.tsx';
import { Group } from './group.tsx';

export const FORM_ID = 'household-form';

/** Where a response goes. The latest request wins; one that is refused changes the form alone. */
export const SWAPS = {
  'hx-target': '#household',
  'hx-swap': 'outerMorph',
  'hx-sync': `#${FORM_ID}:replace`,
  'hx-status:422': `target:#${FORM_ID}`,
};

/** The inputs, in the manifest's groups and order. It posts with and without JavaScript alike. */
export function HouseholdForm(props: HouseholdProps) {
  const { manifest, values, readings, errors, result, kept, format } = props;
  const { currency, period, unit } = manifest.target;
  const hasAmounts = props.features.some(({ role }) => role !== 'other');
  const unseen = result ? unseenOf(manifest, result.prediction, format) : [];
  const groups = Map.groupBy(props.features, (feature) => feature.group);
  return (
    <form
      id={FORM_ID}
      class="card form"
      method="post"
      action="/predict"
      novalidate
      hx-post="/predict"
      {...SWAPS}
      data-currency={currency}
      data-period={period}
      aria-label="Your figures"
    >
      {/* Enter in a field presses the first button of the form, which must not be one of those that begin anew. */}
      <button type="submit" hidden>
        See the answer
      </button>
      <Beginnings {...props} />
      {hasAmounts && (
        <p class="note">
          Amounts are in {unit}, or for the period that you choose beside one. Write them as you would:{' '}
          {waysToWrite(format)}.
        </p>
      )}
      {[...groups].map(([group, features]) => (
        <Group name={group} subtotal={subtotalOf(features, props)}>
          {features.map((feature) => (
            <Field
              feature={feature}
              value={values[feature.name] ?? ''}
              amount={readings[feature.name]?.amount}
              error={errors.find((error) => error.field === feature.name)?.message}
              unseen={unseen.find((one) => one.feature === feature.name)}
              commonUnit={hasAmounts ? unit : undefined}
              usual={period}
              chosen={props.periods[feature.name] ?? period}
              converted={result?.inputs[feature.name]}
              format={format}
            />
          ))}
        </Group>
      ))}
      {kept.map((household) => (
        <input type="hidden" name={keptField(household.slot)} value={encodeKept(household)} />
      ))}
      <Foot {...props} />
    </form>
  );
}

/** Examples, of those that the fields take in this currency. */
function waysToWrite({ exact, readMoney }: Format): string {
  return [exact(120_000), `${exact(120)}k`, `${exact(1.2)} lakh`]
    .filter((text) => readMoney(text).amount === 120_000)
    .join(' or ');
}

/** What the expenses of a group come to; undefined where it has none, or where an input was refused. */
function subtotalOf(
  features: readonly Feature[],
  { manifest, result, format }: HouseholdProps,
): string | undefined {
  const expenses = features.filter(({ role, kind }) => role === 'expense' && kind !== 'choice');
  if (result === undefined || expenses.length === 0) return undefined;
  const sum = expenses.reduce((total, { name }) => total + Number(result.inputs[name]), 0);
  return `${format.money(sum)} a ${manifest.target.period}`;
}
