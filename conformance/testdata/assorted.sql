-- ignore always: length, decimals, charset, flags, table, sizes

-- script: words that casts take
-- test
SELECT CAST(7.5 AS SIGNED INT), CAST(8 AS UNSIGNED INT), CAST(-9 AS SIGNED INTEGER);
-- ignore: warnings
SELECT COLLATION(CAST('a' AS CHAR(3) CHARACTER SET latin1 BINARY)), COLLATION(CAST('a' AS CHAR(3) ASCII BINARY));
SELECT 2 + /*!00000 3 */ + 4 /*!99999 nothing */ + 5;

-- script: statements that MySQL never had or has no more
-- setup
CREATE TABLE t (a INT);
-- test
CREATE OR REPLACE TABLE t (a INT);
CREATE OR REPLACE PROCEDURE p() SELECT 1;
CREATE OR REPLACE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1;
CREATE OR REPLACE INDEX i ON t (a);
EXPLAIN EXTENDED SELECT 1;
EXPLAIN PARTITIONS SELECT a FROM t;
DESC extended;

-- script: names without a letter
-- setup
CREATE TABLE t (a INT);
-- test
DROP TABLE ``;
DROP TABLE IF EXISTS ``;
CREATE TABLE u (a INT, INDEX `` (a));
ALTER TABLE t ADD INDEX `` (a);

-- script: values of table options
-- test
CREATE TABLE t (a INT) ROW_FORMAT=PAGE;
CREATE TABLE t (a INT) ROW_FORMAT=1;
CREATE TABLE t (a INT) PACK_KEYS=2;
CREATE TABLE t (a INT) INSERT_METHOD=middle;
CREATE TABLE t (a INT) COMMENT=words;
CREATE TABLE t (a INT) CHECKSUM='1';
CREATE TABLE t (a INT) AUTO_INCREMENT='5';
CREATE TABLE t (a CHAR(5) COLLATE DEFAULT);
CREATE TABLE t (a CHAR(5) CHARACTER SET DEFAULT);
CREATE TABLE t (a CHAR(5)) CHARACTER SET DEFAULT;
CREATE TABLE t (a CHAR(5)) COLLATE DEFAULT;
CREATE TABLE t (a CHAR(5) CHARSET binary) ROW_FORMAT=compact STATS_PERSISTENT=DEFAULT PACK_KEYS=0 MAX_ROWS=5 COMMENT='words';
ALTER TABLE t CONVERT TO CHARACTER SET DEFAULT;
SHOW CREATE TABLE t;

-- script: algorithms and locks
-- setup
CREATE TABLE t (a INT, b INT);
-- test
ALTER TABLE t ADD INDEX i (a), ALGORITHM=FAST;
ALTER TABLE t ADD INDEX i (a), LOCK=SOME;
ALTER TABLE t ADD INDEX i (a), ALGORITHM=COPY, LOCK=NONE;
ALTER TABLE t ADD COLUMN c INT, ALGORITHM=INSTANT, LOCK=NONE;
ALTER TABLE t ADD COLUMN c INT, ALGORITHM=INSTANT;
ALTER TABLE t ADD INDEX i (a), ALGORITHM=INPLACE, LOCK=NONE;
CREATE INDEX j ON t (b) ALGORITHM=NEVER;
DROP INDEX i ON t ALGORITHM=COPY LOCK=SHARED;
SHOW CREATE TABLE t;

-- script: the order of a table
-- setup
CREATE TABLE t (a INT, b INT);
-- test
ALTER TABLE t ORDER BY a, t.b DESC;
ALTER TABLE t ORDER BY nowhere;
ALTER TABLE t ORDER BY t.nowhere, a;
ALTER TABLE t ORDER BY other.a;
ALTER TABLE t ORDER BY a + 1;
ALTER TABLE t ADD COLUMN c INT, ORDER BY b, c;

-- script: a key whose columns go by the same statement
-- setup
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT, KEY k (a));
INSERT INTO t (a) VALUES (10), (20);
-- test
ALTER TABLE t DROP id, ADD id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, DROP PRIMARY KEY, ADD PRIMARY KEY (id);
ALTER TABLE t DROP a, ADD a VARCHAR(5), DROP KEY k, ADD KEY k (a);
SHOW CREATE TABLE t;
SELECT id, a FROM t ORDER BY id;
ALTER TABLE t DROP KEY k, DROP KEY missing;

-- script: modes where double quotes make names
-- test
SET sql_mode = ANSI;
SET sql_mode = "";
SELECT @@sql_mode;
SET sql_mode = 'ANSI_QUOTES';
SET SESSION sql_mode = "PIPES_AS_CONCAT,ANSI_QUOTES";
SELECT @@sql_mode;
SET sql_mode = "SOMETHING";
SET @@sql_mode = `STRICT_ALL_TABLES`;
SELECT @@sql_mode;

-- script: common tables that nobody reads
-- setup
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2);
-- test
WITH c AS (SELECT missing FROM t) SELECT a FROM t ORDER BY a;
WITH c AS (SELECT missing FROM t), d AS (SELECT * FROM c) SELECT COUNT(*) FROM t;
WITH c AS (SELECT a FROM t), d AS (SELECT missing FROM c) SELECT a FROM c ORDER BY a;
WITH c (x, y) AS (SELECT a FROM t) SELECT 1;
WITH c AS (SELECT missing FROM t), d AS (SELECT a FROM c) SELECT * FROM d;
WITH c AS (SELECT 1), c AS (SELECT 2) SELECT 3;
WITH RECURSIVE c AS (SELECT * FROM c) SELECT 4;
WITH c AS (SELECT missing FROM t) SELECT a FROM t UNION SELECT 5 ORDER BY a;
SELECT * FROM (WITH c AS (SELECT missing FROM t) SELECT 6 AS n) AS d;
WITH c AS (SELECT 7 AS n) SELECT (SELECT n FROM c) AS n;

-- script: one explicit collation among literals of others
-- test
SELECT CONCAT(_latin1'a', _latin2'b', _latin5'c' COLLATE latin5_turkish_ci) AS x;
SELECT LEAST(_latin1'a', _latin2'b', _latin5'c' COLLATE latin5_turkish_ci) AS x;
SELECT CONCAT(_latin1'a', _latin2'b') AS x;

-- script: text of unknown length
-- setup
CREATE TABLE t (a TEXT, b VARCHAR(20));
INSERT INTO t VALUES ('00000041', '41');
-- test
CREATE TABLE u AS SELECT a, CONVERT(CAST(UNHEX(REPLACE(a, '-', '')) AS CHAR CHARACTER SET utf32) USING utf8mb4) COLLATE utf8mb4_bin AS s FROM t;
SELECT a, s FROM u;
CREATE TABLE v AS SELECT CAST(a AS CHAR) AS c, CAST(a AS BINARY) AS d, CONVERT(REGEXP_REPLACE(a, '0', '') USING latin1) AS e FROM t;
SELECT c, d, e FROM v;

-- script: months and days in the session's language
-- setup
CREATE TABLE t (d DATE);
INSERT INTO t VALUES ('2024-03-04'), ('2024-08-10');
-- test
SET lc_time_names = 'de_DE';
SELECT DATE_FORMAT(d, '%W %a, %e. %M (%b) %Y'), DAYNAME(d), MONTHNAME(d) FROM t ORDER BY d;
SELECT d FROM t WHERE MONTHNAME(d) = 'März';
SELECT STR_TO_DATE('4 März 2024', '%e %M %Y'), STR_TO_DATE('4 March 2024', '%e %M %Y');
SET lc_time_names = 'fr_FR';
SELECT DATE_FORMAT(d, '%W %a, %e. %M (%b) %Y'), DAYNAME(d), MONTHNAME(d) FROM t ORDER BY d;
SET lc_time_names = 'ja_JP';
SELECT DATE_FORMAT(d, '%W %a, %e. %M (%b) %Y'), DAYNAME(d), MONTHNAME(d) FROM t ORDER BY d;
SET lc_time_names = DEFAULT;
SELECT DATE_FORMAT(d, '%W %a, %e. %M (%b) %Y'), DAYNAME(d), MONTHNAME(d) FROM t ORDER BY d;
SELECT DAYNAME(d, 'de_DE') FROM t;

-- script: digits that a division adds
-- setup
CREATE TABLE t (a INT, b DECIMAL(6,2));
INSERT INTO t VALUES (1, 3.50), (2, 7.25);
-- test
SET div_precision_increment = 6;
SELECT a / 3, b / 3, AVG(a) OVER (), 1 DIV 3 FROM t ORDER BY a;
SELECT AVG(a), AVG(b), SUM(a) / 7 FROM t;
SET div_precision_increment = 2;
SELECT a / 3, b / 3, 1e0 / 3 FROM t ORDER BY a;
SELECT AVG(a), AVG(b), SUM(a) / 7 FROM t;
SET div_precision_increment = DEFAULT;
SELECT a / 3, b / 3 FROM t ORDER BY a;

-- script: dates as text, reckoned with as numbers
-- test
SELECT 30 + (20010101 + INTERVAL 2 DAY), 0 + ('2001-01-01' + INTERVAL 1 DAY), DATE_ADD('2001-01-01', INTERVAL 1 HOUR) * 1;
SELECT ('2001-01-01' + INTERVAL 1 DAY) > 20010101, 3 & 20010101 + INTERVAL 2 DAY;

-- script: months and days of zero in casts
-- test
SELECT CAST('2001-00-01' AS DATE), CAST('2001-01-00' AS DATETIME), DATE('2001-00-00'), TIMESTAMP('2001-00-01'), CAST('0000-01-01' AS DATE);
SELECT MONTH('2001-00-01'), DAYOFMONTH('2001-01-00'), DATE_FORMAT('2001-00-01', '%Y-%m');
SET sql_mode = '';
SELECT CAST('2001-00-01' AS DATE), CAST('2001-01-00' AS DATETIME), DATE('2001-00-00'), TIMESTAMP('2001-00-01');
SET sql_mode = 'NO_ZERO_IN_DATE';
SELECT CAST('2001-00-01' AS DATE), CAST('2001-01-00' AS DATETIME);

-- script: checks that are no truth values
-- test
CREATE TABLE t (a INT, CHECK (IFNULL(a > 1, 0)));
CREATE TABLE t (a INT, CHECK (COALESCE(a > 1, TRUE)));
CREATE TABLE t (a INT, CHECK (IF(a > 1, TRUE, FALSE)));
CREATE TABLE t (a INT, CHECK (CASE WHEN a > 1 THEN TRUE ELSE FALSE END));
CREATE TABLE t (a VARCHAR(9), CHECK (CHAR_LENGTH(a)));
CREATE TABLE t (a JSON, CHECK (a->'$.x'));
CREATE TABLE t (a INT, CHECK (-(a > 1)));
CREATE TABLE t (a INT, b VARCHAR(9), CHECK (NOT a), CHECK (a AND 1), CHECK (ISNULL(a)), CHECK (REGEXP_LIKE(b, 'x')), CHECK (b LIKE 'x%'), CHECK (a IN (1, 2)), CHECK (TRUE), CHECK (a XOR 1), CHECK (STRCMP(b, 'x')));

-- script: text of functions in a connection with another collation
-- test
SET NAMES utf8mb4 COLLATE utf8mb4_general_ci;
SELECT HEX('a') = 'é', SHA2('a', 256) = 'é', DATE_FORMAT('2024-03-04', '%M') = 'é', DAYNAME('2024-03-04') = 'é', SPACE(1) = 'é', INET_NTOA(5) = 'é', BIN(5) = 'é', TO_BASE64('a') = 'é';
SELECT COLLATION(HEX('a')), COLLATION(SHA2('a', 256)), COLLATION(DATE_FORMAT('2024-03-04', '%M')), COLLATION(FORMAT(1, 2)), COLLATION(CONV(5, 10, 2));
SET NAMES utf8mb4 COLLATE utf8mb4_unicode_520_ci;
SELECT COLLATION(HEX('a')), TIME_FORMAT('10:00:00', '%H') = 'é', SHA2('a', 256) = 'é';

-- script: plans that read themselves
-- test
-- ignore: rows, length, warnings
EXPLAIN FORMAT=JSON WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n + 1 FROM r WHERE n < 3) SELECT COUNT(*) FROM r a JOIN r b USING (n);
