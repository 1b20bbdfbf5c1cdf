#!/usr/bin/env bash
# Rails' ActiveRecord (Debian's package) on one node and over three in turn, without and with prepared statements; each answer is compared
# with MySQL's.
name=rails
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages ruby ruby-activerecord ruby-mysql2 mariadb-client python3
command -v node >/dev/null || need_packages nodejs
failed=0 passed=0
database=${APPS_PREFIX:-apps_}rails

# drive runs the checks on a server and leaves their results in $work/SIDE-PREPARED.json.
drive() { # side, host:port, password
  local address=$2 options=() prepared
  if [[ -n $3 ]]; then options=("-p$3"); fi
  for prepared in 0 1; do
    bounded 60 mariadb --no-defaults --ssl=0 -h "${address%:*}" -P "${address#*:}" -u root "${options[@]}" \
      -e "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database"
    RAILS_ADDRESS=$address RAILS_DATABASE=$database RAILS_PREPARED=$prepared APPS_PASSWORD=$3 RAILS_RESULTS=$work/$1-$prepared.json \
      bounded 300 ruby "$apps/rails/checks.rb" >"$work/$1-$prepared.log" 2>&1 || { echo "FAIL the checks did not end on $1"; tail -n 20 "$work/$1-$prepared.log"; failed=$((failed + 1)); }
  done
  bounded 60 mariadb --no-defaults --ssl=0 -h "${address%:*}" -P "${address#*:}" -u root "${options[@]}" -e "DROP DATABASE IF EXISTS $database"
}

compare() { # side
  local prepared status
  for prepared in 0 1; do
    status=0
    node "$apps/node/compare.js" "rails, prepared $prepared" "$work/$1-$prepared.json" "$work/mysql-$prepared.json" || status=$?
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
  drive three "$three" "$APPS_PASSWORD"
  compare three
fi
echo "$passed passed, $failed failed"
((failed == 0))
