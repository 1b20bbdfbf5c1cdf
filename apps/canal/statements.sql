create database canal_test character set utf8mb4
create table canal_test.num (id int primary key auto_increment, a tinyint, b tinyint unsigned, c smallint unsigned, d mediumint unsigned, e int unsigned, f bigint, g bigint unsigned, h float, i double, j decimal(20,5), k bit(1), l bit(13), m year, n boolean)
insert into canal_test.num values (1,-5,200,65535,16777215,4294967295,-5000000000,18446744073709551615,1.5,2.25,-1234.56,1,4097,2024,true),(2,null,null,null,null,null,null,null,null,null,null,null,null,null,null)
update canal_test.num set a = a + 1, j = 7 where id = 1
create table canal_test.str (id int primary key, a char(10), b varchar(20) character set latin1, c text, d binary(4), e varbinary(10), f blob, g enum('x','y'), h set('p','q','r'), i json)
insert into canal_test.str values (1,'ab','é','text 😀','bi','vb','blob','y','p,r','{"k": [1, 2.5, "x", null, true], "o": {"n": -70000}}'),(2,'','','','','','','x','','"s"')
create table canal_test.tim (id int primary key, a date, b time(3), c datetime(6), d timestamp(3) null, e time)
insert into canal_test.tim values (1,'2024-02-29','-12:34:56.789','2024-02-29 12:34:56.789012','2024-02-29 12:34:56.789','838:59:59'),(2,'1000-01-01','00:00:00','9999-12-31 23:59:59.999999',null,'-00:00:01')
alter table canal_test.num add column z varchar(10) not null default 'new' after id, drop column n
insert into canal_test.num (id, z) values (3,'three')
delete from canal_test.num where id = 2
rename table canal_test.str to canal_test.text
update canal_test.text set c = repeat('t', 3000), i = json_set(i, '$.k[0]', 7) where id = 1
create table canal_test.many (id int primary key, t varchar(3000))
insert into canal_test.many with recursive r as (select 1 n union all select n + 1 from r where n < 12) select n, repeat('m', 3000) from r
update canal_test.many set t = concat('u', id)
create index by_t on canal_test.many (t(20))
create table canal_test.parent (id int primary key)
create table canal_test.child (id int primary key, p int, foreign key (p) references canal_test.parent (id) on delete cascade)
insert into canal_test.parent values (1),(2)
insert into canal_test.child values (10,1),(11,1),(20,2)
delete from canal_test.parent where id = 1
create table canal_test.copied as select id, z from canal_test.num
truncate table canal_test.copied
create view canal_test.v as select id from canal_test.num
drop view canal_test.v
drop table canal_test.child, canal_test.parent
replace into canal_test.num (id, z) values (3,'again')
drop database canal_test
