-- ignore always: length, decimals, charset, flags, table, sizes

-- script: a derived table whose query is ordered or limited again
create table r (a int, b int);
insert into r values (3, 30), (7, 70), (1, 10), (2, 20), (4, 40), (1, 5);
-- ordered
select * from ((select * from r order by a, b limit 2) order by b desc) d;
-- ordered
select * from (((select * from r order by a, b) limit 2) order by b desc) as d;
select * from ((select a from r order by a limit 1) union (select 9) order by 1 desc limit 1) d;
select * from ((select a from r order by a limit 1)) d order by a limit 1;
select * from ((select a from r order by a limit 1) d join (select 1 x limit 1) e) limit 2;
select group_concat((select 1 limit 1) order by b) from r;
(select * from r order by a, b) limit 2;
(select * from r order by a, b limit 3) limit 2;

-- script: GROUP BY names a column of the select list that several tables have
create table r (a int, b int);
create table s (a int, b int, c int);
insert into r values (3, 30), (1, 10), (2, 20), (1, 5);
insert into s values (1, 10, 5), (2, 20, 6);
select r.a, count(*) from r join s on r.a = s.a group by a order by a;
select r.a, s.b, count(*) from r join s on r.a = s.a group by a, b order by a, b;
select r.a x, count(*) from r join s on r.a = s.a group by a;
select r.a, count(*) from r join s on r.a = s.a group by a with rollup;
select r.a from r join s on r.a = s.a group by a having a > 1;
select r.a, s.a from r join s on r.a = s.a group by a;
select r.b from r join s on r.a = s.a group by a;
select distinct r.a from r join s on r.a = s.a group by a order by a;

-- script: an aggregate beside ANY and ALL
create table r (a int, b int);
create table s (a int, b int, c int);
insert into r values (3, 30), (7, 70), (1, 10), (2, 20), (4, 40), (1, 5);
insert into s values (1, 10, 5), (2, 20, 6);
select a, count(*) c from r group by a having count(*) >= all (select count(*) from r group by a);
select a, count(*) c from r group by a having c >= all (select count(*) from r group by a);
select a from r group by a having max(b) >= all (select b from r);
select a from r group by a having max(b) <> all (select b from r where b > 20) order by a;
select a from r group by a having max(b) <> any (select b from r where b > 20) order by a;
select a from r group by a having avg(b) < any (select c from s) order by a;
select a from r group by a having max(b) < all (select b from s where 0) order by a;
select a, max(b) > all (select b from s union select null) x, max(b) > any (select b from s union select null) y from r group by a order by a;
select a from r group by a order by sum(b) > all (select 1), a;
select max(b) = any (select b from r) from r;

-- script: ROLLUP without aggregates
create table r (a int, b int, d date);
insert into r values (10, 1, '2001-01-01'), (20, 2, '1989-01-01'), (30, 1, null), (10, 4, '2001-01-01');
create table s (a int);
insert into s select a from r;
select d from r group by d with rollup having d > '1990-01-01';
select * from s group by a with rollup;
select * from (select * from s group by a with rollup) x order by a;
select s.* from s group by a with rollup having a is null;
select a, a + 1 as b from r group by a with rollup having b > 12;
select left(d, 4), d, sum(b) from r group by 1, 2 with rollup;
select left(d, 4) x, d, sum(b), concat(left(d, 4), 'x') from r group by x, d with rollup;
select a + 1, a, count(*) from r group by a + 1, a with rollup having a + 1 > 11;
select grouping(a + 1), a + 1 from r group by a + 1 with rollup;

-- script: a view whose table lost a column, written to
create table r (id int, v int);
create view w as select id, v from r;
alter table r drop column v;
insert into w values (1, 2);
insert into w (id) values (1);
update w set id = 1;
delete from w;
select * from w;
