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

-- script: RAND of a constant goes on from row to row
create table r (a int, s varchar(5));
insert into r values (1, '3'), (2, '1'), (3, null), (4, '7'), (5, 'x');
select rand(2) from r;
-- ordered
select a from r order by rand(10);
-- ordered
select a from r order by rand(10);
select rand(3), rand(3) from r;
select rand(a), rand(1 + 1), rand(rand(1)) from r;
select rand(null), rand('7') from r;
select a from r where rand(5) < 0.5;
set @n = 4;
select rand(@n) from r;
select rand(4) from r limit 2;
prepare p from 'select rand(?), rand(3) from r';
execute p using @n;
execute p using @n;
select round(rand(3), 3) x, count(*) from r group by x;
insert into r (a) select rand(7) * 1000 from r;
select a from r;

-- script: years of two digits beside a column
create table r (y year, n int);
insert into r values (2010, 1), (1993, 2), (2000, 3), (0, 4), (null, 5);
select y from r where y = 93;
select y from r where y = '93';
select y from r where 93 = y;
select y from r where y = 1993 and y = 93;
select y from r where y >= 10;
select y from r where y between 90 and 10;
select y from r where y between '90' and '10';
select y from r where y in (10, 93);
select y from r where y = 0;
select y from r where y = '0';
select y from r where y = '00';
select y from r where y <> 93;
select y <=> 93 from r;
select y + 0 = 93 from r;
select y = n + 92 from r;
select max(y) = 10 from r;
select y from r having y = 10;
select * from r where y = 93.5;
select * from r where y = -1;
select * from r where y > 99;
select * from r where y < 100;
select case y when 93 then 'a' else 'b' end from r;
prepare p from 'select y from r where y = ?';
set @x = 93;
execute p using @x;
set @x = '10';
execute p using @x;
delete from r where y = 93;
update r set n = 9 where y = 10;
select * from r;
select d.y from (select distinct y from r) d where d.y = 10;

-- script: SOUNDEX counts equal codes once
select soundex('hello all folks'), soundex('Tymczak'), soundex('Pfister'), soundex('Ashcraft'), soundex('tat'), soundex('Robert'), soundex('llama'), soundex('WWW whhww'), soundex('bob'), soundex('aba');

-- script: text that date arithmetic makes has a fraction if there is one
select subtime("1997-12-31 23:59:59.999999", "1998-01-01 01:01:01.999999"), addtime('01:00:00.5', '00:00:00.5'), addtime('01:00:00', '00:00:00.5'), addtime('2020-01-01 01:00:00.5', '-00:00:00.5');
select '2011-01-02 12:13:14.5' + interval 500000 microsecond, '2011-01-02 12:13:14.5' + interval 1 microsecond;
select date_add('2011-01-02 12:13:14', interval 0 microsecond), date_add('2011-01-02', interval 1000000 microsecond);
select date_add('2011-01-02 12:13:14', interval '1.5' second), date_add('2011-01-02 12:13:14.5', interval '1' second), date_add('2011-01-02 12:13:14', interval '1 1:1:1.0' day_microsecond);
select addtime(cast('01:00:00.5' as time(1)), '00:00:00.5'), addtime(timestamp'2020-01-01 00:00:00.5', '00:00:00.5');
select sec_to_time(3020399.99999), sec_to_time(3020400), sec_to_time(-3020399.999999), sec_to_time(-3020400.5);

-- script: CREATE TABLE of a query over a program's variables
create table r (a int, b int);
insert into r values (1, 2), (3, 4);
--{
create procedure p(v datetime) begin declare x decimal(6,3) default 3.5; create temporary table tw as select v, x, v as y, a + v as z from r; show create table tw; select * from tw; insert into tw select v, x, v, 1; select count(*) from tw; drop temporary table tw; end
--}
call p('2001-02-03');
call p('2001-02-04');
--{
create procedure q(v varchar(10)) begin create table tz (id int primary key) select a id, v from r where a > v; select * from tz; drop table tz; end
--}
call q('1');
call q('0');

-- script: BETWEEN compares all three as one type
-- ignore always: warnings
create table r (c1 text, c2 varchar(10), c3 varbinary(10), r1 bigint, r2 bigint, d decimal(10, 2), f double, e enum('1', '2'));
insert into r values ('1', '1', '1', 2739499741191602369, 2739499741191602369, 1.5, 1.5, '1'), ('-2', '-2', '-2', 2739499741191602192, 2739499741191602192, -1.5, 0.1, '2'), ('3', 'a', '3', 5, 6, 3, 0.1, null);
select c1 from r where 'a' between 0 and c1;
select c2 from r where 'a' between 0 and c2;
select c3 from r where 'a' between 0 and c3;
select c1 from r where '#' between c1 and 0;
select r1 from r where '2739499741191602192' between r1 and r2;
select r1 from r where '5' between r1 and r2;
select r1 from r where r1 between '5' and '6';
select r1 from r where r1 between '5' and 6;
select r1 from r where r1 between '5' and r2;
select r1 from r where r1 not between '5' and r2;
select c1 from r where c1 between '1' and 3;
select c1 from r where c1 between 1 and 3;
select c1 from r where c1 between '1' and '3';
select d from r where d between '1' and '2';
select d from r where d between '1' and f;
select f from r where f between '0.1' and c1;
select f from r where f between c1 and 3;
select e from r where e between '1' and 1;
select c2 from r where c2 between 'a' and null;
select 'a' between 1 and null, null between '1' and 2, 5 between 'a' and null;
select 1 between '0' and '2', '1' between 0 and '2', 'b' between 'a' and 'c', 10 between '9' and '11', '10' between 9 and '11';

-- script: zeros before the numbers of an address
select hex(inet6_aton('001.002.003.004')), hex(inet6_aton('::1.02.3.4')), is_ipv4('01.2.3.4'), is_ipv4('0001.2.3.4'), is_ipv4('1..2.3'), is_ipv6('::ffff:001.2.3.4'), is_ipv4('256.1.1.1'), hex(inet6_aton('000.0.0.0')), is_ipv4('1.2.3'), is_ipv4('1.2.3.4.5');

-- script: a computed DECIMAL of more than 30 decimals as a column
create table r select 0.1234567890123456789012345678901234567890123456789 as f1;
show create table r;
create table s select 12345.678906789067890678906789067890678906789067890 as f1, 10000000000000000000000000000000000000.1000000000000000000000000000000000000001 v;
show create table s;
select f1, v from s;

-- script: numbers are named without sign and parentheses
select + 5, +5.5, + +1e3, + x'41', +null, +true, + (5), (+5), ( + + 5);
select + 5 + 1, - 5, + - 5, +'abc';
select (5), ((5.5)), (1e3), (null), (true), ('a'), 0x41, (0x41), ( 7 ), (5) + 1, (5) /* c */;

-- script: NULL of a type compares as NULL
create table r (a int, b int, c decimal(10, 2), d date, s varchar(10), e double, g bigint unsigned);
insert into r values (1, 10, 1.5, '2001-01-01', 'a', 1.5, 3), (2, 20, -1, null, 'b', 2.5, 4);
select a from r where 60 / a * +34 >= cast(null as signed);
select a from r where c >= cast(null as signed);
select c >= cast(null as decimal(10, 2)), c = cast(null as signed), c <=> cast(null as signed), null <=> cast(null as decimal), c in (cast(null as signed), 1.5), c between cast(null as signed) and 3 from r;
select a = cast(null as signed), e < cast(null as double), s = cast(null as char), d = cast(null as date), d < cast(null as datetime), s >= cast(null as binary), g > cast(null as unsigned), s = cast(null as signed), d = cast(null as char), d > cast(null as signed) from r;
select s in (cast(null as binary)), s not in (cast(null as char), 'a'), e in (cast(null as signed)), c + cast(null as decimal), greatest(c, cast(null as signed)), nullif(c, cast(null as signed)) from r;

-- script: sums that leave the range of DOUBLE
SELECT 1e308 + 1e308;
SELECT -1e308 - 1e308;
CREATE TABLE d (a DOUBLE, b FLOAT, i INT);
INSERT INTO d VALUES (1e308, 3e38, 1), (-1e308, -3e38, 2), (0.1, 0.2, 3), (NULL, 1, 4);
SELECT i FROM d WHERE a + 1 > 5 ORDER BY i;
SELECT i, a + 1, a - 1, b + b, b - i, 0.1e0 + a FROM d WHERE i > 2 ORDER BY i;
-- ignore: message
SELECT a + a FROM d WHERE i = 1;
-- ignore: message
SELECT a - 1e308 FROM d WHERE i = 2;
-- ignore: message
UPDATE d SET a = a + a WHERE i = 1;
SELECT i, a FROM d ORDER BY i;
SELECT i FROM d ORDER BY a + 1, i;
SELECT 0e0 - 0e0, -0e0 + 0e0, 1e0 - 1e0;
