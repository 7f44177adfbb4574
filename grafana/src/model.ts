import { BigValueTextMode } from '@grafana/schema';
import { heatmap, stat, timeseries } from './charts.ts';
import type { Section } from './dashboard.ts';
import { HERE, percentiles, perSecond, quantile, RATE } from './series.ts';
import { table } from './table.ts';

export const liveModels: Section = {
  title: 'What is live',
  panels: [
    table(
      {
        title: 'Live models',
        description:
          'Each model that answers now, in how many pods, and since when. Two champions at once are a change on its way.',
        unit: 'none',
        width: 16,
        height: 6,
        rows: {
          namespace: 'Namespace',
          role: 'Role',
          name: 'Model',
          version: 'Version',
          sha256: 'sha256',
        },
      },
      {
        name: 'Pods',
        expr: `count by (namespace, role, name, version, sha256) (savings_model_info{${HERE}})`,
      },
      {
        name: 'Live since',
        unit: 'dateTimeFromNow',
        expr:
          `min by (namespace, role, name, version, sha256) (savings_model_info{${HERE}, role="champion"} ` +
          '* on (namespace, pod) group_left () savings_model_loaded_timestamp_seconds) * 1000',
      },
    ),
    stat(
      {
        title: 'Until review',
        description: 'Time until the model should be trained again. What it learned from grows old.',
        unit: 's',
        height: 6,
        thresholds: ['red', [0, 'orange'], [14 * 86_400, 'green']],
      },
      { expr: `min(savings_model_review_timestamp_seconds{${HERE}}) - time()` },
    ),
    stat(
      {
        title: 'Program',
        description:
          'Versions of the program that answer now, with their runtime, and in how many pods each.',
        unit: 'none',
        height: 6,
        text: BigValueTextMode.ValueAndName,
      },
      {
        expr: `count by (version, revision, runtime) (savings_build_info{${HERE}})`,
        legend: '{{version}} {{revision}} {{runtime}}',
      },
    ),
    timeseries(
      {
        title: 'Versions in the pods',
        description: 'How a change of the model went from pod to pod.',
        unit: 'none',
        min: 0,
        stacked: true,
      },
      {
        expr: `count by (role, version) (savings_model_info{${HERE}})`,
        legend: '{{role}} {{version}}',
      },
    ),
    timeseries(
      {
        title: 'Attempts to load a model',
        description:
          'Every look at the store: unchanged is the usual answer; corrupt is a model that failed its checks and was refused.',
        unit: 'cpm',
        min: 0,
      },
      {
        expr: `60 * ${perSecond('savings_model_load_total', 'result')} > 0`,
        legend: '{{result}}',
      },
    ),
  ],
};

export const predictions: Section = {
  title: 'Predictions',
  panels: [
    timeseries(
      {
        title: 'Predictions by surface',
        description: 'Settled predictions: a form that was sent, a row of the API or of an upload.',
        unit: 'ops',
        min: 0,
        stacked: true,
      },
      { expr: perSecond('savings_predictions_total', 'surface'), legend: '{{surface}}' },
    ),
    timeseries(
      {
        title: 'Champion beside challenger: predictions',
        description: 'Predictions of each role and version. Without a challenger there is one line.',
        unit: 'ops',
        min: 0,
      },
      { expr: perSecond('savings_predictions_total', 'role, version'), legend: '{{role}} {{version}}' },
    ),
    heatmap(
      {
        title: 'Predicted amounts',
        description: "How the champion's answers are spread, in the unit of what it predicts.",
        unit: 'short',
      },
      { expr: perSecond('savings_predicted_amount_bucket', 'le', `${HERE}, role="champion"`) },
    ),
    timeseries(
      {
        title: 'Champion beside challenger: predicted amounts',
        description: "Median and mean of each role's answers, in the unit of what they predict.",
        unit: 'short',
        min: 0,
      },
      { expr: quantile(0.5, 'savings_predicted_amount', HERE, ', role'), legend: '{{role}} median' },
      {
        expr: `${perSecond('savings_predicted_amount_sum', 'role')} / ${perSecond('savings_predicted_amount_count', 'role')}`,
        legend: '{{role}} mean',
      },
    ),
    timeseries(
      {
        title: 'Shadow: distance from the champion',
        description:
          'Median distance of the shadow from the champion as a share of income, by the upper end of the income band. Empty without a shadow.',
        unit: 'percentunit',
        min: 0,
      },
      {
        expr: quantile(0.5, 'savings_shadow_difference_ratio', HERE, ', income_below'),
        legend: 'below {{income_below}}',
      },
    ),
    timeseries(
      {
        title: 'Shadow: predictions',
        description:
          'What became of the predictions that the shadow was to make too; dropped ones found its queue full.',
        unit: 'ops',
        min: 0,
        stacked: true,
      },
      { expr: perSecond('savings_shadow_predictions_total', 'result'), legend: '{{result}}' },
    ),
    timeseries(
      {
        title: 'Time to predict',
        description: 'Time in the forest alone, for all the rows of a request.',
        unit: 's',
        min: 0,
      },
      ...percentiles('savings_prediction_duration_seconds'),
    ),
  ],
};

export const store: Section = {
  title: 'Store',
  panels: [
    timeseries(
      {
        title: 'Requests to the store',
        description: 'Each look at the bucket, by what came of it. unchanged is the cheap and usual answer.',
        unit: 'cpm',
        min: 0,
      },
      {
        expr: `60 * ${perSecond('savings_store_requests_total', 'operation, result')} > 0`,
        legend: '{{operation}} {{result}}',
      },
    ),
    timeseries(
      {
        title: 'Failed requests to the store',
        description:
          'Share that failed. The server keeps the model it has; new pods start from their cache or wait.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: ['green', [0.1, 'orange'], [0.5, 'red']],
      },
      {
        expr:
          `sum(rate(savings_store_requests_total{${HERE}, result="error"}${RATE})) ` +
          `/ sum(rate(savings_store_requests_total{${HERE}}${RATE}))`,
        legend: 'failed',
      },
    ),
  ],
};
