-- Rows that change while a window is open, in the transaction that opens it and in the one that closes it, of the table that is read and of others.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50),(6,60),(7,70);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE tally (id INT PRIMARY KEY, n INT);
INSERT INTO tally VALUES (1,0),(2,0),(3,0);
CREATE TRIGGER c1 BEFORE INSERT ON dbz_signal FOR EACH ROW UPDATE t SET v = v + 1 WHERE id IN (1, 4) AND NEW.type = 'snapshot-window-open';
CREATE TRIGGER c2 BEFORE INSERT ON dbz_signal FOR EACH ROW FOLLOWS c1 UPDATE tally SET n = n + 1 WHERE id = 1 AND NEW.type = 'snapshot-window-open';
CREATE TRIGGER c3 AFTER INSERT ON dbz_signal FOR EACH ROW UPDATE t SET v = v + 100 WHERE id IN (2, 5) AND NEW.type = 'snapshot-window-open';
CREATE TRIGGER c4 AFTER INSERT ON dbz_signal FOR EACH ROW FOLLOWS c3 DELETE FROM t WHERE id = 6 AND NEW.type = 'snapshot-window-open';
CREATE TRIGGER c5 AFTER INSERT ON dbz_signal FOR EACH ROW FOLLOWS c4 INSERT IGNORE INTO t SELECT 9, 90 FROM DUAL WHERE NEW.type = 'snapshot-window-open';
CREATE TRIGGER c6 AFTER INSERT ON dbz_signal FOR EACH ROW FOLLOWS c5 UPDATE tally SET n = n + 1 WHERE id = 2 AND NEW.type = 'snapshot-window-close';
-- property: snapshot.mode = no_data
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.t","inv.tally"]}');
-- until: COMPLETED, "id":"s-1"
DROP TRIGGER c1;
DROP TRIGGER c2;
DROP TRIGGER c3;
DROP TRIGGER c4;
DROP TRIGGER c5;
DROP TRIGGER c6;
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"data-collections":["inv.t","inv.u"]}');
-- until: COMPLETED, "id":"s-2"
