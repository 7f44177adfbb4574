/** @jsxImportSource hono/jsx */
import type { Format } from '../format.ts';

export interface NumberFieldProps {
  /** Its id, its name and what else tells it from others. */
  attributes: { id: string; name: string } & Record<string, string | boolean | undefined>;
  /** As it was typed. */
  text: string;
  /** As it is understood; undefined when it is not. */
  amount: number | undefined;
  whole: boolean;
  /** What it comes to by another measure, in words. */
  meaning?: string | undefined;
  money: boolean;
  format: Format;
}

/**
 * A number as people write it, and behind it what it is understood as where that reads otherwise. A text, since
 * browsers drop what they do not take for a number, or read 60.000 as 60.
 */
export function NumberField({ attributes, text, amount, whole, money, meaning, format }: NumberFieldProps) {
  const isSame = amount === undefined || [format.exact(amount), format.typed(amount)].includes(text.trim());
  return (
    <>
      <input
        {...attributes}
        class="number"
        type="text"
        inputmode={whole ? 'numeric' : 'decimal'}
        value={text}
        data-text={amount === undefined ? undefined : text}
        data-amount={amount}
        autocomplete="off"
      />
      {/* Always there, so that a screen reader is told once the answer is, and not with each key. */}
      <output class="understood" for={attributes.id}>
        {[!isSame && (money ? format.exactMoney(amount) : format.exact(amount)), meaning]
          .filter(Boolean)
          .join(' = ')}
      </output>
    </>
  );
}
