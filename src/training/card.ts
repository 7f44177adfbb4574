import { isPersonal } from './disclosure.ts';
import { counted } from '../model/counted.ts';
import { decimalsFor, fixed } from '../model/fixed.ts';
import type { Manifest } from '../model/manifest.ts';
import { provenanceSentence } from '../model/provenance.ts';
import { bracketsName, noBetterThanBrackets } from '../model/shortcomings.ts';
import { wordsOf } from '../model/words.ts';

/**
 * Text as Markdown that shows it as it is, in a sentence or a table's cell; never at the start of a line, where more
 * characters have a meaning. Entities stand for what begins HTML, since not every reader honours a backslash there.
 */
export function markdownText(text: string): string {
  return text
    .replace(/[\\`*_[\]|~#$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/**
 * MODEL_CARD.md in the form of Mitchell et al. 2019, from the manifest's own facts, for people to read.
 *
 * @param accepted the shortcomings with which the model was accepted, sentences about "it"
 */
export function modelCard(manifest: Omit<Manifest, 'files'>, accepted: readonly string[] = []): string {
  const { target, trainer, data, metrics, interval } = manifest;
  const percent = (share: number) => `${fixed(100 * share, 1)} %`;
  const decimals = decimalsFor(metrics.mean.mae);
  const amount = (value: number) =>
    (Number(value.toFixed(decimals)) + 0).toLocaleString('en', { maximumFractionDigits: decimals });
  const scores = (name: string, { mae, rmse, r2 }: Manifest['metrics']['model']) =>
    `| ${name} | ${amount(mae)} | ${amount(rmse)} | ${fixed(r2, 3)} |`;
  const ofRate = target.transform === 'identity' ? '' : `, as a share of ${target.transform.multiplyBy}`;
  const unit = markdownText(target.unit);
  const labels = new Map(manifest.features.map(({ name, label }) => [name, markdownText(label)]));
  const hasExpenses = manifest.features.some(({ role }) => role === 'expense');
  const hasIncome = manifest.features.some(({ role }) => role === 'income');
  const noBetter = noBetterThanBrackets(manifest);
  const words = wordsOf(manifest);
  const day = (timestamp: string) => timestamp.slice(0, 10);

  return `# ${manifest.name} ${manifest.version}

Made ${day(manifest.createdAt)}; to be reviewed by ${day(manifest.reviewBy)}.
${accepted.length === 0 ? '' : `\n**Accepted with --accept-worse, although:** ${markdownText(accepted.join('; '))}.\n`}
## What it is for

It answers one question: ${markdownText(target.label)} (${unit}), from ${counted(manifest.features.length, 'input')}${words.one === 'household' ? ' that a household knows about itself' : ''}.
${words.one === 'household' ? 'It is a help for planning. It' : 'It'} is not made for granting or refusing credit, insurance or anything else to anybody.

## Data

${markdownText(provenanceSentence(manifest))}

Source: ${markdownText(data.source)}
Licence: ${markdownText(data.licence)}. sha256 \`${data.sha256}\`.
${trainer.rows === undefined ? 'How many rows it was trained on is not recorded' : `It was trained on ${counted(trainer.rows, 'row')}`}. Apart from these, the interval was set on ${counted(trainer.calibrationRows, 'row')}, and all scores are of ${counted(trainer.holdoutRows, 'row')} that had no part in either.

| input | trained from | to | unit |
| --- | --- | --- | --- |
${manifest.features
  .map(
    ({ label, trained, unit: own }) =>
      `| ${markdownText(label)} | ${trained.min} | ${trained.max} | ${markdownText(own ?? '')} |`,
  )
  .join('\n')}
${isPersonal(data) ? '\nThe ranges leave out the outermost rows, and nothing here is the value of one row alone: the rows can be people.\n' : ''}
## How it works

A random forest (${markdownText(`${trainer.library} ${trainer.libraryVersion}`)}) answers the target${ofRate}, from ${counted(manifest.encoding.length, 'column')}.
${methodSentence(trainer.method)}${optionList(trainer)}${
  target.clamp === undefined
    ? ''
    : `The answer is never below ${target.clamp.min}${target.clamp.max === undefined ? '' : ` nor above what the inputs leave (${target.clamp.max})`}.`
}

## Scores

Errors in ${unit}, on the rows held out.

| predictor | mean absolute error | root mean squared error | R2 |
| --- | --- | --- | --- |
${scores('**this model**', metrics.model)}
${scores('linear regression on the same inputs', metrics.linear)}
${scores('the mean of the training rows', metrics.mean)}
${metrics.brackets === undefined ? '' : `${scores(bracketsName(target), metrics.brackets)}\n`}${noBetter === undefined ? '' : `\n${markdownText(noBetter)}\n`}
## Interval

${
  interval.method === 'split-conformal'
    ? `Split-conformal${hasIncome ? ' by income' : ''}: as wide for all${hasIncome ? ' of a band of incomes' : ''}, around the prediction`
    : "Conformalized quantiles: around the quantiles of the forest's own leaves, so as wide as rows differ that are like the one in question"
}; made to hold for ${percent(interval.coverage)} of rows drawn as those of the data were, and holding for ${percent(interval.measuredCoverage)} of the rows held out.

| ${hasIncome ? 'income below' : words.many} | ${interval.method === 'split-conformal' ? 'half-width' : 'beyond the quantiles'}${target.transform === 'identity' ? `, ${unit}` : `, % of ${target.transform.multiplyBy}`} | held for | of rows |
| --- | --- | --- | --- |
${interval.bands
  .map(
    (band) =>
      `| ${band.below === null ? (hasIncome ? 'any' : 'all') : amount(band.below)} | ${fixed(target.transform === 'identity' ? band.quantile : 100 * band.quantile, Math.max(2, decimals))} | ${percent(band.measuredCoverage)} | ${band.rows} |`,
  )
  .join('\n')}
${
  interval.tenths === undefined
    ? ''
    : `
| tenth of the predictions, below | held for | of rows |
| --- | --- | --- |
${interval.tenths
  .map(
    ({ below, measuredCoverage, rows }) =>
      `| ${below === null ? 'any' : amount(below)} | ${percent(measuredCoverage)} | ${rows} |`,
  )
  .join('\n')}
`
}
## What counts

How much the mean absolute error grows when one input alone is shuffled among the rows held out.

| input | growth | standard deviation |
| --- | --- | --- |
${manifest.importances
  .map(
    ({ feature, maeIncrease, standardDeviation }) =>
      `| ${labels.get(feature)} | ${fixed(maeIncrease, Math.max(1, decimals))} | ${fixed(standardDeviation, Math.max(1, decimals))} |`,
  )
  .join('\n')}

## Limits

- It knows the data above and nothing else: where real ${words.many} differ from it, so do its answers.
- Beyond what it has seen of its columns it repeats what it knows of their ends; such predictions carry a warning${hasExpenses ? ', but for how little goes to one expense' : ''}.
- It shows what goes together in the data, not what would happen if somebody changed ${words.one === 'household' ? 'a habit' : 'one of its inputs'}.
- The interval speaks of rows drawn as those of the data were, on average, not of each one.
`;
}

function methodSentence(method: Manifest['trainer']['method']): string {
  if (method === undefined) return '';
  const how =
    method.name === 'exact'
      ? 'Its splits were found among all values'
      : 'Its splits were found among up to 256 bins a column';
  const why = method.chosenBy === 'rows' ? 'chosen for the number of rows' : 'as it was asked to';
  return `${how} (the ${method.name} method, ${why}).\n`;
}

function optionList({ options, seed }: Manifest['trainer']): string {
  const entries = Object.entries({ ...options, seed });
  return `${entries.map(([key, value]) => `- ${markdownText(`${key}: ${value}`)}`).join('\n')}\n\n`;
}
