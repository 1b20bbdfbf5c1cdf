#!/usr/bin/env bash
# Installs, on Debian, the commands that the project's scripts need and that are not there:
#
#   install-deps.sh [test|bench|demo|cluster]
#
# demo: the mariadb client and sqlite3. cluster: Java and Maven for a real Kafka too.
# test (the default): also a checker of shell scripts and docker-compose. bench: sysbench, MariaDB's server and
# Galera, which benchmarks compare with; the services that their packages bring are not started.
set -euo pipefail

declare -A package=([gcc]=gcc [make]=make [mariadb]=mariadb-client [sqlite3]=sqlite3 [curl]=curl)
what=${1:-test}
if [[ $what != demo ]]; then
  package[java]=openjdk-17-jre-headless
  package[mvn]=maven
fi
case $what in
  demo | cluster) ;;
  test)
    package[docker-compose]=docker-compose
    package[shellcheck]=shellcheck
    ;;
  bench)
    package[sysbench]=sysbench
    package[mariadbd]=mariadb-server
    package[rsync]=rsync
    ;;
  *)
    echo "usage: install-deps.sh [test|bench|demo|cluster]" >&2
    exit 2
    ;;
esac

missing=()
for command in "${!package[@]}"; do
  command -v "$command" >/dev/null 2>&1 || missing+=("${package[$command]}")
done
[[ -f /usr/include/stdio.h ]] || missing+=(libc6-dev)
if [[ $what == bench && ! -f /usr/lib/galera/libgalera_smm.so ]]; then missing+=(galera-4); fi
if ((${#missing[@]} == 0)); then exit 0; fi

command -v apt-get >/dev/null 2>&1 || {
  echo "install-deps.sh: please install: ${missing[*]} (this script knows Debian's apt-get only)" >&2
  exit 1
}
root=()
if ((EUID != 0)); then root=(sudo); fi
echo "installing ${missing[*]}" >&2
if [[ $what == bench && ! -e /usr/sbin/policy-rc.d ]]; then
  # Debian's packages start the services that they bring unless this program forbids it.
  trap '"${root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
  "${root[@]}" chmod 755 /usr/sbin/policy-rc.d
fi
"${root[@]}" apt-get update -q >&2
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
