#!/usr/bin/env bash
# Where the time of a commit goes: one client on one node with the embedded log, then on three nodes on a real Kafka of
# three brokers; autocommit INSERTs first, then transactions of ten INSERTs. Prints for each a table of the stages (package
# internal/stage says what they are): how often a transaction passes one, what it takes on average, p50 and p99 of one
# passage, and what that is for a transaction. The last line is the server's processor time for a transaction.
#
#   scripts/stages.sh [--count N] [--on "one three"] [--dir D] [--port P] [--binary FILE] [--set key=value …]
set -euo pipefail
cd "$(dirname "$0")/.."

count=2000 on="one three" dir=$PWD/run/stages port=23500 binary=bin/marmot options=()
while (($#)); do
  case $1 in
    --count) count=${2:?} ;;
    --on) on=${2:?} ;;
    --dir) dir=${2:?} ;;
    --port) port=${2:?} ;;
    --binary) binary=${2:?} ;;
    --set) options+=(--set "${2:?}") ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
command -v mariadb >/dev/null || { echo "scripts/stages.sh: the client mariadb is missing: scripts/install-deps.sh bench" >&2; exit 1; }

cleanup() { scripts/cluster.sh destroy --dir "$dir" >/dev/null 2>&1 || true; }
trap cleanup EXIT
field() { sed -n "s/.*\"$1\":\\[\\{0,1\\}\"\\([^\"]*\\)\".*/\\1/p" <<<"$cluster"; }
sql() { MYSQL_PWD=$password mariadb --no-defaults -h 127.0.0.1 -P "$port" -u root "$@"; }
scrape() { curl -fsS "http://$(field admin)/metrics" | grep -E '^(marmot_stage_seconds|process_cpu_seconds_total)'; }

# statements prints the workload $1 with $2 transactions.
statements() {
  awk -v workload="$1" -v n="$2" 'BEGIN {
    row = "INSERT INTO t (k, c, pad) VALUES (%d, \"68487932199-96439406143-93774651418\", \"67847967377-48000963322\");\n"
    for (i = 0; i < n; i++) {
      if (workload == "autocommit") { printf row, i; continue }
      print "BEGIN;"
      for (j = 0; j < 10; j++) printf row, 10 * i + j
      print "COMMIT;"
    }
  }'
}

# table prints the differences between two readings of the metrics.
table() { # before after transactions
  awk -v n="$3" '
    { file = FILENAME == ARGV[1] ? -1 : 1 }
    /^process_cpu/ { cpu += file * $2; next }
    { match($0, /stage="[a-z]+"/); stage = substr($0, RSTART + 7, RLENGTH - 8) }
    /_sum{/ { sum[stage] += file * $2 * 1e6; next }
    /_count{/ { count[stage] += file * $2; if (!(stage in known)) { known[stage] = 1 } next }
    { match($0, /le="[^"]+"/); le = substr($0, RSTART + 4, RLENGTH - 5) }
    le == "+Inf" { next }
    { bucket[stage, le + 0] += file * $2; if (!(le in seen)) { seen[le] = 1; bounds[++b] = le + 0 } }
    function quantile(stage, q,   i) {
      for (i = 1; i <= b; i++) if (bucket[stage, bounds[i]] >= q * count[stage]) return bounds[i] * 1e6
      return bounds[b] * 1e6
    }
    END {
      for (i = 2; i <= b; i++) for (j = i; j > 1 && bounds[j - 1] > bounds[j]; j--) { t = bounds[j]; bounds[j] = bounds[j - 1]; bounds[j - 1] = t }
      printf "%-10s %9s %11s %11s %11s %16s\n", "stage", "times", "mean µs", "p50 ≤ µs", "p99 ≤ µs", "µs/transaction"
      split("wire plan branch execute capture lock close changes order decide apply wake reply command batch", order, " ")
      for (i = 1; i in order; i++) {
        stage = order[i]
        if (count[stage] == 0) continue
        printf "%-10s %9.2f %11.1f %11.1f %11.1f %16.1f\n", stage, count[stage] / n, sum[stage] / count[stage], quantile(stage, .5), quantile(stage, .99), sum[stage] / n
      }
      printf "%-10s %9s %11s %11s %11s %16.1f\n", "processor", "", "", "", "", cpu * 1e6 / n
    }' "$1" "$2"
}

# warm has 16 clients insert $1 rows each: fresh brokers are slow until their code is compiled.
warm() {
  local i pids=()
  statements autocommit "$1" >"$dir/warm.sql"
  for ((i = 0; i < 16; i++)); do
    sql stages <"$dir/warm.sql" &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
}

measure() { # workload transactions
  statements "$1" $(($2 / 10 + 1)) | sql stages
  scrape >"$dir/before"
  statements "$1" "$2" | sql stages
  scrape >"$dir/after"
  table "$dir/before" "$dir/after" "$2"
}

for size in $on; do
  cleanup
  case $size in
    one) shape=(--nodes 1 --brokers 0) ;;
    three) shape=(--nodes 3 --brokers 3) ;;
    *) echo "--on: want one, three or both" >&2; exit 2 ;;
  esac
  cluster=$(scripts/cluster.sh start "${shape[@]}" --dir "$dir" --port "$port" --binary "$binary" "${options[@]}")
  password=$(field password)
  sql -e 'CREATE DATABASE stages; CREATE TABLE stages.t (id INT AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL, KEY (k))'
  if [[ $size == three ]]; then warm 4000; fi
  printf '\n%s node(s), %d autocommit INSERTs of one client\n\n' "$size" "$count"
  measure autocommit "$count"
  printf '\n%s node(s), %d transactions of ten INSERTs of one client\n\n' "$size" $((count / 5))
  measure transaction $((count / 5))
done
