// Drizzle over mysql2: its push and introspection (drizzle-kit), queries, relations, transactions.
'use strict';
const fs = require('fs');
const path = require('path');
const { spawnSync } = require('child_process');
const mysql = require('mysql2/promise');
const { drizzle } = require('drizzle-orm/mysql2');
const { migrate } = require('drizzle-orm/mysql2/migrator');
const m = require('drizzle-orm/mysql-core');
const { sql, eq, and, or, gt, like, inArray, isNull, between, desc, asc, count, avg, sum, relations } = require('drizzle-orm');
const { check, thrown, finish, settings } = require('./check');

const directory = `${process.env.NODE_RESULTS}.drizzle`;
const kit = path.join(path.dirname(require.resolve('drizzle-kit')), 'bin.cjs');
// The schema is a module of its own, since drizzle-kit reads it too.
const source = `
const m = require('drizzle-orm/mysql-core');
const { sql, relations } = require('drizzle-orm');
const users = m.mysqlTable('users', { id: m.int().autoincrement().primaryKey(), name: m.varchar({ length: 60 }).notNull(), email: m.varchar({ length: 120 }).unique(), role: m.mysqlEnum(['admin', 'user']).default('user').notNull(), created: m.timestamp().defaultNow().notNull(), updated: m.timestamp().defaultNow().onUpdateNow() }, (t) => [m.index('by_name').on(t.name, t.role)]);
const posts = m.mysqlTable('posts', { id: m.serial().primaryKey(), title: m.varchar({ length: 100 }).notNull(), author: m.int().references(() => users.id, { onDelete: 'cascade', onUpdate: 'no action' }), views: m.int({ unsigned: true }).default(0).notNull(), meta: m.json() }, (t) => [m.uniqueIndex('one_title').on(t.author, t.title), m.check('some_views', sql\`\${t.views} < 1000000\`)]);
const types = m.mysqlTable('types', { a: m.bigint({ mode: 'number' }), b: m.bigint({ mode: 'bigint', unsigned: true }), c: m.binary({ length: 4 }), d: m.boolean().default(true), e: m.char({ length: 5 }), f: m.date(), g: m.datetime({ fsp: 6 }), h: m.decimal({ precision: 12, scale: 3 }).default('1.500'), i: m.double(), j: m.float(), k: m.mediumint(), l: m.real(), n: m.smallint(), o: m.text(), p: m.tinytext(), q: m.mediumtext(), r: m.longtext(), s: m.time({ fsp: 2 }), t: m.tinyint(), u: m.varbinary({ length: 20 }), v: m.year(), w: m.json().default({ a: 1 }), x: m.int().generatedAlwaysAs(sql\`\\\`k\\\` + 1\`, { mode: 'stored' }), y: m.varchar({ length: 10 }).default('it'), z: m.date({ mode: 'string' }).default('2024-01-01') }, (t) => [m.primaryKey({ columns: [t.t, t.n], name: 'both' })]);
const groups = m.mysqlTable('members', { user: m.int().notNull().references(() => users.id), team: m.varchar({ length: 20 }).notNull() }, (t) => [m.primaryKey({ columns: [t.user, t.team] })]);
const view = m.mysqlView('busy').as((q) => q.select({ id: posts.id, title: posts.title }).from(posts).where(sql\`\${posts.views} > 5\`));
module.exports = { users, posts, types, groups, view, userRelations: relations(users, ({ many }) => ({ posts: many(posts) })), postRelations: relations(posts, ({ one }) => ({ writer: one(users, { fields: [posts.author], references: [users.id] }) })) };
`;

// run runs drizzle-kit, and returns what it said without its decoration.
function run(...words) {
  const result = spawnSync(process.execPath, [kit, ...words], { cwd: directory, encoding: 'utf8', timeout: 60000, env: { ...process.env, NO_COLOR: '1', CI: '1' } });
  if (result.status !== 0) throw new Error(`drizzle-kit ${words[0]}: ${result.stdout.slice(-600)} ${result.stderr.slice(-600)}`);
  return result.stdout;
}

const files = (folder, ends) => fs.readdirSync(folder).filter((name) => name.endsWith(ends)).sort();
const text = (file) => fs.readFileSync(file, 'utf8');

async function schema(connection) {
  const url = `mysql://${settings.user}:${settings.password}@${settings.host}:${settings.port}/${settings.database}`;
  fs.writeFileSync(path.join(directory, 'schema.js'), source);
  fs.writeFileSync(path.join(directory, 'config.js'), `module.exports = { dialect: 'mysql', schema: './schema.js', out: './made', dbCredentials: { url: ${JSON.stringify(url)} } };`);
  await check('generate', () => { run('generate', '--config=config.js', '--name=first'); return files(path.join(directory, 'made'), '.sql').map((name) => text(path.join(directory, 'made', name))); });
  const db = drizzle({ client: connection });
  await check('migrate', async () => { await migrate(db, { migrationsFolder: path.join(directory, 'made') }); await migrate(db, { migrationsFolder: path.join(directory, 'made') }); return (await connection.query('SHOW TABLES'))[0]; });
  for (const table of ['users', 'posts', 'types', 'members', 'busy', '__drizzle_migrations']) await check(`show create table ${table}`, async () => (await connection.query('SHOW CREATE TABLE ??', [table]))[0]);
  await check('push', async () => {
    const { pushMySQLSchema } = require('drizzle-kit/api');
    const { statementsToExecute, warnings, hasDataLoss } = await pushMySQLSchema(require(path.join(directory, 'schema.js')), db, settings.database);
    return [statementsToExecute, warnings, hasDataLoss];
  });
}

async function queries(connection) {
  const tables = require(path.join(directory, 'schema.js'));
  const { users, posts, types, groups, view } = tables;
  const db = drizzle({ client: connection, schema: tables, mode: 'default' });
  const noClock = { id: users.id, name: users.name, email: users.email, role: users.role };
  await check('insert', async () => [(await db.insert(users).values([{ name: 'Ann', email: 'a@x', role: 'admin' }, { name: 'Bob', email: 'b@x' }, { name: 'Cid' }]))[0].affectedRows, await db.insert(users).values({ name: 'Dan' }).$returningId()]);
  await check('insert children', async () => (await db.insert(posts).values([{ title: 'one', author: 1, views: 3, meta: { tags: ['a', 'b'] } }, { title: 'two', author: 1, views: 30 }, { title: 'three', author: 2, views: 7, meta: [1, null] }]))[0].affectedRows);
  await check('insert every type', async () => { await db.insert(types).values({ a: 9007199254740991, b: 18446744073709551615n, c: 'abcd', d: false, e: 'chars', f: new Date('2024-02-29T00:00:00Z'), g: new Date('2024-01-02T03:04:05.678Z'), h: '123456789.125', i: 1e300, j: 1.5, k: 8388606, l: 0.1, n: -5, o: 'text 😀', p: 'tiny', q: 'medium', r: 'long', s: '12:34:56.78', t: 7, u: 'bytes', v: 1999 }); return db.select().from(types); });
  await check('upsert', async () => [(await db.insert(users).values({ id: 1, name: 'x' }).onDuplicateKeyUpdate({ set: { name: sql`concat(${users.name}, '!')` } }))[0].affectedRows, await db.select(noClock).from(users).where(eq(users.id, 1))]);
  await check('insert ignore', async () => (await db.insert(users).ignore().values({ id: 1, name: 'y' }))[0].affectedRows);
  await check('select', () => db.select(noClock).from(users).where(or(and(like(users.name, 'A%'), gt(users.id, 0)), inArray(users.name, ['Cid']), isNull(users.email))).orderBy(desc(users.name)).limit(5).offset(0));
  await check('join', () => db.select({ name: users.name, title: posts.title }).from(users).leftJoin(posts, eq(posts.author, users.id)).orderBy(asc(users.id), asc(posts.id)));
  await check('groups', () => db.select({ author: posts.author, n: count(), mean: avg(posts.views), all: sum(posts.views) }).from(posts).groupBy(posts.author).having(({ n }) => gt(n, 0)).orderBy(posts.author));
  await check('subquery', async () => { const sq = db.select({ author: posts.author, top: sql`max(${posts.views})`.as('top') }).from(posts).groupBy(posts.author).as('sq'); return db.select({ name: users.name, top: sq.top }).from(users).innerJoin(sq, eq(users.id, sq.author)).orderBy(users.id); });
  await check('with', async () => { const w = db.$with('w').as(db.select().from(posts).where(between(posts.views, 5, 50))); return db.with(w).select({ title: w.title }).from(w).orderBy(w.title); });
  await check('union', () => db.select({ n: users.name }).from(users).union(db.select({ n: posts.title }).from(posts)).orderBy(sql`1`).limit(4));
  await check('relations', () => db.query.users.findMany({ columns: { id: true, name: true }, with: { posts: { columns: { title: true, meta: true }, orderBy: (p, o) => o.desc(p.id), limit: 2 } }, orderBy: (u, o) => o.asc(u.id) }));
  await check('nested relations', () => db.query.posts.findFirst({ with: { writer: { columns: { name: true }, with: { posts: { columns: { id: true } } } } }, where: (p, o) => o.eq(p.title, 'one') }));
  await check('view', () => db.select().from(view).orderBy(view.id));
  await check('update', async () => [(await db.update(posts).set({ views: sql`${posts.views} + 1` }).where(eq(posts.author, 1)).orderBy(posts.id).limit(1))[0].affectedRows, await db.select().from(posts).orderBy(posts.id)]);
  await check('delete', async () => [(await db.delete(users).where(eq(users.name, 'Bob')))[0].affectedRows, await db.$count(posts)]);
  await check('check', () => thrown(() => db.insert(posts).values({ title: 'many', views: 2000000 })));
  await check('duplicate', () => thrown(() => db.insert(users).values({ id: 1, name: 'z' })));
  await check('foreign key', () => thrown(() => db.insert(groups).values({ user: 99, team: 't' })));
  await check('transaction', async () => { await db.transaction(async (t) => { await t.insert(users).values({ name: 'in' }); await t.transaction(async (u) => { await u.insert(users).values({ name: 'inner' }); u.rollback(); }).catch(() => null); }); await db.transaction(async (t) => { await t.insert(users).values({ name: 'out' }); t.rollback(); }).catch(() => null); return db.select({ n: users.name }).from(users).where(inArray(users.name, ['in', 'inner', 'out'])); });
  await check('isolation', () => db.transaction((t) => t.select({ n: count() }).from(users).for('update'), { isolationLevel: 'read committed', accessMode: 'read write' }));
  await check('prepared', async () => { const p = db.select(noClock).from(users).where(eq(users.id, sql.placeholder('id'))).limit(sql.placeholder('n')).prepare(); return [await p.execute({ id: 1, n: 1 }), await p.execute({ id: 3, n: 5 })]; });
  await check('raw', async () => (await db.execute(sql`SELECT ${1} + ${2} AS three, ${'x'} AS x`))[0]);
}

async function main() {
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  // drizzle-kit and the schema find the packages from here.
  fs.symlinkSync(path.dirname(path.dirname(require.resolve('drizzle-kit'))), path.join(directory, 'node_modules'));
  const connection = await mysql.createConnection({ ...settings, timezone: 'Z' });
  await schema(connection);
  await queries(connection);
  finish();
}
main().catch((error) => { console.error(error); process.exit(1); });
