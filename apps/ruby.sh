#!/usr/bin/env bash
# Ruby's mysql2 and Sequel (Debian's packages): on one node, then on three in turn, each check compared with MySQL.
#
#   apps/ruby.sh [SECTION …]    mysql2, sequel (both)
name=ruby
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages ruby ruby-mysql2 ruby-sequel python3
[[ -n $judge ]] || die "APPS_MYSQL=host:port is needed: every check is compared with a MySQL"
database=${APPS_PREFIX:-apps_}ruby failed=0 sections=("$@")

# drive writes down what a server answers, and compares it with what MySQL did: drive file address password
drive() {
  bounded 300 ruby "$apps/ruby/drive.rb" "${2%:*}" "${2#*:}" "$3" "$database" "${sections[@]}" >"$work/$1" 2>"$work/$1.errors" || { failed=1; echo "FAIL $1: the program ended early"; tail -5 "$work/$1.errors"; }
  if [[ $1 != mysql ]]; then python3 "$apps/transcripts.py" --label "$1: " "$work/$1" "$work/mysql" || failed=1; fi
}

drive_all
exit "$failed"
