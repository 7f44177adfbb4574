import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { routesOf } from './paths.ts';

/** Methods that this server knows, whether an address takes them or not. Others get 501 and count under no route. */
export const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/**
 * Answers what no route does: 404 where there is nothing, 405 where there is something that takes other methods, 501
 * for a method that is not known; and OPTIONS. A request that a route takes pays nothing for it.
 */
export function handleUnrouted(
  app: Hono,
  refuse: (c: Context, status: ContentfulStatusCode, detail: string) => Response,
): void {
  const routesAt = routesOf(app);
  app.notFound((c) => {
    const { method, path } = c.req;
    if (!METHODS.has(method)) {
      return refuse(c, 501, 'Cannot answer: this server does not know that method. Use GET or POST.');
    }
    const taken = routesAt(path).map((route) => route.method);
    if (taken.length === 0 || taken.includes(method)) {
      return refuse(c, 404, 'There is nothing at this address.');
    }
    const allowed = [...taken.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])), 'OPTIONS'];
    c.header('allow', allowed.join(', '));
    if (method === 'OPTIONS') return c.body(null, 204);
    return refuse(c, 405, `Cannot answer ${method} at this address: it takes ${taken.join(' or ')}.`);
  });
}

/**
 * Handles HEAD as GET. Hono would take the body away first, and the runtimes then say that its length is 0; they leave
 * out the body themselves, and say how long it would be.
 */
export function headAsGet(app: Hono): Hono['fetch'] {
  const handle = app.fetch;
  return (request, ...rest) => {
    // A new Request cannot be made of one that came without a Host header: it has no URL.
    if (request.method === 'HEAD') Object.defineProperty(request, 'method', { value: 'GET' });
    return handle(request, ...rest);
  };
}
