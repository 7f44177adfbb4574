/** @jsxImportSource hono/jsx */
import type { Inputs } from '../../model/features.ts';
import type { Rule } from '../../model/manifest.ts';
import type { Prediction } from '../../model/prediction.ts';
import type { Format } from '../format.ts';
import type { LeftOver } from '../status.ts';

export interface RulesProps {
  rules: readonly Rule[] | undefined;
  prediction: Prediction;
  inputs: Inputs;
  left: LeftOver;
  format: Format;
}

/**
 * The rules of thumb that the model's manifest holds, each with the household's own share beside it. They are told, not
 * judged by; and nobody who is short is told how much to save.
 */
export function Rules({ rules = [], prediction, inputs, left, format }: RulesProps) {
  const short = left.status.name === 'overspending';
  const told = rules.filter(({ of }) => !(short && 'leftOver' in of));
  if (told.length === 0) return null;
  return (
    <section class="card wide rules screen-only">
      <h3>Rules of thumb, and your share</h3>
      <p class="note">
        {short && 'The gap comes first: these can wait until it is closed. '}
        Each was made for the country that it names, and may not fit yours; the model has no part in them.
      </p>
      <dl>
        {told.map((rule) => (
          <div>
            <dt>{rule.label}</dt>
            <dd>
              <strong>{format.percent(shareOf(rule, prediction, inputs))}</strong> of your income; the rule:{' '}
              {limitInWords(rule, format)}
              <small>{sourceInWords(rule, format)}</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** NaN, which is written as no figure, where there is no income to take a share of. */
function shareOf({ of }: Rule, { income, remainder }: Prediction, inputs: Inputs): number {
  if (!(income > 0)) return Number.NaN;
  const amount =
    'leftOver' in of ? remainder : of.expenses.reduce((sum, name) => sum + Number(inputs[name]), 0);
  return amount / income;
}

export function limitInWords({ direction, limit }: Rule, format: Format): string {
  return `${direction} ${format.share(limit)}`;
}

/** Where it stands, and in what its share and the household's differ. */
export function sourceInWords(rule: Rule, format: Format): string {
  const source = sourceName(rule, format);
  return rule.note === undefined ? `${source}.` : `${source}. ${rule.note}`;
}

export function sourceName({ source: { name, year, country } }: Rule, format: Format): string {
  return `${name}, ${year}, ${format.country(country)}`;
}
