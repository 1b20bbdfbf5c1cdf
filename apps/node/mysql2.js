// The driver "mysql2": its callbacks and its promises, text and prepared statements.
'use strict';
const mysql = require('mysql2');
const promises = require('mysql2/promise');
const { check, thrown, finish, settings } = require('./check');
const { queries, field, outcome } = require('./driver-common');
const { columns, rows } = require('./tables');

async function open(options = {}) {
  const connection = await promises.createConnection({ ...settings, ...options });
  return (sql, values) => connection.query(sql, values);
}

async function prepared(connection) {
  await check('prepared: insert every type', async () => {
    await connection.query('TRUNCATE every_type');
    const sql = `INSERT INTO every_type (${columns}) VALUES (${columns.map(() => '?')})`;
    const out = [];
    for (const row of rows) out.push(outcome((await connection.execute(sql, row))[0]));
    return out;
  });
  await check('prepared: select every type', async () => (await connection.execute(`SELECT id, ${columns}, added, kept FROM every_type ORDER BY id`))[0]);
  await check('prepared: fields', async () => (await connection.execute('SELECT *, ? AS given FROM every_type LIMIT 0', ['x']))[1].map(field));
  await check('prepared: values', async () => (await connection.execute('SELECT ? AS i, ? AS f, ? AS s, ? AS n, ? AS t, ? AS b, ? AS d, ? AS big', [1, 1.5, 'é😀', null, true, Buffer.from([0, 255]), new Date(1700000000123), 12345678901234567890n]))[0]);
  await check('prepared: a JSON value', async () => (await connection.execute('SELECT CAST(? AS JSON) AS j', [JSON.stringify({ a: [1] })]))[0]);
  await check('prepared: limit', async () => (await connection.execute('SELECT id FROM every_type ORDER BY id LIMIT ? OFFSET ?', ['2', '1']))[0]);
  await check('prepared: limit given as numbers', async () => {
    try { return (await connection.execute('SELECT id FROM every_type ORDER BY id LIMIT ?', [2]))[0]; } catch (error) { return error; }
  });
  await check('prepared: named placeholders', async () => (await connection.execute({ sql: 'SELECT :a + :b AS sum, :a AS again', namedPlaceholders: true }, { a: 1, b: 2 }))[0]);
  await check('prepared: rows as arrays', async () => (await connection.execute({ sql: 'SELECT id, word FROM every_type ORDER BY id', rowsAsArray: true }))[0]);
  await check('prepared: too few values', () => thrown(() => connection.execute('SELECT ?, ?', [1])));
  await check('prepared: syntax', () => thrown(() => connection.execute('SELEC ?', [1])));
  await check('prepared: cannot be', async () => { try { return outcome((await connection.execute('USE information_schema'))[0]); } catch (error) { return error; } finally { await connection.query(`USE ${settings.database}`); } });
  await check('prepared: duplicate', () => thrown(() => connection.execute('INSERT INTO every_type (id) VALUES (?)', [1])));
  await check('prepared: a procedure', async () => (await connection.execute('CALL two_results(?, @t, @s)', [1]))[0].map((one) => (Array.isArray(one) ? one : outcome(one))));
  await check('prepared: again and again', async () => {
    const statement = await connection.prepare('SELECT id + ? AS n FROM every_type WHERE id <= ? ORDER BY id');
    const out = [];
    for (let n = 0; n < 5; n++) out.push((await statement.execute([n, 2]))[0]);
    await statement.close();
    return out;
  });
  await check('prepared: the table changes', async () => {
    await connection.query('CREATE TABLE changing (a INT)');
    await connection.query('INSERT INTO changing VALUES (1)');
    const before = (await connection.execute('SELECT * FROM changing'))[0];
    await connection.query("ALTER TABLE changing ADD b VARCHAR(5) DEFAULT 'x' FIRST");
    const after = (await connection.execute('SELECT * FROM changing'))[0];
    await connection.query('DROP TABLE changing');
    return { before, after, gone: await thrown(() => connection.execute('SELECT * FROM changing')) };
  });
  await check('prepared: as text', async () => {
    await connection.query("PREPARE p FROM 'SELECT ? AS a, @b AS b'");
    await connection.query('SET @a = 1, @b = 2.5');
    return (await connection.query('EXECUTE p USING @a'))[0];
  });
}

async function main() {
  await queries(await open(), open);
  const connection = await promises.createConnection(settings);
  await prepared(connection);
  await check('rows as arrays', async () => (await connection.query({ sql: 'SELECT id, word FROM every_type ORDER BY id', rowsAsArray: true }))[0]);
  await check('decimalNumbers', async () => (await (await open({ decimalNumbers: true }))('SELECT price, huge FROM every_type ORDER BY id'))[0]);
  await check('jsonStrings', async () => (await (await open({ jsonStrings: true }))('SELECT doc FROM every_type ORDER BY id'))[0]);
  await check('compressed', async () => (await (await open({ compress: true }))("SELECT repeat('abc', 100000) AS r, id FROM every_type ORDER BY id"))[0]);
  await check('over TLS', async () => (await (await open({ ssl: { rejectUnauthorized: false } }))("SHOW STATUS LIKE 'Ssl_cipher'"))[0].length);
  await check('a charset of one byte', async () => (await (await open({ charset: 'latin1_swedish_ci' }))("SELECT 'é' AS e, hex('é') AS h, word FROM every_type ORDER BY id"))[0]);
  await check('stream', () => new Promise((resolve, reject) => {
    const seen = [];
    const plain = mysql.createConnection(settings);
    plain.query('SELECT id, word FROM every_type ORDER BY id').stream().on('data', (row) => seen.push(row)).on('error', reject).on('end', () => resolve(seen));
  }));
  const pool = promises.createPool({ ...settings, connectionLimit: 4, maxIdle: 2 });
  await check('pool', async () => (await Promise.all([...Array(40).keys()].map((n) => pool.execute('SELECT ? + 0 AS n', [n])))).map(([r]) => r[0].n));
  await check('transaction', async () => {
    const one = await pool.getConnection();
    await one.beginTransaction();
    await one.execute("INSERT INTO every_type (word) VALUES ('rolled back')");
    await one.query('SAVEPOINT a');
    await one.rollback();
    await one.beginTransaction();
    await one.execute("INSERT INTO every_type (word) VALUES ('committed')");
    const others = (await pool.query("SELECT count(*) AS n FROM every_type WHERE word = 'committed'"))[0];
    await one.commit();
    one.release();
    return { others, after: (await pool.query("SELECT word FROM every_type WHERE word IN ('rolled back', 'committed')"))[0] };
  });
  await check('ping', async () => (await connection.ping()) !== undefined);
  await check('reset', async () => { await connection.query('SET @a = 1'); await connection.reset(); return (await connection.query('SELECT @a, database()'))[0]; });
  await check('changeUser', async () => { await connection.changeUser({ database: 'information_schema' }); return (await connection.query('SELECT database(), current_user() LIKE "root@%" AS who'))[0]; });
  await check('wrong password', async () => { const error = await thrown(() => open({ password: 'wrong' })); return { ...error, message: '', sqlMessage: '' }; });
  await check('unknown database', () => thrown(() => open({ database: 'nowhere' })));
  await check('a query that is killed', async () => {
    if (process.env.NODE_TURNS) return 'one server only';
    const victim = await promises.createConnection(settings);
    const [[{ id }]] = await victim.query('SELECT connection_id() AS id');
    const running = victim.query('SELECT sleep(20) AS s');
    await connection.query('DO sleep(0.3)');
    const killer = await promises.createConnection(settings);
    await killer.query(`KILL QUERY ${id}`);
    try { return (await running)[0]; } catch (error) { return error; }
  });
  await check('SQL with comments', async () => (await open())('SELECT /* a ? */ 1 AS a -- ?\n, ? AS b # ?\n', [2]).then(([r]) => r));
  finish();
}
main();
