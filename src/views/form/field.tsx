/** @jsxImportSource hono/jsx */
import type { Feature } from '../../model/manifest.ts';
import type { Format } from '../format.ts';
import type { Unseen } from '../unseen.ts';
import { sliderPosition, sliderScale } from './slider.ts';

export interface FieldProps {
  feature: Feature;
  /** As it was typed. */
  value: string;
  error: string | undefined;
  /** What of it the model has not seen. */
  unseen: Unseen | undefined;
  /** The unit that most fields have, which the form names once; a label repeats it only to screen readers. */
  commonUnit: string;
  format: Format;
}

/** The id of a feature's field; the summary of errors points at it. */
export const fieldId = (name: string) => `in-${name}`;

/** One input: its name, a number to type, a slider to try, and what to know about it. */
export function Field(props: FieldProps) {
  const { feature, error, unseen, commonUnit } = props;
  const id = fieldId(feature.name);
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={id}>
        {feature.label}{' '}
        {feature.unit && (
          <span class={feature.unit === commonUnit ? 'visually-hidden' : 'unit'}>{feature.unit}</span>
        )}
      </label>
      {feature.kind === 'choice' ? <Choice {...props} /> : <NumberWithSlider {...props} />}
      <p class="help" id={`${id}-help`}>
        {feature.help}
      </p>
      {/* Always there, so that what refers to it can be told apart from what appears in it. */}
      <p class={error ? 'field-note error' : 'field-note warning'} id={`${id}-note`}>
        {error ?? (unseen && `The model has seen nothing ${unseen.beyond}: take its prediction with care.`)}
      </p>
    </div>
  );
}

function shared({ feature: { name }, error }: FieldProps) {
  const id = fieldId(name);
  return {
    id,
    name,
    required: true,
    'aria-describedby': `${id}-help ${id}-note`,
    'aria-invalid': error ? ('true' as const) : undefined,
  };
}

function Choice(props: FieldProps) {
  return (
    <select {...shared(props)}>
      {props.feature.choices?.map((choice) => (
        <option value={choice} selected={choice === props.value}>
          {choice}
        </option>
      ))}
    </select>
  );
}

function NumberWithSlider(props: FieldProps) {
  const { feature, value, format } = props;
  const scale = sliderScale(feature);
  const money = feature.role !== 'other';
  const number = Number.isFinite(Number(value)) ? Number(value) : 0;
  return (
    <>
      <input
        {...shared(props)}
        class="number"
        type="number"
        inputmode={feature.kind === 'integer' ? 'numeric' : 'decimal'}
        min={feature.min}
        max={feature.max}
        step={feature.kind === 'integer' ? 1 : 'any'}
        value={value}
        autocomplete="off"
      />
      {/* It has no name: the number is what is sent, and the script keeps the two in step. */}
      <input
        class="slider"
        type="range"
        aria-label={`${feature.label}, slider`}
        aria-valuetext={money ? format.money(number) : value}
        data-for={fieldId(feature.name)}
        data-low={scale.low}
        data-high={scale.high}
        data-power={scale.power}
        data-kind={money ? 'money' : 'plain'}
        min={0}
        max={scale.positions}
        step={1}
        value={sliderPosition(scale, number)}
        autocomplete="off"
      />
    </>
  );
}
