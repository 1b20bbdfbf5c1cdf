-- ignore always: length, decimals, charset, flags, table, sizes

-- script: procedures and functions
create table t (id int primary key auto_increment, v varchar(20), n decimal(10,2));
--{
create procedure p1() begin select 1 as a; select 2 as b; end
--}
call p1();
--{
create procedure p2(in a int, out b int, inout c varchar(10)) begin set b = a + 1; set c = concat(c, 'x'); end
--}
set @c = 'q';
call p2(5, @b, @c);
select @b, @c;
--{
create procedure p3(n int)
begin
  declare i int default 0;
  declare s varchar(100) default '';
  while i < n do
    set i = i + 1;
    if i mod 2 = 0 then set s = concat(s, i, ','); elseif i = 3 then set s = concat(s, 'three,'); else set s = concat(s, '-'); end if;
  end while;
  select s, i;
  insert into t (v, n) values (s, i * 1.5);
end
--}
call p3(6);
select * from t;
--{
create procedure p4()
begin
  declare done int default 0;
  declare x int; declare y varchar(20);
  declare c cursor for select id, v from t order by id;
  declare continue handler for not found set done = 1;
  open c;
  l: loop
    fetch c into x, y;
    if done then leave l; end if;
    select x, y;
  end loop l;
  close c;
end
--}
call p4();
--{
create procedure p5()
begin
  declare exit handler for sqlexception begin get diagnostics condition 1 @st = returned_sqlstate, @no = mysql_errno, @tx = message_text; select @st, @no, @tx; end;
  insert into t (id, v) values (1, 'dup');
  select 'not reached';
end
--}
call p5();
--{
create procedure p6(x int)
begin
  case x when 1 then select 'one'; when 2 then select 'two'; else select 'many'; end case;
  case when x > 10 then select 'big'; when x < 0 then select 'neg'; end case;
end
--}
call p6(1);
call p6(20);
--{
create procedure p7() begin signal sqlstate '45000' set message_text = 'my error', mysql_errno = 5555; end
--}
call p7();
show warnings;
--{
create procedure p8() begin declare v int; select id into v from t where id = 1; select v; select id into v from t where id = 99; select v; end
--}
call p8();
show warnings;
create function f1(a int, b int) returns int deterministic return a + b;
select f1(1, 2), f1(f1(1,2),3);
--{
create function f2(k int) returns varchar(30) reads sql data begin declare r varchar(30); select v into r from t where id = k; return r; end
--}
select f2(1), id from t where f2(id) is not null;
--{
create function f3(k int) returns int deterministic begin insert into t(v) values (concat('f', k)); return last_insert_id(); end
--}
select f3(1);
select * from t;
--{
create function f4() returns int begin return 1; end
--}
call nope();
call p2(1);
call p2(1, 2, 3);
select nof(1);
drop procedure p1;
drop procedure p1;
drop procedure if exists p1;
show warnings;
create procedure p9() select 1;
create procedure p9() select 2;
create procedure if not exists p9() select 2;
--{
create procedure pr(n int) begin if n > 0 then select n; call pr(n-1); end if; end
--}
call pr(2);
set max_sp_recursion_depth = 10;
call pr(2);
set max_sp_recursion_depth = 0;
signal sqlstate '45000';
signal sqlstate '01000' set message_text = 'warn';
show warnings;
signal sqlstate '02000';
create procedure px() begin select 1 end;
--{
create procedure px() begin leave l; end
--}
--{
create procedure px() begin declare a int; declare a int; end
--}
--{
create function fx() returns int deterministic begin select 1; return 1; end
--}
--{
create function fx() returns int deterministic begin declare a int; end
--}
--{
create function fx() returns int deterministic begin commit; return 1; end
--}

-- script: definitions of routines
create procedure pq(in a varchar(10) charset latin1, out b decimal(10,2) unsigned, inout c enum('x','y')) comment 'it''s' sql security invoker modifies sql data select 1;
create function fq(a varchar(5), b bigint unsigned) returns varchar(20) charset latin1 collate latin1_bin deterministic no sql return 'x';
create function fr() returns datetime(3) deterministic return now();
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create procedure pq;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create function fq;
select * from information_schema.parameters where specific_schema='{database}' order by SPECIFIC_NAME, ORDINAL_POSITION;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create procedure nono;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create function other.nono;
drop procedure nodb.x;
alter procedure nono comment 'x';
alter procedure pq comment 'new' reads sql data;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create procedure pq;

-- script: triggers
create table t (id int primary key auto_increment, a int not null, b varchar(5), g int as (a+1), ts timestamp null on update current_timestamp);
create table log (n int primary key auto_increment, msg varchar(100));
--{
create trigger bi before insert on t for each row begin insert into log(msg) values (concat_ws(',', 'bi', new.id, ifnull(new.a,'null'), new.b, ifnull(new.g,'gnull'))); if new.a is null then set new.a = 7; end if; end
--}
create trigger ai after insert on t for each row insert into log(msg) values (concat_ws(',', 'ai', new.id, new.a, new.b, new.g));
--{
create trigger bu before update on t for each row begin insert into log(msg) values (concat_ws(',', 'bu', old.a, new.a, ifnull(new.g,'gnull'), new.ts is null)); set new.b = 'upd'; end
--}
create trigger au after update on t for each row insert into log(msg) values (concat_ws(',', 'au', old.a, new.a, old.b, new.b));
create trigger bd before delete on t for each row insert into log(msg) values (concat_ws(',', 'bd', old.id));
create trigger ad after delete on t for each row insert into log(msg) values (concat_ws(',', 'ad', old.id));
insert into t (a, b) values (1, 'x'), (2, 'y');
insert into t (a) values (null);
insert into t (b) values ('nodef');
insert into t (a) values (null), (5);
select id,a,b,g from t;
select * from log;
delete from log;
update t set a = a;
select row_count();
select * from log;
delete from log;
insert into t (id, a) values (1, 50) on duplicate key update a = 99;
select row_count();
select * from log;
delete from log;
replace into t (id, a) values (2, 60);
select row_count();
select * from log;
delete from log;
delete from t where id < 3;
select * from log;
delete from log;
insert ignore into t (id, a) values (3, 1), (10, 1);
select * from log;
delete from log;
truncate t;
select * from log;
--{
create trigger sg before insert on log for each row if new.msg like 'bi%66%' then signal sqlstate '45000' set message_text = 'no 66'; end if
--}
insert into t (a) values (65), (66), (67);
select count(*) from t;
select * from log;
create trigger self after insert on log for each row update log set msg = '' where n = new.n;
insert into log(msg) values ('q');
drop trigger self;
create trigger self after insert on log for each row set new.msg = 'x';
create trigger self before delete on log for each row set new.msg = 'x';
create trigger self before insert on log for each row set old.msg = 'x';
create trigger self before insert on log for each row set new.nocol = 'x';
create trigger self before insert on log for each row set @x = new.nocol;
create trigger self before insert on log for each row set @x = old.msg;
create trigger bi before insert on log for each row set @x = 1;
create trigger if not exists bi before insert on log for each row set @x = 1;
show warnings;
create trigger zz before insert on nolog for each row set @x = 1;
create trigger zz before insert on log for each row follows nono set @x = 1;
create trigger zz before insert on log for each row follows ai set @x = 1;
create trigger zz before insert on log for each row select 1;
create trigger zz before insert on log for each row commit;
create trigger nodb.zz before insert on log for each row set @x = 1;
create view v as select * from t;
create trigger zz before insert on v for each row set @x = 1;
drop trigger nono;
drop trigger if exists nono;
show warnings;
rename table t to t2;
insert into t2 (a) values (3);
select * from log;
alter table t2 drop column b;
insert into t2 (a) values (3);
drop table t2;
select trigger_name from information_schema.triggers where trigger_schema = '{database}';
create table c (x int);
create trigger cx before insert on c for each row call nop();
insert into c values (1);
set new.x = new.x * 10;
end;

-- script: triggers and other statements
create table a (id int primary key, v int);
create table b (id int primary key, v int);
create table logt (msg varchar(50));
insert into a values (1,1),(2,2),(3,3);
insert into b values (1,10),(2,20);
create trigger a_u after update on a for each row insert into logt values (concat('a', old.v, '->', new.v));
create trigger b_u after update on b for each row insert into logt values (concat('b', old.v, '->', new.v));
create trigger a_d after delete on a for each row insert into logt values (concat('del a', old.id));
update a join b on a.id = b.id set a.v = a.v + 1, b.v = b.v + 5;
select * from a;
select * from b;
select * from logt order by msg;
delete from logt;
delete a, b from a join b on a.id = b.id;
select * from logt order by msg;
delete from logt;
create table p (id int primary key);
create table ch (id int primary key, pid int, foreign key (pid) references p(id) on delete cascade);
create trigger ch_d after delete on ch for each row insert into logt values ('child');
insert into p values (1);
insert into ch values (1,1);
delete from p;
select count(*) from ch;
select * from logt;
insert into ch values (5, null);
delete from ch;
select * from logt;
delete from logt;
start transaction;
update a set v = 100 where id = 3;
select * from logt;
rollback;
select * from a;
select * from logt;
create table acc (id int primary key, total int);
insert into acc values (1, 0);
create table ent (id int primary key auto_increment, amt int);
create trigger ent_i after insert on ent for each row update acc set total = total + new.amt where id = 1;
create trigger ent_u after update on ent for each row update acc set total = total + new.amt - old.amt where id = 1;
create trigger ent_d after delete on ent for each row update acc set total = total - old.amt where id = 1;
insert into ent (amt) values (10), (20);
select * from acc;
update ent set amt = 15 where id = 1;
select * from acc;
delete from ent where id = 2;
select * from acc;
select last_insert_id(), row_count();
insert into ent (amt) select amt from ent;
select * from acc;
select last_insert_id();
create function dbl(x int) returns int deterministic return x * 2;
create procedure lg(m varchar(50)) insert into logt values (m);
create procedure outp(in x int, out y int) set y = x + 1000;
--{
create trigger ent_bi before insert on ent for each row begin declare z int; set new.amt = dbl(new.amt); call lg(concat('amt ', new.amt)); call outp(new.amt, z); if z > 1500 then set new.amt = 500; end if; end
--}
insert into ent (amt) values (7), (300);
select amt from ent;
select * from logt;
create table uq (id int primary key);
--{
create trigger ent_ai2 after insert on ent for each row follows ent_i begin declare continue handler for 1062 insert into logt values ('dup'); insert into uq values (1); insert into logt values ('after'); end
--}
delete from logt;
insert into ent (amt) values (1),(2);
select * from logt;
select * from uq;
-- any: Created, Modified, Definer, sql_mode, character_set_client, collation_connection
show triggers like 'ent';
select trigger_name, action_order, action_timing, event_manipulation from information_schema.triggers where trigger_schema = '{database}' order by 1;
drop trigger ent_ai2;
drop trigger {database}.ent_bi;
drop table ent;
select count(*) from information_schema.triggers where trigger_schema='{database}';
create table k (id int primary key, x int);
create trigger k_b before update on k for each row set new.x = ifnull(old.x,0) + 1;
insert into k values (1, null);
update k set id = id;
update k set x = 1;
select * from k;
select row_count();
create table vt (a int, b varchar(20));
create trigger vt_b before insert on vt for each row set new.b = concat('v', new.a);
insert into vt (a) values (1);
insert into vt values (2, 'z');
insert into vt set a = 3;
replace into vt (a) values (4);
select * from vt;
create trigger vt_c before insert on vt for each row set new.b = 'this is much too long for it';
insert into vt (a) values (9);

-- script: events
create table t (n int primary key auto_increment, m varchar(20));
create event e1 on schedule every 1 hour starts '2030-01-01 00:00:00' do insert into t(m) values ('x');
create event if not exists e1 on schedule every 1 hour do select 1;
show warnings;
create event e1 on schedule every 1 hour do select 1;
create event e2 on schedule at '2035-05-05 05:05:05' on completion preserve disable comment 'it''s' do select 1;
--{
create event e3 on schedule every '1:30' hour_minute starts '2031-01-01' ends '2040-01-01' enable do begin delete from t; insert into t(m) values ('y'); end
--}
create event e4 on schedule every 1+1 day starts '2033-01-01 10:00:00' + interval 1 day disable on replica do select 1;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e1;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e2;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e3;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e4;
select event_name, event_type, execute_at, interval_value, interval_field, starts, ends, status, on_completion, event_comment, event_definition from information_schema.events where event_schema = '{database}' order by 1;
create event bad on schedule at '2001-01-01' do select 1;
show warnings;
create event bad on schedule at '2001-01-01' on completion preserve do select 1;
show warnings;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event bad;
drop event bad;
create event bad on schedule every 0 hour do select 1;
create event bad on schedule every -1 hour do select 1;
create event bad on schedule every 1 hour starts '2030-01-01' ends '2029-01-01' do select 1;
create event bad on schedule at 'abc' do select 1;
create event bad on schedule every 1 hour starts 'zz' do select 1;
create event bad on schedule every 1 foo do select 1;
create event bad do select 1;
create event bad on schedule every 1 hour do;
create event nodb.bad on schedule every 1 hour do select 1;
drop event nono;
drop event if exists nono;
show warnings;
alter event nono disable;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event nono;
alter event e1 on schedule every 2 day starts '2032-01-01' comment 'changed';
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e1;
alter event e1 rename to e9;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e9;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e1;
alter event e9 disable;
alter event e9 on completion preserve;
alter event e9 do select 2;
-- any: Create Procedure, Create Function, Create Event, Created, SQL Original Statement, sql_mode, character_set_client, collation_connection
show create event e9;
alter event e9 rename to e2;
alter event e9 rename to e9;
alter event e2 on schedule at '2001-01-01';
show warnings;
create procedure p() create event z on schedule every 1 hour do select 1;
create event z on schedule every 1 hour do create event y on schedule every 1 hour do select 1;
select @@event_scheduler;

-- script: handlers and conditions
create table t (id int primary key, v varchar(5));
insert into t values (1, 'a'), (2, 'b');
--{
create procedure h1() begin declare continue handler for sqlexception select 'continue' as h; insert into t values (1, 'x'); select 'after' as r; insert into nosuch values (1); select 'end' as r; end
--}
call h1();
--{
create procedure h2() begin declare exit handler for sqlstate '23000' select 'exit' as h; begin insert into t values (1, 'x'); select 'inner after' as r; end; select 'outer after' as r; end
--}
call h2();
--{
create procedure h3() begin declare continue handler for 1062 select 'code' as h; declare continue handler for sqlstate '23000' select 'state' as h; declare continue handler for sqlexception select 'class' as h; insert into t values (1, 'x'); insert into t values (null, 'x'); insert into nosuch values (1); end
--}
call h3();
--{
create procedure h4() begin declare continue handler for sqlexception select 'outer' as h; begin declare continue handler for not found select 'nf' as h; insert into t values (1, 'x'); select v into @v from t where id = 77; end; end
--}
call h4();
--{
create procedure h5() begin declare dup condition for 1062; declare exit handler for dup begin get diagnostics @n = number; get diagnostics condition 1 @c = mysql_errno, @s = returned_sqlstate, @m = message_text, @cl = class_origin; select @n, @c, @s, @m, @cl; end; insert into t values (1, 'x'); end
--}
call h5();
--{
create procedure h6() begin declare exit handler for sqlexception begin select 'resignal' as r; resignal; end; insert into t values (1, 'x'); end
--}
call h6();
--{
create procedure h7() begin declare exit handler for sqlexception resignal set message_text = 'changed', mysql_errno = 4444; insert into t values (1, 'x'); end
--}
call h7();
--{
create procedure h8() begin declare exit handler for sqlexception resignal sqlstate '45001' set message_text = 'other'; insert into t values (1, 'x'); end
--}
call h8();
show warnings;
--{
create procedure h9(k int) begin declare oops condition for sqlstate '45999'; if k = 1 then signal oops set message_text = 'one'; elseif k = 2 then signal sqlstate '01234' set message_text = 'warned', mysql_errno = 1234; else signal sqlstate '02345'; end if; select 'went on' as r; end
--}
call h9(1);
call h9(2);
call h9(3);
--{
create procedure h10() begin declare exit handler for sqlwarning select 'warning' as h; signal sqlstate '01000' set message_text = 'w'; select 'not here' as r; end
--}
call h10();
--{
create procedure h11() begin declare exit handler for not found select 'not found' as h; signal sqlstate '02000'; end
--}
call h11();
--{
create procedure h12() begin declare exit handler for sqlexception begin get stacked diagnostics condition 1 @m = message_text; select @m; end; call h9(1); end
--}
call h12();
--{
create procedure h13() begin get stacked diagnostics condition 1 @m = message_text; end
--}
call h13();
--{
create procedure h14() begin resignal; end
--}
call h14();
--{
create procedure c1() begin declare x int; declare c cursor for select id from t; fetch c into x; end
--}
call c1();
--{
create procedure c2() begin declare x int; declare c cursor for select id from t; open c; open c; end
--}
call c2();
--{
create procedure c3() begin declare x int; declare c cursor for select id, v from t; open c; fetch c into x; end
--}
call c3();
--{
create procedure c4() begin declare x int; declare c cursor for select id from t where id > 5; open c; fetch c into x; end
--}
call c4();
--{
create procedure c5() begin declare c cursor for select id from t; close c; end
--}
call c5();
--{
create procedure c6() begin declare n int default 0; declare x int; declare s int default 0; declare done bool default false; declare c cursor for select id from t where id > n; declare continue handler for not found set done = true; open c; read_loop: loop fetch c into x; if done then leave read_loop; end if; set s = s + x; end loop; close c; set n = 1; set done = false; open c; repeat fetch c into x; if not done then set s = s + 100 * x; end if; until done end repeat; close c; select s; end
--}
call c6();
--{
create function ff(n int) returns int deterministic begin if n <= 1 then return 1; end if; return n * 2; end
--}
select ff(5), ff(0), ff(null);
--{
create function fnoret(n int) returns int deterministic begin if n > 0 then return 1; end if; end
--}
select fnoret(0);
--{
create function frec(n int) returns int deterministic begin if n <= 1 then return 1; end if; return n * frec(n - 1); end
--}
select frec(3);
--{
create function fsum() returns int reads sql data begin declare s int; select sum(id) into s from t; return s; end
--}
select fsum(), id from t where id < fsum() order by id;
update t set v = fsum() where id = 1;
select * from t;
--{
create function fmod(x int) returns int modifies sql data begin update t set v = 'm' where id = x; return row_count(); end
--}
select fmod(2);
select * from t;
select fmod(id) from t;
select ff(1, 2);
set @r = fsum();
select @r;
--{
create procedure tooMany() begin declare x int; select id into x from t; end
--}
call tooMany();
--{
create procedure cols() begin declare x int; select id, v into x from t limit 1; end
--}
call cols();
get diagnostics @a = number;
select @a;
signal sqlstate '45000' set message_text = 'top', table_name = 't', constraint_name = 'c';
get diagnostics condition 1 @t = table_name, @c = constraint_name, @m = message_text;
select @t, @c, @m;
signal sqlstate 'abc';
signal sqlstate '00000';
signal foo;
resignal;

-- script: blocks and variables
create table t (id int primary key auto_increment, v varchar(20));
--{
create procedure v1() begin declare a, b int default 3; declare s varchar(10) default 'x'; declare d decimal(5,2) default 1.239; declare dt date default '2024-02-03'; select a, b, s, d, dt; set a = a + 1, b = a * 2, s = concat(s, a); select a, b, s; end
--}
call v1();
--{
create procedure v2() begin declare x int default 1; begin declare x int default 2; select x; end; select x; end
--}
call v2();
--{
create procedure v3() begin declare x tinyint; set x = 300; end
--}
call v3();
--{
create procedure v4() begin declare x varchar(3); set x = 'abcdef'; end
--}
call v4();
--{
create procedure v5() begin declare x int; set x = 'abc'; end
--}
call v5();
--{
create procedure v6() begin declare x int; select x is null as n, ifnull(x, 'none') as m; set x = 5; insert into t (v) values (x); update t set v = concat(v, x) where id = x - 4; select * from t where id < x order by id limit x; delete from t where v like concat(x, '%'); select count(*) from t; end
--}
call v6();
--{
create procedure l1() begin declare i int default 0; outerl: loop set i = i + 1; inner1: while true do set i = i + 1; if i > 10 then leave outerl; end if; if i % 2 then iterate outerl; end if; end while inner1; end loop outerl; select i; end
--}
call l1();
--{
create procedure l2() begin declare i int default 0; r: repeat set i = i + 1; if i = 2 then iterate r; end if; until i >= 3 end repeat r; select i; end
--}
call l2();
--{
create procedure l3(n int) lbl: begin if n > 3 then leave lbl; end if; select 'small' as r; end
--}
call l3(1);
call l3(9);
--{
create procedure s1(in d int, inout s int) begin set s = s + d; if d > 1 then call s1(d - 1, s); end if; end
--}
set max_sp_recursion_depth = 20;
set @s = 0;
call s1(5, @s);
select @s;
--{
create procedure o1(out a int, out b varchar(10), out c decimal(6,2)) begin select 1, 'two', 3.456 into a, b, c; end
--}
call o1(@a, @b, @c);
-- ignore: types
select @a, @b, @c;
--{
create procedure o2(out a int) begin select a; end
--}
set @x = 9;
call o2(@x);
-- ignore: types
select @x;
--{
create procedure p1() begin prepare st from 'select ? + 1 as n'; set @q = 41; execute st using @q; deallocate prepare st; end
--}
call p1();
--{
create procedure tx1() begin start transaction; insert into t (v) values ('gone'); rollback; insert into t (v) values ('kept'); end
--}
call tx1();
select v from t;
--{
create procedure tx2() begin declare exit handler for sqlexception begin rollback; select 'rolled back' as r; end; start transaction; insert into t (v) values ('one'); insert into t (id, v) values (1000, 'two'), (1000, 'three'); commit; end
--}
call tx2();
select v from t;
--{
create procedure d1() begin create table made (a int); insert into made values (1), (2); select sum(a) from made; drop table made; end
--}
call d1();
call d1();
--{
create procedure m1() sql security invoker comment 'two sets' begin select 1 as a; select 2 as b, 3 as c; end
--}
call m1();
prepare c from 'call o1(?, ?, ?)';
execute c using @k, @l, @m;
-- ignore: types
select @k, @l, @m;
prepare c from 'call m1()';
execute c;
--{
create procedure u1() begin use mysql; end
--}
--{
create procedure u1() begin lock tables t write; end
--}
--{
create function u2() returns int deterministic begin prepare s from 'select 1'; return 1; end
--}
--{
create procedure u3() begin declare x int; declare c cursor for select 1; declare y int; end
--}
--{
create procedure u3() begin declare continue handler for not found set @a = 1; declare c cursor for select 1; end
--}
--{
create procedure u3() begin declare continue handler for not found set @a = 1; declare continue handler for not found set @a = 2; end
--}
--{
create procedure u3() begin l: loop select 1; end loop m; end
--}
--{
create procedure u3() begin iterate x; end
--}
create procedure u3(a int, a int) begin end;
--{
create procedure u3() begin return 1; end
--}
--{
create procedure u3() begin fetch c into x; end
--}
--{
create procedure u3() begin declare c cursor for select 1; fetch c into x; end
--}
--{
create procedure u3() begin declare c cursor for select 1; declare c cursor for select 2; end
--}
--{
create procedure u3() begin declare x condition for sqlstate 'zzz'; end
--}
--{
create procedure u3() begin declare exit handler for undefd select 1; end
--}
--{
create procedure u3() begin select 1 into x; end
--}
--{
create procedure u3() begin set nosuchvar = 1; end
--}
--{
create procedure u3() begin if 1 then select 1; end
--}
--{
create procedure u3() begin selec 1; end
--}
create procedure u3() create procedure u4() select 1;
create procedure u3() drop procedure m1;
create procedure u3() begin end;
call u3;
call u3();
drop procedure u3;
--{
create function ct() returns varchar(20) deterministic begin declare r varchar(20); case when 1 > 2 then set r = 'no'; else set r = 'yes'; end case; return r; end
--}
select ct(), length(ct()), upper(ct());
select concat(ct(), '!') as x from t where ct() = 'yes' group by x order by x;
create view vv as select ct() as c;
select * from vv;
create function tyf(d date, n decimal(10,3)) returns decimal(12,2) deterministic return year(d) + n;
select tyf('2024-05-06', 1.239), tyf(20240506, '2.5');
insert into t (v) values (ct());
select v from t order by id;
show function status where db = 'nothing';
select routine_name, routine_type from information_schema.routines where routine_schema = database() order by 1;
drop function if exists ct;
select * from vv;
