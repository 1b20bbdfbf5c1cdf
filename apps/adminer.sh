#!/usr/bin/env bash
# Adminer's pages and forms on one node, then on three in turn; each page compared with the same page on MySQL, if there is one. What Adminer exports
# of Marmot and of MySQL is loaded into both, and the rows are compared.
name=adminer
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages adminer php-cli php-mysql php-mbstring mariadb-client python3
site_port=$((ports + 80)) failed=0
database=${APPS_PREFIX:-}adminer

query() { # host:port, password, statement
  MYSQL_PWD=$2 bounded 60 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N -h "${1%:*}" -P "${1#*:}" -u root -e "$3"
}

drive() { # Marmot
  clean "$1"
  APPS_WORK=$work bounded 600 python3 "$apps/adminer/drive.py" "http://127.0.0.1:$site_port" "$database" "$1" ${judge:+"$judge"} || failed=1
  if grep -m 5 -E 'PHP (Warning|Fatal|Notice)' "$work/php.log" 2>/dev/null; then echo "FAIL PHP's log has errors"; failed=1; fi
}

# exports loads each export into each server, and compares the rows. Adminer writes the values of generated columns, which MySQL refuses to take
# back: DEFAULT is put in their place.
exports() { # Marmot
  local from answers=() one port
  for from in 0 1; do
    LC_ALL=C sed -i -E '/^INSERT INTO .book./,/;$/ s/,\t[0-9.]+\)([,;])$/,\tDEFAULT)\1/' "$work/adminer-$from.sql"
    for one in "$1 $APPS_PASSWORD" "$judge "; do
      port=${one% *} port=${port#*:}
      query "${one% *}" "${one#* }" "DROP DATABASE IF EXISTS ${database}_load; CREATE DATABASE ${database}_load"
      if ! MYSQL_PWD=${one#* } bounded 60 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -h "${one%:*}" -P "$port" -u root "${database}_load" <"$work/adminer-$from.sql"; then
        echo "FAIL the export of server $from does not load into ${one% *}"; failed=1; return
      fi
      answers+=("$(query "${one% *}" "${one#* }" "USE ${database}_load; SELECT * FROM author ORDER BY id; SELECT id, author_id, title, price, kind, marks, body, HEX(cover), info, HEX(flags), total FROM book ORDER BY id; SELECT id, title, amount FROM remade ORDER BY id; SELECT * FROM priced ORDER BY id; SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${database}_load' ORDER BY 1")")
      query "${one% *}" "${one#* }" "DROP DATABASE ${database}_load"
    done
  done
  if [[ -n ${answers[0]} && ${answers[0]} == "${answers[1]}" && ${answers[0]} == "${answers[2]}" && ${answers[0]} == "${answers[3]}" ]]; then echo "ok   both exports loaded into both servers: equal rows"
  else echo "FAIL the exports give other rows"; printf '%s\n--\n' "${answers[@]}" | head -60; failed=1; fi
}

clean() { # Marmot
  query "$1" "$APPS_PASSWORD" "DROP DATABASE IF EXISTS $database"
  [[ -z $judge ]] || query "$judge" '' "DROP DATABASE IF EXISTS $database"
}

mkdir -p "$work/site" "$work/sessions"
cp "$apps/adminer/index.php" "$work/site/"
background "$work/web.log" php -d session.save_path="$work/sessions" -d error_log="$work/php.log" -d log_errors=1 -S "127.0.0.1:$site_port" -t "$work/site"
await_port "127.0.0.1:$site_port"
echo "-- one node"
start_nodes 1
drive "$marmot"
[[ -z $judge ]] || exports "$marmot"
clean "$marmot"
stop_nodes
if [[ ${APPS_TARGET:-marmot} == mysql ]]; then exit "$failed"; fi
echo "-- three nodes in turn"
start_three
drive "$three"
clean "$three"
exit "$failed"
