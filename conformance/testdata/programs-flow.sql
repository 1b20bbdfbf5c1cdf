-- Stored programs in depth: which handler a condition finds, what diagnostics hold, cursors, labels, nesting, transactions.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: which handler is chosen
create table t (id int primary key, v varchar(5) not null);
insert into t values (1, 'a'), (2, 'b'), (3, 'c');
create table seen (n int auto_increment primary key, what varchar(60));
--{
create procedure code_first() begin
  declare continue handler for sqlexception insert into seen (what) values ('class');
  declare continue handler for sqlstate '23000' insert into seen (what) values ('state');
  declare continue handler for 1062 insert into seen (what) values ('code');
  insert into t values (1, 'x');
  insert into t values (9, null);
  insert into nowhere values (1);
end
--}
call code_first();
select what from seen order by n;
delete from seen;
--{
create procedure inner_first() begin
  declare continue handler for 1062 insert into seen (what) values ('outer code');
  begin
    declare continue handler for sqlexception insert into seen (what) values ('inner class');
    insert into t values (1, 'x');
  end;
  insert into t values (1, 'y');
end
--}
call inner_first();
select what from seen order by n;
delete from seen;
--{
create procedure handlers_do_not_handle_themselves() begin
  declare continue handler for sqlexception begin
    insert into seen (what) values ('handler');
    insert into t values (1, 'again');
    insert into seen (what) values ('not reached');
  end;
  insert into t values (1, 'x');
  insert into seen (what) values ('after');
end
--}
call handlers_do_not_handle_themselves();
select what from seen order by n;
delete from seen;
--{
create procedure handler_in_handler() begin
  declare continue handler for sqlexception begin
    declare continue handler for sqlexception insert into seen (what) values ('nested');
    insert into seen (what) values ('handler');
    insert into t values (1, 'again');
    insert into seen (what) values ('rest of handler');
  end;
  insert into t values (1, 'x');
  insert into seen (what) values ('after');
end
--}
call handler_in_handler();
select what from seen order by n;
delete from seen;
--{
create procedure outer_for_handler() begin
  declare continue handler for 1146 insert into seen (what) values ('outer 1146');
  begin
    declare continue handler for 1062 begin
      insert into seen (what) values ('inner 1062');
      insert into nowhere values (1);
      insert into seen (what) values ('handler goes on?');
    end;
    insert into t values (1, 'x');
    insert into seen (what) values ('block goes on?');
  end;
  insert into seen (what) values ('outer goes on');
end
--}
call outer_for_handler();
select what from seen order by n;
delete from seen;
--{
create procedure exit_leaves_its_block() begin
  begin
    declare exit handler for not found insert into seen (what) values ('exit');
    select v into @v from t where id = 99;
    insert into seen (what) values ('not reached');
  end;
  insert into seen (what) values ('after block');
end
--}
call exit_leaves_its_block();
select what from seen order by n;
delete from seen;
--{
create procedure caller_handles() begin
  declare exit handler for sqlexception insert into seen (what) values ('caller');
  call fails();
  insert into seen (what) values ('not reached');
end
--}
--{
create procedure fails() begin
  insert into seen (what) values ('callee');
  insert into t values (1, 'x');
  insert into seen (what) values ('not reached');
end
--}
call caller_handles();
select what from seen order by n;
delete from seen;
--{
create procedure warning_handler() begin
  declare continue handler for sqlwarning insert into seen (what) values ('warning');
  signal sqlstate '01000' set message_text = 'first';
  insert into seen (what) values ('on');
  set @x = cast('12abc' as signed);
  insert into seen (what) values ('end');
end
--}
call warning_handler();
select what from seen order by n;
delete from seen;
--{
create procedure no_handler_for_warning() begin
  signal sqlstate '01000' set message_text = 'it is a warning', mysql_errno = 1642;
  insert into seen (what) values ('goes on');
end
--}
call no_handler_for_warning();
show warnings;
select what from seen order by n;
delete from seen;
--{
create procedure no_handler_for_not_found() begin
  signal sqlstate '02000' set message_text = 'nothing found';
  insert into seen (what) values ('not reached');
end
--}
call no_handler_for_not_found();
show warnings;
select what from seen order by n;
--{
create procedure two_conditions() begin
  declare gone condition for sqlstate '42S02';
  declare twice condition for 1062;
  declare n int default 0;
  declare continue handler for gone, twice, not found set n = n + 1;
  insert into t values (1, 'x');
  select * from nowhere;
  select v into @v from t where id = 50;
  select n;
end
--}
call two_conditions();
--{
create procedure undo() begin declare undo handler for sqlexception select 1; end
--}
--{
create procedure zero() begin declare continue handler for 0 select 1; end
--}
--{
create procedure success() begin declare continue handler for sqlstate '00000' select 1; end
--}
--{
create procedure same_state() begin declare exit handler for sqlstate '23000' select 1; declare exit handler for sqlstate '23000' select 2; end
--}
--{
create procedure same_code() begin declare exit handler for 1062, 1062 select 1; end
--}
--{
create procedure two_names() begin declare a condition for 1062; declare a condition for 1063; end
--}
--{
create procedure hidden_name() begin
  declare a condition for 1062;
  begin
    declare a condition for 1146;
    declare exit handler for a select 'inner a' as r;
    select * from nowhere;
  end;
end
--}
call hidden_name();

-- script: diagnostics
create table t (id int primary key, v varchar(5) not null);
insert into t values (1, 'a');
--{
create procedure all_items() begin
  declare exit handler for sqlexception begin
    get diagnostics condition 1 @class = class_origin, @subclass = subclass_origin, @state = returned_sqlstate, @text = message_text, @code = mysql_errno,
      @cc = constraint_catalog, @cs = constraint_schema, @cn = constraint_name, @catalog = catalog_name, @schema = schema_name, @table = table_name, @column = column_name, @cursor = cursor_name;
    get diagnostics @n = number, @rows = row_count;
  end;
  signal sqlstate '45123' set class_origin = 'co', subclass_origin = 'so', constraint_catalog = 'cc', constraint_schema = 'cs', constraint_name = 'cn',
    catalog_name = 'cat', schema_name = 'sch', table_name = 'tab', column_name = 'col', cursor_name = 'cur', message_text = 'all of it', mysql_errno = 5000;
end
--}
call all_items();
-- ignore: types
select @class, @subclass, @state, @text, @code, @cc, @cs, @cn, @catalog, @schema, @table, @column, @cursor, @n, @rows;
--{
create procedure row_counts() begin
  declare n int;
  insert into t values (2, 'b'), (3, 'c');
  get diagnostics n = row_count;
  select n;
  update t set v = 'z' where id > 1;
  get diagnostics n = row_count;
  select n;
  delete from t where id > 1;
  get diagnostics n = row_count;
  select n, row_count();
end
--}
call row_counts();
--{
create procedure stacked() begin
  declare exit handler for sqlexception begin
    get stacked diagnostics condition 1 @one = message_text, @codeone = mysql_errno;
    begin
      declare continue handler for 1146 begin
        get stacked diagnostics condition 1 @two = message_text, @codetwo = mysql_errno;
      end;
      select * from nowhere;
    end;
    get stacked diagnostics condition 1 @three = message_text, @codethree = mysql_errno;
    get current diagnostics @left = number;
  end;
  insert into t values (1, 'x');
end
--}
call stacked();
-- ignore: types
select @one, @codeone, @two, @codetwo, @three, @codethree, @left;
--{
create procedure statements_in_handler() begin
  declare continue handler for sqlexception begin
    set @ignored = 1;
    insert into t values (10, 'k') on duplicate key update v = 'l';
    get current diagnostics @current = number;
    get stacked diagnostics @stacked = number;
    get stacked diagnostics condition 1 @m = message_text;
  end;
  insert into t values (1, 'x');
  get current diagnostics @later = number;
end
--}
call statements_in_handler();
-- ignore: types
select @current, @stacked, @m, @later;
--{
create procedure no_such_condition() begin
  declare continue handler for sqlexception get diagnostics condition 5 @m = message_text;
  insert into t values (1, 'x');
end
--}
call no_such_condition();
show warnings;
--{
create procedure number_by_variable() begin
  declare i int default 1;
  declare continue handler for sqlexception begin
    get diagnostics condition i @m = message_text;
  end;
  insert into t values (1, 'x');
end
--}
call number_by_variable();
select @m;
--{
create procedure resignal_adds() begin
  declare exit handler for sqlexception resignal set message_text = 'said again';
  insert into t values (1, 'x');
end
--}
call resignal_adds();
show warnings;
show errors;
--{
create procedure resignal_stacks() begin
  declare exit handler for sqlexception resignal sqlstate '45007' set message_text = 'on top', mysql_errno = 1111;
  insert into t values (1, 'x');
end
--}
call resignal_stacks();
show warnings;
-- text
select @@error_count, @@warning_count;
--{
create procedure resignal_twice() begin
  declare exit handler for sqlexception begin
    get diagnostics @n = number;
    get diagnostics condition 1 @m1 = message_text;
    get diagnostics condition 2 @m2 = message_text;
    resignal;
  end;
  call resignal_stacks();
end
--}
call resignal_twice();
-- ignore: types
select @n, @m1, @m2;
--{
create procedure signal_variables(s char(5), m varchar(200)) begin
  declare x varchar(20) default 'variable';
  signal sqlstate '45000' set message_text = x, table_name = m;
end
--}
call signal_variables('45000', 'abc');
--{
create procedure signal_null() begin
  declare x varchar(20);
  signal sqlstate '45000' set message_text = x;
end
--}
call signal_null();
--{
create procedure signal_long() begin
  declare x varchar(300) default repeat('m', 200);
  signal sqlstate '45000' set message_text = x;
end
--}
call signal_long();
--{
create procedure signal_bad_number() begin
  signal sqlstate '45000' set mysql_errno = 70000;
end
--}
call signal_bad_number();
--{
create procedure signal_twice_item() begin
  signal sqlstate '45000' set message_text = 'a', message_text = 'b';
end
--}
--{
create procedure signal_code() begin declare c condition for 1146; signal c; end
--}
--{
create procedure get_unknown() begin get diagnostics @a = nothing; end
--}
--{
create procedure get_into_nothing() begin get diagnostics nothing = number; end
--}
get stacked diagnostics @a = number;
get diagnostics condition 1 @m = message_text;
select nothing;
get diagnostics condition 1 @m = message_text, @e = mysql_errno;
-- ignore: types
select @m, @e;

-- script: cursors
create table t (id int primary key, v varchar(10), d decimal(8,2), dt datetime);
insert into t values (1, 'one', 1.25, '2024-01-02 03:04:05'), (2, null, 2.5, null), (3, 'three', null, '2024-03-04 05:06:07');
create table u (id int, w varchar(10));
insert into u values (1, 'x'), (1, 'y'), (3, 'z');
--{
create procedure walk() begin
  declare done int default false;
  declare a int; declare b varchar(10); declare c decimal(8,2); declare e datetime;
  declare walker cursor for select id, v, d, dt from t order by id desc;
  declare continue handler for not found set done = true;
  open walker;
  rows_l: loop
    fetch next from walker into a, b, c, e;
    if done then leave rows_l; end if;
    select a, b, c, e;
  end loop;
  close walker;
end
--}
call walk();
--{
create procedure nested() begin
  declare done int default 0;
  declare i int; declare w1 varchar(10); declare text varchar(200) default '';
  declare outer_c cursor for select id from t order by id;
  declare continue handler for not found set done = 1;
  open outer_c;
  repeat
    fetch outer_c into i;
    if not done then
      begin
        declare inner_done int default 0;
        declare inner_c cursor for select w from u where id = i order by w;
        declare continue handler for not found set inner_done = 1;
        open inner_c;
        fetch inner_c into w1;
        while not inner_done do
          set text = concat(text, i, w1, ';');
          fetch inner_c into w1;
        end while;
        close inner_c;
      end;
    end if;
  until done end repeat;
  close outer_c;
  select text;
end
--}
call nested();
--{
create procedure keeps_rows() begin
  declare done int default 0; declare i int; declare n int default 0;
  declare c cursor for select id from t;
  declare continue handler for not found set done = 1;
  open c;
  delete from t;
  fetch c into i;
  while not done do
    set n = n + i;
    fetch c into i;
  end while;
  select n, (select count(*) from t);
end
--}
start transaction;
call keeps_rows();
rollback;
select count(*) from t;
--{
create procedure block_closes() begin
  declare n int default 0; declare x int;
  while n < 2 do
    begin
      declare c cursor for select id from t order by id;
      open c;
      fetch c into x;
      set n = n + x;
    end;
  end while;
  select n, x;
end
--}
call block_closes();
--{
create procedure reopen() begin
  declare x int; declare k int default 2;
  declare c cursor for select id from t where id >= k order by id;
  open c; fetch c into x; select x; close c;
  set k = 3;
  open c; fetch c into x; select x; close c;
  close c;
end
--}
call reopen();
--{
create procedure too_few() begin
  declare x int; declare c cursor for select id from t;
  open c; fetch c into x, x;
end
--}
call too_few();
--{
create procedure converts() begin
  declare x int; declare c cursor for select v from t where id = 1;
  open c; fetch c into x;
end
--}
call converts();
--{
create procedure converts_gently() begin
  declare x int default 7; declare c cursor for select v from t where id = 1;
  declare continue handler for sqlexception begin get diagnostics condition 1 @e = mysql_errno, @m = message_text; end;
  open c; fetch c into x;
  select x, @e, @m;
end
--}
-- ignore: types
call converts_gently();
--{
create procedure fails_to_open() begin
  declare c cursor for select id from nowhere;
  declare continue handler for sqlexception select 'cannot open' as r;
  open c;
  select 'goes on' as r;
end
--}
call fails_to_open();
--{
create procedure shown() begin declare x int; declare c cursor for show tables; open c; end
--}
--{
create procedure parameters(n int) begin
  declare x int; declare s int default 0; declare done int default 0;
  declare c cursor for select id * n from t union all select n;
  declare continue handler for not found set done = 1;
  open c;
  l: loop
    fetch c into x;
    if done then leave l; end if;
    set s = s + x;
  end loop l;
  select s;
end
--}
call parameters(10);
call parameters(null);

-- script: loops and labels
--{
create procedure fib(n int) begin
  declare a, b, c bigint default 0;
  set b = 1;
  while n > 0 do set c = a + b, a = b, b = c, n = n - 1; end while;
  select a;
end
--}
call fib(0);
call fib(50);
call fib(-3);
--{
create procedure primes(most int) begin
  declare n, d int; declare list varchar(200);
  set n = 2;
  numbers: loop
    if n > most then leave numbers; end if;
    set d = 2;
    while d * d <= n do
      if n % d = 0 then set n = n + 1; iterate numbers; end if;
      set d = d + 1;
    end while;
    set list = concat_ws(' ', list, n);
    set n = n + 1;
  end loop numbers;
  select list;
end
--}
call primes(60);
--{
create procedure labelled() a: begin
  b: begin
    declare i int default 0;
    c: repeat
      set i = i + 1;
      d: while i < 5 do
        set i = i + 1;
        if i = 3 then leave c; end if;
        iterate d;
      end while d;
    until i > 10 end repeat c;
    select i;
    leave b;
    select 'not reached';
  end b;
  select 'after b' as r;
  leave a;
  select 'not reached either';
end a
--}
call labelled();
--{
create procedure same_label() a: begin a: begin end a; end a
--}
--{
create procedure same_label_beside() begin a: begin select 1 as x; end a; a: begin select 2 as x; end a; end
--}
call same_label_beside();
--{
create procedure iterate_block() a: begin iterate a; end
--}
--{
create procedure leave_unknown() begin leave nowhere; end
--}
--{
create procedure leave_out_of_handler() a: begin declare continue handler for sqlexception leave a; select * from nowhere; end
--}
--{
create procedure leave_in_handler() begin
  declare i int default 0;
  declare continue handler for sqlexception begin
    l: loop set i = i + 1; if i > 3 then leave l; end if; end loop;
  end;
  select * from nowhere;
  select i;
end
--}
call leave_in_handler();
--{
create procedure cases(x int) begin
  case x when 1 then select 'one' as r; when 2 then select 'two' as r; else begin end; end case;
  case when x > 5 then select 'large' as r; when x is null then select 'null' as r; when x > 0 then select 'small' as r; end case;
end
--}
call cases(1);
call cases(2);
call cases(9);
call cases(null);
call cases(-1);
--{
create procedure ifs(x int) begin
  if x < 0 then select 'negative' as r;
  elseif x = 0 then select 'zero' as r;
  elseif x < 10 then if x % 2 then select 'small odd' as r; else select 'small even' as r; end if;
  else select 'large' as r;
  end if;
end
--}
call ifs(-1);
call ifs(0);
call ifs(4);
call ifs(7);
call ifs(70);
call ifs(null);
--{
create procedure empty_loop() begin declare i int default 3; while i do set i = i - 1; end while; select i; repeat set i = i + 1; until i end repeat; select i; end
--}
call empty_loop();
--{
create procedure subquery_conditions() begin
  declare i int default 0;
  while (select count(*) from (select 1 union select 2) d) > i do set i = i + 1; end while;
  if exists (select 1 from dual where i = 2) then select 'two' as r; end if;
  if i in (select 1 union select 2) then select 'in' as r; end if;
  case (select max(i)) when 2 then select 'case' as r; end case;
end
--}
call subquery_conditions();

-- script: recursion and nesting
create table depth (n int);
--{
create procedure down(n int) begin insert into depth values (n); if n > 0 then call down(n - 1); end if; end
--}
call down(0);
call down(1);
select * from depth order by n;
delete from depth;
set max_sp_recursion_depth = 3;
call down(3);
select count(*) from depth;
call down(4);
select count(*) from depth;
set max_sp_recursion_depth = 255;
delete from depth;
call down(100);
select count(*) from depth;
set max_sp_recursion_depth = 256;
show warnings;
select @@max_sp_recursion_depth;
set max_sp_recursion_depth = -1;
select @@max_sp_recursion_depth;
--{
create procedure ping(n int) begin if n > 0 then call pong(n - 1); end if; insert into depth values (n); end
--}
--{
create procedure pong(n int) begin if n > 0 then call ping(n - 1); end if; insert into depth values (-n); end
--}
set max_sp_recursion_depth = 10;
delete from depth;
call ping(4);
select n from depth order by n;
set max_sp_recursion_depth = 0;
call ping(4);
--{
create function twice(x int) returns int deterministic return x * 2
--}
--{
create function four(x int) returns int deterministic return twice(twice(x))
--}
--{
create procedure uses(inout x int, out y int) begin set x = four(x); set y = twice(x) + 1; end
--}
set @a = 5;
call uses(@a, @b);
-- ignore: types
select @a, @b;
--{
create procedure passes(out z int) begin declare q int default 3; call uses(q, z); set z = z + q; end
--}
call passes(@c);
-- ignore: types
select @c;
--{
create procedure constants() begin call uses(1, @x); end
--}
call uses(1, @b);
call constants();
call uses(@a);
call uses(@a, @b, @c);
call nowhere();
select nowhere();
select twice();
select twice(1, 2);
--{
create procedure same_variable(out a int, out b int) begin set a = 1; set b = 2; end
--}
call same_variable(@s, @s);
-- ignore: types
select @s;
--{
create procedure out_starts_null(out a int, inout b int) begin select a, b; set a = 10; end
--}
set @a = 1, @b = 2;
call out_starts_null(@a, @b);
-- ignore: types
select @a, @b;
--{
create procedure out_lost_at_error(out a int) begin set a = 77; select * from nowhere; end
--}
set @a = 1;
call out_lost_at_error(@a);
-- ignore: types
select @a;

-- script: transactions in procedures
create table t (id int primary key, v varchar(10));
--{
create procedure commits() begin start transaction; insert into t values (1, 'kept'); commit; start transaction; insert into t values (2, 'gone'); rollback; end
--}
call commits();
select * from t;
--{
create procedure leaves_open() begin start transaction; insert into t values (3, 'open'); end
--}
call leaves_open();
rollback;
select id from t;
--{
create procedure in_callers() begin insert into t values (4, 'x'); end
--}
start transaction;
call in_callers();
rollback;
select id from t;
start transaction;
call in_callers();
commit;
select id from t;
--{
create procedure points() begin
  start transaction;
  insert into t values (5, 'a');
  savepoint one;
  insert into t values (6, 'b');
  savepoint two;
  insert into t values (7, 'c');
  rollback to savepoint one;
  insert into t values (8, 'd');
  release savepoint one;
  commit;
end
--}
call points();
select id from t order by id;
--{
create procedure fails_midway() begin
  insert into t values (20, 'a');
  insert into t values (21, 'b'), (1, 'dup');
  insert into t values (22, 'c');
end
--}
call fails_midway();
select id from t where id >= 20 order by id;
start transaction;
insert into t values (30, 'before');
call fails_midway();
select id from t where id >= 20 order by id;
commit;
select id from t where id >= 20 order by id;
--{
create procedure safe(n int) begin
  declare exit handler for sqlexception begin get diagnostics condition 1 @e = mysql_errno; rollback; select concat('undone ', @e) as r; end;
  start transaction;
  insert into t values (n, 'new');
  insert into t values (1, 'dup');
  commit;
end
--}
call safe(40);
select id from t where id >= 40;
set autocommit = 0;
--{
create procedure plain_insert() insert into t values (50, 'x')
--}
call plain_insert();
rollback;
select id from t where id = 50;
set autocommit = 1;
--{
create procedure sets_autocommit() begin set autocommit = 0; insert into t values (60, 'x'); rollback; set autocommit = 1; insert into t values (61, 'y'); end
--}
call sets_autocommit();
select id from t where id >= 60;
--{
create procedure ddl_commits() begin start transaction; insert into t values (70, 'x'); create table side (a int); rollback; end
--}
call ddl_commits();
select id from t where id = 70;
--{
create function writes(n int) returns int deterministic modifies sql data begin insert into t values (n, 'f'); return n; end
--}
select writes(80), writes(81);
select writes(80);
select id from t where id >= 80;
insert into t select writes(90) + 1, 'sel';
select id from t where id >= 90;
--{
create function commits_not() returns int deterministic begin commit; return 1; end
--}
--{
create function starts_not() returns int deterministic begin start transaction; return 1; end
--}
--{
create function shows_not() returns int deterministic begin select 1; return 1; end
--}
--{
create function makes_not() returns int deterministic begin create table x (a int); return 1; end
--}
--{
create procedure commit_inside() begin commit; end
--}
--{
create function calls_commit() returns int deterministic begin call commit_inside(); return 1; end
--}
select calls_commit();
--{
create procedure set_inside() begin select 1; end
--}
--{
create function calls_select() returns int deterministic begin call set_inside(); return 1; end
--}
select calls_select();

-- script: triggers that fail
create table t (id int primary key, n int);
create table trail (n int auto_increment primary key, what varchar(40));
--{
create trigger t_bi before insert on t for each row begin
  if new.n < 0 then signal sqlstate '45000' set message_text = 'no negative numbers', mysql_errno = 3001; end if;
  insert into trail (what) values (concat('bi ', new.id));
end
--}
--{
create trigger t_ai after insert on t for each row begin
  if new.n = 13 then signal sqlstate '45013' set message_text = 'thirteen'; end if;
  insert into trail (what) values (concat('ai ', new.id));
end
--}
insert into t values (1, 1), (2, -1), (3, 3);
select * from t;
select what from trail;
insert into t values (1, 1), (2, 13);
select count(*) from t;
select count(*) from trail;
insert ignore into t values (1, 1), (2, 13), (3, 3);
show warnings;
select * from t;
select what from trail order by n;
delete from trail;
start transaction;
insert into t values (50, 5);
insert into t values (51, 13);
select id from t order by id;
select what from trail order by n;
commit;
select id from t where id >= 50;
create trigger t_bu before update on t for each row set new.n = old.n + 1, new.id = old.id;
create trigger t_au after update on t for each row insert into trail (what) values (concat_ws(' ', 'au', old.n, new.n));
delete from trail;
update t set n = 100 where id = 1;
select n from t where id = 1;
update t set id = 500 where id = 1;
select id, n from t order by id;
select what from trail order by n;
--{
create trigger t_bd before delete on t for each row begin
  declare exit handler for sqlexception insert into trail (what) values ('handled');
  insert into nowhere values (1);
  insert into trail (what) values ('not reached');
end
--}
delete from trail;
delete from t where id = 1;
select what from trail order by n;
drop trigger t_bd;
create trigger t_bd before delete on t for each row delete from t where id = old.id + 1;
delete from t where id = 3;
select id from t order by id;
drop trigger t_bd;
create trigger t_bd before delete on t for each row insert into missing values (old.id);
delete from t where id = 3;
delete from t where id = 12345;
drop trigger t_bd;
--{
create trigger t_bd before delete on t for each row begin
  declare continue handler for not found set @nf = 'yes';
  select what into @w from trail where n = -5;
  set @seen = concat_ws(',', @seen, old.id);
end
--}
set @seen = null;
delete from t;
-- ignore: types
select @seen, @nf;
create table other (id int primary key, t_id int);
create trigger other_ai after insert on other for each row insert into t values (new.t_id, 13);
insert into other values (1, 1000);
select count(*) from other;
create trigger other_au after update on other for each row insert into t values (new.t_id, 7);
create trigger other_loop after delete on other for each row delete from other where id = old.id;
insert into trail (what) values ('x');
delete from other;
create table first_t (a int);
create table second_t (a int);
create trigger f_ai after insert on first_t for each row insert into second_t values (new.a + 1);
create trigger s_ai after insert on second_t for each row insert into first_t values (new.a + 1);
insert into first_t values (1);
select count(*) from first_t;
create table strict_t (a tinyint, b varchar(3) not null);
create trigger strict_bi before insert on strict_t for each row set new.a = 300;
insert into strict_t values (1, 'x');
drop trigger strict_bi;
create trigger strict_bi before insert on strict_t for each row set new.b = null;
insert into strict_t values (1, 'x');
drop trigger strict_bi;
create trigger strict_bi before insert on strict_t for each row set new.b = ifnull(new.b, 'def');
insert into strict_t values (1, null);
insert into strict_t (a) values (2);
select * from strict_t;

-- script: diagnostics in triggers and functions
create table t (id int primary key, n int);
insert into t values (1, 1);
--{
create trigger t_bi before insert on t for each row begin get diagnostics condition 3 @m = message_text; set new.n = 5; end
--}
insert into t values (2, 1);
show warnings;
--{
create function f(x int) returns int deterministic modifies sql data begin
  declare n int default 0;
  declare continue handler for 1062 begin get diagnostics condition 1 @m = message_text, @r = returned_sqlstate; set n = n + 1; end;
  insert into t values (1, x);
  insert into t values (1, x);
  return n;
end
--}
select f(1);
show warnings;
select @m, @r;
--{
create function warns(x varchar(10)) returns int deterministic begin signal sqlstate '01234' set message_text = x; return 1; end
--}
select warns('careful');
show warnings;
--{
create function missing() returns int deterministic begin signal sqlstate '02000' set message_text = 'nothing'; return 1; end
--}
select missing();
--{
create function fails(x varchar(40)) returns int deterministic begin signal sqlstate '45000' set message_text = x; return 1; end
--}
select fails('in a select');
insert into t values (7, fails('in an insert'));
update t set n = fails('in an update') where id = 1;
delete from t where n = fails('in a where');
set @a = fails('in a set');
select id from t order by id;
--{
create procedure signals_in_handler() begin
  declare exit handler for sqlexception signal sqlstate '45111' set message_text = 'replaced';
  insert into t values (1, 1);
end
--}
call signals_in_handler();
show warnings;
--{
create procedure row_count_of_failure() begin
  declare continue handler for sqlexception begin get diagnostics @r = row_count; select row_count(); end;
  insert into t values (1, 1);
  set @a = 1;
  get diagnostics @q = row_count;
end
--}
call row_count_of_failure();
-- ignore: types
select @r, @q;
get diagnostics condition 5 @m = message_text;
show warnings;
set max_sp_recursion_depth = 700;
show warnings;
set group_concat_max_len = 1;
show warnings;
set auto_increment_increment = 0, auto_increment_offset = 70000;
show warnings;
create procedure not_select() begin declare c cursor for insert into t values (1); end;
create procedure show_cursor() begin declare c cursor for show tables; end;
--{
create procedure lets_select() select 1
--}
create trigger t_bd before delete on t for each row call lets_select();
delete from t where id = 1;

-- script: whose warnings are heard
set sql_mode = '';
create table t (id int primary key, n int);
create table u (a tinyint);
--{
create function warns() returns int deterministic begin signal sqlstate '01234' set message_text = 'a'; return 1; end
--}
--{
create function assigns() returns int deterministic begin declare x tinyint; set x = 400; return x; end
--}
--{
create function returns_it() returns int deterministic return cast('12abc' as signed)
--}
--{
create function writes() returns int deterministic begin insert into u values (300); return 1; end
--}
select warns();
show warnings;
select assigns();
show warnings;
select returns_it();
show warnings;
select writes();
show warnings;
set @q = returns_it();
show warnings;
insert into t values (returns_it(), assigns());
show warnings;
create trigger bi before insert on t for each row insert into u values (500);
create trigger bu before update on t for each row set new.n = 'x';
insert into t values (2, 1000000000000);
show warnings;
update t set n = 2;
show warnings;
--{
create procedure last_heard() begin signal sqlstate '01234' set message_text = 'a'; set @a = 1; end
--}
--{
create procedure heard() begin set @a = 1; signal sqlstate '01234' set message_text = 'a'; end
--}
--{
create procedure inserts() begin insert into u values (300), (301); end
--}
--{
create procedure inserts_and_selects() begin insert into u values (300), (301); select 1; end
--}
--{
create procedure calls() begin call inserts(); end
--}
call last_heard();
show warnings;
call heard();
show warnings;
call inserts();
show warnings;
call inserts_and_selects();
show warnings;
call calls();
show warnings;
