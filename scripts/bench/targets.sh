# shellcheck shell=bash
# The benchmark's targets: starting and ending them, load on them, what their processes cost. Sourced by scripts/bench.sh.

# shellcheck disable=SC2154  # work, base and results are bench.sh's
here=$work/clusters

list() { sed -n 's/.*"mysql":\[\([^]]*\)\].*/\1/p' <<<"$1" | tr -d '"'; }
field() { sed -n 's/.*"'"$2"'":"\([^"]*\)".*/\1/p' <<<"$1"; }
wanted() { [[ " $targets " == *" $1 "* ]]; }

declare -A hosts=() user=() secret=() pids=()

# know remembers how to reach the target $1: addresses, user, password.
know() { hosts[$1]=$2 user[$1]=$3 secret[$1]=$4; }

start_targets() {
  local json t
  mkdir -p "$here"
  # Galera's daemons run as mysql when root starts them: they must reach their directories.
  chmod 755 "$work" "$here"
  if wanted one; then
    json=$(scripts/cluster.sh start --nodes 1 --brokers 0 --dir "$here/one" --port "$base")
    know one "$(list "$json")" root "$(field "$json" password)"
  fi
  if wanted three-one || wanted three-all; then
    json=$(scripts/cluster.sh start --nodes 3 --brokers 3 --dir "$here/three" --port $((base + 100)))
    # shellcheck disable=SC2034  # bench.sh reads it
    kafka=$(field "$json" kafka)
    know three-one "$(list "$json" | cut -d, -f1)" root "$(field "$json" password)"
    know three-all "$(list "$json")" root "$(field "$json" password)"
  fi
  if wanted mariadb; then
    json=$(scripts/peers.sh start mariadb --dir "$here/mariadb" --port $((base + 200)))
    know mariadb "$(list "$json")" "$(field "$json" user)" "$(field "$json" password)"
  fi
  if wanted galera-one || wanted galera-all; then
    json=$(scripts/peers.sh start galera --dir "$here/galera" --port $((base + 300)))
    know galera-one "$(list "$json" | cut -d, -f1)" "$(field "$json" user)" "$(field "$json" password)"
    know galera-all "$(list "$json")" "$(field "$json" user)" "$(field "$json" password)"
  fi
  for t in $targets; do know_processes "$t"; done
}

# know_processes reads the ids of the target's processes, the brokers' included.
know_processes() {
  local where=$1
  case $1 in three-*) where=three ;; galera-*) where=galera ;; esac
  pids[$1]=$(find "$here/$where" -maxdepth 3 -name pid -exec cat {} + | paste -sd' ')
}

stop_targets() {
  local d
  for d in one three; do
    if [[ -d $here/$d ]]; then scripts/cluster.sh destroy --dir "$here/$d" >/dev/null 2>&1 || true; fi
  done
  for d in mariadb galera; do
    if [[ -d $here/$d ]]; then scripts/peers.sh stop --dir "$here/$d" >/dev/null 2>&1 || true; fi
  done
}

# ticks prints the CPU time of the target's processes so far, in ticks of 1/CLK_TCK s.
ticks() {
  local p sum=0 rest
  for p in ${pids[$1]}; do
    rest=$(sed 's/.*) //' "/proc/$p/stat")
    sum=$((sum + $(cut -d' ' -f12 <<<"$rest") + $(cut -d' ' -f13 <<<"$rest")))
  done
  echo "$sum"
}

sql() { # target, statement
  MYSQL_PWD=${secret[$1]} timeout 60 mariadb --no-defaults -N -h 127.0.0.1 -P "$(cut -d: -f2 <<<"${hosts[$1]%%,*}")" -u "${user[$1]}" -e "$2"
}

run_sysbench() { # target, workload, threads, command, seconds, errors to ignore
  local ports
  ports=$(tr ',' '\n' <<<"${hosts[$1]}" | cut -d: -f2 | paste -sd,)
  timeout $(($5 + 120)) sysbench "$2" --db-driver=mysql --mysql-host=127.0.0.1 --mysql-port="$ports" --mysql-user="${user[$1]}" \
    --mysql-password="${secret[$1]}" --mysql-db=sbtest --threads="$3" --time="$5" --db-ps-mode=disable --histogram=on --percentile=99 \
    --mysql-ignore-errors="$6" "${@:7}" "$4"
}

prepare_targets() {
  local t
  for t in one three-one mariadb galera-one; do
    [[ -n ${hosts[$t]:-} ]] || continue
    sql "$t" 'CREATE DATABASE IF NOT EXISTS sbtest'
    run_sysbench "$t" oltp_read_write 1 prepare 60 none "${tables[@]}" >"$work/prepare-$t.log" 2>&1 || { cat "$work/prepare-$t.log" >&2; return 1; }
    run_sysbench "$t" scripts/bench/counter.lua 1 prepare 60 none >>"$work/prepare-$t.log" 2>&1 || { cat "$work/prepare-$t.log" >&2; return 1; }
  done
}

# warm puts inserts on the targets named. The brokers are Java programs whose machine compiles the code of a produce request only
# after thousands of them: about two minutes of load at 64 threads until their cost per request no longer falls.
warm() { # seconds, targets…
  local t length=$1
  for t in "${@:2}"; do
    wanted "$t" || continue
    echo "warming $t up for $length s" >&2
    run_sysbench "$t" oltp_insert 64 run "$length" "$ignored" "${tables[@]}" >"$work/warm-$t.log" 2>&1 || { cat "$work/warm-$t.log" >&2; return 1; }
  done
}

# measure runs a cell on a target and adds a line to the results: round, workload, threads, target, tps, p50, p99, CPU us, ignored errors.
measure() { # round, name, threads, target, script, errors to ignore, options…
  local out before after count tps p50 p99 errors
  before=$(ticks "$4")
  out=$(run_sysbench "$4" "$5" "$3" run "$seconds" "$6" "${@:7}" 2>&1) || { echo "$out" >&2; echo "bench.sh: $2 at $3 threads on $4 ended with an error" >&2; return 1; }
  after=$(ticks "$4")
  count=$(sed -n 's/.*transactions: *\([0-9]*\) .*/\1/p' <<<"$out")
  tps=$(sed -n 's/.*transactions:.*(\([0-9.]*\) per sec.).*/\1/p' <<<"$out")
  p99=$(sed -n 's/.*99th percentile: *\([0-9.]*\).*/\1/p' <<<"$out")
  errors=$(sed -n 's/.*ignored errors: *\([0-9]*\) .*/\1/p' <<<"$out")
  # sysbench prints one percentile: the median comes from its histogram.
  p50=$(awk '/^ *[0-9.]+ \|/ { value[++k] = $1; count[k] = $NF; sum += $NF }
    END { for (i = 1; i <= k; i++) { seen += count[i]; if (seen >= sum / 2) { print value[i]; exit } } }' <<<"$out")
  [[ ${count:-0} -gt 0 ]] || { echo "$out" >&2; echo "bench.sh: $2 on $4 did no transaction" >&2; return 1; }
  # shellcheck disable=SC2034  # bench.sh reads it
  acknowledged=$count
  record "$1" "$2" "$3" "$4" "$tps" "$p50" "$p99" $(((after - before) * (1000000 / $(getconf CLK_TCK)) / count)) "$errors"
}

record() {
  (IFS=$'\t'; echo "$*") >>"$results"
  echo "round $1 $2 at $3 threads on $4: $5 tps, p50 $6 ms, p99 $7 ms, $8 us of CPU, $9 errors ignored" >&2
}
