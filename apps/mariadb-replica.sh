#!/usr/bin/env bash
# A MariaDB as a replica by file and offset: of a MySQL, to see what it can; of one node, under a load while its connections are killed and the node is; and of
# three nodes, from one to the next. It ends with the source's rows. APPS_REPLICA_SECONDS is how long each load lasts (60).
name=mariadb-replica
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3 mariadb-client mariadb-server
need_python pymysql cryptography
seconds=${APPS_REPLICA_SECONDS:-60}
patience=600 # for the replica to have all
port=$((ports + 94))
account="CREATE USER repl IDENTIFIED BY 'replica of the test'; GRANT REPLICATION SLAVE ON *.* TO repl"
checks=0 failed=0

check() { # text, condition…
  local text=$1
  shift
  checks=$((checks + 1))
  if "$@"; then echo "ok      $text"; else echo "FAILED  $text"; failed=$((failed + 1)); fi
}

client() { bounded 120 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N "$@"; }
source_sql() { MYSQL_PWD=$password client -h "${from%:*}" -P "${from#*:}" -u root "$@"; }
replica_sql() { client -h 127.0.0.1 -P "$port" -u root "$@"; }
status() { bounded 60 mariadb --no-defaults --ssl=0 -E -h 127.0.0.1 -P "$port" -u root -e 'SHOW SLAVE STATUS' >"$work/status.txt"; }

# start_replica starts a MariaDB with nothing in it. The plugin for the sources' accounts is the client library's.
start_replica() {
  local directory=$work/mariadb plugins as=()
  plugins=$(dirname "$(find /usr/lib -name caching_sha2_password.so -path '*mariadb*' -print -quit)")
  if ((EUID == 0)); then as=(--user=root); fi
  bounded 300 mariadb-install-db --no-defaults "${as[@]}" --datadir="$directory" --auth-root-authentication-method=normal --skip-test-db >"$work/install.log" 2>&1 \
    || die "MariaDB has no data directory: $(tail -n 3 "$work/install.log")"
  background "$work/mariadbd.out" nice -n 19 mariadbd --no-defaults "${as[@]}" --datadir="$directory" --bind-address=127.0.0.1 --port="$port" --socket="$work/mariadb.sock" \
    --server-id=20002 --log-error="$work/mariadbd.log" --log-basename=replica --plugin-dir="$plugins" --slave-net-timeout=20
  await_port "127.0.0.1:$port"
}

# attach has the replica follow $from from its end on.
attach() {
  local file offset rest
  read -r file offset rest < <(source_sql -e 'SHOW BINARY LOG STATUS')
  replica_sql -e "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${from#*:}, MASTER_USER = 'repl', MASTER_PASSWORD = 'replica of the test',
    MASTER_LOG_FILE = '$file', MASTER_LOG_POS = $offset, MASTER_USE_GTID = no, MASTER_CONNECT_RETRY = 1; START SLAVE"
}

detach() { replica_sql -e 'STOP SLAVE; RESET SLAVE ALL; SET GLOBAL gtid_slave_pos = ""; DROP DATABASE IF EXISTS maria_test; DROP DATABASE IF EXISTS load_test'; }

# arrive waits until the replica has all of the source. A receiver that MariaDB has stopped, as it does when a connection is lost in the midst of a statement's rows,
# is started again, which is counted.
restarts=0
arrive() {
  local file offset rest end=$((SECONDS + patience)) reached=
  read -r file offset rest < <(source_sql -e 'SHOW BINARY LOG STATUS')
  while ((SECONDS < end)); do
    reached=$(replica_sql -e "SELECT MASTER_POS_WAIT('$file', $offset, 2)")
    if [[ $reached != -1 && $reached != NULL ]]; then return 0; fi
    status
    if grep -q 'Slave_SQL_Running: No' "$work/status.txt"; then break; fi # with an error, or without one
    if grep -q 'Slave_IO_Running: No' "$work/status.txt"; then
      restarts=$((restarts + 1))
      replica_sql -e 'START SLAVE IO_THREAD'
    fi
    sleep 0.2
  done
  grep -E 'Last_(IO|SQL)_Error: .' "$work/status.txt" || true
  return 1
}

# compare compares the tables of a database, row by row.
compare() { # source's name, database
  local table key tables differing=''
  tables=$(source_sql -e "SELECT table_name FROM information_schema.tables WHERE table_schema = '$2' AND table_type = 'BASE TABLE' ORDER BY 1")
  for table in $tables; do
    key=$(source_sql -e "SELECT GROUP_CONCAT(CONCAT('\`', column_name, '\`')) FROM information_schema.columns WHERE table_schema = '$2' AND table_name = '$table'
      AND data_type NOT IN ('json', 'geometry', 'point', 'linestring', 'vector')")
    source_sql -e "SET time_zone = '+00:00'; SELECT * FROM $2.$table ORDER BY $key" | LC_ALL=C sort >"$work/source.txt"
    replica_sql -e "SET time_zone = '+00:00'; SELECT * FROM $2.$table ORDER BY $key" 2>&1 | LC_ALL=C sort >"$work/replica.txt"
    cmp -s "$work/source.txt" "$work/replica.txt" || differing+=" $table"
  done
  check "$1: $(wc -w <<<"$tables") tables of $2 are equal${differing:+, but not$differing}" test -n "$tables" -a -z "$differing"
}

# behind_mysql shows what a MariaDB does behind a real MySQL: all but JSON and the rows of CREATE TABLE … SELECT, if no collation is one that it lacks.
behind_mysql() {
  from=127.0.0.1:$((ports + 93)) password=
  "$apps/mysql.sh" start "$work/mysql" "${from#*:}"
  mysql_started=1
  source_sql -e "SET GLOBAL collation_server = 'utf8mb4_general_ci'; $account"
  MYSQL_PWD='replica of the test' client -h 127.0.0.1 -P "${from#*:}" -u repl -e 'DO 0' # so that the server knows the password
  attach
  grep -v '^create table made ' "$apps/mariadb-replica/statements.sql" | sed 's/^rename table made .*/create table kept (id int, a date, b time);/' | source_sql
  check "MySQL: the replica follows what both know" arrive
  compare MySQL maria_test
  source_sql <"$apps/mariadb-replica/json.sql"
  arrive >/dev/null || true
  check "MySQL: JSON in rows stops it" grep -q 'Slave_SQL_Running: No' "$work/status.txt"
  detach
  "$apps/mysql.sh" stop "$work/mysql"
  mysql_started=
}

# behind_marmot does all that, and more, behind nodes.
behind_marmot() { # name
  source_sql -e "$account"
  attach
  source_sql <"$apps/mariadb-replica/statements.sql"
  source_sql <"$apps/mariadb-replica/json.sql"
  check "$1: the replica follows all types and definitions" arrive
  compare "$1" maria_test
  loaded "$1"
}

# kill_dumps ends the replica's connection again and again.
kill_dumps() {
  local id
  while sleep 1.3; do
    for id in $(source_sql -e "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"); do source_sql -e "KILL $id" || true; done
  done
}

# loaded has the replica follow a load while its connections are killed; on one node the node is killed as well.
loaded() { # name
  local killer
  kill_dumps >/dev/null 2>&1 &
  killer=$!
  processes+=("$killer")
  check "$1: the load" bounded $((seconds + patience)) python3 "$apps/replica/load.py" "${from#*:}" "$password" "$seconds"
  kill "$killer"
  if [[ $1 == 'one node' ]]; then
    "$root/scripts/cluster.sh" kill-node 1 --dir "$cluster" >&2
    "$root/scripts/cluster.sh" start-node 1 --dir "$cluster" >&2
    source_sql -e "UPDATE load_test.mix SET f = 1 ORDER BY id DESC LIMIT 50"
  fi
  check "$1: the replica follows the load" arrive
  compare "$1" load_test
}

# to_the_next has the replica go on at another node, where it was.
to_the_next() {
  local file offset
  replica_sql -e 'STOP SLAVE'
  status
  file=$(sed -n 's/^ *Relay_Master_Log_File: //p' "$work/status.txt")
  offset=$(sed -n 's/^ *Exec_Master_Log_Pos: //p' "$work/status.txt")
  replica_sql -e "CHANGE MASTER TO MASTER_PORT = $((ports + 1)), MASTER_LOG_FILE = '$file', MASTER_LOG_POS = $offset; START SLAVE"
  source_sql -e "UPDATE load_test.mix SET f = 2 ORDER BY id DESC LIMIT 50; CREATE TABLE load_test.late AS SELECT id, u FROM load_test.mix"
  from=127.0.0.1:$((ports + 1))
  source_sql -e "SET SESSION marmot_read_consistency = 'STRONG'; SELECT COUNT(*) FROM load_test.late" >/dev/null
  check "three nodes: the replica goes on at the next" arrive
  compare 'three nodes' load_test
}

[[ ${APPS_TARGET:-marmot} == marmot ]] || die "the source is always Marmot"
mysql_started=
end_mysql() {
  local status=$?
  set +e
  if [[ -n $mysql_started ]]; then "$apps/mysql.sh" stop "$work/mysql"; fi
  (exit "$status")
  cleanup
}
trap end_mysql EXIT
start_replica
behind_mysql
start_nodes 1
from=$marmot password=$APPS_PASSWORD
behind_marmot 'one node'
detach
stop_nodes
start_nodes 3
from=$marmot password=$APPS_PASSWORD
behind_marmot 'three nodes'
to_the_next
echo "MariaDB stopped its receiver $restarts times in the midst of a statement's rows"
echo "$((checks - failed)) passed, $failed failed"
((failed == 0))
