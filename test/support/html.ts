/** One element of a page: its attributes and all the text in it. */
export interface HtmlElement {
  attributes: Record<string, string>;
  text: string;
}

/** The elements that match a CSS selector, in document order. */
export function select(html: string, selector: string): HtmlElement[] {
  const found: HtmlElement[] = [];
  const open: HtmlElement[] = [];
  new HTMLRewriter()
    .on(selector, {
      element(element) {
        const attributes = [...element.attributes].map(([name, value]) => [name, decode(value)]);
        const entry = { attributes: Object.fromEntries(attributes), text: '' };
        found.push(entry);
        if (!element.canHaveContent) return;
        open.push(entry);
        element.onEndTag(() => {
          open.splice(open.indexOf(entry), 1);
        });
      },
      text(chunk) {
        for (const entry of open) entry.text += decode(chunk.text);
      },
    })
    .transform(html);
  return found;
}

/** The text of the one element that matches. */
export function textOf(html: string, selector: string): string {
  const found = select(html, selector);
  if (found.length !== 1) throw new Error(`${found.length} elements match ${selector}, not one`);
  return found[0].text;
}

/** The elements of a page with the names of their attributes: what no text in it may change. */
export function structureOf(html: string): string[] {
  const found: string[] = [];
  new HTMLRewriter()
    .on('*', {
      element({ tagName, attributes }) {
        found.push([tagName, ...[...attributes].map(([name]) => name)].join(' '));
      },
    })
    .transform(html);
  return found;
}

function decode(text: string): string {
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" };
  return text.replace(/&(lt|gt|quot|amp|#39);/g, (_, name: string) => names[name]);
}
