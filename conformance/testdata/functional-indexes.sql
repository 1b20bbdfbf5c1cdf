-- Indexes over expressions, unique ones above all.
-- ignore always: length, decimals, charset, flags, table, sizes


-- script: first
create table f1 (a int, b varchar(20), j json, t text, d datetime, unique key ((a+1)));
show create table f1;
insert into f1 (a) values (1);
insert into f1 (a) values (1);
insert into f1 (a) values (null),(null);
insert into f1 values (5, 'x', null, null, null);
select * from f1;
insert ignore into f1 (a) values (5);
replace into f1 (a,b) values (5,'r');
insert into f1 (a,b) values (5,'q') on duplicate key update b='odku';
select * from f1;
update f1 set a=1 where a=5;
create unique index lower_b on f1 ((lower(b)));
insert into f1 (a,b) values (100, 'ODKU');
show create table f1;
-- any: Cardinality
show index from f1;
show columns from f1;
select column_name, ordinal_position, column_key, extra from information_schema.columns where table_name='f1' and table_schema=DATABASE() order by 2;
select index_name, seq_in_index, column_name, expression, non_unique, nullable, collation from information_schema.statistics where table_name='f1' and table_schema=DATABASE() order by 1,2;
select constraint_name, column_name from information_schema.key_column_usage where table_name='f1' and table_schema=DATABASE() order by 1,2;
select constraint_name, constraint_type from information_schema.table_constraints where table_name='f1' and table_schema=DATABASE() order by 1,2;
alter table f1 add column z int default 3;
alter table f1 add unique index two (a, (cast(j->>'$.k' as char(20))) desc);
insert into f1 (a, j) values (7, '{"k":"one"}');
insert into f1 (a, j) values (7, '{"k":"one"}');
alter table f1 drop column b;
alter table f1 rename column b to bb;
alter table f1 change b b varchar(40);
alter table f1 change b bb varchar(40);
show create table f1;
alter table f1 drop index lower_b;
alter table f1 drop column b;
select * from f1;
select z from f1 order by 1;
show create table f1;
create table f2 like f1;
show create table f2;
insert into f2 (a) values (1);
insert into f2 (a) values (1);

-- script: refusals
create table f3 (a int, unique ((a)));
create table f3 (a int, unique ((a+1), (a+2)));
show create table f3;
create table f4 (a int, primary key ((a+1)));
create table f4 (a int, unique ((nosuch+1)));
create table f4 (a int, key ((now())));
create table f4 (a int, unique ((rand())));
create table f4 (a int, t text, unique ((concat(t,'x'))));
create table f4 (a int, t text, key ((concat(t,'x'))));
create table f4 (a int, j json, unique ((j->'$.a')));
create table f4 (a int, j json, key ((j->'$.a')));
create table f4 (a int, j json, key ((j->>'$.a')));
create table f4 (a int, b varchar(20), fulltext ((lower(b))));
create table f4 (a int, b varchar(20), spatial key ((point(a,a))));
create table f4 (a int, key ((point(a,a))));
create table f4 (a int auto_increment primary key, unique ((a+1)));

-- script: generated-columns
create table f5 (a int, b int as (a+1), unique u ((b+1)));
insert into f5 (a) values (1);
insert into f5 (a) values (1);
show create table f5;
create table f6 (a int, unique u (((a+1)) ));
show create table f6;

-- script: alterations
create table f7 (a int, b int, unique u ((a+b) desc), unique ((a*b)), unique((a-b)));
show create table f7;
insert into f7 values (1,2),(2,2);
update f7 set a=a+1 order by a desc;
select * from f7;
select * from f7 where a+b=5;
insert into f7 values (3,1);
select `!hidden!u!0!0` from f7;
select count(*) from information_schema.columns where table_name='f7' and table_schema=DATABASE();
create view v7 as select * from f7;
select * from v7;
insert into v7 values (9,9);
insert into v7 values (9,9);
insert into f7 select a+20,b from f7;
select * from f7;
create trigger tr before insert on f7 for each row set new.a=new.a+100;
insert into f7 values (1,1);
insert into f7 values (1,1);
select * from f7;
drop trigger tr;
delete from f7 where a=9;
truncate f7;
insert into f7 values (9,9);
alter table f7 add c int first, add unique ((c+1)), drop index u;
show create table f7;
select * from f7;
alter table f7 rename index functional_index to fi;
show create table f7;
alter table f7 drop index nosuch;
alter table f7 engine=innodb;
alter table f7 add unique ((b - b)), add d int;
insert into f7 values (1,1,1,1);
insert into f7 (a,b,c,d) values (2,1,1,1);
create table f8 as select * from f7;
show create table f8;

-- script: text
create table f9 (a varchar(10), unique ((upper(a))));
insert into f9 values ('x'),('X');
insert into f9 values ('a'),('B');
select * from f9 where upper(a)='A';
create temporary table f10 (a int, unique((a+1)));
insert into f10 values (1);
insert into f10 values (1);

-- script: nulls
create table f11 (a int, b int, unique((ifnull(a,0)), b));
insert into f11 values (null, 1);
insert into f11 values (null, 1);
insert into f11 values (0, 1);
create table f12 (id int primary key, email varchar(100), deleted datetime, unique key u (email, (if(deleted is null, 1, null))));
insert into f12 values (1,'a@b',null);
insert into f12 values (2,'a@b',null);
update f12 set deleted=now() where id=1;
insert into f12 values (2,'a@b',null);
insert into f12 values (3,'a@b','2020-01-01');
-- any: Cardinality
show index from f12;

-- script: others
create table f13 (a date, key ((year(a))), unique ((cast(a as unsigned))));
show create table f13;
create table f14 (j json, key mv ((cast(j->'$.z' as unsigned array))));
show create table f14;
create table f16 (a int, unique ((a+1)) comment 'c', key k2 ((a*2) asc) invisible);
show create table f16;
create table f17 (a varchar(10), unique k ((a)(5)));
create table f18 (a varchar(10) collate utf8mb4_bin, b varchar(5), unique k ((substr(a,1,2)), (concat(a,b))));
show create table f18;
insert into f18 values ('abc','q'),('abd','q');
insert into f18 values ('abc','q');

-- script: counters-of-copies
create table g2 (a int, b int as (if(a is null, null, 1)), check (a is null or coalesce(a,null) > 1), c int default (nullif(1,null)));
show create table g2;
create table g (id int primary key, a int);
insert into g values (1,1),(2,2),(3,2);
alter table g add unique ((a+1));
alter table g add unique ((a+id));
alter table g add key ((a*2));
alter table g add column zz int;
select * from g natural join g as h;
select g.*, h.a from g join g as h using (id);
insert into g select * from g;
delete from g where a+id = 2;
select * from g order by id limit 1;
