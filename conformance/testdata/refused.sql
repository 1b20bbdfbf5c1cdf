-- ignore always: length, decimals, charset, flags, table, sizes

-- script: algorithms and locks that a change cannot have
CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int first, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int first, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int first, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int generated always as (a+1) stored, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int generated always as (a+1) stored, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int generated always as (a+1) stored, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int auto_increment unique, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int auto_increment unique, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int auto_increment unique, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop column b, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop column b, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop column b, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop column d, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop column d, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop column d, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b bigint, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b bigint, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b bigint, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int not null, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int not null, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int not null, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int first, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int first, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int first, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int default 7, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int default 7, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify b int default 7, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(20), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(20), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(20), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(5), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(5), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(5), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(300), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(300), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(300), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(10) character set latin1, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(10) character set latin1, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c varchar(10) character set latin1, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c text, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c text, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify c text, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify e enum('a','b','c'), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify e enum('a','b','c'), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify e enum('a','b','c'), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify e enum('b','a'), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify e enum('b','a'), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t modify e enum('b','a'), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t change b bb int, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t change b bb int, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t change b bb int, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename column b to bb, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename column b to bb, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename column b to bb, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t alter b set default 5, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t alter b set default 5, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t alter b set default 5, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add index (c), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add index (c), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add index (c), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add unique (c), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add unique (c), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add unique (c), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add fulltext (c), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add fulltext (c), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add fulltext (c), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop index b, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop index b, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop index b, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename index b to bb, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename index b to bb, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename index b to bb, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t alter index b invisible, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t alter index b invisible, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t alter index b invisible, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop primary key, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop primary key, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop primary key, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop primary key, add primary key(b), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop primary key, add primary key(b), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop primary key, add primary key(b), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add primary key (b), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add primary key (b), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add primary key (b), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add constraint ck check (b > 0), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add constraint ck check (b > 0), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add constraint ck check (b > 0), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop check ck0, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop check ck0, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop check ck0, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add foreign key (b) references p(id), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add foreign key (b) references p(id), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add foreign key (b) references p(id), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop foreign key fk0, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop foreign key fk0, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t drop foreign key fk0, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t convert to character set latin1, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t convert to character set latin1, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t convert to character set latin1, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t engine=innodb, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t engine=innodb, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t engine=innodb, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t force, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t force, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t force, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t comment='x', ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t comment='x', ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t comment='x', LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t auto_increment=100, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t auto_increment=100, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t auto_increment=100, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename to t9, ALGORITHM=INSTANT;
DROP TABLE IF EXISTS t9;
DROP TABLE IF EXISTS t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename to t9, ALGORITHM=INPLACE;
DROP TABLE IF EXISTS t9;
DROP TABLE IF EXISTS t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t rename to t9, LOCK=NONE;
DROP TABLE IF EXISTS t9;
DROP TABLE IF EXISTS t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, add index(c), ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, add index(c), ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, add index(c), LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, modify b bigint, ALGORITHM=INSTANT;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, modify b bigint, ALGORITHM=INPLACE;
DROP TABLE t;
CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c VARCHAR(10), d INT, e ENUM('a','b'), x INT, PRIMARY KEY (a), KEY b (b), CONSTRAINT ck0 CHECK (x > 0), CONSTRAINT fk0 FOREIGN KEY (x) REFERENCES p (id));
-- ignore: warnings, affected
ALTER TABLE t add column q1 int, modify b bigint, LOCK=NONE;
DROP TABLE t;
CREATE TABLE t (a INT PRIMARY KEY, b INT, c VARCHAR(10));
INSERT INTO t VALUES (1, 1, 'a');
CREATE INDEX i1 ON t (b) ALGORITHM=INSTANT;
CREATE INDEX i1 ON t (b) ALGORITHM=INPLACE LOCK=NONE;
CREATE INDEX i2 ON t (c) ALGORITHM=COPY LOCK=NONE;
CREATE INDEX i2 ON t (c) ALGORITHM=COPY;
DROP INDEX i1 ON t ALGORITHM=INSTANT;
DROP INDEX i1 ON t ALGORITHM=INPLACE;
ALTER TABLE t MODIFY c VARCHAR(300) NOT NULL, ALGORITHM=COPY, LOCK=NONE;
ALTER TABLE t COMMENT='x', ALGORITHM=COPY, LOCK=SHARED;

-- script: names under lock tables
CREATE TABLE t (a INT PRIMARY KEY, b INT);
CREATE TABLE child (a INT, FOREIGN KEY (a) REFERENCES t (a));
CREATE VIEW v AS SELECT a FROM t;
INSERT INTO t VALUES (1, 1), (2, 2);
LOCK TABLES t AS x READ;
SELECT * FROM t;
SELECT * FROM t AS x;
SELECT * FROM t x WHERE a = 1;
SELECT * FROM t AS y;
SELECT * FROM t AS x WHERE a IN (SELECT a FROM t);
UNLOCK TABLES;
LOCK TABLES t WRITE, t AS z READ;
SELECT COUNT(*) FROM t, t z;
SELECT COUNT(*) FROM t, t w;
INSERT INTO t SELECT a + 10, b FROM t AS z;
INSERT INTO t SELECT a + 20, b FROM t AS q;
UPDATE t SET b = 7 WHERE a = 1;
UPDATE t AS q SET b = 8;
DELETE q FROM t AS q WHERE a = 1;
DELETE FROM t WHERE a = 2;
UNLOCK TABLES;
LOCK TABLES v READ;
SELECT * FROM v;
UNLOCK TABLES;
LOCK TABLES child WRITE;
INSERT INTO child VALUES (1);
UNLOCK TABLES;
LOCK TABLES t AS x WRITE;
INSERT INTO t VALUES (50, 1);
UPDATE t AS x SET b = 9 WHERE a = 1;
UNLOCK TABLES;

-- script: a recursive name in more than one place
WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT a.n + 1 FROM r a, r b WHERE a.n < 3) SELECT * FROM r;
WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n IN (SELECT n FROM r)) SELECT * FROM r;
WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + (SELECT MAX(n) FROM r) FROM r WHERE n < 3) SELECT * FROM r;
WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r a JOIN r b USING (n);

-- script: the end of auto_increment
CREATE TABLE u (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, x INT);
INSERT INTO u VALUES (18446744073709551615, 1);
INSERT INTO u (x) VALUES (2);
CREATE TABLE u2 (id TINYINT AUTO_INCREMENT PRIMARY KEY, x INT);
INSERT INTO u2 VALUES (127, 1);
INSERT INTO u2 (x) VALUES (2);
CREATE TABLE u3 (id BIGINT AUTO_INCREMENT PRIMARY KEY, x INT);
INSERT INTO u3 VALUES (9223372036854775807, 1);
INSERT INTO u3 (x) VALUES (2);
CREATE TABLE u4 (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, x INT) AUTO_INCREMENT = 18446744073709551615;
INSERT INTO u4 (x) VALUES (2);
INSERT INTO u4 (x) VALUES (2);
CREATE TABLE u5 (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, x INT);
INSERT INTO u5 VALUES (18446744073709551614, 1);
INSERT INTO u5 (x) VALUES (2);
CREATE TABLE u6 (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, x INT);
INSERT INTO u6 VALUES (9223372036854775807, 1);
INSERT INTO u6 (x) VALUES (2), (3);
INSERT INTO u6 VALUES (9223372036854775900, 1);
INSERT INTO u6 (x) VALUES (4);
SELECT * FROM u6;
SELECT LAST_INSERT_ID();

-- script: limits for an hour
CREATE USER '{database}_q'@'%' IDENTIFIED BY 'x' WITH MAX_QUERIES_PER_HOUR 3;
CREATE USER '{database}_u'@'%' IDENTIFIED BY 'x' WITH MAX_UPDATES_PER_HOUR 2;
CREATE USER '{database}_c'@'%' IDENTIFIED BY 'x' WITH MAX_CONNECTIONS_PER_HOUR 2;
GRANT ALL ON {database}.* TO '{database}_q'@'%', '{database}_u'@'%', '{database}_c'@'%';
CREATE TABLE {database}.t (a INT);
-- conn: 1 as {database}_u:x
SET @a = 1;
INSERT INTO {database}.t VALUES (1);
CREATE TABLE {database}.t2 (a INT);
INSERT INTO {database}.t VALUES (2);
DELETE FROM {database}.t;
-- text
SELECT * FROM {database}.t;
-- conn: 2 as {database}_c:x
DO 1;
-- conn: 3 as {database}_c:x
DO 1;
-- conn: 4 as {database}_c:x
-- refused
DO 1;
-- conn: 0
FLUSH USER_RESOURCES;
-- conn: 1
INSERT INTO {database}.t VALUES (2);
-- conn: 5 as {database}_c:x
DO 1;
-- conn: 6 as {database}_q:x
DO 1;
DO 2;
DO 3;
DO 4;
DO 5;
-- conn: 0
DROP USER '{database}_q'@'%', '{database}_u'@'%', '{database}_c'@'%';
