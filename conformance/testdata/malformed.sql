-- Literals that are no text of the connection's character set.
-- ignore always: length, decimals, charset, flags, table, sizes, names

-- script: literals
SELECT '{bytes:FF}';
SHOW WARNINGS;
SELECT 'abc{bytes:FF}def', 'ok', 'abc{bytes:E4BD}';
SHOW WARNINGS;
SELECT 'a{bytes:FF}b{bytes:FE}c', '{bytes:FF}abcdefghijk', '{bytes:FF0102}\0\n{bytes:E9}zzz';
SHOW WARNINGS;
SELECT HEX('{bytes:FF}' 'b'), HEX('b' '{bytes:FF}'), HEX('a{bytes:FF}' 'b{bytes:FE}');
SHOW WARNINGS;
SELECT HEX('{bytes:F09F90}'), HEX('{bytes:EDA080}'), HEX('{bytes:C080}'), HEX("{bytes:FF}");
SHOW WARNINGS;
SELECT HEX(_binary'{bytes:FF}'), HEX(_binary 'a' '{bytes:FF}'), HEX(_latin1'{bytes:FF}');
SHOW WARNINGS;
SELECT HEX(_utf8mb4'{bytes:FF}');
SHOW WARNINGS;
SELECT _utf8mb4 0xff;
SELECT 1 /* {bytes:FF} */;
SELECT 'a' AS '{bytes:FF}', 1 '{bytes:FE}';
SELECT HEX('a\\{bytes:FF}'), HEX('a''{bytes:FF}'), HEX('{bytes:FF}%_\%');
SHOW WARNINGS;
SELECT x'ff' = 'a{bytes:FF}', 'a' = '{bytes:FF}', LENGTH('{bytes:FF}'), CHAR_LENGTH('a{bytes:FF}');
SHOW WARNINGS;
SELECT 'a{bytes:FF}' FROM FROM;
SHOW COUNT(*) WARNINGS;
SELECT * FROM nosuch WHERE a = '{bytes:FF}';
SHOW WARNINGS;
SELECT IF(0, '{bytes:FF}', 1), JSON_VALID('{bytes:FF}'), HEX(CONCAT('{bytes:FB}')), HEX(REPLACE('{bytes:FF}', '{bytes:FE}', '{bytes:FD}'));
SHOW WARNINGS;
SELECT DATE('2020-01-01') = DATE'2020-01-01', HEX(CAST('{bytes:FF}' AS BINARY)), HEX(TRIM('{bytes:FF}' FROM 'a{bytes:FF}'));
SHOW WARNINGS;
DO '{bytes:FF}';
SHOW WARNINGS;
SHOW TABLES LIKE '{bytes:FF}';
SHOW WARNINGS;
SHOW VARIABLES LIKE '{bytes:FF}';
SHOW WARNINGS;

-- script: statements
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, b BLOB, s VARCHAR(50), v VARBINARY(20), comment VARBINARY(20));
INSERT INTO t (b) VALUES ('{bytes:FF}');
SHOW WARNINGS;
INSERT INTO t (v) VALUES ('{bytes:FF}'), ('{bytes:FE}'), ('plain');
SHOW WARNINGS;
INSERT INTO t (b, v) VALUES (_binary'{bytes:FF}', x'ff');
INSERT INTO t (s) VALUES ('{bytes:FF}');
SHOW WARNINGS;
INSERT IGNORE INTO t (s) VALUES ('a{bytes:FF}b');
SHOW WARNINGS;
INSERT INTO t SET comment = '{bytes:FF}';
SHOW WARNINGS;
INSERT INTO t (v) SELECT '{bytes:FC}';
SHOW WARNINGS;
REPLACE INTO t (id, b) VALUES (1, '{bytes:FF}');
INSERT INTO t (id, b) VALUES (1, '{bytes:FF}') ON DUPLICATE KEY UPDATE b = '{bytes:FE}';
SHOW WARNINGS;
UPDATE t SET b = '{bytes:FD}' WHERE v = '{bytes:FF}';
SHOW WARNINGS;
SELECT id, HEX(b) FROM t WHERE v IN ('{bytes:FF}', '{bytes:FE}', '{bytes:FF}') ORDER BY id;
SHOW WARNINGS;
SELECT id FROM t WHERE v = '{bytes:FF}' AND v IN (SELECT '{bytes:FF}') ORDER BY id;
SHOW WARNINGS;
SELECT id FROM t WHERE v BETWEEN '{bytes:FE}' AND '{bytes:FF}' ORDER BY id;
SHOW WARNINGS;
SELECT id FROM t WHERE s = '{bytes:FF}' OR s LIKE '{bytes:FE}';
SHOW WARNINGS;
DELETE FROM t WHERE v = '{bytes:FF}';
SHOW WARNINGS;
SELECT id, HEX(b), HEX(s), HEX(v), HEX(comment) FROM t ORDER BY id;
SET sql_mode = '';
INSERT INTO t (s) VALUES ('a{bytes:FF}b');
SHOW WARNINGS;
UPDATE t SET s = '{bytes:FFFE}' WHERE id = 1;
SHOW WARNINGS;
SELECT id, HEX(s) FROM t ORDER BY id;
SET sql_mode = DEFAULT;
SET @x = '{bytes:FF}', @y = CONCAT('{bytes:FE}', 'a');
SHOW WARNINGS;
SELECT HEX(@x), HEX(@y);

-- script: definitions
CREATE TABLE d (a VARBINARY(10) DEFAULT '{bytes:FF}');
SHOW WARNINGS;
ALTER TABLE d ALTER a SET DEFAULT '{bytes:FE}';
SHOW WARNINGS;
SHOW CREATE TABLE d;
INSERT INTO d VALUES ();
SELECT HEX(a) FROM d;
CREATE TABLE d (a VARBINARY(10) DEFAULT '{bytes:FF}');
SHOW WARNINGS;
CREATE TABLE bad (a VARCHAR(10) DEFAULT '{bytes:FF}');
CREATE TABLE p (a VARBINARY(10)) PARTITION BY LIST COLUMNS (a) (PARTITION p0 VALUES IN ('{bytes:FF}'));
SHOW WARNINGS;

-- script: prepared
SET @text = 'SELECT HEX(''{bytes:FF}'')';
SHOW WARNINGS;
PREPARE s FROM @text;
SHOW WARNINGS;
EXECUTE s;
SHOW WARNINGS;

-- script: sets
SET NAMES latin1;
SELECT HEX('{bytes:FF}');
SET NAMES binary;
SELECT HEX('{bytes:FF}');
SET NAMES utf8mb3;
DO '{bytes:FF}';
SHOW WARNINGS;
SET NAMES utf8mb4;
SET collation_connection = utf8mb4_bin;
SELECT HEX('{bytes:FF}');
SHOW WARNINGS;
