-- Incremental snapshots of tables that are altered, renamed, emptied and dropped between two chunks.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50),(6,60),(7,70);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE w (id BIGINT UNSIGNED PRIMARY KEY, note VARCHAR(10));
INSERT INTO w VALUES (1,'a'),(2,'b'),(3,'c'),(4,'d'),(5,'e');
CREATE TABLE x (id INT PRIMARY KEY, v INT);
INSERT INTO x VALUES (1,1),(2,2),(3,3),(4,4);
-- property: snapshot.mode = no_data
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.t","inv.u"]}'),('p-1','pause-snapshot','{"type":"incremental"}');
-- seen: gold.inv.t, "op":"r", 2
ALTER TABLE t ADD COLUMN w INT NOT NULL DEFAULT 7;
UPDATE t SET v = 31, w = 8 WHERE id = 3;
DELETE FROM t WHERE id = 4;
INSERT INTO t VALUES (8,80,9);
ALTER TABLE u MODIFY c BIGINT, ADD COLUMN d DATE FIRST;
INSERT INTO dbz_signal VALUES ('r-1','resume-snapshot','{"type":"incremental"}');
-- until: COMPLETED, "id":"s-1"
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"data-collections":["inv.w","inv.x","inv.u"]}'),('p-2','pause-snapshot','{"type":"incremental"}');
-- seen: gold.inv.w, "op":"r", 2
ALTER TABLE w DROP COLUMN note;
DROP TABLE x;
RENAME TABLE u TO u2;
INSERT INTO dbz_signal VALUES ('r-2','resume-snapshot','{"type":"incremental"}');
-- until: COMPLETED, "id":"s-2"
INSERT INTO dbz_signal VALUES ('s-3','execute-snapshot','{"data-collections":["inv.t","inv.u2"]}'),('p-3','pause-snapshot','{"type":"incremental"}');
-- seen: gold.inv.t, "op":"r", 8
TRUNCATE TABLE t;
INSERT INTO t VALUES (5,51,1),(6,61,2),(9,91,3);
CREATE INDEX by_c ON u2 (c);
INSERT INTO dbz_signal VALUES ('r-3','resume-snapshot','{"type":"incremental"}');
-- until: COMPLETED, "id":"s-3"
