
-- script: metadata
INSERT INTO t (id, s, e) VALUES (1,'x','a'),(2,'y','bb');
SELECT * FROM t;
SELECT * FROM t AS q WHERE id=1;
SELECT * FROM (SELECT id AS i, s AS q FROM t) x WHERE i=1;
SELECT * FROM (SELECT id AS i, s AS q FROM t LIMIT 1) x WHERE i=1;
SELECT * FROM (SELECT DISTINCT id, s FROM t) x;
SELECT x.i FROM (SELECT id AS i FROM t) x;
SELECT 1 AS a UNION ALL SELECT 'x';
SELECT id, s FROM t UNION SELECT id, d FROM t ORDER BY 1,2;
SELECT t.id,{database}.t.s FROM t WHERE id=1;
SELECT v.id FROM t v JOIN t w USING (id) WHERE v.id=1;
SELECT id, w.id FROM t v LEFT JOIN t w USING (id) WHERE v.id=1;
SELECT w.id, w.s, w.e FROM t v LEFT JOIN t w ON w.id=v.id WHERE v.id=1;
SELECT * FROM t ORDER BY id LIMIT 0;
SELECT DISTINCT s, e FROM t;
SELECT id | 1, id & 1, ~id, id << 1, id ^ 1, id XOR 1, !id FROM t WHERE id=1;
