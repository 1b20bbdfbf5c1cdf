#!/usr/bin/env bash
# phpMyAdmin's pages and forms on one node, then on three in turn; each page compared with the same page on MySQL, if there is one. What it exports of
# Marmot and of MySQL is loaded into both, and the rows are compared. Debian's package is unpacked, not configured: that would ask questions.
name=phpmyadmin
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages php-cli php-mysql php-xml php-mbstring php-curl mariadb-client python3 php-google-recaptcha php-mariadb-mysql-kbs php-phpmyadmin-motranslator php-phpmyadmin-shapefile \
  php-phpmyadmin-sql-parser php-symfony-config php-symfony-dependency-injection php-symfony-expression-language php-symfony-cache php-twig php-twig-i18n-extension php-webmozart-assert php-nikic-fast-route \
  php-slim-psr7 php-composer-ca-bundle php-psr-http-factory php-psr-http-message php-symfony-polyfill-php80
site_port=$((ports + 80)) failed=0
database=${APPS_PREFIX:-}pma

if [[ ! -d $cache/package/usr/share/phpmyadmin ]]; then
  rm -rf "$cache/package" "$cache/download"
  mkdir -p "$cache/download"
  (cd "$cache/download" && apt-get download -q phpmyadmin >&2) || die "apt-get could not fetch phpmyadmin"
  dpkg-deb -x "$cache"/download/phpmyadmin_*.deb "$cache/package"
fi

query() { # host:port, password, statement
  MYSQL_PWD=$2 bounded 60 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -N -h "${1%:*}" -P "${1#*:}" -u root -e "$3"
}

drive() { # Marmot
  clean "$1"
  cp -r "$cache/package/usr/share/phpmyadmin" "$work/site"
  mkdir -p "$work/tmp" "$work/sessions"
  sed -i "s#'/etc/phpmyadmin/config.inc.php'#'$apps/phpmyadmin/config.php'#; s#'/var/lib/phpmyadmin/tmp/'#'$work/tmp/'#; s#ROOT_PATH . 'libraries' . DIRECTORY_SEPARATOR . 'cache' . DIRECTORY_SEPARATOR#'$work/tmp/'#" \
    "$work/site/libraries/vendor_config.php"
  background "$work/web.log" env PMA_MARMOT="$1" PMA_MYSQL="$judge" PMA_DATABASE="$database" PMA_TEMP="$work/tmp" \
    php -d session.save_path="$work/sessions" -d error_log="$work/php.log" -d log_errors=1 -S "127.0.0.1:$site_port" -t "$work/site"
  await_port "127.0.0.1:$site_port"
  APPS_WORK=$work bounded 900 python3 "$apps/phpmyadmin/drive.py" "http://127.0.0.1:$site_port" "$database" "$1" ${judge:+"$judge"} || failed=1
  if grep -m 5 -E 'PHP (Warning|Fatal|Notice)' "$work/php.log" 2>/dev/null; then echo "FAIL PHP's log has errors"; failed=1; fi
  kill "${processes[-1]}"
  wait "${processes[-1]}" 2>/dev/null || true
  unset 'processes[-1]'
  rm -rf "$work/site" "$work/tmp"
}

# load puts a dump into a fresh database of a server, and prints what is in it. It is called where set -e does not hold.
load() { # host:port, password, file
  query "$1" "$2" "DROP DATABASE IF EXISTS ${database}_load; CREATE DATABASE ${database}_load" || return 1
  MYSQL_PWD=$2 bounded 60 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -h "${1%:*}" -P "${1#*:}" -u root "${database}_load" <"$3" || return 1
  query "$1" "$2" "USE ${database}_load; SELECT * FROM author ORDER BY id; SELECT id, author_id, title, price, kind, marks, body, HEX(cover), info, HEX(flags), total FROM book ORDER BY id;
    SELECT a, b, c, d, e, HEX(f), ST_AsText(g) FROM plain; SELECT * FROM priced ORDER BY id; SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${database}_load' ORDER BY 1; DROP DATABASE ${database}_load"
}

exports() { # Marmot
  local from to password answers=() answer
  for from in 0 1; do
    for to in "$1" "$judge"; do
      if [[ $to == "$judge" ]]; then password=''; else password=$APPS_PASSWORD; fi
      # The account that made the views and programs is root@localhost on MySQL, root@% on Marmot: whoever loads the dump owns them.
      # shellcheck disable=SC2016 # backticks as they stand in the dump
      sed -i -E 's/DEFINER=`[^`]*`@`[^`]*`//' "$work/phpmyadmin-$from.sql"
      if ! answer=$(load "$to" "$password" "$work/phpmyadmin-$from.sql" 2>&1); then
        echo "FAIL the export of server $from does not load into $to: $answer"; failed=1; return 0
      fi
      answers+=("$answer")
    done
  done
  if [[ ${answers[0]} == *Hara* && ${answers[0]} == "${answers[1]}" && ${answers[0]} == "${answers[2]}" && ${answers[0]} == "${answers[3]}" ]]; then echo "ok   both exports loaded into both servers: equal rows"
  else echo "FAIL the exports give other rows"; printf '%s\n--\n' "${answers[@]}" | head -60; failed=1; fi
}

clean() { # Marmot
  query "$1" "$APPS_PASSWORD" "DROP DATABASE IF EXISTS $database"
  [[ -z $judge ]] || query "$judge" '' "DROP DATABASE IF EXISTS $database"
}

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
