#!/usr/bin/env bash
# sysbench's oltp workloads against one node with the embedded log and against three nodes on a
# real Kafka of three brokers, writing to one and to all. In one run, in turn, several rounds; prints a table
# of medians. Machines are noisy: compare columns of one table, never two tables.
#
#   scripts/bench.sh [--rounds R] [--seconds S] [--threads "1 4 16 64"] [--workloads "oltp_insert …"]
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=3 seconds=4 threads="1 4 16 64"
workloads="oltp_point_select oltp_insert oltp_update_index oltp_write_only oltp_read_write"
while (($#)); do
  case $1 in
    --rounds) rounds=$2 ;;
    --seconds) seconds=$2 ;;
    --threads) threads=$2 ;;
    --workloads) workloads=$2 ;;
    *) echo "usage: scripts/bench.sh [--rounds R] [--seconds S] [--threads LIST] [--workloads LIST]" >&2; exit 2 ;;
  esac
  shift 2
done
scripts/install-deps.sh bench
scripts/kafka.sh install >/dev/null

work=$PWD/run/bench
mkdir -p "$work"
cleanup() {
  scripts/cluster.sh destroy --dir "$work/one" >/dev/null 2>&1 || true
  scripts/cluster.sh destroy --dir "$work/three" >/dev/null 2>&1 || true
}
trap cleanup EXIT
cleanup

list() { sed -n 's/.*"mysql":\[\([^]]*\)\].*/\1/p' <<<"$1" | tr -d '"'; }
one=$(scripts/cluster.sh start --nodes 1 --brokers 0 --dir "$work/one" --port 23100)
three=$(scripts/cluster.sh start --nodes 3 --brokers 3 --dir "$work/three" --port 23300)
password() { sed -n 's/.*"password":"\([^"]*\)".*/\1/p' <<<"$1"; }

declare -A hosts=([one]=$(list "$one") [three-one]=$(list "$three" | cut -d, -f1) [three-all]=$(list "$three"))
declare -A secret=([one]=$(password "$one") [three-one]=$(password "$three") [three-all]=$(password "$three"))

run_sysbench() { # target workload threads command seconds
  local ports host
  host=$(cut -d: -f1 <<<"${hosts[$1]%%,*}")
  ports=$(tr ',' '\n' <<<"${hosts[$1]}" | cut -d: -f2 | paste -sd,)
  sysbench "$2" --db-driver=mysql --mysql-host="$host" --mysql-port="$ports" --mysql-user=root --mysql-password="${secret[$1]}" \
    --mysql-db=sbtest --tables=4 --table-size=10000 --threads="$3" --time="$5" --db-ps-mode=disable --percentile=99 \
    --mysql-ignore-errors=1213,1020,1205,1062 "$4"
}

for target in one three-one; do
  MYSQL_PWD=${secret[$target]} mariadb --no-defaults -h 127.0.0.1 -P "$(cut -d: -f2 <<<"${hosts[$target]%%,*}")" -u root -e 'CREATE DATABASE IF NOT EXISTS sbtest'
  run_sysbench "$target" oltp_read_write 1 prepare 0 >"$work/prepare-$target.log"
done

results=$work/results.tsv
: >"$results"
for round in $(seq "$rounds"); do
  for workload in $workloads; do
    for n in $threads; do
      for target in one three-one three-all; do
        out=$(run_sysbench "$target" "$workload" "$n" run "$seconds" 2>&1) || { echo "$out" >&2; exit 1; }
        tps=$(sed -n 's/.*transactions:.*(\([0-9.]*\) per sec.).*/\1/p' <<<"$out")
        p99=$(sed -n 's/.*99th percentile: *\([0-9.]*\).*/\1/p' <<<"$out")
        printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$round" "$workload" "$n" "$target" "$tps" "$p99" >>"$results"
        echo "round $round $workload $n threads $target: $tps tps, p99 $p99 ms" >&2
      done
    done
  done
done

median() { sort -g | awk '{ a[NR] = $1 } END { print (NR % 2) ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }
printf '\n%-20s %7s %22s %22s %22s\n' workload threads "one node" "three, on one" "three, on all"
for workload in $workloads; do
  for n in $threads; do
    printf '%-20s %7s' "$workload" "$n"
    for target in one three-one three-all; do
      tps=$(awk -F'\t' -v w="$workload" -v n="$n" -v t="$target" '$2 == w && $3 == n && $4 == t { print $5 }' "$results" | median)
      p99=$(awk -F'\t' -v w="$workload" -v n="$n" -v t="$target" '$2 == w && $3 == n && $4 == t { print $6 }' "$results" | median)
      printf ' %10s tps %5s ms' "$tps" "$p99"
    done
    printf '\n'
  done
done
