/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';

/** Addresses of what the page loads. */
export interface PageAssets {
  css: string;
  htmx: string;
  icon: string;
}

export interface LayoutProps {
  title: string;
  locale: string;
  assets: PageAssets;
  children?: Child;
}

/** What stands around every whole page. */
export function Layout({ title, locale, assets, children }: LayoutProps) {
  return (
    <html lang="en" data-locale={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content='{"includeIndicatorCSS": false}' />
        <title>{title}</title>
        <link rel="icon" href={assets.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={assets.css} />
        <script src={assets.htmx} defer />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the form
        </a>
        <header class="site-header">
          <a class="brand" href="/">
            Savings
          </a>
          <p>What your household could put aside each month</p>
        </header>
        <main id="main">{children}</main>
      </body>
    </html>
  );
}
