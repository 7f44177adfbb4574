import type { Dashboard } from '@grafana/schema';
import { nodes } from './nodes.ts';
import { pods } from './pods.ts';
import { resources } from './resources.ts';
import { service } from './service.ts';

const DASHBOARDS: readonly Dashboard[] = [resources, pods, nodes, service];

/** The text of each dashboard's file, by the file's name. */
export function dashboardFiles(): Map<string, string> {
  return new Map(
    DASHBOARDS.map((dashboard) => [`${dashboard.uid}.json`, `${JSON.stringify(dashboard, null, 1)}\n`]),
  );
}
