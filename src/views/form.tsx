/** @jsxImportSource hono/jsx */
import type { Feature } from '../model/manifest.ts';
import type { Warning } from '../model/model.ts';
import type { Format } from './format.ts';
import type { HouseholdProps } from './household.tsx';

/** The inputs, in the manifest's groups and order. Posts with and without JavaScript alike. */
export function HouseholdForm({ manifest, values, errors, prediction, format }: HouseholdProps) {
  const groups = Map.groupBy(manifest.features, (feature) => feature.group);
  return (
    <form
      class="card form"
      method="post"
      action="/predict"
      novalidate
      hx-post="/predict"
      hx-target="#household"
      hx-swap="outerMorph"
      hx-indicator="#result"
      aria-label="Your household"
    >
      {[...groups].map(([group, features]) => (
        <fieldset>
          <legend>{group}</legend>
          {features.map((feature) => (
            <Field
              feature={feature}
              value={values[feature.name] ?? ''}
              error={errors.find((error) => error.field === feature.name)?.message}
              warning={prediction?.warnings.find((warning) => warning.feature === feature.name)}
              format={format}
            />
          ))}
        </fieldset>
      ))}
      <button type="submit">See what you could save</button>
    </form>
  );
}

interface FieldProps {
  feature: Feature;
  value: string;
  error: string | undefined;
  warning: Warning | undefined;
  format: Format;
}

function Field({ feature, value, error, warning, format }: FieldProps) {
  const { name, label, unit, help } = feature;
  const notes = [`${name}-help`];
  if (warning) notes.push(`${name}-warning`);
  if (error) notes.push(`${name}-error`);
  const shared = {
    id: name,
    name,
    required: true,
    'aria-describedby': notes.join(' '),
    'aria-invalid': error ? ('true' as const) : undefined,
  };
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>
        {label} {unit && <span class="unit">{unit}</span>}
      </label>
      {feature.kind === 'choice' ? (
        <select {...shared}>
          {feature.choices?.map((choice) => (
            <option value={choice} selected={choice === value}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          type="number"
          inputmode={feature.kind === 'integer' ? 'numeric' : 'decimal'}
          min={feature.min}
          max={feature.max}
          step={feature.kind === 'integer' ? 1 : 'any'}
          value={value}
          autocomplete="off"
        />
      )}
      <p class="help" id={`${name}-help`}>
        {help}
      </p>
      {warning && (
        <p class="warning" id={`${name}-warning`}>
          The model has seen nothing {warning.side} {format.number(warning.trained)}: take the answer with
          care.
        </p>
      )}
      {error && (
        <p class="error" id={`${name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
