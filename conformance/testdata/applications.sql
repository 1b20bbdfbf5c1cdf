-- Statements of frameworks and applications that were once answered otherwise.
-- ignore always: length, decimals, charset, flags, table, sizes
-- script: INSERT reads its own table under another name
create table c (id int primary key auto_increment, n int, name varchar(20));
insert into c(n,name) values (3,'a');
INSERT INTO c (name, n) VALUES ('z', (SELECT max(U0.n)+1 FROM c U0)), ('zz', (SELECT max(U0.n)+1 FROM c U0));
INSERT INTO c (id, name, n) VALUES (1,'z', 0) on duplicate key update n=(select max(y.n)+10 from c y), name=values(name);
select * from c order by id;
insert into c (n) values ((select count(*) from c C));
insert into c (n) values ((select count(*) from c as x, c));
insert into c (n) values ((select count(*) from c));
insert into c set n=(select count(*) from c as x);
replace into c (id, n) values (1, (select sum(n) from c as x));
insert into c (n) select (select max(n) from c);
insert into c (n) select (select max(n) from c x) from c;
update c set n=(select max(n) from c x);
delete from c where n=(select max(n) from c x);
insert into c (n) values ((select max(n) from c x where x.id in (select id from c)));
select * from c order by id;
-- script: an index that makes a foreign key's own one redundant
create table a (id int primary key auto_increment);
create table b (id int primary key auto_increment, author int not null, title varchar(20));
alter table b add constraint fk1 foreign key (author) references a (id);
create index i1 on b (author desc, title);
show create table b;
drop index i1 on b;
create index i2 on b (author, (lower(title)));
show create table b;
drop index i2 on b;
create index i3 on b (author, title desc);
drop index i3 on b;
create unique index i4 on b (author, (lower(title)));
show create table b;
drop index i4 on b;
drop table b;
create table b (id int primary key auto_increment, author int not null, title varchar(20), constraint fk1 foreign key (author) references a (id), key k1 (author desc));
show create table b;
drop table b;
create table b (id int primary key auto_increment, author int not null, title varchar(20), constraint fk1 foreign key (author) references a (id), key k1 (author, (lower(title))));
show create table b;
create index k2 on b (author, title);
drop index k1 on b;
drop index k2 on b;
alter table b drop index k2, add index k5 (author desc);
alter table b drop index k5;
-- script: READ COMMITTED does not lock the place of a row that is not there
create table p (id int primary key auto_increment, name varchar(20) unique, n int);
-- conn: 1
set session transaction isolation level read committed;
begin;
select * from p where name='John' for update;
-- conn: 2
insert into p (name, n) values ('John', 1);
-- conn: 1
savepoint a;
insert into p (name, n) values ('John', 2);
rollback to savepoint a;
select name, n from p where name='John' for update;
update p set n=3 where name='John';
-- conn: 2
-- waits
update p set n=n*10 where name='John';
-- conn: 1
commit;
-- conn: 2
select name, n from p;
-- script: tables of the catalog, narrowed down by what WHERE asks for
create table parent (id int primary key, name varchar(10) unique);
create table child (id int primary key, parent_id int, n int, constraint child_parent foreign key (parent_id) references parent (id), constraint n_positive check (n > 0));
create view both_of_them as select c.id, p.name from child c join parent p on p.id = c.parent_id;
select column_name, data_type from information_schema.columns where table_schema = database() and table_name = 'child' order by ordinal_position;
select column_name, data_type from information_schema.columns where table_schema = database() and table_name = 'CHILD ' order by ordinal_position;
select column_name, data_type from information_schema.columns where table_schema = database() and table_name = 'both_of_them' order by ordinal_position;
-- unordered
select kc.constraint_name, kc.column_name, kc.referenced_table_name, kc.referenced_column_name, c.constraint_type from information_schema.key_column_usage as kc, information_schema.table_constraints as c where kc.table_schema = database() and (kc.referenced_table_schema = database() or kc.referenced_table_schema is null) and c.table_schema = kc.table_schema and c.constraint_name = kc.constraint_name and c.constraint_type != 'CHECK' and kc.table_name = 'child' order by kc.ordinal_position;
select cc.constraint_name, cc.check_clause from information_schema.check_constraints as cc, information_schema.table_constraints as tc where cc.constraint_schema = database() and tc.table_schema = cc.constraint_schema and cc.constraint_name = tc.constraint_name and tc.constraint_type = 'CHECK' and tc.table_name = 'child';
select a.table_name, b.table_name from information_schema.tables a, information_schema.tables b where a.table_schema = database() and b.table_schema = database() and a.table_name = 'child' and b.table_name = 'parent';
select t.table_name, s.index_name from information_schema.tables t left join information_schema.statistics s on s.table_schema = t.table_schema and s.table_name = t.table_name where t.table_schema = database() and t.table_name = 'parent' order by 2;
select t.table_name from information_schema.tables t left join information_schema.statistics s on s.table_schema = t.table_schema and s.table_name = 'nothing' where t.table_schema = database() and s.table_name is null order by 1;
-- args: ["child"]
select table_name, table_type from information_schema.tables where table_schema = database() and table_name = ?;
-- args: ["both_of_them"]
select table_name, table_type from information_schema.tables where table_schema = database() and table_name = ?;
select count(*) from information_schema.tables where 'child' = table_name and database() = table_schema;
select count(*) from information_schema.tables where table_schema = database() and table_name = 0;
select count(*) from information_schema.tables where table_schema = database() and table_name = null;
select count(*) from information_schema.tables where table_schema = database() and (table_name = 'child' or table_name = 'parent');
select count(*) from information_schema.columns where table_schema = 'information_schema' and table_name = 'tables' and column_name = 'engine';
select (select count(*) from information_schema.columns c where c.table_schema = t.table_schema and c.table_name = t.table_name) from information_schema.tables t where t.table_schema = database() and t.table_name = 'child';
select table_name from information_schema.views where table_schema = database() and table_name = 'both_of_them';
