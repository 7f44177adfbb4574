#!/usr/bin/env bash
# Prints the digest of an image that ECR has under a tag, or nothing. Tags never move, so a second run for the same
# commit goes on with the image of the first.
# usage: find-image.sh REPOSITORY_NAME TAG
set -euo pipefail

if answer=$(aws ecr describe-images --repository-name "$1" --image-ids "imageTag=$2" \
  --query 'imageDetails[0].imageDigest' --output text 2>&1); then
  echo "$answer"
elif [[ $answer != *ImageNotFoundException* ]]; then
  echo "Cannot ask ECR for $1:$2: $answer" >&2
  exit 1
fi
