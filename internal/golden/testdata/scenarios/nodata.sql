-- snapshot.mode = no_data; the signalling table is not among the captured.
-- least: 95
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
CREATE TABLE other (id INT PRIMARY KEY);
INSERT INTO other VALUES (1);
-- property: snapshot.mode = no_data
-- property: table.include.list = inv\.(t|u|sentinel)
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO t VALUES (6,60);
INSERT INTO other VALUES (2);
ALTER TABLE other ADD COLUMN x INT;
CREATE TABLE t2 (id INT PRIMARY KEY);
DROP TABLE t2;
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.t","inv.other"]}');
-- until: COMPLETED, "id":"s-1"
-- stop
DELETE FROM t WHERE id = 6;
-- start
