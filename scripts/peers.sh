#!/usr/bin/env bash
# The databases that benchmarks compare Marmot with, on 127.0.0.1 with data of their own; no service of the system is touched.
#
#   peers.sh start mariadb|galera --dir D --port P   durable MariaDB, or three Galera nodes
#   peers.sh stop --dir D                            ends them and removes D
#
# Durable: the redo log and, of MariaDB, the binary log are synced by every commit, as row events are. start prints one line of JSON.
# Ports from P on: MySQL P+0…; Galera's group P+10…, its state transfers P+20… and P+30….
set -euo pipefail

# As root, rsync's daemon and with it Galera's state transfer would run as nobody: mysql owns the data then.
user=$(id -un)
if ((EUID == 0)); then user=mysql; fi

die() { echo "peers.sh: $*" >&2; exit 1; }

query() { mariadb --no-defaults -N -u root -S "$dir/$1/socket" -e "$2" 2>/dev/null; }

# launch starts mariadbd in the directory $1 on the port $2 with more options.
launch() {
  local data=$dir/$1
  mkdir -p "$data"
  if ((EUID == 0)); then chown "$user:" "$dir" "$data"; fi
  mariadb-install-db --no-defaults --user="$user" --datadir="$data/data" --auth-root-authentication-method=normal --skip-test-db \
    >"$data/install.log" 2>&1 || { cat "$data/install.log" >&2; die "mariadb-install-db for $data"; }
  setsid mariadbd --no-defaults --user="$user" --datadir="$data/data" --socket="$data/socket" --pid-file="$data/mysqld.pid" \
    --port="$2" --bind-address=127.0.0.1 --skip-name-resolve --max-connections=400 --log-error="$data/error.log" \
    --innodb-buffer-pool-size=512M --innodb-log-file-size=256M --innodb-flush-method=O_DIRECT \
    --innodb-flush-log-at-trx-commit=1 --binlog-format=ROW --binlog-row-image=FULL "${@:3}" \
    </dev/null >"$data/output.log" 2>&1 &
  echo $! >"$data/pid"
}

# await waits until the query $2 of the instance $1 answers $3.
await() {
  local end=$((SECONDS + 90))
  until [[ $(query "$1" "$2" || true) == "$3" ]]; do
    if ((SECONDS >= end)) || ! kill -0 "$(cat "$dir/$1/pid")" 2>/dev/null; then
      tail -n 20 "$dir/$1/error.log" >&2
      die "$1 did not start"
    fi
    sleep 0.1
  done
}

start_mariadb() {
  launch 1 "$port" --server-id=1 --log-bin="$dir/1/data/binlog" --sync-binlog=1
  await 1 'SELECT 1' 1
}

start_galera() {
  local i group="" library=/usr/lib/galera/libgalera_smm.so
  [[ -f $library ]] || die "$library is missing: scripts/install-deps.sh bench"
  for i in 1 2 3; do
    launch "$i" $((port + i - 1)) --server-id="$i" --innodb-autoinc-lock-mode=2 --wsrep-on=ON --wsrep-provider=$library \
      --wsrep-cluster-name=bench --wsrep-cluster-address="gcomm://$group" --wsrep-node-name="node-$i" --wsrep-slave-threads=4 \
      --wsrep-node-address="127.0.0.1:$((port + 9 + i))" --wsrep-sst-method=rsync --wsrep-sst-receive-address="127.0.0.1:$((port + 19 + i))" \
      --wsrep-provider-options="base_host=127.0.0.1;base_port=$((port + 9 + i));gmcast.listen_addr=tcp://127.0.0.1:$((port + 9 + i));ist.recv_addr=127.0.0.1:$((port + 29 + i));ist.recv_bind=127.0.0.1:$((port + 29 + i));gcache.size=256M"
    await "$i" "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_local_state_comment'" Synced
    group=127.0.0.1:$((port + 10))
  done
}

start() {
  local password pid list='' files=''
  [[ -n $port ]] || die "--port is missing"
  if [[ -d $dir && -n $(ls -A "$dir") && ! -f $dir/peers.mark ]]; then die "--dir: $dir is not empty, and none that this script made"; fi
  mkdir -p "$dir"
  : >"$dir/peers.mark"
  case $1 in
    mariadb) start_mariadb ;;
    galera) start_galera ;;
    *) die "start ${1:-?}: want mariadb or galera" ;;
  esac
  password=$(head -c 18 /dev/urandom | base64 | tr -d '/+=\n')
  query 1 "CREATE USER bench@'127.0.0.1' IDENTIFIED BY '$password'; GRANT ALL ON *.* TO bench@'127.0.0.1'"
  for pid in "$dir"/*/pid; do
    list+="\"127.0.0.1:$((port + $(basename "$(dirname "$pid")") - 1))\","
    files+="\"$pid\","
  done
  printf '{"mysql":[%s],"user":"bench","password":"%s","pids":[%s]}\n' "${list%,}" "$password" "${files%,}"
}

# stop ends the processes of the directory: only those that run on its data.
stop() {
  local file pid end=$((SECONDS + 20))
  [[ -d $dir ]] || return 0
  [[ -f $dir/peers.mark ]] || die "--dir: $dir is none that this script made; nothing was removed"
  for file in "$dir"/*/pid; do
    [[ -f $file ]] || continue
    pid=$(cat "$file")
    while tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -- "--datadir=$(dirname "$file")/data"; do
      if ((SECONDS < end)); then kill -TERM "$pid" 2>/dev/null || true; else kill -KILL "$pid" 2>/dev/null || true; fi
      sleep 0.1
    done
  done
  rm -rf "$dir"
}

command=${1:-} kind='' dir='' port=''
[[ -n $command ]] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
shift
while (($#)); do
  case $1 in
    --dir) dir=$(realpath -m "${2:?}"); shift ;;
    --port) port=${2:?}; shift ;;
    *) kind=$1 ;;
  esac
  shift
done
[[ -n $dir ]] || die "--dir is missing"
case $command in
  start) start "$kind" ;;
  stop) stop ;;
  *) die "unknown command $command" ;;
esac
