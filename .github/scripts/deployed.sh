# What is deployed in prod, as the branch deployed/prod says. Sourced by the scripts beside this one.
#
# A deployment that went well ends with a commit on that branch. Its files are what was applied: kustomize/ of the
# deployed commit, with the image's digest in the overlay. Two trailers of its message say which commit and which image.
# The branch is the deployer's own, so main can be protected from everybody.
# shellcheck shell=bash

# shellcheck disable=SC2034 # read by those who source this
overlay=kustomize/overlays/prod
branch=deployed/prod

# The token by the environment: on a command line every process could read it.
if [ -n "${GITHUB_TOKEN:-}" ]; then
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraheader
  GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 --wrap=0)"
  export GIT_CONFIG_VALUE_0
fi

# Brings here what the branch says now. That there is no such branch yet is an answer; that origin cannot be asked is not.
fetch_deployed() {
  local status=0
  git ls-remote --quiet --exit-code origin "refs/heads/$branch" >/dev/null || status=$?
  case $status in
    0) git fetch --quiet origin "+refs/heads/$branch:refs/remotes/origin/$branch" ;;
    2) git update-ref -d "refs/remotes/origin/$branch" ;;
    *)
      echo "Cannot ask origin for the branch $branch, which says what is deployed." >&2
      return 1
      ;;
  esac
}

# The branch's commit, or nothing before the first deployment.
deployed_ref() {
  git rev-parse --quiet --verify "refs/remotes/origin/$branch" || true
}

# A trailer of that commit, or nothing: deployed Deployed-Commit|Deployed-Image
deployed() {
  local ref
  ref=$(deployed_ref)
  [ -z "$ref" ] || git log -1 --format="%(trailers:key=$1,valueonly,separator=)" "$ref"
}

# is_newer OTHER COMMIT: whether OTHER is a later state of main than COMMIT. A commit that is not here is none.
is_newer() {
  [ -n "$1" ] && [ "$1" != "$2" ] && git merge-base --is-ancestor "$2" "$1" 2>/dev/null
}

# manifests COMMIT IMAGE FOLDER: kustomize/ of a commit, with an image that is named as REPOSITORY@sha256:...
manifests() {
  if ! [[ $2 =~ ^[a-z0-9./_:-]+@sha256:[0-9a-f]{64}$ ]]; then
    echo "'$2' is not an image with its digest (REPOSITORY@sha256:...)" >&2
    return 1
  fi
  mkdir "$3"
  git archive "$1" kustomize | tar -x -C "$3"
  (cd "$3/$overlay" && kustomize edit set image "savings=$2")
}
