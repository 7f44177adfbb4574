// The batch page: sends a CSV in slices, shows progress, and offers what comes back. Where a record ends only the
// server knows: it says with each response where the next slice begins, and this script reads no CSV.
// Without it the form sends a small file in one go.

const SLICE_BYTES = 1 << 19;
const FAULTS_SHOWN = 20;
const ATTEMPTS = 6;

for (const form of globalThis.document?.querySelectorAll('form[data-batch]') ?? []) {
  const part = (name) => document.querySelector(`[data-batch-${name}]`);
  const [work, progress, status] = [part('work'), part('progress'), part('status')];
  const [faults, download, stop, failure] = [part('faults'), part('download'), part('stop'), part('failure')];
  const changes = part('changes');
  const append = (parent, tag, text) =>
    parent.append(Object.assign(document.createElement(tag), { textContent: text }));
  let running;

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (running) return;
    const file = form.elements.file.files[0];
    running = new AbortController();
    failure.textContent = '';
    faults.replaceChildren();
    changes.replaceChildren();
    URL.revokeObjectURL(download.href);
    download.hidden = true;
    work.hidden = false;
    stop.hidden = false;
    const show = ({ sentBytes, rows, badRows, faults: texts, changes: swaps }) => {
      progress.value = file.size ? sentBytes / file.size : 1;
      status.textContent = `${rows.toLocaleString()} ${rows === 1 ? 'row' : 'rows'} predicted, ${badRows.toLocaleString()} bad.`;
      for (const text of texts.slice(faults.childElementCount)) append(faults, 'li', text);
      for (const swap of swaps.slice(changes.childElementCount)) append(changes, 'p', describeChange(swap));
    };
    try {
      const limits = { bytes: Number(form.dataset.maxBytes), rows: Number(form.dataset.maxRows) };
      const result = await predictFile(file, { limits, show, signal: running.signal });
      download.href = URL.createObjectURL(result);
      download.hidden = false;
      download.focus();
    } catch (error) {
      failure.textContent = running.signal.aborted ? 'Stopped. Nothing was kept.' : error.message;
      work.hidden = true;
    } finally {
      stop.hidden = true;
      running = undefined;
    }
  });
  stop.addEventListener('click', () => running?.abort());
}

const describeChange = ({ row, from, to }) =>
  `From row ${row.toLocaleString()} on (the header not counted) the predictions are by version ${to}, until then by ` +
  `${from}: the model was changed meanwhile. For one version's predictions throughout, predict the file again.`;

/**
 * Sends the file slice by slice, and puts the parts together.
 *
 * `show` is called after each slice with how far it is: bytes, rows, the first faults, and at which rows the model
 * changed.
 */
export async function predictFile(file, options) {
  const { limits, show, signal, sliceBytes = SLICE_BYTES, fetch = globalThis.fetch } = options;
  if (file.size > limits.bytes) throw new Error('Cannot send the file: it is too large. Split it.');
  const parts = [];
  const faults = [];
  const changes = [];
  let [rows, badRows, size, version] = [0, 0, sliceBytes, undefined];
  let position = { at: 0, headerFrom: 0, headerTo: 0, line: 1, skipping: false };
  do {
    const { at, headerFrom, headerTo } = position;
    const body = await read(new Blob([file.slice(headerFrom, headerTo), file.slice(at, at + size)]));
    const slice = { ...position, isLast: at + size >= file.size };
    const response = await send(fetch, slice, body, signal);
    const predicted = await response.json();
    const by = response.headers.get('savings-model-version');
    if (version !== undefined && by !== version)
      changes.push({ row: rows + badRows + 1, from: version, to: by });
    version = by;
    // A blob may leave memory.
    parts.push(new Blob([predicted.csv]));
    rows += predicted.rows;
    badRows += predicted.badRows;
    if (rows + badRows > limits.rows)
      throw new Error('Cannot predict: the file has too many rows. Split it.');
    faults.push(...predicted.faults.slice(0, FAULTS_SHOWN - faults.length));
    // Not one whole record: a longer slice.
    size = predicted.next.at > at ? sliceBytes : size * 2;
    position = predicted.next;
    show({ sentBytes: position.at, rows, badRows, faults, changes });
  } while (position.at < file.size);
  return new Blob(parts, { type: 'text/csv' });
}

async function read(blob) {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Error('Cannot read the file: it has changed or gone since you chose it. Choose it again.');
  }
}

async function send(fetch, slice, body, signal) {
  const headers = { 'content-type': 'text/csv', 'savings-slice': JSON.stringify(slice) };
  for (let attempt = 1; ; attempt++) {
    const response = await fetch('/batch/slice', { method: 'POST', headers, body, signal });
    if (response.ok) return response;
    // Busy, or between two models: it says when to come back.
    if (response.status === 503 && attempt < ATTEMPTS) {
      const seconds = Number(response.headers.get('retry-after')) || 5;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      continue;
    }
    const { detail } = await response.json().catch(() => ({}));
    throw new Error(
      detail ?? `Cannot predict the file: the server responded with ${response.status}. Try again later.`,
    );
  }
}
