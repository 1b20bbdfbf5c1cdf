#!/usr/bin/env bash
# SQLAlchemy's suite for dialects and its own tests of the MySQL dialect, with PyMySQL and with mysqlclient, on one node and on MySQL:
# what passes there has to pass here.
#
#   apps/sqlalchemy.sh [pytest's arguments]
name=sqlalchemy
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
version=2.1.9
need_packages python3-dev build-essential pkg-config libmariadb-dev mariadb-client
export DISABLE_SQLALCHEMY_CEXT=1
need_python "sqlalchemy==$version" pymysql==1.2.4 mysqlclient==2.3.2 cryptography pytest==9.2.0 greenlet
if [[ ! -d $cache/source-$version ]]; then
  pip download -q --disable-pip-version-check --no-deps --no-binary sqlalchemy -d "$work" "sqlalchemy==$version" >&2
  mkdir "$work/source"
  tar -xzf "$work/sqlalchemy-$version.tar.gz" -C "$work/source" --strip-components 1
  mv "$work/source" "$cache/source-$version"
fi
database=${APPS_PREFIX:-}sqlalchemy

statements() { # host:port, password, statement…
  local address=$1 password=$2
  shift 2
  printf '%s;\n' "$@" | MYSQL_PWD=$password bounded 60 mariadb --no-defaults --ssl=0 -h "${address%:*}" -P "${address#*:}" -u root
}

# suite runs the tests with one driver; what they print stands in $cache.
suite() { # server's name, host:port, password, driver, pytest's arguments…
  local one fresh=() last=() server=$1 address=$2 password=$3 driver=$4 file=$work/$1-$4.xml
  shift 4
  for one in "$database" "${database}_schema" "${database}_schema_2"; do
    last+=("DROP DATABASE IF EXISTS $one")
    fresh+=("DROP DATABASE IF EXISTS $one" "CREATE DATABASE $one CHARACTER SET utf8mb4")
  done
  statements "$address" "$password" "${fresh[@]}"
  if (($# == 0)); then set -- test/dialect/test_suite.py test/dialect/mysql; fi
  (cd "$cache/source-$version" && TEST_DATABASE=$database PYTHONPATH=$apps/sqlalchemy bounded 1500 python -m pytest -p databases -p no:cacheprovider -q --tb=short \
    --maxfail=100000 --dburi "mysql+$driver://root:$password@$address/$database?charset=utf8mb4" --junitxml "$file" "$@") >"$cache/$server-$driver.log" 2>&1 || true
  statements "$address" "$password" "${last[@]}"
  [[ -s $file ]] || { tail -n 20 "$cache/$server-$driver.log"; die "the tests did not run"; }
}

failed=0
start_nodes 1
for driver in pymysql mysqldb; do
  echo "-- $driver"
  files=("$work/marmot-$driver.xml")
  suite marmot "$marmot" "$APPS_PASSWORD" "$driver" "$@"
  if [[ -n $judge ]]; then
    suite mysql "$judge" '' "$driver" "$@"
    files+=("$work/mysql-$driver.xml")
  fi
  python3 "$apps/sqlalchemy/compare.py" "${files[@]}" "$apps/sqlalchemy/known.txt" || failed=1
done
exit "$failed"
