import { git } from './git.ts';

/** A state of kustomize/ that a cluster may still have. */
export interface PastState {
  commit: string;
  /** Why it is among them. */
  why: string;
}

/** Whether the history is here, and not only its end, as CI checks it out unless it is told otherwise. */
export function hasHistory(): boolean {
  try {
    return git('rev-parse', '--is-shallow-repository') === 'false';
  } catch {
    return false;
  }
}

/** No more of the history than this, so that its growth does not make the check slower. */
const AT_MOST = 24;

/**
 * Every commit that is tagged or was deployed, as the branch deployed/prod says; and, since a clone of somebody else has
 * neither, the states that the history itself has: one for each content of the manifests in these paths (.yaml: what is made
 * of settings and rules has a name of its own each time), the oldest with it.
 */
export function pastStates(paths: readonly string[]): PastState[] {
  const named = [
    ...lines('tag', '--list').map((tag) => ({ commit: `${tag}^{commit}`, why: `tag ${tag}` })),
    ...deployed().map((commit) => ({ commit, why: 'deployed' })),
  ].map(({ commit, why }) => ({ commit: git('rev-parse', commit), why }));
  const states = new Map<string, PastState>();
  for (const commit of lines('log', '--reverse', '--topo-order', '--format=%H', '--', ...paths)) {
    const content = contentOf(commit, paths);
    if (content !== '' && !states.has(content))
      states.set(content, { commit, why: git('log', '-1', '--format=%s', commit) });
  }
  // What is here now is none of the past.
  states.delete(contentOf('HEAD', paths));
  const own = spaced([...states.values()], AT_MOST);
  return [...named.filter(({ commit }) => contentOf(commit, paths) !== ''), ...own];
}

const lines = (...args: string[]) =>
  git(...args)
    .split('\n')
    .filter(Boolean);

/** What the trailers of that branch's commits name, where there is such a branch. */
function deployed(): string[] {
  const branch = 'refs/remotes/origin/deployed/prod';
  if (lines('for-each-ref', branch).length === 0) return [];
  return [...new Set(lines('log', '--format=%(trailers:key=Deployed-Commit,valueonly,separator=)', branch))];
}

const contentOf = (commit: string, paths: readonly string[]) =>
  lines('ls-tree', '-r', commit, ...paths)
    .filter((line) => line.endsWith('.yaml'))
    .join('\n');

/** So many at most, evenly, with the first and the last of them. */
function spaced<T>(all: T[], most: number): T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]!);
}
