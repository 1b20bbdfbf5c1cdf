#!/usr/bin/env bash
# Dumps of mariadb-dump and mydumper: made on one server, loaded into another, dumped again and compared.
#
# With APPS_MYSQL the first server is MySQL, so what goes into Marmot is MySQL's own dump; without, it is Marmot.
name=dump
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages mariadb-client mydumper python3
prefix=${APPS_PREFIX:-apps_}
failed=0 passed=0

ok() { passed=$((passed + 1)); echo "ok   $1"; }
bad() { failed=$((failed + 1)); echo "FAIL $1"; }

# at runs a client program with the address and the password of a server: at marmot|mysql PROGRAM …
at() {
  local address=$marmot password=$APPS_PASSWORD program=$2
  if [[ $1 == mysql ]]; then address=$judge password=; fi
  shift 2
  local options=(-h "${address%:*}" -P "${address#*:}" -u root)
  case $program in
    mariadb*)
      if [[ -n $password ]]; then options+=("-p$password"); fi
      bounded 120 "$program" --no-defaults --ssl=0 "${options[@]}" "$@"
      ;;
    *)
      if [[ -n $password ]]; then options+=(-p "$password"); fi
       bounded 120 "$program" "${options[@]}" "$@"
      ;;
  esac
}

# plain takes away what differs between two dumps by nature: the server's version, the clock, the name of the database.
plain() { sed -e '/^-- /d' -e '/^--$/d' -e "s/\`$prefix\([a-z]*\)\`/\`\1\`/g" -e '/^\/\*M!999999/d' -e '/SET @OLD_\|SET .*=@OLD_/d'; }

dump() { # server, database, file
  at "$1" mariadb-dump --hex-blob --routines --triggers --events --skip-comments --order-by-primary "$prefix$2" >"$3"
  plain <"$3" >"$3.plain"
}

# rows prints every row of every table in a canonical form.
rows() { # server, database
  local table
  at "$1" mariadb -N -e "SELECT table_name FROM information_schema.tables WHERE table_schema = '$prefix$2' ORDER BY table_name" | while read -r table; do
    echo "== $table"
    at "$1" mariadb -N --binary-as-hex --default-character-set=utf8mb4 -e "SELECT * FROM \`$table\`" "$prefix$2" | LC_ALL=C sort
  done
}

compare() { # what, one, other
  if diff "$2" "$3" >"$work/difference"; then ok "$1"; else bad "$1"; head -n 40 "$work/difference" | cut -c1-600; fi
}

start_nodes 1
first=marmot
if [[ -n $judge ]]; then first=mysql; fi
load() { sed -e "s/\`\(zoo\|Chinook\|made\|stamps\)\`/\`$prefix\1\`/g" "$2" | tr -d '\r' | at "$1" mariadb --default-character-set=utf8mb4; }

by_mariadb_dump() { # database
  dump "$first" "$1" "$work/$1.first.sql"
  at marmot mariadb -e "DROP DATABASE IF EXISTS \`$prefix$1\`; CREATE DATABASE \`$prefix$1\`"
  if at marmot mariadb --default-character-set=utf8mb4 "$prefix$1" <"$work/$1.first.sql"; then ok "$1: mariadb-dump of $first loaded"; else bad "$1: mariadb-dump of $first loaded"; fi
  rows marmot "$1" >"$work/$1.rows"
  compare "$1: rows" "$work/$1.first.rows" "$work/$1.rows"
  dump marmot "$1" "$work/$1.sql"
  compare "$1: a dump of it is the same" "$work/$1.first.sql.plain" "$work/$1.sql.plain"
}

by_mydumper() { # database
  local part sql
  rm -rf "$work/mydumper"
  if at "$first" mydumper -B "$prefix$1" -o "$work/mydumper" --triggers --events --routines -t 2 >"$work/mydumper.log" 2>&1 && ! grep -q CRITICAL "$work/mydumper.log"; then
    ok "$1: mydumper on $first"
  else bad "$1: mydumper on $first"; tail -n 5 "$work/mydumper.log"; fi
  at marmot mariadb -e "DROP DATABASE IF EXISTS \`$prefix$1\`"
  if at marmot myloader -d "$work/mydumper" -o -t 2 >"$work/myloader.log" 2>&1 && ! grep -q CRITICAL "$work/myloader.log"; then ok "$1: myloader"; else bad "$1: myloader"; tail -n 5 "$work/myloader.log"; fi
  rows marmot "$1" >"$work/$1.rows"
  compare "$1: rows that mydumper carried" "$work/$1.first.rows" "$work/$1.rows"
  rm -rf "$work/mydumper-2"
  if at marmot mydumper -B "$prefix$1" -o "$work/mydumper-2" --triggers --events --routines -t 2 >"$work/mydumper.log" 2>&1 && ! grep -q CRITICAL "$work/mydumper.log"; then
    ok "$1: mydumper on Marmot"
  else bad "$1: mydumper on Marmot"; tail -n 5 "$work/mydumper.log"; fi
  for part in "$work/mydumper" "$work/mydumper-2"; do
    for sql in "$part"/*.sql; do
      [[ $sql == *metadata* ]] || { echo "== $(basename "$sql")"; cat "$sql"; }
    done >"$part.all"
  done
  # The order of rows is the server's choice there. For generated columns so is the order of columns.
  if [[ $1 != made ]]; then
    LC_ALL=C sort -o "$work/mydumper.all" <(tr ';,' '  ' <"$work/mydumper.all")
    LC_ALL=C sort -o "$work/mydumper-2.all" <(tr ';,' '  ' <"$work/mydumper-2.all")
    compare "$1: mydumper's files are the same" "$work/mydumper.all" "$work/mydumper-2.all"
  fi
}

for one in zoo:$apps/dump/types.sql Chinook:$root/e2e/testdata/chinook/Chinook_MySql.sql made:$apps/dump/generated.sql stamps:$apps/dump/stamps.sql; do
  database=${one%%:*} file=${one#*:}
  if load "$first" "$file"; then ok "$database: made on $first"; else bad "$database: made on $first"; continue; fi
  rows "$first" "$database" >"$work/$database.first.rows"
  if [[ $first == mysql ]] && ! load marmot "$file"; then bad "$database: the script itself on Marmot"; fi
  # MariaDB's program writes down the values of generated columns, which MySQL's rules refuse.
  if [[ $database != made ]]; then by_mariadb_dump "$database"; fi
  # mydumper 0.10 takes a column with a default of CURRENT_TIMESTAMP for a generated one, and leaves it out.
  if [[ $database != stamps ]]; then by_mydumper "$database"; fi
  if [[ $first == mysql ]]; then at mysql mariadb -e "DROP DATABASE \`$prefix$database\`"; fi
done
echo "$passed passed, $failed failed"
((failed == 0))
