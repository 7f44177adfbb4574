import type { Hono } from 'hono';
import { getPath } from 'hono/utils/url';

/**
 * A request's path, decoded.
 *
 * @param routed what is known of it already: by a runtime that routes, or, within the app, the exchange
 */
export function pathOf(request: Request, routed: unknown): string {
  return (routed as { path?: string } | undefined)?.path ?? getPath(request);
}

/** The routes without parameters, which are their own paths. */
export function fixedPaths(app: Hono): string[] {
  return [...new Set(app.routes.map(({ path }) => path))].filter((path) => !/[:*]/.test(path));
}

/** The pattern of the route that a path leads to, or `none`. */
export function patternsOf(app: Hono): (method: string, path: string) => string {
  const fixed = new Set(fixedPaths(app));
  return (method, path) => {
    if (fixed.has(path)) return path;
    const [handlers] = app.router.match(method === 'HEAD' ? 'GET' : method, path);
    const [[, route] = []] = handlers.at(-1) ?? [];
    return route?.path ?? 'none';
  };
}
