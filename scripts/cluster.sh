#!/usr/bin/env bash
# A Marmot cluster on this machine, for tests, demonstrations, benchmarks and people.
#
#   cluster.sh start --nodes N --brokers B --dir D --port P [--binary FILE] [--secure] [--set key=value …]
#   cluster.sh stop | status | destroy --dir D
#   cluster.sh {kill,start,pause,resume}-node I --dir D
#   cluster.sh {kill,start,pause,resume,stop}-broker I --dir D
#
# B = 0 is one node with the embedded log; 1 and 3 are brokers of a real Kafka (scripts/kafka.sh), with --secure (or
# MARMOT_TEST_SECURE=1) behind SASL_SSL and ACLs.
# start waits until every node serves clients and prints one line of JSON with the addresses, the
# user, the password and the data directories. Starting a cluster again that was stopped goes on with its data;
# destroy ends its processes and removes its directory.
#
# Ports from P on: nodes P+0…, their admin ports P+20…, brokers P+40… (or the embedded log's Kafka port).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ready_seconds=300
most_nodes=9

die() { echo "cluster.sh: $*" >&2; exit 1; }

load() {
  [[ -f $dir/cluster.env ]] || die "no cluster in $dir: cluster.sh start --nodes 3 --brokers 3 --dir $dir --port P"
  secure=0 # a file of before does not say
  # shellcheck disable=SC1091
  source "$dir/cluster.env"
}

check_node() {
  if [[ ! ${1:-} =~ ^[0-9]+$ ]] || (($1 < 1 || $1 > nodes)); then die "node ${1:-?}: want a number from 1 to $nodes"; fi
}

# process prints the process id of node $1 when it is alive and ours.
process() {
  local pid
  pid=$(cat "$dir/node-$1/pid" 2>/dev/null) || return 1
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$dir/node-$1/marmot.toml" || return 1
  [[ $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c1) != Z ]] || return 1
  echo "$pid"
}

# ended says whether the process $1 is gone with all its threads. While it ends, its command line is empty already but its ports are
# still taken; one that nobody waits for stays as a zombie without them.
ended() {
  local state tasks
  state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -c1) || true
  tasks=("/proc/$1/task/"*)
  [[ -z $state ]] || { [[ $state == [ZX] ]] && ((${#tasks[@]} <= 1)); }
}

# put prints a line of configuration unless --set names the key.
put() { # key, value
  local setting
  for setting in "${settings[@]}"; do
    if [[ ${setting%%=*} == "$1" ]]; then return 0; fi
  done
  echo "$1 = \"$2\""
}

# write_config writes the configuration of node $1.
write_config() {
  local file=$dir/node-$1/marmot.toml setting
  mkdir -p "$dir/node-$1"
  {
    put cluster.name marmot
    put node.id "node-$1"
    put data.dir "$dir/node-$1/data"
    put mysql.listen "127.0.0.1:$((port + $1 - 1))"
    put admin.listen "127.0.0.1:$((port + 19 + $1))"
    if ((brokers)); then
      put log.kind kafka
      put log.brokers "$(kafka_addresses)"
      if ((brokers == 1)); then
        put log.replication 1
        put log.allow_unsafe true
      fi
      if ((secure)); then
        put log.security.protocol SASL_SSL
        put log.sasl.mechanism SCRAM-SHA-512
        put log.sasl.username marmot
        put log.sasl.password_file "$dir/kafka/secure/marmot.password"
        put log.ssl.ca_file "$dir/kafka/secure/ca.pem"
      fi
    else
      put kafka.listen "127.0.0.1:$((port + 40))"
    fi
    for setting in "${settings[@]}"; do echo "${setting%%=*} = \"${setting#*=}\""; done
  } >"$file.new"
  mv "$file.new" "$file"
}

kafka_addresses() {
  if ((brokers == 0)); then
    echo "127.0.0.1:$((port + 40))"
  else
    local list=() i
    for ((i = 0; i < brokers; i++)); do list+=("127.0.0.1:$((port + 40 + i))"); done
    (IFS=,; echo "${list[*]}")
  fi
}

launch() { # node
  if process "$1" >/dev/null; then return 0; fi
  (
    exec </dev/null >>"$dir/node-$1/marmot.log" 2>&1
    cd "$dir/node-$1"
    MARMOT_ROOT_PASSWORD=$password exec setsid "$binary" server --config "$dir/node-$1/marmot.toml"
  ) &
  echo $! >"$dir/node-$1/pid"
}

await() { # node
  local end=$((SECONDS + ready_seconds)) admin=127.0.0.1:$((port + 19 + $1))
  until curl -fsS -o /dev/null --max-time 2 "http://$admin/readyz" 2>/dev/null; do
    if ((SECONDS >= end)) || ! kill -0 "$(cat "$dir/node-$1/pid")" 2>/dev/null; then
      tail -n 20 "$dir/node-$1/marmot.log" >&2
      die "node $1 did not get ready; its log is $dir/node-$1/marmot.log"
    fi
    sleep 0.05
  done
}

finish() { # node, seconds that it may take
  local pid end=$((SECONDS + $2))
  pid=$(process "$1") || return 0
  kill -CONT "$pid" 2>/dev/null || true
  kill -TERM "$pid" 2>/dev/null || true
  until ended "$pid"; do
    if ((SECONDS >= end)); then kill -KILL "$pid" 2>/dev/null || true; fi
    sleep 0.05
  done
  rm -f "$dir/node-$1/pid"
}

# quoted prints its arguments as the elements of a JSON array of strings.
quoted() { local list; list=$(printf '"%s",' "$@"); echo "${list%,}"; }

describe() {
  local mysql=() admin=() data=() i
  for ((i = 1; i <= nodes; i++)); do
    mysql+=("127.0.0.1:$((port + i - 1))")
    admin+=("127.0.0.1:$((port + 19 + i))")
    data+=("$dir/node-$i/data")
  done
  printf '{"mysql":[%s],"admin":[%s],"kafka":"%s","user":"root","password":"%s","data":[%s]}\n' \
    "$(quoted "${mysql[@]}")" "$(quoted "${admin[@]}")" "$(kafka_addresses)" "$password" "$(quoted "${data[@]}")"
}

create() {
  if [[ ! $nodes =~ ^[0-9]+$ ]] || ((nodes < 1 || nodes > most_nodes)); then die "--nodes: want a number from 1 to $most_nodes"; fi
  if [[ ! $brokers =~ ^[013]$ ]]; then die "--brokers: want 0, 1 or 3"; fi
  if ((brokers == 0 && nodes > 1)); then die "--nodes $nodes needs a shared log: --brokers 1 or 3"; fi
  if [[ ! $port =~ ^[0-9]+$ ]] || ((port < 1024 || port > 65300)); then die "--port: want a number from 1024 to 65300"; fi
  password=$(head -c 18 /dev/urandom | base64 | tr -d '/+=\n')
  mkdir -p "$dir"
  (
    umask 077
    printf 'nodes=%s brokers=%s port=%s password=%s binary=%q secure=%s\nsettings=(' "$nodes" "$brokers" "$port" "$password" "$binary" "$secure"
    if ((${#settings[@]})); then printf '%q ' "${settings[@]}"; fi
    printf ')\n'
  ) >"$dir/cluster.env"
}

start() {
  local i
  if [[ ! -f $dir/cluster.env ]]; then create; fi
  load
  [[ -x $binary ]] || die "$binary is missing: make build"
  if ((brokers)); then
    local options=()
    if ((secure)); then options+=(--secure); fi
    "$root/scripts/kafka.sh" start --brokers "$brokers" --dir "$dir/kafka" --port $((port + 40)) "${options[@]}" >/dev/null
  fi
  for ((i = 1; i <= nodes; i++)); do write_config "$i"; done
  if ((brokers)) && [[ ! -f $dir/initialised ]]; then
    "$binary" log init --if-missing --config "$dir/node-1/marmot.toml" >"$dir/log-init.log" 2>&1 || { cat "$dir/log-init.log" >&2; die "marmot log init"; }
    touch "$dir/initialised"
  fi
  for ((i = 1; i <= nodes; i++)); do launch "$i"; done
  for ((i = 1; i <= nodes; i++)); do await "$i"; done
  describe
}

stop() { # seconds
  local i
  for ((i = 1; i <= nodes; i++)); do finish "$i" "$1"; done
}

status() {
  local i pid
  for ((i = 1; i <= nodes; i++)); do
    if pid=$(process "$i"); then
      echo "node $i runs as $pid: MySQL 127.0.0.1:$((port + i - 1)), admin 127.0.0.1:$((port + 19 + i))"
    else
      echo "node $i is down"
    fi
  done
  if ((brokers)); then "$root/scripts/kafka.sh" status --dir "$dir/kafka"; fi
}

signal() { # node, signal
  local pid
  pid=$(process "$1") || die "node $1 is not running"
  kill "-$2" "$pid"
}

command=${1:-}
[[ -n $command ]] || { sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 2; }
shift
number='' dir='' nodes='' brokers='' port='' password='' binary=$root/bin/marmot secure=${MARMOT_TEST_SECURE:-0} settings=()
while (($#)); do
  case $1 in
    --dir) dir=$(realpath -m "${2:?}"); shift ;;
    --nodes) nodes=${2:?}; shift ;;
    --brokers) brokers=${2:?}; shift ;;
    --port) port=${2:?}; shift ;;
    --binary) binary=$(realpath -m "${2:?}"); shift ;;
    --secure) secure=1 ;;
    --set)
      [[ ${2:-} == *=* ]] || die "--set: want key=value"
      settings+=("$2")
      shift
      ;;
    [0-9]*) number=$1 ;;
    *) die "unknown argument $1" ;;
  esac
  shift
done
[[ -n $dir ]] || die "--dir is missing"
case $command in
  start) start ;;
  stop)
    load
    stop 20
    if ((brokers)); then "$root/scripts/kafka.sh" stop --dir "$dir/kafka"; fi
    ;;
  status) load; status ;;
  destroy)
    [[ -f $dir/cluster.env ]] || exit 0
    load
    stop 5
    if ((brokers)); then "$root/scripts/kafka.sh" destroy --dir "$dir/kafka"; fi
    rm -rf "$dir"
    ;;
  kill-node)
    load
    check_node "$number"
    pid=$(process "$number") || die "node $number is not running"
    kill -KILL "$pid"
    until ended "$pid"; do sleep 0.02; done
    ;;
  start-node) load; check_node "$number"; write_config "$number"; launch "$number"; await "$number" ;;
  pause-node) load; check_node "$number"; signal "$number" STOP ;;
  resume-node) load; check_node "$number"; signal "$number" CONT ;;
  kill-broker | start-broker | pause-broker | resume-broker | stop-broker)
    load
    ((brokers)) || die "this cluster has no brokers"
    "$root/scripts/kafka.sh" "$command" "$number" --dir "$dir/kafka"
    ;;
  *) die "unknown command $command" ;;
esac
