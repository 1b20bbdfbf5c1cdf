#!/usr/bin/env bash
# go-mysql's canal follows a node, and three of which it goes from one to the next: rows, definitions, the columns that it asks for, commits, GTIDs and
# positions, at each of which it goes on. What it hands over is compared with what it hands over of MySQL.
name=canal
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
command -v go >/dev/null || die "Go is missing"
[[ -n $judge ]] || die "APPS_MYSQL=host:port is needed: every line is compared with MySQL's"
own=$(sed -n 's/.*github.com\/go-mysql-org\/go-mysql \(v[0-9.]*\).*/\1/p' "$root/go.mod")
driver=$(sed -n 's/.*github.com\/go-sql-driver\/mysql \(v[0-9.]*\).*/\1/p' "$root/go.mod")
checks=0 failed=0

# A module of its own: canal needs libraries that Marmot does not.
mkdir -p "$cache/module"
cp "$apps/canal/follow.go.txt" "$cache/module/follow.go"
printf 'module canal\n\ngo 1.24\n\nrequire (\n\tgithub.com/go-mysql-org/go-mysql %s\n\tgithub.com/go-sql-driver/mysql %s\n)\n' "$own" "$driver" >"$cache/module/go.mod"
(cd "$cache/module" && CGO_ENABLED=0 GOFLAGS=-mod=mod bounded 900 go build -o "$cache/follow" follow.go) >&2 || die "canal does not build"

# follow writes down what canal hands over: name, servers, password.
follow() {
  if bounded 300 "$cache/follow" "$2" "$3" "$apps/canal/statements.sql" >"$work/$1.txt" 2>"$work/$1.errors"; then return 0; fi
  echo "FAILED  $1: $(tail -n 1 "$work/$1.errors")"
  failed=$((failed + 1))
}

compare() { # name
  checks=$((checks + 1))
  # CREATE TABLE … SELECT is one transaction of MySQL's, which begins with a statement that canal does not parse; here it is two, the table's and that of its rows.
  local file
  for file in mysql "$1"; do
    # shellcheck disable=SC2016  # the name as it stands in the statement
    sed -e '/^changed canal_test.copied$/d' -e '/^ddl .*CREATE TABLE `copied` (/d' "$work/$file.txt" | awk '$0 != "commit" || before != "commit"; { before = $0 }' >"$work/$file.lines"
  done
  if cmp -s "$work/mysql.lines" "$work/$1.lines"; then
    echo "ok      $1: $(wc -l <"$work/$1.lines") lines as MySQL's"
  else
    echo "FAILED  $1: $(diff "$work/mysql.lines" "$work/$1.lines" | grep -c '^[<>]' || true) lines differ"
    diff "$work/mysql.lines" "$work/$1.lines" | head -n 20 | cut -c 1-400 || true
    failed=$((failed + 1))
  fi
}

follow mysql "$judge" ''
[[ -s $work/mysql.txt ]] || die "canal hands over nothing of MySQL"
start_nodes 1
follow one "$marmot" "$APPS_PASSWORD"
compare one
stop_nodes
if [[ ${APPS_TARGET:-marmot} == marmot ]]; then
  start_three
  follow three "127.0.0.1:$ports,127.0.0.1:$((ports + 1)),127.0.0.1:$((ports + 2))" "$APPS_PASSWORD"
  compare three
fi
echo "$((checks - failed)) passed, $failed failed"
((failed == 0))
