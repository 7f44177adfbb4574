import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { type ServerProcess, startServer } from '../test/support/server-process.ts';
import { median } from './measure.ts';

/** A slider that a real browser drags for a second, against a server in a process of its own; medians over drags. */
export interface Drag {
  /** The panel that is open. */
  panel: string;
  requests: number;
  /** Of the server's whole process, less what it spends on nothing in as much time. */
  cpuMs: number;
  /** From a request to its answer on the page, for every request but those that a newer one took the place of. */
  answerMs: { median: number; worst: number };
  /** From the slider's last move to the page that shows where it stopped. */
  sinceMoveMs: { median: number; worst: number };
}

const SLIDER = '.slider[data-for="in-groceries"]';
const DRAGS = 11;
const DRAG_MS = 1_000;
/** Until the last answer is there, the whole one among them. */
const AFTER_MS = 700;
/** As fast as a screen shows it. */
const FRAME_MS = 16;
/** As warm as a server that has been up for a minute. */
const WARM_UP = 500;

/** What the page writes down while it is watched; times as the page's own clock counts them. */
interface Watched {
  requests: number;
  movedAt: number;
  answers: number[];
  /** How long after the last move the field's own value was answered for. */
  settled: number;
}

/** @param panels to open, one after the other */
export async function dragInBrowser(panels: readonly string[]): Promise<Drag[]> {
  const models = mkdtempSync(join(tmpdir(), 'savings-bench-drag-'));
  const server = await startServer({ MODEL_DIR: models });
  const browser = await chromium.launch({
    executablePath: Bun.which('chromium') ?? 'chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    await server.ready();
    const page = await browser.newPage({ locale: 'en-IN', viewport: { width: 1280, height: 900 } });
    await page.goto(server.url);
    await warmUp(page, server);
    await watch(page);
    const drags: Drag[] = [];
    for (const panel of panels) drags.push(await dragsOver(panel, page, server));
    return drags;
  } finally {
    await browser.close();
    server.kill('SIGINT');
    await server.exited;
    rmSync(models, { recursive: true });
  }
}

async function dragsOver(panel: string, page: Page, server: ServerProcess): Promise<Drag> {
  await page.locator(`.tabs a[href="#${panel}"]`).click();
  let there = false;
  const seen: (Watched & { cpu: number })[] = [];
  for (let i = -1; i < DRAGS; i++) {
    there = !there;
    let watched!: Watched;
    const idle = await cpuOf(server, () => Bun.sleep(DRAG_MS + AFTER_MS));
    const cpu = await cpuOf(server, async () => {
      watched = await drag(page, there);
    });
    // The first one warms up.
    if (i >= 0) seen.push({ ...watched, cpu: cpu - idle });
  }
  const answers = seen.flatMap(({ answers }) => answers);
  const settled = seen.map(({ settled }) => settled);
  return {
    panel,
    requests: median(seen.map(({ requests }) => requests)),
    cpuMs: median(seen.map(({ cpu }) => cpu)),
    answerMs: { median: median(answers), worst: Math.max(...answers) },
    sinceMoveMs: { median: median(settled), worst: Math.max(...settled) },
  };
}

async function warmUp(page: Page, { url }: ServerProcess): Promise<void> {
  const fields = await page.evaluate(() =>
    [...new FormData(document.getElementById('household-form') as HTMLFormElement)].map(([name, value]) => [
      name,
      String(value),
    ]),
  );
  const headers = { 'hx-request': 'true', 'accept-language': 'en-IN' };
  for (let i = 0; i < WARM_UP; i++) {
    for (const open of ['panel-overview', 'panel-change', '']) {
      const body = new URLSearchParams([...fields, ['_do', 'look'], ['_open', open]]);
      await (await fetch(`${url}/predict`, { method: 'POST', headers, body })).text();
    }
  }
}

/** Milliseconds of CPU that the server spends meanwhile. */
async function cpuOf({ metricsUrl }: ServerProcess, work: () => Promise<unknown>): Promise<number> {
  const spent = async () => {
    const text = await (await fetch(metricsUrl)).text();
    return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)![1]) * 1_000;
  };
  const before = await spent();
  await work();
  return (await spent()) - before;
}

async function watch(page: Page): Promise<void> {
  await page.evaluate((slider) => {
    const watched: Watched = { requests: 0, movedAt: 0, answers: [], settled: Number.NaN };
    const askedAt = new WeakMap<object, number>();
    Object.assign(window, { watched });
    type Asked = CustomEvent<{ ctx: { request: { body: URLSearchParams } } }>;
    const on = (name: string, listener: (ctx: Asked['detail']['ctx']) => void) =>
      document.addEventListener(name, (event) => listener((event as Asked).detail.ctx));
    document.addEventListener('input', ({ target }) => {
      // Until the next move this is the last one.
      if ((target as Element).matches(slider)) {
        Object.assign(watched, { movedAt: performance.now(), settled: Number.NaN });
      }
    });
    on('htmx:before:request', (ctx) => {
      watched.requests++;
      askedAt.set(ctx, performance.now());
    });
    on('htmx:after:swap', (ctx) => {
      watched.answers.push(performance.now() - askedAt.get(ctx)!);
      const shown = (document.getElementById('in-groceries') as HTMLInputElement).value;
      if (ctx.request.body.get('groceries') === shown && Number.isNaN(watched.settled)) {
        watched.settled = performance.now() - watched.movedAt;
      }
    });
  }, SLIDER);
}

async function drag(page: Page, there: boolean): Promise<Watched> {
  const slider = page.locator(SLIDER);
  await slider.evaluate((it) => it.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const { x, y, width, height } = (await slider.boundingBox())!;
  const at = (share: number) => x + width * (0.1 + 0.8 * (there ? share : 1 - share));
  await page.mouse.move(at(0), y + height / 2);
  await page.evaluate(() => {
    const { watched } = window as never as { watched: Watched };
    Object.assign(watched, { requests: 0, movedAt: 0, answers: [], settled: Number.NaN });
  });
  await page.mouse.down();
  const start = performance.now();
  for (let elapsed = 0; elapsed < DRAG_MS; elapsed = performance.now() - start) {
    await page.mouse.move(at(elapsed / DRAG_MS), y + height / 2);
    await Bun.sleep(FRAME_MS);
  }
  await page.mouse.up();
  await Bun.sleep(AFTER_MS);
  return await page.evaluate(() => (window as never as { watched: Watched }).watched);
}
