/** @jsxImportSource hono/jsx */
import { gzipSync } from 'node:zlib';
import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Words } from '../model/words.ts';
import { Layout, type Section } from '../views/layout.tsx';
import { ASSET_PATHS, acceptsGzip } from './assets.ts';
import { NO_STORE } from './response-headers.ts';

/** In bytes; what is shorter fits a packet anyway. */
const WORTH_COMPRESSING = 1_400;

export interface Rendering {
  status: ContentfulStatusCode;
  locale: string;
  title: string;
  /** The part of the site that the page belongs to. */
  section: Section;
  body: Child;
  /** In which words the site speaks of its model; without them it names none. */
  words?: Words | undefined;
  /** What htmx gets in place of the body. */
  fragment?: Child;
}

/**
 * The same component as a fragment for htmx and as a whole page otherwise. The only file that reads htmx's headers.
 */
export function render(c: Context, rendering: Rendering): Response {
  const { status, locale, title, section, words, body, fragment = body } = rendering;
  const html =
    c.req.header('hx-request') === 'true'
      ? `${<title>{title}</title>}${fragment}`
      : `<!DOCTYPE html>${(
          <Layout title={title} locale={locale} section={section} words={words} assets={ASSET_PATHS}>
            {body}
          </Layout>
        )}`;
  const headers: Record<string, string> = {
    'content-type': 'text/html; charset=utf-8',
    ...NO_STORE,
    vary: 'accept-encoding, accept-language, hx-request',
  };
  if (html.length < WORTH_COMPRESSING || !acceptsGzip(c.req.header('accept-encoding'))) {
    return c.body(html, status, headers);
  }
  return c.body(new Uint8Array(gzipSync(html, { level: 4 })), status, {
    ...headers,
    'content-encoding': 'gzip',
  });
}
