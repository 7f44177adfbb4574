#!/usr/bin/env bash
# Writes to the branch deployed/prod what was just deployed, so that a later deployment can go back to it. What the
# branch says of a newer commit is never overwritten.
# usage: record-deployed.sh REPOSITORY@sha256:...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
# shellcheck source=.github/scripts/deployed.sh
source "$here/deployed.sh"
image=$1
commit=$(git rev-parse HEAD)
tries=${TRIES:-5}

export GIT_AUTHOR_NAME='github-actions[bot]' GIT_COMMITTER_NAME='github-actions[bot]'
export GIT_AUTHOR_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'
export GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manifests "$commit" "$image" "$work/new"
# An index of its own: what is checked out here stays as it is.
export GIT_INDEX_FILE=$work/index
git --work-tree="$work/new" add --all --force .
tree=$(git write-tree)

for ((try = 1; try <= tries; try++)); do
  if fetch_deployed; then
    live=$(deployed Deployed-Commit)
    if [ "$live" = "$commit" ] && [ "$(deployed Deployed-Image)" = "$image" ]; then
      echo "$branch already says that $commit is deployed"
      exit 0
    fi
    if is_newer "$live" "$commit"; then
      echo "$branch says that the newer $live is deployed: left as it is"
      exit 0
    fi
    before=$(deployed_ref)
    record=$(git commit-tree "$tree" ${before:+-p "$before"} -m "Deploy ${commit:0:12} to prod" \
      -m "Deployed-Commit: $commit
Deployed-Image: $image")
    # Without force: whoever recorded something meanwhile is not overwritten.
    if git push --quiet origin "$record:refs/heads/$branch"; then
      echo "$branch now says that $commit is deployed"
      exit 0
    fi
  fi
  echo "Could not record the deployment (try $try of $tries)" >&2
  sleep "${PAUSE_SECONDS:-3}"
done
echo "$commit is deployed, but $branch does not say so: the push failed $tries times. Run this job again, or a later" \
  "deployment that fails goes back to the one before. A rule that protects every branch must leave out deployed/*" \
  "(docs/runbook.md, 'Deploy')." >&2
exit 1
