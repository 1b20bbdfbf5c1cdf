-- ignore always: length, decimals, charset, flags, table, sizes

-- script: into another database
create database {database}_b charset latin1;
create table a (id int primary key auto_increment, v varchar(20), u int, key(v), unique uk(u), fulltext ft(v));
insert into a (v, u) values ('one', 1),('two', 2);
create view va as select * from a;
rename table a to {database}_b.b;
select row_count();
show create table {database}_b.b;
show tables;
select * from va;
select * from a;
insert into {database}_b.b (v, u) values ('three', 3);
select * from {database}_b.b where match(v) against('two');
select * from {database}_b.b where match(v) against('three');
select last_insert_id();
insert into {database}_b.b (v, u) values ('four', 3);
select * from {database}_b.b where u = 2;
select * from {database}_b.b where v = 'one';
alter table {database}_b.b rename to {database}.a;
select * from va order by id;
select table_schema, table_name, engine from information_schema.tables where table_schema like '{database}%' and table_type = 'BASE TABLE';
create table a2 like a;
create table {database}_b.a (x int);
rename table {database}_b.a to x;
show create table x;
drop database {database}_b;

-- script: refusals
create database {database}_b;
create table t (id int);
create table {database}_b.t (id int);
create view v as select * from t;
rename table t to {database}_b.t;
rename table t to {database}_none.t;
rename table nope to {database}_b.x;
rename table {database}_none.a to {database}_b.x;
rename table {database}_none.a to {database}_none.b;
alter table t rename {database}_none.x;
alter table t rename to {database}_b.t;
rename table v to {database}_b.v;
rename table t to information_schema.t;
rename table t to {database}_b.u, nope to {database}_b.nope;
show tables;
show tables in {database}_b;
rename table t to {database}_b.`x `;
create trigger tr before insert on t for each row set new.id = 1;
rename table t to {database}_b.x;
alter table t rename to {database}_b.x;
alter table t rename to {database}_b.x, add column y int;
drop trigger tr;
rename table t to {database}_b.x;
select count(*) from {database}_b.x;
drop database {database}_b;

-- script: which refusal comes first
create table t (a int);
create view v as select 1;
rename table nope to {database}_none.x;
rename table {database}_none.a to {database}_none2.x;
rename table {database}_none.a to t;
rename table nope to t;
rename table nope to x, nope2 to {database}_none.y;
rename table nope to x, {database}_none.q to y;
rename table nope to information_schema.y;
rename table information_schema.tables to y;
rename table t to x, nope to x;
rename table t to x, nope to t;
rename table t to x, x to y, nope to y;
rename table nope to `x `;
rename table nope to x, t to `x `;
rename table nope to v;
alter table t drop primary key, rename to v;
alter table t drop primary key, rename to {database}_none.v;
alter table t drop primary key, rename to `v `;
create trigger {database}_none.tr before insert on {database}.t for each row set @a=1;
create trigger {database}.tr before insert on {database}_none.t for each row set @a=1;
create database {database}_b;
create trigger {database}_b.tr before insert on {database}.t for each row set @a=1;
create trigger {database}_b.tr before insert on {database}.nope for each row set @a=1;
create trigger {database}_b.tr before insert on t for each row set @a=1;
drop database {database}_b;
show tables;

-- script: several pairs
create database {database}_b;
create table t (id int primary key, who varchar(10));
insert into t values (1,'first');
create table {database}_b.t (id int, n int);
insert into {database}_b.t values (2,2),(2,2);
rename table t to {database}_b.swap, {database}_b.t to {database}.t, {database}_b.swap to {database}_b.t;
select * from t;
select * from {database}_b.t;
show create table t;
show create table {database}_b.t;
rename table t to {database}_b.u, {database}_b.u to v;
select * from v;
create table w (a int);
insert into w values (7);
create table x (a int);
insert into x values (8);
rename table v to {database}_b.v, w to v, x to w, {database}_b.t to x;
select * from v;
select * from w;
select * from x;
select * from {database}_b.v;
insert into v values (9);
insert into x values (3,'third');
select * from x order by id;
rename table v to w2, w to v, w2 to {database}_b.w2;
select * from v;
select * from {database}_b.w2 order by a;
rename table v to {database}_b.v2, v to {database}_b.v3;
select * from v;
drop database {database}_b;

-- script: alter and rename
create database {database}_b;
create table t (id int primary key auto_increment, v varchar(10));
insert into t (v) values ('1'),('2');
alter table t rename {database}_b.t, add column x int default 5;
select * from {database}_b.t;
insert into {database}_b.t (v) values ('3');
alter table {database}_b.t modify v int, drop column x, add key(v), rename to {database}.u;
select * from u where v = 2;
show create table u;
insert into u values (10, 2);
alter table u add unique(v), rename to {database}_b.u;
select count(*) from u;
delete from u where id = 10;
alter table u add unique(v), rename to {database}_b.u;
insert into {database}_b.u values (11, 2);
alter table {database}_b.u drop primary key, modify id int, rename to {database}.w;
select * from w order by id;
alter table w add column n int auto_increment primary key first, rename to {database}_b.w;
insert into {database}_b.w (id, v) values (20, 20);
select * from {database}_b.w order by n;
alter table {database}_b.w add column m int unique auto_increment, rename to {database}.w;
alter table {database}_b.w add fulltext(missing), rename to {database}.w;
alter table {database}_b.w auto_increment = 50, rename to {database}.w;
insert into w (id, v) values (21, 21);
select max(n) from w;
create table n (v int);
insert into n values (4),(5);
alter table n add column n int auto_increment primary key first, rename to m;
select * from m order by n;
drop database {database}_b;

-- script: foreign keys
create database {database}_b;
create table par (id int primary key);
insert into par values (1),(2);
create table ch (id int, constraint fkn foreign key (id) references par(id), check (id > 0));
create table chb (id int, foreign key (id) references par(id) on delete cascade);
insert into ch values (1);
insert into chb values (2);
rename table ch to {database}_b.ch;
show create table {database}_b.ch;
insert into {database}_b.ch values (3);
insert into {database}_b.ch values (-1);
rename table par to {database}_b.par2;
show create table {database}_b.ch;
show create table chb;
insert into chb values (7);
delete from {database}_b.par2 where id = 1;
delete from {database}_b.par2 where id = 2;
select * from chb;
rename table chb to {database}_b.chb;
show create table {database}_b.chb;
insert into {database}_b.chb values (7);
create table self (id int primary key, p int, foreign key (p) references self(id));
insert into self values (1, 1);
rename table self to {database}_b.self;
show create table {database}_b.self;
insert into {database}_b.self values (2, 3);
insert into {database}_b.self values (2, 1);
create table fa (id int, constraint fkn foreign key (id) references {database}_b.par2(id));
rename table fa to {database}_b.fa;
create table ck (id int, constraint cc check (id > 0));
create table {database}_b.ck2 (id int, constraint cc check (id > 0));
rename table ck to {database}_b.ck;
alter table {database}_b.ck2 rename to {database}.ck3;
drop table fa;
create table fa (id int);
drop table {database}_b.ch, {database}_b.chb, fa, {database}_b.par2;
drop database {database}_b;

-- script: kinds of tables
create database {database}_b;
create table p (id int, v int) partition by hash(id) partitions 2;
insert into p values (1,1),(2,2),(2,2);
rename table p to {database}_b.p;
select * from {database}_b.p partition (p1);
insert into {database}_b.p values (4,4);
select count(*) from {database}_b.p partition (p0);
create table g (a int, b int as (a + 1) stored, c int as (a * 2) virtual, key((a + 5)), primary key(a, b));
insert into g (a) values (1),(2);
rename table g to {database}_b.g;
insert into {database}_b.g (a) values (3);
select * from {database}_b.g order by a;
select a from {database}_b.g where a + 5 = 7;
show create table {database}_b.g;
create table s (k varchar(20) collate utf8mb4_0900_ai_ci primary key, t text, j json, d decimal(10,2), b blob, fulltext(t));
insert into s values ('b','second words','[1]',1.50,'x'),('A','first words','{}',2.25,null);
rename table s to {database}_b.s;
select * from {database}_b.s order by k;
select k from {database}_b.s where match(t) against ('first');
select k from {database}_b.s where k = 'a';
insert into {database}_b.s (k) values ('a');
create table `T` (a int);
create table t (a int);
insert into `T` values (1);
insert into t values (2);
rename table `T` to {database}_b.T, t to {database}_b.t;
select * from {database}_b.T;
select * from {database}_b.t;
create temporary table tmp (id int);
insert into tmp values (4);
rename table tmp to {database}_b.tmp;
alter table tmp rename to {database}_b.tmp;
select * from {database}_b.tmp;
select * from tmp;
drop table {database}_b.tmp;
drop database {database}_b;

-- script: locks and privileges
create database {database}_b;
create table t (id int auto_increment primary key);
insert into t values (5);
lock tables t write;
rename table t to {database}_b.t;
insert into {database}_b.t values (6);
unlock tables;
select * from {database}_b.t;
create user {database}_u identified by 'secret';
grant select, insert on {database}_b.t to {database}_u;
rename table {database}_b.t to t2;
-- conn: 1 as {database}_u:secret
select * from {database}.t2;
select * from {database}_b.t;
rename table {database}.t2 to {database}_b.t;
-- conn: 0
grant alter, drop on {database}.t2 to {database}_u;
-- conn: 1
rename table {database}.t2 to {database}_b.t;
-- conn: 0
grant create on {database}_b.t to {database}_u;
-- conn: 1
rename table {database}.t2 to {database}_b.t;
insert into {database}_b.t values ();
select * from {database}_b.t;
-- conn: 0
drop user {database}_u;
drop database {database}_b;

-- script: transactions
create database {database}_b;
create table t (id int primary key, v int);
insert into t values (1,1);
begin;
insert into t values (2,2);
rename table t to {database}_b.t;
rollback;
select * from {database}_b.t;
begin;
update {database}_b.t set v = v + 1;
rollback;
rename table {database}_b.t to t;
select * from t;
-- conn: 1
begin;
select * from {database}.t;
-- conn: 0
insert into t values (3,3);
-- conn: 1
commit;
select * from {database}.t;
-- conn: 0
drop database {database}_b;
