// The batch page: sends a CSV in slices of whole rows, shows progress, and offers what comes back.
// Without it the form sends a small file in one go.

const SLICE_BYTES = 1 << 20;
const FAULTS_SHOWN = 20;
const [QUOTE, LF] = [34, 10];

for (const form of document.querySelectorAll('form[data-batch]')) {
  const part = (name) => document.querySelector(`[data-batch-${name}]`);
  const [work, progress, status] = [part('work'), part('progress'), part('status')];
  const [faults, download, stop, failure] = [part('faults'), part('download'), part('stop'), part('failure')];
  let running;

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (running) return;
    const file = form.elements.file.files[0];
    running = new AbortController();
    failure.textContent = '';
    faults.replaceChildren();
    URL.revokeObjectURL(download.href);
    download.hidden = true;
    work.hidden = false;
    stop.hidden = false;
    const show = ({ sentBytes, rows, badRows, newFaults }) => {
      progress.value = file.size ? sentBytes / file.size : 1;
      status.textContent = `${rows.toLocaleString()} ${rows === 1 ? 'row' : 'rows'} predicted, ${badRows.toLocaleString()} bad.`;
      for (const text of newFaults) {
        if (faults.childElementCount >= FAULTS_SHOWN) break;
        faults.append(Object.assign(document.createElement('li'), { textContent: text }));
      }
    };
    try {
      const limits = { bytes: Number(form.dataset.maxBytes), rows: Number(form.dataset.maxRows) };
      const result = await predictFile(file, limits, show, running.signal);
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

/** Sends the file slice by slice, and puts the answers together under one header. */
async function predictFile(file, limits, show, signal) {
  if (file.size > limits.bytes) throw new Error('Cannot send the file: it is too large. Split it.');
  const answers = [];
  let header;
  let at = 0;
  let line = 1;
  let rows = 0;
  let badRows = 0;
  while (at < file.size || header === undefined) {
    const slice = await nextSlice(file, at, header === undefined);
    header ??= slice.header;
    const body = new Blob([header, slice.rows]);
    const answer = await send(body, line + slice.headerLines, signal);
    answers.push(answers.length === 0 ? answer : answer.slice(answer.indexOf('\n') + 1));
    const counted = countRows(answer);
    rows += counted.good;
    badRows += counted.faults.length;
    if (rows + badRows > limits.rows)
      throw new Error('Cannot predict: the file has too many rows. Split it.');
    at = slice.end;
    line += slice.headerLines + slice.lines;
    show({ sentBytes: at, rows, badRows, newFaults: counted.faults });
  }
  return new Blob(answers, { type: 'text/csv' });
}

/** Whole rows from `at` on: cut after the last line break that is not inside quotes. */
async function nextSlice(file, at, withHeader) {
  for (let size = SLICE_BYTES; ; size *= 2) {
    const bytes = new Uint8Array(await file.slice(at, at + size).arrayBuffer());
    const isLast = at + bytes.length >= file.size;
    let quoted = false;
    let [headerEnd, headerLines, lines, cut, linesAtCut] = [withHeader ? -1 : 0, 0, 0, 0, 0];
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === QUOTE) quoted = !quoted;
      else if (bytes[i] === LF) {
        lines++;
        if (quoted) continue;
        if (headerEnd < 0) [headerEnd, headerLines] = [i + 1, lines];
        [cut, linesAtCut] = [i + 1, lines];
      }
    }
    if (isLast) [cut, linesAtCut] = [bytes.length, lines];
    if (headerEnd < 0 && isLast) headerEnd = bytes.length;
    // Not one whole row: a longer slice, until the server would refuse the row anyway.
    if (headerEnd < 0 || (cut <= headerEnd && !isLast)) {
      if (size < SLICE_BYTES * 8) continue;
      [cut, linesAtCut] = [bytes.length, lines];
    }
    return {
      header: withHeader ? bytes.slice(0, headerEnd) : undefined,
      headerLines,
      rows: bytes.slice(headerEnd, cut),
      lines: linesAtCut - headerLines,
      end: at + cut,
    };
  }
}

async function send(body, firstLine, signal) {
  const headers = { 'content-type': 'text/csv', 'x-first-line': String(firstLine) };
  for (let attempt = 0; ; attempt++) {
    const response = await fetch('/batch', { method: 'POST', headers, body, signal });
    // Busy, or between two models: it says when to come back.
    if (response.status === 503 && attempt < 5) {
      const seconds = Number(response.headers.get('retry-after')) || 5;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      continue;
    }
    if (response.ok) return await response.text();
    const { detail } = await response.json().catch(() => ({}));
    throw new Error(detail ?? `The server answered ${response.status}.`);
  }
}

/** The last column of a row is blank when the row is good, and says what is wrong when it is bad. */
function countRows(csv) {
  const faults = [];
  let good = 0;
  let quoted = false;
  let start = csv.indexOf('\n') + 1;
  for (let i = start; i < csv.length; i++) {
    if (csv[i] === '"') quoted = !quoted;
    else if (csv[i] === '\n' && !quoted) {
      if (csv[i - 1] === ',') good++;
      else faults.push(lastField(csv.slice(start, i)));
      start = i + 1;
    }
  }
  return { good, faults };
}

const lastField = (row) =>
  /(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))$/.exec(row)?.slice(1).find(Boolean)?.replaceAll('""', '"') ?? row;
