// MariaDB's connector for Node.
'use strict';
const mariadb = require('mariadb');
const { check, thrown, finish, settings } = require('./check');
const { everyType, columns, rows } = require('./tables');

const base = { ...settings, allowPublicKeyRetrieval: true };
const outcome = (r) => ({ affectedRows: r.affectedRows, insertId: r.insertId, warnings: r.warningStatus });
const description = (c) => ({ name: c.name(), org: c.orgName(), table: c.table(), orgTable: c.orgTable(), type: c.type, length: c.columnLength, flags: c.flags, scale: c.scale, collation: c.collation && c.collation.name });

async function main() {
  const connection = await mariadb.createConnection(base);
  await check('create every type', async () => outcome(await connection.query(everyType)));
  await check('insert every type', async () => outcome(await connection.query(`INSERT INTO every_type (${columns}) VALUES (${columns.map(() => '?')})`, rows[0])));
  await check('batch', async () => outcome(await connection.batch(`INSERT INTO every_type (${columns}) VALUES (${columns.map(() => '?')})`, rows.slice(1))));
  await check('select every type', async () => [...await connection.query(`SELECT id, ${columns}, added, kept FROM every_type ORDER BY id`)]);
  await check('fields', async () => (await connection.query('SELECT *, 1 + 1 AS two FROM every_type LIMIT 0')).meta.map(description));
  await check('prepared select', async () => [...await connection.execute(`SELECT id, ${columns}, added, kept FROM every_type WHERE id >= ? ORDER BY id`, [0])]);
  await check('prepared insert', async () => outcome(await connection.execute(`INSERT INTO every_type (${columns}) VALUES (${columns.map(() => '?')})`, rows[2].map((v, n) => (columns[n] === 'word' ? 'again' : v)))));
  await check('prepare', async () => {
    const statement = await connection.prepare('SELECT ? AS a, id FROM every_type ORDER BY id LIMIT 2');
    const out = [[...await statement.execute(['x'])], [...await statement.execute([5])], [...await statement.execute([null])]];
    statement.close();
    return out;
  });
  await check('batch of a thousand', async () => {
    await connection.query('CREATE TABLE many (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(50), UNIQUE KEY (a))');
    const list = [...Array(1000).keys()].map((n) => [n, `row ${n}`]);
    const first = await connection.batch('INSERT INTO many (a, b) VALUES (?, ?)', list);
    const again = await connection.batch('INSERT INTO many (a, b) VALUES (?, ?) ON DUPLICATE KEY UPDATE b = VALUES(b)', list.map(([a]) => [a, 'new']));
    return [outcome(first), outcome(again), [...await connection.query('SELECT count(*) AS n, sum(a) AS s, max(id) AS m, min(b) AS b FROM many')]];
  });
  await check('importFile', async () => {
    const fs = require('fs');
    const file = `${process.env.NODE_RESULTS}.sql`;
    fs.writeFileSync(file, 'CREATE TABLE imported (a INT);\nINSERT INTO imported VALUES (1),(2);\nCREATE PROCEDURE from_file() SELECT * FROM imported ORDER BY a;\n');
    await connection.importFile({ file, database: settings.database });
    return (await connection.query('CALL from_file()'))[0];
  });
  await check('named placeholders', async () => [...await connection.query({ sql: 'SELECT :a AS a, :b AS b', namedPlaceholders: true }, { a: 1, b: "x'y" })]);
  await check('rows as arrays', async () => [...await connection.query({ sql: 'SELECT id, word FROM every_type ORDER BY id', rowsAsArray: true })]);
  await check('nestTables', async () => [...await connection.query({ sql: 'SELECT a.id, b.word FROM every_type a JOIN every_type b USING (id) ORDER BY a.id', nestTables: true })]);
  await check('a procedure of two results', async () => {
    await connection.query("CREATE PROCEDURE two() BEGIN SELECT 1 AS a; SELECT 'x' AS b, NULL AS c; END");
    return [await connection.query('CALL two()'), await connection.execute('CALL two()')].map((list) => list.map((one) => (Array.isArray(one) ? [...one] : outcome(one))));
  });
  await check('queryStream', () => new Promise((resolve, reject) => {
    const seen = [];
    connection.queryStream('SELECT id, word FROM every_type ORDER BY id').on('data', (row) => seen.push(row)).on('error', reject).on('end', () => resolve(seen));
  }));
  await check('transaction', async () => {
    await connection.beginTransaction();
    await connection.query("INSERT INTO many (a, b) VALUES (5000, 'no')");
    await connection.rollback();
    await connection.beginTransaction();
    await connection.query("INSERT INTO many (a, b) VALUES (5001, 'yes')");
    await connection.commit();
    return [...await connection.query('SELECT a, b FROM many WHERE a >= 5000')];
  });
  for (const [name, sql, values] of [['syntax', 'SELEC 1'], ['table', 'SELECT * FROM nowhere'], ['duplicate', "INSERT INTO many (a) VALUES (1)"], ['null', 'INSERT INTO every_type (word) VALUES (?)', [null]]]) {
    await check(`error: ${name}`, async () => { const error = await thrown(() => connection.query(sql, values)); return { errno: error.errno, code: error.code, sqlState: error.sqlState, sqlMessage: error.sqlMessage }; });
    await check(`prepared error: ${name}`, async () => { const error = await thrown(() => connection.execute(sql, values)); return { errno: error.errno, code: error.code, sqlState: error.sqlState, sqlMessage: error.sqlMessage }; });
  }
  const pool = mariadb.createPool({ ...base, connectionLimit: 3 });
  await check('pool', async () => (await Promise.all([...Array(30).keys()].map((n) => pool.query('SELECT ? AS n', [n])))).map((r) => r[0].n));
  await check('options of a session', async () => { const c = await mariadb.createConnection({ ...base, sessionVariables: { wait_timeout: 100, sql_mode: 'ANSI' }, initSql: ['SET @a = 5'] }); return [...await c.query('SELECT @@wait_timeout, @@sql_mode, @a')]; });
  await check('compressed', async () => { const c = await mariadb.createConnection({ ...base, compress: true }); return [...await c.query("SELECT length(repeat('x', 100000)) AS n, repeat('y', 70000) AS y")]; });
  await check('bigIntAsNumber', async () => { const c = await mariadb.createConnection({ ...base, bigIntAsNumber: true, decimalAsNumber: true, insertIdAsNumber: true }); return [...await c.query('SELECT big, price, sum(whole) OVER (ORDER BY id) AS s FROM every_type ORDER BY id')]; });
  await check('timezone', async () => { const c = await mariadb.createConnection({ ...base, timezone: '+03:00' }); return [...await c.query('SELECT moment, CAST(? AS CHAR) AS d, @@time_zone FROM every_type ORDER BY id', [new Date(0)])]; });
  await check('ping and reset', async () => { await connection.ping(); await connection.query('SET @z = 1'); try { await connection.reset(); } catch (error) { return error.code; } return [...await connection.query('SELECT @z')]; });
  await check('serverVersion', () => connection.serverVersion().split('.').length > 1);
  await check('changeUser', () => thrown(() => connection.changeUser({ ...base, database: 'information_schema' })).then(({ errno }) => errno));
  await check('wrong password', async () => { const e = await thrown(() => mariadb.createConnection({ ...base, password: 'wrong' })); return [e.errno, e.code, e.sqlState]; });
  finish();
}
main().catch((error) => { console.error(error); process.exit(1); });
