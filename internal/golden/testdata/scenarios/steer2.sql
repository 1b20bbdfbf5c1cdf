-- Stopping and adding to an incremental snapshot that is paused.
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
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.t","inv.u"]}'),('p-1','pause-snapshot','{"type":"incremental"}');
-- seen: gold.inv.t, "op":"r", 2
INSERT INTO dbz_signal VALUES ('x-1','stop-snapshot','{"data-collections":["inv.u"],"type":"incremental"}');
INSERT INTO t VALUES (6,60);
INSERT INTO dbz_signal VALUES ('r-1','resume-snapshot','{"type":"incremental"}');
-- until: COMPLETED, "aggregate_type":"Incremental Snapshot"
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"data-collections":["inv.t","inv.u"]}'),('p-2','pause-snapshot','{"type":"incremental"}');
-- seen: gold.inv.t, "op":"r", 7
INSERT INTO dbz_signal VALUES ('s-3','execute-snapshot','{"data-collections":["inv.nokey","inv.u"],"additional-conditions":[{"data-collection":"inv.u","filter":"c > 1"}]}');
INSERT INTO dbz_signal VALUES ('x-2','stop-snapshot','{"type":"incremental"}');
INSERT INTO t VALUES (7,70);
INSERT INTO dbz_signal VALUES ('r-2','resume-snapshot','{"type":"incremental"}');
INSERT INTO t VALUES (8,80);
-- seen: gold.inv.t, "id":8, 1
INSERT INTO dbz_signal VALUES ('s-4','execute-snapshot','{"data-collections":["inv.u"]}');
-- until: COMPLETED, "id":"s-4"
