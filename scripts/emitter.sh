#!/usr/bin/env bash
# How fast events get to a real Kafka: one broker, one node with the embedded log, and beside it, in turn, the connector
# io.debezium.connector.mysql in Kafka Connect, which reads a MySQL's binlog.
#
#   scripts/emitter.sh [--mysql HOST:PORT] [--rows N] [--rounds N] [--time D] [--port P] [--binary FILE]
#   scripts/emitter.sh --fetch    fetches the connector into .cache/debezium and does nothing else
#
# Prints, a line each, events a second of rows of 1 KB from the log to acknowledged records, for JSON, JSON with schema and Avro; then
# milliseconds from COMMIT to an event that a reader of committed records sees, at 1,000 commits a second: median, 99th percentile, and the
# median of a Kafka transaction of one record in the same run. --mysql names a server with row-based binlog that root may enter
# without a password; without one the connector is left out. The machine's load stands on each line: only what ran in turn compares.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
root=$PWD

mysql='' rows=30000 rounds=3 length=10s port=${BENCH_PORT:-23200} binary=''
die() { echo "emitter.sh: $*" >&2; exit 1; }
usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
# fetch brings the connector and Kafka Connect.
home=$root/.cache/debezium/3.6.1
fetch() {
  [[ -f $home/.complete ]] && return 0
  command -v mvn >/dev/null || die "mvn is needed for the connector: scripts/install-deps.sh cluster"
  mkdir -p "$home"
  cat >"$home/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>marmot</groupId><artifactId>debezium</artifactId><version>1</version><packaging>pom</packaging>
  <dependencyManagement><dependencies><dependency>
    <groupId>io.debezium</groupId><artifactId>debezium-bom</artifactId><version>3.6.1.Final</version><type>pom</type><scope>import</scope>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>io.debezium</groupId><artifactId>debezium-embedded</artifactId><version>3.6.1.Final</version></dependency>
    <dependency><groupId>io.debezium</groupId><artifactId>debezium-connector-mysql</artifactId><version>3.6.1.Final</version></dependency>
    <dependency><groupId>io.debezium</groupId><artifactId>debezium-storage-file</artifactId><version>3.6.1.Final</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
  mvn -B -q -f "$home/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$home/libs" >"$home/maven.log" 2>&1 || { tail -n 20 "$home/maven.log" >&2; die "Maven could not fetch the connector"; }
  touch "$home/.complete"
}
if [[ ${1:-} == --fetch ]]; then
  fetch
  exit
fi
while (($#)); do
  (($# > 1)) || { usage >&2; exit 2; }
  case $1 in
    --mysql) mysql=$2 ;;
    --rows) rows=$2 ;;
    --rounds) rounds=$2 ;;
    --time) length=$2 ;;
    --port) port=$2 ;;
    --binary) binary=$2 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift 2
done

work=$(mktemp -d)
running=()
stop() { # process id
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
cleanup() {
  local p
  for p in "${running[@]}" $(cat "$work/connector.pid" 2>/dev/null); do stop "$p"; done
  scripts/cluster.sh destroy --dir "$work/cluster" >/dev/null 2>&1 || true
  scripts/kafka.sh destroy --dir "$work/kafka" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
load() { cut -d' ' -f1 /proc/loadavg; }

if [[ -z $binary ]]; then
  make -s build
  binary=bin/marmot
fi
go build -o "$work/emit" ./internal/bench/emit
brokers=$(MARMOT_KAFKA_HEAP=${MARMOT_KAFKA_HEAP:-512m} scripts/kafka.sh start --brokers 1 --dir "$work/kafka" --port $((port + 45)))
registry=127.0.0.1:$((port + 30))
"$work/emit" -listen "$registry" registry 2>"$work/registry.log" &
running+=($!)

# start_node starts a node with an emitter for each format and way of delivery, all of them paused.
emitters=(json schema avro exactly soon)
start_node() {
  local started settings=(--set debezium.enabled=false) e
  for e in "${emitters[@]}"; do
    settings+=(--set "emitters.$e.brokers=$brokers" --set "emitters.$e.\"topic.prefix\"=$e$1" --set "emitters.$e.\"topic.replication\"=1")
    case $e in
      avro) settings+=(--set "emitters.$e.\"key.converter.schemas.enable\"=false" --set "emitters.$e.\"value.converter\"=io.confluent.connect.avro.AvroConverter"
        --set "emitters.$e.\"value.converter.schema.registry.url\"=http://$registry") ;;
      schema) settings+=(--set "emitters.$e.\"key.converter.schemas.enable\"=true" --set "emitters.$e.\"value.converter.schemas.enable\"=true") ;;
      *) settings+=(--set "emitters.$e.\"key.converter.schemas.enable\"=false" --set "emitters.$e.\"value.converter.schemas.enable\"=false") ;;
    esac
    if [[ $e == soon ]]; then settings+=(--set "emitters.$e.delivery=at_least_once"); fi
  done
  started=$(scripts/cluster.sh start --nodes 1 --brokers 0 --dir "$work/cluster" --port "$port" --binary "$binary" "${settings[@]}")
  password=$(sed -E 's/.*"password":"([^"]*)".*/\1/' <<<"$started")
  for e in "${emitters[@]}"; do order pause "$e"; done
}

order() { # what, emitter
  "$binary" emitters "$1" --admin "127.0.0.1:$((port + 20))" --emitter "$2" >/dev/null
}

# rate measures one emitter: it goes on behind the rows that are there already.
rate() { # emitter, round
  "$work/emit" -brokers "$brokers" -topic "$1$2.marmot_bench.orders" -rows "$rows" -ready "$work/ready" drain &
  local drain=$!
  until [[ -e $work/ready ]] || ! kill -0 "$drain" 2>/dev/null; do sleep 0.05; done
  rm -f "$work/ready"
  order resume "$1"
  wait "$drain"
  order pause "$1"
}

report() { printf '%s\t%s\tload %s\n' "$1" "$2" "$(load)"; }

# connect starts Kafka Connect with the connector; its offsets are kept in a file of the run.
connect() { # name, schemas
  cat >"$work/worker.properties" <<P
bootstrap.servers=$brokers
key.converter=org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable=$2
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=$2
offset.storage.file.filename=$work/$1.offsets
offset.flush.interval.ms=1000
listeners=http://127.0.0.1:$((port + 31))
plugin.discovery=service_load
P
  cat >"$work/$1.properties" <<P
name=$1
connector.class=io.debezium.connector.mysql.MySqlConnector
tasks.max=1
database.hostname=${mysql%:*}
database.port=${mysql#*:}
database.user=root
database.password=
database.server.id=$((port + 7000))
database.include.list=marmot_bench
topic.prefix=$1
include.schema.changes=false
snapshot.mode=initial
schema.history.internal=io.debezium.storage.file.history.FileSchemaHistory
schema.history.internal.file.filename=$work/$1.history
topic.creation.default.partitions=1
topic.creation.default.replication.factor=1
P
  java -Xmx512m -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=info -cp "$home/libs/*" org.apache.kafka.connect.cli.ConnectStandalone \
    "$work/worker.properties" "$work/$1.properties" >>"$work/$1.log" 2>&1 &
  connector=$!
  echo "$connector" >"$work/connector.pid" # this runs in a subshell
}

ask() { mariadb --no-defaults --ssl=0 -h "${mysql%:*}" -P "${mysql#*:}" -u root -e "$1"; }

# connector_rate lets the connector get to know the server, stops it, fills rows in, and measures how it catches up.
connector_rate() { # name, schemas
  ask 'DROP DATABASE IF EXISTS marmot_bench'
  "$work/emit" -address "$mysql" -rows 1 fill >/dev/null
  connect "$1" "$2"
  local end=$((SECONDS + 120))
  until grep -qs 'Keepalive thread is running\|Connected to binlog at' "$work/$1.log"; do
    if ((SECONDS > end)) || ! kill -0 "$connector" 2>/dev/null; then grep -h 'ERROR\|Caused by' "$work/$1.log" | tail -n 20 >&2; die "the connector does not stream"; fi
    sleep 0.2
  done
  "$work/emit" -address "$mysql" -rows 1 fill >/dev/null
  "$work/emit" -brokers "$brokers" -topic "$1.marmot_bench.orders" -rows 2 -patience 60s reach
  stop "$connector"
  : >"$work/$1.log"
  "$work/emit" -address "$mysql" -rows "$rows" fill >/dev/null
  connect "$1" "$2"
  "$work/emit" -brokers "$brokers" -topic "$1.marmot_bench.orders" -rows $((rows + 2)) -from 2 drain
  stop "$connector"
}

if [[ -n $mysql ]]; then fetch; fi
for ((round = 1; round <= rounds; round++)); do
  start_node "$round"
  "$work/emit" -address "127.0.0.1:$port" -password "$password" -rows "$rows" fill >/dev/null
  for e in json schema avro; do
    value=$(rate "$e" "$round")
    report "marmot, $e" "$value"
  done
  if [[ -n $mysql ]]; then
    value=$(connector_rate "connector$round" false)
    report 'connector, json' "$value"
    value=$(connector_rate "connectorschema$round" true)
    report 'connector, schema' "$value"
  fi
  for e in exactly soon; do
    order resume "$e"
    "$work/emit" -brokers "$brokers" -topic "$e$round.marmot_bench.orders" -rows "$rows" reach
    value=$("$work/emit" -address "127.0.0.1:$port" -password "$password" -brokers "$brokers" -topic "$e$round.marmot_bench.orders" \
      -time "$length" latency)
    report "marmot, latency, $e" "$value"
    order pause "$e"
  done
  scripts/cluster.sh destroy --dir "$work/cluster" >/dev/null
done
if [[ -n $mysql ]]; then ask 'DROP DATABASE IF EXISTS marmot_bench'; fi
