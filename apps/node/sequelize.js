// Sequelize over mysql2: models, migrations, associations, transactions, introspection.
'use strict';
const { Sequelize, DataTypes, Op, QueryTypes, literal, fn, col } = require('sequelize');
const { check, thrown, finish, settings } = require('./check');

const statements = [];
const sequelize = new Sequelize(settings.database, settings.user, settings.password, {
  host: settings.host, port: settings.port, dialect: 'mysql', logging: (sql) => statements.push(sql.replace(/^Executing \([^)]*\): /, '').replace(/START TRANSACTION;|`[0-9a-f-]{36}[^`]*`/g, '')), define: { underscored: true },
  pool: { max: 4 },
});
const queryInterface = sequelize.getQueryInterface();
const noClock = (row) => { const { createdAt, updatedAt, deletedAt, ...rest } = row.toJSON ? row.toJSON() : row; return rest; };

const User = sequelize.define('User', {
  id: { type: DataTypes.INTEGER.UNSIGNED, autoIncrement: true, primaryKey: true },
  name: { type: DataTypes.STRING(60), allowNull: false, validate: { len: [1, 60] } },
  email: { type: DataTypes.STRING, unique: true },
  role: { type: DataTypes.ENUM('admin', 'user', "o'ther"), defaultValue: 'user' },
  settings: DataTypes.JSON, balance: { type: DataTypes.DECIMAL(12, 2), defaultValue: 0 }, active: { type: DataTypes.BOOLEAN, defaultValue: true },
  birthday: DataTypes.DATEONLY, seen: DataTypes.DATE(6), alarm: DataTypes.TIME, token: { type: DataTypes.UUID, defaultValue: '7c9e6679-7425-40de-944b-e07fc1f90ae7' }, avatar: DataTypes.BLOB, bio: DataTypes.TEXT('medium'),
  big: DataTypes.BIGINT, ratio: DataTypes.DOUBLE, score: DataTypes.FLOAT(11, 2), spot: DataTypes.GEOMETRY('POINT'), tag: DataTypes.CHAR(4), tiny: DataTypes.TINYINT.UNSIGNED,
}, { indexes: [{ fields: ['role', { name: 'name', order: 'DESC', length: 10 }] }, { type: 'FULLTEXT', fields: ['bio'] }], comment: 'people' });
const Post = sequelize.define('Post', { title: { type: DataTypes.STRING, comment: 'the title' }, views: { type: DataTypes.INTEGER, defaultValue: 0 }, version: DataTypes.INTEGER }, { paranoid: true });
const Tag = sequelize.define('Tag', { label: { type: DataTypes.STRING(40), primaryKey: true } }, { timestamps: false });
const Profile = sequelize.define('Profile', { motto: DataTypes.STRING });
const Node = sequelize.define('Node', { name: DataTypes.STRING }, { timestamps: false });
const Note = sequelize.define('Note', { text: DataTypes.STRING }, { version: true, timestamps: false });
User.hasMany(Post, { foreignKey: 'authorId', as: 'posts', onDelete: 'CASCADE' });
Post.belongsTo(User, { foreignKey: 'authorId', as: 'author' });
Post.belongsToMany(Tag, { through: 'post_tags' });
Tag.belongsToMany(Post, { through: 'post_tags' });
User.hasOne(Profile, { onDelete: 'SET NULL' });
Profile.belongsTo(User);
Node.belongsTo(Node, { as: 'parent' });
Node.hasMany(Node, { as: 'children', foreignKey: 'parentId' });

async function schema() {
  await check('authenticate', () => sequelize.authenticate());
  await check('version', async () => Number((await queryInterface.databaseVersion()).split('.')[0]) >= 8);
  await check('sync', async () => { await sequelize.sync({ force: true }); return queryInterface.showAllTables(); });
  await check('sync again', () => sequelize.sync().then(() => 'done'));
  await check('sync by alter', async () => { statements.length = 0; await sequelize.sync({ alter: true }); return statements; });
  await check('sync by alter again', async () => { statements.length = 0; await sequelize.sync({ alter: true }); return statements.filter((sql) => !/^(SHOW|SELECT)/.test(sql)); });
  for (const model of [User, Post, Tag, Profile, Node, Note]) {
    await check(`describeTable ${model.name}`, () => queryInterface.describeTable(model.getTableName()));
    await check(`showIndex ${model.name}`, () => queryInterface.showIndex(model.getTableName()));
    await check(`show create table ${model.name}`, () => sequelize.query(`SHOW CREATE TABLE \`${model.getTableName()}\``, { type: QueryTypes.SELECT }));
  }
  await check('foreign keys', () => queryInterface.getForeignKeysForTables(['posts', 'post_tags', 'profiles']));
  await check('foreign key references', () => queryInterface.getForeignKeyReferencesForTable('posts'));
  await check('showConstraint', () => queryInterface.showConstraint('posts'));
  await check('tableExists', async () => [await queryInterface.tableExists('posts'), await queryInterface.tableExists('nothing')]);
  await check('showAllSchemas', async () => (await queryInterface.showAllSchemas()).length > 0);
  await check('databases', async () => { await sequelize.createSchema('x').catch(() => null); return queryInterface.dropSchema('x').then(() => 'dropped', (error) => error); });
}

async function migrations() {
  const q = queryInterface;
  const shown = () => sequelize.query('SHOW CREATE TABLE moving', { type: QueryTypes.SELECT });
  const step = (name, work) => check(`migration: ${name}`, async () => { await work(); return shown(); });
  await step('createTable', () => q.createTable('moving', { id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true }, a: { type: DataTypes.STRING, defaultValue: 'x' }, b: DataTypes.INTEGER, when: { type: DataTypes.DATE, defaultValue: literal('CURRENT_TIMESTAMP') } }, { charset: 'utf8mb4', collate: 'utf8mb4_unicode_ci', comment: 'moves' }));
  await step('addColumn', () => q.addColumn('moving', 'c', { type: DataTypes.DECIMAL(10, 3), allowNull: false, defaultValue: 1.5, after: 'a', comment: "it's" }));
  await step('addColumn enum', () => q.addColumn('moving', 'd', { type: DataTypes.ENUM('p', 'q'), defaultValue: 'p' }));
  await step('addColumn first', () => q.addColumn('moving', 'e', { type: DataTypes.JSON, first: true }));
  await step('addColumn with a reference', () => q.addColumn('moving', 'user_id', { type: DataTypes.INTEGER.UNSIGNED, references: { model: 'users', key: 'id' }, onDelete: 'CASCADE', onUpdate: 'RESTRICT' }));
  await step('renameColumn', () => q.renameColumn('moving', 'b', 'b2'));
  await step('changeColumn', () => q.changeColumn('moving', 'b2', { type: DataTypes.BIGINT, allowNull: false, defaultValue: 9 }));
  await step('addIndex', () => q.addIndex('moving', ['a', { name: 'c', order: 'DESC' }], { name: 'by_a' }));
  await step('addIndex unique', () => q.addIndex('moving', ['b2'], { unique: true }));
  await step('addConstraint unique', () => q.addConstraint('moving', { type: 'unique', fields: ['a', 'b2'], name: 'both' }));
  await step('addConstraint check', () => q.addConstraint('moving', { type: 'check', fields: ['b2'], where: { b2: { [Op.gt]: 0 } }, name: 'positive' }).catch((error) => { if (!/not|support/i.test(error.message)) throw error; }));
  await step('addConstraint foreign key', () => q.addConstraint('moving', { type: 'foreign key', fields: ['b2'], name: 'to_posts', references: { table: 'users', field: 'big' } }).catch((error) => error));
  await step('removeConstraint', () => q.removeConstraint('moving', 'both'));
  await step('removeIndex', () => q.removeIndex('moving', 'by_a'));
  await step('removeColumn', () => q.removeColumn('moving', 'd'));
  await step('removeColumn with its foreign key', () => q.removeColumn('moving', 'user_id'));
  await check('migration: renameTable', async () => { await q.renameTable('moving', 'moved'); return q.describeTable('moved'); });
  await check('migration: dropTable', async () => { await q.dropTable('moved'); return q.showAllTables(); });
}

async function rows() {
  await check('create', async () => noClock(await User.create({ name: 'Ann', email: 'ann@x.org', role: 'admin', settings: { theme: 'dark', list: [1, 2, { a: null }], 'odd key': 'ü' }, balance: '12345.67', birthday: '1990-02-03', seen: new Date(1700000000123), alarm: '07:30:00', avatar: Buffer.from([0, 1, 255]), bio: 'likes MySQL and databases', big: '9007199254740993', ratio: 0.1, score: 1.5, spot: { type: 'Point', coordinates: [1, 2] }, tag: 'ab', tiny: 255 })));
  await check('read it again', async () => noClock(await User.findOne({ where: { email: 'ann@x.org' } })));
  await check('bulkCreate', async () => (await User.bulkCreate([...Array(20).keys()].map((n) => ({ name: `user ${n}`, email: `u${n}@x.org`, balance: n, settings: { n }, birthday: `2000-01-${String(n + 1).padStart(2, '0')}` })))).length);
  await check('bulkCreate updateOnDuplicate', async () => { await User.bulkCreate([{ id: 2, name: 'changed', email: 'u0@x.org', balance: 100 }, { id: 50, name: 'new', email: 'new@x.org' }], { updateOnDuplicate: ['name', 'balance'] }); return (await User.findAll({ where: { id: [2, 50] }, order: ['id'] })).map(noClock); });
  await check('bulkCreate ignoreDuplicates', async () => { await User.bulkCreate([{ name: 'again', email: 'u0@x.org' }, { name: 'other', email: 'other@x.org' }], { ignoreDuplicates: true }); return User.count(); });
  await check('upsert', async () => { const [, made] = await User.upsert({ id: 50, name: 'upserted', email: 'new@x.org' }); const [, other] = await User.upsert({ name: 'u', email: 'upsert@x.org' }); return [made, other, noClock(await User.findByPk(50))]; });
  await check('findOrCreate', async () => { const [one, made] = await User.findOrCreate({ where: { email: 'foc@x.org' }, defaults: { name: 'foc' } }); const [two, again] = await User.findOrCreate({ where: { email: 'foc@x.org' }, defaults: { name: 'foc' } }); return [made, again, one.id === two.id]; });
  await check('findCreateFind', async () => { const [, made] = await User.findCreateFind({ where: { email: 'fcf@x.org' }, defaults: { name: 'fcf' } }); return made; });
  await check('operators', async () => (await User.findAll({ attributes: ['name'], order: ['id'], where: { [Op.or]: [{ name: { [Op.like]: 'user 1%' } }, { balance: { [Op.between]: [3, 5] } }, { birthday: { [Op.gte]: '2000-01-18' } }], [Op.not]: { name: { [Op.in]: ['user 11'] } }, email: { [Op.ne]: null, [Op.regexp]: '^u' } } })).map((u) => u.name));
  await check('JSON paths', async () => (await User.findAll({ attributes: ['name', [sequelize.json('settings.theme'), 'theme']], where: { settings: { theme: 'dark' } } })).map((u) => u.get()));
  await check('JSON numbers', async () => (await User.findAll({ attributes: ['id'], where: { 'settings.n': { [Op.gt]: 15 } }, order: ['id'] })).map((u) => u.id));
  await check('JSON function', async () => (await User.findAll({ attributes: ['id'], where: literal("JSON_CONTAINS(settings, '1', '$.list')") })).map((u) => u.id));
  await check('update', async () => User.update({ balance: literal('balance + 1'), role: "o'ther" }, { where: { balance: { [Op.lt]: 5 } } }));
  await check('update with a limit', async () => User.update({ active: false }, { where: {}, limit: 3 }));
  await check('increment', async () => { const u = await User.findByPk(1); await u.increment({ balance: 5, big: 2 }); await u.decrement('tiny'); await u.reload(); return [u.balance, u.big, u.tiny]; });
  await check('save of what changed', async () => { const u = await User.findByPk(1); u.settings = { ...u.settings, theme: 'light' }; u.set('name', 'Änn'); statements.length = 0; await u.save(); return [u.changed(), (await User.findByPk(1)).settings]; });
  await check('aggregates', async () => [await User.count({ where: { active: true } }), await User.max('balance'), await User.min('birthday'), await User.sum('balance'), await User.count({ distinct: true, col: 'role' })]);
  await check('group and having', async () => User.findAll({ attributes: ['role', [fn('COUNT', col('id')), 'n'], [fn('AVG', col('balance')), 'mean']], group: ['role'], having: literal('n > 1'), order: [[literal('n'), 'DESC']], raw: true }));
  await check('findAndCountAll', async () => { const { count, rows: list } = await User.findAndCountAll({ attributes: ['id'], order: [['id', 'DESC']], limit: 3, offset: 2 }); return [count, list.map((u) => u.id)]; });
  await check('full text', async () => sequelize.query("SELECT id FROM users WHERE MATCH(bio) AGAINST('databases' IN BOOLEAN MODE)", { type: QueryTypes.SELECT }));
  await check('geometry', async () => User.findAll({ attributes: ['id', [fn('ST_X', col('spot')), 'x'], [fn('ST_AsText', col('spot')), 'text']], where: { spot: { [Op.ne]: null } }, raw: true }));
  const errors = {
    unique: () => User.create({ name: 'x', email: 'ann@x.org' }), null: () => User.create({ email: 'y' }, { validate: false }), 'foreign key': () => Post.create({ title: 'x', authorId: 99999 }),
    'long string': () => User.create({ name: 'x'.repeat(100) }, { validate: false }), validation: () => User.create({ name: '' }), 'unknown column': () => User.findAll({ where: literal('nothing = 1') }), 'unknown table': () => sequelize.query('SELECT * FROM nothing'),
    'enum': () => sequelize.query("INSERT INTO users (name, role, created_at, updated_at) VALUES ('x', 'none', now(), now())"), range: () => User.create({ name: 'x', tiny: 300 }), 'parent row': () => sequelize.query('DELETE FROM tags'),
  };
  for (const [name, work] of Object.entries(errors)) {
    await check(`error: ${name}`, async () => { try { await work(); return 'none'; } catch (error) { return { name: error.name, message: error.message, parent: error.parent && { code: error.parent.code, errno: error.parent.errno, sqlMessage: error.parent.sqlMessage }, fields: error.fields, table: error.table, index: error.index, errors: (error.errors || []).map((e) => [e.message, e.type, e.path]) }; } });
  }
}

async function associations() {
  await check('include at create', async () => noClock(await Post.create({ title: 'first', author: { name: 'Bob', email: 'bob@x.org', Profile: { motto: 'be' } }, Tags: [{ label: 'sql' }, { label: 'node' }] }, { include: [{ association: 'author', include: [Profile] }, Tag] })).title);
  await check('more posts', async () => { const [bob, ann] = [await User.findOne({ where: { name: 'Bob' } }), await User.findByPk(1)]; for (let n = 0; n < 6; n++) { const post = await (n % 2 ? bob : ann).createPost({ title: `post ${n}`, views: n * 10 }); await post.addTags(['sql']); } return [await bob.countPosts(), (await ann.getPosts({ order: ['id'] })).map((p) => p.title)]; });
  const tree = (u) => ({ name: u.name, motto: u.Profile && u.Profile.motto, posts: u.posts.map((p) => ({ title: p.title, tags: (p.Tags || []).map((t) => t.label).sort() })) });
  await check('eager loading', async () => (await User.findAll({ include: [{ model: Post, as: 'posts', required: true, include: [Tag] }, Profile], order: ['id', [{ model: Post, as: 'posts' }, 'id', 'DESC']] })).map(tree));
  await check('eager loading with a limit', async () => (await User.findAll({ include: [{ model: Post, as: 'posts', where: { views: { [Op.gt]: 0 } } }], order: [['id', 'ASC'], [{ model: Post, as: 'posts' }, 'id', 'ASC']], limit: 2 })).map(tree));
  await check('separate loading', async () => (await User.findAll({ where: { name: ['Bob', 'Änn'] }, include: [{ model: Post, as: 'posts', separate: true, order: ['id'], limit: 2 }], order: ['id'] })).map(tree));
  await check('through', async () => (await Tag.findAll({ include: [{ model: Post, through: { attributes: [] } }], order: ['label', [Post, 'id', 'ASC']] })).map((t) => [t.label, t.Posts.map((p) => p.title)]));
  await check('count with an include', async () => Post.count({ include: [{ model: Tag, where: { label: 'sql' } }], distinct: true }));
  await check('nested column', async () => (await Post.findAll({ where: { '$author.name$': 'Bob' }, include: [{ model: User, as: 'author', attributes: [] }], order: ['id'] })).map((p) => p.title));
  await check('setTags', async () => { const p = await Post.findOne({ where: { title: 'first' } }); await p.setTags(['sql']); await p.removeTag('sql'); return p.countTags(); });
  await check('paranoid', async () => { const p = await Post.findOne({ where: { title: 'post 1' } }); await p.destroy(); const gone = await Post.count(); const all = await Post.count({ paranoid: false }); await p.restore(); return [gone, all, await Post.count()]; });
  await check('cascade', async () => { await (await User.findOne({ where: { name: 'Bob' } })).destroy(); return [await Post.count({ paranoid: false }), await Profile.findAll({ attributes: ['motto', 'UserId'], raw: true })]; });
  await check('a tree', async () => { const root = await Node.create({ name: 'root' }); const child = await root.createChild({ name: 'child' }); await child.createChild({ name: 'grandchild' }); const r = await Node.findOne({ where: { name: 'root' }, include: { model: Node, as: 'children', include: { model: Node, as: 'children' } } }); return r.children.map((c) => [c.name, c.children.map((g) => g.name)]); });
  await check('recursion', async () => sequelize.query('WITH RECURSIVE t AS (SELECT id, name, 0 AS depth FROM nodes WHERE parent_id IS NULL UNION ALL SELECT n.id, n.name, t.depth + 1 FROM nodes n JOIN t ON n.parent_id = t.id) SELECT name, depth FROM t ORDER BY depth', { type: QueryTypes.SELECT }));
}

async function transactions() {
  await check('commit and rollback', async () => {
    await sequelize.transaction(async (transaction) => { await Tag.create({ label: 'kept' }, { transaction }); });
    await sequelize.transaction(async (transaction) => { await Tag.create({ label: 'gone' }, { transaction }); throw new Error('back'); }).catch(() => null);
    return (await Tag.findAll({ where: { label: ['kept', 'gone'] } })).map((t) => t.label);
  });
  for (const level of ['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']) {
    await check(`isolation ${level}`, () => sequelize.transaction({ isolationLevel: level }, async (transaction) => { await Tag.create({ label: `in ${level}` }, { transaction }); return Tag.count({ transaction, where: { label: `in ${level}` } }); }));
  }
  await check('savepoints', async () => {
    const outer = await sequelize.transaction();
    await Tag.create({ label: 'outer' }, { transaction: outer });
    const inner = await sequelize.transaction({ transaction: outer });
    await Tag.create({ label: 'inner' }, { transaction: inner });
    await inner.rollback();
    await outer.commit();
    return (await Tag.findAll({ where: { label: ['outer', 'inner'] } })).map((t) => t.label);
  });
  await check('locks', () => sequelize.transaction(async (transaction) => { const list = await Tag.findAll({ lock: transaction.LOCK.UPDATE, skipLocked: true, transaction, order: ['label'], limit: 2 }); const shared = await Tag.findAll({ lock: transaction.LOCK.SHARE, transaction, where: { label: 'kept' } }); return [list.length, shared.length]; }));
  await check('optimistic locking', async () => { const note = await Note.create({ text: 'a' }); const same = await Note.findByPk(note.id); await note.update({ text: 'b' }); try { await same.update({ text: 'c' }); return 'no error'; } catch (error) { return error.name; } });
  await check('raw queries', async () => [await sequelize.query('SELECT :a + 0 AS a, ? AS b'.replace('?', ':b'), { replacements: { a: 1, b: "x'y" }, type: QueryTypes.SELECT }), await sequelize.query('SELECT $1 AS a, $n AS b'.replace('$n', '$2'), { bind: [1, 'two'], type: QueryTypes.SELECT }), await sequelize.query('INSERT INTO tags (label) VALUES (?)', { replacements: ['raw'], type: QueryTypes.INSERT }), await sequelize.query("UPDATE tags SET label = 'raw2' WHERE label = 'raw'", { type: QueryTypes.UPDATE }), await sequelize.query("DELETE FROM tags WHERE label = 'raw2'", { type: QueryTypes.BULKDELETE })]);
  await check('truncate', async () => { await Profile.truncate(); return Profile.count(); });
  await check('truncate of a parent', async () => thrown(() => User.truncate()).then(({ message }) => message));
  await check('drop', async () => { await sequelize.drop(); return queryInterface.showAllTables(); });
}

async function main() {
  await schema();
  await migrations();
  await rows();
  await associations();
  await transactions();
  finish();
}
main();
