#!/usr/bin/env bash
# What is too long for CI: an hour of fresh simulation seeds, long races of branches, long fault runs.
#
#   scripts/long.sh [MINUTES]      of each part; default 20
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-20}
tags="sqlite_preupdate_hook sqlite_fts5 sqlite_math_functions"
export CGO_ENABLED=1 GOFLAGS=-buildvcs=false
export CGO_CFLAGS="-O2 -g -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_MAX_ATTACHED=30"

until_done=$((SECONDS + minutes * 60))
while ((SECONDS < until_done)); do
  seed=$RANDOM$RANDOM
  echo "simulation: 50 seeds from $seed"
  go test -tags "$tags" -count=1 -timeout 30m ./internal/simulation -args -seed "$seed" -seeds 50
done

until_done=$((SECONDS + minutes * 60))
while ((SECONDS < until_done)); do
  seed=$RANDOM
  echo "branches: random statements from seed $seed, races of minutes, memory after 100,000 of them"
  go test -tags "$tags" -count=1 -timeout 60m ./store/sqlite -args -long -seed "$seed"
done

until_done=$((SECONDS + minutes * 60))
scripts/kafka.sh install
while ((SECONDS < until_done)); do
  MARMOT_TEST_E2E=1 go test -tags "$tags" -count=1 -timeout 20m -run 'Survive|LosesNothing' -v ./e2e
done
