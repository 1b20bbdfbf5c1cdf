#!/usr/bin/env bash
# What an idle connection costs: starts one node with the embedded log, opens 10,000 connections to it without and with TLS, and prints
# for each kind the bytes of resident memory, of Go's heap and of its stacks that a connection takes. Fails above 50 KiB.
#
#   scripts/connections.sh [--connections N] [--binary FILE] [--port P]
set -euo pipefail
cd "$(dirname "$0")/.."

connections=10000 binary='' port=${BENCH_PORT:-23100}
usage() { sed -n '2,5s/^# \{0,1\}//p' "$0"; }
while (($#)); do
  (($# > 1)) || { usage >&2; exit 2; }
  case $1 in
    --connections) connections=$2 ;;
    --binary) binary=$2 ;;
    --port) port=$2 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift 2
done

# Each side has a descriptor for each connection.
wanted=$((connections + 500))
if (($(ulimit -n) < wanted)); then
  ulimit -n "$wanted" || { echo "connections.sh: ulimit -n is $(ulimit -n) and cannot be raised to $wanted: use --connections" >&2; exit 1; }
fi

work=$(mktemp -d)
trap 'scripts/cluster.sh destroy --dir "$work/cluster" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [[ -z $binary ]]; then
  make -s build
  binary=bin/marmot
fi
go build -o "$work/idle" ./internal/bench/idle

failed=0
printf 'kind\tconnections\tresident\theap\tstacks\tseconds\n'
measure() { # name, arguments of idle; each on a fresh node, for what one run has left is there for the next to use
  local name=$1 started password
  shift
  started=$(scripts/cluster.sh start --nodes 1 --brokers 0 --dir "$work/cluster" --port "$port" --binary "$binary" \
    --set mysql.max_connections=100000 --set admin.profiling=true)
  password=$(sed -E 's/.*"password":"([^"]*)".*/\1/' <<<"$started")
  "$work/idle" -address "127.0.0.1:$port" -admin "127.0.0.1:$((port + 20))" -password "$password" -connections "$connections" -name "$name" "$@" || failed=1
  scripts/cluster.sh destroy --dir "$work/cluster" >/dev/null
}
query='SELECT table_name, engine FROM information_schema.tables WHERE table_schema = DATABASE()'
measure 'plain'
measure 'TLS' -tls
measure 'plain, after a larger query' -query "$query"
measure 'TLS, after a larger query' -tls -query "$query"
exit $failed
