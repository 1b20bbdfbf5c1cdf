-- ignore always: length, decimals, charset, flags, table, sizes

-- script: rows
create table p (id int not null, v varchar(10), primary key(id)) partition by range(id) (partition p0 values less than (10), partition p1 values less than (20), partition pm values less than maxvalue);
create table t (id int not null, v varchar(10), primary key(id));
insert into p values (1,'a'),(11,'b'),(12,'c'),(30,'d');
insert into t values (13,'x'),(14,'y');
alter table p exchange partition p1 with table t;
select * from p order by id;
select * from t order by id;
select * from p partition (p1) order by id;
select row_count();
insert into t values (99,'z');
alter table p exchange partition p1 with table t;
select * from t order by id;
delete from t where id = 99;
alter table p exchange partition p1 with table t without validation;
select * from p order by id;
alter table p exchange partition p1 with table t with validation;
select * from t order by id;
truncate t;
alter table p exchange partition P1 with table t;
select count(*) from p;
select count(*) from t;
show create table p;
show create table t;

-- script: refusals
create table p (id int not null, v int, primary key(id)) partition by range(id) (partition p0 values less than (10), partition p1 values less than (20));
create table t (id int not null, v int, primary key(id));
alter table p exchange partition nope with table t;
alter table p exchange partition p1 with table nope;
alter table nope exchange partition p1 with table t;
alter table nope exchange partition p1 with table nope2;
alter table {database}_none.x exchange partition p1 with table t;
alter table t exchange partition p1 with table p;
alter table t exchange partition nope with table t;
alter table p exchange partition p1 with table p;
alter table p exchange partition p1 with table information_schema.tables;
alter table p exchange partition p1, p0 with table t;
alter table p exchange partition all with table t;
alter table p exchange partition p1 with table t, add column x int;
alter table p exchange partition p1 with table t, algorithm=inplace;
alter table p exchange partition p1 with t;
create table p2 (id int not null, v int, primary key(id)) partition by hash(id) partitions 2;
alter table p exchange partition p1 with table p2;
create temporary table tt (id int not null, v int, primary key(id));
alter table p exchange partition p1 with table tt;
create table par (id int not null primary key, v int);
create table ch (id int not null, v int, primary key(id), foreign key(v) references par(id));
alter table p exchange partition p1 with table ch;
create table parent (id int not null, v int, primary key(id));
create table child (id int not null, foreign key(id) references parent(id));
alter table p exchange partition p1 with table parent;
create table m (id int not null, v int, primary key(id)) engine=myisam;
alter table p exchange partition p1 with table m;

-- script: different definitions
create table p (id int not null, v int, primary key(id)) partition by range(id) (partition p0 values less than (10), partition p1 values less than (20));
create table t1 (id int not null, v bigint, primary key(id));
alter table p exchange partition p1 with table t1;
create table t2 (id int not null, v int, primary key(id), key(v));
alter table p exchange partition p1 with table t2;
create table t3 (id int not null, w int, primary key(id));
alter table p exchange partition p1 with table t3;
create table t4 (id int not null, v int not null, primary key(id));
alter table p exchange partition p1 with table t4;
create table t5 (id int not null auto_increment, v int, primary key(id));
alter table p exchange partition p1 with table t5;
create table t6 (v int, id int not null, primary key(id));
alter table p exchange partition p1 with table t6;
create table t7 (id int not null, v int, unique key(id));
alter table p exchange partition p1 with table t7;
create table t8 (id int not null, v int);
alter table p exchange partition p1 with table t8;
create table t9 (id int not null, v int, w int, primary key(id));
alter table p exchange partition p1 with table t9;
create table t10 (id int unsigned not null, v int, primary key(id));
alter table p exchange partition p1 with table t10;
create table k (a int, key j(a)) partition by hash(a) partitions 2;
create table k1 (a int, key i(a));
alter table k exchange partition p0 with table k1;
create table k2 (a int, key J(a));
alter table k exchange partition p0 with table k2;
create table s (a varchar(5)) partition by key(a) partitions 2;
create table s1 (a varchar(5) collate utf8mb4_bin);
alter table s exchange partition p0 with table s1;
create table s2 (a varchar(6));
alter table s exchange partition p0 with table s2;
create table s3 (a char(5));
alter table s exchange partition p0 with table s3;

-- script: what may differ
create table p (id int not null, v int, primary key(id)) partition by range(id) (partition p0 values less than (10), partition p1 values less than (20));
create table t1 (id int not null, v int, primary key(id)) comment 'x';
alter table p exchange partition p1 with table t1;
create table t2 (id int not null, v int default 5, primary key(id));
alter table p exchange partition p1 with table t2;
create table t3 (id int not null, v int comment 'x', primary key(id));
alter table p exchange partition p1 with table t3;
create table t4 (id int not null, v int invisible, primary key(id));
alter table p exchange partition p1 with table t4;
create table t5 (ID int not null, V int, primary key(id));
insert into t5 values (15, 5);
alter table p exchange partition p1 with table t5;
select * from p;
create table k (a int, key j(a)) partition by hash(a) partitions 2;
create table k1 (a int, key j(a desc) comment 'x' invisible);
alter table k exchange partition p0 with table k1;

-- script: options
create table p (a int) partition by hash(a) partitions 2;
create table o1 (a int) max_rows=5;
alter table p exchange partition p0 with table o1;
create table o2 (a int) min_rows=5;
alter table p exchange partition p0 with table o2;
create table o3 (a int) avg_row_length=5;
alter table p exchange partition p0 with table o3;
create table o4 (a int) max_rows=5 min_rows=5 avg_row_length=6;
alter table p exchange partition p0 with table o4;
create table o5 (a int) stats_persistent=0 checksum=1;
alter table p exchange partition p0 with table o5;
create table o6 (a int) row_format=compressed max_rows=4;
alter table p exchange partition p0 with table o6;
create table o7 (a int) charset latin1 max_rows=4;
alter table p exchange partition p0 with table o7;
create table o8 (b int) charset latin1 max_rows=4;
alter table p exchange partition p0 with table o8;
create table o9 (a int) key_block_size=4;
alter table p exchange partition p0 with table o9;
create table o10 (a int) row_format=dynamic;
alter table p exchange partition p0 with table o10;
create table o11 (a int) collate utf8mb4_bin;
alter table p exchange partition p0 with table o11;
create table l (a int) partition by list(a) (partition p0 values in (1) max_rows=5);
alter table l exchange partition p0 with table o1;
create table lm (a int) max_rows=5 partition by hash(a) partitions 2;
alter table lm exchange partition p0 with table o1;

-- script: subpartitions
create table p (id int not null, v int, primary key(id)) partition by range(id) subpartition by hash(id) subpartitions 2 (partition p0 values less than (10), partition p1 values less than (20));
create table t (id int not null, v int, primary key(id));
insert into p values (1,1),(2,2),(12,12),(13,13),(14,14);
alter table p exchange partition p1 with table t;
alter table p exchange partition p1sp0 with table t;
select * from t order by id;
select * from p order by id;
insert into t values (15,15);
alter table p exchange partition p1sp0 with table t;
delete from t where id = 15;
alter table p exchange partition p1sp0 with table t;
select * from p order by id;

-- script: generated columns
create table p (id int not null, v int, s int as (v+1) stored, w int as (v+2) virtual, primary key(id), key((v*2))) partition by list(id) (partition a values in (1,2), partition b values in (3,4));
create table t (id int not null, v int, s int as (v+1) stored, w int as (v+2) virtual, primary key(id), key((v*2)));
insert into p (id,v) values (1,10),(3,30);
insert into t (id,v) values (2,20);
alter table p exchange partition a with table t;
select * from p order by id;
select * from t order by id;
select id from p where v*2 = 40;
create table t2 (id int not null, v int, s int as (v+1) virtual, w int as (v+2) virtual, primary key(id), key((v*2)));
alter table p exchange partition a with table t2;
create table t3 (id int not null, v int, s int as (v+5) stored, w int as (v+2) virtual, primary key(id), key((v*2)));
alter table p exchange partition a with table t3;
create table q (a int, b int) partition by hash(a) partitions 2;
create table u (a int, b int as (a+1));
alter table q exchange partition p0 with table u;
alter table q exchange partition zz with table u;

-- script: without a key
create table p (a int, b varchar(10)) partition by hash(a) partitions 2;
create table t (a int, b varchar(10));
insert into p values (1,'a'),(2,'b'),(3,'c');
insert into t values (4,'d'),(4,'d'),(6,'f');
alter table p exchange partition p0 with table t;
-- unordered
select * from p;
select * from t;
insert into p values (8,'h');
create table q (id int primary key, a int);
insert into q values (1,2),(2,4);
alter table q drop primary key, drop column id;
create table r (id int primary key, a int) partition by hash(id) partitions 2;
insert into r values (1,1),(2,2),(3,3);
create table r2 (id int primary key, a int);
insert into r2 values (1,2),(2,4),(3,6);
alter table r drop primary key;
alter table r2 drop primary key;
delete from r2 where id <> 2;
alter table r exchange partition p0 with table r2;
-- unordered
select * from r;
select * from r2;

-- script: checks
create table p (id int not null, v int, primary key(id), constraint positive check (v > 0)) partition by range(id) (partition p0 values less than (10), partition p1 values less than (20));
create table t (id int not null, v int, primary key(id));
insert into t values (3,-1);
alter table p exchange partition p0 with table t;
alter table p exchange partition p0 with table t without validation;
create table t2 (id int not null, v int, primary key(id), constraint great check (v > 100));
insert into p values (15,1);
alter table p exchange partition p1 with table t2;
alter table p alter check positive not enforced;
alter table p exchange partition p0 with table t;
select * from p order by id;

-- script: counters
create table p (id int auto_increment primary key, b int) partition by hash(id) partitions 2;
create table t (id int auto_increment primary key, b int);
insert into p values (29,1);
insert into t values (4,1);
alter table p exchange partition p0 with table t;
insert into t (b) values (1);
select * from t order by id;
insert into p (b) values (1);
select * from p order by id;
create table u (id int auto_increment primary key, b int) auto_increment=100;
alter table p exchange partition p0 with table u;
insert into u (b) values (1);
select * from u order by id;
insert into p (b) values (1);
select * from p order by id;
show create table p;
show create table u;

-- script: triggers
create table p (id int not null, v int, primary key(id)) partition by hash(id) partitions 2;
create table t (id int not null, v int, primary key(id));
create trigger tp before insert on p for each row set new.v = 7;
create trigger tt before delete on t for each row signal sqlstate '45000';
insert into t values (2,2);
alter table p exchange partition p0 with table t;
select * from p;
select * from t;
insert into p values (3,3);
select * from p order by id;

-- script: other databases
create database {database}_other;
create table p (id int not null, v varchar(10), primary key(id)) partition by hash(id) partitions 2;
create table {database}_other.t (id int not null, v varchar(10), primary key(id));
insert into p values (1,'a'),(2,'b'),(4,'d');
insert into {database}_other.t values (6,'x'),(8,'y');
alter table p exchange partition p0 with table {database}_other.t;
select * from p order by id;
select * from {database}_other.t order by id;
insert into {database}_other.t values (7,'z');
alter table p exchange partition p0 with table {database}_other.t;
insert into p values (10,'j');
delete from {database}_other.t where id = 7;
alter table p exchange partition p0 with table {database}_other.t;
select * from p order by id;
select * from {database}_other.t order by id;
create table h (a int) partition by hash(a) partitions 2;
create table {database}_other.h (a int);
insert into h values (2),(2),(3);
insert into {database}_other.h values (4),(4);
alter table h exchange partition p0 with table {database}_other.h;
-- unordered
select * from h;
select * from {database}_other.h;
drop database {database}_other;

-- script: locks and privileges
create table p (id int not null, v int, primary key(id)) partition by hash(id) partitions 2;
create table t (id int not null, v int, primary key(id));
lock tables p write;
alter table p exchange partition p0 with table t;
unlock tables;
lock tables p write, t read;
alter table p exchange partition p0 with table t;
unlock tables;
lock tables p write, t write;
alter table p exchange partition p0 with table t;
insert into t values (2,2);
unlock tables;
create user {database}_u identified by 'secret';
grant select, create temporary tables on {database}.* to {database}_u;
-- conn: 1 as {database}_u:secret
alter table {database}.p exchange partition p0 with table {database}.t;
-- conn: 0
grant alter, drop on {database}.p to {database}_u;
-- conn: 1
alter table {database}.p exchange partition p0 with table {database}.t;
-- conn: 0
grant insert, create on {database}.p to {database}_u;
-- conn: 1
alter table {database}.p exchange partition p0 with table {database}.t;
-- conn: 0
grant insert, create, drop, alter on {database}.t to {database}_u;
-- conn: 1
alter table {database}.p exchange partition p0 with table {database}.t;
-- conn: 0
select * from p;
drop user {database}_u;
