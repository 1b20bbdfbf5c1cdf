-- XA transactions: states, names, what each state allows.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: two phases
CREATE TABLE t (id INT PRIMARY KEY, v INT);
XA START 'conf_a';
INSERT INTO t VALUES (1, 10), (2, 20);
SELECT * FROM t ORDER BY id;
XA END 'conf_a';
XA PREPARE 'conf_a';
SELECT * FROM t;
XA RECOVER;
XA RECOVER CONVERT XID;
XA START 'conf_a';
XA COMMIT 'conf_a';
SELECT * FROM t ORDER BY id;
XA RECOVER;
XA COMMIT 'conf_a';

-- script: one phase
CREATE TABLE t (id INT PRIMARY KEY, v INT);
XA BEGIN 'conf_b';
INSERT INTO t VALUES (1, 1);
UPDATE t SET v = 2;
XA END 'conf_b';
XA COMMIT 'conf_b' ONE PHASE;
SELECT * FROM t;
XA START 'conf_b';
DELETE FROM t;
XA END 'conf_b';
XA ROLLBACK 'conf_b';
SELECT * FROM t;
XA START 'conf_b';
INSERT INTO t VALUES (2, 2);
XA END 'conf_b';
XA PREPARE 'conf_b';
XA ROLLBACK 'conf_b';
SELECT * FROM t;
XA START 'conf_b';
INSERT INTO t VALUES (3, 3);
XA END 'conf_b';
XA PREPARE 'conf_b';
XA COMMIT 'conf_b' ONE PHASE;
SELECT * FROM t ORDER BY id;
XA START 'conf_r';
SELECT * FROM t ORDER BY id;
XA END 'conf_r';
XA PREPARE 'conf_r';
XA COMMIT 'conf_r';

-- script: what an active one allows
CREATE TABLE t (id INT PRIMARY KEY, v INT);
XA START 'conf_c';
XA START 'conf_d';
COMMIT;
ROLLBACK;
BEGIN;
CREATE TABLE u (i INT);
DROP TABLE t;
LOCK TABLES t READ;
SAVEPOINT s;
INSERT INTO t VALUES (1, 1);
ROLLBACK TO SAVEPOINT s;
INSERT INTO t VALUES (2, 2);
XA PREPARE 'conf_c';
XA COMMIT 'conf_c';
XA COMMIT 'conf_c' ONE PHASE;
XA ROLLBACK 'conf_c';
XA END 'conf_x';
XA END 'conf_c';
XA END 'conf_c';
SELECT * FROM t;
INSERT INTO t VALUES (3, 3);
SELECT 1;
SET @a = 1;
COMMIT;
ROLLBACK;
BEGIN;
XA START 'conf_d';
XA COMMIT 'conf_c';
XA COMMIT 'conf_x' ONE PHASE;
XA PREPARE 'conf_x';
XA COMMIT 'conf_c' ONE PHASE;
SELECT * FROM t;

-- script: outside
CREATE TABLE t (id INT PRIMARY KEY, v INT);
XA PREPARE 'conf_e';
XA END 'conf_e';
XA COMMIT 'conf_e';
XA COMMIT 'conf_e' ONE PHASE;
XA ROLLBACK 'conf_e';
BEGIN;
XA START 'conf_e';
XA COMMIT 'conf_e';
XA ROLLBACK 'conf_e';
ROLLBACK;
LOCK TABLES t WRITE;
XA START 'conf_e';
UNLOCK TABLES;
SET autocommit = 0;
XA START 'conf_e';
INSERT INTO t VALUES (1, 1);
XA END 'conf_e';
XA COMMIT 'conf_e' ONE PHASE;
ROLLBACK;
SELECT * FROM t;

-- script: names
XA START 'conf_f' JOIN;
XA START 'conf_f' RESUME;
XA START 'conf_f', 'branch', 7;
XA END 'conf_f';
XA END 'conf_f', 'branch', 7 SUSPEND;
XA END 'conf_f', 'branch', 7 SUSPEND FOR MIGRATE;
XA END 'conf_f', 'branch', 7;
XA PREPARE 'conf_f', 'branch', 7;
XA RECOVER;
XA RECOVER CONVERT XID;
XA ROLLBACK 'conf_f', 'branch';
XA ROLLBACK 'conf_f', 'branch', 7;
XA BEGIN x'636F6E66';
XA END 'conf';
XA ROLLBACK 0x636F6E66;
XA START '';
XA END '';
XA COMMIT '' ONE PHASE;
XA START '0123456789012345678901234567890123456789012345678901234567890123';
XA END '0123456789012345678901234567890123456789012345678901234567890123';
XA COMMIT '0123456789012345678901234567890123456789012345678901234567890123' ONE PHASE;
XA FOO 'conf_f';

-- script: sessions
CREATE TABLE t (id INT PRIMARY KEY, v INT);
XA START 'conf_g';
INSERT INTO t VALUES (1, 1);
-- conn: 1
XA START 'conf_g';
XA COMMIT 'conf_g';
XA ROLLBACK 'conf_g';
-- conn: 0
XA END 'conf_g';
XA PREPARE 'conf_g';
-- conn: 1
SELECT * FROM t;
XA START 'conf_h';
INSERT INTO t VALUES (2, 2);
XA COMMIT 'conf_g';
XA END 'conf_h';
XA PREPARE 'conf_h';
XA COMMIT 'conf_g';
SELECT * FROM t;
-- conn: 0
XA ROLLBACK 'conf_h';
SELECT * FROM t;
