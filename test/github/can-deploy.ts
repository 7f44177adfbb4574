import { requireCondition } from '../support/require-tool.ts';

/** Whether this machine has what the deployment's scripts use; kubectl's own kustomize cannot edit. */
export const canEdit = requireCondition(
  'kustomize edit',
  ['kustomize', 'git', 'curl', 'jq', 'bash'].every((program) => Bun.which(program) !== null),
  'install git, curl, jq and kustomize: go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1',
);
