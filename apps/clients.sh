#!/usr/bin/env bash
# MySQL 9's own programs (mysql, mysqladmin, mysqldump, mysqlcheck, mysqlimport, mysqlshow, mysqlslap): on one node, then on three in
# turn, each check compared with MySQL.
#
# They are those of Debian's unstable distribution, unpacked into .cache and run with the libraries of that distribution; or those of
# APPS_MYSQL_PROGRAMS, a command that runs the program named by its first argument.
name=clients
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
need_packages python3
[[ -n $judge ]] || die "APPS_MYSQL=host:port is needed: every check is compared with a MySQL"
database=${APPS_PREFIX:-apps_}clients failed=0

# fetch unpacks the packages into $cache/root, with a state of apt of its own.
fetch() {
  [[ ! -e $cache/root/.complete ]] || return 0
  local apt=$cache/apt source
  mkdir -p "$apt"/{state/lists/partial,cache/archives/partial,preferences,parts} "$cache/root"
  : >"$apt/state/status"
  source=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -1)
  [[ -n $source ]] || die "the machine has no Debian source"
  printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$source" >"$apt/parts/sid.sources"
  cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state"; Dir::State::status "$apt/state/status"; Dir::Cache "$apt/cache"; Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/parts"; Dir::Etc::preferencesparts "$apt/preferences"; APT::Architecture "amd64"; Acquire::Languages "none"; APT::Sandbox::User "root";
CONF
  APT_CONFIG=$apt/apt.conf bounded 300 apt-get update -q >&2
  APT_CONFIG=$apt/apt.conf bounded 600 apt-get install -y -q --download-only --no-install-recommends mysql-client-core mysql-client >&2 || die "apt-get could not fetch MySQL's programs"
  local one
  for one in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$one" "$cache/root"; done
  touch "$cache/root/.complete"
}

programs=${APPS_MYSQL_PROGRAMS:-}
if [[ -z $programs ]]; then
  fetch
  programs=$work/programs
  libraries=$cache/root/usr/lib/x86_64-linux-gnu
  # shellcheck disable=SC2016  # the script's own variables
  printf '#!/bin/sh\nprogram=$1\nshift\nexec "%s/ld-linux-x86-64.so.2" --library-path "%s" "%s/usr/bin/$program" --no-defaults "$@"\n' "$libraries" "$libraries" "$cache/root" >"$programs"
  chmod 700 "$programs"
fi

# drive writes down what the programs say of a server, and compares it with what they say of MySQL: drive file address password
drive() {
  bounded 900 "$apps/clients/drive.sh" "$programs" "${2%:*}" "${2#*:}" "$3" "$database" "$work/files" >"$work/$1" 2>&1 || { failed=1; echo "FAIL $1: the driver ended with $?"; }
  if [[ $1 != mysql ]]; then python3 "$apps/transcripts.py" --expected "$apps/clients/expected.txt" --label "$1: " "$work/$1" "$work/mysql" || failed=1; fi
}

drive_all
exit "$failed"
