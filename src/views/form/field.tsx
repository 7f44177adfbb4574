/** @jsxImportSource hono/jsx */
import type { Feature } from '../../model/manifest.ts';
import type { Period } from '../../model/periods.ts';
import type { Format } from '../format.ts';
import type { Unseen } from '../unseen.ts';
import { NumberField } from './number-field.tsx';
import { PeriodChoice } from './period-choice.tsx';
import { sliderPosition, sliderScale } from './slider.ts';

export interface FieldProps {
  /** In the period chosen. */
  feature: Feature;
  /** As it was typed. */
  value: string;
  /** What was typed, as it is understood; undefined when it is not, and for a choice. */
  amount: number | undefined;
  error: string | undefined;
  /** What of it the model has not seen. */
  unseen: Unseen | undefined;
  /** The unit that most fields have, which the form names once; a label repeats it only to screen readers. */
  commonUnit: string | undefined;
  /** The model's period, the one that the amount is for, and what the amount is in the model's. */
  usual: Period | undefined;
  chosen: Period | undefined;
  converted: number | string | undefined;
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
        {error ??
          (unseen && `The model has seen nothing ${beyond(props, unseen)}: take its prediction with care.`)}
      </p>
    </div>
  );
}

/** An amount is said with its period where the field's is another one. */
function beyond({ usual, chosen }: FieldProps, { beyond: where, comesAgain }: Unseen): string {
  return comesAgain && chosen !== usual ? `${where} a ${usual}` : where;
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
  const { feature, value, amount, usual, chosen, converted, format } = props;
  const scale = sliderScale(feature);
  const money = feature.role !== 'other';
  return (
    <>
      <NumberField
        attributes={shared(props)}
        text={value}
        amount={amount}
        whole={feature.kind === 'integer'}
        money={money}
        meaning={
          chosen !== usual && typeof converted === 'number'
            ? `${format.exactMoney(converted)} a ${usual}`
            : undefined
        }
        format={format}
      />
      {/* It has no name: the number is what is sent, and the script keeps the two in step. */}
      <input
        class="slider"
        type="range"
        aria-label={`${feature.label}, slider`}
        aria-valuetext={amount === undefined ? '' : money ? format.money(amount) : format.typed(amount)}
        data-for={fieldId(feature.name)}
        data-low={scale.low}
        data-high={scale.high}
        data-power={scale.power}
        data-kind={money ? 'money' : 'plain'}
        data-whole={feature.kind === 'integer' ? '' : undefined}
        min={0}
        max={scale.positions}
        step={1}
        value={sliderPosition(scale, amount ?? 0)}
        autocomplete="off"
      />
      {money && feature.kind === 'number' && chosen && usual && (
        <PeriodChoice feature={feature} chosen={chosen} usual={usual} />
      )}
      {/* A screen reader hears the value itself instead. */}
      <p class="slider-ends" aria-hidden="true">
        {[scale.low, scale.high].map((end) => (
          <span>{money ? format.compact(end) : format.number(end)}</span>
        ))}
      </p>
    </>
  );
}
