#!/usr/bin/env bash
# Consumers that were built for Debezium's topics, unchanged, on Marmot's: the final tables of each have to be Marmot's own.
#
#   apps/consumers.sh [SECTION …]    jdbc, unwrap, flink, avro (all)
#
# jdbc: Kafka Connect with Debezium's JDBC sink into MySQL and PostgreSQL. unwrap: the same into MySQL with ExtractNewRecordState, once in Connect and
# once built into an emitter. flink: PyFlink's debezium-json. avro: confluent-kafka with a schema registry, Apicurio's. On one node, whose events come
# from its own Kafka protocol, then on three in turn with a Kafka;
# APPS_NODES=1 or 3 runs one of the two.
name=consumers
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
here=$apps/consumers
prefix=${APPS_PREFIX:-apps_}
database=${prefix}shop
sections=("$@")
((${#sections[@]})) || sections=(jdbc unwrap flink avro)
[[ -n $judge ]] || die "APPS_MYSQL=host:port is needed: sinks write there, into ${prefix}sink"
command -v java >/dev/null || need_packages default-jre-headless
command -v mvn >/dev/null || need_packages maven
need_packages mariadb-client postgresql
need_python 'pymysql==1.1.2' 'psycopg2-binary==2.9.10' 'confluent-kafka[avro,schemaregistry]==2.16.1'
failed=0
registry=http://127.0.0.1:$((ports + 94))
settings=(--set debezium.topic.prefix=shop --set debezium.key.converter.schemas.enable=true --set debezium.value.converter.schemas.enable=true)

# emitter adds an emitter of a name, which is its topics' prefix too, with properties.
emitter() { # name property=value …
  local emitter=$1 one
  settings+=(--set "emitters.$1.\"topic.prefix\"=$1")
  shift
  for one in "$@"; do settings+=(--set "emitters.$emitter.\"${one%%=*}\"=${one#*=}"); done
}

wants() { [[ " ${sections[*]} " == *" $1 "* ]]; }

judge_sql() { bounded 60 mariadb --no-defaults --ssl=0 -h "${judge%:*}" -P "${judge#*:}" -u root -e "$1"; }

# run_sql runs the parts of a file, each in a connection of its own.
run_sql() { # file
  local part
  rm -f "$work"/part-*
  csplit -s -z -f "$work/part-" "$1" '/^-- next$/' '{*}'
  for part in "$work"/part-*; do
    sed "s/\`DB\`/\`$database\`/" "$part" |
      MYSQL_PWD=$APPS_PASSWORD bounded 600 mariadb --no-defaults --ssl=0 --default-character-set=utf8mb4 -h "${target%:*}" -P "${target#*:}" -u root || die "$part failed"
  done
}

# start_postgresql starts one of this run's own, on ports + 96. It is not root's, and so lies outside $work.
start_postgresql() {
  local bin
  bin=$(echo /usr/lib/postgresql/*/bin | awk '{print $NF}')
  pg=$(mktemp -d "${TMPDIR:-/tmp}/consumers-pg.XXXXXX")
  chown postgres "$pg"
  (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$bin/initdb" -D "$pg/data" -A trust -E UTF8 --locale=C.UTF-8 >"$work/initdb.log") || die "initdb failed: $work/initdb.log"
  # shellcheck disable=SC2016
  background "$work/postgresql.log" bash -c 'cd /; setpriv --reuid=postgres --regid=postgres --clear-groups "$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$2" -c fsync=off & pid=$!
    trap "kill -INT $pid; wait $pid; rm -rf \"$2\"; exit" TERM; wait $pid' _ "$bin" "$pg" $((ports + 96))
  await_port 127.0.0.1:$((ports + 96))
  # It listens before it has read its files.
  for _ in {1..600}; do if "$bin/pg_isready" -q -h 127.0.0.1 -p $((ports + 96)); then return 0; fi; sleep 0.5; done
  die "PostgreSQL does not answer"
}

# sink writes the configuration of a JDBC sink: sink NAME URL USER topics… property=value …
sink() {
  local connector=$1 url=$2 user=$3
  shift 3
  {
    printf '%s\n' "name=$connector" connector.class=io.debezium.connector.jdbc.JdbcSinkConnector "connection.url=$url" "connection.username=$user" \
      connection.password= connection.pool.min_size=1 connection.pool.max_size=4 schema.evolution=basic delete.enabled=true insert.mode=upsert primary.key.mode=record_key "$@"
  } >"$work/$where/$connector.properties"
}

# start_connect starts a worker with sinks that are written: start_connect NAME PORT sink …. One worker serves one kind of database: the sink
# mixes up their types within a process.
start_connect() {
  local worker=$1 port=$2 one files=()
  shift 2
  for one in "$@"; do files+=("$work/$where/$one.properties"); done
  if [[ ! -e $cache/libraries/.complete ]]; then
    rm -rf "$cache/libraries"
    bounded 900 mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$cache/libraries" >&2 || die "Maven could not fetch Kafka Connect"
    touch "$cache/libraries/.complete"
  fi
  printf '%s\n' "bootstrap.servers=$kafka" key.converter=org.apache.kafka.connect.json.JsonConverter value.converter=org.apache.kafka.connect.json.JsonConverter \
    key.converter.replace.null.with.default=false value.converter.replace.null.with.default=false \
    "offset.storage.file.filename=$work/$where/$worker.offsets" "listeners=http://127.0.0.1:$port" plugin.discovery=only_scan \
    consumer.isolation.level=read_committed consumer.auto.offset.reset=earliest consumer.metadata.max.age.ms=1000 offset.flush.interval.ms=2000 >"$work/$where/$worker.worker"
  background "$work/$where/$worker.log" nice -n 19 java -Xmx320m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$cache/libraries/*" \
    org.apache.kafka.connect.cli.ConnectStandalone "$work/$where/$worker.worker" "${files[@]}"
  connects+=("${processes[-1]}")
}

stop_connects() {
  local one
  for one in "${connects[@]}"; do
    kill -TERM "$one" 2>/dev/null || continue # it may have ended by itself
    wait "$one" || true
  done
}

# compare waits until a sink holds what Marmot holds: compare LABEL TARGET FORMAT arguments…
compare() {
  local label=$1 to=$2 format=$3
  shift 3
  MYSQL_PWD=$APPS_PASSWORD bounded 900 python3 "$here/compare.py" --source "$target" --database "$database" --format "$format" --label "$label, " "$@" "$to" || failed=1
}

# drive has the sinks follow one workload: while it is loaded already, and while it goes on.
drive_connect() {
  local my=jdbc:mysql://$judge pg=jdbc:postgresql://127.0.0.1:$((ports + 96)) all="shop\\\\.$database\\\\.(?!journal).*"
  [[ -z $(judge_sql "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_NAME LIKE 'shop\\_$database\\_%' AND TABLE_SCHEMA <> '${prefix}sink'") ]] ||
    die "another database of $judge has tables of the sinks' names: the JDBC sink would take them for its own"
  judge_sql "DROP DATABASE IF EXISTS ${prefix}sink; CREATE DATABASE ${prefix}sink CHARACTER SET utf8mb4"
  if wants jdbc; then
    sink mysql "$my/${prefix}sink" root "topics.regex=$all" truncate.enabled=true
    sink journal "$my/${prefix}sink" root "topics=shop.$database.journal" insert.mode=insert primary.key.mode=none delete.enabled=false
    bounded 300 psql -q -h 127.0.0.1 -p $((ports + 96)) -U postgres -c "DROP DATABASE IF EXISTS sink" -c "CREATE DATABASE sink" 2>/dev/null
    sink postgresql "$pg/sink" postgres "topics.regex=$all" truncate.enabled=true
  fi
  if wants unwrap; then
    # shellcheck disable=SC2016
    sink unwrapped "$my/${prefix}sink" root "topics.regex=$all" 'collection.name.format=unwrapped_${topic}' transforms=unwrap transforms.unwrap.type=io.debezium.transforms.ExtractNewRecordState
    sink flat "$my/${prefix}sink" root "topics.regex=${all/shop/flat}"
  fi
  run_sql "$here/load.sql"
  connects=() sinks=()
  if wants jdbc; then sinks+=(mysql journal); fi
  if wants unwrap; then sinks+=(unwrapped flat); fi
  start_connect to-mysql $((ports + 97)) "${sinks[@]}"
  if wants jdbc; then start_connect to-postgresql $((ports + 98)) postgresql; fi
  check_sinks "$where loaded"
  run_sql "$here/change.sql"
  check_sinks "$where changed"
  stop_connects
  grep -h 'ERROR' "$work/$where"/to-*.log | head -3 || true
}

check_sinks() {
  if wants jdbc; then
    compare "$1, JDBC sink into MySQL" "mysql://root@$judge/${prefix}sink" "shop_{db}_{table}"
    compare "$1, JDBC sink into PostgreSQL" "postgresql://postgres@127.0.0.1:$((ports + 96))/sink" "shop_{db}_{table}" --less journal
  fi
  if wants unwrap; then # it drops TRUNCATE
    compare "$1, ExtractNewRecordState in Connect" "mysql://root@$judge/${prefix}sink" "unwrapped_shop_{db}_{table}" --less journal --less wiped
    compare "$1, ExtractNewRecordState in the emitter" "mysql://root@$judge/${prefix}sink" "flat_{db}_{table}" --less journal --less wiped
  fi
}

# drive does everything with the nodes that run: drive NAME host:port
drive() {
  where=$1 target=$2
  kafka=$(sed 's/.*"kafka":"\([^"]*\)".*/\1/' "$work/cluster.json")
  mkdir -p "$work/$where"
  if wants jdbc || wants unwrap; then
    drive_connect
  else
    run_sql "$here/load.sql"
    run_sql "$here/change.sql"
  fi
  await_emitters
  if wants flink; then drive_flink; fi
  if wants avro; then drive_avro; fi
}

# columns are what read_flink.py and read_avro.py read of the tables: what Debezium's formats leave to the reader to interpret (days, microseconds, unscaled
# decimals) is seen by the JDBC sinks, and so is the default that a new column has in rows which no event tells of.
columns=(
  'customers=id:INT;name:STRING;email:STRING;vip:BOOLEAN;phone:STRING'
  'items=order_id:BIGINT;line:SMALLINT;sku:STRING;qty:BIGINT'
  'codes=code:STRING;label:STRING;weight:DOUBLE'
  'kinds=id:INT;ti:SMALLINT;tu:SMALLINT;si:SMALLINT;mi:INT;bi:BIGINT;bu:BIGINT;f:FLOAT;d:DOUBLE;b1:BOOLEAN;ch:STRING;vc:STRING;tx:STRING;en:STRING;se:STRING;js:STRING;ye:INT'
  'later=id:INT;note:STRING'
)

# await_emitters waits until all that was committed is published: the readers below stop at the ends of the topics.
await_emitters() {
  local end=$((SECONDS + 600))
  sleep 2 # what members tell each other is a second old
  until curl -fsS --max-time 5 "http://127.0.0.1:$((ports + 20))/emitters" | python3 -c 'import json, sys; sys.exit(any(e["lag"] or e["state"] != "emitting" for e in json.load(sys.stdin)))'; do
    ((SECONDS < end)) || die "the emitters do not come to the end: $(curl -fsS "http://127.0.0.1:$((ports + 20))/emitters")"
    sleep 0.5
  done
}

# drive_flink reads the topics to their ends.
drive_flink() {
  local jars=$cache/flink-jars
  if [[ ! -x $cache/flink/bin/python ]]; then
    python3 -m venv "$cache/flink" || die "python3 has no venv"
    bounded 1800 "$cache/flink/bin/pip" install -q --disable-pip-version-check apache-flink==2.3.0 >&2 || { rm -rf "$cache/flink"; die "pip could not install apache-flink"; }
  fi
  [[ -e $jars/flink-sql-connector-kafka-5.0.0-2.2.jar ]] ||
    bounded 600 mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact=org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2 -DoutputDirectory="$jars" >&2 || die "Maven could not fetch Flink's connector"
  if bounded 1200 "$cache/flink/bin/python" "$here/read_flink.py" "$kafka" "shop.$database" "$jars/flink-sql-connector-kafka-5.0.0-2.2.jar" "$work/$where/flink.json" \
    "${columns[@]}" 'journal=line:STRING' >"$work/$where/flink.log" 2>&1; then
    compare "$where, Flink debezium-json" "$work/$where/flink.json" "{table}" --less wiped --seconds 1
  else
    failed=1
    echo "FAIL $where, Flink: $(tail -n 1 "$work/$where/flink.log")"
  fi
}

drive_avro() {
  local wanted=("${columns[@]/%;js:STRING;ye:INT/;de;vb;bl;js;ye}" 'wiped=id;v')
  wanted=("${wanted[@]/#customers=id:INT/customers=id;balance}")
  if bounded 600 python3 "$here/read_avro.py" "$kafka" "$registry/apis/ccompat/v7" "avro.$database" "$work/$where/avro.json" "${wanted[@]}" >"$work/$where/avro.log" 2>&1; then
    compare "$where, confluent-kafka with Avro" "$work/$where/avro.json" "{table}" --less journal --seconds 1
  else
    failed=1
    echo "FAIL $where, Avro: $(tail -n 1 "$work/$where/avro.log")"
  fi
}

# start_registry starts a schema registry in memory, on ports + 94.
start_registry() {
  local version=2.6.13.Final app=$cache/registry
  if [[ ! -e $app/.complete ]]; then
    rm -rf "$app"
    mkdir -p "$app"
    bounded 900 mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-Dartifact=io.apicurio:apicurio-registry-app:$version:tar.gz:all" -DoutputDirectory="$app" >&2 || die "Maven could not fetch the registry"
    tar -xzf "$app/apicurio-registry-app-$version-all.tar.gz" -C "$app"
    rm "$app/apicurio-registry-app-$version-all.tar.gz"
    touch "$app/.complete"
  fi
  background "$work/registry.log" nice -n 19 java -Xmx200m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dquarkus.http.host=127.0.0.1 "-Dquarkus.http.port=$((ports + 94))" -Dquarkus.log.level=WARN \
    -jar "$app/apicurio-registry-app-$version-runner.jar"
  await_port "127.0.0.1:$((ports + 94))"
}

if wants jdbc; then start_postgresql; fi
if wants unwrap; then
  emitter flat key.converter.schemas.enable=true value.converter.schemas.enable=true transforms=unwrap transforms.unwrap.type=io.debezium.transforms.ExtractNewRecordState
fi
if wants avro; then
  start_registry
  emitter avro schema.name.adjustment.mode=avro {key,value}.converter=io.confluent.connect.avro.AvroConverter "key.converter.schema.registry.url=$registry/apis/ccompat/v7" "value.converter.schema.registry.url=$registry/apis/ccompat/v7"
fi
if [[ ${APPS_NODES:-1 3} == *1* ]]; then
  echo "-- one node"
  start_nodes 1 "${settings[@]}"
  drive one "$marmot"
  stop_nodes
fi
if [[ ${APPS_NODES:-1 3} == *3* ]]; then
  echo "-- three nodes in turn, a Kafka"
  start_nodes 3 "${settings[@]}"
  strong_reads
  in_turn
  drive three "$three"
  stop_nodes
fi
exit "$failed"
