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

-- script: locks-of-subqueries
-- ignore always: flags, table
-- setup
CREATE TABLE t (id INT PRIMARY KEY, v INT);
CREATE TABLE u (id INT PRIMARY KEY, v INT);
CREATE VIEW w AS SELECT * FROM t;
CREATE VIEW filtered AS SELECT * FROM u WHERE v IN (SELECT v FROM t);
INSERT INTO t VALUES (1, 1), (2, 2);
INSERT INTO u VALUES (1, 1), (2, 2);
-- test
BEGIN;
SELECT u.id, (SELECT COUNT(*) FROM t WHERE t.v = u.v) FROM u WHERE u.id = 1 FOR UPDATE;
-- conn: 1
SET innodb_lock_wait_timeout = 1;
UPDATE t SET v = v + 0;
UPDATE u SET v = v + 0 WHERE id = 1;
-- conn: 0
ROLLBACK;
BEGIN;
SELECT * FROM (SELECT * FROM t) AS d ORDER BY id FOR UPDATE;
-- conn: 1
UPDATE t SET v = v + 0;
-- conn: 0
ROLLBACK;
BEGIN;
WITH d AS (SELECT * FROM t) SELECT * FROM d ORDER BY id FOR UPDATE;
-- conn: 1
UPDATE t SET v = v + 0;
-- conn: 0
ROLLBACK;
BEGIN;
SELECT * FROM w ORDER BY id FOR UPDATE;
-- conn: 1
UPDATE t SET v = v + 0;
-- conn: 0
ROLLBACK;
BEGIN;
SELECT * FROM filtered ORDER BY id FOR UPDATE;
-- conn: 1
UPDATE t SET v = v + 0;
UPDATE u SET v = v + 0;
-- conn: 0
ROLLBACK;
BEGIN;
SELECT * FROM u WHERE v IN (SELECT v FROM t FOR UPDATE) ORDER BY id;
-- conn: 1
UPDATE t SET v = v + 0;
UPDATE u SET v = v + 0;
-- conn: 0
ROLLBACK;
BEGIN;
SELECT * FROM u WHERE EXISTS (SELECT 1 FROM t WHERE t.id = u.id) ORDER BY id FOR UPDATE OF u;
-- conn: 1
UPDATE t SET v = v + 0;
UPDATE u SET v = v + 0;
-- conn: 0
ROLLBACK;

-- script: introduced-bytes
-- ignore always: length, sizes
-- setup
CREATE TABLE t (b VARBINARY(20), n INT, d DATETIME(6), c DECIMAL(5, 2), y YEAR, f DOUBLE, a DATE, bits BIT(64));
-- test
SELECT _binary'12' + 1, -_binary'12', _binary'12' = 12, ROUND(_binary'12.5'), BIT_COUNT(_binary'12'), _binary x'3132' + 1;
INSERT INTO t (bits) VALUES (_binary'{bytes:FF01}');
INSERT INTO t (d) VALUES (_binary'{bytes:ACED}\0\nx');
INSERT INTO t (n) VALUES (_binary'a\0\nb');
INSERT INTO t (c) VALUES (_binary'a\0\nb');
INSERT INTO t (y) VALUES (_binary'a\0\nb');
INSERT INTO t (f) VALUES (_binary'a\0\nb');
INSERT INTO t (a) VALUES (_binary'\0\nbaaaaaaaaaabbbbbbbbbbbbbccccccccccccccccccccddddddddddddddddddddddddddddddddeeeeeeeeeeeeeeeeeeeeeeeeeeffffffffffffffffffffffffffffffffffffffffffffffffffffff\0');
INSERT INTO t (n) VALUES ('a\0\nb');
INSERT INTO t (a) VALUES ('a\0\nb');
SET NAMES latin1;
-- ignore: names
SELECT HEX(_binary'{bytes:FF00E9}'), HEX(_binary "{bytes:FF}\'\0" '{bytes:E9}'), HEX(_latin1'{bytes:E9}'), _binary'{bytes:FF}' = x'FF', HEX('{bytes:E9}');
INSERT INTO t (b) VALUES (_binary'{bytes:FF01}\0'), ('{bytes:E9}');
INSERT INTO t (bits) VALUES (_binary'{bytes:FF01020304050607}');
SELECT HEX(b), HEX(bits) FROM t ORDER BY 1, 2;
SELECT HEX(b) FROM t WHERE b = '{bytes:E9}';
SELECT HEX(b) FROM t WHERE b IN ('{bytes:E9}', 'x');
SELECT HEX(b) FROM t WHERE b BETWEEN '{bytes:E9}' AND '{bytes:E9}';
SELECT HEX(b) FROM t WHERE b LIKE '{bytes:E9}%';
SELECT HEX(b) FROM t WHERE b LIKE '__' OR b LIKE '{bytes:E8}%';
CREATE TABLE s (i INT AUTO_INCREMENT PRIMARY KEY, b BLOB, f BINARY(4), l VARCHAR(20) CHARACTER SET latin1, u VARCHAR(20), UNIQUE (f));
INSERT INTO s (b, f, l, u) VALUES ('{bytes:FFD8}', '{bytes:FF}', '{bytes:FFD8}', '{bytes:FFD8}'), (CONCAT('{bytes:E9}', x'FF'), UPPER('{bytes:E0}'), 'l', 'u');
INSERT INTO s SET b = '{bytes:E9}';
INSERT INTO s (b) SELECT '{bytes:E9}';
INSERT INTO s (b, f) SELECT l, l FROM s WHERE i = 1;
INSERT INTO s (i, b) VALUES (1, 'a') ON DUPLICATE KEY UPDATE b = '{bytes:E9FF}', f = '{bytes:E8}';
UPDATE s SET b = '{bytes:E7}' WHERE i = 3;
UPDATE s SET b = CONCAT(l, '{bytes:E7}') WHERE f = '{bytes:C0}\0\0\0';
REPLACE INTO s (i, b, u) VALUES (4, '{bytes:E6}', '{bytes:E6}');
SELECT i, HEX(b), HEX(f), HEX(l), HEX(u) FROM s ORDER BY i;
