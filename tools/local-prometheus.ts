/**
 * The one difference between the Prometheus of the cluster and one on a person's machine, or in a test: a patch of
 * kustomize/monitoring/prometheus/prometheus.yml.
 *
 * - Discovery becomes fixed addresses that carry the same `__meta_` labels, so every relabelling is at work.
 * - Kubelets' TLS and token go: what stands in for them speaks plain HTTP.
 * - Retention goes: Prometheus 2 (Debian's) knows it only as a flag.
 * - Alertmanagers go, or become the one that is given, and intervals get shorter.
 */

/** Something to scrape: where it is, and what Kubernetes would say of it. */
export interface Target {
  /** `127.0.0.1:9464` */
  address: string;
  /** Without `__meta_kubernetes_`: `{pod_name: 'savings-0'}`. */
  meta: Readonly<Record<string, string>>;
}

/** By the name of the job in prometheus.yml; a job that is not named has no target. */
export type Targets = Readonly<Record<string, readonly Target[]>>;

interface ScrapeConfig {
  job_name: string;
  static_configs?: { targets: string[]; labels?: Record<string, string> }[];
  [setting: string]: unknown;
}

interface Config {
  alerting: object;
  global: Record<string, unknown>;
  scrape_configs: ScrapeConfig[];
}

/** Prometheus 2 (Debian's) fills variables into `external_labels` only when it is told to; later ones always do. */
export const EXPAND = '--enable-feature=expand-external-labels';

interface Rules {
  groups: { interval?: string; rules: { for?: string }[]; [setting: string]: unknown }[];
}

export interface Local {
  targets: Targets;
  /** Where Prometheus itself will listen: `127.0.0.1:9090`. */
  address: string;
  /** The files that hold the rules, as a pattern. */
  ruleFiles: string;
  /** Where Alertmanager listens, if one does: `127.0.0.1:9093`. */
  alertmanager?: string;
  /** Between two scrapes, and between two evaluations of any rule: `1s`. */
  interval: string;
}

/** @param text prometheus.yml; the result is YAML too, written as JSON */
export function localPrometheusConfig(text: string, local: Local): string {
  const { global, alerting, scrape_configs } = parseYaml(text) as Config;
  const { interval, alertmanager } = local;
  return json({
    global: { ...global, scrape_interval: interval, evaluation_interval: interval },
    rule_files: [local.ruleFiles],
    ...(alertmanager && {
      alerting: { ...alerting, alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    }),
    scrape_configs: scrape_configs.map((config) => {
      const {
        kubernetes_sd_configs: _,
        scheme: __,
        authorization: ___,
        tls_config: ____,
        scrape_interval: _____,
        ...kept
      } = config;
      return { ...kept, static_configs: staticConfigs(config, local) };
    }),
  });
}

function staticConfigs(config: ScrapeConfig, { targets, address }: Local): ScrapeConfig['static_configs'] {
  if (config.job_name === 'prometheus') return [{ targets: [address] }];
  return (targets[config.job_name] ?? []).map((target) => ({
    targets: [target.address],
    labels: Object.fromEntries(
      Object.entries(target.meta).map(([name, value]) => [`__meta_kubernetes_${name}`, value]),
    ),
  }));
}

/**
 * @param text a file of rules; some groups have a slower pace of their own
 * @param atOnce whether alerts fire without waiting for what their `for` says
 */
export function localRules(text: string, { interval }: Pick<Local, 'interval'>, atOnce = false): string {
  const { groups } = parseYaml(text) as Rules;
  const local = groups.map(({ rules, ...group }) => ({
    ...group,
    interval,
    rules: atOnce ? rules.map(({ for: _, ...rule }) => rule) : rules,
  }));
  return json({ groups: local });
}

const parseYaml = (text: string): unknown => Bun.YAML.parse(text);
const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;

/** What Kubernetes would say of the application's pod. */
export const savingsPod = (name: string): Target['meta'] => ({
  namespace: 'default',
  pod_name: name,
  pod_node_name: 'node-a',
  pod_phase: 'Running',
  pod_container_port_name: 'metrics',
  pod_label_app_kubernetes_io_name: 'savings',
  pod_label_track: 'stable',
});

/** The same of a pod of the monitoring system. */
export const monitoringPod = (app: string): Target['meta'] => ({
  namespace: 'monitoring',
  pod_name: `${app}-0`,
  pod_node_name: 'node-a',
  pod_phase: 'Running',
  pod_container_port_name: 'metrics',
  pod_label_app_kubernetes_io_name: app,
});
