import type { Cluster, CommandOptions } from '../../../tools/cluster/cluster.ts';

/**
 * Runs kubectl, and returns what it prints.
 * @throws with what it says, unless it ends with 0
 */
export async function kubectl(
  cluster: Cluster,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const { status, stdout, stderr } = await cluster.kubectl([...args], options);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout.trim();
}

/** Refuses pods that are not as restricted as Pod Security asks, and warns of templates that would make such. */
export async function restrict(cluster: Cluster, namespace = 'default'): Promise<void> {
  const labels = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await kubectl(cluster, ['label', '--overwrite', 'namespace', namespace, ...labels]);
}

/** What the Prometheus Operator would bring: PodMonitors, as far as the API server must know them. */
export async function definePodMonitors(cluster: Cluster): Promise<void> {
  const name = 'podmonitors.monitoring.coreos.com';
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: {
        kind: 'PodMonitor',
        plural: 'podmonitors',
        singular: 'podmonitor',
        listKind: 'PodMonitorList',
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
  await kubectl(cluster, ['apply', '-f', '-'], { input: JSON.stringify(definition) });
  await kubectl(cluster, ['wait', '--for=condition=Established', `crd/${name}`]);
}
