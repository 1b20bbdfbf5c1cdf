-- ignore always: length, decimals, charset, flags, table, sizes

-- script: show
create database if not exists inspected collate utf8mb4_0900_ai_ci;
create table inspected.parent (id int primary key, code varchar(10) not null, unique key code_u (code));
create table inspected.child (id bigint unsigned not null auto_increment, parent_id int, name varchar(50) character set latin1 not null default 'x' comment 'a name', body text, n decimal(10,2) default '1.50', at timestamp null default current_timestamp on update current_timestamp, flags set('a','b'), kind enum('one','two') not null default 'one', g int generated always as (parent_id + 1) virtual, doc json, pos point, primary key (id), unique key name_kind (name, kind desc), key body_k (body(10)), fulltext key ft (body), constraint fk_p foreign key (parent_id) references parent (id) on delete cascade on update set null, constraint positive check (n > 0)) comment='children';
create view inspected.v as select id, name as label from inspected.child;
show databases like 'inspected';
show schemas like 'inspe%';
show databases where `Database` = 'inspected';
show tables from inspected;
show full tables from inspected where table_type = 'VIEW';
show full tables from inspected like 'c%';
show tables in inspected where Tables_in_inspected like 'p%';
show extended tables from inspected;
show columns from inspected.child;
show full columns from inspected.child;
show columns from child from inspected like 'n%';
show full fields from child in inspected where `Null` = 'NO';
describe inspected.child;
describe inspected.child name;
desc inspected.child 'n%';
explain inspected.parent;
show columns from inspected.v;
show index from inspected.child;
show indexes from child from inspected where Key_name = 'PRIMARY';
show keys in inspected.parent;
show create table inspected.child;
-- any: Create View
show create table inspected.v;
-- any: Create View
show create view inspected.v;
show create database inspected;
show create schema if not exists inspected;
show create database information_schema;
-- ignore: rows
show table status from inspected like 'v';
-- ignore: rows
show table status from inspected where Name = 'parent';
show triggers from inspected;
show full triggers from inspected like 'x';
show events from inspected;
show events from inspected where name='x';
show procedure status where Db = 'inspected';
show function status like 'x';
show open tables like 'zzz';
-- ignore: rows
show engine innodb status;
-- ignore: rows
show engine performance_schema status;
show character set like 'utf8mb4';
show charset where Maxlen = 3;
show char set like 'latin%';
show collation like 'utf8mb4_0900_ai_ci';
show collation where charset = 'latin1' and `default` = 'Yes';
show collation like 'utf8mb4_general_ci';
-- ignore: rows
show variables like 'lower_case_table_names';
-- ignore: rows
show global variables where variable_name in ('lower_case_table_names','autocommit');
-- ignore: rows
show session variables like 'auto\_increment\_increment';
-- ignore: rows
show status like 'Threads_connected';
-- ignore: rows
show global status like 'Uptime';
-- ignore: rows
show local status like 'Com_select';
show errors limit 1;
-- ignore: rows
show count(*) warnings;
show count(*) errors;
-- ignore: names, rows
show grants;
-- ignore: names, rows
show grants for current_user;
-- ignore: names, rows
show grants for current_user();
show grants for nobody@nowhere;
-- ignore: rows
show binary log status;
show replica status;
show replicas;
-- ignore: warnings
show profiles;
-- ignore: warnings
show profile;
-- ignore: warnings
show profile for query 1;
show open tables where `Table` = 'zzz';
show engine foo status;
show engine csv status;
show replica status for channel '';

show relaylog events;
show create procedure inspected.p;
show create function inspected.f;
show create trigger inspected.t;
show create event inspected.e;
show tables from nosuch;
show columns from inspected.nosuch;
show index from inspected.nosuch;
show create table inspected.nosuch;
show table status from nosuch;
show triggers from nosuch;
show events from nosuch;
show open tables from nosuch;
select * from information_schema.nosuch;
select * from mysql.nosuch;
select * from performance_schema.nosuch;
drop database inspected;
-- script: tables
create database inspected collate utf8mb4_0900_ai_ci;
create table inspected.parent (id int primary key, code varchar(10) not null, unique key code_u (code));
create table inspected.child (id bigint unsigned not null auto_increment, parent_id int, name varchar(50) character set latin1 not null default 'x' comment 'a name', body text, n decimal(10,2) default '1.50', at timestamp null default current_timestamp on update current_timestamp, flags set('a','b'), kind enum('one','two') not null default 'one', g int generated always as (parent_id + 1) virtual, doc json, pos point, primary key (id), unique key name_kind (name, kind desc), key body_k (body(10)), fulltext key ft (body), constraint fk_p foreign key (parent_id) references inspected.parent (id) on delete cascade on update set null, constraint positive check (n > 0)) comment='children';
create view inspected.v as select c.id, c.name as label, p.code from inspected.child c join inspected.parent p on p.id = c.parent_id;
select * from information_schema.schemata where schema_name = 'inspected';
select * from information_schema.schemata_extensions where schema_name = 'inspected';
select table_catalog, table_schema, table_name, table_type, engine, version, row_format, table_rows, avg_row_length, max_data_length, data_free, update_time, check_time, table_collation, checksum, create_options, table_comment from information_schema.tables where table_schema = 'inspected' order by table_name;
select * from information_schema.tables_extensions where table_schema = 'inspected' order by table_name;
select * from information_schema.columns where table_schema = 'inspected' and table_name = 'child' order by ordinal_position;
select * from information_schema.columns where table_schema = 'inspected' and table_name = 'v' order by ordinal_position;
select * from information_schema.columns_extensions where table_schema = 'inspected' and table_name = 'parent';
select * from information_schema.statistics where table_schema = 'inspected' order by table_name, index_name, seq_in_index;
select * from information_schema.key_column_usage where table_schema = 'inspected' order by table_name, constraint_name, ordinal_position;
select * from information_schema.table_constraints where table_schema = 'inspected' order by table_name, constraint_name;
select * from information_schema.table_constraints_extensions where constraint_schema = 'inspected' and constraint_name <> 'FTS_DOC_ID_INDEX' order by table_name, constraint_name;
select * from information_schema.referential_constraints where constraint_schema = 'inspected';
select * from information_schema.check_constraints where constraint_schema = 'inspected';
select table_schema, table_name, view_definition, check_option, security_type, character_set_client, collation_connection from information_schema.views where table_schema = 'inspected';
select * from information_schema.view_table_usage where view_schema = 'inspected' order by table_name;
select * from information_schema.view_routine_usage where table_schema = 'inspected';
select table_schema, table_name, partition_name, subpartition_name, partition_ordinal_position, partition_method, partition_expression, table_rows, avg_row_length, max_data_length, data_free, update_time, check_time, checksum, partition_comment, nodegroup, tablespace_name from information_schema.partitions where table_schema = 'inspected' order by table_name;
select * from information_schema.st_geometry_columns where table_schema = 'inspected';
select * from information_schema.routines where routine_schema = 'inspected';
select * from information_schema.parameters where specific_schema = 'inspected';
select * from information_schema.triggers where trigger_schema = 'inspected';
select * from information_schema.events where event_schema = 'inspected';
select * from information_schema.table_privileges where table_schema = 'inspected';
select * from information_schema.column_privileges where table_schema = 'inspected';
select * from information_schema.schema_privileges where table_schema = 'inspected';
select * from information_schema.column_statistics where schema_name = 'inspected';
select * from information_schema.character_sets where character_set_name in ('utf8mb4', 'latin1');
select * from information_schema.collations where collation_name in ('utf8mb4_0900_ai_ci', 'latin1_swedish_ci');
select * from information_schema.collation_character_set_applicability where collation_name = 'utf8mb4_bin';
select engine, support, comment, transactions, savepoints from information_schema.engines where engine = 'InnoDB';
select count(*), sum(reserved) from information_schema.keywords;
select * from information_schema.keywords where word in ('SELECT', 'ABSENT') order by word;
select count(*) from information_schema.files where tablespace_name = 'inspected';
select * from information_schema.innodb_trx;
select * from information_schema.applicable_roles;
select * from information_schema.enabled_roles;
select * from information_schema.role_table_grants where table_schema = 'inspected';
select * from information_schema.optimizer_trace;
-- ignore: warnings
select * from information_schema.profiling;
select * from information_schema.libraries;
select * from information_schema.json_duality_views;
select * from mysql.db where db = 'inspected';
select * from mysql.tables_priv where db = 'inspected';
-- ignore: rows
select * from mysql.columns_priv;
-- ignore: rows
select * from mysql.procs_priv;
-- ignore: rows
select * from mysql.role_edges;
-- ignore: rows
select * from mysql.default_roles;
select * from mysql.func;
select * from mysql.plugin;
select * from mysql.servers;
select * from mysql.component;
select * from mysql.time_zone_leap_second;
select * from mysql.general_log;
select * from mysql.slow_log;
select * from performance_schema.data_locks where object_schema = 'inspected';
select * from performance_schema.data_lock_waits;
select * from performance_schema.metadata_locks where object_schema = 'inspected2';
select * from performance_schema.replication_connection_status;
select * from performance_schema.replication_applier_status_by_worker;
-- ignore: rows
select * from performance_schema.prepared_statements_instances;
select * from performance_schema.user_defined_functions where udf_name = 'x';
select * from performance_schema.persisted_variables;
drop database inspected;
-- script: names
create database inspected;
create table inspected.t (Aa int primary key, B int);
create view inspected.v as select aa, B x from inspected.t;
select AA, b from inspected.t;
select AA, X from inspected.v;
select t.AA, t.x from inspected.v t;
select AA from (select aa from inspected.v) t;
select AA from (select distinct aa from inspected.t) t;
select AA from (select aa from inspected.t limit 1) t;
select AA from (select aa + 1 aa from inspected.t) t;
select AA from (select max(aa) aa from inspected.t) t;
select AA from (select row_number() over () aa from inspected.t) t;
select AA from (select aa from inspected.t union select 1) t;
select AA from (select 1 aa) t;
select AA from (select (select max(b) from inspected.t) aa from inspected.t) t;
with q as (select aa from inspected.t) select AA from q;
with q as (select distinct aa from inspected.t) select AA from q;
select collation_name, Id from information_schema.collations where collation_name = 'utf8mb4_bin';
select schema_name, Default_Collation_Name from information_schema.schemata where schema_name = 'inspected';
select table_name, Table_Type tt from information_schema.tables where table_schema = 'inspected' order by table_name;
select engine from information_schema.engines where engine = 'InnoDB' group by engine;
select max(table_name) from information_schema.tables where table_schema = 'inspected';
select table_name from information_schema.tables where table_schema = 'inspected' union select 'x' order by 1;
select x.table_name from (select table_name from information_schema.tables where table_schema = 'inspected') x order by table_name;
-- ignore: rows
select variable_name, Variable_Value from performance_schema.global_variables where variable_name = 'autocommit';
select distinct table_schema from information_schema.columns where table_schema = 'inspected';
select lower(table_name), table_name as n from information_schema.tables where table_schema = 'inspected' order by n;
select grantee, privilege_type from information_schema.user_privileges where privilege_type = 'nothing';
select plugin_name from information_schema.plugins where plugin_name = 'nothing';
select c.column_name, t.engine from information_schema.columns c join information_schema.tables t using (table_schema, table_name) where table_schema = 'inspected' and t.table_name = 't' order by c.ordinal_position;
drop database inspected;
-- script: apps
create database inspected collate utf8mb4_0900_ai_ci;
create table inspected.parent (id int primary key, code varchar(10) not null, unique key code_u (code));
create table inspected.child (id bigint unsigned not null auto_increment, parent_id int, name varchar(50) character set latin1 not null default 'x' comment 'a name', body text, n decimal(10,2) default '1.50', at timestamp null default current_timestamp on update current_timestamp, flags set('a','b'), kind enum('one','two') not null default 'one', g int generated always as (parent_id + 1) virtual, doc json, pos point, primary key (id), unique key name_kind (name, kind desc), key body_k (body(10)), fulltext key ft (body), constraint fk_p foreign key (parent_id) references inspected.parent (id) on delete cascade on update set null, constraint positive check (n > 0)) comment='children';
create view inspected.v as select c.id, c.name as label, p.code from inspected.child c join inspected.parent p on p.id = c.parent_id;
SELECT table_name, CASE WHEN table_type='BASE TABLE' THEN 't' ELSE 'v' END, table_comment FROM information_schema.tables WHERE table_schema = DATABASE();
SELECT column_name, data_type, CASE WHEN collation_name = default_collation_name THEN NULL ELSE collation_name END, EXTRA LIKE '%auto_increment%', column_type FROM information_schema.columns CROSS JOIN information_schema.schemata s WHERE table_name = 'child' AND table_schema = 'inspected' AND s.schema_name='inspected' order by ordinal_position;
SELECT kc.constraint_name, kc.column_name, kc.referenced_table_name, kc.referenced_column_name, c.constraint_type FROM information_schema.key_column_usage AS kc, information_schema.table_constraints AS c WHERE kc.table_schema = 'inspected' AND (kc.referenced_table_schema = 'inspected' OR kc.referenced_table_schema IS NULL) AND c.table_schema = kc.table_schema AND c.constraint_name = kc.constraint_name AND c.constraint_type != 'CHECK' AND kc.table_name = 'child' ORDER BY kc.ordinal_position, kc.constraint_name;
SELECT cc.constraint_name, cc.check_clause FROM information_schema.check_constraints AS cc, information_schema.table_constraints AS tc WHERE cc.constraint_schema = 'inspected' AND tc.table_schema = cc.constraint_schema AND cc.constraint_name = tc.constraint_name AND tc.constraint_type = 'CHECK' AND tc.table_name = 'child';
SELECT fk.referenced_table_name AS 'to_table', fk.referenced_column_name AS 'primary_key', fk.column_name AS 'column', fk.constraint_name AS 'name', fk.ordinal_position AS 'position', rc.update_rule AS 'on_update', rc.delete_rule AS 'on_delete' FROM information_schema.referential_constraints rc JOIN information_schema.key_column_usage fk USING (constraint_schema, constraint_name) WHERE fk.referenced_column_name IS NOT NULL AND fk.table_schema = 'inspected' AND fk.table_name = 'child' AND rc.constraint_schema = 'inspected' AND rc.table_name = 'child';
SELECT column_name FROM information_schema.statistics WHERE index_name = 'PRIMARY' AND table_schema = 'inspected' AND table_name = 'child' ORDER BY seq_in_index;
SELECT table_comment FROM information_schema.tables WHERE table_schema = 'inspected' AND table_name = 'child';
SELECT generation_expression FROM information_schema.columns WHERE table_schema = 'inspected' AND table_name = 'child' AND column_name = 'g';
SELECT table_name FROM (SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'inspected') _subquery WHERE _subquery.table_type = 'VIEW';
SELECT SCHEMA_NAME AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, CASE WHEN TABLE_TYPE='BASE TABLE' THEN CASE WHEN TABLE_SCHEMA = 'mysql' OR TABLE_SCHEMA = 'performance_schema' THEN 'SYSTEM TABLE' ELSE 'TABLE' END WHEN TABLE_TYPE='TEMPORARY' THEN 'LOCAL_TEMPORARY' ELSE TABLE_TYPE END AS TABLE_TYPE, TABLE_COMMENT AS REMARKS, NULL AS TYPE_CAT, NULL AS TYPE_SCHEM, NULL AS TYPE_NAME, NULL AS SELF_REFERENCING_COL_NAME, NULL AS REF_GENERATION FROM INFORMATION_SCHEMA.TABLES JOIN INFORMATION_SCHEMA.SCHEMATA ON SCHEMA_NAME = TABLE_SCHEMA WHERE TABLE_SCHEMA = 'inspected' HAVING TABLE_TYPE IN ('TABLE','VIEW',null,null,null) ORDER BY TABLE_TYPE, TABLE_SCHEMA, TABLE_NAME;
SELECT TABLE_SCHEMA AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, NON_UNIQUE, NULL AS INDEX_QUALIFIER, INDEX_NAME, 3 AS TYPE, SEQ_IN_INDEX AS ORDINAL_POSITION, COLUMN_NAME, COLLATION AS ASC_OR_DESC, CARDINALITY, 0 AS PAGES, NULL AS FILTER_CONDITION FROM INFORMATION_SCHEMA.STATISTICS WHERE TABLE_SCHEMA = 'inspected' AND TABLE_NAME = 'child' ORDER BY NON_UNIQUE, INDEX_NAME, SEQ_IN_INDEX;
SELECT A.REFERENCED_TABLE_SCHEMA AS PKTABLE_CAT, NULL AS PKTABLE_SCHEM, A.REFERENCED_TABLE_NAME AS PKTABLE_NAME, A.REFERENCED_COLUMN_NAME AS PKCOLUMN_NAME, A.TABLE_SCHEMA AS FKTABLE_CAT, A.TABLE_NAME AS FKTABLE_NAME, A.COLUMN_NAME AS FKCOLUMN_NAME, A.ORDINAL_POSITION AS KEY_SEQ, CASE WHEN R.UPDATE_RULE='CASCADE' THEN 0 WHEN R.UPDATE_RULE='SET NULL' THEN 2 ELSE 1 END AS UPDATE_RULE, A.CONSTRAINT_NAME AS FK_NAME, R.UNIQUE_CONSTRAINT_NAME AS PK_NAME, 7 AS DEFERRABILITY FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE A JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS B USING (CONSTRAINT_NAME, TABLE_NAME) JOIN INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS R ON (R.CONSTRAINT_NAME = B.CONSTRAINT_NAME AND R.TABLE_NAME = B.TABLE_NAME AND R.CONSTRAINT_SCHEMA = B.TABLE_SCHEMA) WHERE B.CONSTRAINT_TYPE = 'FOREIGN KEY' AND A.TABLE_SCHEMA='inspected' AND A.TABLE_NAME='child' AND A.REFERENCED_TABLE_SCHEMA IS NOT NULL ORDER BY A.REFERENCED_TABLE_SCHEMA, A.REFERENCED_TABLE_NAME, A.ORDINAL_POSITION;
SELECT DISTINCT TABLESPACE_NAME, FILE_NAME, LOGFILE_GROUP_NAME, EXTENT_SIZE, INITIAL_SIZE, ENGINE FROM INFORMATION_SCHEMA.FILES WHERE FILE_TYPE = 'DATAFILE' AND TABLESPACE_NAME IN (SELECT DISTINCT TABLESPACE_NAME FROM INFORMATION_SCHEMA.PARTITIONS WHERE TABLE_SCHEMA IN ('inspected')) ORDER BY TABLESPACE_NAME, LOGFILE_GROUP_NAME;
SELECT LOGFILE_GROUP_NAME, FILE_NAME, TOTAL_EXTENTS, INITIAL_SIZE, ENGINE, EXTRA FROM INFORMATION_SCHEMA.FILES WHERE FILE_TYPE = 'UNDO LOG' AND FILE_NAME IS NOT NULL AND LOGFILE_GROUP_NAME IS NOT NULL AND LOGFILE_GROUP_NAME IN (SELECT DISTINCT LOGFILE_GROUP_NAME FROM INFORMATION_SCHEMA.FILES WHERE FILE_TYPE = 'DATAFILE' AND TABLESPACE_NAME IN (SELECT DISTINCT TABLESPACE_NAME FROM INFORMATION_SCHEMA.PARTITIONS WHERE TABLE_SCHEMA IN ('inspected'))) GROUP BY LOGFILE_GROUP_NAME, FILE_NAME, ENGINE, TOTAL_EXTENTS, INITIAL_SIZE, EXTRA ORDER BY LOGFILE_GROUP_NAME;
SELECT COLUMN_NAME, JSON_EXTRACT(HISTOGRAM, '$."number-of-buckets-specified"') FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = 'inspected' AND TABLE_NAME = 'child';
SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE table_schema = 'performance_schema' AND table_name = 'session_variables';
SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'inspected' AND TABLE_NAME = 'child' AND EXTRA NOT LIKE '%VIRTUAL GENERATED%' AND EXTRA NOT LIKE '%STORED GENERATED%' ORDER BY ORDINAL_POSITION;
SELECT SPECIFIC_SCHEMA AS PROCEDURE_CAT, NULL, SPECIFIC_NAME, PARAMETER_MODE, DTD_IDENTIFIER FROM INFORMATION_SCHEMA.PARAMETERS WHERE SPECIFIC_SCHEMA = 'inspected' ORDER BY SPECIFIC_SCHEMA, SPECIFIC_NAME, ORDINAL_POSITION;
SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE FROM INFORMATION_SCHEMA.ROUTINES WHERE ROUTINE_SCHEMA = 'inspected' AND ROUTINE_TYPE IN ('FUNCTION','PROCEDURE');
SELECT TABLE_SCHEMA AS `Db`, TABLE_NAME AS `Name`, ENGINE AS `Engine`, TABLE_ROWS AS `Rows`, TABLE_COLLATION AS `Collation`, TABLE_COMMENT AS `Comment` FROM `information_schema`.`TABLES` t WHERE `TABLE_SCHEMA` COLLATE utf8_bin IN ('inspected') ORDER BY Name ASC LIMIT 250 OFFSET 0;
SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'inspected' AND TABLE_NAME = 'v' AND IS_UPDATABLE = 'MAYBE';
SELECT `SCHEMA_NAME` FROM `INFORMATION_SCHEMA`.`SCHEMATA`, (SELECT DB_first_level FROM ( SELECT DISTINCT SUBSTRING_INDEX(SCHEMA_NAME, '_', 1) DB_first_level FROM INFORMATION_SCHEMA.SCHEMATA WHERE TRUE ) t ORDER BY DB_first_level ASC LIMIT 0, 100) t2 WHERE TRUE AND 1 = LOCATE(CONCAT(DB_first_level, '_'), CONCAT(SCHEMA_NAME, '_')) AND SCHEMA_NAME = 'inspected' ORDER BY SCHEMA_NAME ASC;
SELECT 1 FROM information_schema.user_privileges WHERE privilege_type = 'NOTHING' LIMIT 1;
SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'inspected' LIMIT 1;
SELECT @@GLOBAL.time_zone IS NOT NULL;
SELECT VARIABLE_NAME FROM performance_schema.session_variables WHERE VARIABLE_NAME = 'nothing';
SELECT TABLE_NAME, CREATE_OPTIONS, ENGINE, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'inspected' AND (ENGINE IS NULL OR ENGINE <> 'x') ORDER BY 1;
SELECT COUNT(*) FROM mysql.time_zone_name WHERE Name = 'Nowhere/Nothing';
SHOW TABLES FROM inspected WHERE Tables_in_inspected NOT LIKE 'p%';
SHOW FULL COLUMNS FROM `inspected`.`child` LIKE 'name';
SHOW INDEX FROM `inspected`.`child` WHERE Key_name <> 'PRIMARY' AND Non_unique = 1;
SHOW KEYS FROM `child` FROM `inspected` WHERE `Column_name` = 'name';
SHOW TABLE STATUS FROM `inspected` WHERE Engine = 'nothing';
SHOW TABLE STATUS FROM inspected LIKE 'nothing%';
SHOW FULL TABLES FROM `inspected` WHERE `Table_type` IN ('BASE TABLE', 'SYSTEM VERSIONED') ;
SHOW COLLATION WHERE `Charset` = 'utf8mb4' AND `Collation` LIKE '%0900\_ai\_ci' AND Id < 256;
SHOW CHARACTER SET WHERE Charset IN ('utf8mb4','ascii');
SHOW VARIABLES LIKE 'nothing%';
SHOW SESSION STATUS LIKE 'nothing%';
SHOW PROCEDURE STATUS WHERE Db = 'nothing';
SHOW FUNCTION STATUS WHERE Db = DATABASE() AND Type = 'FUNCTION';
SHOW TRIGGERS FROM inspected WHERE `Table` = 'child';
SHOW CREATE TABLE `inspected`.`parent`;
SHOW DATABASES WHERE `Database` NOT IN ('information_schema','mysql','performance_schema','sys') AND `Database` = 'inspected';
drop database inspected;
-- script: types
create database inspected collate utf8mb4_0900_ai_ci;
-- nocheck
create table inspected.kinds (c1 tinyint, c2 tinyint(1) not null default '1', c3 smallint unsigned, c4 mediumint, c5 mediumint unsigned zerofill, c6 int(5) zerofill, c7 bigint, c8 bigint unsigned, c9 decimal(20,5) unsigned default '0.00000', c10 float, c11 float(7,3), c12 double, c13 double(12,4) unsigned, c14 bit(1) default b'1', c15 bit(64), c16 bool, c17 bigint serial default value);
create table inspected.texts (c1 char, c2 char(10) collate utf8mb4_bin, c3 varchar(300) charset ascii not null, c4 binary(16), c5 varbinary(40) default 0x414243, c6 tinytext, c7 text charset latin1, c8 mediumtext, c9 longtext, c10 tinyblob, c11 blob, c12 mediumblob, c13 longblob, c14 enum('a','bb','c''c') charset latin1 default 'bb', c15 set('x','y','zz') not null default 'x,y', c16 json not null, c17 varchar(36) default (uuid()), c18 text default ('abc'), c19 json default (json_array()), c20 varchar(10) default null comment 'it''s', c21 varchar(10) default '', c22 varchar(5) invisible) charset utf8mb4;
create table inspected.times (c1 date default '2020-01-02', c2 time, c3 time(3), c4 datetime, c5 datetime(6) default current_timestamp(6) on update current_timestamp(6), c6 timestamp not null default current_timestamp, c7 timestamp(2) null, c8 year, c9 datetime not null default '2020-01-01 00:00:00', c10 date default (curdate()));
create table inspected.shapes (c1 geometry, c2 point not null, c3 linestring, c4 polygon, c5 multipoint, c6 geometrycollection, c7 point not null srid 4326, c8 int generated always as (1 + 1) stored, c9 varchar(10) generated always as (concat('a', 'b')) virtual not null, spatial index (c7));
create table inspected.keys1 (a int, b varchar(100), c int not null, d text, unique (c, a), key (b(10) desc, a), key expression ((a + c)), key hidden (a) invisible comment 'not seen', unique key u (c), key h using btree (c)) row_format=compact comment='keys' auto_increment=5;
create table inspected.keys2 (id bigint auto_increment, a int, key (id)) engine=innodb default charset=latin1 auto_increment=100 stats_persistent=1 max_rows=10;
create table inspected.no_action (id int primary key, c int, d int, constraint f1 foreign key (c) references inspected.no_action (id) on delete restrict on update no action, foreign key (d) references inspected.no_action (id) on delete set null on update cascade, check (id > 0), constraint soft check (c < 5) not enforced, s varchar(9), constraint worded check (s in ('a', 'b''c')));
create view inspected.v1 (x, y) as select a, length(b) from inspected.keys1;
create algorithm=merge sql security invoker view inspected.v2 as select * from inspected.keys2 where id > 0;
create or replace view inspected.v3 as select v1.x, k.c1, k.c9, 'a' as t, now() as n, 1.5 as d from inspected.v1 join inspected.kinds k on k.c1 = v1.x;
select * from information_schema.columns where table_schema = 'inspected' order by table_name, ordinal_position;
show full columns from inspected.kinds;
show full columns from inspected.texts;
show full columns from inspected.times;
show full columns from inspected.shapes;
show full columns from inspected.keys1;
show full columns from inspected.v1;
show full columns from inspected.v2;
show full columns from inspected.v3;
show -- nocheck
create table inspected.kinds;
show create table inspected.texts;
show create table inspected.times;
show create table inspected.shapes;
show create table inspected.keys1;
show create table inspected.keys2;
show create table inspected.no_action;
-- any: Create View
show create view inspected.v1;
-- any: Create View
show create view inspected.v2;
-- any: Create View
show create view inspected.v3;
show index from inspected.keys1;
show index from inspected.keys2;
show index from inspected.shapes;
show index from inspected.v1;
select * from information_schema.statistics where table_schema = 'inspected' order by table_name, index_name, seq_in_index;
select * from information_schema.key_column_usage where table_schema = 'inspected' order by table_name, constraint_name, ordinal_position;
select * from information_schema.table_constraints where table_schema = 'inspected' order by table_name, constraint_name;
select * from information_schema.referential_constraints where constraint_schema = 'inspected' order by constraint_name;
select * from information_schema.check_constraints where constraint_schema = 'inspected' order by constraint_name;
select table_name, view_definition, check_option, security_type from information_schema.views where table_schema = 'inspected' order by table_name;
select * from information_schema.view_table_usage where view_schema = 'inspected' order by view_name, table_name;
select * from information_schema.st_geometry_columns where table_schema = 'inspected' order by column_name;
select table_name, table_type, engine, version, row_format, create_options, table_collation, table_comment from information_schema.tables where table_schema = 'inspected' order by table_name;
drop database inspected;
