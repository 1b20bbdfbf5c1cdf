-- read.only = true: windows that are closed by other transactions, paused, stopped, taken up again at a start; definitions that change meanwhile.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE other (id INT PRIMARY KEY);
-- property: snapshot.mode = no_data
-- property: read.only = true
-- property: signal.data.collection
-- property: signal.enabled.channels = file
-- property: table.exclude.list = inv.other
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO t VALUES (6,60);
-- seen: gold.transaction, "status":"END"
-- signal: {"id":"s-1","type":"execute-snapshot","data":{"data-collections":["inv.t","inv.u"],"type":"INCREMENTAL"}}
-- until: IN_PROGRESS, "id":"s-1"
BEGIN;
UPDATE t SET v = 11 WHERE id = 1;
UPDATE t SET v = 61 WHERE id = 6;
DELETE FROM t WHERE id = 3;
COMMIT;
-- until: COMPLETED, "id":"s-1"
-- signal: {"id":"s-2","type":"execute-snapshot","data":{"data-collections":["inv.u"],"type":"INCREMENTAL"}}
-- until: IN_PROGRESS, "id":"s-2"
INSERT INTO other VALUES (1);
-- until: COMPLETED, "id":"s-2"
-- signal: {"id":"s-3","type":"execute-snapshot","data":{"data-collections":["inv.t","inv.u"],"type":"INCREMENTAL"}}
-- until: IN_PROGRESS, "id":"s-3"
-- signal: {"id":"p-3","type":"pause-snapshot","data":{"type":"INCREMENTAL"}}
-- until: PAUSED, "id":"s-3"
INSERT INTO t VALUES (7,70);
-- seen: gold.inv.t, "id":7,
ALTER TABLE u ADD COLUMN d INT DEFAULT 4;
-- seen: gold, ADD COLUMN d
-- signal: {"id":"r-3","type":"resume-snapshot","data":{"type":"INCREMENTAL"}}
-- until: RESUMED, "id":"s-3"
INSERT INTO t VALUES (8,80);
-- until: COMPLETED, "id":"s-3"
-- signal: {"id":"s-4","type":"execute-snapshot","data":{"data-collections":["inv.t","inv.u"],"type":"INCREMENTAL"}}
-- until: IN_PROGRESS, "id":"s-4"
-- stop
INSERT INTO u VALUES ('k',9,9,9);
-- start
-- until: COMPLETED, "id":"s-4"
