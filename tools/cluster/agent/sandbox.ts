import { BRIDGE } from '../addresses.ts';
import { run } from '../command.ts';

/** A pod's network. */
export interface Sandbox {
  address: string;
  /** What a command begins with, to be in it. */
  enter: string[];
  /** Ends it, and whatever should still be in it loses its network. */
  close(): Promise<void>;
}

/** Its end of the pair on the bridge; names have up to 15 characters. */
export const LINK_PREFIX = 'pod-';
const linkOf = (address: string) => `${LINK_PREFIX}${address.split('.').slice(2).join('-')}`;
/** Of the address, so that nobody who remembers another at this address is wrong for long. */
const macOf = (address: string) =>
  ['0a', '58', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');

/**
 * A network namespace with one interface, on the bridge. A process holds it that ends with this one, and the namespace
 * and the interface with it.
 */
export async function makeSandbox(address: string): Promise<Sandbox> {
  const hold = 'ip link set lo up && echo up && exec sleep infinity';
  const holder = Bun.spawn(['setpriv', '--pdeathsig', 'KILL', 'unshare', '--net', 'sh', '-c', hold], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const link = linkOf(address);
  const enter = ['/usr/bin/nsenter', `--net=/proc/${holder.pid}/ns/net`];
  const close = async () => {
    await run(['ip', 'link', 'delete', link]).catch(() => {});
    holder.kill('SIGKILL');
    await holder.exited;
  };
  try {
    const output = holder.stdout.getReader();
    const { done } = await output.read();
    output.releaseLock();
    if (done) throw new Error('Cannot make a network namespace. Run it as root.');
    const peer = ['peer', 'name', 'eth0', 'address', macOf(address), 'netns', String(holder.pid)];
    await run(['ip', 'link', 'add', link, 'type', 'veth', ...peer]);
    await run(['ip', 'link', 'set', link, 'master', BRIDGE.name, 'up']);
    await run(
      [...enter, 'ip', '-batch', '-'],
      [
        `address add ${address}/${BRIDGE.bits} dev eth0`,
        'link set eth0 up',
        `route add default via ${BRIDGE.address}`,
        '',
      ].join('\n'),
    );
    return { address, enter, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The network of its Node, which is the one that this process is in. */
export const hostSandbox = (address: string): Sandbox => ({ address, enter: [], close: async () => {} });
