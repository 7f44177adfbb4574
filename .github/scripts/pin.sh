# What is deployed, as main says it. Sourced by the scripts beside this one.
#
# A deployment that went well ends with a commit on main that pins the image's digest in the prod overlay. Two trailers
# of its message say which commit's manifests were applied, with which image: main itself may have moved on since.
# shellcheck shell=bash

# shellcheck disable=SC2034 # read by those who source this
overlay=kustomize/overlays/prod

# The trailer of the newest pin in a branch, or nothing: pinned REF Deployed-Commit|Deployed-Image
pinned() {
  git log -1 --extended-regexp --grep='^Deployed-Commit: [0-9a-f]{40}$' \
    --format="%(trailers:key=$2,valueonly,separator=)" "$1"
}

# set_image DIRECTORY IMAGE, where IMAGE is REPOSITORY@sha256:...
set_image() {
  if ! [[ $2 =~ ^[a-z0-9./_:-]+@sha256:[0-9a-f]{64}$ ]]; then
    echo "'$2' is not an image with its digest (REPOSITORY@sha256:...)" >&2
    return 1
  fi
  (cd "$1" && kustomize edit set image "savings=$2")
}
