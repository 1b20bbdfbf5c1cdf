-- Regular expressions: ICU's syntax, match types, all functions, errors.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: regexp_like
SELECT REGEXP_LIKE('abc', 'B', 'c'), REGEXP_LIKE('abc', 'B', 'i'), REGEXP_LIKE('a\nb', 'a.b'), REGEXP_LIKE('a\nb', 'a.b', 'n'), REGEXP_LIKE('a\nb', '^b$'), REGEXP_LIKE('a\nb', '^b$', 'm'), REGEXP_LIKE('a\r\nb', 'a$', 'mu'), REGEXP_LIKE('abc', 'B', 'ic'), REGEXP_LIKE('abc', 'B', 'ci');
SELECT REGEXP_LIKE('abc', 'b', 'x');
SELECT REGEXP_LIKE('abc', 'b', NULL), REGEXP_LIKE('abc', 'b', '');
SELECT 'ä' REGEXP '^.$', 'Ä' REGEXP 'ä', 'straße' REGEXP 'STRASSE', '日本' REGEXP '^\\p{Han}+$', 'é' REGEXP '[[:alpha:]]', '5' REGEXP '[[:digit:]]', 'a b' REGEXP '\\bb', 'x' REGEXP '\\w', ' ' REGEXP '\\s';
SELECT 'aaa' REGEXP '^a{2,3}$', 'aaa' REGEXP 'a{4}', 'ab' REGEXP '(a)(b)', 'abab' REGEXP '^(ab)\\1$', 'foobar' REGEXP 'foo(?=bar)', 'foobar' REGEXP 'foo(?!bar)', 'foobar' REGEXP '(?<=foo)bar', 'a.b' REGEXP 'a\\.b', 'a' REGEXP '(?i)A';
SELECT '' REGEXP '^$', 'a' REGEXP '';
SELECT _latin1'abc' REGEXP _utf8mb4'B', 'abc' COLLATE utf8mb4_bin REGEXP 'B', 'abc' COLLATE utf8mb4_0900_as_cs REGEXP 'B', 'abc' COLLATE utf8mb4_0900_as_ci REGEXP 'B';

-- script: errors
SELECT 'a' REGEXP '(';
SELECT 'a' REGEXP ')';
SELECT 'a' REGEXP '[';
SELECT 'a' REGEXP '[z-a]';
SELECT 'a' REGEXP '*';
SELECT 'a' REGEXP 'a{3,2}';
SELECT 'a' REGEXP 'a{';
SELECT 'a' REGEXP '\\';
SELECT 'a' REGEXP '[[:nosuch:]]';
SELECT 'a' REGEXP '\\p{Nosuch}';
SELECT 'a' REGEXP '(?z)a';
SELECT 'a' REGEXP '(?<=a*)b';
SELECT REGEXP_REPLACE('a', 'a', '$9');
SELECT REGEXP_INSTR('abc', 'b', 0);
SELECT REGEXP_INSTR('abc', 'b', 5);
SELECT REGEXP_SUBSTR('abc', 'b', 5);
SELECT REGEXP_REPLACE('abc', 'b', 'x', 5);

-- script: regexp_instr
SELECT REGEXP_INSTR('dog cat dog', 'dog'), REGEXP_INSTR('dog cat dog', 'dog', 2), REGEXP_INSTR('aa aaa aaaa', 'a{2}'), REGEXP_INSTR('aa aaa aaaa', 'a{4}'), REGEXP_INSTR('dog cat dog', 'dog', 1, 2), REGEXP_INSTR('dog cat dog', 'dog', 1, 3), REGEXP_INSTR('dog cat dog', 'dog', 1, 1, 1), REGEXP_INSTR('dog cat dog', 'DOG', 1, 2, 1, 'c'), REGEXP_INSTR('dog', 'x');
SELECT REGEXP_INSTR('äöü', 'ü'), REGEXP_INSTR('😀a', 'a'), REGEXP_INSTR('日本語', '語', 2), REGEXP_INSTR('abc', ''), REGEXP_INSTR('', 'a'), REGEXP_INSTR(NULL, 'a'), REGEXP_INSTR('abc', 'b', NULL), REGEXP_INSTR('abcabc', 'b', 1, 0), REGEXP_INSTR('abcabc', 'b', 1, -1), REGEXP_INSTR('abc', 'c', 4), REGEXP_INSTR('abc', '$', 4);

-- script: regexp_substr
SELECT REGEXP_SUBSTR('abc def ghi', '[a-z]+'), REGEXP_SUBSTR('abc def ghi', '[a-z]+', 1, 3), REGEXP_SUBSTR('abc def ghi', '[a-z]+', 5), REGEXP_SUBSTR('abc', 'x'), REGEXP_SUBSTR('ABC', 'b', 1, 1, 'c'), REGEXP_SUBSTR('ABC', 'b', 1, 1, 'i'), REGEXP_SUBSTR('äöü', 'ö.'), REGEXP_SUBSTR('a1b22', '[0-9]+', 1, 2), REGEXP_SUBSTR('abc', ''), REGEXP_SUBSTR(NULL, 'a'), REGEXP_SUBSTR('abc', '$');

-- script: regexp_replace
SELECT REGEXP_REPLACE('a b c', 'b', 'X'), REGEXP_REPLACE('abc def ghi', '[a-z]+', 'X', 1, 3), REGEXP_REPLACE('abc def', '[a-z]+', 'X', 2), REGEXP_REPLACE('aaa', 'a', 'b', 2, 1), REGEXP_REPLACE('John Smith', '(\\w+) (\\w+)', '$2 $1'), REGEXP_REPLACE('abc', 'B', 'x', 1, 0, 'c'), REGEXP_REPLACE('abc', '', '-'), REGEXP_REPLACE('äöü', 'ö', 'oe'), REGEXP_REPLACE('a.b', '\\.', '\\\\'), REGEXP_REPLACE('a$b', '\\$', '\\$'), REGEXP_REPLACE('abc', 'x', 'y');
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), p VARCHAR(20));
INSERT INTO t VALUES (1, 'apple', '^a'), (2, 'Banana', 'an'), (3, 'cherry', 'r+'), (4, NULL, 'x'), (5, 'date', NULL);
SELECT id, a REGEXP p, REGEXP_SUBSTR(a, p), REGEXP_REPLACE(a, p, '*'), REGEXP_INSTR(a, p) FROM t ORDER BY id;
SELECT id FROM t WHERE a REGEXP '^[ab]' ORDER BY id;
UPDATE t SET a = REGEXP_REPLACE(a, '[aeiou]', '') WHERE a REGEXP 'a';
SELECT a FROM t ORDER BY id;
