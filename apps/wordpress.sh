#!/usr/bin/env bash
# WordPress on one node, then on three in turn while one is killed; then its statements again on MySQL, if there is one.
name=wordpress
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages wordpress wordpress-theme-twentytwentyone php-cli php-mysql php-xml php-mbstring python3
site_port=$((ports + 80)) proxy_port=$((ports + 81)) failed=0
database=${APPS_PREFIX:-}wordpress

# site lays WordPress out in $work/$1 and serves it; its database is reached through the proxy.
site() {
  local folder=$work/$1
  cp -rL /usr/share/wordpress "$folder"
  rm -f "$folder/wp-config.php"
  mkdir -p "$folder/wp-content/plugins/marmot-import" "$folder/wp-content/uploads"
  cp "$apps/wordpress/marmot-import.php" "$folder/wp-content/plugins/marmot-import/"
  cat >"$folder/wp-config.php" <<PHP
<?php
define('DB_NAME', '$database'); define('DB_USER', 'root'); define('DB_PASSWORD', '$APPS_PASSWORD');
define('DB_HOST', '127.0.0.1:$proxy_port'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (array('AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT') as \$key)
    define(\$key, 'a phrase of this test for ' . \$key);
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEBUG', true); define('WP_DEBUG_LOG', '$work/$1.log'); define('WP_DEBUG_DISPLAY', false);
define('WP_DEFAULT_THEME', 'twentytwentyone');
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
PHP
  background "$work/$1.web" php -d sendmail_path=/bin/true -d opcache.enable_cli=0 -S "127.0.0.1:$site_port" -t "$folder"
  await_port "127.0.0.1:$site_port"
}

# drive runs the driver, and fails if WordPress wrote down an error of the database.
drive() { # site, what
  bounded 1800 python3 "$apps/wordpress/drive.py" "http://127.0.0.1:$site_port" "$2" || failed=1
  if grep -m 5 'WordPress database error' "$work/$1.log" 2>/dev/null; then echo "FAIL $1: errors of the database in WordPress's log"; failed=1; fi
}

halt() { # how many of the processes started last
  local n
  for ((n = 0; n < $1; n++)); do
    kill "${processes[-1]}" 2>/dev/null || true
    wait "${processes[-1]}" 2>/dev/null || true
    unset 'processes[-1]'
  done
}

if [[ ${APPS_NODES:-1 3} == *1* ]]; then
  echo "-- one node"
  start_nodes 1
  background "$work/proxy.log" python3 "$apps/proxy.py" --listen "$proxy_port" --to "$marmot" --log "$work/statements.json"
  await_port "127.0.0.1:$proxy_port"
  php "$apps/sql.php" "$marmot" root "$APPS_PASSWORD" "CREATE DATABASE $database"
  site one
  drive one install
  halt 2
  stop_nodes

  if [[ -n $judge ]]; then
    echo "-- its statements on a fresh node and on MySQL"
    need_python pymysql==1.1.1 cryptography
    start_nodes 1
    bounded 1800 python3 "$apps/replay.py" --prefix "${APPS_PREFIX:-}replay_" --log "$work/statements.json" --left "$marmot" --right "$judge" || failed=1
    stop_nodes
  fi
fi

if [[ ${APPS_TARGET:-marmot} == mysql ]]; then
  php "$apps/sql.php" "$marmot" root '' "DROP DATABASE $database"
  exit "$failed"
fi

if [[ ${APPS_NODES:-1 3} == *3* ]]; then
  echo "-- three nodes in turn, one of them killed"
  start_three
  php "$apps/sql.php" "$marmot" root "$APPS_PASSWORD" "CREATE DATABASE $database"
  site three
  drive three install
  "$root/scripts/cluster.sh" kill-node 2 --dir "$cluster"
  drive three after
fi
exit "$failed"
