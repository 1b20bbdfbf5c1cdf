-- Tables without a key, to which sql_generate_invisible_primary_key gives one.
-- ignore always: length, decimals, charset, flags, table, sizes
-- script: what gets a key and what does not
SET sql_generate_invisible_primary_key = 1;
CREATE TABLE g1 (a INT, b VARCHAR(5) COLLATE latin1_bin, KEY (a)) COMMENT 'x' ENGINE=InnoDB;
SHOW CREATE TABLE g1;
INSERT INTO g1 (a) VALUES (3);
INSERT INTO g1 VALUES (4, 'x');
SELECT my_row_id, t.* FROM g1 t ORDER BY my_row_id;
CREATE TABLE g2 (a INT NOT NULL UNIQUE, b INT);
SHOW CREATE TABLE g2;
CREATE TABLE g3 (a INT UNIQUE);
SHOW CREATE TABLE g3;
-- ignore: insertid
CREATE TABLE g4 SELECT 1 AS one;
SHOW CREATE TABLE g4;
SELECT my_row_id, one FROM g4;
CREATE TABLE g5 (my_row_id INT);
CREATE TABLE g6 (a INT AUTO_INCREMENT, KEY (a));
CREATE TABLE g7 (a INT) PARTITION BY HASH (a) PARTITIONS 2;
CREATE TABLE g8 LIKE g1;
SHOW CREATE TABLE g8;
SET sql_generate_invisible_primary_key = DEFAULT;
CREATE TABLE g9 (a INT);
SHOW CREATE TABLE g9;
