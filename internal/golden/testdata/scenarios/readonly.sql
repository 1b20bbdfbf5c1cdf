-- read.only = true: incremental snapshots write nothing.
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
-- property: read.only = true
-- property: signal.data.collection
-- property: signal.enabled.channels = file
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO t VALUES (6,60);
-- signal: {"id":"s-1","type":"execute-snapshot","data":{"data-collections":["inv.t","inv.u","inv.nokey"],"type":"INCREMENTAL"}}
-- seen: gold.notifications, "id":"s-1"
INSERT INTO u VALUES ('q',9,9);
-- until: COMPLETED, "id":"s-1"
INSERT INTO t VALUES (7,70);
