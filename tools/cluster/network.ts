import { networkInterfaces } from 'node:os';
import { BRIDGE, LOAD_BALANCERS, nodeAddress, SERVICES } from './addresses.ts';
import { runSync } from './command.ts';

/** So many Nodes can be reached. */
export const MOST_NODES = 40;

/**
 * The bridge that Nodes and pods are on, with the Nodes' addresses and ways to Services.
 * @throws outside a network namespace of one's own: it would change this machine's network
 */
export function makeNetwork(): void {
  const others = Object.keys(networkInterfaces()).filter((name) => name !== 'lo');
  if (others.length > 0)
    throw new Error(`Cannot make the cluster's network beside ${others.join(', ')}. Run it by .ci/cluster.`);
  const ip = (...args: string[]) => runSync(['ip', ...args]);
  ip('link', 'set', 'lo', 'up');
  // An address of its own: else it takes that of whichever pod comes, and all others look for it in vain for a while.
  ip('link', 'add', BRIDGE.name, 'address', '0a:58:0a:00:00:01', 'type', 'bridge');
  const addresses = [`${BRIDGE.address}/${BRIDGE.bits}`];
  for (let n = 1; n <= MOST_NODES; n++) addresses.push(`${nodeAddress(n)}/32`);
  for (const address of addresses) ip('address', 'add', address, 'dev', BRIDGE.name);
  ip('link', 'set', BRIDGE.name, 'up');
  // Never sent as they are: kube-proxy puts a pod's address in their place.
  for (const range of [SERVICES, LOAD_BALANCERS]) ip('route', 'add', range, 'dev', BRIDGE.name);
  runSync(['sysctl', '--quiet', '--write', 'net.ipv4.ip_forward=1']);
}
