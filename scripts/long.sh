#!/usr/bin/env bash
# What is too long for CI: fresh simulation seeds, long races of branches, long fault runs, long without a Kafka.
#
#   scripts/long.sh [PART] [MINUTES]      PART: simulation, branches, faults, away, all; MINUTES of each, default 20
#
# away: the Kafka that gets the events is away for so long; writes its part of docs/soak.md.
# Ends at the first failure. A failed simulation seed prints the command that repeats it.
set -euo pipefail
cd "$(dirname "$0")/.."

part=all
case ${1:-} in
  simulation | branches | faults | away | all)
    part=$1
    shift
    ;;
esac
minutes=${1:-20}
if ! [[ $minutes =~ ^[0-9]+$ ]]; then
  echo "usage: scripts/long.sh [simulation|branches|faults|away|all] [MINUTES]; $minutes is no number of minutes" >&2
  exit 2
fi
tags="sqlite_preupdate_hook sqlite_fts5 sqlite_math_functions"
export CGO_ENABLED=1 GOFLAGS=-buildvcs=false
export CGO_CFLAGS="-O2 -g -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_MAX_ATTACHED=30 -DSQLITE_MAX_VARIABLE_NUMBER=65535"

simulation() {
  local seed seeds=0
  while ((SECONDS < until_done)); do
    seed=$((RANDOM * 32768 + RANDOM + 1))
    echo "simulation: 50 seeds from $seed, $seeds are done"
    go test -tags "$tags" -count=1 -failfast -parallel 4 -timeout 30m ./internal/simulation -args -seed "$seed" -seeds 50
    seeds=$((seeds + 50))
  done
  echo "simulation: $seeds fresh seeds, no invariant broken"
}

branches() {
  local seed
  while ((SECONDS < until_done)); do
    seed=$RANDOM
    echo "branches: random statements from seed $seed, races of minutes, memory after 100,000 of them"
    go test -tags "$tags" -count=1 -timeout 60m ./store/sqlite -args -long -seed "$seed"
  done
}

faults() {
  scripts/kafka.sh install
  while ((SECONDS < until_done)); do
    MARMOT_TEST_E2E=1 MARMOT_TEST_LONG=1 go test -tags "$tags" -count=1 -timeout 60m -run 'Survive|LosesNothing' -v ./e2e
  done
}

away() {
  scripts/kafka.sh install
  MARMOT_TEST_E2E=1 MARMOT_TEST_AWAY=${minutes}m MARMOT_TEST_SOAK_REPORT=$PWD/docs \
    go test -tags "$tags" -count=1 -timeout $((2 * minutes + 15))m -run OutlastTheirKafka -v ./e2e
}

for each in simulation branches faults away; do
  if [[ $part == all || $part == "$each" ]]; then
    until_done=$((SECONDS + minutes * 60))
    "$each"
  fi
done
