#!/usr/bin/env bash
# Runs the programs of this directory against Marmot, one after the other, and prints a table of how each ended.
#
#   apps/run.sh [NAME …]      all, or those named (wordpress, dump, go-mysql …)
#
# README.md tells what each does and which variables of the environment matter. Without APPS_MYSQL it starts a MySQL of its own, if
# one of the scripts compares with one, and ends it; APPS_MYSQL='' compares with none.
set -uo pipefail

apps=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
logs=$apps/../.cache/apps/logs
limit=3600
mkdir -p "$logs"
names=("$@")
if ((${#names[@]} == 0)); then
  for one in "$apps"/*.sh; do
    one=$(basename "$one" .sh)
    [[ $one == lib || $one == mysql || $one == run ]] || names+=("$one")
  done
fi

# own_judge starts MySQL for the scripts that compare. One that cannot be had fails the run: nothing would be compared.
own_judge() {
  local one compares=''
  for one in "${names[@]}"; do
    # shellcheck disable=SC2016  # the word as it stands in the scripts
    if grep -q '\$judge' "$apps/$one.sh"; then compares=1; fi
  done
  if [[ -z $compares ]]; then return 0; fi
  judge_directory=$apps/../.cache/apps/mysql/run.$$
  "$apps/mysql.sh" start "$judge_directory" $((${APPS_PORT:-24700} + 95)) || return 1
  export APPS_MYSQL=127.0.0.1:$((${APPS_PORT:-24700} + 95))
}
judge_directory=''
trap 'if [[ -n $judge_directory ]]; then "$apps/mysql.sh" stop "$judge_directory"; fi' EXIT
trap 'exit 130' INT TERM
if [[ -z ${APPS_MYSQL+set} ]]; then own_judge || { echo "no MySQL to compare with; APPS_MYSQL='' runs without" >&2; exit 1; }; fi

failed=0 table=()
for one in "${names[@]}"; do
  echo "== $one"
  start=$SECONDS
  if timeout --kill-after=30 "$limit" "$apps/$one.sh" 2>&1 | tee "$logs/$one.log"; then result=passed; else result=FAILED failed=$((failed + 1)); fi
  table+=("$(printf '%-20s %-7s %5s s  %s' "$one" "$result" $((SECONDS - start)) "$(grep -a -E '^[0-9]+ passed, [0-9]+ failed' "$logs/$one.log" | tr '\n' ';')")")
done
echo
printf '%s\n' "${table[@]}"
echo "$((${#names[@]} - failed)) passed, $failed failed"
((failed == 0))
