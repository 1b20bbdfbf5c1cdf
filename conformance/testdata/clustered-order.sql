-- ignore always: length, decimals, charset, flags, table, sizes

-- script: without ORDER BY rows come as the clustered index has them
-- setup
CREATE TABLE s (name VARCHAR(20) PRIMARY KEY, v INT);
INSERT INTO s VALUES ('pear', 1), ('Apple', 2), ('fig', 3), ('banana', 2);
CREATE TABLE c (lang CHAR(2), code VARCHAR(10), n INT, PRIMARY KEY (lang, code DESC));
INSERT INTO c VALUES ('de', 'b', 1), ('en', 'a', 2), ('de', 'c', 3), ('DE', 'a', 4);
CREATE TABLE u (v INT, name VARCHAR(20) NOT NULL UNIQUE);
INSERT INTO u VALUES (1, 'z'), (2, 'y'), (3, 'x');
CREATE TABLE n (v INT, name VARCHAR(20) UNIQUE);
INSERT INTO n VALUES (1, 'z'), (2, 'y'), (3, 'x');
CREATE TABLE k (name VARCHAR(20) PRIMARY KEY, v INT, w INT, KEY (v));
INSERT INTO k VALUES ('c', 5, 1), ('b', 7, 2), ('a', 6, 3), ('d', 5, 4);
-- test
-- ordered
SELECT * FROM s;
-- ordered
SELECT v, name FROM s WHERE v < 3;
-- ordered
SELECT name FROM s LIMIT 2;
-- ordered
SELECT * FROM s LIMIT 1 OFFSET 2;
-- ordered
SELECT UPPER(name) AS n FROM s AS x WHERE x.name LIKE '%a%';
-- ordered
SELECT * FROM c;
-- ordered
SELECT n FROM c WHERE n > 1 LIMIT 2;
-- ordered
SELECT * FROM u;
-- ordered
SELECT v FROM u WHERE v <> 2;
-- ordered
SELECT * FROM n;
-- ordered
SELECT * FROM k;
-- ordered
SELECT name, v FROM k;
-- ordered
SELECT name FROM k;
-- ordered
SELECT COUNT(*), v FROM k GROUP BY v;
-- ordered
SELECT v + 1 FROM k LIMIT 3;
-- ordered
SELECT name FROM k WHERE w > 0;
-- ordered
SELECT name, w FROM k WHERE v = 5;
BEGIN;
-- ordered
SELECT * FROM s LIMIT 1 FOR UPDATE;
COMMIT;
-- ordered
SELECT * FROM s UNION ALL SELECT * FROM u;
-- ordered
SELECT (SELECT COUNT(*) FROM s) AS c, name FROM s;
-- ordered
INSERT INTO n SELECT v + 10, name FROM s;
-- ordered
SELECT * FROM n;
UPDATE s SET v = 100 LIMIT 2;
-- ordered
SELECT * FROM s;
DELETE FROM s LIMIT 1;
-- ordered
SELECT * FROM s;
CREATE TABLE auto (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20));
INSERT INTO auto (name) SELECT name FROM s;
SELECT * FROM auto;
