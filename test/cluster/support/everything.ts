import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { kubectl } from './kubectl.ts';

/** What comes and goes by itself. */
const PASSING = ['events', 'events.events.k8s.io', 'leases.coordination.k8s.io'];

/** All objects of the cluster, as `KIND NAMESPACE NAME`; those of no namespace as `KIND <none> NAME`. */
export async function everything(cluster: Cluster): Promise<string[]> {
  const output = async (...args: string[]) => (await kubectl(cluster, args)).split('\n');
  const kinds = await output('api-resources', '--verbs=list,delete', '--output=name');
  const columns = 'KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';
  const all = await output(
    ...[
      'get',
      kinds.filter((kind) => !PASSING.includes(kind)).join(','),
      '--all-namespaces',
      '--ignore-not-found',
    ],
    ...['--no-headers', `--output=custom-columns=${columns}`],
  );
  return all.map((line) => line.trim().replaceAll(/ +/g, ' ')).toSorted();
}
