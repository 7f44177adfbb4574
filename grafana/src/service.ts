import { dashboard, setting, variable } from './dashboard.ts';
import { drift, inputs } from './drift.ts';
import { load } from './load.ts';
import { liveModels, predictions, store } from './model.ts';
import { objectives, requests } from './objectives.ts';

/** Which model answers, how well the service keeps its promises, and whether the world still looks as in training. */
export const service = dashboard({
  uid: 'savings-service',
  title: 'Savings / Model and service',
  description:
    'Which model is live, whether the service keeps its objectives, what is asked and predicted, and whether inputs drift.',
  from: 'now-6h',
  variables: [
    variable('namespace', 'Namespace', 'label_values(savings_build_info, namespace)'),
    variable('version', 'Model', 'label_values(savings_model_info{namespace=~"$namespace"}, version)'),
    variable(
      'feature',
      'Feature',
      'label_values(savings_feature_reference_ratio{namespace=~"$namespace"}, feature)',
    ),
    setting('runbook', 'label_values(ALERTS{alertname="Watchdog"}, runbook_base)'),
  ],
  sections: [liveModels, objectives, requests, load, predictions, inputs, drift, store],
});
