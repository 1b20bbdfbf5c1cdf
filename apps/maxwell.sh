#!/usr/bin/env bash
# Maxwell follows MySQL, a node, and three nodes of which it goes from one to the next: its JSON lines for all types and for definitions are compared, over a
# kill -9 of Maxwell, with a bootstrap of a table at the end.
#
# Maven's repository has Maxwell up to 1.22 only, which knows no server from MySQL 8.4 on (SHOW MASTER STATUS), and so neither a node. A later one is built:
# APPS_MAXWELL_SOURCE names the git repository to build from (Maxwell's own, if it can be reached), or APPS_MAXWELL a directory of jars that are there already.
name=maxwell
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3 mariadb-client git
command -v javac >/dev/null || need_packages default-jdk-headless
command -v mvn >/dev/null || need_packages maven
[[ -n $judge ]] || die "APPS_MYSQL=host:port is needed: every line is compared with MySQL's"
version=v1.44.1
jars=${APPS_MAXWELL:-$cache/$version/target/lib}
checks=0 failed=0

# build makes the jars.
build() {
  if [[ -n ${APPS_MAXWELL:-} || -e $cache/$version/.complete ]]; then return 0; fi
  rm -rf "${cache:?}/$version"
  bounded 600 git clone -q --depth 1 --branch "$version" "${APPS_MAXWELL_SOURCE:-https://github.com/zendesk/maxwell.git}" "$cache/$version" >&2 ||
    die "Maxwell's source could not be fetched, and Maven's repository has none that reads MySQL 8.4 or later: give a clone as APPS_MAXWELL_SOURCE, or a directory of jars as APPS_MAXWELL"
  (cd "$cache/$version" && bounded 1800 mvn -q -B -Dmaven.test.skip=true -Dassembly.skipAssembly=true -Dmaven.javadoc.skip=true package >&2) || die "Maxwell does not build"
  cp "$cache/$version"/target/maxwell-*.jar "$jars"
  touch "$cache/$version/.complete"
}

sql() { # host:port, password, arguments…
  local at=$1 password=$2
  shift 2
  MYSQL_PWD=$password bounded 120 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N -h "${at%:*}" -P "${at#*:}" -u root "$@"
}

# maxwell starts Maxwell, which keeps its own tables at one server and follows another: maxwell file keeper followed arguments…
maxwell() {
  local file=$1 keeper=$2 followed=$3
  shift 3
  : >"$work/$file.log"
  background "$work/$file.log" nice -n 19 java -Xmx400m -XX:+UseSerialGC -cp "$jars/*" com.zendesk.maxwell.Maxwell --host="${keeper%:*}" --port="${keeper#*:}" --user=maxwell \
    --password='maxwell of the test' --replication_host="${followed%:*}" --replication_port="${followed#*:}" --replication_user=maxwell \
    --replication_password='maxwell of the test' --jdbc_options='allowPublicKeyRetrieval=true&useSSL=false' --replication_jdbc_options='allowPublicKeyRetrieval=true&useSSL=false' \
    --producer=file --output_file="$work/$file.json" --output_ddl=true --output_primary_keys=true "$@"
  process=${processes[-1]}
  await_text "$work/$file.log" 'Binlog connected'
}

await_text() { # file, text
  local end=$((SECONDS + 600))
  until grep -q "$2" "$1" 2>/dev/null; do
    ((SECONDS < end)) || { tail -n 5 "$work"/*.log >&2; die "$1 does not say $2"; }
    sleep 0.2
  done
}

# drive has Maxwell follow a server's statements, and another one the rest of them: drive name first second password arguments…
drive() {
  local file=$1 first=$2 second=$3 password=$4
  shift 4
  sql "$first" "$password" -e "CREATE USER maxwell IDENTIFIED BY 'maxwell of the test'; GRANT ALL ON maxwell.* TO maxwell; GRANT SELECT, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO maxwell"
  maxwell "$file" "$first" "$first" "$@"
  sed '/^-- restart/,$d' "$apps/maxwell/statements.sql" | sql "$first" "$password"
  await_text "$work/$file.json" '"database":"mx_test","table":"gen","type":"delete"'
  kill -KILL "$process"
  wait "$process" 2>/dev/null || true
  { echo 'use mx_test;'; sed '1,/^-- restart/d' "$apps/maxwell/statements.sql"; } | sql "$first" "$password"
  maxwell "$file" "$first" "$second" "$@"
  sql "$first" "$password" -e "INSERT INTO mx_test.last_one VALUES (1)"
  await_text "$work/$file.json" '"table":"last_one","type":"insert"'
  sql "$first" "$password" -e "INSERT INTO maxwell.bootstrap (database_name, table_name) VALUES ('mx_test', 'num')"
  await_text "$work/$file.json" '"type":"bootstrap-complete"'
  kill -TERM "$process"
  wait "$process" 2>/dev/null || true
  python3 "$apps/maxwell/lines.py" "$work/$file.json" >"$work/$file.lines"
}

compare() { # name
  checks=$((checks + 1))
  if cmp -s "$work/mysql.lines" "$work/$1.lines"; then
    echo "ok      $1: $(wc -l <"$work/$1.lines") lines as behind MySQL"
  else
    echo "FAILED  $1: lines differ"
    diff "$work/mysql.lines" "$work/$1.lines" | head -n 20 | cut -c 1-400 || true
    failed=$((failed + 1))
  fi
}

forget() { sql "$judge" '' -e 'DROP DATABASE IF EXISTS mx_test; DROP DATABASE IF EXISTS mx_other; DROP DATABASE IF EXISTS maxwell; DROP USER IF EXISTS maxwell'; }

build
forget
drive mysql "$judge" "$judge" ''
forget
start_nodes 1
drive one "$marmot" "$marmot" "$APPS_PASSWORD"
compare one
stop_nodes
if [[ ${APPS_TARGET:-marmot} == marmot ]]; then
  start_nodes 3
  drive three "$marmot" "127.0.0.1:$((ports + 1))" "$APPS_PASSWORD" --gtid_mode=true
  compare three
fi
echo "$((checks - failed)) passed, $failed failed"
((failed == 0))
