import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import htmx from 'htmx.org/dist/htmx.min.js' with { type: 'text' };
import app from '../../public/app.js' with { type: 'text' };
import batch from '../../public/batch.js' with { type: 'text' };
import requests from '../../public/requests.js' with { type: 'text' };
import base from '../../public/css/base.css' with { type: 'text' };
import batchCss from '../../public/css/batch.css' with { type: 'text' };
import charts from '../../public/css/charts.css' with { type: 'text' };
import form from '../../public/css/form.css' with { type: 'text' };
import print from '../../public/css/print.css' with { type: 'text' };
import result from '../../public/css/result.css' with { type: 'text' };
import favicon from '../../public/favicon.svg' with { type: 'text' };
import remember from '../../public/remember.js' with { type: 'text' };
import robots from '../../public/robots.txt' with { type: 'text' };
import { qualityValues } from '../quality-values.ts';

interface Asset {
  path: string;
  type: string;
  text: string;
  gzip: Uint8Array<ArrayBuffer>;
}

const CSS = 'text/css; charset=utf-8';
const JS = 'text/javascript; charset=utf-8';
const SVG = 'image/svg+xml';

/** An asset is named by its content, so that it can be cached for ever. */
function asset(name: string, ending: string, type: string, text: string): Asset {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 10);
  return { path: `/assets/${name}.${hash}.${ending}`, type, text, gzip: new Uint8Array(gzipSync(text)) };
}

const ASSETS = {
  /** All style sheets in one, so that they take one request. */
  css: asset('app', 'css', CSS, [base, form, result, charts, batchCss, print].join('\n')),
  htmx: asset('htmx', 'js', JS, htmx),
  app: asset('app', 'js', JS, app),
  requests: asset('requests', 'js', JS, requests),
  remember: asset('remember', 'js', JS, remember),
  batch: asset('batch', 'js', JS, batch),
  icon: asset('icon', 'svg', SVG, favicon),
};

/** Where the page finds its parts. */
export const ASSET_PATHS = {
  css: ASSETS.css.path,
  htmx: ASSETS.htmx.path,
  app: ASSETS.app.path,
  requests: ASSETS.requests.path,
  remember: ASSETS.remember.path,
  batch: ASSETS.batch.path,
  icon: ASSETS.icon.path,
};

/** Everything the page needs, from this server alone. */
export function assetRoutes(): Hono {
  const app = new Hono();
  const byPath = new Map(Object.values(ASSETS).map((entry) => [entry.path, entry]));
  app.get('/assets/:name', (c) => {
    const found = byPath.get(c.req.path);
    if (found === undefined) return c.notFound();
    const headers = {
      'content-type': found.type,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    };
    return acceptsGzip(c.req.header('accept-encoding'))
      ? c.body(found.gzip, 200, { ...headers, 'content-encoding': 'gzip' })
      : c.body(found.text, 200, headers);
  });
  const day = { 'cache-control': 'public, max-age=86400' };
  app.get('/favicon.ico', (c) => c.body(favicon, 200, { ...day, 'content-type': SVG }));
  app.get('/robots.txt', (c) => c.text(robots, 200, day));
  return app;
}

/** Whether a client takes gzip, and would not rather have what is not compressed. */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map(qualityValues(header));
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
