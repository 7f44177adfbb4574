import { FAULT_COLUMN, PREDICTION_COLUMNS } from '../../dataset/bytes/chunk-scorer.ts';
import { decimalsOf, fixed } from '../../model/fixed.ts';
import type { Model } from '../../model/model.ts';
import { problemResponse, unavailable, unsupported } from './api-paths.ts';
import { type Components, type Paths, problemExample } from './operation.ts';

export function batchPaths(model: Model, components: Components): Paths {
  const { features } = model.inputs;
  const defaults = model.inputs.defaults();
  const header = features.map(({ column }) => column).join(',');
  const row = features.map(({ name }) => defaults[name]).join(',');
  const { amount, interval } = model.predict(defaults);
  const decimals = decimalsOf(model.manifest);
  const predicted = [amount, interval.low, interval.high].map((value) => fixed(value, decimals)).join(',');
  const bad = 'line 3: has 1 field where the header has';
  const csv = (summary: string, value: string) => ({
    'text/csv': { schema: { type: 'string', minLength: 1 }, examples: { one: { summary, value } } },
  });
  return {
    '/batch': {
      post: {
        operationId: 'predictCsv',
        tags: ['predictions'],
        summary: 'Predict a CSV, streamed both ways',
        description: [
          'One prediction a row, in UTF-8, under a header with the columns of the inputs in any order; other',
          `columns are passed through. Each row comes back in its place with ${PREDICTION_COLUMNS.join(', ')} and`,
          `${FAULT_COLUMN} after its own columns; ${FAULT_COLUMN} is blank for a good row, and for a bad one it`,
          'names the line and what is wrong. A text that a spreadsheet would run gets an apostrophe in front, behind a separator in a cell too.',
          'The answer begins before the body has ended, so read while you send where you can. An answer that ends without',
          'the end of its chunked encoding is not whole: the body broke a bound, or stopped.',
        ].join(' '),
        requestBody: {
          required: true,
          content: csv('A good row and a bad one', `${header}\n${row}\noops\n`),
        },
        responses: {
          200: {
            description: 'The rows with their predictions.',
            content: csv(
              'A good row and a bad one',
              `${header},${[...PREDICTION_COLUMNS, FAULT_COLUMN].join(',')}\n${row},${predicted},\n` +
                `${','.repeat(features.length + PREDICTION_COLUMNS.length)}${bad} ${features.length}\n`,
            ),
          },
          400: problemResponse(
            components,
            'The header does not fit the model, or the body is no CSV in UTF-8.',
            problemExample(400, 'Bad request', 'Cannot read the CSV: it is empty.'),
          ),
          408: problemResponse(
            components,
            'Nothing of the body came for 30 seconds, before the answer began.',
            problemExample(408, 'Too slow', 'Cannot read the CSV: nothing came for 30 seconds.'),
          ),
          413: problemResponse(
            components,
            'The body is over MAX_UPLOAD_BYTES, as it is sent or when it is no longer compressed.',
            problemExample(413, 'Too large', 'Cannot read the CSV: it is over 1073741824 bytes; split it.'),
          ),
          415: unsupported(components, 'text/csv'),
          503: unavailable(components),
        },
      },
    },
  };
}
