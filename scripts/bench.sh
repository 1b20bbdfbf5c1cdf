#!/usr/bin/env bash
# sysbench's oltp workloads, in one run and in turn, against one node with the embedded log (one), three nodes on a real Kafka of
# three brokers writing to one (three-one) and to all (three-all), durable MariaDB (mariadb) and three nodes of Galera (galera-one,
# galera-all); the latency of one client's insert next to that of one append to the same brokers; many sessions on one counter.
# Machines are noisy: compare columns of one table, never two tables. Results: run/bench/results.tsv and run/bench/report.md.
#
#   scripts/bench.sh [--floors] [--rounds R] [--seconds S] [--threads "1 4 16 64"] [--workloads "oltp_insert … latency counter"]
#                    [--targets "one three-one …"] [--warm S]
#
# --floors runs what the floors of the report need and no more.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds='' seconds=4 threads="1 4 16 64" floors='' warming=20
workloads="oltp_point_select oltp_insert oltp_update_index oltp_write_only oltp_read_write latency counter"
targets="one three-one three-all mariadb galera-one galera-all"
base=${BENCH_PORT:-23100}
ignored=1213,1020,1205,1062
tables=(--tables=4 --table-size=10000)
usage() { sed -n '2,10s/^# \{0,1\}//p' "$0"; }
while (($#)); do
  case $1 in
    --floors) floors=1; shift; continue ;;
    --help) usage; exit 0 ;;
  esac
  (($# > 1)) || { usage >&2; exit 2; }
  case $1 in
    --rounds) rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --threads) threads=$2 ;;
    --workloads) workloads=$2 ;;
    --targets) targets=$2 ;;
    --warm) warming=$2 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift 2
done
rounds=${rounds:-$([[ $floors ]] && echo 5 || echo 3)}
scripts/install-deps.sh bench
scripts/kafka.sh install >/dev/null

work=${BENCH_DIR:-$PWD/run/bench}
results=$work/results.tsv
mkdir -p "$work"
# shellcheck source=scripts/bench/targets.sh
source scripts/bench/targets.sh
# shellcheck source=scripts/bench/report.sh
source scripts/bench/report.sh
# ending stops all processes, and reports what there is: after an error as well.
ending() {
  stop_targets
  if [[ -s $results ]]; then report | tee "$work/report.md"; fi
}
trap ending EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
stop_targets
rm -f "$work"/counter-*
: >"$results"
: >"$work/rounds.tsv"

# turn prints the targets in the order of round $1: the first one moves by one each round.
turn() {
  local all i
  read -ra all <<<"$targets"
  for i in "${!all[@]}"; do echo "${all[(i + $1 - 1) % ${#all[@]}]}"; done
}

# calibrate prints how many milliseconds a fixed piece of work takes.
calibrate() {
  local start i x=0
  start=$(date +%s%N)
  for ((i = 0; i < 200000; i++)); do x=$(((x * 31 + i) & 65535)); done
  echo $((($(date +%s%N) - start) / 1000000))
}

run_cell() { # round, workload, threads, targets that the floors need
  local t
  for t in $(turn "$1"); do
    if [[ -z $floors || " $4 " == *" $t "* ]]; then measure "$1" "$2" "$3" "$t" "$2" "$ignored" "${tables[@]}"; fi
  done
}

run_matrix() { # round
  local w n
  if [[ $floors ]]; then
    run_cell "$1" oltp_insert 64 "three-one three-all galera-one galera-all"
    run_cell "$1" oltp_point_select 16 "one mariadb"
    return
  fi
  for w in $workloads; do
    [[ $w == oltp_* ]] || continue
    for n in $threads; do run_cell "$1" "$w" "$n" ""; done
  done
}

# run_counter lets one and 64 sessions count one row up; errors are not ignored, and the row must show each acknowledged update.
run_counter() { # round
  local t n before after
  for t in one three-one; do
    wanted "$t" || continue
    [[ -f $work/counter-$t ]] || echo 0 >"$work/counter-$t"
    for n in $((($1 % 2) ? 1 : 64)) $((($1 % 2) ? 64 : 1)); do
      before=$(sql "$t" 'SELECT n FROM sbtest.counter WHERE id = 1')
      acknowledged=0
      if measure "$1" counter "$n" "$t" scripts/bench/counter.lua none; then
        after=$(sql "$t" 'SELECT n FROM sbtest.counter WHERE id = 1')
        ((after - before == acknowledged)) && continue
        echo "bench.sh: counter on $t: $acknowledged updates acknowledged, the row shows $((after - before))" >&2
      fi
      echo $(($(cat "$work/counter-$t") + 1)) >"$work/counter-$t"
    done
  done
}

run_append() { # round, kind
  local out
  out=$("$work/append" -brokers "$kafka" -time "${seconds}s")
  record "$1" "append-$2" 1 three-one "$(awk -v n="$(cut -f1 <<<"$out")" -v s="$seconds" 'BEGIN { print n / s }')" "$(cut -f2 <<<"$out")" "$(cut -f3 <<<"$out")" 0 0
}

# run_latency compares a commit with an append in interleaved rounds, which one is first changing each round.
run_latency() { # kind
  local r
  for ((r = 1; r <= rounds; r++)); do
    if ((r % 2)); then run_append "$r" "$1"; fi
    measure "$r" "latency-$1" 1 three-one oltp_insert none "${tables[@]}"
    if ((r % 2 == 0)); then run_append "$r" "$1"; fi
  done
}

# restart_three starts the three nodes again, with the environment that it is called with.
restart_three() {
  local i
  for i in 1 2 3; do
    scripts/cluster.sh kill-node "$i" --dir "$here/three"
    scripts/cluster.sh start-node "$i" --dir "$here/three"
  done
  know_processes three-one
}

start_targets
prepare_targets
warm "$warming" one mariadb galera-one
warm $((3 * warming)) three-one three-all
for ((round = 1; round <= rounds; round++)); do
  printf '%s\t%s\t%s\n' "$round" "$(cut -d' ' -f1-3 /proc/loadavg)" "$(calibrate)" >>"$work/rounds.tsv"
  run_matrix "$round"
  if [[ " $workloads " == *" counter "* ]]; then run_counter "$round"; fi
done
if [[ " $workloads " == *" latency "* ]] && wanted three-one; then
  go build -o "$work/append" ./internal/bench/append
  run_latency inline
  MARMOT_LOG_INLINE_MAX_BYTES=0 restart_three
  warm $(((warming + 3) / 4)) three-one
  run_latency plain
fi
