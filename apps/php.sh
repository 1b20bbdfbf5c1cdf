#!/usr/bin/env bash
# PDO and mysqli: what PHP programs ask of a server, on one node and on three in turn, each answer compared with MySQL's.
name=php
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages php-cli php-mysql php-mbstring python3
failed=0
database=${APPS_PREFIX:-}php

# ask runs the checks against host:port, and leaves the answers in a file.
ask() { # host:port, password, file
  php "$apps/sql.php" "$1" root "$2" "DROP DATABASE IF EXISTS $database" "CREATE DATABASE $database"
  bounded 900 php -d memory_limit=1G -d error_log="$work/php.log" "$apps/php/checks.php" "$1" root "$2" "$database" >"$3" 2>"$3.errors" \
    || { echo "FAIL the checks end early: $(tail -3 "$3.errors")"; failed=1; }
  php "$apps/sql.php" "$1" root "$2" "DROP DATABASE IF EXISTS $database"
}

[[ -n $judge ]] || die "APPS_MYSQL is missing: the answers are compared with a MySQL's"
ask "$judge" '' "$work/mysql.json"
echo "-- one node"
start_nodes 1
ask "$marmot" "$APPS_PASSWORD" "$work/one.json"
python3 "$apps/php/compare.py" "$work/mysql.json" "$work/one.json" "$apps/php/expected.txt" || failed=1
stop_nodes
[[ ${APPS_TARGET:-marmot} == mysql ]] && exit "$failed"

echo "-- three nodes in turn"
start_three
ask "$three" "$APPS_PASSWORD" "$work/three.json"
python3 "$apps/php/compare.py" "$work/mysql.json" "$work/three.json" "$apps/php/expected.txt" "$apps/php/expected-three.txt" || failed=1
exit "$failed"
