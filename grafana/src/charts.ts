import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  type GraphFieldConfig,
  GraphThresholdsStyleMode,
  HeatmapCellLayout,
  LegendDisplayMode,
  PercentChangeColorMode,
  ScaleDistribution,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizOrientation,
} from '@grafana/schema';
import type { Options as BarGaugeOptions } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import {
  HeatmapColorMode,
  type Options as HeatmapOptions,
} from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

import { type About, panel, type Query, type Unplaced } from './panel.ts';

const lastValue = { calcs: ['lastNotNull'], fields: '', values: false };

/** One figure a series, now. */
export function stat(about: About & { text?: BigValueTextMode }, ...queries: Query[]): Unplaced {
  return panel<StatOptions>(about, queries, {
    type: 'stat',
    width: 4,
    height: 4,
    instant: true,
    options: {
      reduceOptions: lastValue,
      colorMode: BigValueColorMode.Value,
      graphMode: BigValueGraphMode.None,
      justifyMode: BigValueJustifyMode.Auto,
      orientation: VizOrientation.Auto,
      percentChangeColorMode: PercentChangeColorMode.Standard,
      showPercentChange: false,
      textMode: about.text ?? BigValueTextMode.Auto,
      wideLayout: true,
    },
  });
}

/** Lines over time; thresholds, where there are any, are drawn across. */
export function timeseries(about: About & { stacked?: boolean }, ...queries: Query[]): Unplaced {
  const custom: GraphFieldConfig = {
    lineWidth: 1,
    fillOpacity: about.stacked ? 40 : 10,
    spanNulls: false,
    stacking: { mode: about.stacked ? StackingMode.Normal : StackingMode.None, group: 'A' },
    thresholdsStyle: {
      mode: about.thresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
    },
  };
  return panel<TimeSeriesOptions>(about, queries, {
    type: 'timeseries',
    width: 12,
    height: 8,
    custom,
    options: {
      legend: {
        displayMode: LegendDisplayMode.List,
        placement: 'bottom',
        showLegend: true,
        calcs: [],
      },
      tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
    },
  });
}

/** One bar a series, now. */
export function bars(about: About, ...queries: Query[]): Unplaced {
  return panel<BarGaugeOptions>(about, queries, {
    type: 'bargauge',
    width: 12,
    height: 8,
    instant: true,
    options: {
      reduceOptions: lastValue,
      displayMode: BarGaugeDisplayMode.Basic,
      orientation: VizOrientation.Horizontal,
      valueMode: BarGaugeValueMode.Color,
      namePlacement: BarGaugeNamePlacement.Auto,
      sizing: BarGaugeSizing.Auto,
      showUnfilled: true,
      minVizHeight: 12,
      minVizWidth: 8,
      maxVizHeight: 24,
      legend: { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: false, calcs: [] },
    },
  });
}

/** How a histogram's observations are spread over time; the query gives its buckets by `le`. */
export function heatmap(about: About, query: Query): Unplaced {
  return panel<HeatmapOptions>(about, [{ legend: '{{le}}', ...query }], {
    type: 'heatmap',
    width: 12,
    height: 8,
    format: 'heatmap',
    custom: { scaleDistribution: { type: ScaleDistribution.Linear } },
    options: {
      calculate: false,
      cellGap: 1,
      color: {
        mode: HeatmapColorMode.Scheme,
        scheme: 'Blues',
        steps: 32,
        exponent: 0.5,
        fill: 'blue',
        reverse: false,
      },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: HeatmapCellLayout.auto },
      showValue: VisibilityMode.Never,
      tooltip: { mode: TooltipDisplayMode.Single, yHistogram: false, showColorScale: false },
      yAxis: { axisPlacement: AxisPlacement.Left, reverse: false, unit: about.unit },
    },
  });
}
