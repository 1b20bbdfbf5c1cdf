# shellcheck shell=bash
# What the benchmark's results say: medians, paired ratios, floors. Sourced by scripts/bench.sh.

# shellcheck disable=SC2154  # results, workloads, threads and targets are bench.sh's
median() { sort -g | awk '{ a[NR] = $1 } END { if (NR) print (NR % 2) ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }

column() { # workload, threads, target, column
  awk -F'\t' -v w="$1" -v n="$2" -v t="$3" -v c="$4" '$2 == w && $3 == n && $4 == t { print $c }' "$results"
}

# paired prints the median of the rounds' ratios of column $7 between two cells (workload, threads, target each); nothing without pairs.
paired() {
  awk -F'\t' -v w="$1" -v n="$2" -v t="$3" -v v="$4" -v m="$5" -v u="$6" -v c="$7" '
    $2 == w && $3 == n && $4 == t { a[$1] = $c }
    $2 == v && $3 == m && $4 == u { b[$1] = $c }
    END { for (r in a) if (r in b && b[r] > 0) printf "%.3f\n", a[r] / b[r] }' "$results" | median
}

floor() { # what, value, "at least" or "at most", limit
  local verdict=FAIL
  if [[ -z $2 ]]; then
    echo "| $1 | not run | $3 $4 | |"
    return
  fi
  if awk -v x="$2" -v l="$4" -v how="$3" 'BEGIN { exit !(how == "at least" ? x >= l : x <= l) }'; then verdict=PASS; fi
  echo "| $1 | $2 | $3 $4 | $verdict |"
}

report_floors() {
  local t
  printf '\n## Floors\n\nMedians of the ratios of each round.\n\n| floor | seen | wanted | |\n|---|---|---|---|\n'
  for t in three-one three-all; do
    floor "oltp_insert, 64 threads: $t / galera-one" "$(paired oltp_insert 64 $t oltp_insert 64 galera-one 5)" "at least" 1.5
  done
  floor "oltp_point_select, 16 threads: one / mariadb" "$(paired oltp_point_select 16 one oltp_point_select 16 mariadb 5)" "at least" 0.6
  floor "p50 of one client's insert / of one append, log.inline_max_bytes = 0" "$(paired latency-plain 1 three-one append-plain 1 three-one 6)" "at most" 3.5
  floor "p50 of one client's insert / of one append, inlining" "$(paired latency-inline 1 three-one append-inline 1 three-one 6)" "at most" 2.5
  for t in one three-one; do
    floor "counter on $t: 64 sessions / one session" "$(paired counter 64 $t counter 1 $t 5)" "at least" 0.8
    if [[ -f $work/counter-$t ]]; then floor "counter on $t: runs with an error or a lost update" "$(cat "$work/counter-$t")" "at most" 0; fi
  done
}

report_cells() {
  local cell w n t a
  printf '\n## Cells\n\nMedians; CPU is that of all processes of the target, brokers included, per transaction.\n\n'
  printf '| workload | threads | target | tps | p50 ms | p99 ms | CPU us | ignored errors | / mariadb | / galera-one |\n|---|---|---|---|---|---|---|---|---|---|\n'
  while IFS=$'\t' read -r w n t; do
    cell=()
    for a in 5 6 7 8 9; do cell+=("$(column "$w" "$n" "$t" $a | median)"); done
    printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$w" "$n" "$t" "${cell[@]}" \
      "$(paired "$w" "$n" "$t" "$w" "$n" mariadb 5)" "$(paired "$w" "$n" "$t" "$w" "$n" galera-one 5)"
  done < <(cut -f2-4 "$results" | awk '!seen[$0]++' | sort -t$'\t' -k1,1 -k2,2g -s)
}

report() {
  printf '# Benchmark\n\nMachine: %s cores, %s, %s MiB of memory, Linux %s. %s rounds of %s s.\n' "$(nproc)" \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(($(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo) / 1024))" \
    "$(uname -r)" "$rounds" "$seconds"
  report_floors
  report_cells
  printf '\n## Rounds\n\nThe calibration is a fixed piece of work of one core.\n\n| round | load average | calibration ms |\n|---|---|---|\n'
  awk -F'\t' '{ printf "| %s | %s | %s |\n", $1, $2, $3 }' "$work/rounds.tsv"
}
