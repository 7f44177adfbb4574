import { parser } from '@prometheus-io/lezer-promql';

/** One `metric{label="..."}` of an expression. */
export interface Selector {
  metric: string;
  /** Labels that it is chosen by. */
  labels: string[];
  /** As it stands in the expression. */
  text: string;
}

export interface Promql {
  selectors: Selector[];
  /** Labels of `by`, `on`, `group_left` and the like. */
  grouping: string[];
}

/** Parses with the grammar of Prometheus' own user interface. @throws with the place of the first error */
export function parsePromql(expr: string): Promql {
  const found: Promql = { selectors: [], grouping: [] };
  const scopes: string[] = [];
  parser.parse(expr).iterate({
    enter({ type, name, from, to }) {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${expr}`);
      const text = expr.slice(from, to);
      if (name === 'VectorSelector' || name === 'GroupingLabels') scopes.push(name);
      if (name === 'VectorSelector') found.selectors.push({ metric: '', labels: [], text });
      const inSelector = scopes.at(-1) === 'VectorSelector';
      if (name === 'Identifier' && inSelector) found.selectors.at(-1)!.metric = text;
      if (name === 'LabelName') (inSelector ? found.selectors.at(-1)!.labels : found.grouping).push(text);
    },
    leave({ name }) {
      if (name === 'VectorSelector' || name === 'GroupingLabels') scopes.pop();
    },
  });
  return found;
}
