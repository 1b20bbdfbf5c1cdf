-- Blocking snapshots of tables that were made, altered, dropped and made again since, in two runs of the connector.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE w (id INT PRIMARY KEY);
INSERT INTO w VALUES (1),(2);
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
CREATE TABLE later (id INT PRIMARY KEY, v INT);
INSERT INTO later VALUES (1,1),(2,2);
INSERT INTO dbz_signal VALUES ('b-1','execute-snapshot','{"type":"blocking","data-collections":["inv.later","inv.t"]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 2
ALTER TABLE later ADD COLUMN x VARCHAR(5);
DROP TABLE w;
CREATE TABLE w (id INT PRIMARY KEY, d INT);
INSERT INTO w VALUES (1,1),(2,2),(3,3);
INSERT INTO dbz_signal VALUES ('b-2','execute-snapshot','{"type":"blocking","data-collections":["inv.later","inv.w"]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 3
ALTER TABLE u ADD COLUMN e INT;
INSERT INTO u VALUES ('m',4,4,4);
-- seen: gold.inv.u, "a":"m"
-- stop
-- start
INSERT INTO u VALUES ('n',5,5,5);
INSERT INTO dbz_signal VALUES ('b-3','execute-snapshot','{"type":"blocking","data-collections":["inv.u"]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 4
ALTER TABLE t ADD COLUMN y INT;
INSERT INTO t VALUES (4,40,400);
INSERT INTO dbz_signal VALUES ('b-4','execute-snapshot','{"type":"blocking","data-collections":["inv.t","inv.u"],"additional-conditions":[{"data-collection":"inv.t","filter":"SELECT id, v, y FROM inv.t WHERE id <> 2"}]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 5
INSERT INTO t VALUES (5,50,500);
