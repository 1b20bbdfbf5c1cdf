#!/usr/bin/env bash
# A real MySQL server to compare with: Debian's newest, unpacked beside the project's other downloads. The machine's own packages,
# and any server that runs there, are left alone.
#
#   apps/mysql.sh fetch                     unpack it under .cache/apps/mysql (start does so too)
#   apps/mysql.sh start DIRECTORY PORT      a fresh server in DIRECTORY on 127.0.0.1, whose root has no password; waits until it answers
#   apps/mysql.sh run PROGRAM …             run one of the programs that come with it, such as mysqlbinlog
#   apps/mysql.sh stop DIRECTORY            end it and remove DIRECTORY
#
# run.sh starts one by itself. Only Debian's suite sid has MySQL; the mirror is the one that the machine's apt uses.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.cache/apps/mysql
tree=$home/tree
patience=600

die() { echo "mysql: $*" >&2; exit 1; }

# mirrors prints the addresses of Debian's archive in apt's sources, without those of security updates.
mirrors() {
  # shellcheck disable=SC2016  # apt fills these in, not the shell
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | sort -u
}

# mirror prints one of them. apt knows whose archive it is only once it has read its lists.
mirror() {
  local found sudo=()
  found=$(mirrors)
  if [[ -z $found ]]; then
    if ((EUID != 0)); then sudo=(sudo); fi
    "${sudo[@]}" apt-get update -q >&2
    found=$(mirrors)
  fi
  [[ -n $found ]] || die "apt's sources name no mirror of Debian"
  head -n 1 <<<"$found"
}

# private_apt lays out a state of apt of our own in $1, in which nothing is installed and sid is the only source.
private_apt() {
  local state=$1 from
  from=$(mirror)
  mkdir -p "$state"/lists/partial "$state"/cache/archives/partial "$state"/sources "$state"/preferences
  : >"$state/status"
  printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: %s\n' "$from" /usr/share/keyrings/debian-archive-keyring.gpg >"$state/sources/sid.sources"
  cat >"$state/apt.conf" <<CONF
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$state/sources";
Dir::Etc::preferencesparts "$state/preferences";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
}

# fetch unpacks the server with every library that it needs, down to the C library, which is newer than the machine's.
fetch() {
  local package state=$home/apt.$$
  if [[ -x $tree/usr/sbin/mysqld ]]; then return 0; fi
  command -v apt-get >/dev/null || die "this script knows Debian's apt-get only"
  mkdir -p "$home"
  exec 9>"$home/lock"
  flock -w 1200 9 || die "another run fetches MySQL for 20 minutes now"
  if [[ -x $tree/usr/sbin/mysqld ]]; then exec 9>&-; return 0; fi
  echo "mysql: fetching MySQL from Debian sid" >&2
  rm -rf "$home"/apt.* "$home"/tree.*
  private_apt "$state"
  APT_CONFIG=$state/apt.conf apt-get update -q >&2
  APT_CONFIG=$state/apt.conf apt-get install -y -q --download-only --no-install-recommends mysql-server-core >&2
  for package in "$state"/cache/archives/*.deb; do dpkg-deb -x "$package" "$home/tree.$$"; done
  [[ -x $home/tree.$$/usr/sbin/mysqld ]] || die "the packages hold no mysqld"
  mv "$home/tree.$$" "$tree"
  rm -rf "$state"
  exec 9>&-
}

# loader prints the unpacked dynamic linker: through it the server finds the unpacked libraries.
loader() { find "$tree/usr" -name 'ld-linux*.so*' -print -quit; }

start() {
  local directory=$1 port=$2 linker libraries command pid
  fetch
  [[ ! -e $directory/data ]] || die "$directory has a server already"
  mkdir -p "$directory"
  directory=$(cd "$directory" && pwd)
  linker=$(loader)
  libraries=$(dirname "$(find "$tree/usr" -name 'libstdc++.so.6' -print -quit)")
  command=("$linker" --library-path "$libraries:$tree/usr/lib/mysql/private" "$tree/usr/sbin/mysqld" --no-defaults "--basedir=$tree/usr" "--datadir=$directory/data"
    "--lc-messages-dir=$tree/usr/share/mysql" "--character-sets-dir=$tree/usr/share/mysql/charsets" "--plugin-dir=$tree/usr/lib/mysql/plugin" --secure-file-priv=)
  if ((EUID == 0)); then command+=(--user=root); fi
  nice -n 19 "${command[@]}" --initialize-insecure >"$directory/mysqld.log" 2>&1 || { tail -n 20 "$directory/mysqld.log" >&2; die "no data directory"; }
  # The socket's name is short: the system allows about a hundred bytes, and a directory may be longer.
  (cd "$directory/data" && exec setsid nice -n 19 "${command[@]}" --bind-address=127.0.0.1 "--port=$port" --mysqlx=OFF --socket=mysql.sock --server-id=1 \
    "--pid-file=$directory/pid") </dev/null >>"$directory/mysqld.log" 2>&1 &
  pid=$!
  local end=$((SECONDS + patience))
  # The file of the process id is written when the server is ready for connections.
  until [[ -s $directory/pid ]] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    if ! kill -0 "$pid" 2>/dev/null || ((SECONDS >= end)); then tail -n 20 "$directory/mysqld.log" >&2; die "the server did not start"; fi
    sleep 0.1
  done
}

stop() {
  local pid
  if [[ -s $1/pid ]]; then
    pid=$(<"$1/pid")
    kill -TERM "$pid" 2>/dev/null || true
    for ((n = 0; n < 600; n++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -rf "$1/data" "$1/pid" "$1/mysqld.log"
  rmdir "$1" 2>/dev/null || true
}

# run runs a program with the unpacked libraries.
run() {
  local program=$1 libraries
  shift
  fetch
  libraries=$(dirname "$(find "$tree/usr" -name 'libstdc++.so.6' -print -quit)")
  exec "$(loader)" --library-path "$libraries:$tree/usr/lib/mysql/private" "$tree/usr/bin/$program" --no-defaults "$@"
}

case "${1:-} $#" in
  'run '*)
    (($# > 1)) || { echo "mysql: run which program?" >&2; exit 2; }
    shift
    run "$@"
    ;;
  'fetch 1') fetch ;;
  'start 3') start "$2" "$3" ;;
  'stop 2') stop "$2" ;;
  *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac
