/** @jsxImportSource hono/jsx */
import type { Feature } from '../model/manifest.ts';
import type { Words } from '../model/words.ts';
import type { Format } from './format.ts';

export interface BatchPageProps {
  /** Undefined while there is no model. */
  words: Words | undefined;
  /** What the file that comes back is called. */
  name: string;
  features: readonly Feature[];
  maxUploadBytes: number;
  /** Without the script, when the whole file goes in one request. */
  maxFormBytes: number;
  maxRows: number;
  /** What the model learned from, as a whole sentence; undefined while there is no model. */
  provenance: string | undefined;
  format: Format;
  failure?: string | undefined;
}

/** A file of households in, the same file with its predictions out. public/batch.js sends it in slices. */
export function BatchPage(props: BatchPageProps) {
  const { features, words, format } = props;
  const [one, many] = words ? [words.one, words.many] : ['case', 'cases'];
  const megabytes = (bytes: number) => format.number(Math.floor(bytes / 1_048_576));
  return (
    <article class="batch">
      <header>
        <h1>Many {many} at once</h1>
        <p class="lead">
          Choose a CSV with one {one} a row. It comes back with{' '}
          {words ? `the predicted ${words.target} of each` : 'a prediction of each'}: every column as it was,
          then the prediction, the ends of its range, and what is wrong with a row that cannot be read.
        </p>
        {props.provenance && <p class="note provenance">{props.provenance}</p>}
      </header>
      <div class="cards">
        <section class="card wide">
          <h2>Your file</h2>
          <form
            action="/batch"
            method="post"
            enctype="multipart/form-data"
            data-batch
            data-max-bytes={props.maxUploadBytes}
            data-max-rows={props.maxRows}
          >
            <p>
              <label for="batch-file">CSV file</label>
              <input id="batch-file" type="file" name="file" accept=".csv,text/csv" required />
            </p>
            <p class="batch-actions">
              <button type="submit">Predict</button>
              <button type="button" class="quiet" data-batch-stop hidden>
                Stop
              </button>
            </p>
            <noscript>
              <p>Without scripts a file may be up to {megabytes(props.maxFormBytes)} MB.</p>
            </noscript>
          </form>
          <p class="error" role="alert" data-batch-failure>
            {props.failure}
          </p>
          <div data-batch-work hidden>
            <progress aria-label="Sent" max="1" value="0" data-batch-progress />
            <p role="status" data-batch-status />
            <ul aria-label="The first bad rows" data-batch-faults />
            <div role="status" data-batch-changes />
            <p>
              <a class="quiet" href="/batch" hidden download={`${props.name}.csv`} data-batch-download>
                Download the predictions
              </a>
            </p>
          </div>
        </section>
        <section class="card wide">
          <h2>What it needs</h2>
          <p>
            A header with these columns, in any order; others are passed through. Up to{' '}
            {megabytes(props.maxUploadBytes)} MB and {format.number(props.maxRows)} rows, with commas between
            the columns, in UTF-8. Numbers are plain, without separators and with a point before decimals,
            such as 21849.42, whether in quotes or not.
          </p>
          <ul class="batch-columns">
            {features.map(({ column, label }) => (
              <li>
                <code>{column}</code> {label}
              </li>
            ))}
          </ul>
          {features.length > 0 && (
            <p>
              To begin from: <a href="/batch/sample.csv">a sample of made-up {many}</a>, or{' '}
              <a href="/batch/sample-with-a-bad-row.csv">the same with a row that cannot be read</a>.
            </p>
          )}
        </section>
      </div>
    </article>
  );
}
