-- ignore always: length, decimals, charset, flags, table, sizes

-- script: words of the grammar that are names
-- setup
CREATE TABLE t (substr INT, now INT, savepoint INT, next INT, off INT, escape INT, `cast` INT, sql_no_cache INT, json_length INT, extract INT, curdate INT);
INSERT INTO t VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
CREATE TABLE next (off INT, savepoint INT);
INSERT INTO next VALUES (1, 2);
-- test
SELECT substr, now, savepoint, next, off, escape, cast, json_length, extract, curdate FROM t;
SELECT 1 AS now, 2 substr, 3 AS escape, 4 off, 5 AS next;
SELECT t.escape, t.sql_no_cache FROM t ORDER BY escape, now DESC;
SELECT now + 1, MAX(savepoint) FROM t GROUP BY now HAVING now > 1;
SELECT next.off, next.savepoint FROM next;
SELECT savepoint.escape FROM t savepoint JOIN next ON next.savepoint = savepoint.now;
UPDATE t SET off = off + 1, escape = 7 WHERE now = 2;
INSERT INTO next (off, savepoint) VALUES (3, 4);
INSERT INTO next SET off = 5, savepoint = 6;
DELETE FROM next WHERE off = 5;
SELECT * FROM next;
SELECT SUBSTR('abc', 2), CAST('7' AS SIGNED), EXTRACT(YEAR FROM '2020-01-01'), JSON_LENGTH('[1,2]');
SELECT 'a%b' LIKE 'a|%b' ESCAPE '|', 'ab' LIKE 'a' ESCAPE NULL;
-- args: ["|"]
SELECT 'a%b' LIKE 'a|%b' ESCAPE ?;
SELECT SQL_NO_CACHE escape FROM t WHERE now() > 0;
WITH off AS (SELECT 1 AS next) SELECT off.next FROM off;
BEGIN;
SAVEPOINT next;
SAVEPOINT savepoint;
ROLLBACK TO savepoint;
ROLLBACK TO SAVEPOINT next;
RELEASE SAVEPOINT next;
COMMIT;
SET @off = 1, sql_big_selects = OFF;
SELECT @off, @@sql_big_selects;
SELECT SUBSTR ('abc', 2);
SELECT NOW () IS NULL;
SELECT 1 FROM t WHERE savepoint IN (SELECT next.savepoint + 1 FROM next);

-- script: a side of NULLs keeps the collation of a set operation
-- setup
CREATE TABLE t (name VARCHAR(10) COLLATE utf8mb4_general_ci);
INSERT INTO t VALUES ('B'), ('a');
-- test
SELECT MIN(x), MAX(x) FROM (SELECT name AS x FROM t UNION ALL SELECT NULL) AS u;
SELECT MIN(x), MAX(x) FROM (SELECT name AS x FROM t UNION ALL SELECT x FROM (SELECT NULL AS x) AS n) AS u;
SELECT x FROM (SELECT NULL AS x UNION ALL SELECT name FROM t) AS u ORDER BY x;
SELECT x = 'A' FROM (SELECT name AS x FROM t UNION SELECT NULL) AS u;
SELECT COLLATION(x) FROM (SELECT name AS x FROM t UNION ALL SELECT NULL) AS u;
CREATE TABLE t LIKE t;
CREATE TABLE nosuch LIKE nosuch;
CREATE ACCOUNT a ADMIN_NAME b;
DROP ACCOUNT a;
SELECT REVERSE('😀b'), '中', 'x😀' AS y;
