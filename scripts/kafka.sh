#!/usr/bin/env bash
# A real Apache Kafka on this machine, without containers: jars by Maven, one Java process a broker.
#
#   kafka.sh install                                       fetch the jars into .cache/kafka
#   kafka.sh start --brokers N --dir D --port P [--secure] start 1 or 3 brokers; prints host:port,…
#   kafka.sh status|stop|destroy --dir D                   destroy removes the data too
#   kafka.sh {start,stop,kill,pause,resume}-broker I --dir D
#
# Brokers listen on 127.0.0.1: clients on P, P+1, P+2; controllers on P+50, P+51, P+52. Durable
# settings: three replicas, two in sync, no unclean election, topics are never made by accident.
#
# --secure: clients come by SASL_SSL on P…, and with certificates (SSL) on P+10…; an authorizer refuses what no ACL allows.
# D/secure has ca.pem, client.pem and client.key (user CN=client), and for each user a file NAME.password and a configuration
# NAME.properties: admin may do everything, marmot what docs/security.md lists for prefixes marmot and test, stranger nothing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
version=4.3.1
scala=2.13
home=$root/.cache/kafka/$version
heap=${MARMOT_KAFKA_HEAP:-320m}
# A broker that its controller has not heard of for so many milliseconds is fenced: soon enough for another to lead, not on a busy machine.
session=${MARMOT_TEST_KAFKA_SESSION:-4000}
ready_seconds=600

die() { echo "kafka.sh: $*" >&2; exit 1; }

install() {
  [[ -f $home/.complete ]] && return 0
  if ! command -v mvn >/dev/null || ! command -v java >/dev/null; then die "java and mvn are needed: scripts/install-deps.sh cluster"; fi
  mkdir -p "$home"
  exec 8>"$home/.lock"
  flock 8
  [[ -f $home/.complete ]] && return 0
  echo "fetching Apache Kafka $version by Maven" >&2
  cat >"$home/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>marmot</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_$scala</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.1</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.25.1</version></dependency>
  </dependencies>
</project>
POM
  local log=$home/maven.log
  for attempt in 1 2 3; do
    if mvn -B -q -f "$home/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$home/libs" >"$log" 2>&1; then break; fi
    ((attempt < 3)) || { tail -n 20 "$log" >&2; die "Maven could not fetch Kafka $version"; }
  done
  [[ -f $home/libs/kafka_$scala-$version.jar ]] || die "Kafka $version arrived incomplete; remove $home and try again"
  cat >"$home/log4j2.properties" <<'LOG'
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m (%c{1})%n%throwable
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = out
LOG
  touch "$home/.complete"
}

kafka_java() { # heap, class, arguments…
  local memory=$1 class=$2
  shift 2
  java "-Xmx$memory" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$home/libs/*" "$class" "$@"
}

# number_of prints the process id of broker $1 when it is alive and ours.
number_of() {
  local pid
  pid=$(cat "$dir/$1/pid" 2>/dev/null) || return 1
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF "$dir/$1/server.properties" || return 1
  echo "$pid"
}

load() {
  [[ -f $dir/cluster.env ]] || die "no brokers in $dir: kafka.sh start --brokers 3 --dir $dir --port P"
  secure=0 # a file of before does not say
  # shellcheck disable=SC1091
  source "$dir/cluster.env"
}

check_id() {
  if [[ ! ${1:-} =~ ^[0-9]+$ ]] || (($1 < 1 || $1 > brokers)); then die "broker ${1:-?}: want a number from 1 to $brokers"; fi
}

addresses() {
  local list=() i
  for ((i = 0; i < brokers; i++)); do list+=("127.0.0.1:$((port + i))"); done
  (IFS=,; echo "${list[*]}")
}

# certificate makes $2.pem and $2.key in $1, signed by the authority there.
certificate() { # directory, common name, extension
  openssl req -newkey rsa:2048 -nodes -keyout "$1/$2.key" -out "$1/$2.csr" -subj "/CN=$2" 2>>"$1/openssl.log"
  openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial -days 30 -out "$1/$2.pem" -extfile <(echo "$3") 2>>"$1/openssl.log"
  rm "$1/$2.csr"
}

# secrets makes an authority, certificates, and a password and a client's configuration for each user.
secrets() {
  local s=$dir/secure user mechanism=SCRAM-SHA-512
  [[ -f $s/complete ]] && return 0
  command -v openssl >/dev/null || die "--secure needs openssl"
  mkdir -p "$s"
  (
    umask 077
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$s/ca.key" -out "$s/ca.pem" -days 30 -subj "/CN=authority of the brokers" 2>>"$s/openssl.log"
    certificate "$s" broker "subjectAltName=IP:127.0.0.1,DNS:localhost"
    certificate "$s" client "extendedKeyUsage=clientAuth"
    cat "$s/broker.key" "$s/broker.pem" >"$s/broker-both.pem"
    for user in admin marmot stranger; do
      head -c 18 /dev/urandom | base64 | tr -d '/+=\n' >"$s/$user.password"
      cat >"$s/$user.properties" <<CLIENT
security.protocol=SASL_SSL
sasl.mechanism=$mechanism
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="$user" password="$(cat "$s/$user.password")";
ssl.truststore.type=PEM
ssl.truststore.location=$s/ca.pem
CLIENT
    done
  )
  touch "$s/complete"
}

# users prints what the storage is formatted with so that it knows the users from the beginning.
users() {
  local user mechanism
  for user in admin marmot stranger; do
    for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
      printf '%s\n' --add-scram "$mechanism=[name=$user,password=$(cat "$dir/secure/$user.password")]"
    done
  done
}

# acl lets user marmot and the owner of client.pem do something.
acl() {
  kafka_java 128m org.apache.kafka.tools.AclCommand --bootstrap-server "$(addresses)" --command-config "$dir/secure/admin.properties" \
    --add --allow-principal User:marmot --allow-principal User:CN=client "$@" >>"$dir/secure/acls.log" 2>&1 || { cat "$dir/secure/acls.log" >&2; die "setting ACLs"; }
}

# acls are the commands of docs/security.md.
acls() {
  [[ -f $dir/secure/acls ]] && return 0
  acl --resource-pattern-type prefixed --topic _marmot. --operation Create --operation Describe --operation DescribeConfigs --operation Read --operation Write --operation Delete
  acl --resource-pattern-type prefixed --topic marmot --topic test --operation Create --operation Describe --operation DescribeConfigs --operation Read --operation Write
  acl --resource-pattern-type prefixed --transactional-id marmot- --operation Describe --operation Write
  acl --resource-pattern-type prefixed --group marmot --group test --operation Read
  touch "$dir/secure/acls"
}

# listeners prints the part of a broker's configuration that says who gets in, and how.
listeners() { # broker
  local p=$((port + $1 - 1)) s=$dir/secure
  if ((!secure)); then
    cat <<PROPERTIES
listeners=PLAINTEXT://127.0.0.1:$p,CONTROLLER://127.0.0.1:$((p + 50))
advertised.listeners=PLAINTEXT://127.0.0.1:$p
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
PROPERTIES
    return
  fi
  # Controllers speak without a login, on loopback: they are the anonymous super user. Nobody else can be anonymous.
  cat <<PROPERTIES
listeners=SASL_SSL://127.0.0.1:$p,SSL://127.0.0.1:$((p + 10)),CONTROLLER://127.0.0.1:$((p + 50))
advertised.listeners=SASL_SSL://127.0.0.1:$p,SSL://127.0.0.1:$((p + 10))
listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=$s/broker-both.pem
ssl.truststore.type=PEM
ssl.truststore.location=$s/ca.pem
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="$(cat "$s/admin.password")" user_admin="$(cat "$s/admin.password")" user_marmot="$(cat "$s/marmot.password")";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
PROPERTIES
}

configure() { # broker
  local voters=() i replicas=1 in_sync=1
  if ((brokers == 3)); then replicas=3 in_sync=2; fi
  for ((i = 1; i <= brokers; i++)); do voters+=("$i@127.0.0.1:$((port + 49 + i))"); done
  mkdir -p "$dir/$1"
  (umask 077 && : >"$dir/$1/server.properties")
  cat >"$dir/$1/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$(IFS=,; echo "${voters[*]}")
$(listeners "$1")
controller.listener.names=CONTROLLER
log.dirs=$dir/$1/data
auto.create.topics.enable=false
unclean.leader.election.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=2
num.network.threads=2
num.io.threads=4
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=4194304
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=$session
broker.heartbeat.interval.ms=500
PROPERTIES
}

launch() { # broker
  if number_of "$1" >/dev/null; then return 0; fi
  local p end=$((SECONDS + 5)) # a process that was killed has its ports for a moment still
  for p in $((port + $1 - 1)) $((port + 49 + $1)) $(((port + 9 + $1) * secure)); do
    ((p)) || continue
    while (exec 9<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do
      ((SECONDS < end)) || die "port $p is taken by another process"
      sleep 0.05
    done
  done
  : >"$dir/$1/broker.log"
  ( # neither the script's locks nor its terminal go to the broker
    exec 8>&- </dev/null >>"$dir/$1/broker.log" 2>&1
    cd "$dir/$1"
    exec setsid java "-Xms$heap" "-Xmx$heap" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
      "-Dlog4j2.configurationFile=$home/log4j2.properties" -cp "$home/libs/*" kafka.Kafka "$dir/$1/server.properties"
  ) &
  echo $! >"$dir/$1/pid"
}

await() { # broker
  local end=$((SECONDS + ready_seconds))
  until grep -q 'Kafka Server started' "$dir/$1/broker.log"; do
    if ((SECONDS >= end)) || ! kill -0 "$(cat "$dir/$1/pid")" 2>/dev/null; then
      tail -n 20 "$dir/$1/broker.log" >&2
      die "broker $1 did not start; its log is $dir/$1/broker.log"
    fi
    sleep 0.1
  done
}

finish() { # broker, seconds that it may take
  local pid end=$((SECONDS + $2))
  pid=$(number_of "$1") || return 0
  kill -CONT "$pid" 2>/dev/null || true
  kill -TERM "$pid" 2>/dev/null || true
  while number_of "$1" >/dev/null; do
    if ((SECONDS >= end)); then kill -KILL "$pid" 2>/dev/null || true; fi
    sleep 0.05
  done
  rm -f "$dir/$1/pid"
}

start() {
  local i fresh=()
  install
  if [[ $brokers != 1 && $brokers != 3 ]]; then die "--brokers: want 1 or 3"; fi
  if [[ ! $port =~ ^[0-9]+$ ]] || ((port < 1024 || port > 65399)); then die "--port: want a number from 1024 to 65399"; fi
  mkdir -p "$dir"
  if [[ ! -f $dir/cluster.env ]]; then
    id=M$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' | cut -c2-22)
    printf 'brokers=%s port=%s id=%s secure=%s\n' "$brokers" "$port" "$id" "$secure" >"$dir/cluster.env"
  fi
  load
  local known=()
  if ((secure)); then
    secrets
    mapfile -t known < <(users)
  fi
  for ((i = 1; i <= brokers; i++)); do
    configure "$i"
    [[ -f $dir/$i/data/meta.properties ]] || fresh+=("$i")
  done
  local pids=() p
  for i in "${fresh[@]}"; do
    kafka_java 96m kafka.tools.StorageTool format --ignore-formatted -t "$id" -c "$dir/$i/server.properties" "${known[@]}" >"$dir/$i/format.log" 2>&1 &
    pids+=($!)
  done
  for p in "${pids[@]}"; do wait "$p" || { cat "$dir"/*/format.log >&2; die "formatting the storage of the brokers"; }; done
  for ((i = 1; i <= brokers; i++)); do launch "$i"; done
  for ((i = 1; i <= brokers; i++)); do await "$i"; done
  if ((secure)); then acls; fi
  addresses
}

stop_all() { # seconds for each broker; the last two of three have no quorum to say good-bye to
  local i
  for ((i = 1; i <= brokers; i++)); do finish "$i" "$(((i == brokers && brokers > 1) ? 3 : $1))"; done
}

status() {
  local i
  for ((i = 1; i <= brokers; i++)); do
    if pid=$(number_of "$i"); then echo "broker $i runs as $pid on 127.0.0.1:$((port + i - 1))"; else echo "broker $i is down"; fi
  done
}

signal() { # broker, signal
  local pid
  pid=$(number_of "$1") || die "broker $1 is not running"
  kill "-$2" "$pid"
}

command=${1:-}
[[ -n $command ]] || { sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 2; }
shift
number='' dir='' brokers='' port='' secure=0
while (($#)); do
  case $1 in
    --dir) dir=$(realpath -m "${2:?}"); shift ;;
    --brokers) brokers=${2:?}; shift ;;
    --secure) secure=1 ;;
    --port) port=${2:?}; shift ;;
    [0-9]*) number=$1 ;;
    *) die "unknown argument $1" ;;
  esac
  shift
done
[[ $command == install || -n $dir ]] || die "--dir is missing"
case $command in
  install) install ;;
  start) start ;;
  status) load; status ;;
  addresses) load; addresses ;;
  stop) load; stop_all 20 ;;
  destroy)
    [[ -f $dir/cluster.env ]] || exit 0
    load
    stop_all 0
    rm -rf "$dir"/{1,2,3,secure,cluster.env}
    rmdir "$dir" 2>/dev/null || true
    ;;
  start-broker) load; check_id "$number"; configure "$number"; launch "$number"; await "$number" ;;
  stop-broker) load; check_id "$number"; finish "$number" 30 ;;
  kill-broker)
    load
    check_id "$number"
    signal "$number" KILL
    while number_of "$number" >/dev/null; do sleep 0.02; done
    ;;
  pause-broker) load; check_id "$number"; signal "$number" STOP ;;
  resume-broker) load; check_id "$number"; signal "$number" CONT ;;
  *) die "unknown command $command" ;;
esac
