#!/usr/bin/env bash
# Brings every add-on of a cluster to the newest release for the cluster's version of Kubernetes, with the settings that
# it has. By AWS's own commands, since `eksctl update addon` could long not do that for those with Pod Identity
# (eksctl's issue 7841).
# usage: update-addons.sh CLUSTER
set -euo pipefail

cluster=${1:?usage: update-addons.sh CLUSTER}
kubernetes=$(aws eks describe-cluster --name "$cluster" --query cluster.version --output text)
read -ra addons <<<"$(aws eks list-addons --cluster-name "$cluster" --query 'addons' --output text)"

for addon in "${addons[@]}"; do
  newest=$(aws eks describe-addon-versions --addon-name "$addon" --kubernetes-version "$kubernetes" \
    --query 'addons[0].addonVersions[0].addonVersion' --output text)
  current=$(aws eks describe-addon --cluster-name "$cluster" --addon-name "$addon" --query addon.addonVersion --output text)
  if [ "$current" = "$newest" ]; then
    echo "$addon $current is the newest"
    continue
  fi
  settings=$(aws eks describe-addon --cluster-name "$cluster" --addon-name "$addon" --query addon.configurationValues --output text)
  options=(--resolve-conflicts PRESERVE)
  [ "$settings" = None ] || options+=(--configuration-values "$settings")
  aws eks update-addon --cluster-name "$cluster" --addon-name "$addon" --addon-version "$newest" "${options[@]}" >/dev/null
  aws eks wait addon-active --cluster-name "$cluster" --addon-name "$addon"
  echo "$addon $current is now $newest"
done
