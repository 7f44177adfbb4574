/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { Words } from '../model/words.ts';

/** Addresses of what the page loads. */
export interface PageAssets {
  css: string;
  htmx: string;
  app: string;
  requests: string;
  remember: string;
  batch: string;
  icon: string;
}

export type Section = 'household' | 'model' | 'batch' | 'docs' | 'none';

export interface LayoutProps {
  title: string;
  locale: string;
  section: Section;
  words: Words | undefined;
  assets: PageAssets;
  children?: Child;
}

const SECTIONS: readonly { section: Section; href: string; text: string }[] = [
  { section: 'household', href: '/', text: 'Your figures' },
  { section: 'batch', href: '/batch', text: 'Many at once' },
  { section: 'model', href: '/model', text: 'The model' },
  { section: 'docs', href: '/docs', text: 'For programs' },
];

/**
 * htmx without what this site forbids or does not want: no style and no history of its own, no error in place of the
 * page (a refused form says otherwise for itself). What a reader opened stays open, and what the page's scripts marked
 * stays marked, when a new result is merged in.
 */
const HTMX_CONFIG = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  noSwap: [204, 304, '4xx', '5xx'],
  morphIgnore: ['data-htmx-powered', 'open', 'data-open', 'data-request', 'aria-busy', 'aria-current'],
});

/** What stands around every whole page. */
export function Layout({ title, locale, section, words, assets, children }: LayoutProps) {
  return (
    <html lang="en" data-locale={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          name="description"
          content={
            words?.budget
              ? `See what your household has left over, ${words.target} as a model predicts it, and why.`
              : 'Put in figures, and see what a model predicts from them, how sure it is and why.'
          }
        />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <title>{title}</title>
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.css} />
        <script src={assets.htmx} defer />
        <script src={assets.app} defer />
        {section === 'household' && <script src={assets.requests} defer />}
        {section === 'household' && <script src={assets.remember} defer />}
        {section === 'batch' && <script src={assets.batch} type="module" />}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="site-header">
          <a class="brand" href="/">
            {words?.label ?? 'Predictions'}
          </a>
          <nav aria-label="Site">
            <ul>
              {SECTIONS.map((entry) => (
                <li>
                  <a href={entry.href} aria-current={entry.section === section ? 'page' : undefined}>
                    {entry.text}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </header>
        <main id="main">{children}</main>
        <footer class="site-footer">
          <p>
            An estimate from a statistical model, not advice. Figures that you put in are used for the answer,
            and this server does not keep them.
          </p>
        </footer>
      </body>
    </html>
  );
}
