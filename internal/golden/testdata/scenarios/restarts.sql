-- Signals that came while the connector was away.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
-- property: snapshot.mode = no_data
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO t VALUES (6,60);
-- seen: gold.inv.t, "id":6
-- stop
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"data-collections":["inv.t"]}');
UPDATE t SET v = 0 WHERE id < 3;
INSERT INTO t VALUES (7,70);
-- start
-- until: COMPLETED, "id":"s-2"
