#!/usr/bin/env bash
# Trains, publishes and promotes a model, or moves a channel. The store is what the server's own settings say
# (MODEL_BUCKET, or MODEL_DIR).
# usage: model.sh publish CHANNEL REASON [DATA.csv]      a new version of the CSV, or of the documented synthetic distribution without one
#        model.sh promote CHANNEL REASON VERSION
#        model.sh rollback CHANNEL REASON
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
action=$1 channel=$2 reason=$3 what=${4:-}
# npm's bun, where there is no other.
PATH=$PATH:$PWD/node_modules/.bin
savings() { bun src/main.ts "$@"; }

case $action in
  publish)
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    rows=(--sample 20000)
    [ -z "$what" ] || rows=(--data "$what")
    savings train --out "$work" "${rows[@]}"
    version=$(basename "$work"/versions/*)
    savings publish "$work/versions/$version"
    savings promote "$version" --channel "$channel" --reason "$reason"
    ;;
  promote)
    [ -n "$what" ] || { echo 'promote needs a version' >&2; exit 2; }
    savings diff "channel:$channel" "$what" || true # there may be no such channel yet
    savings promote "$what" --channel "$channel" --reason "$reason"
    ;;
  rollback) savings rollback --channel "$channel" --reason "$reason" ;;
  *)
    echo "'$action' is none of publish, promote and rollback" >&2
    exit 2
    ;;
esac
savings show "channel:$channel"
