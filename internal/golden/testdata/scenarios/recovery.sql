-- snapshot.mode = recovery: definitions are read again, and the stream goes on where it was.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
-- property: snapshot.mode = when_needed
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO t VALUES (6,60);
-- seen: gold.transaction, END
-- stop
INSERT INTO t VALUES (7,70);
-- property: snapshot.mode = recovery
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 2
INSERT INTO t VALUES (8,80);
-- seen: gold.inv.t, "op":"c", 3
-- stop
-- property: snapshot.mode = when_needed
-- start
