/** @jsxImportSource hono/jsx */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Refusal } from '../views/refusal.tsx';
import { titleOf } from './problem.ts';
import { render } from './render.tsx';

/** What went wrong, as a page of the site. */
export function errorPage(c: Context, status: ContentfulStatusCode, detail: string): Response {
  const title = titleOf(status);
  return render(c, {
    status,
    locale: 'en',
    title,
    section: 'none',
    body: <Refusal title={title} detail={detail} />,
  });
}
