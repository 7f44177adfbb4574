#!/usr/bin/env bash
# Asks the public address as a visitor would, and fails unless it shows a prediction. Nothing that it asks counts as
# somebody's submission.
# usage: smoke-test.sh [URL]       or PUBLIC_URL; without either, the address of the load balancer over plain HTTP
set -euo pipefail

url=${1:-${PUBLIC_URL:-}}
# A new load balancer takes minutes until it has a name, the name resolves, and its targets are healthy.
deadline=$((SECONDS + ${SMOKE_TEST_SECONDS:-300}))
wait_or_fail() {
  [ $SECONDS -lt $deadline ] || { echo "$1" >&2; exit 1; }
  sleep "${PAUSE_SECONDS:-5}"
}

# The load balancer is named by a host name or, in a cluster outside of AWS, by an address.
address='jsonpath={.status.loadBalancer.ingress[0].hostname}{.status.loadBalancer.ingress[0].ip}'
while [ -z "$url" ]; do
  host=$(kubectl get service savings --namespace default --output "$address")
  [ -z "$host" ] || url=http://$host
  [ -n "$url" ] || wait_or_fail 'The Service savings has no public address yet.'
done
url=${url%/}

until ready=$(curl --fail --silent --show-error --max-time 10 "$url/readyz"); do
  wait_or_fail "$url/readyz does not answer that a model is live."
done

# expect PATH WORDS: the answer is 200 and holds the words
expect() {
  local body
  body=$(curl --fail --silent --show-error --max-time 10 "$url$1") || return 1
  [[ $body == *"$2"* ]] || { echo "$url$1 answers without '$2'." >&2; return 1; }
}
version=$(sed -n 's/.*"version":"\([^"]*\)".*/\1/p' <<<"$ready")
expect / '<form'
expect /api/v1/model "\"version\":\"$version\""
echo "$url shows predictions of model $version"
