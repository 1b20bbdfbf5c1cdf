-- snapshot.mode = initial: tables with keys of all sorts and none, empty tables and databases, views; then a restart.
CREATE DATABASE inv;
CREATE DATABASE hollow;
CREATE DATABASE `Zoo` CHARACTER SET latin1;
CREATE DATABASE alpha;
USE inv;
CREATE TABLE dbz_signal (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32) NOT NULL, data VARCHAR(2048) NULL);
CREATE TABLE zz (id INT PRIMARY KEY, v INT);
INSERT INTO zz VALUES (3,1),(1,2),(2,NULL);
CREATE TABLE nokey (a INT, b VARCHAR(10));
INSERT INTO nokey VALUES (2,'x'),(1,'y'),(1,'y'),(NULL,NULL);
CREATE TABLE uniq (a INT, b VARCHAR(10) NOT NULL, c INT NOT NULL, UNIQUE KEY (b), UNIQUE KEY (c, b));
INSERT INTO uniq VALUES (1,'z',1),(2,'a',2);
CREATE TABLE uniqnull (a INT, b VARCHAR(10), UNIQUE KEY (b));
INSERT INTO uniqnull VALUES (1,'z'),(2,NULL),(3,'a');
CREATE TABLE comp (b VARCHAR(10), a INT, c DATE, PRIMARY KEY (a, b));
INSERT INTO comp VALUES ('x',10,'2024-01-01'),('x',9,'2024-01-02'),('a',9,NULL);
CREATE TABLE none (id INT PRIMARY KEY);
CREATE TABLE one (id INT PRIMARY KEY);
INSERT INTO one VALUES (1);
CREATE TABLE `Upper` (id INT PRIMARY KEY);
INSERT INTO `Upper` VALUES (1);
CREATE TABLE `odd-na me` (id BINARY(4) PRIMARY KEY, e ENUM('b','a'), s SET('x','y'));
INSERT INTO `odd-na me` VALUES (X'00000001','a','y,x'),('abcd','b','');
CREATE VIEW v AS SELECT * FROM one;
CREATE TABLE alpha.t (id INT AUTO_INCREMENT PRIMARY KEY, v INT) AUTO_INCREMENT = 7;
INSERT INTO alpha.t (v) VALUES (1),(2);
CREATE TABLE `Zoo`.z (id CHAR(3) PRIMARY KEY, t TIMESTAMP(3) NULL, j JSON, d DECIMAL(10,2)) COMMENT = 'animals';
INSERT INTO `Zoo`.z VALUES ('é','2024-01-01 00:00:00.120','{"a": 1.50}',1.5);
-- start
-- until: COMPLETED, "aggregate_type":"Initial Snapshot"
INSERT INTO zz VALUES (4,4);
UPDATE uniq SET a = 3 WHERE b = 'a';
DELETE FROM nokey WHERE a = 1;
CREATE TABLE later (id INT PRIMARY KEY);
INSERT INTO later VALUES (1);
-- seen: gold.inv.later, "op":"c"
-- stop
INSERT INTO zz VALUES (5,5);
ALTER TABLE zz ADD COLUMN w INT DEFAULT 3;
INSERT INTO zz VALUES (6,6,6);
DROP TABLE later;
-- start
INSERT INTO zz VALUES (7,7,7);
