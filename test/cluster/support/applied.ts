import { expect } from 'bun:test';
import type { KubernetesObject } from '../../../tools/cluster/api-client.ts';
import type { Cluster, CommandOptions } from '../../../tools/cluster/cluster.ts';

/** What `kubectl apply` said it did, by object: created, configured, unchanged, serverside-applied. */
export async function apply(
  cluster: Cluster,
  args: readonly string[],
  options: CommandOptions,
): Promise<Map<string, string>> {
  const { status, stdout, stderr } = await cluster.kubectl(['apply', ...args], options);
  // A warning of the API server would stand here too.
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
}

/** kubectl's own note, and what a controller writes beside it. */
const NOTES = ['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision'];

/** A Deployment's generation rises with its annotations too. */
const KEPT_BY_SERVER = ['resourceVersion', 'generation', 'managedFields'];

/** The objects of a root as the API server has them, but for what nobody who applies them says. */
export async function objectsOf(
  cluster: Cluster,
  root: string,
  options: CommandOptions,
): Promise<KubernetesObject[]> {
  const { status, stdout, stderr } = await cluster.kubectl(['get', '-k', root, '--output', 'json'], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const objects: KubernetesObject[] = JSON.parse(stdout).items;
  for (const object of objects) {
    delete object.status;
    for (const field of KEPT_BY_SERVER) delete (object.metadata as Record<string, unknown>)[field];
    for (const name of NOTES) delete object.metadata.annotations?.[name];
  }
  return objects;
}
