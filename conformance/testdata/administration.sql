-- Statements about the server and about tables as a whole.
-- ignore always: length, decimals, charset, flags, table, sizes

-- script: all
help 'nosuchtopic';
stop replica;
start replica;
reset replica;
reset replica all;
reset replica all for channel 'x';
stop replica for channel 'x';
reset master;
start slave;
change master to master_host='x';
purge binary logs to 'nosuch';
purge master logs to 'nosuch';
drop server nosuch;
alter server nosuch options (user 'x');
drop tablespace nosuch;
drop undo tablespace nosuch;
alter tablespace nosuch rename to y;
drop logfile group lg engine ndb;
uninstall plugin nosuch;
uninstall component 'file://nosuch';
drop function nosuchfunc;
drop resource group nosuch;
alter resource group nosuch enable;
binlog 'xx';
binlog '';
create table t (a int);
unlock instance;
flush binary logs, status;
flush logs, tables;
flush tables, status;
flush tables nosuch;
flush tables t, nosuch with read lock;
flush tables t for export;
insert into t values (1);
select * from t;
unlock tables;
flush tables t with read lock;
insert into t values (1);
unlock tables;
flush relay logs for channel 'x';
flush local status;
flush no_write_to_binlog binary logs;
flush nosuch;
flush;
flush hosts;
flush optimizer_costs, error logs, engine logs, general logs, slow logs;
reset nosuch;
reset;
reset persist nosuch;
reset persist if exists nosuch;
analyze table t update histogram on a;
analyze table t update histogram on a, b with 5 buckets;
analyze table t update histogram on nosuch with 5 buckets;
analyze table t update histogram on a with 0 buckets;
analyze table t update histogram on a with 2000 buckets;
analyze table t drop histogram on a, nosuch;
analyze table nosuch update histogram on a;
analyze table t, t update histogram on a;
analyze nosuch;
analyze table;
analyze table t extra;
check table t extra;
check table t for upgrade quick fast medium extended changed;
optimize table t quick;
repair table t quick extended use_frm;
optimize no_write_to_binlog table t;
check local table t;
check table {database}_nosuch.t;
analyze table {database}_nosuch.t;
create view v as select * from t;
analyze table v;
check table v;
optimize table v;
repair table v;
create temporary table tt (a int);
analyze table tt;
check table tt;
optimize table tt;
repair table tt;
lock tables t as a read, t as b write;
select * from t as a;
select * from t as b;
delete b from t as b where a=99;
unlock tables;
lock tables t as a read, t as a write;
lock tables t read, t write;
lock tables t write, v read;
insert into t values (7);
create temporary table q2 (a int);
alter table t add b int;
alter table t drop b;
truncate table t;
unlock tables;
lock tables v write;
unlock tables;
lock tables v read;
select * from v;
select * from t;
unlock tables;
lock table t;
lock tables t write low_priority;
lock tables t low_priority write;
lock tables t read read;
lock tables {database}_nosuch.t read;
unlock tables t;
unlock tables;

-- script: semicolons
--{
select 1;;select 2
--}
--{
select 1;;
--}
--{
; select 1
--}
--{
select 1;select 2;
--}
--{
select 1; /* x */ ;select 3
--}
show master status;
show slave hosts;
show binary log status x;
show binlog events in 'nosuch';
show binlog events in '';
show binlog events in 'nosuch' from 4 limit 1, 2;
show binlog events from 4 in 'nosuch';
show binlog events in nosuch;
show binlog events from 'x';
show binlog events limit 1 from 4;
show binlog events limit -1;
show binlog events where pos = 4;
show binlog events like 'x';
show binlog events for channel 'x';
explain show binlog events;
show relaylog events;
show relaylog events in 'nosuch' from 4 limit 1;
show relaylog events for channel '';
show relaylog events for channel 'nosuch';
