-- Rows as operands: of subqueries, inside rows, and how many columns an operand may have.
-- ignore always: length, decimals, charset, flags, table, sizes, warnings

-- script: row-subqueries
CREATE TABLE points (x INT PRIMARY KEY, y INT);
INSERT INTO points VALUES (1, 10), (2, 20), (3, NULL);
SELECT 'found' FROM DUAL WHERE (SELECT 7, 8) IN ((7, 8));
SELECT (SELECT 5, 6) IN ((1, 2), (5, 6)), (SELECT 5, 6) NOT IN ((1, 2), (5, 6)), (SELECT 5, 6 WHERE FALSE) = ((1, 2)), (SELECT 5, 6 WHERE FALSE) IN ((1, 2));
SELECT (SELECT 1, 2) IN (SELECT 1, 2), (SELECT 1, 2) IN (SELECT 1, 2 WHERE FALSE), (SELECT 1, 2 WHERE FALSE) IN (SELECT 1, 2);
SELECT (SELECT x, y FROM points WHERE x = 1) = (SELECT 1, 10), (SELECT x, y FROM points WHERE x = 1) < (2, 0), (SELECT x, y FROM points WHERE x = 3) = (3, 1);
SELECT (SELECT x, y FROM points) = (1, 2);
SELECT (SELECT x, y FROM points WHERE x = 1) = (1, 2, 3);
SELECT (SELECT x, y FROM points WHERE x = 1) = 1;
SELECT (SELECT x, y FROM points WHERE x = 1) IN (1, 2);
SELECT p.x FROM points AS p WHERE (SELECT x, y FROM points WHERE x = p.x) IN (SELECT x, y FROM points) ORDER BY p.x;

-- script: rows-in-rows
SELECT (((1, 2), 3)) = (((1, 2), 3)), ((1, 3), 2) = ((1, 2), 3), ((1, 2), 3) <> ((1, 2), 4);
SELECT (((1, 3), 2)) IN (((1, 2), 6), ((1, 2), 4)), ((1, 3), 2) IN (((1, 2), 6), ((1, 3), 2));
SELECT ((1, 2), 3) = (1, 2);
SELECT ((1, 2), 3) = (1, (2, 3));
SELECT ((1, 2)) = ((1, 2)), (1, 2) IN (((1, 2)));
SELECT ((1, 2), 3) < ((1, 3), 1);

-- script: operand-columns
CREATE TABLE t (a INT, b INT, c INT);
INSERT INTO t VALUES (1, 2, 3), (2, NULL, 1), (3, 3, 3);
SELECT (1, 2) = 1;
SELECT 1 = (1, 2);
SELECT (1, 2) + 1;
SELECT (1, 2);
SELECT a, (a, b) FROM t;
SELECT a FROM t WHERE (a, b);
SELECT a FROM t WHERE NOT (a, b);
SELECT a FROM t ORDER BY (a, b);
SELECT a FROM t GROUP BY (a, b);
SELECT a FROM t WHERE (a, b) = (1, 2);
SELECT a FROM t WHERE (a, b) <> (1, 2) ORDER BY a;
SELECT a FROM t WHERE (a, b) > (1, 2) ORDER BY a;
SELECT a FROM t WHERE (a, b) >= (2, NULL) ORDER BY a;
SELECT a FROM t WHERE (a, b) <=> (2, NULL);
SELECT a FROM t WHERE ROW(a, b) = ROW(1, 2);
SELECT a FROM t WHERE (a, b) IN ((1, 2), (3, 3)) ORDER BY a;
SELECT a FROM t WHERE (a, b) NOT IN ((1, 2), (5, 6)) ORDER BY a;
SELECT a FROM t WHERE (a, b) IN (SELECT c, b FROM t);
SELECT a FROM t WHERE (a, b) IN (SELECT c FROM t);
SELECT a FROM t WHERE a IN (SELECT a, b FROM t);
SELECT a FROM t WHERE a = (SELECT a, b FROM t LIMIT 1);
SELECT a FROM t WHERE (a, b) = (SELECT a, b FROM t LIMIT 1);
SELECT (SELECT a, b FROM t LIMIT 1);
SELECT (SELECT 1, 2) + 1;
SELECT a FROM t WHERE (a, b) = ANY (SELECT c, b FROM t);
SELECT a FROM t WHERE (a, b) <> ALL (SELECT c, b FROM t);
SELECT a FROM t WHERE (a, b) > ANY (SELECT c, b FROM t);
SELECT a FROM t WHERE (a, b) BETWEEN (1, 2) AND (3, 4);
SELECT a FROM t WHERE (a, b) IS NULL;
SELECT a FROM t WHERE (a, b) LIKE 1;
SELECT IF((1, 2), 1, 2);
SELECT IFNULL((1, 2), 1);
SELECT CASE (1, 2) WHEN (1, 2) THEN 'same' END;
SELECT CASE WHEN (1, 2) = (1, 2) THEN 'same' END;
SELECT CONCAT((1, 2), 'x');
SELECT COUNT((a, b)) FROM t;
SELECT COUNT(DISTINCT a, b) FROM t;
SELECT SUM((a, b)) FROM t;
SELECT (a, b) IN ((1, 2, 3)) FROM t;
SELECT (a, b) IN ((1, 2), 3) FROM t;
SELECT (a, b) IN (1, 2) FROM t;
SELECT a IN ((1, 2), (3, 4)) FROM t;
SELECT (1, 2, 3) = (1, (SELECT 2), 3), (1, NULL) = (1, NULL), (1, NULL) = (2, NULL), (1, NULL) <=> (1, NULL);
SELECT NOT (1, 2) = (1, 2), (1, 2) = (1, 2) AND 1, (1, 'a') = (1, 'A');
UPDATE t SET c = 9 WHERE (a, b) = (1, 2);
DELETE FROM t WHERE (a, b) IN ((3, 3));
SELECT * FROM t ORDER BY a;
UPDATE t SET a = (1, 2);
INSERT INTO t VALUES ((1, 2), 3, 4);
INSERT INTO t VALUES ((SELECT 1, 2), 3, 4);
SET @x = (1, 2);
SELECT @x := (1, 2);
