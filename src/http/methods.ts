import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { routesOf } from './paths.ts';

/** Methods that this server knows, whether an address takes them or not. Others are 501, and counted under no route. */
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
export function answerUnrouted(
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
 * Answers HEAD as GET. Hono would take the body away first, and the runtimes then say that its length is 0; they leave
 * out the body themselves, and say how long it would be.
 */
export function answerHead(app: Hono): Hono['fetch'] {
  const answer = app.fetch;
  return (request, ...rest) => {
    // Not a new Request: one that came without a Host header has no URL to make it of.
    if (request.method === 'HEAD') Object.defineProperty(request, 'method', { value: 'GET' });
    return answer(request, ...rest);
  };
}
