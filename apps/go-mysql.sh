#!/usr/bin/env bash
# The tests of the driver github.com/go-sql-driver/mysql on one node and on MySQL, compared test by test.
name=go-mysql
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
version=v1.10.1
need_packages python3 mariadb-client
command -v go >/dev/null || die "Go is missing"

source_of=$(cd "$cache" && GOFLAGS=-mod=mod go mod download -json "github.com/go-sql-driver/mysql@$version" | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
[[ -d $source_of ]] || die "the module could not be fetched"
cp -r "$source_of" "$work/driver"
chmod -R u+w "$work/driver"

# statements runs statements with the mariadb client.
statements() { # host:port, password, statement…
  local address=$1 options=()
  if [[ -n $2 ]]; then options+=("-p$2"); fi
  shift 2
  printf '%s;\n' "$@" | bounded 60 mariadb --no-defaults --ssl=0 -N -h "${address%:*}" -P "${address#*:}" -u root "${options[@]}"
}

# run runs the driver's tests. They load a client's file, which both servers allow only if told to. One test is left out:
# it dials an address outside this machine.
run() { # host:port, password, file
  local database=${APPS_PREFIX:-}gotest before
  before=$(statements "$1" "$2" "SELECT @@global.local_infile")
  statements "$1" "$2" "SET GLOBAL local_infile = 1" "DROP DATABASE IF EXISTS $database" "CREATE DATABASE $database"
  (cd "$work/driver" && MYSQL_TEST_USER=root MYSQL_TEST_PASS=$2 MYSQL_TEST_PROT=tcp MYSQL_TEST_ADDR=$1 MYSQL_TEST_DBNAME=$database MYSQL_TEST_CONCURRENT=1 \
    bounded 600 go test -count=1 -timeout 540s -json -skip '^TestConnectorReturnsTimeout$' . ) >"$3" 2>"$3.err" || true
  statements "$1" "$2" "SET GLOBAL local_infile = $before" "DROP DATABASE IF EXISTS $database"
}

start_nodes 1
run "$marmot" "$APPS_PASSWORD" "$work/marmot.json"
other=-
if [[ -n $judge ]]; then
  other=$work/mysql.json
  run "$judge" '' "$other"
fi
python3 "$apps/suite.py" go "$work/marmot.json" "$other" "$apps/known/go-mysql.txt"
