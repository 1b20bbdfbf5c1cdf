#!/usr/bin/env bash
# Shows Marmot: scripts/demo.sh single | cluster [--stop]
#
# single:  one node with the embedded log, and marmot-connect on its Kafka port.
# cluster: three nodes on a real Kafka of three brokers, and marmot-connect.
#
# Loads the shop of demo/shop.sql, then shows its rows as MySQL, as SQLite and as
# Debezium events, and leaves everything running in run/; `scripts/demo.sh single --stop` ends it.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-single}
dir=$PWD/run/$kind
case $kind in
  single) nodes=1 brokers=0 port=${MARMOT_DEMO_PORT:-3306} ;;
  cluster) nodes=3 brokers=3 port=${MARMOT_DEMO_PORT:-13306} ;;
  *) echo "usage: scripts/demo.sh single|cluster [--stop]" >&2; exit 2 ;;
esac

connect_pid=$dir/connect.pid
stop_connect() {
  local pid
  pid=$(cat "$connect_pid" 2>/dev/null) || return 0
  if [[ $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) == *marmot-connect* ]]; then kill "$pid"; fi
  rm -f "$connect_pid"
}

stop_connect
scripts/cluster.sh destroy --dir "$dir" >/dev/null 2>&1 || true
if [[ ${2:-} == --stop ]]; then echo "stopped; nothing is left in $dir"; exit 0; fi

if ((brokers)); then scripts/install-deps.sh cluster; scripts/kafka.sh install >/dev/null; else scripts/install-deps.sh demo; fi

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say "Starting $nodes node(s)$( ((brokers)) && echo " and $brokers Kafka brokers")"
json=$(scripts/cluster.sh start --nodes "$nodes" --brokers "$brokers" --dir "$dir" --port "$port")
field() { sed -n 's/.*"'"$1"'":\[\{0,1\}"\([^"]*\)".*/\1/p' <<<"$json"; }
mysql=$(field mysql) kafka=$(field kafka) user=$(field user) password=$(field password) data=$(field data)

events=$dir/events
mkdir -p "$events"
MARMOT_CONNECT_KAFKA_BROKERS=$kafka MARMOT_CONNECT_TOPICS_PREFIX=marmot MARMOT_CONNECT_SINK_DIR=$events \
  MARMOT_CONNECT_SINK_ROTATE_INTERVAL=2s MARMOT_CONNECT_ADMIN_LISTEN='' \
  nohup bin/marmot-connect run >"$dir/connect.log" 2>&1 &
echo $! >"$connect_pid"

say "Loading the shop"
client() { MYSQL_PWD=$password mariadb --no-defaults -h "${mysql%:*}" -P "${mysql##*:}" -u "$user" --default-character-set=utf8mb4 "$@"; }
client <demo/shop.sql

say "As MySQL: SELECT * FROM turnover"
client -t shop -e 'SELECT * FROM turnover; SELECT sku, title, price, stock FROM product'

say "As SQLite: $data/db/shop.db"
sqlite3 -readonly -header "$data/db/shop.db" 'SELECT sku, title, price, stock FROM product'

say "As Debezium events: $events"
for _ in $(seq 60); do
  files=$(find "$events" -name '*.jsonl' -path '*shop.product*' | head -1)
  [[ -n $files ]] && break
  sleep 0.5
done
if [[ -z ${files:-} ]]; then echo "no event file after 30 s; see $dir/connect.log" >&2; exit 1; fi
find "$events" -name '*.jsonl' | sort | sed "s|^|  |"
echo "  one of them:"
tail -n 1 "$files" | cut -c1-600

say "It is yours"
cat <<TEXT
  mariadb -h ${mysql%:*} -P ${mysql##*:} -u $user -p'$password' shop
  sqlite3 -readonly $data/db/shop.db
  bin/marmot status --admin $(field admin)
  Kafka protocol: $kafka (topics marmot.shop.…)
  scripts/demo.sh $kind --stop
TEXT
