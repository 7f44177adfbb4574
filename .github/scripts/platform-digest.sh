#!/usr/bin/env bash
# Prints the digest of an image in ECR for one platform, of the digest that all its platforms share.
# usage: platform-digest.sh REPOSITORY_NAME DIGEST ARCHITECTURE
set -euo pipefail

index=$(aws ecr batch-get-image --repository-name "$1" --image-ids "imageDigest=$2" \
  --accepted-media-types application/vnd.oci.image.index.v1+json application/vnd.docker.distribution.manifest.list.v2+json \
  --query 'images[0].imageManifest' --output text)
digest=$(jq --raw-output --arg architecture "$3" \
  '.manifests[] | select(.platform.os == "linux" and .platform.architecture == $architecture) | .digest' <<<"$index")
if [ -z "$digest" ]; then
  echo "Cannot find $1@$2 for $3: the index names no such platform. Build it for linux/$3." >&2
  exit 1
fi
echo "$digest"
