#!/usr/bin/env bash
# Applies the prod overlay of the checked-out commit with an image, waits for it, and asks the public address. When any
# of that fails it applies what was last deployed well, and fails. Needs kubectl with the prod cluster as its context,
# and all of main's history.
# usage: deploy.sh REPOSITORY@sha256:...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
# shellcheck source=.github/scripts/pin.sh
source "$here/pin.sh"
main=${MAIN:-origin/main}
image=$1
commit=$(git rev-parse HEAD)

good_commit=$(pinned "$main" Deployed-Commit)
good_image=$(pinned "$main" Deployed-Image)
if [ -n "$good_commit" ] && [ "$good_commit" != "$commit" ] && git merge-base --is-ancestor "$commit" "$good_commit"; then
  echo "Nothing done: the newer $good_commit is already deployed. To go back to an older state, revert on main." >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# manifests COMMIT IMAGE FOLDER: the kustomize tree of a commit, with an image.
manifests() {
  mkdir "$3"
  git archive "$1" kustomize | tar -x -C "$3"
  set_image "$3/$overlay" "$2"
}

# roll_out FOLDER
roll_out() {
  kubectl apply -k "$1/$overlay" && kubectl rollout status deployment/savings --namespace default --timeout=180s
}

go_back() {
  kubectl get pods --namespace default --selector app.kubernetes.io/name=savings --output wide || true
  kubectl logs --namespace default --selector app.kubernetes.io/name=savings --tail=20 --prefix || true
  kubectl get events --namespace default --sort-by=.lastTimestamp | tail -n 20 || true
  if [ -z "$good_commit" ]; then
    echo "The deployment of $commit failed, and there is none before it to go back to." >&2
    exit 1
  fi
  echo "The deployment of $commit failed: going back to $good_commit with $good_image" >&2
  manifests "$good_commit" "$good_image" "$work/good"
  if roll_out "$work/good"; then
    echo "Back at $good_commit. What is 'created' above is not taken away again: look whether it should be." >&2
  else
    echo "Going back to $good_commit failed too: see docs/runbook.md, 'Roll back code'." >&2
  fi
  exit 1
}

manifests "$commit" "$image" "$work/new"
roll_out "$work/new" || go_back
"$here/smoke-test.sh" || go_back
