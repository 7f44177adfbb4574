import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { ROOT, RUNTIMES, type ServerProcess, startServer } from '../../support/server-process.ts';
import { testApp } from '../../support/app.ts';
import { testModelDirectory } from '../../support/model.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { requireCondition, requireTool } from '../../support/require-tool.ts';

const snippet = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8').match(
  /```python\n(with open.*?)```/s,
)![1];

/**
 * Programs that send all of a file before they read any of the response, each in the words of its own documentation. What
 * comes back goes into a file.
 */
const CLIENTS: Record<string, string> = {
  'http.client': `
connection = http.client.HTTPConnection(urllib.parse.urlparse(base).netloc)
connection.request("POST", "/batch", body=open(source, "rb"), headers=headers, encode_chunked=False)
copy(connection.getresponse())`,
  urllib: `
request = urllib.request.Request(f"{base}/batch", data=open(source, "rb"), headers=headers, method="POST")
request.add_header("Content-Length", str(os.path.getsize(source)))
copy(urllib.request.urlopen(request))`,
  requests: `import requests\n${snippet}`,
  httpx: `
import httpx
with open(target, "wb") as scored, httpx.stream(
    "POST", f"{base}/batch", content=open(source, "rb"), headers=headers, timeout=120
) as response:
    response.raise_for_status()
    for piece in response.iter_bytes():
        scored.write(piece)`,
  'httpx with a generator': `
import httpx
pieces = iter(lambda file=open(source, "rb"): file.read(65536), b"")
with open(target, "wb") as scored, httpx.stream(
    "POST", f"{base}/batch", content=pieces, headers=headers, timeout=120
) as response:
    response.raise_for_status()
    for piece in response.iter_bytes():
        scored.write(piece)`,
};

const PREAMBLE = `
import http.client, os, shutil, sys, urllib.parse, urllib.request
base, source, target = sys.argv[1:4]
headers = {"Content-Type": "text/csv"}
def copy(response):
    with open(target, "wb") as scored:
        shutil.copyfileobj(response, scored)
`;

const hasClients = requirePython('requests, httpx', 'pip install requests httpx (clients of POST /batch)');

const takesLong = requireCondition(
  'uploads of 900,000 rows',
  process.env.CI === 'true',
  'with CI=true, since they take a minute and a half',
);
const SIZES = takesLong ? [200_000, 900_000] : [200_000];
const folder = mkdtempSync(join(tmpdir(), 'savings-upload-first-'));
const source = (rows: number) => join(folder, `${rows}.csv`);
const expected = new Map<number, string>();

/** Numbered rows, so that a lost, doubled or misplaced one shows; and the hash of the response that is right. */
async function makeFiles() {
  const [header, ...rows] = [...sampleCsv(1_000, 5)].join('').trimEnd().split('\n');
  const { app } = await testApp();
  const body = `${header}\n${rows.join('\n')}\n`;
  const response = await app.request('/batch', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body,
  });
  const [predictedHeader, ...predicted] = (await response.text()).trimEnd().split('\n');
  for (const size of SIZES) {
    const hash = createHash('sha256').update(`n,${predictedHeader}\n`);
    const file = openSync(source(size), 'w');
    writeSync(file, `n,${header}\n`);
    for (let at = 0; at < size; at += rows.length) {
      writeSync(file, rows.map((row, i) => `${at + i},${row}\n`).join(''));
      hash.update(predicted.map((row, i) => `${at + i},${row}\n`).join(''));
    }
    closeSync(file);
    expected.set(size, hash.digest('hex'));
  }
}

async function run(program: string, args: string[]): Promise<void> {
  const child = spawn(PYTHON, ['-c', program, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`The client exited with ${code}:\n${errors}`);
}

beforeAll(async () => {
  if (hasClients) await makeFiles();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  const possible = hasClients && (runtime === 'bun' || requireTool('deno'));
  describe.skipIf(!possible)(`a client that sends all before it reads, on ${runtime}`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      server = await startServer({ MODEL_DIR: await testModelDirectory() }, command);
      await server.ready();
    });
    afterAll(async () => {
      server.kill('SIGKILL');
      await server.exited;
    });

    let seen = 0;
    /** The log's line of the batch that the test made. */
    const nextBatch = async () => {
      const batches = () => server.log.filter(({ message }) => message === 'batch');
      for (let i = 0; i < 500 && batches().length === seen; i++) await sleep(20);
      return batches()[seen++];
    };

    // The second runtime is slower; the larger size would say nothing more of it.
    for (const rows of runtime === 'bun' ? SIZES : SIZES.slice(0, 1)) {
      test.each(Object.keys(CLIENTS))(
        `gets all ${rows} rows, with %s`,
        async (client) => {
          const target = join(folder, 'scored.csv');
          await run(`${PREAMBLE}${CLIENTS[client]}`, [server.url, source(rows), target]);
          const sha256 = createHash('sha256').update(readFileSync(target)).digest('hex');
          expect(sha256).toBe(expected.get(rows)!);
          const last = await nextBatch();
          expect(last).toMatchObject({ how: 'whole', rows, badRows: 0 });
          // Without the disk they would not have come through.
          expect(last?.spilledBytes as number).toBeGreaterThan(1_000_000);
        },
        120_000,
      );
    }
  });
}
