#!/usr/bin/env bash
# A real MySQL as a replica of a node: it follows definitions, accounts and rows of a load by GTID, and ends with the same. Before, what MySQL's mysqlbinlog reads
# of the node, over the network and from files that it has written, is executed by that MySQL. APPS_REPLICA_SECONDS is how long the load lasts (60; 600 for the long run).
name=replica
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3 mariadb-client
need_python pymysql cryptography
seconds=${APPS_REPLICA_SECONDS:-60}
patience=600 # for the replica to have all
port=$((ports + 96))
checks=0 failed=0

check() { # text, condition…
  local text=$1
  shift
  checks=$((checks + 1))
  if "$@"; then echo "ok      $text"; else echo "FAILED  $text"; failed=$((failed + 1)); fi
}

source_sql() { MYSQL_PWD=$APPS_PASSWORD bounded 120 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N -h "${marmot%:*}" -P "${marmot#*:}" -u root "$@"; }
replica_sql() { bounded $((patience + 20)) mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N -h 127.0.0.1 -P "$port" -u root "$@"; }

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
# In a database of its own the statements whose events are compared with MySQL's to the byte; it stays.
sed '/^drop database binlog_types;$/d' "$root/e2e/testdata/binlog/statements.sql" | source_sql
source_sql -e "CREATE USER reader IDENTIFIED BY 'first'; GRANT SELECT ON binlog_types.* TO reader; ALTER USER reader IDENTIFIED BY 'second'; CREATE ROLE clerks; GRANT clerks TO reader;
  SET DEFAULT ROLE ALL TO reader; CREATE USER gone; DROP USER gone; SET sql_mode = 'ANSI_QUOTES'; CREATE TABLE binlog_types.\"quoted\" (\"id\" INT PRIMARY KEY); SET foreign_key_checks = 0;
  CREATE TABLE binlog_types.early (id INT PRIMARY KEY, later INT, FOREIGN KEY (later) REFERENCES binlog_types.later (id)); CREATE TABLE binlog_types.later (id INT PRIMARY KEY)"

# same_tables compares all rows of some databases.
same_tables() { # label, databases in quotes
  local table tables key
  tables=$(source_sql -e "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema IN ($2) AND table_type = 'BASE TABLE' ORDER BY 1")
  for table in $tables; do
    key=$(source_sql -e "SELECT GROUP_CONCAT(column_name) FROM information_schema.columns WHERE CONCAT(table_schema, '.', table_name) = '$table' AND data_type NOT IN ('json', 'geometry', 'point', 'linestring', 'vector')")
    source_sql -e "SELECT * FROM $table ORDER BY $key" >"$work/source.txt"
    replica_sql -e "SELECT * FROM $table ORDER BY $key" >"$work/replica.txt"
    check "$1 $table: $(wc -l <"$work/source.txt") rows" cmp -s "$work/source.txt" "$work/replica.txt"
  done
}

# same_accounts compares what an account may do, and that its password is the newest.
same_accounts() { # label
  local question="SHOW GRANTS FOR reader; SELECT user, host, hex(authentication_string), account_locked FROM mysql.user WHERE user IN ('reader', 'clerks', 'gone', 'repl') ORDER BY user"
  check "$1 accounts" cmp -s <(source_sql -e "$question") <(replica_sql -e "$question")
  check "$1 a login" test "$(MYSQL_PWD=second bounded 60 mariadb --no-defaults --ssl=0 -N -h 127.0.0.1 -P "$port" -u reader -e 'SELECT CURRENT_USER()')" = 'reader@%'
}

# binlog runs mysqlbinlog for the node.
binlog() {
  MYSQL_PWD=$APPS_PASSWORD bounded 120 "$apps/mysql.sh" run mysqlbinlog --read-from-remote-server --host="${marmot%:*}" --port="${marmot#*:}" --user=root "$@" marmot-bin.000001
}

# replay has MySQL execute what mysqlbinlog has read, compares, and forgets it.
replay() { # label, file
  check "$1 is executed" replica_sql --binary-mode <"$2"
  check "$1 has all transactions" test "$(replica_sql -e 'SELECT @@gtid_executed')" = "$(source_sql -e 'SELECT @@gtid_executed')"
  same_tables "$1," "'binlog_types'"
  same_accounts "$1,"
  replica_sql -e "DROP DATABASE binlog_types; DROP USER reader, clerks, repl, root@'%'; RESET BINARY LOGS AND GTIDS"
}

binlog --verbose >"$work/remote.sql"
replay 'mysqlbinlog' "$work/remote.sql"
binlog --raw --result-file="$work/"
bounded 120 "$apps/mysql.sh" run mysqlbinlog --verbose "$work/marmot-bin.000001" >"$work/raw.sql"
replay 'mysqlbinlog --raw' "$work/raw.sql"
cluster_id=$(source_sql -e "SELECT SUBSTRING_INDEX(@@gtid_executed, ':', 1)")
check 'mysqlbinlog with GTIDs' test "$(binlog --include-gtids="$cluster_id:6-9" | grep -c "GTID_NEXT= '$cluster_id:[6-9]'")" = 4

replica_sql -e "SET GLOBAL server_id = 20001; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${marmot#*:}, SOURCE_USER = 'repl',
  SOURCE_PASSWORD = 'replica of the test', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 2; START REPLICA"

bounded $((seconds + patience)) python3 "$apps/replica/load.py" "${marmot#*:}" "$APPS_PASSWORD" "$seconds"
executed=$(source_sql -e 'SELECT @@gtid_executed')
check "the replica has all transactions of the source" test "$(replica_sql -e "SELECT WAIT_FOR_EXECUTED_GTID_SET('$executed', $patience)")" = 0
replica_sql -e 'SHOW REPLICA STATUS\G' >"$work/status.txt"
check "its threads run" test "$(replica_sql -e "SELECT GROUP_CONCAT(service_state) FROM performance_schema.replication_connection_status")" = ON
check "what it has executed is one interval" test "$(replica_sql -e 'SELECT @@gtid_executed' | tr -cd ',:' | wc -c)" = 1
same_tables 'the replica,' "'load_test', 'binlog_types'"
same_accounts 'the replica,'
check "the source lists the replica" test "$(source_sql -e 'SHOW REPLICAS' | cut -f1)" = 20001
echo "$((checks - failed)) passed, $failed failed"
((failed == 0))
