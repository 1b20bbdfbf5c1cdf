-- Blocking snapshots: of several tables, with conditions, of absent tables, one after the other.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
CREATE TABLE empty_one (id INT PRIMARY KEY);
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO t VALUES (6,60);
ALTER TABLE u ADD COLUMN d INT DEFAULT 4;
INSERT INTO dbz_signal VALUES ('b-1','execute-snapshot','{"type":"blocking","data-collections":["inv.u","inv.t","inv.nokey"]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 2
INSERT INTO t VALUES (7,70);
INSERT INTO dbz_signal VALUES ('b-2','execute-snapshot','{"type":"BLOCKING","data-collections":["inv.t"],"additional-conditions":[{"data-collection":"inv.t","filter":"SELECT * FROM inv.t WHERE v > 40 ORDER BY id"}]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 3
INSERT INTO dbz_signal VALUES ('b-3','execute-snapshot','{"type":"BLOCKING","data-collections":["inv\\\\.(u|empty_one)"]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 4
INSERT INTO dbz_signal VALUES ('b-4','execute-snapshot','{"type":"BLOCKING","data-collections":["inv.empty_one"]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 5
INSERT INTO t VALUES (8,80);
