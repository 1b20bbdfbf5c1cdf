-- script: metadata-unconverted
-- setup
CREATE TABLE t (a TINYTEXT, b TEXT, c MEDIUMTEXT, d LONGTEXT, e TEXT CHARACTER SET latin1, f VARCHAR(10), g VARCHAR(10) CHARACTER SET latin1, h ENUM('a','bcd'), i TINYTEXT CHARACTER SET latin1);
INSERT INTO t (a) VALUES ('1');
-- test
SET character_set_results = NULL;
SELECT * FROM t;
SET NAMES latin1;
SELECT * FROM t;
SET NAMES utf8mb4;
SELECT * FROM t;

-- script: qualified-columns-of-insert
-- setup
CREATE TABLE t (id INT PRIMARY KEY, k INT);
-- test
INSERT INTO {database}.t ({database}.t.id, {database}.t.k) VALUES (1, 2);
INSERT INTO `{database}`.`t` (`{database}`.`t`.`id`, `{database}`.`t`.`k`) VALUES (2, 2), (3, 3);
REPLACE INTO t ({database}.t.id, t.k) VALUES (3, 4);
INSERT INTO t ({database}.t.k, t.id) SELECT t.k, {database}.t.id + 10 FROM {database}.t;
INSERT INTO t ({database}.t.id) VALUES (1) ON DUPLICATE KEY UPDATE {database}.t.k = {database}.t.k + 1;
INSERT INTO t SET {database}.t.id = 20;
SELECT * FROM t ORDER BY {database}.t.id;

-- script: hex-of-real
-- ignore always: flags, warnings
-- test
SELECT HEX(3e100), HEX(1e19), HEX(-5.5), HEX(-1e10), HEX(1.8e19), HEX(18446744073709551616), HEX(18446744073709551615), HEX(5.5), HEX(1.5e0);

-- script: no-default-at-all
-- ignore always: length, sizes
-- setup
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a DECIMAL(10,4) DEFAULT 1.5, b INT, c INT NOT NULL DEFAULT 3, d VARCHAR(3) DEFAULT NULL, e TEXT);
CREATE VIEW v AS SELECT a, b FROM t;
-- test
INSERT INTO t (id) VALUES (1);
ALTER TABLE t ALTER a DROP DEFAULT, ALTER b DROP DEFAULT, ALTER d DROP DEFAULT;
SHOW CREATE TABLE t;
INSERT INTO t (a) VALUES (1);
INSERT INTO t (a, b, d) VALUES (1, 2, DEFAULT);
INSERT INTO t (a, b, d) VALUES (NULL, NULL, NULL);
SELECT a, b, c, d FROM t;
SELECT DEFAULT(a) FROM t;
CREATE TABLE u LIKE t;
SHOW CREATE TABLE u;
SET sql_mode = '';
INSERT INTO t () VALUES ();
SHOW WARNINGS;
SELECT a, b, c, d FROM t ORDER BY id;
ALTER TABLE t ALTER a SET DEFAULT NULL, MODIFY b INT;
SHOW CREATE TABLE t;

-- script: deprecated-types
-- ignore always: length, sizes
-- test
CREATE TABLE t (a NVARCHAR(3), b NATIONAL CHAR(2), c NCHAR(2), d CHAR(3) CHARACTER SET utf8mb3, e VARCHAR(3) COLLATE utf8mb3_general_ci, f INT(5), g FLOAT(7,2), h INT ZEROFILL, i FLOAT UNSIGNED, j CHAR(3) BINARY);
SHOW WARNINGS;
ALTER TABLE t ADD k NVARCHAR(4), ADD l CHAR(3) CHARACTER SET utf8 COLLATE utf8_bin;
SHOW WARNINGS;
SHOW CREATE TABLE t;

-- script: lock-of-one-table
-- setup
CREATE TABLE a (id INT PRIMARY KEY, n VARCHAR(10));
CREATE TABLE b (id INT PRIMARY KEY AUTO_INCREMENT, a INT, p INT, FOREIGN KEY (a) REFERENCES a (id));
INSERT INTO a VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT INTO b (a, p) VALUES (1, 101), (2, 201), (3, 301);
-- test
BEGIN;
SELECT * FROM a WHERE id = 1 FOR UPDATE;
-- conn: 1
BEGIN;
SELECT b.id FROM b JOIN a ON a.id = b.a WHERE b.id = 3 FOR UPDATE OF b NOWAIT;
SELECT b.id FROM b JOIN a ON a.id = b.a ORDER BY b.id FOR UPDATE OF b SKIP LOCKED;
SELECT b.id FROM b JOIN a ON a.id = b.a WHERE b.id = 1 FOR UPDATE NOWAIT;
ROLLBACK;
-- conn: 0
ROLLBACK;

-- script: character-sets-of-results
-- setup
CREATE TABLE t (a VARCHAR(5) CHARACTER SET latin1, b VARCHAR(5), c TEXT, d VARBINARY(5));
INSERT INTO t VALUES ('é', '😀é', 'x', 'x');
-- test
SET NAMES ascii;
SELECT a, b, c, d, 'x' FROM t;
SET NAMES utf8mb3;
SELECT a, b, c, d, 'x' FROM t;
SET NAMES latin1;
SELECT a, b, c, d, 'x' FROM t;
SET NAMES binary;
SELECT a, b, c, d, 'x' FROM t;
SET NAMES utf8mb4;
SET character_set_results = binary;
SELECT a, b, c, d, 'x' FROM t;
SET character_set_results = NULL;
SELECT a, b, c, d, 'x' FROM t;

-- script: safe-updates
-- setup
CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(10), c INT, KEY (a, c), KEY (b));
INSERT INTO t VALUES (1, 1, 'a', 1), (2, 2, 'b', 2), (3, 3, 'c', 3);
-- test
SET sql_safe_updates = 1;
UPDATE t SET c = 5;
DELETE FROM t;
UPDATE t SET c = 5 WHERE c = 1;
UPDATE t SET c = 5 WHERE id + 1 = 2;
UPDATE t SET c = 5 WHERE c = 1 OR id = 2;
DELETE FROM t WHERE c = 9;
UPDATE t SET c = 5 WHERE 1;
UPDATE t SET c = 6 WHERE id = 1;
UPDATE t SET c = 6 WHERE c = 5 AND id > 2;
UPDATE t SET c = 7 WHERE b LIKE 'a%';
UPDATE t SET c = 8 WHERE a BETWEEN 1 AND 2;
UPDATE t SET c = 9 LIMIT 2;
UPDATE t SET c = 9 WHERE c = 9 LIMIT 1;
DELETE FROM t WHERE b = 'c';
DELETE FROM t LIMIT 1;
SELECT * FROM t;
SET sql_safe_updates = 0;
DELETE FROM t;
