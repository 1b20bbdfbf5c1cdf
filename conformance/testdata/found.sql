-- What statements made by chance have shown (TestRandomStatements).
-- ignore always: length, decimals, charset, flags, table, sizes, warnings

-- script: NULL divided by zero is no error
create table r (id int primary key, y int, v int not null, n int, d double, c decimal(5,2));
insert into r (id, v) values (1,1),(2,2);
update r set y = n / 0;
update r set y = n div 0;
update r set y = n % 0;
update r set y = mod(n, 0);
update r set y = d / 0;
update r set y = c / 0;
update r set y = n / (v - v);
update r set y = v / 0;
update r set y = v div (n + 0);
update r set y = null / 0;
insert into r (id, v, y) values (10, 1, n / 0);
insert into r (id, v, y) values (11, 1, null / 0);
insert into r (id, v, y) values (12, 1, null % 0);
insert into r (id, v, y) values (13, 1, null div 0);
insert into r (id, v, y) values (14, 1, 5 / 0);
insert into r (id, v, y) select id + 20, 1, n / 0 from r where id < 3;
select * from r order by id;

-- script: ROLLUP of no rows, and names in HAVING
create table r (id int primary key, y int, v int not null, n int);
select id from r group by id with rollup;
select id, sum(y) from r group by id with rollup;
select id, v, count(*) from r group by id, v with rollup having count(*) > 0;
select 1 as one, max(y) from r where v > 5 group by one with rollup;
select id, sum(y) as s from r group by id with rollup order by id desc;
insert into r values (1,1,1,null),(2,5,2,null),(3,6,2,null);
select id, sum(y) from r group by id with rollup;
select v, count(*) from r group by v with rollup having count(*) > 1;
select v, any_value(y) > 0 from r group by v with rollup;
select distinct v from r group by v with rollup;
select v as k, sum(y) as y from r group by v having y > 1;
select v as k, sum(mod(y, 9)) as y from r where v > 0 group by k having y > 1 and k > 1;
select v, -y as y from r group by v, y having y > 1;
select v, -y as y from r group by v, r.y having y < -1;
select id, -y as y from r having y < -1;
select v as y, max(y) as z from r group by v having y > 1;
select -v as v, count(*) from r group by r.v having v > 0;
select max(y) as y from r group by v having y > 5 and max(y) > 1;
select v, sum(y) y from r group by v having sum(y) > 2;
select v, count(*) y from r group by v having sum(y) > 2;
select v + 1 as y, count(*) from r group by v + 1 having y > 2;
select v, count(*) as y from r group by v having r.y > 2;

-- script: arithmetic with NULL is of floating point
create table r (id int primary key);
insert into r values (1);
select null * 1, 1 - null, null % 3, null div 3, null / 2, null * 1.5, null + null, id + null from r;

-- script: a DATE takes a fraction of a second into account
create table r (id int primary key, g date, h datetime(3), h0 datetime, i time);
insert into r values (1, null, '1999-12-31 23:59:59.999', '1999-12-31 23:59:59.999', null);
update r set g = h;
select g, h, h0 from r;
update r set g = h - interval 30 day;
select g from r;
update r set g = '1999-12-31 23:59:59.999';
select g from r;
update r set g = cast('1999-12-31 23:59:59.999' as datetime(3)), h0 = h;
select g, h0, cast(h as date), date(h), last_day(h), h + interval 1 day from r;
insert into r (id, g) select 2, h from r;
select g from r;
update r set g = coalesce(h, g), i = h;
select g, i from r;
