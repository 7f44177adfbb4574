import { readdirSync, readFileSync } from 'node:fs';
import { run } from '../command.ts';
import { LINK_PREFIX } from './sandbox.ts';

/** A pod's /etc/hosts, as /proc has what is mounted: root, and where it is (proc_pid_mountinfo(5)). */
const HOSTS_OF_POD = /^\S+ \S+ \S+ \S*\/pods\/[0-9a-f-]{36}\/hosts \/etc\/hosts /m;

/**
 * Ends what is left of an agent that was killed. Its holders of networks went with it, but not containers: bwrap,
 * which has no right to, cannot end a process of another user as it goes.
 */
export async function removeWhatIsLeft(): Promise<void> {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (HOSTS_OF_POD.test(readFileSync(`/proc/${name}/mountinfo`, 'utf8')))
        process.kill(Number(name), 'SIGKILL');
    } catch {
      // It has ended just now.
    }
  }
  const links: { ifname: string }[] = JSON.parse(await run(['ip', '-json', 'link', 'show', 'type', 'veth']));
  for (const { ifname } of links)
    if (ifname.startsWith(LINK_PREFIX)) await run(['ip', 'link', 'delete', ifname]).catch(() => {});
}
