#!/usr/bin/env bash
# A real schema registry on this machine, without containers: Apicurio's, which speaks Confluent's protocol too. One Java process,
# all in memory.
#
#   registry.sh install                    fetch the program from Maven's repository into .cache/registry
#   registry.sh start --dir D --port P     start it on 127.0.0.1; prints what clients take as schema.registry.url
#   registry.sh stop|destroy --dir D       what was registered is gone with the process; destroy removes its log too
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=3.0.9 # the newest that runs on Java 17
home=$root/.cache/registry/$version
heap=${MARMOT_REGISTRY_HEAP:-256m}
ready_seconds=180

die() { echo "registry.sh: $*" >&2; exit 1; }

install() {
  [[ -f $home/.complete ]] && return 0
  if ! command -v mvn >/dev/null || ! command -v java >/dev/null || ! command -v curl >/dev/null; then
    die "java, mvn and curl are needed: scripts/install-deps.sh"
  fi
  mkdir -p "$home"
  exec 8>"$home/.lock"
  flock 8
  [[ -f $home/.complete ]] && return 0
  echo "fetching Apicurio Registry $version from Maven's repository" >&2
  # Not by Maven itself, which wants the parents of an artifact's description too, and mirrors do not always have them.
  local repository archive=apicurio-registry-app-$version-all.tar.gz
  repository=$(mvn -B -q -Dstyle.color=never -DforceStdout org.apache.maven.plugins:maven-help-plugin:3.5.1:evaluate \
    -Dexpression='project.repositories[0].url' 2>/dev/null | grep -oE 'https?://[^[:space:][:cntrl:]]+' | tail -n 1) || true
  [[ -n $repository ]] || die "Maven does not tell its repository: mvn help:evaluate -Dexpression=project.repositories"
  repository=$repository/io/apicurio/apicurio-registry-app/$version
  curl -fsS --retry 3 -o "$home/$archive" "$repository/$archive" || die "could not fetch $archive from Maven's repository"
  echo "$(curl -fsS --retry 3 "$repository/$archive.sha1" | cut -c1-40)  $home/$archive" | sha1sum --check --quiet || die "$archive arrived damaged; try again"
  tar -xzf "$home/$archive" -C "$home"
  rm "$home/$archive"
  [[ -f $(program) ]] || die "Apicurio Registry $version arrived incomplete; remove $home and try again"
  touch "$home/.complete"
}

program() { echo "$home/apicurio-registry-app-$version-runner.jar"; }

# number_of prints the process id of the registry of $dir when it is alive and ours.
number_of() {
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null) || return 1
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "-Dmarmot.registry=$dir" || return 1
  echo "$pid"
}

start() {
  if [[ ! $port =~ ^[0-9]+$ ]] || ((port < 1024 || port > 65535)); then die "--port: want a number from 1024 to 65535"; fi
  install
  mkdir -p "$dir"
  if ! number_of >/dev/null; then
    if (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then die "port $port is taken by another process"; fi
    ( # neither the script's lock nor its terminal go to the registry
      exec 8>&- </dev/null >"$dir/registry.log" 2>&1
      cd "$dir"
      exec setsid java "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dmarmot.registry=$dir" \
        -Dquarkus.http.host=127.0.0.1 "-Dquarkus.http.port=$port" -Dquarkus.management.enabled=false -Dquarkus.log.level=WARN \
        -Dapicurio.storage.kind=sql -Dapicurio.storage.sql.kind=h2 -Dapicurio.datasource.url=jdbc:h2:mem:registry -jar "$(program)"
    ) &
    echo $! >"$dir/pid"
  fi
  local url=http://127.0.0.1:$port/apis/ccompat/v7 end=$((SECONDS + ready_seconds))
  until [[ $(curl -fsS --max-time 5 "$url/subjects" 2>/dev/null) == '['* ]]; do
    if ((SECONDS >= end)) || ! kill -0 "$(cat "$dir/pid")" 2>/dev/null; then
      tail -n 20 "$dir/registry.log" >&2
      die "the registry did not start; its log is $dir/registry.log"
    fi
    sleep 0.1
  done
  echo "$url"
}

stop() { # seconds that it may take
  local pid end=$((SECONDS + $1))
  pid=$(number_of) || return 0
  kill -TERM "$pid" 2>/dev/null || true
  while number_of >/dev/null; do
    if ((SECONDS >= end)); then kill -KILL "$pid" 2>/dev/null || true; fi
    sleep 0.05
  done
  rm -f "$dir/pid"
}

command=${1:-}
[[ -n $command ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
shift
dir='' port=''
while (($#)); do
  case $1 in
    --dir) dir=$(realpath -m "${2:?}"); shift ;;
    --port) port=${2:?}; shift ;;
    *) die "unknown argument $1" ;;
  esac
  shift
done
[[ $command == install || -n $dir ]] || die "--dir is missing"
case $command in
  install) install ;;
  start) start ;;
  stop) stop 10 ;;
  destroy)
    stop 0
    rm -f "$dir/registry.log"
    rmdir "$dir" 2>/dev/null || true
    ;;
  *) die "unknown command $command" ;;
esac
