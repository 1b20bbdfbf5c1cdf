-- Aliases of the select list, named by subqueries in it.
-- ignore always: length, decimals, charset, flags, table, sizes
-- script: in the select list
create table xy (x int, y int);
insert into xy values (1, 2), (3, 4);
select 1 as a, (select a);
select 'foo' as dummy, (select dummy);
select x as a, (select a) as b from xy order by x;
select x + 1 as a, (select a + 1) as b, (select max(y) from xy as z where z.x < a) as c from xy order by x;
select 1 as a, (select a union select a) as b;
select x as y, (select y) from xy order by x;
select 1 as a, (select b), 0 as b;
select x as a, a + 1 from xy;
select sum(x) as a, (select a) from xy;
select x as a from xy where (select a) = 1;
select x as a, (select count(*) from xy where x = a) as n from xy order by a;
-- script: in HAVING
create table tab2 (col0 int, col1 int, col2 int);
insert into tab2 values (46, 59, 87), (97, 1, 79), (15, 81, 58);
-- ignore: warnings
select -col2 as col0 from tab2 group by col0, col2 having col2 > -col0 order by 1;
-- ignore: warnings
select -col2 as col0 from tab2 group by col0, col2 having not col2 <= -col0 order by 1;
select col2 - 60 as n from tab2 group by 1 having n > 0 order by 1;
-- ignore: warnings
select col0, -col1 as col1 from tab2 group by col0, col1 having col1 < 0;
select col1 as c, count(*) as n from tab2 group by c having c > 10 and n = 1 order by c;
