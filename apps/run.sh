#!/usr/bin/env bash
# Runs the programs of this directory against Marmot, one after the other, and prints a table of how each ended.
#
#   apps/run.sh [NAME …]      all, or those named (wordpress, dump)
#
# README.md tells what each does and which variables of the environment matter.
set -uo pipefail

apps=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
logs=$apps/../.cache/apps/logs
limit=3600
mkdir -p "$logs"
names=("$@")
if ((${#names[@]} == 0)); then
  for one in "$apps"/*.sh; do
    one=$(basename "$one" .sh)
    [[ $one == lib || $one == run ]] || names+=("$one")
  done
fi
failed=0 table=()
for one in "${names[@]}"; do
  echo "== $one"
  start=$SECONDS
  if timeout --kill-after=30 "$limit" "$apps/$one.sh" 2>&1 | tee "$logs/$one.log"; then result=passed; else result=FAILED failed=$((failed + 1)); fi
  table+=("$(printf '%-20s %-7s %5s s  %s' "$one" "$result" $((SECONDS - start)) "$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$logs/$one.log" | tr '\n' ';')")")
done
echo
printf '%s\n' "${table[@]}"
echo "$((${#names[@]} - failed)) passed, $failed failed"
((failed == 0))
