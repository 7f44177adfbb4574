#!/usr/bin/env bash
# Writes the deployed image into the prod overlay on main, so that main says what runs and applying it by hand changes
# nothing. Others may push meanwhile, so it starts again from what main is then; what is newer is never overwritten.
# usage: commit-pin.sh REPOSITORY@sha256:...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
# shellcheck source=.github/scripts/pin.sh
source "$here/pin.sh"
image=$1
commit=$(git rev-parse HEAD)
tries=${TRIES:-5}

# The token by the environment: on a command line every process could read it.
if [ -n "${GITHUB_TOKEN:-}" ]; then
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraheader
  GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 --wrap=0)"
  export GIT_CONFIG_VALUE_0
fi
export GIT_AUTHOR_NAME='github-actions[bot]' GIT_COMMITTER_NAME='github-actions[bot]'
export GIT_AUTHOR_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'
export GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL

# A tree of its own: what is checked out here stays, this script included.
tree=$(mktemp -d)/main
trap 'git worktree remove --force "$tree" 2>/dev/null || true; rm -rf "$(dirname "$tree")"' EXIT
git fetch --quiet origin main
git worktree add --quiet --detach "$tree" origin/main

for ((try = 1; try <= tries; try++)); do
  git fetch --quiet origin main
  live=$(pinned origin/main Deployed-Commit)
  if [ "$live" = "$commit" ]; then
    echo "main already says that $commit is deployed"
    exit 0
  fi
  if [ -n "$live" ] && git merge-base --is-ancestor "$commit" "$live"; then
    echo "main says that the newer $live is deployed: left as it is"
    exit 0
  fi
  git -C "$tree" checkout --quiet --detach origin/main
  set_image "$tree/$overlay" "$image"
  git -C "$tree" add "$overlay/kustomization.yaml"
  # [skip ci]: this commit changes nothing that is not live already.
  git -C "$tree" commit --quiet --allow-empty --message "Pin prod to ${commit:0:12} [skip ci]" \
    --message "Deployed-Commit: $commit
Deployed-Image: $image"
  if git -C "$tree" push --quiet origin HEAD:main; then
    echo "main now says that $commit is deployed"
    exit 0
  fi
  echo "Could not push the pin (try $try of $tries)" >&2
  sleep "${PAUSE_SECONDS:-3}"
done
echo "$commit is deployed, but main does not say so: pushing the pin failed $tries times. If main is protected, let" \
  "GitHub Actions push to it (docs/runbook.md, 'Deploy')." >&2
exit 1
