#!/usr/bin/env bash
# A real MySQL as a replica of a node: it follows definitions and rows of a load by GTID, and ends with the same rows. APPS_REPLICA_SECONDS is
# how long the load lasts (60; 600 for the long run).
name=replica
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3 mariadb-client
need_python pymysql cryptography
seconds=${APPS_REPLICA_SECONDS:-60}
port=$((ports + 96))
checks=0 failed=0

check() { # text, condition…
  local text=$1
  shift
  checks=$((checks + 1))
  if "$@"; then echo "ok      $text"; else echo "FAILED  $text"; failed=$((failed + 1)); fi
}

source_sql() { MYSQL_PWD=$APPS_PASSWORD bounded 120 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N -h "${marmot%:*}" -P "${marmot#*:}" -u root "$@"; }
replica_sql() { bounded 120 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N -h 127.0.0.1 -P "$port" -u root "$@"; }

[[ ${APPS_TARGET:-marmot} == marmot ]] || die "the source is always Marmot"
"$apps/mysql.sh" start "$work/mysql" "$port"
stop_replica() {
  local status=$?
  set +e
  "$apps/mysql.sh" stop "$work/mysql"
  (exit "$status")
  cleanup
}
trap stop_replica EXIT
start_nodes 1
source_sql -e "CREATE USER repl IDENTIFIED BY 'replica of the test'; GRANT REPLICATION SLAVE ON *.* TO repl"
if [[ $(replica_sql -e 'SELECT @@gtid_mode') != ON ]]; then # as before MySQL 9.7
  replica_sql -e "SET GLOBAL enforce_gtid_consistency = ON; SET GLOBAL gtid_mode = OFF_PERMISSIVE; SET GLOBAL gtid_mode = ON_PERMISSIVE; SET GLOBAL gtid_mode = ON"
fi
replica_sql -e "SET GLOBAL server_id = 20001; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${marmot#*:}, SOURCE_USER = 'repl',
  SOURCE_PASSWORD = 'replica of the test', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 2; START REPLICA"

# In a database of its own the statements whose events are compared with MySQL's to the byte; it stays.
sed '/^drop database binlog_types;$/d' "$root/e2e/testdata/binlog/statements.sql" | source_sql
bounded $((seconds + 120)) python3 "$apps/replica/load.py" "${marmot#*:}" "$APPS_PASSWORD" "$seconds"
executed=$(source_sql -e 'SELECT @@gtid_executed')
check "the replica has all transactions of the source" test "$(replica_sql -e "SELECT WAIT_FOR_EXECUTED_GTID_SET('$executed', 100)")" = 0
replica_sql -e 'SHOW REPLICA STATUS\G' >"$work/status.txt"
check "its threads run" test "$(replica_sql -e "SELECT GROUP_CONCAT(service_state) FROM performance_schema.replication_connection_status")" = ON
check "what it has executed is one interval" test "$(replica_sql -e 'SELECT @@gtid_executed' | tr -cd ',:' | wc -c)" = 1
tables=$(source_sql -e "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema IN ('load_test', 'binlog_types') AND table_type = 'BASE TABLE' ORDER BY 1")
for table in $tables; do
  key=$(source_sql -e "SELECT GROUP_CONCAT(column_name) FROM information_schema.columns WHERE CONCAT(table_schema, '.', table_name) = '$table' AND data_type NOT IN ('json', 'geometry', 'point', 'linestring', 'vector')")
  source_sql -e "SELECT * FROM $table ORDER BY $key" >"$work/source.txt"
  replica_sql -e "SELECT * FROM $table ORDER BY $key" >"$work/replica.txt"
  check "$table: $(wc -l <"$work/source.txt") rows" cmp -s "$work/source.txt" "$work/replica.txt"
done
check "the source lists the replica" test "$(source_sql -e 'SHOW REPLICAS' | cut -f1)" = 20001
echo "$((checks - failed)) passed, $failed failed"
((failed == 0))
