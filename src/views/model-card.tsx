/** @jsxImportSource hono/jsx */
import type { Manifest, Rule } from '../model/manifest.ts';
import type { Words } from '../model/words.ts';
import { DataTable } from './figure.tsx';
import type { Format } from './format.ts';
import { Importances } from './result/importances.tsx';
import { limitInWords, sourceInWords } from './result/rules.tsx';

export interface ModelCardProps {
  manifest: Manifest;
  words: Words;
  sha256: string;
  /** What its own scores hold against it, as sentences about "it". */
  shortcomings: readonly string[];
  /** What it learned from, as a whole sentence. */
  provenance: string;
  /** The baseline of brackets by its name, and a sentence where the model is no better. */
  brackets: { name: string; noBetter: string | undefined };
  format: Format;
}

/** The model card: what predicts here, what it was made from, how well it does and where it ends. */
export function ModelCard(props: ModelCardProps) {
  return (
    <article class="model-card">
      <header>
        <h1>The model behind the answers</h1>
        <p class="lead">
          A random forest that estimates {props.words.target} from{' '}
          {props.words.budget ? 'what comes in and what goes out' : 'the figures below'}.
        </p>
      </header>
      <div class="cards">
        <Identity {...props} />
        <Scores {...props} />
        <Intervals {...props} />
        <Importances {...props} heading="h2" />
        <Inputs {...props} />
        <RulesOfThumb {...props} />
        <Limits {...props} />
      </div>
    </article>
  );
}

function Identity({ manifest, sha256, provenance, format }: ModelCardProps) {
  const { trainer, data } = manifest;
  const facts: [string, string][] = [
    ['Version', manifest.version],
    ['Made on', format.date(new Date(manifest.createdAt))],
    ['To be trained again by', format.date(new Date(manifest.reviewBy))],
    [
      'Trained with',
      `${trainer.library} ${trainer.libraryVersion}, ${trainer.method === undefined ? '' : `by the ${trainer.method.name} method, `}seed ${trainer.seed}`,
    ],
    [
      'Options',
      Object.entries(trainer.options)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    ['Rows trained on', trainer.rows === undefined ? 'not recorded' : format.number(trainer.rows)],
    ['More, to set the interval', format.number(trainer.calibrationRows)],
    ['Held out from both, to score', format.number(trainer.holdoutRows)],
    ['Data', data.source],
    ['Licence of the data', data.licence],
  ];
  if (manifest.gitSha) facts.push(['Built from', manifest.gitSha.slice(0, 12)]);
  return (
    <section class="card wide">
      <h2>What it is</h2>
      <p class="note">{provenance}</p>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>sha256 of its manifest</dt>
          <dd>
            <code>{sha256}</code>
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Scores({ manifest, shortcomings, brackets, format }: ModelCardProps) {
  const { metrics } = manifest;
  const row = (name: string, { mae, rmse, r2 }: typeof metrics.model) => [
    name,
    format.small(mae),
    format.small(rmse),
    format.number(Math.round(r2 * 1000) / 1000 + 0),
  ];
  const rules = [row('A straight line', metrics.linear), row('Always the average', metrics.mean)];
  if (metrics.brackets !== undefined) {
    const name = brackets.name[0].toUpperCase() + brackets.name.slice(1);
    rules.unshift(row(name, metrics.brackets));
  }
  return (
    <section class="card">
      <h2>How well it does</h2>
      <p class="note">
        On held-out rows of its data: how far off the answer is on average, how far when large errors weigh
        more, and the share of the differences that it explains (1 is all of them). Beside it, simple rules.
      </p>
      {shortcomings.length > 0 && (
        <p>
          <strong>Take care:</strong> {shortcomings.join('; ')}.
        </p>
      )}
      {brackets.noBetter !== undefined && <p>{brackets.noBetter}</p>}
      <DataTable
        caption="Scores on held-out rows"
        table={{
          head: ['Predictor', 'Mean error', 'RMSE', 'R²'],
          rows: [row('This model', metrics.model), ...rules],
        }}
      />
    </section>
  );
}

function Intervals({ manifest: { interval, target, features }, format }: ModelCardProps) {
  const { transform } = target;
  const by =
    transform === 'identity' ? undefined : features.find(({ name }) => name === transform.multiplyBy);
  const whole = by?.role === 'income' ? 'income' : by?.label;
  const around = interval.method === 'split-conformal';
  const hasIncome = features.some(({ role }) => role === 'income');
  const rows = interval.bands.map(({ below, quantile, measuredCoverage, rows }, i) => [
    bandName(interval.bands[i - 1]?.below ?? null, below, format),
    `${around ? '± ' : ''}${whole === undefined ? format.small(quantile) : `${format.percent(quantile)} of ${whole}`}`,
    format.percent(measuredCoverage),
    format.number(rows),
  ]);
  return (
    <section class="card">
      <h2>How sure it is</h2>
      <p class="note">
        The interval is made to hold for {format.percent(interval.coverage)} of rows drawn as its data was; on
        held-out ones it held for {format.percent(interval.measuredCoverage)}.{' '}
        {around
          ? `It is as wide for all${hasIncome ? ' in a band of incomes' : ''} (split conformal prediction).`
          : 'It is as wide as rows differ that are like the one in question: it lies around the quantiles of the forest’s leaves (conformalized quantile regression).'}
      </p>
      <DataTable
        caption={hasIncome ? 'Interval by income' : 'Interval'}
        table={{
          head: [hasIncome ? 'Income' : 'For', around ? 'Interval' : 'Beyond the quantiles', 'Held', 'Rows'],
          rows,
        }}
      />
      {interval.tenths && (
        <DataTable
          caption="Interval by tenth of the predictions"
          table={{
            head: ['Prediction', 'Held', 'Rows'],
            rows: interval.tenths.map(({ below, measuredCoverage, rows: count }, i, all) => [
              bandName(all[i - 1]?.below ?? null, below, format),
              format.percent(measuredCoverage),
              format.number(count),
            ]),
          }}
        />
      )}
    </section>
  );
}

function bandName(from: number | null, below: number | null, format: Format): string {
  if (below === null) return from === null ? 'any' : `from ${format.money(from)}`;
  return from === null
    ? `below ${format.money(below)}`
    : `${format.money(from)} to below ${format.money(below)}`;
}

function Inputs({ manifest: { features, derived }, format }: ModelCardProps) {
  const shares = derived.flatMap(({ label, trained, ...column }) =>
    column.op === 'share' && trained !== undefined ? [{ label, by: column.by, trained }] : [],
  );
  const labels = new Map(features.map(({ name, label }) => [name, label]));
  return (
    <section class="card wide">
      <h2>What it was shown</h2>
      <p class="note">
        Beyond the range that it has seen, a prediction is no more than a guess, and the page says so
        {features.some(({ role }) => role === 'expense')
          ? '; of how little goes to one expense it says nothing.'
          : '.'}
        {shares.length > 0 && ' Where it sees a share, the share counts and not the amount.'}
      </p>
      <DataTable
        caption="Inputs and the ranges seen in training"
        table={{
          head: ['Input', 'Unit', 'Least seen', 'Most seen'],
          rows: [
            ...features.map(({ label, unit, choices, trained }) => [
              label,
              unit ?? (choices ? choices.join(', ') : ''),
              choices ? '' : format.number(trained.min),
              choices ? '' : format.number(trained.max),
            ]),
            ...shares.map(({ label, by, trained }) => [
              label,
              `share of: ${labels.get(by) ?? by}`,
              format.percent(trained.min),
              format.percent(trained.max),
            ]),
          ],
        }}
      />
    </section>
  );
}

/** No part of the model: what the page shows beside a household's own shares. */
function RulesOfThumb({ manifest: { features, rules = [] }, format }: ModelCardProps) {
  if (rules.length === 0) return null;
  const labels = new Map(features.map(({ name, label }) => [name, label]));
  const counted = ({ of }: Rule) =>
    'leftOver' in of ? 'what is left over' : format.list(of.expenses.map((name) => labels.get(name) ?? name));
  return (
    <section class="card wide rules">
      <h2>Rules of thumb beside it</h2>
      <p class="note">
        The page shows them next to a household’s own shares. Each was made for the country that it names; the
        predictions know none of them.
      </p>
      <dl>
        {rules.map((rule) => (
          <div>
            <dt>{rule.label}</dt>
            <dd>
              {limitInWords(rule, format)} of income. It counts: {counted(rule)}.
              <small>{sourceInWords(rule, format)}</small>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Limits({ manifest: { target }, words }: ModelCardProps) {
  return (
    <section class="card wide prose">
      <h2>Where it ends</h2>
      <ul>
        <li>
          It says what such figures went with in the data that it learned from, not what should or will be.
        </li>
        <li>It knows only the inputs above, and nothing else.</li>
        {words.budget && target.clamp?.max !== undefined && (
          <li>Its answer is held between nothing and what is left over after all expenses.</li>
        )}
        <li>
          It learned from the data named above; where your {words.one} differs from that data, so will the
          truth.
        </li>
        <li>
          The server keeps nothing that is put in. Counts without figures are kept, to see whether the model
          still fits the people who use it.
        </li>
      </ul>
    </section>
  );
}
