import type { Hono } from 'hono';
import type { RouterRoute } from 'hono/types';
import { getPath } from 'hono/utils/url';

/**
 * A request's path, decoded.
 *
 * @param routed what is known of it already: by a runtime that routes, or, within the app, the requestContext
 */
export function pathOf(request: Request, routed: unknown): string {
  return (routed as { path?: string } | undefined)?.path ?? getPath(request);
}

/** The routes without parameters, which are their own paths. */
export function fixedPaths(app: Hono): string[] {
  return [...new Set(app.routes.map(({ path }) => path))].filter((path) => !/[:*]/.test(path));
}

/** The routes that a path leads to, one a method at most. */
export function routesOf(app: Hono): (path: string) => RouterRoute[] {
  const methods = [...new Set(app.routes.map(({ method }) => method))];
  return (path) => methods.flatMap((method) => routeOf(app, method, path) ?? []);
}

function routeOf(app: Hono, method: string, path: string): RouterRoute | undefined {
  const [handlers] = app.router.match(method, path);
  const [[, route] = []] = handlers.at(-1) ?? [];
  return route;
}

/** The pattern of the route that a path leads to, if by another method; or `none`. */
export function patternsOf(app: Hono): (method: string, path: string) => string {
  const fixed = new Set(fixedPaths(app));
  const routesAt = routesOf(app);
  return (method, path) => {
    if (fixed.has(path)) return path;
    const route = routeOf(app, method === 'HEAD' ? 'GET' : method, path) ?? routesAt(path)[0];
    return route?.path ?? 'none';
  };
}
