import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MappingType } from '@grafana/schema';
import type { Unplaced } from './panel.ts';
import { table } from './table.ts';

const RULES = join(import.meta.dirname, '../../kustomize/monitoring/prometheus/rules');
const LABELS = 'alertname, severity, alertstate, namespace, pod, feature';

/** The alerts of the rules, each once. */
function alertNames(): string[] {
  const texts = readdirSync(RULES).map((file) => readFileSync(join(RULES, file), 'utf8'));
  const names = texts.flatMap((text) => [...text.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!));
  return [...new Set(names)].sort();
}

/** What fires, of which pod or input, with the way to the runbook. */
export function alertTable(): Unplaced {
  const made = table(
    {
      title: 'Alerts',
      description:
        'What fires, or will if it goes on, and the runbook’s section on it. Those of no namespace, as a node’s, are always here.',
      unit: 'none',
      noValue: 'all quiet',
      width: 24,
      height: 7,
      rows: {
        alertname: 'Alert',
        severity: 'Severity',
        alertstate: 'State',
        namespace: 'Namespace',
        pod: 'Pod',
        feature: 'Feature',
        runbook: 'Runbook',
      },
    },
    {
      name: 'Count',
      // The name a second time, for the column that leads to the runbook.
      expr:
        `label_join(count by (${LABELS}) (ALERTS{severity=~"page|ticket", namespace=~"$namespace|"}), ` +
        '"runbook", "", "alertname")',
    },
  );
  made.fieldConfig!.overrides.push({
    matcher: { id: 'byName', options: 'Runbook' },
    properties: [
      {
        // GitHub's anchors are in lower case, which no query can make.
        id: 'mappings',
        value: [
          {
            type: MappingType.ValueToText,
            options: Object.fromEntries(
              alertNames().map((name, index) => [name, { index, text: name.toLowerCase() }]),
            ),
          },
        ],
      },
      {
        id: 'links',
        value: [
          {
            title: 'What to do',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own
            url: '${runbook:raw}docs/runbook.md#${__value.text}',
            targetBlank: true,
          },
        ],
      },
    ],
  });
  return made;
}
