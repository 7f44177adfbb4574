import { bars, timeseries } from './charts.ts';
import type { Section } from './dashboard.ts';
import { HERE, perSecond } from './series.ts';

const FEATURE = `${HERE}, version=~"$version", feature=~"$feature"`;

export const inputs: Section = {
  title: 'Inputs',
  panels: [
    timeseries(
      {
        title: 'Refused inputs',
        description:
          'Inputs that were missing, of the wrong kind or out of bounds. A sudden one is a client’s defect.',
        unit: 'ops',
        min: 0,
      },
      {
        expr: `${perSecond('savings_input_rejected_total', 'field, reason')} > 0`,
        legend: '{{field}} {{reason}}',
      },
    ),
    timeseries(
      {
        title: 'Inputs beyond the training data',
        description:
          'Accepted, but below or above everything the model has seen of an input, or of a share of income: it can only guess there.',
        unit: 'ops',
        min: 0,
      },
      {
        expr: `${perSecond('savings_input_out_of_range_total', 'feature, side')} > 0`,
        legend: '{{feature}} {{side}}',
      },
    ),
  ],
};

export const drift: Section = {
  title: 'Drift: inputs of the last day against the training data',
  panels: [
    bars(
      {
        title: 'Drift by feature, as a share of what alerts',
        description:
          'Population stability index over its threshold, which allows for chance in small samples. Above 1 the feature has drifted. Nothing below 200 rows a day.',
        unit: 'percentunit',
        noValue: 'below 200 rows',
        min: 0,
        max: 2,
        thresholds: ['green', [0.7, 'orange'], [1, 'red']],
      },
      {
        expr: `sort_desc(savings:feature_psi:day{${FEATURE}} / savings:feature_psi:threshold{${FEATURE}})`,
        legend: '{{feature}} {{version}}',
      },
    ),
    timeseries(
      {
        title: 'Population stability index',
        description:
          'By custom 0.1 is worth a look and 0.25 a change of the population; on small samples both are chance.',
        unit: 'none',
        decimals: 3,
        min: 0,
        thresholds: ['green', [0.1, 'orange'], [0.25, 'red']],
      },
      { expr: `savings:feature_psi:day{${FEATURE}}`, legend: '{{feature}} {{version}}' },
    ),
    bars(
      {
        title: 'Inputs of the last day',
        description:
          'Share of the last day in each bin of the chosen features. Choose one feature above to read it.',
        unit: 'percentunit',
        noValue: 'no inputs',
        min: 0,
      },
      {
        expr: `sort(savings:feature_bin:ratio_day{${FEATURE}})`,
        legend: '{{feature}} {{bin}}',
      },
    ),
    bars(
      {
        title: 'Training data',
        description: 'Share of the training rows in each bin of the chosen features.',
        unit: 'percentunit',
        min: 0,
      },
      {
        expr: `sort(max by (feature, bin, version) (savings_feature_reference_ratio{${FEATURE}}))`,
        legend: '{{feature}} {{bin}}',
      },
    ),
    timeseries(
      {
        title: 'Rows behind the index',
        description: 'Settled inputs of the last day. Below 200 nothing is said about drift.',
        unit: 'none',
        min: 0,
        thresholds: ['orange', [200, 'green']],
      },
      { expr: `max by (version) (savings:feature_rows:day{${FEATURE}})`, legend: '{{version}}' },
    ),
  ],
};
