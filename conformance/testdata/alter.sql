-- ALTER TABLE with several actions: each names columns as they were before the statement.
-- ignore always: length, decimals, charset, flags, table, sizes
-- script: names before and after one ALTER TABLE
create table at1 (pk int primary key, a int, b int, c int default (a+1), g int generated always as (a*2));
alter table at1 rename column a to b, rename column b to a;
show create table at1;
alter table at1 drop column c, drop column g;
alter table at1 rename column a to b, rename column b to a;
show create table at1;
alter table at1 add column n int, rename column n to m;
alter table at1 add column n int, modify column n bigint;
alter table at1 rename column a to x, drop column x;
alter table at1 rename column a to x, drop column a;
alter table at1 drop column a, add column a varchar(5) after pk;
show create table at1;
alter table at1 add column a int;
alter table at1 rename column a to B;
alter table at1 rename column a to n, rename column b to N;
alter table at1 change a b int, change b a varchar(7);
show create table at1;
alter table at1 rename column pk to pk2, rename column pk2 to pk3;
alter table at1 add column z int first, alter column z set default 3;
alter table at1 drop column a, drop column b, drop column pk;
alter table at1 drop column a, drop column b, drop column pk, add column q int;
show create table at1;
create table at2 (a int, b int default (a+1));
alter table at2 drop column a;
alter table at2 rename column a to c;
alter table at2 drop column a, drop column b, add z int;
create table at3 (a int generated always as (@x));
create table at4 (a int, b int, key k(a,b));
alter table at4 rename column a to b, rename column b to a, add index k2 (a);
show create table at4;
insert into at4 values (1,2);
alter table at4 change a c int after b, add column d int first;
select * from at4;
show create table at4;

-- script: AFTER knows columns by their new names
-- setup
CREATE TABLE t (a INT, b INT, c INT);
-- test
ALTER TABLE t MODIFY a INT AFTER c, RENAME COLUMN c TO d;
ALTER TABLE t RENAME COLUMN c TO d, MODIFY a INT AFTER d;
SHOW CREATE TABLE t;
ALTER TABLE t MODIFY a INT FIRST, RENAME COLUMN d TO c, MODIFY b INT AFTER c;
SHOW CREATE TABLE t;
ALTER TABLE t MODIFY b INT AFTER a, CHANGE a a2 INT;
ALTER TABLE t CHANGE a a2 INT, MODIFY b INT AFTER a2;
ALTER TABLE t MODIFY c INT AFTER a3, CHANGE a2 a3 INT;
ALTER TABLE t ADD z INT AFTER a4, CHANGE a3 a4 INT;
ALTER TABLE t ADD y INT AFTER x, ADD x INT;
ALTER TABLE t ADD x INT, ADD y INT AFTER x;
SHOW CREATE TABLE t;
