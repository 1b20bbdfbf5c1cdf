-- Which tables' rows a snapshot reads, and with which statements; which definitions are told.
-- least: 97
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
CREATE TABLE w (id INT PRIMARY KEY, v INT);
INSERT INTO w VALUES (1,1),(2,2),(3,3),(4,4);
CREATE TABLE left_out (id INT PRIMARY KEY);
CREATE DATABASE others;
CREATE TABLE others.o (id INT PRIMARY KEY);
INSERT INTO others.o VALUES (1);
CREATE DATABASE outside;
CREATE TABLE outside.o (id INT PRIMARY KEY);
-- property: database.include.list = inv,others
-- property: table.exclude.list = inv\.left_out
-- property: snapshot.include.collection.list = inv\.t,inv\.w,inv\.nokey
-- property: snapshot.select.statement.overrides = inv.w
-- property: snapshot.select.statement.overrides.inv.w = SELECT * FROM inv.w WHERE id <> 3
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO w VALUES (5,5);
INSERT INTO left_out VALUES (1);
INSERT INTO outside.o VALUES (1);
INSERT INTO others.o VALUES (2);
ALTER TABLE left_out ADD COLUMN x INT;
CREATE TABLE outside.p (id INT PRIMARY KEY);
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.u","inv.w","others.o","outside.o","inv.left_out"]}');
-- until: COMPLETED, "id":"s-1"
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"type":"blocking","data-collections":["inv.u","inv.w","others.o","outside.o","inv.left_out"]}');
-- until: COMPLETED, "aggregate_type":"Initial Snapshot", 2
