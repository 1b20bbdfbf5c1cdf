-- Incremental snapshots by keys of many types: in the table's own, in those of message.key.columns, in a surrogate key; with conditions.
CREATE DATABASE inv;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE k_dec (k DECIMAL(12,3) PRIMARY KEY, v INT);
INSERT INTO k_dec VALUES (-1.5,1),(0,2),(10.125,3),(2.25,4),(999999999.999,5);
CREATE TABLE k_ubig (k BIGINT UNSIGNED PRIMARY KEY, v INT);
INSERT INTO k_ubig VALUES (0,1),(9223372036854775807,2),(922337203685477580,3),(7,4);
CREATE TABLE k_time (d DATETIME(6), y YEAR, PRIMARY KEY (y, d)) ;
INSERT INTO k_time VALUES ('2024-01-01 00:00:00.000001',2020),('2023-01-01 10:20:30',2020),('2024-06-01 00:00:00',1999),('2000-02-29 23:59:59.999999',2155);
CREATE TABLE k_text (a CHAR(4) COLLATE utf8mb4_bin, b VARCHAR(10) CHARACTER SET latin1, c SMALLINT, PRIMARY KEY (a, b, c));
INSERT INTO k_text VALUES ('a','x',1),('A','x',1),('a','X y',2),('b','',-1),('','ü',3);
CREATE TABLE k_bool (t BOOLEAN, s SMALLINT UNSIGNED, m MEDIUMINT, PRIMARY KEY (t, s, m));
INSERT INTO k_bool VALUES (TRUE,65535,-8388608),(FALSE,0,5),(TRUE,1,1),(FALSE,0,-5);
CREATE TABLE k_uniq (a INT NOT NULL, b INT NULL, c VARCHAR(5) NOT NULL, UNIQUE KEY one (c), UNIQUE KEY two (a));
INSERT INTO k_uniq VALUES (3,1,'q'),(1,2,'r'),(2,NULL,'p');
CREATE TABLE k_own (id INT PRIMARY KEY, grp INT NOT NULL, name VARCHAR(5) NOT NULL, INDEX (grp, name));
INSERT INTO k_own VALUES (1,2,'b'),(2,1,'a'),(3,2,'a'),(4,1,'c'),(5,3,'z');
CREATE TABLE k_none (a INT, b VARCHAR(5));
INSERT INTO k_none VALUES (1,'p'),(2,'q'),(2,'q');
CREATE TABLE k_gen (id INT PRIMARY KEY, a INT, b INT GENERATED ALWAYS AS (a * 2) VIRTUAL, c INT GENERATED ALWAYS AS (a + 1) STORED);
INSERT INTO k_gen (id, a) VALUES (1,1),(2,NULL),(3,3);
-- property: snapshot.mode = no_data
-- property: message.key.columns = inv.k_own:grp,name
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO dbz_signal VALUES ('s-1','execute-snapshot','{"data-collections":["inv.k_dec","inv.k_ubig"]}');
-- until: COMPLETED, "id":"s-1"
INSERT INTO dbz_signal VALUES ('s-2','execute-snapshot','{"data-collections":["inv.k_time","inv.k_text","inv.k_bool"]}');
-- until: COMPLETED, "id":"s-2"
INSERT INTO dbz_signal VALUES ('s-3','execute-snapshot','{"data-collections":["inv.k_uniq","inv.k_own","inv.k_none"]}');
-- until: COMPLETED, "id":"s-3"
INSERT INTO dbz_signal VALUES ('s-4','execute-snapshot','{"data-collections":["inv.k_gen"]}');
-- until: COMPLETED, "id":"s-4"
INSERT INTO dbz_signal VALUES ('s-5','execute-snapshot','{"data-collections":["inv.k_own"],"surrogate-key":"id"}');
-- until: COMPLETED, "id":"s-5"
INSERT INTO dbz_signal VALUES ('s-6','execute-snapshot','{"data-collections":["inv.k_dec","inv.k_own","inv.k_ubig"],"additional-conditions":[{"data-collection":"INV.K_DEC","filter":"v BETWEEN 2 AND 4"},{"data-collection":"inv.k_(own|ubig)","filter":"MOD(k_own.id, 2) = 1"},{"data-collection":"inv.k_ubig","filter":"v > 3"}]}');
-- until: COMPLETED, "id":"s-6"
INSERT INTO dbz_signal VALUES ('s-7','execute-snapshot','{"data-collections":["inv.k_text"],"additional-conditions":[{"data-collection":"inv.k_text","filter":"c = 100"}]}');
-- until: COMPLETED, "id":"s-7"
INSERT INTO dbz_signal VALUES ('s-8','execute-snapshot','{"data-collections":["inv.k_dec","inv.k_dec","inv.k_de."]}');
-- until: COMPLETED, "id":"s-8"
