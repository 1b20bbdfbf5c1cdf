-- Pausing, resuming, stopping and adding to incremental snapshots; signals that mean nothing.
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
INSERT INTO dbz_signal VALUES ('n-1','pause-snapshot','{"type":"incremental"}'),('n-2','resume-snapshot','{"type":"incremental"}'),('n-3','stop-snapshot','{"type":"incremental"}'),('n-4','stop-snapshot','{"data-collections":["inv.t"]}');
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.t"]}'),('s-2','execute-snapshot','{"data-collections":["inv.u"]}');
-- until: COMPLETED, "id":"s-2"
INSERT INTO dbz_signal VALUES ('s-3','execute-snapshot','{"data-collections":["inv.t","inv.u"]}'),('p-3','pause-snapshot','{"type":"incremental"}');
-- until: PAUSED, "id":"s-3"
INSERT INTO t VALUES (6,60);
INSERT INTO dbz_signal VALUES ('r-3','resume-snapshot','{"type":"incremental"}');
-- until: COMPLETED, "id":"s-3"
INSERT INTO dbz_signal VALUES ('s-4','execute-snapshot','{"data-collections":["inv.t","inv.u"]}'),('x-4','stop-snapshot','{"type":"incremental"}');
-- until: ABORTED, "aggregate_type":"Incremental Snapshot"
INSERT INTO t VALUES (7,70);
INSERT INTO dbz_signal VALUES ('s-5','execute-snapshot','{"data-collections":["inv.t","inv.u"]}'),('x-5','stop-snapshot','{"data-collections":["inv.u","inv.nokey"],"type":"incremental"}');
-- until: COMPLETED, "id":"s-5"
INSERT INTO dbz_signal VALUES ('s-6','execute-snapshot','{"data-collections":["inv.t","inv.u"]}'),('x-6','stop-snapshot','{"data-collections":["inv.t"],"type":"incremental"}');
-- until: COMPLETED, "id":"s-6"
INSERT INTO dbz_signal VALUES ('n-5','log','{"message":"at {}"}'),('n-6','schema-changes','{}'),('n-7','nothing','{}'),('n-8','execute-snapshot','{}'),('n-9','execute-snapshot',NULL),('n-10','log','x'),('n-11','execute-snapshot','{"data-collections":[]}'),('n-12','pause-snapshot','{"type":"odd"}');
INSERT INTO dbz_signal VALUES ('s-7','execute-snapshot','{"data-collections":["inv.u"]}');
-- until: COMPLETED, "id":"s-7"
UPDATE dbz_signal SET data = 'changed' WHERE id = 's-7';
DELETE FROM dbz_signal WHERE id = 's-7';
