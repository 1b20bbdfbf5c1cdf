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
