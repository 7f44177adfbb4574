#!/usr/bin/env bash
# Trains and publishes a model, or moves a channel. The store is what the server's own settings say (MODEL_BUCKET, or
# MODEL_DIR).
# usage: model.sh publish [DATA]     a new version of these rows, or of the documented synthetic distribution without them; serves nobody
#        model.sh promote CHANNEL REASON VERSION [--gate LABELLED | --no-gate WHY]
#        model.sh rollback CHANNEL REASON
# Channels that people are served by, such as prod, need --gate or --no-gate: 'savings promote' says which.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
action=${1:-}
# npm's bun, where there is no other.
PATH=$PATH:$PWD/node_modules/.bin
savings() { bun src/main.ts "$@"; }
usage() {
  sed -n 's/^# usage: /usage: /p; s/^#        model/       model/p' .github/scripts/model.sh >&2
  exit 2
}

case $action in
  publish)
    [ $# -le 2 ] || usage
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    rows=(--sample 20000)
    [ -z "${2:-}" ] || rows=(--data "$2")
    savings train --out "$work" "${rows[@]}"
    version=$(basename "$work"/versions/*)
    savings publish "$work/versions/$version"
    savings show "$version"
    echo "Published $version, which no channel names yet: promote it to one."
    ;;
  promote)
    [ $# -ge 4 ] || usage
    channel=$2 reason=$3 version=$4
    shift 4
    savings diff "channel:$channel" "$version" || true # there may be no such channel yet
    savings promote "$version" --channel "$channel" --reason "$reason" "$@"
    savings show "channel:$channel"
    ;;
  rollback)
    [ $# -eq 3 ] || usage
    savings rollback --channel "$2" --reason "$3"
    savings show "channel:$2"
    ;;
  *)
    echo "'$action' is none of publish, promote and rollback" >&2
    usage
    ;;
esac
