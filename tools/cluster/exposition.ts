/** One sample in Prometheus' text format. */
export interface Series {
  metric: string;
  type: 'gauge' | 'counter';
  labels: Record<string, string>;
  value: number;
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4';

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function exposition(series: readonly Series[]): string {
  const lines: string[] = [];
  for (const [metric, samples] of Map.groupBy(series, (one) => one.metric)) {
    lines.push(`# TYPE ${metric} ${samples[0]!.type}`);
    for (const { labels, value } of samples) lines.push(`${metric}{${labelPairs(labels)}} ${value}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function labelPairs(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join();
}
