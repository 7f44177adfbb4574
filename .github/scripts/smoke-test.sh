#!/usr/bin/env bash
# Asks the public address as a visitor would, and fails unless it shows a prediction. Nothing that it asks counts as
# somebody's submission.
# usage: smoke-test.sh [URL]       or PUBLIC_URL; without either, the address of the load balancer over plain HTTP
set -euo pipefail

url=${1:-${PUBLIC_URL:-}}
if [ -z "$url" ]; then
  host=$(kubectl get service savings --namespace default --output 'jsonpath={.status.loadBalancer.ingress[0].hostname}')
  [ -n "$host" ] || { echo 'The Service savings has no public address yet.' >&2; exit 1; }
  url=http://$host
fi
url=${url%/}

# A new load balancer takes minutes until its name resolves and its targets are healthy.
deadline=$((SECONDS + ${SMOKE_TEST_SECONDS:-300}))
until ready=$(curl --fail --silent --show-error --max-time 10 "$url/readyz"); do
  [ $SECONDS -lt $deadline ] || { echo "$url/readyz does not answer that a model is live." >&2; exit 1; }
  sleep 5
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
