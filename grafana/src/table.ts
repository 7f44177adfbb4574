import { TableCellDisplayMode, TableCellHeight } from '@grafana/schema';
import type { Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import {
  type About,
  panel,
  type Query,
  refId,
  type Thresholds,
  thresholdsConfig,
  type Unplaced,
} from './panel.ts';

/** One figure of a table's row, from a query of its own. */
export interface Column extends Query {
  name: string;
  unit?: string;
  thresholds?: Thresholds;
}

export interface TableAbout extends About {
  /** Labels that identify a row, in order, with the names they are shown by. */
  rows: Readonly<Record<string, string>>;
}

/** One row for each set of the named labels, with the current value of every column. */
export function table(about: TableAbout, ...columns: Column[]): Unplaced {
  const made = panel<TableOptions>(about, columns, {
    type: 'table',
    width: 12,
    height: 8,
    format: 'table',
    instant: true,
    custom: { cellOptions: { type: TableCellDisplayMode.Auto } },
    options: { frameIndex: 0, showHeader: true, cellHeight: TableCellHeight.Sm },
  });
  // A single query's value has no letter.
  const valueColumn = (i: number) => (columns.length === 1 ? 'Value' : `Value #${refId(i)}`);
  const order = [...Object.keys(about.rows), ...columns.map((_, i) => valueColumn(i))];
  made.transformations = [
    ...(columns.length > 1 ? [{ id: 'merge', options: {} }] : []),
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true, __name__: true },
        indexByName: Object.fromEntries(order.map((name, i) => [name, i])),
        renameByName: {
          ...about.rows,
          ...Object.fromEntries(columns.map(({ name }, i) => [valueColumn(i), name])),
        },
      },
    },
  ];
  made.fieldConfig!.overrides = columns
    .filter(({ unit, thresholds }) => unit !== undefined || thresholds !== undefined)
    .map(({ name, unit, thresholds }) => ({
      matcher: { id: 'byName', options: name },
      properties: [
        ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
        ...(thresholds === undefined
          ? []
          : [
              { id: 'thresholds', value: thresholdsConfig(thresholds) },
              { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
            ]),
      ],
    }));
  return made;
}
