-- EXPLAIN: its columns and errors; what it estimates is no concern of an application.
-- ignore always: length, decimals, charset, flags, table, sizes, warnings

-- script: forms
create table t (id int primary key, a int, c varchar(20) not null, key (a), key ca (c, a));
create table u (id int primary key, b int);
insert into t values (1,1,'x'),(2,2,'y'),(3,3,'z');
insert into u values (1,1),(2,2);
-- any: possible_keys, rows, filtered, Extra
explain format=traditional select * from t where a = 1;
-- any: rows, filtered, Extra
explain format=traditional select * from t where id = 1;
explain format=traditional select 1;
-- any: rows, filtered, Extra
explain format=traditional select (select max(b) from u), a from t;
-- any: possible_keys, rows, filtered, Extra
explain format=traditional select * from (select a, count(*) from t group by a) x;
explain format=traditional insert into t values (1,1,1);
explain format=tree update t set a = 1;
explain format=tree (select 1);
explain format=tree values row(1);
explain analyze format=traditional select * from t;
explain analyze update t set a = 1;
explain format=xx select 1;
explain for connection 99999999;
explain format=json for connection 99999999;
explain select * from nosuch;
explain select nosuch from t;
explain nosuch;
-- ignore: rows
explain analyze select * from t where a > 0;
-- ignore: rows
explain format=json select t.a, count(*) from t join u on t.id = u.id group by t.a order by 2;
select id, a, c from t where id = 1;
