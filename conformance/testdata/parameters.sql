-- The types of parameters: at PREPARE those of what they are given to, then those of the values bound.
-- ignore always: length

-- script: bound once
-- args: [5]
SELECT ?;
-- args: ["abc"]
SELECT ?;
-- args: [1.5]
SELECT ?;
-- args: [null]
SELECT ?;
-- args: [5]
SELECT ? + 1;
-- args: [1.5]
SELECT ? + 1;
-- args: ["5"]
SELECT ? + 1;
-- args: ["5.5"]
SELECT ? + 1;
-- args: ["abc"]
SELECT ? + 1;
-- args: [1.5]
SELECT -?;
-- args: [1.5]
SELECT ABS(?);
-- args: ["5.5"]
SELECT ROUND(?);
-- args: [5, 6]
SELECT ? + ?;
-- args: ["abc"]
SELECT COALESCE(?, 1);
-- args: [null]
SELECT COALESCE(?, 1.5);
-- args: [5]
SELECT COALESCE(?, 'a');
-- args: [1, 2]
SELECT COALESCE(?, ?);
-- args: [1, 2, 3]
SELECT CASE WHEN ? THEN ? ELSE ? END;
-- args: [1, "a", "b"]
SELECT CASE WHEN ? THEN ? ELSE ? END;
-- args: [1, 2]
SELECT ? UNION SELECT ?;
-- args: [1]
SELECT ? IS NULL;
-- args: ["2020-01-02"]
SELECT DATE(?);
-- args: [2.5]
SELECT SUM(?);
-- args: ["x"]
SELECT MAX(?);
-- args: [1]
SELECT x + 1 FROM (SELECT ? AS x) AS t;
-- args: [3]
SELECT ? & 1, 1 | 2;
-- args: ["7", "7.5"]
SELECT ? DIV 3, ? * 2.5;

-- script: kept from one execution to the next
PREPARE p FROM 'SELECT ?';
SET @i = 5, @s = 'abc', @d = 1.50, @f = 2.5e0, @n = NULL, @t = '12x', @e = '5.5';
EXECUTE p USING @s;
EXECUTE p USING @i;
EXECUTE p USING @t;
SHOW WARNINGS;
EXECUTE p USING @n;
EXECUTE p USING @e;
EXECUTE p USING @i;
EXECUTE p USING @f;
EXECUTE p USING @d;
EXECUTE p USING @t;
SHOW WARNINGS;
PREPARE p FROM 'SELECT ? + 1';
EXECUTE p USING @i;
EXECUTE p USING @e;
EXECUTE p USING @f;
EXECUTE p USING @n;
PREPARE p FROM 'SELECT CONCAT(?, \'x\')';
EXECUTE p USING @i;
EXECUTE p USING @s;
EXECUTE p USING @d;
PREPARE p FROM 'SELECT ?, ?';
EXECUTE p USING @i, @s;
EXECUTE p USING @s, @i;
EXECUTE p USING @s, @t;
DEALLOCATE PREPARE p;
