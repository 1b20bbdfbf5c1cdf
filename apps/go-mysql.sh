#!/usr/bin/env bash
# The tests of two Go drivers on one node and on MySQL, compared test by test: github.com/go-sql-driver/mysql and the client
# of github.com/go-mysql-org/go-mysql.
name=go-mysql
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3 mariadb-client
command -v go >/dev/null || die "Go is missing"
export GOFLAGS=-mod=mod
database=${APPS_PREFIX:-}gotest
# go-mysql-org's version is that of Marmot's own go.mod.
own=$(sed -n 's/.*github.com\/go-mysql-org\/go-mysql \(v[0-9.]*\).*/\1/p' "$root/go.mod")

# fetch copies a module into the directory of this run.
fetch() { # module@version, directory
  local from
  from=$(cd "$cache" && go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
  [[ -d $from ]] || die "$1 could not be fetched"
  cp -r "$from" "$work/$2"
  chmod -R u+w "$work/$2"
}

# statements runs statements with the mariadb client.
statements() { # host:port, password, statement…
  local address=$1 options=()
  if [[ -n $2 ]]; then options+=("-p$2"); fi
  shift 2
  printf '%s;\n' "$@" | bounded 60 mariadb --no-defaults --ssl=0 -N -h "${address%:*}" -P "${address#*:}" -u root "${options[@]}"
}

# tests runs the tests of a package, and writes down what became of each.
tests() { # directory, file, arguments of go test…
  local directory=$work/$1 file=$2
  shift 2
  (cd "$directory" && bounded 600 go test -count=1 -timeout 540s -json "$@") >"$file.json" 2>"$file.err" || true
}

# run runs both on a server. They load a client's file, which servers allow only if told to. Two tests are left out: one dials an
# address outside this machine, one is an example that wants a server at 3306.
run() { # host:port, password, name
  local before
  before=$(statements "$1" "$2" "SELECT @@global.local_infile")
  statements "$1" "$2" "SET GLOBAL local_infile = 1" "DROP DATABASE IF EXISTS $database" "CREATE DATABASE $database"
  MYSQL_TEST_USER=root MYSQL_TEST_PASS=$2 MYSQL_TEST_PROT=tcp MYSQL_TEST_ADDR=$1 MYSQL_TEST_DBNAME=$database MYSQL_TEST_CONCURRENT=1 \
    tests driver "$work/driver-$3" -skip '^TestConnectorReturnsTimeout$' .
  tests client "$work/client-$3" -skip '^Example$' ./client -host "${1%:*}" -port "${1#*:}" -user root -pass "$2" -db "$database"
  statements "$1" "$2" "SET GLOBAL local_infile = $before" "DROP DATABASE IF EXISTS $database" "DROP USER IF EXISTS test_long_password"
}

fetch github.com/go-sql-driver/mysql@v1.10.1 driver
fetch "github.com/go-mysql-org/go-mysql@$own" client
sed -i 's/UseDB("test")/UseDB(*testDB)/' "$work/client/client/conn_test.go"
start_nodes 1
run "$marmot" "$APPS_PASSWORD" marmot
if [[ -n $judge ]]; then run "$judge" '' mysql; fi
failed=0
for suite in driver client; do
  echo "-- $suite"
  other=$work/$suite-mysql.json
  if [[ ! -e $other ]]; then other=-; fi
  python3 "$apps/suite.py" go "$work/$suite-marmot.json" "$other" "$apps/known/go-mysql-$suite.txt" || failed=1
done
exit "$failed"
