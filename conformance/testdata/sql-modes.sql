-- What the modes of sql_mode change.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: allow_invalid_dates
SET sql_mode = 'ALLOW_INVALID_DATES,STRICT_TRANS_TABLES';
CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, d DATE, t DATETIME);
INSERT INTO t (d, t) VALUES ('2023-02-31', '2023-04-31 10:00:00');
INSERT INTO t (d) VALUES ('2023-13-01');
INSERT INTO t (d) VALUES ('2023-02-32');
INSERT INTO t (d) VALUES ('0000-00-00');
SELECT * FROM t;

-- script: zero dates of the wordpress modes
SET sql_mode = 'ONLY_FULL_GROUP_BY,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, d DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', e DATE DEFAULT '0000-00-00');
INSERT INTO t (id) VALUES (1);
INSERT INTO t (d, e) VALUES ('0000-00-00 00:00:00', '2020-00-00');
INSERT INTO t (d) VALUES ('abc');
SHOW WARNINGS;
INSERT INTO t (d) VALUES ('2020-02-30 10:00:00');
SHOW WARNINGS;
SELECT * FROM t;
SELECT id FROM t WHERE d = '0000-00-00 00:00:00';
SELECT 1/0, 5 % 0, 5 DIV 0, MOD(5, 0);
SHOW WARNINGS;
SHOW CREATE TABLE t;
SET sql_mode = DEFAULT;
INSERT INTO t (id) VALUES (10);
INSERT INTO t (d) VALUES ('0000-00-00 00:00:00');
SELECT id FROM t WHERE d = '0000-00-00 00:00:00';
UPDATE t SET d = '0000-00-00 00:00:00' WHERE id = 1;

-- script: no_zero_date without strict
SET sql_mode = 'NO_ZERO_DATE,NO_ZERO_IN_DATE';
CREATE TABLE t (d DATE);
INSERT INTO t VALUES ('0000-00-00');
SHOW WARNINGS;
INSERT INTO t VALUES ('2020-00-01');
SHOW WARNINGS;
SELECT * FROM t;

-- script: ansi_quotes
SET sql_mode = 'ANSI_QUOTES';
CREATE TABLE "t" ("a b" INT DEFAULT 1, "c" VARCHAR(5) DEFAULT 'x');
INSERT INTO "t" VALUES (2, 'y');
SELECT "a b", 'a b', "t"."c" FROM "t" WHERE "c" = 'y';
SELECT "nosuch" FROM "t";
SELECT "c" AS 'd' FROM t ORDER BY "d";
SET sql_mode = '';
SELECT "c" FROM t;
SHOW CREATE TABLE t;
SET sql_mode = 'ANSI';
SELECT @@sql_mode;

-- script: pipes_as_concat
SELECT 1 || 0, 'a' || 'b';
SET sql_mode = 'PIPES_AS_CONCAT';
SELECT 1 || 0, 'a' || 'b', 'a' || NULL, 1 + 1 || 2, 'a' || 'b' = 'ab', NOT 'a' || 'b';
SELECT 2 * 3 || 4, -1 || 2;

-- script: no_backslash_escapes
SELECT 'a\nb', LENGTH('\\'), 'a\'b';
SET sql_mode = 'NO_BACKSLASH_ESCAPES';
CREATE TABLE t (a VARCHAR(10));
INSERT INTO t VALUES ('\'), ('a\b');
SELECT a, LENGTH(a), HEX(a) FROM t;

-- script: real_as_float
SET sql_mode = 'REAL_AS_FLOAT';
CREATE TABLE t (a REAL, b DOUBLE, c REAL(7,2));
SELECT CAST('1.1' AS REAL);
SET sql_mode = '';
CREATE TABLE u (a REAL);
SHOW CREATE TABLE u;

-- script: pad_char_to_full_length
CREATE TABLE t (a CHAR(4), b VARCHAR(4));
INSERT INTO t VALUES ('ab', 'ab'), ('', ''), ('abcd', 'x ');
SELECT LENGTH(a), CONCAT('[', a, ']'), CHAR_LENGTH(b) FROM t;
SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH';

-- script: no_auto_value_on_zero
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v INT);
INSERT INTO t VALUES (0, 1);
INSERT INTO t VALUES (NULL, 2);
INSERT INTO t (v) VALUES (3);
SELECT * FROM t;
INSERT INTO t VALUES (0, 4);
SET sql_mode = '';
INSERT INTO t VALUES (0, 5);
SELECT * FROM t;

-- script: only_full_group_by
SET sql_mode = '';
CREATE TABLE t (a INT, b INT, c INT);
INSERT INTO t VALUES (1, 1, 1), (1, 1, 2), (2, 3, 3);
SELECT a, b FROM t GROUP BY a ORDER BY a;
SELECT a, COUNT(*) c FROM t GROUP BY a HAVING b > 0 ORDER BY a;
SET sql_mode = 'ONLY_FULL_GROUP_BY';
SELECT a, b FROM t GROUP BY a;
SELECT a, COUNT(*) FROM t;
SELECT a FROM t GROUP BY a ORDER BY b;
SELECT DISTINCT a FROM t ORDER BY b;
SELECT a, ANY_VALUE(b) FROM t GROUP BY a ORDER BY a;
SELECT a + 1 AS x, SUM(c) FROM t GROUP BY 1 HAVING x > 1 ORDER BY x;
SELECT a + 1 AS a, SUM(c) FROM t GROUP BY 1 HAVING a > 2;

-- script: high_not_precedence
SELECT NOT 1 BETWEEN -5 AND 5, NOT 0 = 1;
SET sql_mode = 'HIGH_NOT_PRECEDENCE';

-- script: error_for_division_by_zero
CREATE TABLE t (a INT);
SET sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO';
INSERT INTO t VALUES (1/0);
SELECT 1/0;
SHOW WARNINGS;
SET sql_mode = 'ERROR_FOR_DIVISION_BY_ZERO';
INSERT INTO t VALUES (1/0), (MOD(1, 0));
SHOW WARNINGS;
SET sql_mode = 'STRICT_TRANS_TABLES';
INSERT INTO t VALUES (1/0);
SHOW WARNINGS;
SELECT COUNT(*) FROM t WHERE a IS NULL;

-- script: no_unsigned_subtraction
CREATE TABLE t (a INT UNSIGNED, b BIGINT UNSIGNED);
INSERT INTO t VALUES (1, 1), (5, 18446744073709551615);
-- ignore: message
SELECT a - 2 FROM t;
SET sql_mode = 'NO_UNSIGNED_SUBTRACTION';

-- script: time_truncate_fractional
CREATE TABLE t (a TIME, b DATETIME(3), c TIMESTAMP);
INSERT INTO t VALUES ('10:00:00.9', '2020-12-31 23:59:59.9999', '2020-01-01 00:00:00.6');
SET sql_mode = 'TIME_TRUNCATE_FRACTIONAL';
INSERT INTO t VALUES ('10:00:00.9', '2020-12-31 23:59:59.9999', '2020-01-01 00:00:00.6');

-- script: names
SET sql_mode = 'TRADITIONAL';
SELECT @@sql_mode;
SET sql_mode = 'ANSI';
SELECT @@sql_mode;
SET sql_mode = 'NOSUCH';
SET sql_mode = 'STRICT_ALL_TABLES,,';
SET sql_mode = 4;
SELECT @@sql_mode;
SET sql_mode = NULL;
SET sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES');
SELECT @@sql_mode;
SET sql_mode = 'ignore_space';
SELECT COUNT (*), NOW () IS NOT NULL;
SET sql_mode = 'NO_DIR_IN_CREATE,NO_ENGINE_SUBSTITUTION';
CREATE TABLE t (a INT) ENGINE=NOSUCH;
SET sql_mode = '';
