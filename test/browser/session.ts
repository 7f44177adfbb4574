import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Model } from '../../src/model/model.ts';
import { serve } from '../../src/runtime.ts';
import { testApp } from '../support/app.ts';
import { testModel } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';

/** A real Chromium in front of a real server with the small model. */
export interface Session {
  url: string;
  model: Model;
  deps: Awaited<ReturnType<typeof testApp>>['deps'];
  /** A page of its own, without anything from other pages; read `troubles` when done. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /**
   * What no page may do, since the last look: errors on the console (what the content security policy stops is one),
   * exceptions, requests to another host. A refused form's 422 is on the console too, and is none.
   */
  troubles(): string[];
  /** Closes the pages, not the browser. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const TEST_MS = 60_000;
const PATIENCE_MS = 5_000;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Tests in one browser, skipped where there is none; each fails when a page did what `troubles` names.
 *
 * @param tests must use the session within tests only: before them it is empty
 * @param modelOf the model behind the pages; the small savings model where left out
 */
export function describeInBrowser(
  name: string,
  tests: (session: Session) => void,
  modelOf: () => Promise<Model> = testModel,
): void {
  describe.skipIf(!requireTool('chromium'))(name, () => {
    setDefaultTimeout(TEST_MS);
    const session = {} as Session;
    beforeAll(async () => {
      Object.assign(session, await startSession(await modelOf()));
    });
    afterEach(async () => {
      await session.clear();
      expect(session.troubles()).toEqual([]);
    });
    afterAll(() => session.close?.());
    tests(session);
  });
}

async function startSession(model: Model): Promise<Session> {
  const maxUploadBytes = 16_777_216;
  const state = { model, loadedAt: new Date(), stale: undefined, failure: undefined };
  const limits = { maxUploadBytes, maxBatchRows: 200_000 };
  const { app, deps } = await testApp({ live: { model, state }, ...limits });
  const server = serve({ port: 0, address: '127.0.0.1', fetch: app.fetch, maxBodyBytes: maxUploadBytes });
  const url = `http://127.0.0.1:${server.port}`;
  const browser: Browser = await chromium.launch({
    executablePath: Bun.which('chromium') ?? 'chromium',
    args: FLAGS,
  });
  let found: string[] = [];

  return {
    url,
    model,
    deps,
    async open(path = '/', options = {}) {
      const context = await browser.newContext({ locale: 'en-IN', ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      page.on('console', (message) => {
        const refused = message.text().includes('status of 422');
        if (message.type() === 'error' && !refused) found.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => found.push(`exception: ${error.message}`));
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) found.push(`request: ${request.url()}`);
      });
      await page.goto(url + path);
      return page;
    },
    troubles() {
      const troubles = found;
      found = [];
      return troubles;
    },
    async clear() {
      for (const context of browser.contexts()) await context.close();
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Waits until something is so, and says what it was last when it never is. */
export async function until<T>(look: () => Promise<T>, wanted: T): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let last: T;
  do {
    last = await look();
    if (Object.is(last, wanted)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  } while (Date.now() < end);
  throw new Error(`waited for ${JSON.stringify(wanted)}, but it is ${JSON.stringify(last)}`);
}

/** The predicted amount as the page shows it. */
export const shownAmount = (page: Page) => page.locator('.amount strong').textContent();

/** A number as a page in the Indian locale shows it. */
export const numberOf = (shown: string) => Number(shown.replaceAll(',', ''));

/** What stands in one number's field. */
export const figure = async (page: Page, name: string) =>
  numberOf(await page.locator(`#in-${name}`).inputValue());

/** What stands in the form, as numbers. */
export async function typedFigures(page: Page): Promise<Record<string, number>> {
  const values = await page
    .locator('#household-form .number')
    .evaluateAll((fields) =>
      fields.map((field) => [(field as HTMLInputElement).name, (field as HTMLInputElement).value]),
    );
  return Object.fromEntries(values.map(([name, value]) => [name, numberOf(value)]));
}
