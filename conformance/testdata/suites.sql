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
