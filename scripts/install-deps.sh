#!/usr/bin/env bash
# Installs what the tests and demonstrations need on Debian: a C compiler, the mariadb
# client, sqlite3, Java and Maven (for a real Kafka), docker-compose (it checks the compose
# file), jq, curl and shellcheck. With --bench also sysbench, MariaDB and Galera.
# What is there already is not installed again.

declare -A package=(
  [gcc]=gcc [make]=make [mariadb]=mariadb-client [sqlite3]=sqlite3 [java]=openjdk-17-jre-headless
  [mvn]=maven [docker-compose]=docker-compose [shellcheck]=shellcheck [jq]=jq [curl]=curl
)
if [[ ${1:-} == --bench ]]; then
  package[sysbench]=sysbench
  package[mariadbd]=mariadb-server
  package[garbd]=galera-arbitrator-4
fi

missing=()
for command in "${!package[@]}"; do
  command -v "$command" >/dev/null 2>&1 || missing+=("${package[$command]}")
done
[[ -f /usr/include/stdio.h ]] || missing+=(libc6-dev)
if ((${#missing[@]} == 0)); then exit 0; fi

command -v apt-get >/dev/null 2>&1 || {
  echo "install-deps.sh: please install: ${missing[*]} (this script knows Debian's apt-get only)" >&2
  exit 1
}
sudo=()
if ((EUID != 0)); then sudo=(sudo); fi
echo "installing ${missing[*]}" >&2
"${sudo[@]}" apt-get update -q >&2
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
