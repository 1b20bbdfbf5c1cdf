#!/usr/bin/env bash
# Debezium's MySQL connector, unchanged, reads a node's binary log: what it sends has to be what the emitter sends, event for event.
#
#   apps/connector.sh [SETTING …]    default, alt1, alt2 (all): the settings of internal/golden
#
# The statements of internal/golden run while Kafka Connect with the connector and the emitter both follow, into topics of two prefixes: initial snapshot, stream,
# incremental and blocking snapshots by signals. On one node, whose emitter serves its events itself; then on three nodes that take
# statements in turn, with a Kafka, where the connector reads one node, and the node that emits is killed before the signals. APPS_NODES=1 or 3 runs one of the two.
# Prints what differs and, for each setting, how many events are identical; fails below 98 %.
name=connector
# shellcheck source=apps/lib.sh
source "$(dirname "$0")/lib.sh"
settings=("$@")
((${#settings[@]})) || settings=(default alt1 alt2)
[[ ${APPS_TARGET:-marmot} == marmot ]] || die "what is read is always Marmot"
command -v java >/dev/null || need_packages default-jre-headless
command -v mvn >/dev/null || need_packages maven
need_packages mariadb-client
failed=0

# The program that runs the statements and compares is built beside the node.
twins=$cache/twins
(cd "$root" && CGO_ENABLED=0 nice -n 19 go build -o "$twins" ./internal/golden/twins) || die "go could not build internal/golden/twins"

# The connector comes as scripts/emitter.sh has it.
libraries=$root/.cache/debezium/3.6.1/libs
"$root/scripts/emitter.sh" --fetch

# setting prints the values of a kind that a setting has, a line each: node, emitter, connector, variable.
setting() { "$twins" setting "$1" | sed -n "s/^$2 //p"; }

node_sql() { # port, statement
  MYSQL_PWD=$APPS_PASSWORD bounded 60 mariadb --no-defaults --ssl=0 -h 127.0.0.1 -P "$1" -u root -e "$2"
}

# set_variables sets the setting's global variables on all nodes, for later starts too: a snapshot at the start heeds them.
set_variables() {
  local n one
  for ((n = 0; n < nodes; n++)); do
    while read -r one; do node_sql $((ports + n)) "SET PERSIST ${one%%=*} = '${one#*=}'"; done < <(setting "$1" variable)
  done
}

# start_connector starts Kafka Connect with the connector, which reads node 1.
start_connector() { # setting
  {
    printf '%s\n' "bootstrap.servers=$theirs" key.converter=org.apache.kafka.connect.json.JsonConverter value.converter=org.apache.kafka.connect.json.JsonConverter \
      "offset.storage.file.filename=$work/$where/offsets" offset.flush.interval.ms=500 "listeners=http://127.0.0.1:$((ports + 82))" plugin.discovery=only_scan
    setting "$1" connector | grep converter
  } >"$work/$where/worker.properties"
  {
    printf '%s\n' name=connector connector.class=io.debezium.connector.mysql.MySqlConnector tasks.max=1 database.hostname=127.0.0.1 "database.port=$ports" \
      database.user=root "database.password=$APPS_PASSWORD" database.server.id=5501 database.exclude.list=mysql,sys,performance_schema,information_schema \
      schema.history.internal=io.debezium.storage.file.history.FileSchemaHistory "schema.history.internal.file.filename=$work/$where/history" \
      topic.creation.default.partitions=1 topic.creation.default.replication.factor=1 connect.timeout.ms=120000 connection.validation.timeout.ms=300000
    setting "$1" connector | grep -v converter
  } >"$work/$where/connector.properties"
  background "$work/$where/connect.log" nice -n 19 java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=info -cp "$libraries/*" \
    org.apache.kafka.connect.cli.ConnectStandalone "$work/$where/worker.properties" "$work/$where/connector.properties"
  connect=${processes[-1]}
}

stop_connector() {
  kill -TERM "$connect" 2>/dev/null || return 0
  wait "$connect" || true
}

# run has the nodes take the statements of a script in turn, or of a part of it.
run() { # script [part]
  local to
  to=$(printf ',127.0.0.1:%s' "${serving[@]}")
  bounded 900 "$twins" -patience 880s -part "${2:-0}" -nodes "${to:1}" -password "$APPS_PASSWORD" execute "$1" || failed=1
}

# told waits until both have told of something: told TIMES TEXT …
told() {
  local times=$1
  shift
  bounded 900 "$twins" -patience 880s -ours "$ours" -theirs "$theirs" -times "$times" await "$@" || {
    grep -h 'ERROR\|Caused by' "$work/$where/connect.log" | head -n 20 >&2
    die "$where: no more comes"
  }
}

# emitting prints the number of the node that emits.
emitting() {
  curl -fsS --max-time 5 "http://127.0.0.1:$((ports + 20))/emitters" | sed -n 's/.*"name":"main"[^}]*"node":"node-\([0-9]*\)".*/\1/p'
}

# await_emitting waits until some node emits.
await_emitting() { # seconds
  local end=$((SECONDS + $1))
  until [[ $(emitting) == [1-9] ]]; do
    ((SECONDS < end)) || die "$where: nobody emits"
    sleep 0.1
  done
}

# kill_emitting kills the node that emits, unless the connector reads from it: then that one hands over, being paused for a moment.
kill_emitting() {
  local owner n
  await_emitting 30
  owner=$(emitting)
  if ((owner == 1)); then
    echo "node 1 emits, and the connector reads from it: node 1 stays"
    return 0
  fi
  echo "node $owner, which emits, is killed"
  "$root/scripts/cluster.sh" kill-node "$owner" --dir "$cluster"
  serving=()
  for ((n = 1; n <= nodes; n++)); do ((n == owner)) || serving+=($((ports + n - 1))); done
}

# compare lets both follow a setting's statements and compares: compare SETTING NODES
compare() {
  local n one start=()
  where=$1-$2
  mkdir -p "$work/$where"
  while read -r one; do start+=(--set "$one"); done < <(setting "$1" node)
  while read -r one; do start+=(--set "debezium.\"${one%%=*}\"=${one#*=}"); done < <(setting "$1" emitter)
  start_nodes "$2" --set debezium.enabled=false "${start[@]}"
  serving=()
  for ((n = 0; n < nodes; n++)); do serving+=($((ports + n))); done
  ours=$(sed 's/.*"kafka":"\([^"]*\)".*/\1/' "$work/cluster.json")
  theirs=$ours
  if ((nodes == 1)); then theirs=$("$root/scripts/kafka.sh" start --brokers 1 --dir "$work/kafka" --port $((ports + 41))); fi
  set_variables "$1"
  if ((nodes > 1)); then strong_reads; fi
  run 00_setup.sql
  # What is there already is the snapshot of both.
  "$root/scripts/cluster.sh" stop --dir "$cluster"
  sed -i 's/debezium\.enabled=false/debezium.enabled=true/' "$cluster/cluster.env"
  "$root/scripts/cluster.sh" start --dir "$cluster" >/dev/null
  if ((nodes > 1)); then strong_reads; fi
  start_connector "$1"
  told 1 '"type":"COMPLETED"' '"aggregate_type":"Initial Snapshot"'
  run 10_stream.sql
  if ((nodes > 1)); then kill_emitting; fi
  # Both read the signal when all of the script is there, whoever is faster.
  node_sql "${serving[0]}" "CALL marmot.pause_emitter('main')"
  run 20_signal.sql
  node_sql "${serving[0]}" "CALL marmot.resume_emitter('main')"
  told 1 '"type":"COMPLETED"' '"id":"adhoc-1"'
  run 21_signal_filter.sql
  told 1 '"type":"COMPLETED"' '"id":"adhoc-2"'
  run 22_signal_blocking.sql
  told 2 '"type":"COMPLETED"' '"aggregate_type":"Initial Snapshot"'
  # Its parts are a second or three apart in the recordings; a busy machine needs longer.
  run 23_signal_pause_stop.sql 1
  told 1 '"type":"PAUSED"' '"id":"adhoc-4"'
  run 23_signal_pause_stop.sql 2
  told 1 '"type":"COMPLETED"' '"id":"adhoc-4"'
  run 23_signal_pause_stop.sql 3
  told 1 '"type":"COMPLETED"' '"id":"adhoc-5"'
  run 23_signal_pause_stop.sql 4
  told 1 '"type":"COMPLETED"' '"id":"adhoc-6"'
  run 90_end.sql
  echo "-- $1, $2 node$( (($2 == 1)) || echo s)"
  bounded 900 "$twins" -patience 880s -ours "$ours" -theirs "$theirs" -least 98 compare || failed=1
  stop_connector
  if ((nodes == 1)); then "$root/scripts/kafka.sh" destroy --dir "$work/kafka"; fi
  stop_nodes
}

# A broker of this run that is still there ends with it.
# shellcheck disable=SC2317 # the trap calls it
end() {
  local status=$?
  set +e
  "$root/scripts/kafka.sh" destroy --dir "$work/kafka" >/dev/null 2>&1
  (exit "$status")
  cleanup
}
trap end EXIT
for count in ${APPS_NODES:-1 3}; do
  for one in "${settings[@]}"; do compare "$one" "$count"; done
done
exit "$failed"
