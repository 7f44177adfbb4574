#!/usr/bin/env bash
# Says which pinned versions are looked after for less than 90 days, and which pins have no date; fails when there are any.
# usage: upkeep.sh [TODAY]        YYYY-MM-DD
set -euo pipefail
cd "$(dirname "$0")/../.."

today=$(date --utc --date "${1:-today}" +%F)
faults=0
fault() {
  echo "$1" >&2
  faults=$((faults + 1))
}

while IFS='|' read -r end file pin what; do
  case $end in '' | '#'*) continue ;; esac
  read -r end <<<"$end"
  read -r file <<<"$file"
  read -r pin <<<"$pin"
  read -r what <<<"$what"
  if ! grep --quiet --fixed-strings -- "$pin" "$file"; then
    fault "$file does not say '$pin' any more: give what it says now a line in .github/support-ends.txt."
    continue
  fi
  days=$((($(date --utc --date "$end" +%s) - $(date --utc --date "$today" +%s)) / 86400))
  if [ $days -lt 0 ]; then
    fault "$file: ended on $end: $what"
  elif [ $days -lt 90 ]; then
    fault "$file: $days days are left, until $end: $what"
  fi
done <.github/support-ends.txt

[ $faults -eq 0 ] || exit 1
echo "every pinned version is looked after for 90 days or more, seen from $today"
