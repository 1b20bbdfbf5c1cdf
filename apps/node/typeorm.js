// TypeORM over mysql2: entities of all column types, schema synchronization, migrations, relations, trees, query builder, transactions.
'use strict';
require('reflect-metadata');
const { DataSource, EntitySchema, In, Like, Between, IsNull, Not, MoreThan, LessThanOrEqual, Raw, Brackets, Table, TableColumn, TableIndex, TableForeignKey, TableUnique, TableCheck } = require('typeorm');
const { check, thrown, finish, settings } = require('./check');

const column = (type, options = {}) => ({ type, nullable: true, ...options });
const Everything = new EntitySchema({
  name: 'Everything', tableName: 'everything',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment', unsigned: true },
    uuid: { type: 'varchar', length: 36, generated: 'uuid' },
    bit: column('bit'), bits: column('bit'), int: column('int'), int_u: column('int', { unsigned: true }), integer: column('integer'), tinyint: column('tinyint'), tiny_u: column('tinyint', { unsigned: true }), smallint: column('smallint'), mediumint: column('mediumint'), bigint: column('bigint'), big_u: column('bigint', { unsigned: true, default: '0' }),
    float: column('float'), float_p: column('float', { precision: 12 }), double: column('double'), double_p: column('double', { precision: 10, scale: 2 }), real: column('real'), dec: column('dec', { precision: 12, scale: 4 }), decimal: column('decimal'), numeric: column('numeric', { precision: 8, scale: 3, default: '1.500' }), fixed: column('fixed'),
    bool: column('bool'), boolean: column('boolean', { default: true }), flag: { type: Boolean, default: false },
    date: column('date'), datetime: column('datetime'), datetime6: column('datetime', { precision: 6 }), datetime0: column('datetime', { precision: 0 }), timestamp: column('timestamp'), timestamp3: column('timestamp', { precision: 3 }), time: column('time'), time4: column('time', { precision: 4 }), year: column('year'),
    now: { type: 'datetime', default: () => 'CURRENT_TIMESTAMP' }, now3: { type: 'timestamp', precision: 3, default: () => 'CURRENT_TIMESTAMP(3)', onUpdate: 'CURRENT_TIMESTAMP(3)' },
    char: column('char'), char_l: column('char', { length: 7 }), nchar: column('nchar', { length: 3 }), varchar: column('varchar'), varchar_l: column('varchar', { length: 33, default: 'its' }), nvarchar: column('nvarchar', { length: 20 }), national: column('national varchar', { length: 20 }), latin: column('varchar', { length: 10, charset: 'latin1', collation: 'latin1_bin' }), bin: column('varchar', { length: 10, collation: 'utf8mb4_bin', comment: "case's matter" }),
    blob: column('blob'), tinyblob: column('tinyblob'), mediumblob: column('mediumblob'), longblob: column('longblob'), binary: column('binary', { length: 5 }), varbinary: column('varbinary', { length: 99 }), text: column('text'), tinytext: column('tinytext'), mediumtext: column('mediumtext'), longtext: column('longtext'),
    enum: column('enum', { enum: ['a', 'b c', 'd'], default: 'a' }), set: column('set', { enum: ['x', 'y', 'z'], default: ['x', 'y'] }), json: column('json'), geometry: column('geometry'), point: { type: 'point', srid: 4326 }, linestring: column('linestring'), polygon: column('polygon'), multipoint: column('multipoint'), multilinestring: column('multilinestring'), multipolygon: column('multipolygon'), geometrycollection: column('geometrycollection'),
    simple_array: column('simple-array'), simple_json: column('simple-json'), simple_enum: column('simple-enum', { enum: ['m', 'n'] }),
    virtual: { type: 'varchar', length: 80, asExpression: 'concat(`varchar_l`, `int`)', generatedType: 'VIRTUAL', nullable: true }, stored: { type: 'int', asExpression: '`int` + 1', generatedType: 'STORED', nullable: true },
    created: { type: 'datetime', createDate: true }, updated: { type: 'datetime', updateDate: true }, deleted: { type: 'datetime', deleteDate: true, nullable: true }, version: { type: 'int', version: true },
  },
  indices: [{ columns: ['varchar_l', 'int'] }, { columns: ['bin'], unique: true }, { columns: ['text'], fulltext: true }, { columns: ['point'], spatial: true }],
});
const User = new EntitySchema({ name: 'User', columns: { id: { type: Number, primary: true, generated: true }, name: { type: String }, email: { type: String, unique: true, nullable: true }, age: { type: Number, default: 18 } }, relations: { posts: { type: 'one-to-many', target: 'Post', inverseSide: 'author', cascade: true }, profile: { type: 'one-to-one', target: 'Profile', joinColumn: true, cascade: true, nullable: true }, friends: { type: 'many-to-many', target: 'User', joinTable: true } } });
const Profile = new EntitySchema({ name: 'Profile', columns: { id: { type: Number, primary: true, generated: true }, motto: { type: 'varchar', nullable: true } }, relations: { user: { type: 'one-to-one', target: 'User', inverseSide: 'profile' } } });
const Post = new EntitySchema({ name: 'Post', columns: { id: { type: Number, primary: true, generated: true }, title: { type: String, length: 100 }, views: { type: 'int', default: 0 } }, relations: { author: { type: 'many-to-one', target: 'User', inverseSide: 'posts', onDelete: 'CASCADE', onUpdate: 'RESTRICT' }, tags: { type: 'many-to-many', target: 'Tag', joinTable: { name: 'post_tags' }, cascade: true } } });
const Tag = new EntitySchema({ name: 'Tag', columns: { label: { type: 'varchar', length: 50, primary: true }, lang: { type: 'char', length: 2, primary: true, default: 'en' } } });
const trees = ['closure-table', 'materialized-path', 'nested-set'].map((type, n) => new EntitySchema({ name: `Tree${n}`, columns: { id: { type: Number, primary: true, generated: true }, name: { type: String } }, trees: [{ type }], relations: { parent: { type: 'many-to-one', target: `Tree${n}`, treeParent: true, nullable: true }, children: { type: 'one-to-many', target: `Tree${n}`, treeChildren: true, cascade: true } } }));
const View = new EntitySchema({ name: 'PostView', type: 'view', expression: 'SELECT `p`.`id` AS `id`, `p`.`title` AS `title`, `u`.`name` AS `author` FROM `post` `p` LEFT JOIN `user` `u` ON `u`.`id` = `p`.`authorId`', columns: { id: { type: Number }, title: { type: String }, author: { type: String } } });

const statements = [];
const log = (kind) => (text, values) => { if (kind === 'query' || kind === 'schema') statements.push(typeof text === 'string' ? text : String(text)); };
const logger = { logQuery: log('query'), logQueryError() {}, logQuerySlow() {}, logSchemaBuild() {}, logMigration() {}, log() {} };
const entities = [Everything, User, Profile, Post, Tag, View, ...trees];
const source = new DataSource({ type: 'mysql', host: settings.host, port: settings.port, username: settings.user, password: settings.password, database: settings.database, entities, logger, logging: true, legacySpatialSupport: false, extra: { connectionLimit: 5 }, timezone: 'Z' });
const shown = (table) => source.query(`SHOW CREATE TABLE \`${table}\``);
const sqlOf = async () => { const log = await source.driver.createSchemaBuilder().log(); return { up: log.upQueries.map((q) => q.query), down: log.downQueries.map((q) => q.query) }; };
const plainTable = (t) => ({ name: t.name.replace(/^.*\./, ''), columns: t.columns.map((c) => ({ ...c, '@instanceof': undefined })).sort((a, b) => (a.name < b.name ? -1 : 1)), indices: t.indices.map((i) => [i.name, i.columnNames, i.isUnique, i.isFulltext, i.isSpatial]), keys: t.foreignKeys.map((k) => [k.name, k.columnNames, k.referencedTableName, k.referencedColumnNames, k.onDelete, k.onUpdate]), uniques: t.uniques.map((u) => [u.name, u.columnNames]), engine: t.engine, comment: t.comment });

async function schema() {
  await check('initialize', () => source.initialize().then(() => 'done'));
  await check('what synchronize would do', async () => sqlOf());
  await check('synchronize', () => source.synchronize().then(() => 'done'));
  await check('synchronize again asks for nothing', async () => { const { up } = await sqlOf(); if (up.length) throw new Error(`it wants ${up.join('; ')}`); return up; });
  await check('synchronize again', async () => { statements.length = 0; await source.synchronize(); return statements.filter((sql) => !/^(SELECT|SHOW|START|COMMIT)/.test(sql)); });
  for (const table of ['everything', 'user', 'post', 'post_tags', 'user_friends_user', 'tree0', 'tree0_closure', 'tree1', 'tree2']) await check(`show create table ${table}`, () => shown(table));
  await check('introspection', async () => { const runner = source.createQueryRunner(); const out = []; for (const t of ['everything', 'user', 'post', 'post_tags']) out.push(plainTable(await runner.getTable(t))); out.push((await runner.getView('post_view')).expression); out.push(await runner.hasTable('user'), await runner.hasColumn('user', 'name'), await runner.hasDatabase(settings.database), await runner.getCurrentDatabase() === settings.database); await runner.release(); return out; });
}

async function values() {
  const repository = source.getRepository('Everything');
  const row = {
    bit: true, bits: Buffer.from([1]), int: 7, int_u: 4294967295, integer: -1, tinyint: 1, tiny_u: 255, smallint: -32768, mediumint: 8388607, bigint: '9223372036854775807', big_u: '18446744073709551615', float: 1.5, float_p: 1.25, double: 1e300, double_p: 12345.67, real: 0.1, dec: '12345678.1234', decimal: '5', numeric: '1.005', fixed: '9',
    bool: true, boolean: false, flag: true, date: '2024-02-29', datetime: new Date('2024-01-02T03:04:05Z'), datetime6: new Date('2024-01-02T03:04:05.678Z'), datetime0: new Date('2024-01-02T03:04:05Z'), timestamp: new Date('2024-01-02T03:04:05Z'), timestamp3: new Date('2024-01-02T03:04:05.678Z'), time: '12:34:56', time4: '-01:02:03.4567', year: 1999,
    char: 'c', char_l: 'chars', nchar: 'nch', varchar: 'värchar', varchar_l: 'a "b" \'c\' \\', nvarchar: 'n', national: 'nat', latin: 'é', bin: 'Bin', blob: Buffer.from([0, 1]), tinyblob: Buffer.from('t'), mediumblob: Buffer.from('m'), longblob: Buffer.from('l'), binary: Buffer.from('bi'), varbinary: Buffer.from('vb'), text: 'text of words 😀', tinytext: 'tt', mediumtext: 'mt', longtext: 'lt',
    enum: 'b c', set: ['x', 'z'], json: { b: [1, { c: null }], a: 'ü' }, geometry: 'POINT(1 2)', point: 'POINT(10 20)', linestring: 'LINESTRING(0 0,1 1)', polygon: 'POLYGON((0 0,4 0,4 4,0 4,0 0))', multipoint: 'MULTIPOINT((1 1),(2 2))', multilinestring: 'MULTILINESTRING((0 0,1 1),(2 2,3 3))', multipolygon: 'MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)))', geometrycollection: 'GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))',
    simple_array: ['p', 'q'], simple_json: { s: 1 }, simple_enum: 'n',
  };
  const strip = (r) => { const { uuid, now, now3, created, updated, ...rest } = r; return { ...rest, uuid: uuid.length }; };
  await check('save every type', async () => strip(await repository.save({ ...row })));
  await check('read every type', async () => strip(await repository.findOneByOrFail({ id: 1 })));
  await check('read defaults', async () => { await repository.insert({ point: 'POINT(0 0)' }); return strip(await repository.findOneByOrFail({ id: 2 })); });
  await check('update every type', async () => { const r = await repository.findOneByOrFail({ id: 1 }); r.json = { changed: true }; r.set = ['y']; r.int = 8; await repository.save(r); return strip(await repository.findOneByOrFail({ id: 1 })); });
  await check('soft delete', async () => { await repository.softDelete({ id: 2 }); const n = await repository.count(); await repository.restore({ id: 2 }); return [n, await repository.count()]; });
  await check('upsert', async () => { await repository.upsert([{ id: 2, int: 77, point: 'POINT(0 0)' }, { id: 3, int: 78, point: 'POINT(1 1)' }], ['id']); return (await repository.find({ select: { id: true, int: true, stored: true }, order: { id: 'ASC' } })); });
  await check('distance', () => repository.createQueryBuilder('e').select(["e.id AS id", "ST_Distance_Sphere(e.point, ST_GeomFromText('POINT(0 0)', 4326)) > 1000 AS far"]).orderBy('e.id').getRawMany());
  await check('full text', () => repository.createQueryBuilder('e').select('e.id', 'id').where('MATCH(e.text) AGAINST (:w IN BOOLEAN MODE)', { w: '+words' }).getRawMany());
  for (const [name, change] of Object.entries({ enum: { enum: 'none' }, unique: { bin: 'Bin' }, json: { json: () => "'{'" }, point: { point: null } })) await check(`error: ${name}`, () => thrown(() => repository.insert({ point: 'POINT(0 0)', ...change })));
}

async function relations() {
  const users = source.getRepository('User');
  const posts = source.getRepository('Post');
  await check('save with cascades', () => users.save({ name: 'Ann', email: 'ann@x', profile: { motto: 'go' }, posts: [{ title: 'one', views: 5, tags: [{ label: 'sql', lang: 'en' }, { label: 'js', lang: 'en' }] }, { title: 'two' }] }));
  await check('more', async () => { const ann = await users.findOneBy({ name: 'Ann' }); await users.save([...Array(10).keys()].map((n) => ({ name: `user ${n}`, age: 20 + n, friends: [ann], posts: [{ title: `post ${n}`, views: n }] }))); return users.count(); });
  await check('find with relations', () => users.find({ relations: { posts: { tags: true }, profile: true, friends: true }, where: { name: In(['Ann', 'user 3']) }, order: { name: 'ASC', posts: { id: 'ASC', tags: { label: 'ASC' } } } }));
  await check('find with a page', () => users.findAndCount({ relations: { posts: true }, order: { id: 'DESC', posts: { id: 'ASC' } }, take: 3, skip: 1 }));
  await check('operators', () => users.find({ select: { name: true }, where: [{ age: Between(22, 24) }, { name: Like('A%'), email: Not(IsNull()) }, { age: MoreThan(28) }, { name: Raw((alias) => `length(${alias}) > :n`, { n: 100 }) }, { age: LessThanOrEqual(1) }], order: { id: 'ASC' } }));
  await check('query builder', () => users.createQueryBuilder('u').leftJoinAndSelect('u.posts', 'p', 'p.views > :v', { v: 1 }).where(new Brackets((q) => q.where('u.age > :a', { a: 25 }).orWhere('u.name = :n', { n: 'Ann' }))).andWhere('u.id IN (:...ids)', { ids: [1, 5, 8, 9, 10] }).orderBy('u.id').addOrderBy('p.id').getMany());
  await check('subqueries', () => users.createQueryBuilder('u').select(['u.name AS name']).addSelect((q) => q.select('COUNT(*)').from('Post', 'p').where('p.authorId = u.id'), 'n').where((q) => `u.id IN ${q.subQuery().select('p.authorId').from('Post', 'p').where('p.views > 3').getQuery()}`).orderBy('u.id').getRawMany());
  await check('groups', () => posts.createQueryBuilder('p').select('p.authorId', 'author').addSelect('SUM(p.views)', 'views').addSelect('AVG(p.views)', 'mean').groupBy('p.authorId').having('COUNT(*) > 1').orderBy('author').getRawMany());
  await check('insert by the builder', async () => { const r = await posts.createQueryBuilder().insert().values([{ title: 'x' }, { title: 'y', views: () => '1 + 1' }]).execute(); return [r.identifiers, r.generatedMaps, r.raw.affectedRows]; });
  await check('insert or update', async () => (await users.createQueryBuilder().insert().values({ id: 1, name: 'Änn', email: 'ann@x' }).orUpdate(['name'], ['id']).execute()).raw.affectedRows);
  await check('insert or ignore', async () => (await users.createQueryBuilder().insert().values({ id: 1, name: 'x' }).orIgnore().execute()).raw.affectedRows);
  await check('update by the builder', async () => (await posts.createQueryBuilder().update().set({ views: () => 'views + 10' }).where('title LIKE :t', { t: 'post%' }).execute()).affected);
  await check('update with a limit', async () => (await posts.createQueryBuilder().update().set({ views: 0 }).orderBy('id', 'DESC').limit(2).execute()).affected);
  await check('delete by the builder', async () => (await posts.createQueryBuilder().delete().where('title IN (:...t)', { t: ['x', 'y'] }).execute()).affected);
  await check('relation builder', async () => { await source.createQueryBuilder().relation('Post', 'tags').of(2).add({ label: 'sql', lang: 'en' }); return (await source.createQueryBuilder().relation('Post', 'tags').of(2).loadMany()); });
  await check('increment', async () => { await posts.increment({ title: 'one' }, 'views', 3); await posts.decrement({ title: 'one' }, 'views', 1); return posts.findOneBy({ title: 'one' }); });
  await check('aggregates', async () => [await posts.sum('views'), await posts.average('views'), await posts.minimum('views'), await posts.maximum('views'), await posts.existsBy({ title: 'one' })]);
  await check('a view', () => source.getRepository('PostView').find({ order: { id: 'ASC' }, take: 4 }));
  await check('stream', async () => { const seen = []; for await (const r of await posts.createQueryBuilder('p').orderBy('p.id').limit(3).stream()) seen.push(r); return seen; });
  await check('cascade', async () => { await users.delete({ name: 'user 1' }); return posts.count(); });
  await check('foreign key', () => thrown(() => posts.insert({ title: 'z', author: { id: 12345 } })));
  await check('set null by save', async () => { const u = await users.findOne({ where: { id: 1 }, relations: { posts: true, profile: true }, order: { posts: { id: 'ASC' } } }); u.posts = u.posts.slice(0, 1); u.profile = null; await users.save(u); return posts.find({ where: { author: IsNull() } }); });
  for (const tree of trees) {
    await check(`tree ${tree.options.name}`, async () => {
      const repository = source.getTreeRepository(tree.options.name);
      const root = await repository.save({ name: 'root' });
      const child = await repository.save({ name: 'child', parent: root });
      const grandchild = await repository.save({ name: 'grandchild', parent: child });
      await repository.save({ name: 'other', parent: root });
      const names = (t) => ({ [t.name]: (t.children || []).map(names).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) });
      const out = [(await repository.findTrees()).map(names), (await repository.findAncestors(grandchild)).map((t) => t.name).sort(), await repository.countDescendants(child), names(await repository.findDescendantsTree(root))];
      await repository.remove(grandchild);
      return [...out, (await repository.findRoots()).map((t) => t.name), await repository.count()];
    });
  }
}

async function transactions() {
  const users = source.getRepository('User');
  await check('transaction', async () => { await source.transaction((m) => m.save('User', { name: 'in' })); await source.transaction(async (m) => { await m.save('User', { name: 'out' }); throw new Error('x'); }).catch(() => null); return users.findBy({ name: In(['in', 'out']) }); });
  await check('nested', async () => { await source.transaction(async (m) => { await m.save('User', { name: 'outer' }); await m.transaction(async (n) => { await n.save('User', { name: 'inner' }); throw new Error('x'); }).catch(() => null); }); return (await users.findBy({ name: In(['outer', 'inner']) })).map((u) => u.name); });
  for (const level of ['READ COMMITTED', 'SERIALIZABLE']) await check(`isolation ${level}`, () => source.transaction(level, (m) => m.count('User')));
  for (const mode of ['pessimistic_write', 'pessimistic_read']) await check(`lock ${mode}`, () => source.transaction((m) => m.findOne('User', { where: { name: 'in' }, lock: { mode } })));
  await check('skip locked', () => source.transaction((m) => m.createQueryBuilder('User', 'u').setLock('pessimistic_write').setOnLocked('skip_locked').where("u.name = 'in'").getOne()));
  await check('optimistic lock', async () => { const r = source.getRepository('Everything'); return thrown(() => r.findOne({ where: { id: 1 }, lock: { mode: 'optimistic', version: 99 } })); });
}

async function runner() {
  const q = source.createQueryRunner();
  const shown = (table) => q.query(`SHOW CREATE TABLE \`${table}\``);
  const step = (name, work) => check(`runner: ${name}`, async () => { await work(); return shown('made'); });
  await step('createTable', () => q.createTable(new Table({ name: 'made', columns: [{ name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'increment' }, { name: 'a', type: 'varchar', length: '20', isUnique: true, default: "'x'" }, { name: 'b', type: 'decimal', precision: 9, scale: 2, isNullable: true, comment: 'b' }], indices: [{ columnNames: ['b'] }], comment: 'made' }), true));
  await step('addColumn', () => q.addColumn('made', new TableColumn({ name: 'c', type: 'enum', enum: ['p', 'q'], default: "'p'" })));
  await step('changeColumn', () => q.changeColumn('made', 'a', new TableColumn({ name: 'a2', type: 'varchar', length: '30', isNullable: true })));
  await step('changeColumn enum', () => q.changeColumn('made', 'c', new TableColumn({ name: 'c', type: 'enum', enum: ['p', 'q', 'r'], default: "'r'" })));
  await step('changeColumn to not null', () => q.changeColumn('made', 'b', new TableColumn({ name: 'b', type: 'decimal', precision: 9, scale: 2, default: 0 })));
  await step('renameColumn', () => q.renameColumn('made', 'b', 'b2'));
  await step('createIndex', () => q.createIndex('made', new TableIndex({ name: 'by_c', columnNames: ['c', 'b2'], isUnique: true })));
  await step('createForeignKey', async () => { await q.addColumn('made', new TableColumn({ name: 'userId', type: 'int', isNullable: true })); await q.createForeignKey('made', new TableForeignKey({ columnNames: ['userId'], referencedTableName: 'user', referencedColumnNames: ['id'], onDelete: 'SET NULL' })); });
  await step('dropForeignKey', async () => { const t = await q.getTable('made'); await q.dropForeignKey('made', t.foreignKeys[0]); });
  await step('dropIndex', () => q.dropIndex('made', 'by_c'));
  await step('dropPrimaryKey', async () => { await q.changeColumn('made', 'id', new TableColumn({ name: 'id', type: 'int' })); });
  await step('createPrimaryKey', async () => { await q.createPrimaryKey('made', ['id', 'b2']).catch((error) => { if (!/primary/i.test(error.message)) throw error; }); });
  await step('dropColumn', () => q.dropColumns('made', ['userId', 'a2']));
  await step('changeTableComment', () => q.changeTableComment('made', "it's new"));
  await check('runner: renameTable', async () => { await q.renameTable('made', 'made2'); return shown('made2'); });
  await check('runner: dropTable', async () => { await q.dropTable('made2'); return q.hasTable('made2'); });
  await q.release();
  class First1700000000001 { constructor() { this.name = 'First1700000000001'; } async up(r) { await r.query('CREATE TABLE migrated (id INT PRIMARY KEY)'); } async down(r) { await r.query('DROP TABLE migrated'); } }
  class Second1700000000002 { constructor() { this.name = 'Second1700000000002'; } async up(r) { await r.query('ALTER TABLE migrated ADD name VARCHAR(10)'); } async down(r) { await r.query('ALTER TABLE migrated DROP name'); } }
  const other = new DataSource({ ...source.options, entities: [], extra: { connectionLimit: 1 }, migrations: [First1700000000001, Second1700000000002], logger });
  await other.initialize();
  await check('migrations', async () => { const ran = (await other.runMigrations()).map((m) => m.name); const again = await other.runMigrations(); await other.undoLastMigration(); return [ran, again, await other.showMigrations(), await other.query('SHOW CREATE TABLE migrated'), await other.query('SHOW CREATE TABLE migrations')]; });
  await check('each transaction', async () => { await other.undoLastMigration(); return (await other.runMigrations({ transaction: 'each' })).map((m) => m.name); });
  await other.destroy();
  await check('migration:generate gives nothing', async () => { const { up, down } = await sqlOf(); if (up.length) throw new Error(`it wants ${up.join('; ')}`); return [up, down]; });
  await check('drop the schema', async () => { await source.dropDatabase(); return source.query('SHOW TABLES'); });
}

async function main() {
  await schema();
  await values();
  await relations();
  await transactions();
  await runner();
  finish();
}
main().catch((error) => { console.error(error); process.exit(1); });
