import {
  type Dashboard,
  DashboardCursorSync,
  type Panel,
  type RowPanel,
  VariableHide,
  type VariableModel,
} from '@grafana/schema';
import { annotations } from './annotations.ts';
import { DATASOURCE, type Unplaced } from './panel.ts';

/** What Grafana 13.1 writes: older ones are migrated at each load. */
const SCHEMA_VERSION = 42;
const COLUMNS = 24;

const DATASOURCE_VARIABLE: VariableModel = {
  type: 'datasource',
  name: 'datasource',
  label: 'Prometheus',
  query: DATASOURCE.type,
  current: { text: 'Prometheus', value: 'prometheus' },
};

/** Panels under a heading. */
export interface Section {
  title: string;
  panels: readonly Unplaced[];
}

export interface DashboardSource {
  /** Also the name of its file, and its address: /d/<uid>. */
  uid: string;
  title: string;
  description: string;
  variables: readonly VariableModel[];
  sections: readonly Section[];
  /** How far back it looks at first: `now-6h`. */
  from: string;
}

/** A dashboard as Grafana stores it. Panels flow from left to right, and wrap. */
export function dashboard({
  uid,
  title,
  description,
  variables,
  sections,
  from,
}: DashboardSource): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ['savings'],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: DashboardCursorSync.Crosshair,
    timezone: 'browser',
    time: { from, to: 'now' },
    refresh: '30s',
    annotations: { list: annotations(variables.some(({ name }) => name === 'namespace')) },
    links: [
      {
        type: 'dashboards',
        title: 'Savings',
        tags: ['savings'],
        asDropdown: true,
        includeVars: false,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    templating: { list: [DATASOURCE_VARIABLE, ...variables] },
    panels: place(sections),
  };
}

function place(sections: readonly Section[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const { title, panels } of sections) {
    placed.push({
      type: 'row',
      id: placed.length + 1,
      title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 },
      panels: [],
    });
    let x = 0;
    let lineHeight = 0;
    for (const panel of panels) {
      const { w, h } = panel.gridPos;
      if (x + w > COLUMNS) {
        y += lineHeight;
        x = 0;
        lineHeight = 0;
      }
      placed.push({ id: placed.length + 1, ...panel, gridPos: { x, y, w, h } });
      x += w;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
  }
  return placed;
}

/**
 * A choice of label values, `.*`-safe when all are chosen.
 *
 * @param query `label_values(series, label)`
 * @param all what stands for every value, in a regular expression
 */
export function variable(name: string, label: string, query: string, all = '.*'): VariableModel {
  return {
    ...asked(name, query),
    label,
    multi: true,
    includeAll: true,
    allValue: all,
    current: { text: ['All'], value: ['$__all'] },
  } as VariableModel;
}

/** The one value of a label, or nothing: no choice, so nobody sees it. @param query as above */
export function setting(name: string, query: string): VariableModel {
  return { ...asked(name, query), hide: VariableHide.hideVariable, multi: false, includeAll: false };
}

const asked = (name: string, query: string) => ({
  type: 'query' as const,
  name,
  datasource: DATASOURCE,
  // 1: values of a label.
  query: { qryType: 1, query, refId: name },
  definition: query,
  refresh: 2,
  sort: 1,
});
