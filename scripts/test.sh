#!/usr/bin/env bash
# Installs what the tests need and runs all of them: lint, unit, race, address sanitizer, fuzz, real Kafka, end to end.
# Ends with a line per suite and its minutes. Needs Debian, or the tools of install-deps.sh in place.
#
# A test that fails is run again by itself, twice at most. One that passes then does not stop the run: it is named in the last lines,
# with its first failure above, and is a defect of the test or of what it tests like any other. A data race, a panic or more than
# eight failures at once end the run.
set -euo pipefail
cd "$(dirname "$0")/.."

export CGO_ENABLED=1 GOFLAGS=-buildvcs=false
export CGO_CFLAGS="-O2 -g -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_MAX_ATTACHED=30 -DSQLITE_MAX_VARIABLE_NUMBER=65535"
tags="sqlite_preupdate_hook sqlite_fts5 sqlite_math_functions"
work=$(mktemp -d)
report=()

cleanup() {
  scripts/registry.sh destroy --dir "$work/registry" >/dev/null 2>&1 || true
  scripts/kafka.sh destroy --dir "$work/kafka" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

suite() { # name, command...
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if ! "$@"; then
    printf '\nFAILED: %s\n' "$name"
    exit 1
  fi
  report+=("$(printf '%5.1f min  %s' "$(bc_minutes $((SECONDS - start)))" "$name")")
}
bc_minutes() { awk -v s="$1" 'BEGIN { print s / 60 }'; }

# tests runs go test with these flags, then the packages behind --.
tests() {
  local flags=() result=0
  while [[ $1 != -- ]]; do
    flags+=("$1")
    shift
  done
  shift
  go run gotest.tools/gotestsum@v1.13.0 --format standard-quiet --rerun-fails=2 --rerun-fails-max-failures=8 --rerun-fails-abort-on-data-race \
    --rerun-fails-report="$work/again" --packages="$*" -- -tags "$tags" "${flags[@]}" || result=1
  if [[ -s $work/again ]]; then cat "$work/again" >>"$work/unsteady"; fi
  rm -f "$work/again"
  return "$result"
}
compose() { MARMOT_ROOT_PASSWORD=x docker-compose -f docker-compose.yml config -q; }
# simulation keeps the files of its nodes in memory if there is room: they are made and thrown away all the time.
simulation() {
  local files=${TMPDIR:-/tmp}
  if (($(df --output=avail /dev/shm 2>/dev/null | tail -n 1 || true) + 0 > 2 << 20)) && [[ -w /dev/shm ]]; then files=/dev/shm; fi
  GOTMPDIR=$work TMPDIR=$files go test -tags "$tags" -count=1 -parallel 6 -timeout 30m ./internal/simulation -args -seed 1 -seeds 500 -transactions 18
}
# on_kafka runs over SASL and TLS, with no more rights than docs/security.md lists; without them it is the end-to-end tests that use Kafka.
on_kafka() { # set -e does not reach in here: the caller looks at the result
  local brokers result=0
  brokers=$(scripts/kafka.sh start --brokers 3 --dir "$work/kafka" --port 20192 --secure) || return 1
  MARMOT_TEST_KAFKA=$brokers MARMOT_TEST_KAFKA_CLIENT=$work/kafka/secure/marmot.properties \
    tests -count=1 -timeout 10m -- ./internal/kafkaclient/... ./log/kafka/... ./debezium/... ./connect/... || result=1
  scripts/kafka.sh destroy --dir "$work/kafka" || result=1
  return "$result"
}
# golden_on_kafka compares what a real Kafka and a real schema registry got with what the connector sent.
golden_on_kafka() {
  local brokers registry result=0
  brokers=$(scripts/kafka.sh start --brokers 1 --dir "$work/kafka" --port 20192) || return 1
  if registry=$(scripts/registry.sh start --dir "$work/registry" --port 20290); then
    MARMOT_TEST_KAFKA=$brokers MARMOT_TEST_REGISTRY=$registry tests -count=1 -timeout 15m -run OnARealKafka -- ./internal/golden || result=1
    scripts/registry.sh destroy --dir "$work/registry" || result=1
  else
    result=1
  fi
  scripts/kafka.sh destroy --dir "$work/kafka" || result=1
  return "$result"
}

suite "install" scripts/install-deps.sh
suite "shell scripts" shellcheck scripts/*.sh scripts/bench/*.sh apps/*.sh .ci/run
suite "compose file" compose
suite "build" make build
suite "lint" make lint
suite "unit tests" tests -timeout 10m -- ./...
suite "simulation: 500 seeds" simulation
suite "race detector" tests -race -timeout 15m -- \
  ./log/... ./commit/... ./applier/... ./store/... ./session/... ./wire/... ./debezium/... ./connect/... ./node/...
suite "address sanitizer" make asan
suite "fuzzing" scripts/fuzz.sh 3s
suite "install Kafka" scripts/kafka.sh install
suite "install schema registry" scripts/registry.sh install
suite "real Kafka behind TLS and SASL" on_kafka
suite "recordings through a real Kafka" golden_on_kafka
MARMOT_TEST_E2E=1 suite "end to end" tests -count=1 -timeout 25m -- ./e2e/...

printf '\nAll suites passed.\n'
printf '%s\n' "${report[@]}"
if [[ -s $work/unsteady ]]; then
  printf '\nUnsteady: these failed and passed when run again.\n'
  cat "$work/unsteady"
fi
