-- Which rows FOR UPDATE and FOR SHARE lock: those of the tables that the SELECT itself names.
-- ignore always: length, decimals, charset, flags, table, sizes, warnings

-- script: a derived table
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from (select * from a where id = 1) d for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a derived table with LIMIT
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from b join (select * from a where id = 1 limit 1) d on b.id = d.id where b.id = 1 for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE in a derived table
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from (select * from a where id = 1 for update) d join b on b.id = d.id where b.id = 1;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR SHARE in a derived table
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from (select * from a where id = 1 for share) d join b on b.id = d.id where b.id = 1 for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE in a derived table of a derived table
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from (select * from (select * from a where id = 1 for update) e) d;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a common table expression
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
with c as (select * from a where id = 1) select * from c join b on b.id = c.id where b.id = 1 for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE in a common table expression
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
with c as (select * from a where id = 1 for update) select * from c join b on b.id = c.id where b.id = 1;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a common table expression of a locked query
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
with c as (select 1 as n), e as (select n from c) select * from (select a.* from a join e on a.id = e.n where a.id = 1 for update) d;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a subquery of a locked query
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from b where id = 1 and exists (select 1 from a where a.id = 1) for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE in EXISTS
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from b where id = 1 and exists (select 1 from a where a.id = 1 for update);
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE in a scalar subquery
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select (select x from a where id = 1 for update) as z, y from b where id = 1;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE in IN
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from b where id in (select id from a where id = 1 for update) and id = 1;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: each side of a UNION has its clause
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
(select id from a where id = 1 for update) union (select id from b where id = 1 for share);
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE behind a UNION is that of its last side
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select id from a where id = 1 union select id from b where id = 1 for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE behind a UNION in a derived table
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from (select id from a where id = 1 union select id from b where id = 1 for update) d;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a view is put into the query
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from va for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a view of groups is not
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from vu where id = 1 for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: FOR UPDATE of a view counts for nothing
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from vl;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a view that OF leaves out
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from va join b on b.id = va.id where b.id = 1 for update of b;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: a view that OF names
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from va join b on b.id = va.id where b.id = 1 for update of va;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: OF in a derived table
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select * from (select a.id, y from a join b on b.id = a.id where a.id = 1 and b.id = 1 for update of b) d;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: ROLLUP
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select x, count(*) from a where id = 1 group by x with rollup for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: DISTINCT
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select distinct x from a where id = 1 for update;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: groups
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
create view va as select * from a where id = 1;
create view vu as select id, x from a group by id, x;
create view vl as select * from a where id = 1 for update;
begin;
-- text
select x, count(*) from a where id = 1 group by x for share;
-- conn: 1
begin;
-- text
select id from a where id = 1 for share nowait;
-- text
select id from b where id = 1 for share nowait;
-- text
select id from a where id = 1 for update nowait;
-- text
select id from b where id = 1 for update nowait;
-- text
select id from a where id = 2 for update nowait;
rollback;
-- conn: 0
commit;

-- script: OF names tables of its own SELECT
create table a (id int primary key, x int);
insert into a values (1, 1);
create view vu as select id, x from a group by id, x;
select * from a where id = 1 for update of b;
select * from (select * from a where id = 1) d for update of d;
select * from (select * from a where id = 1) d for update of a;
select * from (select * from a where id = 1 for update of d) d;
select a.id from a join json_table('[1]', '$[*]' columns (v int path '$')) j on a.id = j.v for update of j;
select * from a, lateral (select a.id + 1 as n) l for update of l;
select * from vu where id = 1 for update of vu;
with c as (select * from a where id = 1) select * from c for update of c;
select * from (select id from a where id = 1 for update of a) d join a on a.id = d.id for update of b;

-- script: SKIP LOCKED and NOWAIT inside of a query
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
begin;
select * from a where id = 1 for update;
-- conn: 1
begin;
-- text
select b.* from (select id from a order by id limit 1 for update skip locked) d join b on b.id = d.id;
-- text
select b.* from (select id from a where id = 1 for update nowait) d join b on b.id = d.id;
-- text
select y from b where id = (select id from a where id in (1, 2, 3) order by id limit 1 for update skip locked);
rollback;
-- conn: 0
-- text
select id from a where id = 2 for update nowait;
commit;

-- script: what is only read may change
create table a (id int primary key, x int);
create table b (id int primary key, y int);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 5), (2, 6), (3, 7);
begin;
select * from b join (select max(x) as x from a) d on b.id = d.x where b.id = 3 for update;
-- conn: 1
update a set x = x + 10;
insert into a values (4, 4);
-- conn: 0
update b set y = 8 where id = 3;
commit;
select * from a order by id;
select * from b order by id;

-- script: definitions under LOCK TABLES
create table a (i int);
create table b (i int);
lock tables a write;
create table n like a;
create table if not exists a (i int);
create view v as select * from a;
create procedure p() select 1;
create trigger tr before insert on a for each row set @x = 1;
drop trigger tr;
truncate table b;
alter table a rename to a2;
select * from a2;
select * from b;
drop table a2;
select count(*) from b;
insert into b values (1);
create table a (i int);
lock tables a write, b write;
drop table a;
select count(*) from b;
create table c (i int);
drop table b;
create table c (i int);
select * from c;
lock tables c read;
drop table c;
select * from c;
unlock tables;
