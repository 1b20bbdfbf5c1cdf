// Knex over mysql2: its schema builder, what it asks about tables, queries, transactions, migrations.
'use strict';
const fs = require('fs');
const path = require('path');
const makeKnex = require('knex');
const { check, thrown, finish, settings } = require('./check');

const knex = makeKnex({ client: 'mysql2', connection: settings, pool: { min: 0, max: 4 } });
const shown = (table) => knex.raw('SHOW CREATE TABLE ??', [table]).then(([r]) => r);

async function schema() {
  const types = (t) => {
    t.increments('id'); t.bigInteger('big').unsigned(); t.tinyint('tiny', 2); t.smallint('small'); t.mediumint('medium'); t.integer('whole').notNullable().defaultTo(3).comment('a number');
    t.text('text', 'longtext'); t.string('word', 50).defaultTo('it\'s').collate('utf8mb4_bin'); t.float('single', 8, 2); t.double('twice'); t.decimal('price', 10, 3).defaultTo(1.5); t.boolean('flag').defaultTo(true);
    t.date('day'); t.datetime('moment', { precision: 3 }).defaultTo(knex.fn.now(3)); t.time('clock'); t.timestamp('stamp').nullable(); t.timestamps(true, true); t.binary('bytes', 16); t.binary('blob'); t.enum('kind', ['a', 'b']).defaultTo('a'); t.json('doc'); t.uuid('token'); t.geometry('shape'); t.specificType('bits', 'BIT(4)'); t.specificType('several', "SET('x','y')");
  };
  await check('createTable', async () => { await knex.schema.createTable('types', (t) => { types(t); t.unique(['word'], { indexName: 'one_word' }); t.index(['whole', 'day']); t.comment('every type'); t.engine('InnoDB'); t.charset('utf8mb4'); t.collate('utf8mb4_unicode_ci'); }); return shown('types'); });
  await check('columnInfo', () => knex('types').columnInfo());
  await check('columnInfo of one', () => knex('types').columnInfo('price'));
  await check('hasTable and hasColumn', async () => [await knex.schema.hasTable('types'), await knex.schema.hasTable('none'), await knex.schema.hasColumn('types', 'word'), await knex.schema.hasColumn('types', 'none')]);
  await check('createTableLike', async () => { await knex.schema.createTableLike('types2', 'types'); return shown('types2'); });
  await check('a child', async () => { await knex.schema.createTable('child', (t) => { t.increments(); t.integer('types_id').unsigned().references('types.id').onDelete('CASCADE').onUpdate('SET NULL'); t.string('name').unique(); t.primary(['id', 'name'], { constraintName: 'pk' }); }).catch((error) => error); await knex.schema.dropTableIfExists('child'); await knex.schema.createTable('child', (t) => { t.increments(); t.integer('types_id').unsigned().references('types.id').onDelete('CASCADE'); t.string('name').unique(); }); return shown('child'); });
  // Where each connection goes to another node, that may be a moment behind with what ALTER TABLE has changed.
  const alter = (name, change, table = 'child') => check(`alter: ${name}`, async () => { try { await knex.schema.alterTable(table, change); } catch (error) { return error; } return process.env.NODE_TURNS ? 'one server only' : shown(table); });
  await alter('add columns', (t) => { t.integer('a').after('id'); t.string('b', 10).first(); t.integer('c').notNullable().defaultTo(4); t.integer('positive').checkPositive(); });
  await alter('rename a column', (t) => t.renameColumn('a', 'a2'));
  await alter('rename a column with a default', (t) => t.renameColumn('c', 'c2'));
  await alter('change', (t) => { t.bigInteger('a2').notNullable().defaultTo(1).alter(); });
  await alter('nullable', (t) => t.setNullable('a2'));
  await alter('not nullable', (t) => t.dropNullable('a2'));
  await alter('index', (t) => { t.index('a2', 'by_a2'); t.unique(['b', 'a2']); });
  await alter('rename an index', (t) => t.renameIndex ? t.renameIndex('by_a2', 'by_a3') : t.dropIndex('a2', 'by_a2'));
  await alter('drop an index', (t) => t.dropUnique(['b', 'a2']));
  await alter('drop a foreign key', (t) => t.dropForeign('types_id'));
  await alter('add a foreign key', (t) => t.foreign('types_id', 'named').references('id').inTable('types').onDelete('SET NULL'));
  await alter('check', (t) => t.check('?? > ?? + 1', ['a2', 'id'], 'larger'));
  await alter('drop the check', (t) => t.dropChecks(['larger']));
  await alter('check in', (t) => t.string('color').checkIn(['red', 'blue'], 'colors'));
  await alter('check regex', (t) => t.string('zip').checkRegex('[0-9]{5}'));
  await alter('drop columns', (t) => t.dropColumns('a2', 'zip'));
  await alter('drop timestamps', (t) => t.dropTimestamps(), 'types');
  await alter('fulltext', (t) => t.index(['text'], 'ft', { indexType: 'FULLTEXT' }), 'types');
  await alter('unknown column', (t) => t.dropColumn('none'));
  await check('renameTable', async () => { await knex.schema.renameTable('types2', 'types3'); return shown('types3'); });
  await check('views', async () => { await knex.schema.createView('v', (v) => { v.columns(['id', 'n']); v.as(knex('child').select('id', 'name')); }); await knex.schema.createViewOrReplace('v', (v) => { v.columns(['id']); v.as(knex('child').select('id')); }); return [await shown('v'), await knex('v')]; });
  await check('rename a view', () => knex.schema.renameView('v', 'v2').then(() => 'done'));
  await check('drop a view', () => knex.schema.dropViewIfExists('v2').then(() => 'done'));
}

async function queries() {
  await check('insert', () => knex('child').insert([{ name: 'a', c2: 1 }, { name: 'b', c2: 2 }, { name: 'c', c2: 3 }]));
  await check('insert of differing rows', () => knex('child').insert([{ name: 'd' }, { name: 'e', c2: 8, color: 'red' }]));
  await check('insert that breaks a check', () => thrown(() => knex('child').insert({ name: 'f', color: 'green' })));
  await check('merge', () => knex('child').insert([{ name: 'a', c2: 10 }, { name: 'z', c2: 11 }]).onConflict('name').merge());
  await check('merge of columns', () => knex('child').insert({ name: 'a', c2: 12, b: 'bb' }).onConflict('name').merge(['c2']));
  await check('merge of values', () => knex('child').insert({ name: 'a', c2: 12 }).onConflict('name').merge({ b: knex.raw('concat(name, ?)', ['!']) }));
  await check('ignore', () => knex('child').insert({ name: 'a', c2: 99 }).onConflict().ignore());
  await check('select', () => knex('child').select('name', 'b', 'c2').orderBy([{ column: 'c2', order: 'desc' }, 'name']));
  await check('where', () => knex('child').where('c2', '>', 1).andWhere((q) => q.whereIn('name', ['a', 'b', 'c']).orWhereNull('b').orWhereBetween('c2', [7, 9])).whereNot({ name: 'q' }).whereILike('name', '%').orderBy('name').pluck('name'));
  await check('joins', () => knex('child as x').leftJoin('child as y', (j) => j.on('x.id', '<', 'y.id').andOnVal('y.c2', '>', 2)).select('x.name as x', 'y.name as y').orderBy(['x', 'y']));
  await check('union', () => knex('child').select('name').where('c2', 1).union([knex('child').select('name').where('c2', 2)]).unionAll([knex('child').select('name').where('c2', 2)]).orderBy('name'));
  await check('with', () => knex.with('w', knex('child').where('c2', '>', 2)).select('name').from('w').orderBy('name'));
  await check('withRecursive', () => knex.withRecursive('n', ['i'], knex.raw('SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5')).from('n').select('i'));
  await check('aggregates', () => knex('child').count('* as n').sum('c2 as s').avg('c2 as a').min('name as m').countDistinct('b as d'));
  await check('group', () => knex('child').select(knex.raw('c2 > 2 as big')).count('* as n').groupByRaw('c2 > 2').having('n', '>', 0).orderBy('big'));
  await check('window', () => knex('child').select('name').rowNumber('r', 'c2', 'b').rank('k', (w) => w.orderBy('c2', 'desc').orderBy('name')).orderBy('name'));
  await check('update', () => knex('child').where('name', 'b').update({ c2: knex.raw('c2 + ?', [5]), b: null }));
  await check('increment', () => knex('child').where('name', 'b').increment({ c2: 2 }));
  await check('update of a join', () => knex('child as x').join('child as y', 'y.id', 'x.id').where('y.name', 'c').update({ 'x.c2': 77 }));
  await check('delete of a join', () => knex('child').join('types', 'types.id', 'child.types_id').del());
  await check('delete', () => knex('child').where('name', 'z').del());
  await check('JSON', async () => { await knex('types').insert([{ word: 'j', doc: JSON.stringify({ a: { b: [1, 2] }, c: 'x' }) }, { word: 'k', doc: '[]' }]); return [await knex('types').jsonExtract('doc', '$.a.b[1]', 'second').orderBy('id'), await knex('types').whereJsonPath('doc', '$.c', '=', 'x').pluck('word'), await knex('types').whereJsonSupersetOf('doc', { c: 'x' }).pluck('word'), await knex('types').whereJsonObject('doc', []).pluck('word'), await knex('types').jsonSet('doc', '$.c', '9', 'set').orderBy('id'), await knex('types').jsonRemove('doc', '$.a', 'removed').orderBy('id')]; });
  await check('first and pluck', async () => [await knex('child').first('name').orderBy('id'), await knex('child').orderBy('id').pluck('id')]);
  await check('types', async () => { const row = await knex('types').first().orderBy('id'); delete row.moment; return row; });
  await check('stream', async () => { const seen = []; for await (const row of knex('child').select('name').orderBy('id').stream()) seen.push(row.name); return seen; });
  await check('batchInsert', () => knex.batchInsert('child', [...Array(250).keys()].map((n) => ({ name: `batch ${n}` })), 100).then((ids) => ids.length));
  await check('truncate', async () => { await knex('types3').insert({ word: 'x' }); await knex('types3').truncate(); return knex('types3').insert({ word: 'y' }); });
  for (const [name, work] of Object.entries({ table: () => knex('none'), column: () => knex('child').select('none'), duplicate: () => knex('child').insert({ name: 'a' }), syntax: () => knex.raw('SELEC') })) await check(`error: ${name}`, () => thrown(work));
}

async function transactions() {
  await check('transaction', async () => { await knex.transaction(async (t) => { await t('child').insert({ name: 'in' }); }); await knex.transaction(async (t) => { await t('child').insert({ name: 'out' }); throw new Error('x'); }).catch(() => null); return knex('child').whereIn('name', ['in', 'out']).pluck('name'); });
  await check('nested', async () => { await knex.transaction(async (t) => { await t('child').insert({ name: 'outer' }); await t.transaction(async (u) => { await u('child').insert({ name: 'inner' }); throw new Error('x'); }).catch(() => null); }); return knex('child').whereIn('name', ['outer', 'inner']).pluck('name'); });
  await check('isolation', () => knex.transaction((t) => t('child').where('name', 'in').count('* as n'), { isolationLevel: 'read committed' }));
  await check('read only', () => thrown(() => knex.transaction((t) => t('child').insert({ name: 'never' }), { readOnly: true })));
  await check('forUpdate', () => knex.transaction((t) => t('child').where('name', 'in').forUpdate().skipLocked().select('name')));
  await check('forShare', () => knex.transaction((t) => t('child').where('name', 'in').forShare().select('name')));
}

async function migrations() {
  const directory = `${process.env.NODE_RESULTS}.migrations`;
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, '1_one.js'), "exports.up = (k) => k.schema.createTable('m', (t) => { t.increments(); t.string('a'); }); exports.down = (k) => k.schema.dropTable('m');");
  fs.writeFileSync(path.join(directory, '2_two.js'), "exports.up = (k) => k.schema.alterTable('m', (t) => t.integer('b').index()); exports.down = (k) => k.schema.alterTable('m', (t) => t.dropColumn('b'));");
  const options = { directory };
  await check('migrate', async () => { const [batch, names] = await knex.migrate.latest(options); return [batch, names.map((n) => path.basename(n)), await shown('m')]; });
  await check('migrate again', async () => (await knex.migrate.latest(options))[1]);
  await check('roll back', async () => { const [, names] = await knex.migrate.rollback(options, true); return [names.map((n) => path.basename(n)), await knex.schema.hasTable('m')]; });
  await check('its tables', async () => [await shown('knex_migrations'), await shown('knex_migrations_lock'), await knex('knex_migrations_lock')]);
}

async function main() {
  await schema();
  await queries();
  await transactions();
  await migrations();
  finish();
}
main();
