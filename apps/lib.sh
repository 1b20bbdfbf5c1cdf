# Sourced by the scripts of apps/: what each of them needs to run a program against Marmot.
#
# The caller sets `name` before it sources this. Afterwards:
#   $work      a directory of this run, removed at its end
#   $cache     .cache/apps/<name>, kept from run to run
#   $ports     the first of the 100 ports that this run may use (APPS_PORT, 24700): nodes and brokers take up to +59 and +90 to +92, run.sh's MySQL +95
#   $judge     host:port of a MySQL whose root has no password, to compare with (APPS_MYSQL), or empty
#   $three     host:port that stands for three nodes in turn once start_three has run
#   $marmot    host:port of node 1 once start_nodes has run; APPS_PASSWORD is root's password there. With APPS_TARGET=mysql it is
#              the judge itself: that tells whether a driver asks for more than MySQL gives.
# shellcheck shell=bash disable=SC2034,SC2154
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
apps=$root/apps
cache=$root/.cache/apps/$name
ports=${APPS_PORT:-24700}
judge=${APPS_MYSQL:-}
binary=${APPS_BINARY:-$root/bin/marmot}
work=$cache/run.$$
marmot='' processes=() clusters=()
mkdir -p "$work"
umask 077

die() { echo "$name: $*" >&2; exit 1; }

# cleanup ends what this run started, by process id, and removes its directory unless APPS_KEEP is set.
cleanup() {
  local status=$? one
  trap - EXIT
  for one in "${processes[@]}"; do kill -TERM "$one" 2>/dev/null || true; done
  for one in "${processes[@]}"; do
    for _ in {1..100}; do kill -0 "$one" 2>/dev/null || break; sleep 0.05; done
    kill -KILL "$one" 2>/dev/null || true
  done
  for one in "${clusters[@]}"; do
    if [[ -n ${APPS_KEEP:-} ]]; then "$root/scripts/cluster.sh" stop --dir "$one" >&2 || true
    else "$root/scripts/cluster.sh" destroy --dir "$one" >&2 || true; fi
  done
  if [[ -z ${APPS_KEEP:-} ]]; then rm -rf "$work"; fi
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# need_packages installs Debian packages that are not there. The services that they bring are not started.
need_packages() {
  local missing=() one sudo=() forbid=
  for one in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$one" 2>/dev/null) == 'install ok installed' ]] || missing+=("$one")
  done
  if ((${#missing[@]} == 0)); then return 0; fi
  command -v apt-get >/dev/null || die "please install ${missing[*]} (this script knows Debian's apt-get only)"
  if ((EUID != 0)); then sudo=(sudo); fi
  echo "$name: installing ${missing[*]}" >&2
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    forbid=1
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee /usr/sbin/policy-rc.d >/dev/null
    "${sudo[@]}" chmod 755 /usr/sbin/policy-rc.d
  fi
  "${sudo[@]}" apt-get update -q >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 || one=failed
  if [[ -n $forbid ]]; then "${sudo[@]}" rm -f /usr/sbin/policy-rc.d; fi
  [[ $one != failed ]] || die "apt-get could not install ${missing[*]}"
}

# need_python makes the virtual environment $cache/venv with the packages named, and puts it first in PATH.
need_python() {
  local wanted="$*"
  if [[ $(cat "$cache/venv/.packages" 2>/dev/null) != "$wanted" ]]; then
    rm -rf "$cache/venv"
    python3 -m venv "$cache/venv" || { need_packages python3-venv; python3 -m venv "$cache/venv"; }
    "$cache/venv/bin/pip" install -q --disable-pip-version-check "$@" >&2 || die "pip could not install $wanted"
    echo "$wanted" >"$cache/venv/.packages"
  fi
  PATH=$cache/venv/bin:$PATH
}

# start_nodes starts one node with the embedded log, or N nodes on one broker: start_nodes [N] [--set key=value …]
start_nodes() {
  local count=${1:-1} brokers=0
  shift || true
  nodes=$count
  if [[ ${APPS_TARGET:-marmot} == mysql ]]; then
    export APPS_PASSWORD=''
    marmot=${judge:?APPS_TARGET=mysql needs APPS_MYSQL}
    return 0
  fi
  [[ -x $binary ]] || die "$binary is missing: make build"
  if ((count > 1)); then
    brokers=1
    export MARMOT_TEST_KAFKA_SESSION=60000 # there is no other broker that could take over
    "$root/scripts/install-deps.sh" cluster
    "$root/scripts/kafka.sh" install
  fi
  cluster=$work/cluster-$count
  clusters+=("$cluster")
  "$root/scripts/cluster.sh" start --nodes "$count" --brokers "$brokers" --dir "$cluster" --port "$ports" --binary "$binary" "$@" >"$work/cluster.json"
  APPS_PASSWORD=$(sed 's/.*"password":"\([^"]*\)".*/\1/' "$work/cluster.json")
  export APPS_PASSWORD
  marmot=127.0.0.1:$ports
}

# strong_reads has the sessions of all nodes that start_nodes started see what any session of any node was told: for a program whose
# connections go to the nodes in turn and which expects of the next connection what the one before has written.
strong_reads() {
  local n
  need_packages mariadb-client
  for ((n = 0; n < nodes; n++)); do
    MYSQL_PWD=$APPS_PASSWORD bounded 60 mariadb --no-defaults --ssl=0 -h 127.0.0.1 -P $((ports + n)) -u root -e "SET GLOBAL marmot_read_consistency = 'STRONG'"
  done
}

# in_turn hands connections to $three to the nodes that start_nodes started, each to the next.
in_turn() {
  local n to=127.0.0.1:$ports
  for ((n = 1; n < nodes; n++)); do to+=,127.0.0.1:$((ports + n)); done
  three=127.0.0.1:$((ports + 81))
  background "$work/proxy-three.log" python3 "$apps/proxy.py" --listen "${three#*:}" --to "$to"
  await_port "$three"
}

# start_three starts three nodes whose sessions begin with strong reads, with $three before them.
start_three() { start_nodes 3; strong_reads; in_turn; }

# drive_all has the caller's function drive (name, host:port, root's password) drive MySQL, one node, and three in turn.
drive_all() {
  drive mysql "$judge" ''
  echo "-- one node"
  start_nodes 1
  drive one "$marmot" "$APPS_PASSWORD"
  stop_nodes
  if [[ ${APPS_TARGET:-marmot} == mysql ]]; then return 0; fi
  echo "-- three nodes in turn"
  start_three
  drive three "$three" "$APPS_PASSWORD"
}

# stop_nodes ends the cluster that start_nodes started last, so that another may take its ports.
stop_nodes() {
  if [[ ${APPS_TARGET:-marmot} == mysql ]]; then return 0; fi
  "$root/scripts/cluster.sh" destroy --dir "$cluster" >&2
  unset 'clusters[-1]'
}

# background runs a command that ends with this script.
background() { # log, command…
  local log=$1
  shift
  "$@" </dev/null >"$log" 2>&1 &
  processes+=($!)
}

# await_port waits until something listens at host:port.
await_port() {
  local end=$((SECONDS + 300))
  until (exec 3<>"/dev/tcp/${1%:*}/${1#*:}") 2>/dev/null; do
    ((SECONDS < end)) || die "nothing listens at $1"
    sleep 0.05
  done
}

# bounded runs a command with little priority and a limit of seconds.
bounded() {
  local seconds=$1
  shift
  timeout --kill-after=10 "$seconds" nice -n 19 "$@"
}
