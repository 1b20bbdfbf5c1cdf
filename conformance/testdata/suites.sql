-- What the test suites of libraries have shown.
-- ignore always: length, decimals, charset, flags, table, sizes, warnings

-- script: a SET with an empty member
create table t (id int primary key, e1 set('a',''), e2 set('','a'), e3 set('','b','c'), e4 set(''));
insert into t values (1,'','','','');
insert into t values (2,',',',',',',',');
insert into t values (3,'a','a','b,','');
insert into t values (4,'a,',',a',',b','');
insert into t values (5,0,0,0,0);
insert into t values (6,1,1,1,1);
insert into t values (7,2,2,2,1);
insert into t values (8,3,3,3,1);
insert into t values (9,null,null,null,null);
insert into t values (10,3,3,7,1);
insert into t (id, e4) values (11,'  ');
insert into t (id, e2) values (12,'a,b');
insert into t (id, e2) values (13,'a   ');
select id, e1, hex(e1), e1+0 from t order by id;
select id, e2, hex(e2), e2+0 from t order by id;
select id, e3, hex(e3), e3+0 from t order by id;
select id, e4, hex(e4), e4+0 from t order by id;
select id from t where e2 = '' order by id;
select id from t where e2 = 0 order by id;
select id from t where e2 = 1 order by id;
select id from t where e2 = 'a' order by id;
select id from t where e2 & 1 order by id;
select id from t where e2 in ('a', 'x') order by id;
select id from t where find_in_set('', e1) order by id;
select e2, count(*) from t group by e2 order by e2;
select distinct e2 from t order by e2;
select e2, e2+0 from t order by e2, id;
select count(distinct e2), max(e2), min(e2), sum(e2) from t;
select id, length(e2), concat('<', e2, '>'), find_in_set('a', e2), if(id > 0, e2, 'x'), coalesce(e2, 'x'), upper(e2), cast(e2 as signed), e2 & 1 from t order by id;
select id, concat_ws('-', e2, e2), json_object('k', e2), ifnull(e2, e2) + 0 from t order by id;
select a.id, b.id from t a join t b on a.e2 = b.e2 where a.id < 5 and b.id < 5 order by 1, 2;
update t set e4 = e4 + 0, e1 = 2 where id = 3;
select id, e1 + 0, e4 + 0 from t where id = 3;
alter table t add column n int;
select id, e1 + 0, e2 + 0 from t order by id;
create table u (s set('', 'a') primary key);
insert into u values (0), (1), (2), (3);
insert into u values (',a');
select s, s + 0 from u order by s;
create table w (e2 set('', 'a'));
insert into w select s from u;
select e2, e2 + 0 from w order by 2;

-- script: what is no member of a SET
create table t (id int primary key, s set('a','b'));
insert into t values (1,'a,');
insert into t values (2,',a');
insert into t values (3,',');
insert into t values (4,'a ');
insert into t values (5,'a,b  ');
insert into t values (6,'a ,b');
insert into t values (7,'   ');
insert into t values (8,'3');
insert into t values (9,'a,3');
insert into t values (10,'4');
insert into t values (11,'');
select id, s, s + 0 from t order by id;
create table f (id int primary key, s set('a','b','c'), e enum('x','y'));
insert into f values (1,'b','y'),(2,'a,c','x'),(3,'',null),(4,null,'y'),(5,'c','x');
select id, find_in_set('c',s), find_in_set('C',s), find_in_set('q',s), find_in_set('',s), find_in_set(null,s), find_in_set(id,s), find_in_set('y',e), find_in_set('c',concat(s)), find_in_set('c ',s) from f;
-- args: ["c"]
select id, find_in_set(?, s) from f;

-- script: how the text of a view names columns behind its select list
create table t (id int primary key, n int, a int);
create table u (id int primary key, m int);
create view v01 as select count(*) c from t group by id;
create view v02 as select id, count(*) c from t group by id;
create view v03 as select id k, count(*) c from t group by k order by k;
create view v04 as select n+1 k, count(*) c from t group by k having c > 1 order by c desc, k;
create view v05 as select n+1 k, count(*) c from t group by n+1 having count(*) > 1 order by count(*), n+1;
create view v06 as select id, n from t order by n, t.id desc;
create view v07 as select id, n a from t order by a;
create view v08 as select id x from t having x > 1;
create view v09 as select t.id, m from t join u on t.id=u.id order by m, t.id;
create view v10 as select id from t order by a;
create view v11 as select id, n from t group by 1, 2 order by 2;
create view v12 as select id from t order by -n, abs(id);
create view v13 as select distinct n from t order by n;
create view v14 as select 1 from t having count(*) > 1;
create view v15 as select id as n, n as id from t group by id, n order by id;
create view v16 as select id, count(*) c from t group by id order by id;
create view v17 as select n+1 k from t order by 1;
create view v18 as select n k, count(*) from t group by n order by 1;
create view v19 as select n k from t group by k order by n;
create view v20 as select n from t group by n having n > 1 and max(id) > 2;
create view v21 as select id x, n from t having n > 1 and x > 2;
create view v22 as select n+1 k from t order by k;
create view v23 as select n+1 as n from t order by n;
create view v24 as select count(*) c from t order by c;
create view v25 as select id from t order by t.n, rand(), 'x', 1+1;
create view v26 as select count(distinct n) x, n+1 y from t group by y order by x, y, max(a);
create view v27 as select distinct n k from t order by k;
create view v28 as select d.c from (select count(*) c from t group by n) d order by d.c;
select table_name, view_definition from information_schema.views where table_schema = database() order by table_name;
insert into t values (1, 2, 3), (2, 2, 1), (3, 5, 2);
insert into u values (1, 1), (3, 0);
select * from v02;
select * from v04;
select * from v05;
select * from v09;
select * from v15;
select * from v21;
select * from v22;
select * from v26;
select * from v28;

-- script: maintenance that programs ask for
create table t (id int primary key, n int) partition by hash(id) partitions 3;
repair table t;
create table u (id int primary key);
repair table u;
truncate table performance_schema.host_cache;
truncate performance_schema.events_waits_current;
truncate table performance_schema.nosuch;

-- script: windows and GROUP_CONCAT in the text of a view
create table t (id int primary key, n int, a int);
create view w1 as select count(*) over (partition by n) w, row_number() over (order by a) r, sum(n) over () s from t;
create view w2 as select sum(n) over w s, rank() over (order by a desc, n) r, lag(n, 1, 0) over (partition by a order by id rows between 1 preceding and current row) l from t window w as (partition by a, id);
create view w3 as select sum(n) over (order by id rows 2 preceding) a, sum(n) over (order by id range between unbounded preceding and unbounded following) b, lead(n) over w c, first_value(n) over (w order by id) d, nth_value(n, 2) over w e, ntile(3) over w f from t window w as (partition by a);
create view w4 as select group_concat(distinct n order by a desc, id) g, group_concat(n) h, group_concat(n separator '-') i, group_concat(n, a order by n, a) j, count(distinct n, a) k from t;
create view w5 as select count(*) over (partition by n order by a) + 1 w, n from t order by row_number() over (order by n);
create view w6 as select coalesce(sum(n) over (partition by a, n), 0) z from t;
create view w7 as select avg(n) over (order by id range between 1 preceding and 1 following) z, percent_rank() over (order by n desc) p from t;
select table_name, view_definition from information_schema.views where table_schema = database() order by table_name;
insert into t values (1, 2, 3), (2, 2, 1), (3, 5, 2);
select * from w1 order by r;
select * from w2 order by r;
select * from w3 order by a, b;
select * from w4;
select * from w5;
select * from w7 order by z;
