/** @jsxImportSource hono/jsx */
import { gzipSync } from 'node:zlib';
import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Layout } from '../views/layout.tsx';
import { ASSET_PATHS, acceptsGzip } from './assets.ts';

/** Below this a packet holds it anyway. */
const WORTH_COMPRESSING = 1_400;

/**
 * The same component as a fragment for htmx and as a whole page otherwise. The only file that reads htmx's headers.
 */
export function render(
  c: Context,
  status: ContentfulStatusCode,
  locale: string,
  title: string,
  body: Child,
): Response {
  const fragment = c.req.header('hx-request') === 'true';
  const html = fragment
    ? `<title>${title}</title>${body}`
    : `<!DOCTYPE html>${(
        <Layout title={title} locale={locale} assets={ASSET_PATHS}>
          {body}
        </Layout>
      )}`;
  const headers: Record<string, string> = {
    'content-type': 'text/html; charset=utf-8',
    // Figures of a household are in it.
    'cache-control': 'no-store',
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
