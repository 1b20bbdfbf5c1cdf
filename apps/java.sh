#!/usr/bin/env bash
# Connector/J by itself, Hibernate, Flyway, Liquibase and HikariCP: on one node, then on three in turn, each compared with MySQL.
#
#   apps/java.sh [SECTION …]    metadata, types, statements, connections, orm, migrations (all)
#
# APPS_CONNECTORS are the versions of Connector/J (9.7.0 8.4.0). Without APPS_MYSQL only the program's own end is seen, since there is
# nothing to compare with; expected.txt beside the sources names the differences that are known.
name=java
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
command -v javac >/dev/null || need_packages default-jdk-headless
command -v mvn >/dev/null || need_packages maven
[[ -n $judge ]] || die "APPS_MYSQL=host:port is needed: every check is compared with a MySQL"
prefix=${APPS_PREFIX:-apps_}
failed=0 sections=("$@")

# build fetches the libraries for one version of the driver, and compiles.
build() { # version
  if [[ ! -e $cache/libraries-$1/.complete ]]; then
    rm -rf "$cache/libraries-$1"
    bounded 900 mvn -q -B -f "$apps/java/pom.xml" -Dconnector="$1" dependency:copy-dependencies -DoutputDirectory="$cache/libraries-$1" >&2 || die "Maven could not fetch the libraries"
    touch "$cache/libraries-$1/.complete"
  fi
  mkdir -p "$work/classes-$1"
  bounded 300 javac -nowarn -proc:none -cp "$cache/libraries-$1/*" -d "$work/classes-$1" "$apps"/java/src/main/java/marmot/apps/*.java
}

# drive writes down what a server answers: drive version file addresses password
drive() {
  bounded 900 java -Xmx512m -XX:+UseSerialGC -cp "$work/classes-$1:$cache/libraries-$1/*" marmot.apps.Main "$3" root "$4" "$prefix" "${sections[@]}" >"$work/$2" 2>"$work/$2.errors" \
    || { failed=1; echo "FAIL $2: the program ended with $?"; head -5 "$work/$2.errors"; }
}

# compare compares a transcript with MySQL's.
compare() { # version, file
  python3 "$apps/transcripts.py" --expected "$work/expected" --label "$2: " "$work/$2" "$work/mysql-$1" || failed=1
}

need_packages mariadb-client
cp "$apps/java/expected.txt" "$work/expected"
zone=$(bounded 60 mariadb --no-defaults --ssl=0 -h "${judge%:*}" -P "${judge#*:}" -u root -N -e "SELECT CONVERT_TZ('2024-01-01', 'UTC', 'America/New_York')")
if [[ $zone == NULL ]]; then cat "$apps/java/zones.txt" >>"$work/expected"; fi

versions=${APPS_CONNECTORS:-9.7.0 8.4.0}
for version in $versions; do
  build "$version"
  drive "$version" "mysql-$version" "$judge" ''
done
if [[ ${APPS_NODES:-1 3} == *1* ]]; then
  start_nodes 1
  for version in $versions; do
    echo "-- Connector/J $version, one node"
    drive "$version" "one-$version" "$marmot" "$APPS_PASSWORD"
    compare "$version" "one-$version"
  done
  stop_nodes
fi
if [[ ${APPS_TARGET:-marmot} == mysql ]]; then exit "$failed"; fi
if [[ ${APPS_NODES:-1 3} == *3* ]]; then
  version=${versions%% *}
  echo "-- Connector/J $version, three nodes in turn"
  start_three
  drive "$version" "three-$version" "$three,127.0.0.1:$ports,127.0.0.1:$((ports + 1)),127.0.0.1:$((ports + 2))" "$APPS_PASSWORD"
  cat "$apps/java/three.txt" >>"$work/expected"
  compare "$version" "three-$version"
fi
exit "$failed"
