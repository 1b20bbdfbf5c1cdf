-- What the suites of other servers have shown: MatrixOne's and go-mysql-server's.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: a column becomes AUTO_INCREMENT
create table t (a int, b int);
insert into t values (0,1),(0,2),(5,3),(null,4),(null,5);
alter table t modify a int not null auto_increment primary key;
select * from t order by b;
create table t2 (a int, b int);
insert into t2 values (2,1),(0,2),(0,3);
alter table t2 modify a int not null auto_increment, add primary key (a);
select * from t2 order by b;
create table t3 (a int not null, b int, key(a));
insert into t3 values (0,1),(0,2),(7,3),(0,4);
alter table t3 change a c int auto_increment;
select * from t3 order by b;
create table t4 (a int, b int);
insert into t4 values (null,1),(0,2),(10,3),(0,4),(3,5),(0,6),(-7,7),(null,8);
alter table t4 modify a int auto_increment unique, auto_increment = 100;
select * from t4 order by b;
create table t5 (a int not null, b int, primary key(b));
insert into t5 values (5,2),(0,1),(7,0);
alter table t5 modify a int auto_increment unique;
select * from t5 order by b;
create table t6 (a double, b int);
insert into t6 values (null,1),(5.5,2),(0,3);
alter table t6 modify a bigint auto_increment primary key;
select * from t6 order by b;

-- script: numbers that are there already
create table t (a int, b int);
insert into t values (1,1),(0,2),(1,3);
alter table t modify a int auto_increment primary key;
create table t2 (a int, b int);
insert into t2 values (127,1),(0,2);
alter table t2 modify a tinyint auto_increment primary key;
create table t3 (a int, b int);
insert into t3 values (5,1),(5,2);
alter table t3 add primary key (a), modify a int auto_increment;
alter table t3 add key (a), modify a int auto_increment;
alter table t3 add unique (a);
set sql_mode = concat(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO');
create table t4 (a int, b int);
insert into t4 values (0,1),(null,2),(7,3);
alter table t4 modify a int not null auto_increment primary key;
select * from t4 order by b;
create table t5 (a int, b int);
insert into t5 values (0,1),(0,2);
alter table t5 modify a int not null auto_increment primary key;

-- script: numbers of a series
set auto_increment_increment = 5, auto_increment_offset = 3;
create table t (b int, a int);
insert into t values (1,0),(2,14),(3,null),(4,2),(5,null);
alter table t modify a int auto_increment primary key;
select * from t order by b;
create table t2 (b int);
insert into t2 values (1),(2);
alter table t2 add a int auto_increment primary key;
select * from t2;
create table t3 (b int);
insert into t3 values (1),(2);
alter table t3 add a int auto_increment primary key, auto_increment = 20;
select * from t3;
create table t4 (b int);
insert into t4 values (1),(2);
alter table t4 add a int auto_increment primary key, algorithm = copy;
select * from t4;
set auto_increment_increment = 3, auto_increment_offset = 2;
create table t5 (b int);
insert into t5 values (1),(2);
alter table t5 add a int auto_increment primary key;
select * from t5;
set auto_increment_increment = default, auto_increment_offset = default;

-- script: one AUTO_INCREMENT column for another
create table t (a int primary key auto_increment, b int, unique (b));
insert into t values (1,1),(2,2);
alter table t modify b int auto_increment;
alter table t modify b int auto_increment, modify a int;
show create table t;
alter table t add c int auto_increment, add d int auto_increment;
alter table t drop a, drop b, add c int auto_increment key, add d int;
select * from t;

-- script: indexes of a column that is dropped and added
create table t (i int primary key, b int, c varchar(20), d int, key kb (b), key kc (c(5)), key kbd (b, d), unique key u (d, b));
insert into t values (1,10,'x',100),(2,20,'y',200);
alter table t drop b, add b bigint;
alter table t drop b, add b int unsigned;
show create table t;
alter table t drop c, add c varchar(3) default 'q';
alter table t drop c, add c varchar(30) default 'q';
show create table t;
alter table t drop c, add c int;
alter table t drop i, add i int not null;
alter table t drop i, add i int;
alter table t drop i, add i int auto_increment primary key;
alter table t drop i, add i int auto_increment first;
select * from t;
alter table t drop primary key, drop i, add i int auto_increment primary key;
select * from t;
alter table t drop i, add j int auto_increment unique;
show create table t;

-- script: a column that two actions rename
create table t (a int primary key, b int);
alter table t rename column b to c, rename column b to d;
alter table t change b c int, rename column b to d;
alter table t rename column b to c, rename column a to b;
show create table t;

-- script: generated columns of rows that a foreign key changes
create table p (id int primary key);
create table c (id int primary key, parent int, v1 int as (parent) virtual, v2 int as (v1 + 100) virtual, v3 int as (v1 + v2) virtual, unique key uk (v2), foreign key (parent) references p (id) on update cascade on delete set null);
insert into p values (2);
insert into c (id, parent) values (20, 2);
update p set id = 99 where id = 2;
select * from c;
select id from c where v2 = 199;
delete from p;
select * from c;

-- script: members of ENUM that move
create table t (i int primary key, e enum('a','b','c'));
insert ignore into t values (0,'error');
insert into t values (1,'a'),(2,'b'),(3,'c'),(4,null);
alter table t modify column e enum('c','a','b');
select i, e, e + 0 from t order by i;
alter table t modify column e enum('asdf','a','b','c');
select i, e, e + 0 from t order by i;
alter table t modify column e enum('asdf','a','b','c','d');
select i, e, e + 0 from t order by i;

-- script: databases by the session's server collation
set collation_server = utf8mb4_bin;
select @@character_set_server, @@collation_server;
create database {database}_1;
show create database {database}_1;
alter database {database}_1 collate default;
show create database {database}_1;
drop database {database}_1;
set character_set_server = latin1;
select @@character_set_server, @@collation_server;
create database {database}_2;
show create database {database}_2;
create table {database}_2.t (a varchar(10));
show create table {database}_2.t;
alter database {database}_2 character set utf8mb4;
show create database {database}_2;
alter database {database}_2 character set default;
show create database {database}_2;
drop database {database}_2;
set collation_server = default;
select @@character_set_server, @@collation_server;
set collation_server = nosuch;
set character_set_server = nosuch;

-- script: _rowid
create table t (a int primary key, b int);
insert into t values (3,4),(5,6);
select _rowid from t;
select _rowid, a from t where _rowid = 3;
select t._rowid from t order by _rowid desc;
update t set b = 9 where _rowid = 5;
delete from t where _rowid = 3;
select * from t;
create table t2 (a varchar(10) primary key);
select _rowid from t2;
create table t3 (a int, b int not null unique);
insert into t3 values (1,2);
select _rowid from t3;
create table t4 (a int, b int, primary key (a, b));
select _rowid from t4;
create table t5 (a int unique);
select _rowid from t5;
create table t6 (_rowid int, b int primary key);
insert into t6 values (1,2);
select _rowid from t6;
select max(_rowid), count(_rowid) from t;
select * from t x where x._rowid in (select _rowid from t3) or 1;
insert into t (_rowid, b) values (1,2);
select _ROWID from t order by 1;

-- script: bytes beside text
create table t (id int, vc varchar(10), tx text, c char(5), vb varbinary(5));
insert into t values (1,'a','a','a','a'),(2,'A','A','A','A'),(3,'á','á','á','b');
-- ignore: warnings
select id, vc like binary 'a%', tx like binary 'a%', tx = binary 'a', vc = binary 'a', c = binary 'a', tx > binary 'a', vc <> binary 'a' from t order by id;
-- ignore: warnings
select id, vc in (binary 'a', 'x'), vc between binary 'a' and binary 'a', nullif(vc, binary 'a'), strcmp(tx, cast('a' as binary)), vc <=> binary 'a', vc = vb from t order by id;
select id from t where vc = binary 'a';
select id from t where binary 'a' = tx;
select coercibility(binary 'a'), coercibility(cast('a' as char)), coercibility(cast(vc as char)), coercibility(convert('a' using latin1)), coercibility(cast('a' collate utf8mb4_bin as char)), coercibility(cast('a' as binary(3))), coercibility(x'41'), coercibility(_binary'a'), coercibility(char(97 using utf8mb4)) from t limit 1;
select cast('a' as char character set latin1) = _utf8mb4'ä', cast('a' as char) = 'ä', vc = x'61', vc = _binary'a' from t limit 1;
-- ignore: warnings
select instr('A', binary 'a'), instr(vc, vb), instr(vb, vc), instr(binary 'A', 'a'), locate(vb, vc), locate(vc, vb), locate(binary 'a', 'A'), instr(tx, cast('a' as binary)), find_in_set(vb, vc), field(binary 'a', vc), replace(vc, binary 'a', 'z'), trim(binary 'a' from vc) from t order by id;

-- script: hexadecimal literals beside bytes
select hex(_binary X'40' | X'01'), hex(_binary X'40' & X'c1'), hex(_binary X'40' ^ X'01'), hex(~_binary X'40'), hex(_binary X'40' << 1), hex(X'40' | _binary X'01'), hex(X'40' | X'01');
select _binary X'40' | X'0101';

-- script: CHECK before unique keys
create table t (a int primary key, b int, c varchar(20) check (c like 'A%'), constraint ck check (b > 0));
insert into t values (1,1,'A'),(2,2,'A');
insert into t values (1,0,'A');
insert into t values (1,1,'B');
insert into t values (3,1,'A'),(1,0,'A');
insert ignore into t values (1,0,'A');
insert into t values (1,0,'A') on duplicate key update b = 5;
insert into t values (1,1,'A') on duplicate key update b = 0;
replace into t values (1,0,'A');
update t set a = 1, b = 0 where a = 2;
update t set a = 1 where a = 2;
insert into t values (1,null,'A');
select * from t order by a;

-- script: a character set belongs to the type
create table t (pk varchar(10) primary key charset binary);
create table t (pk varchar(10) not null character set latin1);
create table t (pk varchar(10) collate latin1_bin character set latin1);
create table t (pk int character set utf8mb4);
create table t (pk varbinary(10) character set utf8mb4);
create table t (a json charset latin1);
create table t (a date charset latin1);
create table t (a enum('a') not null charset latin1);
create table t (a enum('a') charset latin1 not null, b varchar(10) charset latin1 default 'x' collate latin1_bin, c text character set utf8mb3, d char(3) charset binary);
alter table t modify b varchar(20) null charset latin1;
create table t2 like nosuchdb.othertable;

-- script: programs under ANSI_QUOTES
set sql_mode = concat(@@sql_mode, ',ANSI_QUOTES');
create table "t" ("pk" int primary key, "name" varchar(10));
insert into "t" values (1, 'x');
--{
create procedure p1() begin select "name" from "t" where "pk" = 1; end
--}
call p1();
--{
create function f1() returns varchar(10) reads sql data begin declare r varchar(10); select "name" into r from "t" where "pk" = 1; return concat(r, 'y'); end
--}
select f1();
--{
create procedure p2() begin execute immediate 'select 1'; end
--}
set sql_mode = default;
--{
create procedure p2() begin execute immediate 'select 1'; end
--}

-- script: collations of the connection's character set
set names utf8mb3;
select 'a' collate utf8mb4_bin;
select 'a' = 'b' collate utf8mb4_bin;
select 'a' collate utf8mb3_bin;
set names utf8mb4;
help select;
