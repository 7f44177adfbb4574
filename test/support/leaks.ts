import { select } from './html.ts';

/** Words of the savings model, and those of any budget, which a model without one has no use for. */
export const OF_SAVINGS = /\bsavings?\b|rupee|₹|\bINR\b|lakh|crore|\bmonth/i;
export const OF_A_BUDGET =
  /household|income|expens|left over|overspend|\bspend|\bearn|\bbudget|set aside|salary/i;
export const MONEY = /[£€$]|\bGBP\b|\bEUR\b|currency|amount|\ba week\b/i;

/**
 * What is the program's own: its name, the names of its headers and formats, what any manifest may hold, and the periods
 * that a person may choose from.
 */
export const OWN = [
  /"name": ?"savings"/g,
  /savings-(subject|model)[-\w/]*/g,
  /week or month or year|"week","month","year"/g,
  /<select class="per[\s\S]*?<\/select>/g,
];

/** What a page says: its text, and the attributes that are read out or shown. */
export function saidBy(html: string): string {
  const page = OWN.reduce((text, own) => text.replace(own, ''), html);
  const shown = ['aria-label', 'aria-valuetext', 'title', 'content', 'placeholder', 'download'];
  const attributes = select(page, '*').flatMap(({ attributes }) =>
    shown.map((name) => attributes[name] ?? ''),
  );
  const text = [select(page, 'html')[0]?.text ?? page, ...attributes].join('\n');
  return OWN.reduce((rest, own) => rest.replace(own, ''), text);
}
