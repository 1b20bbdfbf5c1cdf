-- Forms of INSERT, and UPDATE of several tables.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: all
create table t (a int);
insert into t values (1),(2);
insert into t set a=3 as new on duplicate key update a=new.a+1;
insert into t set a=3 as new(m) on duplicate key update a=m+1;
insert into t (a) table t;
insert into t (a) (select 1);
insert into t (a) (values row(4));
insert into t values row(5), row(6);
insert into t (a) table t limit 1;
insert into t (a) table t order by a limit 1;
insert into t (a) with c as (select 9) select * from c;
insert into t (a) (table t) union (select 5);
replace into t set a=3 as n;
select 1;;select 2;
select 1;;
select 1 --;
create table parent (id int primary key, v int);
create table child (pid int, foreign key (pid) references parent(id));
insert into parent values (1,1),(2,2);
insert into child values (1);
replace into parent values (2,3);
insert into parent values (1,5) on duplicate key update v=6;
create table ma (id int primary key, v int);
create table mb (id int primary key, v int);
insert into ma values (1,10),(2,20);
insert into mb values (1,100),(2,200);
update ma a join mb b on a.id=b.id set a.v=a.v+1, b.v=b.v+a.v;
select a.*, b.v from ma a join mb b using (id);
update ma a join mb b on a.id=b.id set b.v=a.v, a.v=b.v;
select a.*, b.v from ma a join mb b using (id);
update ma a, mb b set a.v=5, b.v=a.v+1 where a.id=1;
select a.*, b.v from ma a join mb b using (id);
