-- What SQLAlchemy's tests and Python's drivers ask of MySQL.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: foreign keys to a table of another database
CREATE DATABASE {database}_other;
CREATE TABLE {database}_other.p (id INT PRIMARY KEY, v INT, UNIQUE (v));
CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES {database}_other.p (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE n (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES {database}_other.p (id) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE r (id INT PRIMARY KEY, p INT, CONSTRAINT keeps FOREIGN KEY (p) REFERENCES {database}_other.p (v));
SHOW CREATE TABLE c;
INSERT INTO c VALUES (1, 1);
INSERT INTO {database}_other.p VALUES (1, 10), (2, 20), (3, 30);
INSERT INTO c VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO n VALUES (1, 1), (3, 3);
INSERT INTO r VALUES (1, 20);
UPDATE {database}_other.p SET id = 5 WHERE id = 1;
SELECT * FROM c ORDER BY id;
SELECT * FROM n ORDER BY id;
DELETE FROM {database}_other.p WHERE id IN (3, 5);
SELECT * FROM c ORDER BY id;
SELECT * FROM n ORDER BY id;
DELETE FROM {database}_other.p WHERE id = 2;
UPDATE {database}_other.p SET v = 21;
DROP TABLE {database}_other.p;
DROP DATABASE {database}_other;
TRUNCATE {database}_other.p;
SELECT constraint_schema, constraint_name, unique_constraint_schema, unique_constraint_name, delete_rule, update_rule, table_name, referenced_table_name FROM information_schema.referential_constraints WHERE constraint_schema LIKE '{database}%' ORDER BY 1, 2;
SELECT constraint_name, table_schema, table_name, column_name, referenced_table_schema, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage WHERE table_schema LIKE '{database}%' ORDER BY 2, 3, 1;
RENAME TABLE {database}_other.p TO {database}_other.q;
SHOW CREATE TABLE r;
INSERT INTO r VALUES (2, 99);
ALTER TABLE r DROP FOREIGN KEY keeps;
INSERT INTO r VALUES (2, 99);
DELETE FROM {database}_other.q WHERE id = 2;
SELECT * FROM c ORDER BY id;
CREATE TABLE x (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES {database}_none.y (id));
SET foreign_key_checks = 0;
CREATE TABLE x (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES {database}_none.y (id));
DROP DATABASE {database}_other;
SET foreign_key_checks = 1;
INSERT INTO x VALUES (1);
INSERT INTO c VALUES (7, 7);
INSERT INTO c VALUES (8, NULL);
CREATE DATABASE {database}_other;
CREATE TABLE {database}_other.q (id INT PRIMARY KEY, v INT, UNIQUE (v));
INSERT INTO {database}_other.q VALUES (7, 7);
INSERT INTO c VALUES (7, 7);
DELETE FROM {database}_other.q;
SELECT * FROM c ORDER BY id;
CREATE TABLE {database}_other.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES {database}.r (id));
INSERT INTO {database}_other.child VALUES (1, 5);
-- ignore: message
ALTER TABLE c ADD FOREIGN KEY (id) REFERENCES {database}_other.q (id) ON DELETE CASCADE;
DELETE FROM c;
-- ignore: message
ALTER TABLE c ADD FOREIGN KEY (id) REFERENCES {database}_other.q (id) ON DELETE CASCADE;
SHOW CREATE TABLE c;
SET foreign_key_checks = 0;
DROP DATABASE {database}_other;
DROP TABLE r;
SET foreign_key_checks = 1;
CREATE DATABASE {database}_other;
CREATE TABLE {database}_other.q (id INT PRIMARY KEY, v INT, UNIQUE (v));
INSERT INTO {database}_other.q VALUES (1, 1), (2, 2);
CREATE TABLE d (id INT PRIMARY KEY, p INT, u INT);
INSERT INTO d VALUES (1, 1, 1), (2, 2, 1);
ALTER TABLE d ADD FOREIGN KEY (p) REFERENCES {database}_other.q (id), ADD UNIQUE (u);
ALTER TABLE d ADD FOREIGN KEY (p) REFERENCES {database}_other.q (id);
ALTER TABLE d ADD UNIQUE (u);
UPDATE d SET p = 3;
-- ignore: message
DROP TABLE {database}_other.q;
DROP TABLE d;
DROP TABLE c, n, {database}_other.q;
DROP DATABASE {database}_other;

-- script: CASE compares a document as its text, or as a number beside a number
CREATE TABLE t (id INT PRIMARY KEY, d JSON);
INSERT INTO t VALUES (1, '{"k": null}'), (2, '{"k": "a"}'), (3, '{"k": 1}'), (4, '{"k": "1"}'), (5, '{"k": true}'), (6, '{"k": 1.0}'), (7, '{"k": {"b": 1, "a": 2}}'), (8, '{}'), (9, '{"k": "2020-01-01"}');
SELECT id, CASE JSON_EXTRACT(d, '$.k') WHEN 'null' THEN NULL ELSE JSON_EXTRACT(d, '$.k') END FROM t ORDER BY id;
SELECT id, CASE JSON_EXTRACT(d, '$.k') WHEN 'null' THEN NULL ELSE JSON_UNQUOTE(JSON_EXTRACT(d, '$.k')) END FROM t ORDER BY id;
SELECT id, CASE JSON_EXTRACT(d, '$.k') WHEN 'a' THEN 'a' WHEN '"a"' THEN 'quoted' WHEN '"A"' THEN 'great' END FROM t ORDER BY id;
SELECT id, CASE JSON_EXTRACT(d, '$.k') WHEN 1 THEN 'one' WHEN '1' THEN 'text' END FROM t WHERE id IN (3, 4, 5, 6) ORDER BY id;
SELECT id, CASE JSON_EXTRACT(d, '$.k') WHEN '1' THEN 'text' WHEN '1.0' THEN 'decimal' WHEN '"1"' THEN 'quoted' WHEN TRUE THEN 'true' END FROM t WHERE id IN (3, 4, 5, 6) ORDER BY id;
SELECT id, CASE JSON_EXTRACT(d, '$.k') WHEN CAST('1' AS JSON) THEN 'one' WHEN CAST('{"a": 2, "b": 1}' AS JSON) THEN 'object' WHEN '{"a": 2, "b": 1}' THEN 'text' END FROM t ORDER BY id;
SELECT id, CASE JSON_EXTRACT(d, '$.k') WHEN DATE '2020-01-01' THEN 'date' END FROM t WHERE id = 9;
SELECT CASE 'a' WHEN CAST('"a"' AS JSON) THEN 1 ELSE 0 END, CASE '"a"' WHEN CAST('"a"' AS JSON) THEN 1 ELSE 0 END;

-- script: rows that stand a new constraint are counted
CREATE TABLE p (id INT PRIMARY KEY);
INSERT INTO p VALUES (1), (2);
CREATE TABLE c (id INT PRIMARY KEY, p INT);
INSERT INTO c VALUES (1, 1), (2, 2);
ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p (id);
ALTER TABLE c DROP FOREIGN KEY c_ibfk_1;
ALTER TABLE c ADD CHECK (p > 0);
ALTER TABLE c ALTER CHECK c_chk_1 NOT ENFORCED;
ALTER TABLE c ALTER CHECK c_chk_1 ENFORCED;
ALTER TABLE c DROP CHECK c_chk_1;
SET foreign_key_checks = 0;
ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p (id);

-- script: statements that end where they should not
SELECT 1; SELECT 2;
SELECT -9223372036854775807 - 3;
SELECT 9223372036854775807 - -3;
KILL CONNECTION_ID();

-- script: what SQLAlchemy reflects
CREATE TABLE t (id INT COMMENT 'col ☁️✨🐍🁰🝝', KEY i (id) COMMENT '🐍') COMMENT '☁️✨🐍🁰🝝' CONNECTION='fish' AVG_ROW_LENGTH=3 PASSWORD='secret' STATS_SAMPLE_PAGES=4;
SHOW WARNINGS;
SHOW CREATE TABLE t;
SELECT table_comment, create_options FROM information_schema.tables WHERE table_schema = '{database}';
SELECT column_comment FROM information_schema.columns WHERE table_schema = '{database}';
ALTER TABLE t COMMENT 'plain ✨', MODIFY id INT COMMENT '🐍';
SHOW WARNINGS;
SHOW CREATE TABLE t;
CREATE TABLE u (id INT);
CREATE VIEW v AS SELECT id FROM u;
DESCRIBE v;
DROP TABLE u;
DESCRIBE v;
SHOW COLUMNS FROM v;
SHOW FULL COLUMNS FROM v;
SELECT * FROM v;
