-- Incremental snapshots through the signalling table, of all sorts of tables, with changes within each window.
-- least: 98.5
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE t (id INT PRIMARY KEY, v INT);
INSERT INTO t VALUES (1,10),(2,20),(3,30),(4,40),(5,50);
CREATE TABLE u (a VARCHAR(5), b INT, c INT, PRIMARY KEY (b, a));
INSERT INTO u VALUES ('x',1,1),('y',1,2),('a',2,3);
CREATE TABLE nokey (a INT, b VARCHAR(5));
INSERT INTO nokey VALUES (1,'p'),(2,'q');
CREATE TABLE t_uniq (a INT, b VARCHAR(5) NOT NULL, UNIQUE KEY (b));
INSERT INTO t_uniq VALUES (1,'z'),(2,'m'),(3,'a');
CREATE TABLE t_text (k VARCHAR(10) PRIMARY KEY, v INT);
INSERT INTO t_text VALUES ('b',1),('B2',2),('a''x',3),('',4),('é',5);
CREATE TABLE t_bin (k VARBINARY(4), d DECIMAL(6,2), dt DATE, PRIMARY KEY (d, dt, k));
INSERT INTO t_bin VALUES (X'0001',1.50,'2024-01-01'),(X'ff',-2.00,'2023-12-31'),(X'',1.50,'2024-01-01');
CREATE TABLE t_empty (id INT PRIMARY KEY);
CREATE TABLE t_big (id BIGINT UNSIGNED PRIMARY KEY, ts TIMESTAMP(3) NULL, f DOUBLE);
INSERT INTO t_big VALUES (9223372036854775807,'2024-01-01 00:00:00.5',1.5),(1,NULL,-0.25),(20,NULL,NULL);
CREATE TRIGGER overtake AFTER INSERT ON dbz_signal FOR EACH ROW UPDATE t SET v = v + 1 WHERE id = 3 AND NEW.type = 'snapshot-window-open';
-- property: snapshot.mode = no_data
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.t"]}');
-- until: COMPLETED, "id":"s-1"
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"data-collections":["inv\\\\.t_.*"]}');
-- until: COMPLETED, "id":"s-2"
INSERT INTO dbz_signal VALUES ('s-3','execute-snapshot','{"data-collections":["inv.u"], "type": "Incremental"}');
-- until: COMPLETED, "id":"s-3"
INSERT INTO dbz_signal VALUES ('s-4','execute-snapshot','{"data-collections":["inv.nokey"]}');
-- until: COMPLETED, "id":"s-4"
INSERT INTO dbz_signal VALUES ('s-5','execute-snapshot','{"data-collections":["inv.absent","inv.u"]}');
-- until: COMPLETED, "id":"s-5"
INSERT INTO dbz_signal VALUES ('s-6','execute-snapshot','{"data-collections":["inv.t_empty"]}');
-- until: COMPLETED, "id":"s-6"
INSERT INTO dbz_signal VALUES ('s-7','execute-snapshot','{"data-collections":["inv.t","inv.u"],"additional-conditions":[{"data-collection":"inv.t","filter":"id >= 2 AND v < 100"},{"data-collection":"inv.u","filter":"a = ''x'' OR c = 3"}]}');
-- until: COMPLETED, "id":"s-7"
INSERT INTO dbz_signal VALUES ('s-8','execute-snapshot','{"data-collections":["inv.t_uniq"],"surrogate-key":"a"}');
-- until: COMPLETED, "id":"s-8"
INSERT INTO dbz_signal VALUES ('s-9','execute-snapshot','{"data-collections":["inv.nokey"],"surrogate-key":"a"}');
-- until: COMPLETED, "id":"s-9"
