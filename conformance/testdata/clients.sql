-- What libraries of clients have shown: parameters of LIMIT, types of the catalog's columns, warnings of old words, numbers given back.
-- ignore always: length, decimals, table, flags

-- script: limit-execute
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
PREPARE p FROM 'SELECT a FROM t ORDER BY a LIMIT ?';
SET @a = 2;
EXECUTE p USING @a;
SET @a = '2';
EXECUTE p USING @a;
SET @a = 'x';
EXECUTE p USING @a;
SET @a = -1;
EXECUTE p USING @a;
SET @a = 1e0;
EXECUTE p USING @a;
SET @a = NULL;
EXECUTE p USING @a;
SET @a = TRUE;
EXECUTE p USING @a;
SET @a = 18446744073709551615;
EXECUTE p USING @a;
PREPARE p FROM 'SELECT a FROM t ORDER BY a LIMIT ?, ?';
SET @a = NULL, @b = 1;
EXECUTE p USING @a, @b;
SET @a = -1, @b = 1;
EXECUTE p USING @a, @b;
PREPARE p FROM 'DELETE FROM t ORDER BY a LIMIT ?';
SET @a = '1';
EXECUTE p USING @a;
SET @a = NULL;
EXECUTE p USING @a;
SELECT count(*) FROM t;

-- script: limit-bound
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
-- args: [2]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: ["2"]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: ["  2x"]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: ["x"]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: ["-1"]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: ["99999999999999999999"]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: [null]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: [-1]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: [1.5]
SELECT a FROM t ORDER BY a LIMIT ?;
-- args: ["1", 1]
SELECT a FROM t ORDER BY a LIMIT ?, ?;

-- script: limit-variable
CREATE TABLE t (a INT);
INSERT INTO t VALUES (1), (2), (3);
--{
CREATE PROCEDURE p(n INT) BEGIN SELECT a FROM t ORDER BY a LIMIT n; END
--}
CALL p(NULL);
CALL p(-1);
CALL p(1);

-- script: catalog-types
CREATE TABLE c (f FLOAT, d DECIMAL(12, 4), b BIT(3), i INT COMMENT 'x', KEY (i));
SELECT numeric_precision, numeric_scale FROM information_schema.columns WHERE table_schema = database();
SELECT non_unique, seq_in_index FROM information_schema.statistics WHERE table_schema = database();

-- script: deprecated-types
CREATE TABLE t1 (a TINYINT(1));
CREATE TABLE t2 (a BOOLEAN, b BOOL);
CREATE TABLE t3 (y YEAR(4));
CREATE TABLE t4 (a TINYINT(1) UNSIGNED, b INT(11), c BIGINT(20));
SHOW WARNINGS;
CREATE TABLE t5 (a VARCHAR(20) CHARACTER SET utf8);
SHOW WARNINGS;
CREATE TABLE t6 (a VARCHAR(20) CHARACTER SET utf8mb3);
SHOW WARNINGS;
CREATE TABLE t7 (a VARCHAR(20) COLLATE utf8mb3_general_ci);
SHOW WARNINGS;
CREATE TABLE t8 (a NATIONAL VARCHAR(20), b NCHAR(3));
SHOW WARNINGS;
CREATE TABLE t9 (a CHAR(3) BINARY);
SHOW WARNINGS;
CREATE TABLE t10 (a CHAR(3) ASCII);
SHOW WARNINGS;
CREATE TABLE t11 (a INT) DEFAULT CHARSET = utf8;
SHOW WARNINGS;
CREATE TABLE t12 (a INT) COLLATE utf8mb3_general_ci;
SHOW WARNINGS;
ALTER TABLE t1 ADD b VARCHAR(3) CHARACTER SET utf8;
SHOW WARNINGS;
ALTER TABLE t1 CONVERT TO CHARACTER SET utf8;
SHOW WARNINGS;

-- script: shapes-without-null
CREATE TABLE g (id INT, g GEOMETRY NOT NULL);
INSERT INTO g VALUES (1, NULL);
INSERT IGNORE INTO g VALUES (1, NULL);
INSERT INTO g (id) VALUES (1);
INSERT INTO g VALUES (1, NULL), (2, NULL);
INSERT INTO g VALUES (1, Point(1, 1));
UPDATE g SET g = NULL;
UPDATE IGNORE g SET g = NULL;
SELECT id, ST_AsText(g) FROM g;

-- script: numbers-given-back
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(10) NOT NULL UNIQUE, c INT CHECK (c < 100), g TINYINT AS (c * 10) STORED);
INSERT INTO t (name, c) VALUES ('a', 1);
INSERT INTO t (name, c) VALUES ('b', 1000);
INSERT INTO t (name, c) VALUES ('x1', 1);
INSERT INTO t (name, c) VALUES (NULL, 1);
INSERT INTO t (name, c) VALUES ('x2', 1);
INSERT INTO t (name, c) VALUES ('much too long', 1);
INSERT INTO t (name, c) VALUES ('x3', 1);
INSERT INTO t (name, c) VALUES ('c', 50);
INSERT INTO t (name, c) VALUES ('x4', 1);
INSERT INTO t (name, c) VALUES ('a', 1);
INSERT INTO t (name, c) VALUES ('x5', 1);
INSERT INTO t (name, c) SELECT 'g', 50;
INSERT INTO t (name, c) VALUES ('x6', 1);
CREATE VIEW v AS SELECT id, name, c FROM t WHERE c < 5 WITH CHECK OPTION;
INSERT INTO v (name, c) VALUES ('y1', 6);
INSERT INTO t (name, c) VALUES ('x7', 1);
INSERT INTO t (name, c) VALUES ('m', 1), ('n', 1), ('a', 1), ('o', 1);
INSERT INTO t (name, c) VALUES ('x8', 1);
SELECT id, name FROM t ORDER BY id;

-- script: warnings-row-by-row
CREATE TABLE t (id INT PRIMARY KEY, a TINYINT);
INSERT INTO t VALUES (9, 1);
INSERT IGNORE INTO t VALUES (9, 300), (11, 300), (9, 1), (12, -300);
SHOW WARNINGS;

-- script: syntax-near
SELECT 1; SELECT 2;
SELECT ?;
SELECT * FROM nowhere WHERE a = ? AND b = 2;
CREATE TABLE t (a INT CHECK (?? > 1));
INSERT INTO t VALUES (?);
SELEC ?;
