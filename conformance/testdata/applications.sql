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
