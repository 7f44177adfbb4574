/** @jsxImportSource hono/jsx */
import type { HouseholdProps } from '../household.tsx';
import { encodeKept, keptField } from '../kept.ts';
import { Field } from './field.tsx';
import { Foot } from './foot.tsx';

export const FORM_ID = 'household-form';

/** Where a response goes. The latest request wins; one that is refused changes the form alone. */
export const SWAPS = {
  'hx-target': '#household',
  'hx-swap': 'outerMorph',
  'hx-sync': `#${FORM_ID}:replace`,
  'hx-status:422': `target:#${FORM_ID}`,
  'hx-indicator': '#household',
};

/** The inputs, in the manifest's groups and order. It posts with and without JavaScript alike. */
export function HouseholdForm(props: HouseholdProps) {
  const { manifest, values, errors, result, kept, format } = props;
  const groups = Map.groupBy(manifest.features, (feature) => feature.group);
  return (
    <form
      id={FORM_ID}
      class="card form"
      method="post"
      action="/predict"
      novalidate
      hx-post="/predict"
      {...SWAPS}
      data-currency={manifest.target.currency}
      aria-label="Your household"
    >
      <p class="note">Amounts are in {manifest.target.unit}.</p>
      {[...groups].map(([group, features]) => (
        <fieldset>
          <legend>{group}</legend>
          {features.map((feature) => (
            <Field
              feature={feature}
              value={values[feature.name] ?? ''}
              error={errors.find((error) => error.field === feature.name)?.message}
              warning={result?.prediction.warnings.find((warning) => warning.feature === feature.name)}
              commonUnit={manifest.target.unit}
              format={format}
            />
          ))}
        </fieldset>
      ))}
      {kept.map((household) => (
        <input type="hidden" name={keptField(household.slot)} value={encodeKept(household)} />
      ))}
      <Foot {...props} />
    </form>
  );
}
