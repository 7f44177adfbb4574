import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** From a phone to a wide screen. Another scheme changes nothing but colours, and few of those with the width. */
export const LOOKS = {
  light: {
    widths: [390, 768, 1024, 1440],
    rules: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  },
  dark: { widths: [390, 1024], rules: { type: 'rule', values: ['color-contrast'] } },
} as const;
interface Look {
  widths: readonly number[];
  /** All of axe's where left out. */
  rules?: (typeof LOOKS)[keyof typeof LOOKS]['rules'];
}
/** The whole page at once, so that nothing that is pinned to an edge covers a part of what is behind it. */
const HEIGHT = 5_000;

/** Every violation of the rules in what is shown now, as `width: rule: element`, on any screen. */
export async function violationsOf(page: Page, { widths, rules }: Look): Promise<string[]> {
  const found: string[] = [];
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  for (const width of widths) {
    await page.setViewportSize({ width, height: HEIGHT });
    // What is faded or half drawn is not judged.
    await page.evaluate(() =>
      Promise.allSettled(document.getAnimations().map((animation) => animation.finished)),
    );
    const violations = await page.evaluate(async (runOnly) => {
      const report = await window.axe.run({ runOnly, resultTypes: ['violations'] } as never);
      return report.violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`),
      );
    }, rules);
    found.push(...violations.map((violation) => `${width}: ${violation}`));
  }
  return found;
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
