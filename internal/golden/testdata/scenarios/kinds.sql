-- Blocking and incremental snapshots with conditions that are no SQL, unknown columns, and tables of other databases.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
CREATE DATABASE other;
CREATE TABLE other.o (id INT PRIMARY KEY, v INT);
INSERT INTO other.o VALUES (1,1),(2,2),(3,3);
CREATE TABLE ts (id TIMESTAMP(3) PRIMARY KEY, v INT);
INSERT INTO ts VALUES ('2024-01-01 00:00:00.5',1),('2024-01-02 00:00:00',2),('2024-01-03 00:00:00.123',3);
CREATE TABLE tm (d DATE, t TIME(2), n TINYINT, e ENUM('z','a'), b BIT(9), PRIMARY KEY (d, n));
INSERT INTO tm VALUES ('2024-01-01','10:00:01',2,'z',b'100000001'),('2024-01-01','10:00:01',-1,'a',b'1'),('2023-01-01','-10:00:00',0,'a',b'1');
-- property: snapshot.mode = no_data
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["other.*"]}');
-- until: COMPLETED, "id":"s-1"
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"data-collections":["inv.t[sm]"]}');
-- until: COMPLETED, "id":"s-2"
INSERT INTO dbz_signal VALUES ('s-3','execute-snapshot','{"data-collections":["inv.t","other.o"],"additional-conditions":[{"data-collection":"inv.t","filter":"no_such = 1"}]}');
INSERT INTO t VALUES (6,60);
-- seen: gold.inv.t, "id":6
-- until: COMPLETED, "id":"s-3"
