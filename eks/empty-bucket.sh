#!/usr/bin/env bash
# Deletes every version of every object of a bucket, or of what lies under a prefix, for good, page by page.
# usage: empty-bucket.sh BUCKET [PREFIX]
set -euo pipefail

bucket=${1:?usage: empty-bucket.sh BUCKET [PREFIX]}
prefix=${2:-}
deleted=0
# 500 at a time: S3 takes 1000, but their names may be longer than one argument of a command.
# shellcheck disable=SC2016 # JMESPath's own backticks
page='{Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}, Quiet: `true`}'
while true; do
  objects=$(aws s3api list-object-versions --bucket "$bucket" --prefix "$prefix" --max-items 500 --query "$page" --output json)
  count=$(grep -c '"VersionId"' <<<"$objects" || true)
  [ "$count" -gt 0 ] || break
  # delete-objects succeeds also when it could delete none of them.
  refused=$(aws s3api delete-objects --bucket "$bucket" --delete "$objects" --query 'Errors[0].[Key, Message]' --output text)
  case $refused in
    '' | None) deleted=$((deleted + count)) ;;
    *)
      echo "Cannot empty $bucket/$prefix: $refused. Is its policy still there?" >&2
      exit 1
      ;;
  esac
done
echo "$bucket/$prefix is empty; $deleted versions and markers were deleted"
