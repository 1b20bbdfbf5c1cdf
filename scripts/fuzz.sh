#!/usr/bin/env bash
# Runs every fuzz target for the given time (default 5s): scripts/fuzz.sh [TIME]
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
tags="sqlite_preupdate_hook sqlite_fts5 sqlite_math_functions"
while IFS=: read -r file name; do
  package=./$(dirname "$file")
  echo "fuzz $package $name for $time"
  if ! output=$(go test -tags "$tags" -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package" 2>&1); then
    # Go's fuzzer now and then takes the end of its own time for a failure; then there is no failing input.
    if ! grep -q 'context deadline exceeded' <<<"$output" || grep -q 'Failing input' <<<"$output"; then
      printf '%s\n' "$output"
      exit 1
    fi
  fi
done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's:^\./::; s/func //')
