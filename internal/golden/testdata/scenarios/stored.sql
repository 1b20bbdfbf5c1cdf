-- store.only.captured.tables.ddl and store.only.captured.databases.ddl.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
CREATE TABLE left_out (id INT PRIMARY KEY);
CREATE DATABASE outside;
CREATE TABLE outside.o (id INT PRIMARY KEY);
-- property: schema.history.internal.store.only.captured.tables.ddl = true
-- property: schema.history.internal.store.only.captured.databases.ddl = true
-- property: database.include.list = inv
-- property: table.include.list = inv\.t,inv\.u,inv\.sentinel
-- property: provide.transaction.metadata = false
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO t VALUES (6,60);
ALTER TABLE left_out ADD COLUMN x INT;
ALTER TABLE u ADD COLUMN x INT;
INSERT INTO u VALUES ('n',1,1,1);
RENAME TABLE left_out TO left_out2;
CREATE TABLE outside.p (id INT PRIMARY KEY);
DROP DATABASE outside;
-- seen: gold.inv.u, "op":"c"
-- stop
-- start
