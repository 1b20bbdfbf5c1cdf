// Checks that the drivers mysql and mysql2 share: both have connections with query(sql, values, callback).
'use strict';
const { Readable } = require('stream');
const { everyType, columns, rows } = require('./tables');
const { check, thrown, settings } = require('./check');

const field = (f) => ({
  name: f.name, orgName: f.orgName, table: f.table, orgTable: f.orgTable, db: f.db || f.schema, type: f.type === undefined ? f.columnType : f.type,
  length: f.length === undefined ? f.columnLength : f.length, flags: f.flags, decimals: f.decimals, charset: f.charsetNr || f.characterSet,
});
// NO_INDEX are the bits of a statement's status that tell of a plan without an index: plans are each server's own.
const NO_INDEX = 0x30;
const outcome = (r) => ({ affectedRows: r.affectedRows, insertId: r.insertId, changedRows: r.changedRows, info: r.info || r.message, warnings: r.warningStatus === undefined ? r.warningCount : r.warningStatus, status: r.serverStatus & ~NO_INDEX });

// queries checks statements sent as text. query(options, values) gives [rows, fields].
async function queries(query, open) {
  await check('session variables', async () => (await query('SELECT @@sql_mode, @@autocommit, @@transaction_isolation, @@character_set_client, @@collation_connection, @@time_zone'))[0]);
  await check('create every type', async () => outcome((await query(everyType))[0]));
  await check('insert every type', async () => outcome((await query(`INSERT INTO every_type (${columns}) VALUES ?`, [rows]))[0]));
  await check('a shape', async () => outcome((await query("UPDATE every_type SET spot = ST_GeomFromText('POINT(1 2)'), shape = ST_GeomFromText('LINESTRING(0 0,1 1,2 0)') WHERE id = 1"))[0]));
  const visible = `id, ${columns}, spot, shape, added, kept`;
  await check('select every type', async () => (await query(`SELECT ${visible} FROM every_type ORDER BY id`))[0]);
  await check('fields of every type', async () => (await query('SELECT * FROM every_type LIMIT 0'))[1].map(field));
  await check('fields of expressions', async () => (await query("SELECT 1, 1.5, 1e0, 'a', NULL, true, now(6) > '2000-01-01', DATE '2024-01-01' AS d, count(*), sum(whole), avg(price), max(day), group_concat(word), JSON_OBJECT('a', 1) AS j, x'41' AS h, CAST('1' AS UNSIGNED) AS u FROM every_type"))[1].map(field));
  await check('dateStrings', async () => (await (await open({ dateStrings: true }))('SELECT day, moment, moment6, stamp, stamp3 FROM every_type ORDER BY id'))[0]);
  await check('dateStrings of some', async () => (await (await open({ dateStrings: ['DATE'] }))('SELECT day, moment FROM every_type ORDER BY id'))[0]);
  await check('bigNumberStrings', async () => (await (await open({ supportBigNumbers: true, bigNumberStrings: true }))('SELECT big, big_u, whole, price FROM every_type ORDER BY id'))[0]);
  await check('supportBigNumbers', async () => (await (await open({ supportBigNumbers: true }))('SELECT big, big_u, count(*) OVER () AS n FROM every_type ORDER BY id'))[0]);
  await check('timezone Z', async () => (await (await open({ timezone: 'Z' }))('SELECT moment, stamp, ? AS given FROM every_type ORDER BY id', [new Date(1700000000123)]))[0]);
  await check('timezone +02:00', async () => (await (await open({ timezone: '+02:00' }))('SELECT moment, CAST(? AS CHAR) AS given FROM every_type ORDER BY id', [new Date(1700000000123)]))[0]);
  await check('nestTables', async () => (await query({ sql: 'SELECT a.id, b.id, b.word FROM every_type a JOIN every_type b ON a.id = b.id + 1 ORDER BY 1', nestTables: true }))[0]);
  await check('nestTables with a separator', async () => (await query({ sql: 'SELECT a.id, b.id, b.word FROM every_type a JOIN every_type b ON a.id = b.id + 1 ORDER BY 1', nestTables: '_' }))[0]);
  await check('typeCast', async () => (await query({ sql: 'SELECT flag, day, doc, bits FROM every_type ORDER BY id', typeCast: (f, next) => (f.type === 'TINY' && f.length === 1 ? f.string() === '1' : f.type === 'BIT' ? f.buffer() : next()) }))[0]);
  await check('typeCast off', async () => (await query({ sql: 'SELECT flag, day, price, doc, bits FROM every_type ORDER BY id', typeCast: false }))[0]);
  await check('objects as values', async () => outcome((await query('UPDATE every_type SET ? WHERE id = 2', [{ word: 'gröss\'er', whole: 5, moment: new Date(0), bytes: Buffer.from('x\0y') }]))[0]));
  await check('identifiers', async () => (await query('SELECT ??, ? AS ?? FROM ?? WHERE ?? IN (?) ORDER BY ??', [['id', 'every_type.word'], 'v', 'a b', 'every_type', 'id', [1, 2, 3], 'id']))[0]);
  await check('upsert', async () => outcome((await query("INSERT INTO every_type (id, word, whole) VALUES (1, 'one', 1), (9, 'nine', 9) ON DUPLICATE KEY UPDATE whole = VALUES(whole) + 1"))[0]));
  await check('upsert with an alias', async () => outcome((await query("INSERT INTO every_type (id, word, whole) VALUES (1, 'one', 4) AS n ON DUPLICATE KEY UPDATE whole = n.whole"))[0]));
  await check('upsert that changes nothing', async () => outcome((await query("INSERT INTO every_type (id, word, whole) VALUES (1, 'one', 4) AS n ON DUPLICATE KEY UPDATE whole = n.whole"))[0]));
  await check('replace', async () => outcome((await query("REPLACE INTO every_type (id, word) VALUES (9, 'neun'), (10, 'zehn')"))[0]));
  await check('insert ignore', async () => outcome((await query("INSERT IGNORE INTO every_type (id, word, tiny) VALUES (9, 'x', 300), (11, 'elf', 300)"))[0]));
  await check('its warnings', async () => (await query('SHOW WARNINGS'))[0]);
  await check('update that changes nothing', async () => outcome((await query('UPDATE every_type SET whole = whole'))[0]));
  await check('delete', async () => outcome((await query('DELETE FROM every_type WHERE id > 8'))[0]));
  await check('no found rows', async () => (process.env.NODE_TURNS ? 'one server only' : outcome((await (await open({ flags: ['-FOUND_ROWS'] }))('UPDATE every_type SET whole = whole'))[0])));
  const errors = {
    syntax: 'SELEC 1', 'syntax at the end': 'SELECT * FROM', table: 'SELECT * FROM nowhere', column: 'SELECT nothing FROM every_type', database: 'USE nowhere',
    duplicate: "INSERT INTO every_type (id, word) VALUES (1, 'x')", 'duplicate of a key': "INSERT INTO every_type (word, kind) VALUES ('k', 'small'), ('k', 'small')", null: "INSERT INTO every_type (word) VALUES (NULL)",
    'too long': "INSERT INTO every_type (letter) VALUES ('abcdefgh')", 'out of range': 'INSERT INTO every_type (tiny) VALUES (1000)', 'wrong number': "INSERT INTO every_type (whole) VALUES ('abc')",
    'wrong date': "INSERT INTO every_type (day) VALUES ('2024-02-31')", enum: "INSERT INTO every_type (kind) VALUES ('none')", json: "INSERT INTO every_type (doc) VALUES ('{')", count: 'INSERT INTO every_type (id, word) VALUES (1)',
    'table exists': 'CREATE TABLE every_type (a INT)', function: 'SELECT no_such(1)', ambiguous: 'SELECT id FROM every_type a, every_type b', group: 'SELECT word, count(*) FROM every_type', 'division by zero': "INSERT INTO every_type (whole) VALUES (1/0)",
    generated: 'INSERT INTO every_type (added) VALUES (1)', several: 'SELECT 1; SELECT 2', empty: '', subquery: 'SELECT (SELECT id FROM every_type)', 'drop nothing': 'DROP TABLE nowhere', default: 'INSERT INTO every_type () VALUES (1,2)',
  };
  for (const [name, sql] of Object.entries(errors)) await check(`error: ${name}`, () => thrown(() => query(sql)));
  await check('several statements', async () => (await (await open({ multipleStatements: true }))("SELECT 1 AS a; SET @x = 2; SELECT @x AS b, 'c;d' AS c; INSERT INTO every_type (word) VALUES ('multi'); SELECT word FROM every_type WHERE id = last_insert_id()"))[0].map((one) => (Array.isArray(one) ? one : outcome(one))));
  await check('several statements with an error', async () => thrown(async () => (await open({ multipleStatements: true }))('SELECT 1 AS a; SELECT nothing; SELECT 3')));
  await check('a procedure', async () => {
    await query('DROP PROCEDURE IF EXISTS two_results');
    await query("CREATE PROCEDURE two_results(IN n INT, OUT total INT, INOUT text VARCHAR(20)) BEGIN SELECT n AS n, word FROM every_type WHERE id <= n ORDER BY id; SELECT 'second' AS s; SELECT count(*) INTO total FROM every_type; SET text = concat(text, '!'); END");
    await query("SET @text = 'hello'");
    const [results, fields] = await query('CALL two_results(2, @total, @text)');
    return { results: results.map((one) => (Array.isArray(one) ? one : outcome(one))), fields: fields.map((one) => one && one.map((f) => f.name)), out: (await query('SELECT @total, @text'))[0] };
  });
  await check('load data local', async () => {
    const local = await open({ flags: ['LOCAL_FILES'] });
    await query('CREATE TABLE loaded (a INT, b VARCHAR(20))');
    const load = { sql: "LOAD DATA LOCAL INFILE 'rows.csv' INTO TABLE loaded FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'", infileStreamFactory: () => Readable.from(['1,"one"\n2,two\n', '3,"th""ree"\n']) };
    try {
      return { outcome: outcome((await local(load))[0]), rows: (await query('SELECT * FROM loaded ORDER BY a'))[0] };
    } catch (error) {
      return error;
    }
  });
  await check('a large packet', async () => {
    const bytes = Buffer.alloc(17 << 20, 'ab');
    await query("UPDATE every_type SET long_blob = ? WHERE id = 1", [bytes]);
    const [[row]] = await query('SELECT long_blob, sha2(long_blob, 256) AS sum FROM every_type WHERE id = 1');
    return { equal: bytes.equals(row.long_blob), sum: row.sum };
  });
  await check('emoji in names', async () => {
    await query('CREATE TABLE `näme 日本` (`cölumn` INT, `a``b` INT)');
    await query('INSERT INTO `näme 日本` VALUES (1, 2)');
    return [(await query('SELECT * FROM `näme 日本`'))[0], (await query("SHOW TABLES LIKE 'n%'"))[0], (await query('SHOW CREATE TABLE `näme 日本`'))[0]];
  });
  await check('show create table', async () => (await query('SHOW CREATE TABLE every_type'))[0]);
  await check('describe', async () => (await query('DESCRIBE every_type'))[0]);
  await check('show full columns', async () => (await query('SHOW FULL COLUMNS FROM every_type'))[0]);
  await check('show index', async () => (await query('SHOW INDEX FROM every_type'))[0].map((row) => ({ ...row, Cardinality: 0 })));
  await check('information_schema.columns', async () => (await query('SELECT * FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position', [settings.database, 'every_type']))[0]);
  await check('information_schema.statistics', async () => (await query('SELECT * FROM information_schema.statistics WHERE table_schema = ? ORDER BY table_name, index_name, seq_in_index', [settings.database]))[0].map((row) => ({ ...row, CARDINALITY: 0 })));
}

module.exports = { queries, field, outcome };
