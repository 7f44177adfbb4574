#!/usr/bin/env bash
# Applies the prod overlay of the checked-out commit with an image, waits for it, and asks the public address. When any
# of that fails it applies what was last deployed well, and fails. With CANARY_SECONDS one pod of it must do well before
# the others are touched (canary.sh). Needs kubectl with the prod cluster as its context, and all of main's history.
# usage: deploy.sh REPOSITORY@sha256:...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
# shellcheck source=.github/scripts/deployed.sh
source "$here/deployed.sh"
# shellcheck source=.github/scripts/canary.sh
source "$here/canary.sh"
image=$1
commit=$(git rev-parse HEAD)
pods=(--namespace default --selector app.kubernetes.io/name=savings)

check_canary_settings
fetch_deployed
good=$(deployed_ref)
good_commit=$(deployed Deployed-Commit)
if is_newer "$good_commit" "$commit"; then
  echo "Nothing done: the newer $good_commit is already deployed. To go back to an older state, revert on main." >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# roll_out FOLDER. How long a rollout may take is for the Deployment's progressDeadlineSeconds to say: each pod that
# becomes ready begins it anew, however many there are. The time-out is for what that does not see, such as a paused one.
roll_out() {
  kubectl apply -k "$1/$overlay" &&
    kubectl rollout status deployment/savings --namespace default --timeout="${ROLLOUT_SECONDS:-1200}s"
}

still_there() {
  echo "A canary is still there, or its pod is not gone: see docs/runbook.md, 'Deploy by canary'." >&2
}

# explain NAMESPACE AND SELECTOR: what pods say for themselves.
explain() {
  kubectl get pods "$@" --output wide || true
  # A pod that never started has no log; the others' are still wanted.
  kubectl logs "$@" --tail=20 --prefix --ignore-errors || true
  # The scheduler's events have no lastTimestamp.
  kubectl get events --namespace default --sort-by=.metadata.creationTimestamp | tail -n 30 || true
}

go_back() {
  explain "${pods[@]}"
  put_canary_away || still_there
  if [ -z "$good" ]; then
    echo "The deployment of $commit failed, and there is none before it to go back to." >&2
    exit 1
  fi
  echo "The deployment of $commit failed: going back to $good_commit with $(deployed Deployed-Image)" >&2
  mkdir "$work/good"
  git archive "$good" kustomize | tar -x -C "$work/good"
  if roll_out "$work/good"; then
    echo "Back at $good_commit. What is 'created' above is not taken away again: see docs/runbook.md, 'Prune'." >&2
  else
    echo "Going back to $good_commit failed too: see docs/runbook.md, 'Roll back code'." >&2
  fi
  exit 1
}

manifests "$commit" "$image" "$work/new"
if ! put_canary_away; then
  still_there
  [ "$canary_seconds" -eq 0 ] || exit 1
fi
if [ "$canary_seconds" -gt 0 ] && [ -z "$good" ]; then
  echo 'Without a canary: nothing is deployed yet that it could be compared with.'
elif [ "$canary_seconds" -gt 0 ] && ! try_canary "$work/new"; then
  explain "${canary_pods[@]}"
  put_canary_away || still_there
  echo "$commit is not deployed; $good_commit goes on as it was." >&2
  exit 1
fi
roll_out "$work/new" || go_back
put_canary_away || still_there
"$here/smoke-test.sh" || go_back
# The workflow runs one at a time, people may not: then both have waited for what was applied last.
live=$(kubectl get deployment savings --namespace default --output 'jsonpath={.spec.template.spec.containers[0].image}') || {
  echo "$image was applied and does well, but the cluster does not tell whether it is live still. Nothing is recorded of it;" \
    'run it again.' >&2
  exit 1
}
if [ "$live" != "$image" ]; then
  echo "$image was applied, but $live is live: somebody else deployed at the same time. Nothing is recorded of this one;" \
    'when the other has ended, run it again.' >&2
  exit 1
fi
