#!/usr/bin/env bash
# Python's drivers (PyMySQL, mysqlclient, mysql-connector-python, aiomysql, asyncmy): what each check of python/checks.py shows on Marmot
# has to be what it shows on MySQL, on one node and with each connection on the next of three nodes.
#
#   apps/python.sh [DRIVER …]
name=python
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
[[ -n $judge ]] || die "every check compares with MySQL: APPS_MYSQL names one, and apps/run.sh starts one"
need_packages python3-dev build-essential pkg-config libmariadb-dev
need_python pymysql==1.2.4 mysqlclient==2.3.2 mysql-connector-python==26.10.0 aiomysql==0.3.2 asyncmy==0.2.18 cryptography
drivers=("$@") failed=0
if ((${#drivers[@]} == 0)); then drivers=(pymysql mysqlclient connector aiomysql asyncmy); fi

echo "-- one node"
start_nodes 1
bounded 900 python3 -W ignore "$apps/python/drive.py" --mysql "$judge" --marmot "$marmot" "${drivers[@]}" || failed=1
stop_nodes
if [[ ${APPS_TARGET:-marmot} == mysql ]]; then exit "$failed"; fi

echo "-- three nodes in turn"
start_three
bounded 900 python3 -W ignore "$apps/python/drive.py" --nodes --mysql "$judge" --marmot "$three" "${drivers[@]}" || failed=1
exit "$failed"
