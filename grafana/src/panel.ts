import { type FieldConfig, type Panel, type ThresholdsConfig, ThresholdsMode } from '@grafana/schema';

/** The one that the dashboard's variable chooses: at first the one that kustomize/monitoring provisions. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

export interface Query {
  expr: string;
  /** How a series is named: `{{pod}}`. */
  legend?: string;
}

/** A threshold is the value from which its colour holds; the first one holds from below. */
export type Thresholds = readonly [first: string, ...steps: (readonly [value: number, color: string])[]];

/** What every panel says of itself. */
export interface About {
  title: string;
  /** What it shows, and what to make of it. */
  description: string;
  /** A Grafana unit, such as `bytes` or `percentunit`. */
  unit: string;
  thresholds?: Thresholds;
  decimals?: number;
  min?: number;
  max?: number;
  /** Shown instead of "No data", where nothing is a good answer. */
  noValue?: string;
  /** Columns of 24. */
  width?: number;
  height?: number;
}

/** A panel before the dashboard gives it a place. */
export type Unplaced = Omit<Panel, 'gridPos'> & { gridPos: { w: number; h: number } };

/** @typeParam O the options of that kind of panel, as this version of Grafana types them */
interface Kind<O> {
  type: string;
  width: number;
  height: number;
  options: O;
  custom?: object;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
}

/** A panel of any kind: what it says of itself, what it asks, and how that is drawn. */
export function panel<O>(about: About, queries: readonly Query[], kind: Kind<O>): Unplaced {
  const { unit, thresholds = ['green'], decimals, min, max, noValue } = about;
  const defaults: FieldConfig = {
    unit,
    thresholds: thresholdsConfig(thresholds),
    ...(decimals !== undefined && { decimals }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(noValue !== undefined && { noValue }),
    ...(kind.custom && { custom: kind.custom as Record<string, unknown> }),
  };
  return {
    type: kind.type,
    title: about.title,
    description: about.description,
    datasource: DATASOURCE,
    gridPos: { w: about.width ?? kind.width, h: about.height ?? kind.height },
    fieldConfig: { defaults, overrides: [] },
    options: kind.options as Record<string, unknown>,
    targets: queries.map(({ expr, legend }, i) => ({
      refId: refId(i),
      datasource: DATASOURCE,
      editorMode: 'code',
      expr,
      legendFormat: legend ?? '__auto',
      format: kind.format ?? 'time_series',
      instant: kind.instant ?? false,
      range: !(kind.instant ?? false),
    })),
  };
}

/** What a panel calls its nth query. */
export const refId = (index: number) => String.fromCharCode(65 + index);

export function thresholdsConfig([first, ...steps]: Thresholds): ThresholdsConfig {
  return {
    mode: ThresholdsMode.Absolute,
    steps: [{ color: first, value: null }, ...steps.map(([value, color]) => ({ color, value }))],
  };
}
