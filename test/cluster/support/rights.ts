import type { Cluster, User } from '../../../tools/cluster/cluster.ts';

/** Tries each command, and returns those that the API server did not refuse, with what came of them. */
export async function notRefused(
  cluster: Cluster,
  user: User,
  commands: readonly string[],
): Promise<Record<string, string>> {
  const done: Record<string, string> = {};
  const waiting = [...commands];
  // More at once would only wait for one another.
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
        // None waits for somebody's input, or goes on for ever.
        const { status, stdout, stderr } = await cluster.run(
          ['timeout', '20', 'bash', '-c', `kubectl ${command}`],
          { as: user, input: '' },
        );
        const refused = status !== 0 && /\bforbidden\b|\(Forbidden\)/i.test(stderr);
        if (!refused) done[command] = `${status}: ${stdout}${stderr}`.slice(0, 500);
      }
    }),
  );
  return done;
}

/** What everybody may ask who is let in: who they are, and what they may. */
const EVERYBODY = /^create \S*\/selfsubject(access|rules)?reviews$/;

/** What somebody may do in a namespace, as `verb group/resource`, or `verb group/resource/NAME`. */
export async function rightsOf(cluster: Cluster, user: User, namespace: string): Promise<string[]> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  };
  const { status, stdout, stderr } = await cluster.kubectl(
    ['create', '--raw', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', '--filename', '-'],
    { as: user, input: JSON.stringify(review) },
  );
  if (status !== 0) throw new Error(stderr);
  interface Rule {
    verbs: string[];
    apiGroups: string[];
    resources: string[];
    resourceNames?: string[];
  }
  const rules: Rule[] = JSON.parse(stdout).status.resourceRules;
  const rights = rules.flatMap(({ verbs, apiGroups, resources, resourceNames = [''] }) =>
    verbs.flatMap((verb) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.map((name) => `${verb} ${group}/${resource}${name && `/${name}`}`),
        ),
      ),
    ),
  );
  return [...new Set(rights)].filter((right) => !EVERYBODY.test(right)).toSorted();
}
