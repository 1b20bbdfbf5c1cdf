#!/usr/bin/env bash
# Drivers and mappers of Node on one node and over three in turn; each answer is compared with MySQL's.
#
#   apps/node.sh [NAME …]     those of apps/node that are named (mysql2 mariadb mysql sequelize typeorm knex drizzle prisma), or all
name=node
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3 mariadb-client
command -v npm >/dev/null || need_packages nodejs npm
failed=0 passed=0
database=${APPS_PREFIX:-apps_}node
scripts=("$@")
if ((${#scripts[@]} == 0)); then scripts=(mysql2 mariadb mysql sequelize typeorm knex drizzle prisma); fi

# The packages lie in the cache, at the versions of package.json; what a script writes goes into this run's directory.
if ! cmp -s "$apps/node/package.json" "$cache/installed.json"; then
  cp "$apps/node/package.json" "$cache/"
  (cd "$cache" && bounded 600 npm install --no-audit --no-fund --loglevel=error --ignore-scripts >&2) || die "npm could not install the packages"
  cp "$cache/package.json" "$cache/installed.json"
fi

# drive runs the scripts on a server and leaves their results in $work/SCRIPT.SIDE.json.
drive() { # side, host:port, password
  local one address=$2 options=()
  if [[ -n $3 ]]; then options=("-p$3"); fi
  for one in "${scripts[@]}"; do
    bounded 60 mariadb --no-defaults --ssl=0 -h "${address%:*}" -P "${address#*:}" -u root "${options[@]}" \
      -e "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database"
    NODE_PATH=$cache/node_modules NODE_HOST=${address%:*} NODE_PORT=${address#*:} NODE_DATABASE=$database APPS_PASSWORD=$3 NODE_RESULTS=$work/$one.$1.json \
      bounded 300 node --preserve-symlinks-main "$apps/node/$one.js" >"$work/$one.$1.log" 2>&1 || { echo "FAIL $one did not end on $1"; tail -n 20 "$work/$one.$1.log"; failed=$((failed + 1)); }
  done
  bounded 60 mariadb --no-defaults --ssl=0 -h "${address%:*}" -P "${address#*:}" -u root "${options[@]}" -e "DROP DATABASE IF EXISTS $database"
}

# compare compares the results of a side with MySQL's, if there are any.
compare() { # side
  local one status
  for one in "${scripts[@]}"; do
    status=0
    node "$apps/node/compare.js" "$one" "$work/$one.$1.json" "$work/$one.mysql.json" || status=$?
    if ((status == 0)); then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
}

if [[ -n $judge ]]; then drive mysql "$judge" ''; fi

echo "-- one node"
start_nodes 1
drive one "$marmot" "$APPS_PASSWORD"
compare one
stop_nodes

if [[ ${APPS_TARGET:-marmot} == marmot ]]; then
  echo "-- three nodes, each connection on the next"
  start_three
  export NODE_TURNS=1
  drive three "$three" "$APPS_PASSWORD"
  compare three
fi
echo "$passed passed, $failed failed"
((failed == 0))
