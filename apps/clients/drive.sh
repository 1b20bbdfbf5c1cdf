#!/usr/bin/env bash
# Asks a server through MySQL's own command line programs, and prints what they said as apps/transcripts.py reads it.
#
#   drive.sh PROGRAMS HOST PORT PASSWORD DATABASE DIRECTORY    PROGRAMS: a command that runs the program named by its first argument
#
# What differs from server to server and run to run (versions, times, numbers of connections, the server's name) is masked.
set -u
programs=$1 host=$2 port=$3 database=$5 directory=$6
export MYSQL_PWD=$4
mkdir -p "$directory"

# the runs a program, and prints its output with what is of the place masked.
the() {
  local program=$1
  shift
  timeout 120 "$programs" "$program" -h "$host" -P "$port" -u root "$@" 2>&1 | mask
  echo "status ${PIPESTATUS[0]}"
}
mask() {
  sed -E "s/$database/DATABASE/g; s/[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z]+)?/VERSION/g; s/[0-9]{4}-[0-9]{2}-[0-9]{2} +[0-9:]{7,8}/TIME/g; s/(Connection id:\s*)[0-9]+/\1N/; s/:$port/:PORT/g; s/\b$port\b/PORT/g; s/DEFINER=\`root\`@\`[^\`]*\`/DEFINER=root/g; s/([0-9.]+ sec)/SECONDS/g; s/root@(localhost|%|127.0.0.1)/root@HOST/g"
}
check() { echo "## $1"; }
sql() { the mysql "$@"; }

check mysql/setup
sql -e "DROP DATABASE IF EXISTS $database; CREATE DATABASE $database"
sql "$database" <<'SQL'
CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, born DATE, notes TEXT, photo BLOB, flag BIT(3), UNIQUE KEY by_name (name)) COMMENT 'who is there';
CREATE TABLE pets (id INT PRIMARY KEY, owner INT, name VARCHAR(20) DEFAULT 'none', CONSTRAINT of_owner FOREIGN KEY (owner) REFERENCES people (id) ON DELETE CASCADE);
CREATE TABLE parts (id INT, k INT, PRIMARY KEY (id, k)) PARTITION BY HASH (k) PARTITIONS 3;
INSERT INTO people (name, born, notes, photo, flag) VALUES ('Ann', '2000-01-02', 'tab\there', x'00ff', b'101'), ('Bob "B"', NULL, 'line\nbreak', NULL, NULL), ('Cäsar', '1999-12-31', '\\ ''', '', b'0');
INSERT INTO pets VALUES (1, 1, 'Rex'), (2, 1, NULL), (3, 3, DEFAULT);
INSERT INTO parts VALUES (1, 1), (2, 2), (3, 3);
CREATE VIEW owners AS SELECT p.name, COUNT(*) AS n FROM people p JOIN pets ON owner = p.id GROUP BY p.name;
delimiter //
CREATE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 2 AS b; END//
CREATE FUNCTION plus(a INT) RETURNS INT DETERMINISTIC RETURN a + 1//
CREATE TRIGGER trimmed BEFORE INSERT ON people FOR EACH ROW BEGIN SET NEW.name = TRIM(NEW.name); END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO BEGIN DELETE FROM pets WHERE id < 0; END//
delimiter ;
SQL
check mysql/formats
for option in -t -s --vertical --html --xml "--skip-column-names" "--batch --raw" "--table --column-names --line-numbers" "-t --binary-as-hex" "--skip-binary-as-hex" -vvv; do
  # shellcheck disable=SC2086
  sql $option "$database" -e "SELECT * FROM people ORDER BY id; SELECT 1 WHERE 0; UPDATE people SET born = born WHERE id = 1"
done
check mysql/several
sql -t "$database" -e "CALL two(); SELECT plus(4); SHOW WARNINGS"
sql "$database" -f -e "SELECT 1; SELECT * FROM nowhere; SELECT 2"
sql "$database" -e "SELECT 1/0; show warnings" --show-warnings
sql -t --column-type-info "$database" -e "SELECT id, name, born, notes, photo, flag, 1 AS one, 'x' AS text, NULL AS nothing FROM people WHERE id = 1"
check mysql/connections
for option in "--ssl-mode=REQUIRED" "--ssl-mode=DISABLED --get-server-public-key" "--ssl-mode=DISABLED" "--compression-algorithms=zlib" "--compression-algorithms=zstd" "--compression-algorithms=zstd,zlib,uncompressed --zstd-compression-level=9" \
  "--default-character-set=latin1" "--default-character-set=utf8mb3" "--init-command=SET@mine=5" "--safe-updates" "--connect-expired-password" "--protocol=TCP --reconnect" "--max-allowed-packet=100000" "--tls-version=TLSv1.2" "--tls-version=TLSv1.3" "--quick" "--unbuffered --no-auto-rehash" "--auto-rehash" "--commands"; do
  # shellcheck disable=SC2086
  sql $option "$database" -e "SELECT @@character_set_client, @mine, @@sql_safe_updates, (SELECT VARIABLE_VALUE <> '' FROM performance_schema.session_status WHERE VARIABLE_NAME = 'Ssl_cipher') AS encrypted; SHOW STATUS LIKE 'Compression_algorithm'"
done
sql nowhere_at_all -e "SELECT 1"
MYSQL_PWD=wrong sql -e "SELECT 1"
sql --safe-updates "$database" -e "DELETE FROM pets"
check mysql/commands
printf 'use %s\nselect database();\nwarnings\nselect 1/0;\nnowarning\ncharset latin1\nselect 1\\G\ntee %s/tee\nselect 2;\nnotee\ndelimiter ;;\nselect 3;;\ndelimiter ;\nsource %s/more.sql\nresetconnection\nselect @a;\nconnect %s\nselect database();\nquery_attributes key value\nselect 1;\nhelp contents\n' "$database" "$directory" "$directory" "$database" >"$directory/commands"
echo "set @a = 7; select 'from a file', @a;" >"$directory/more.sql"
sql --commands <"$directory/commands"
check mysql/local
printf '10\tTen\t2010-10-10\n11\tEleven\t\\N\n12\n' >"$directory/people.txt"
sql --local-infile=1 "$database" -vv -e "LOAD DATA LOCAL INFILE '$directory/people.txt' INTO TABLE people (id, name, born); SHOW WARNINGS; SELECT id, name, born FROM people WHERE id >= 10; DELETE FROM people WHERE id >= 10"
sql --local-infile=0 "$database" -e "LOAD DATA LOCAL INFILE '$directory/people.txt' INTO TABLE people (id, name, born)"
check mysqladmin
for command in ping "create ${database}_b" "-f drop ${database}_b" version; do
  # shellcheck disable=SC2086
  the mysqladmin $command | grep -vE 'Uptime|Threads|Copyright|trademark|affiliates|owners|^mysqladmin|Server version|^$'
done
the mysqladmin status | sed -E 's/[0-9.]+/N/g'
the mysqladmin processlist | head -3 | tail -1
the mysqladmin variables | grep -E '^\| (autocommit|max_allowed_packet|sql_mode|character_set_server) '
the mysqladmin extended-status | grep -cE '^\| (Threads_connected|Questions|Uptime|Com_select) '
for command in flush-tables flush-logs flush-status flush-privileges flush-hosts flush-threads refresh reload debug; do the mysqladmin $command; done
check mysqlshow
the mysqlshow "$database"
the mysqlshow "$database" people
the mysqlshow --count "$database"
the mysqlshow --keys "$database" pets
the mysqlshow --show-table-type "$database"
the mysqlshow "$database" people 'n%'
the mysqlshow nowhere_at_all
the mysqlshow --status "$database" pets | sed -E 's/\|[^|]*TIME[^|]*/| TIME /g' | head -8
check mysqlcheck
for option in --check --analyze --optimize --repair "--check --extended" "--check --medium-check" --check-upgrade --auto-repair; do
  # shellcheck disable=SC2086
  the mysqlcheck $option "$database"
done
the mysqlcheck --check "$database" people nowhere
check mysqlimport
cp "$directory/people.txt" "$directory/pets.txt"
printf '50,"Fifty, or so",2050-01-01\n51,Fifty-one,\n' >"$directory/people.csv"
the mysqlimport --local --columns=id,name,born "$database" "$directory/people.txt"
the mysqlimport --local --fields-terminated-by=, --fields-optionally-enclosed-by='"' --columns=id,name,born --ignore --verbose "$database" "$directory/people.csv"
the mysqlimport --local --replace --columns=id,name "$database" "$directory/people.txt"
the mysqlimport --local --delete --lock-tables "$database" "$directory/nowhere.txt"
sql -t "$database" -e "SELECT id, name, born FROM people ORDER BY id"
check mysqldump
for option in "" "--no-data" "--no-create-info --complete-insert --skip-extended-insert" "--routines --events --triggers --single-transaction" "--tab=$directory" "--xml" "--hex-blob --order-by-primary" "--databases --add-drop-database" "--skip-opt" "--compact --where=id=1" "--replace --insert-ignore" \
  "--single-transaction --source-data=2" "--lock-all-tables --flush-logs" "--column-statistics=1" "--no-tablespaces --set-gtid-purged=OFF" "--set-gtid-purged=ON" "--tz-utc --dump-date=FALSE" "--ignore-table=$database.people --skip-comments" "--compatible=ansi" "--quote-names --allow-keywords --delayed-insert" "--network-timeout --quick --max-allowed-packet=1M" \
  "--no-autocommit --disable-keys --single-transaction --skip-lock-tables"; do
  echo "options $option"
  # shellcheck disable=SC2086
  the mysqldump $option "$database" | grep -vE '^-- (Host|Server version|Dump completed|MySQL dump)|CHANGE REPLICATION SOURCE|GTID_PURGED|^[0-9a-f-]{36}:|Position to start'
done
the mysqldump --routines --events --databases "$database" >"$directory/dump.sql"
sed -i "/^status 0$/d; s/DATABASE/${database}_c/g; s/DEFINER=root//g" "$directory/dump.sql"
sql <"$directory/dump.sql"
sql -t "${database}_c" -e "SELECT * FROM people; SELECT * FROM owners; SELECT plus(1); CHECKSUM TABLE people, pets, parts" | sed 's/_c//g'
sql -e "DROP DATABASE IF EXISTS ${database}_c"
check mysqlslap
for option in "--auto-generate-sql --number-of-queries=40 --concurrency=2" "--auto-generate-sql --auto-generate-sql-add-autoincrement --auto-generate-sql-load-type=mixed --number-of-queries=40 --concurrency=2 --commit=5" "--auto-generate-sql --auto-generate-sql-guid-primary --auto-generate-sql-secondary-indexes=2 --iterations=2 --number-int-cols=3 --number-char-cols=3 --number-of-queries=20" \
  "--delimiter=; --query=SELECT\ 1;SELECT\ COUNT(*)\ FROM\ $database.people --concurrency=3 --iterations=2"; do
  # shellcheck disable=SC2086
  (eval "the mysqlslap --create-schema=${database}_s $(printf '%s' "$option" | sed 's/[;()*]/\\&/g')") | grep -E 'status|rror|Average number of queries|Number of clients'
done
check mysql/drop
sql -e "DROP DATABASE $database; DROP DATABASE IF EXISTS ${database}_s"
