# One pod of what is about to be deployed, beside the live ones, and whether it does as well as they do. Sourced by
# deploy.sh, whose $here, $work and $overlay it uses. CANARY_SECONDS says how long it is watched (unset: there is none),
# CANARY_REQUESTS how many requests it must have had by then. As long as those are too few, or Prometheus is away, it is
# held, for CANARY_LIMIT_SECONDS in all, and then taken back.
# shellcheck shell=bash disable=SC2154
canary_seconds=${CANARY_SECONDS:-0}
canary_requests=${CANARY_REQUESTS:-100}
canary_limit=${CANARY_LIMIT_SECONDS:-600}
canary_pods=(--namespace default --selector 'app.kubernetes.io/name=savings,track=canary')
prometheus=/api/v1/namespaces/monitoring/services/prometheus:web/proxy

check_canary_settings() {
  local name
  for name in canary_seconds canary_requests canary_limit; do
    [[ ${!name} =~ ^(0|[1-9][0-9]*)$ ]] && continue
    echo "${name^^} is '${!name}': it must be a whole number." >&2
    return 1
  done
  [ "$canary_seconds" -le "$canary_limit" ] || {
    echo "CANARY_SECONDS is $canary_seconds: it must be $canary_limit at most, since the job and its credentials end" \
      "after an hour, in which a rollout and the way back must have their time too." >&2
    return 1
  }
}

# Whoever was cut off, or failed, may have left one. Gone with its pod, whose figures would be taken for the next one's.
put_canary_away() {
  local found
  found=$(kubectl get deployment savings-canary --namespace default --ignore-not-found --output name) || return 1
  [ -n "$found" ] || return 0
  kubectl patch "$found" --namespace default --patch '{"spec": {"replicas": 0}}' &&
    kubectl wait --for=delete pod "${canary_pods[@]}" --timeout=120s
}

# figure NAME METRIC MATCHERS: a figure of the canary and of the stable pods. The canary's counters began with it, so
# they are read as they are: an increase would miss what a series counted before it was first seen.
figure() {
  local series="$2{namespace=\"default\",$3,track"
  echo "label_replace(sum by (track) ($series=\"canary\"}) or sum by (track) (increase($series=\"stable\"}[${seconds}s]))," \
    "\"figure\", \"$1\", \"\", \"\")"
}

# question SECONDS: one query for all figures, those of the stable pods over so many seconds. What is no request of a
# user, and what takes as long as it is large, is left out as by the objectives (kustomize/monitoring, slo.yml).
question() {
  local seconds=$1 users='route!~"/livez|/readyz|/v2/.+/(live|ready)|none"'
  local timed='route!~"/livez|/readyz|/v2/.+/(live|ready)|/batch|/batch/slice|none"'
  local duration=savings_http_request_duration_seconds difference=savings_shadow_difference_ratio
  figure requests savings_http_requests_total "$users"
  echo or; figure failed savings_http_requests_total "$users,status=~\"5..\""
  echo or; figure timed ${duration}_count "$timed"
  echo or; figure fast ${duration}_bucket "$timed,le=\"0.25\""
  echo or; figure compared ${difference}_count 'income_below!=""'
  echo or; figure near ${difference}_bucket 'income_below!="",le="0.05"'
}

# look SECONDS: sets verdict (good, worse, few, away or unready) and says.
look() {
  local query answer restarts available
  restarts=$(kubectl get pods "${canary_pods[@]}" --output 'jsonpath={.items[*].status.containerStatuses[*].restartCount}') &&
    available=$(kubectl get deployment savings-canary --namespace default --output 'jsonpath={.status.availableReplicas}') || {
    verdict=away says='the cluster does not say how its pod is'
    return
  }
  if [[ $restarts =~ [1-9] ]]; then
    verdict=worse says='worse: its pod ended by itself and was started again'
    return
  fi
  # At least so long that the stable pods were scraped a few times in it.
  query=$(question "$(($1 < 120 ? 120 : $1))" | jq --raw-input --slurp --raw-output @uri)
  if answer=$(kubectl get --raw "$prometheus/api/v1/query?query=$query" 2>"$work/refusal") &&
    answer=$(jq --raw-output --argjson requests "$canary_requests" --from-file "$here/canary.jq" <<<"$answer" \
      2>"$work/refusal"); then
    { read -r verdict && read -r says; } <<<"$answer"
  else
    verdict=away says="Prometheus does not say how it does ($(head -c 300 "$work/refusal"))"
  fi
  [ "$verdict" != good ] || [ "$available" = 1 ] || verdict=unready says="its pod is not ready; $says"
}

# try_canary FOLDER: whether the rollout of the manifests in FOLDER may begin. The stable pods are not touched.
try_canary() {
  local verdict says began
  kubectl apply -k "$1/$overlay-canary" &&
    kubectl rollout status deployment/savings-canary --namespace default --timeout="${ROLLOUT_SECONDS:-1200}s" || {
    echo 'The canary did not become ready.' >&2
    return 1
  }
  began=$SECONDS
  while sleep "${CANARY_PAUSE_SECONDS:-15}"; do
    look $((SECONDS - began))
    echo "canary, $((SECONDS - began)) s: $verdict: $says"
    case $verdict in
      worse) break ;;
      good) [ $((SECONDS - began)) -lt "$canary_seconds" ] || return 0 ;;
      *) [ $((SECONDS - began)) -lt "$canary_limit" ] || break ;;
    esac
  done
  echo "The canary is taken back after $((SECONDS - began)) s: $says." >&2
  return 1
}
