// Prisma's client with the adapter for MariaDB's connector, which compiles queries by itself. The schema engine, which push, migrate and
// pull of the command line run, comes from a host of Prisma's own and not from npm, so that it is left out: the tables are made
// by the statements that it writes for the model below.
'use strict';
const fs = require('fs');
const path = require('path');
const { spawnSync } = require('child_process');
const { check, thrown, finish, settings } = require('./check');

const directory = `${process.env.NODE_RESULTS}.prisma`;
const packages = path.dirname(path.dirname(require.resolve('prisma/package.json')));
const model = `
generator client {
  provider = "prisma-client-js"
  output   = "./client"
}
datasource db {
  provider = "mysql"
}
enum Role {
  ADMIN
  USER
}
model User {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  name    String?  @db.VarChar(80)
  role    Role     @default(USER)
  created DateTime @default(now())
  posts   Post[]
  profile Profile?
  @@index([role, name(length: 10, sort: Desc)])
}
model Profile {
  id     Int    @id @default(autoincrement())
  motto  String @db.Text
  user   User   @relation(fields: [userId], references: [id], onDelete: Cascade)
  userId Int    @unique
}
model Post {
  id       BigInt @id @default(autoincrement()) @db.UnsignedBigInt
  title    String @db.VarChar(200)
  views    Int    @default(0) @db.UnsignedInt
  author   User?  @relation(fields: [authorId], references: [id], onDelete: SetNull)
  authorId Int?
  tags     Tag[]
  @@fulltext([title])
  @@map("posts")
}
model Tag {
  label String @id @db.VarChar(40)
  posts Post[]
}
model Every {
  id        Int       @id
  tiny      Int?      @db.TinyInt
  flag      Boolean   @default(true)
  small     Int?      @db.SmallInt
  medium    Int?      @db.MediumInt
  big       BigInt?
  unsigned  BigInt?   @db.UnsignedBigInt
  price     Decimal?  @default(1.5) @db.Decimal(12, 4)
  single    Float?    @db.Float
  twice     Float?
  letter    String?   @db.Char(5)
  word      String    @default("it's") @db.VarChar(50)
  text      String?   @db.MediumText
  long      String?   @db.LongText
  bits      Bytes?    @db.Bit(12)
  fixed     Bytes?    @db.Binary(4)
  bytes     Bytes?    @db.VarBinary(30)
  blob      Bytes?    @db.LongBlob
  day       DateTime? @db.Date
  clock     DateTime? @db.Time(3)
  moment    DateTime? @db.DateTime(6)
  stamp     DateTime  @default(now()) @db.Timestamp(3)
  year      Int?      @db.Year
  doc       Json?
  changed   DateTime  @updatedAt
  @@unique([word, letter], name: "both")
}
`;

const statements = [
  "CREATE TABLE `User` (`id` INTEGER NOT NULL AUTO_INCREMENT, `email` VARCHAR(191) NOT NULL, `name` VARCHAR(80) NULL, `role` ENUM('ADMIN', 'USER') NOT NULL DEFAULT 'USER', `created` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), UNIQUE INDEX `User_email_key`(`email`), INDEX `User_role_name_idx`(`role`, `name`(10) DESC), PRIMARY KEY (`id`)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
  'CREATE TABLE `Profile` (`id` INTEGER NOT NULL AUTO_INCREMENT, `motto` TEXT NOT NULL, `userId` INTEGER NOT NULL, UNIQUE INDEX `Profile_userId_key`(`userId`), PRIMARY KEY (`id`)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
  'CREATE TABLE `posts` (`id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, `title` VARCHAR(200) NOT NULL, `views` INTEGER UNSIGNED NOT NULL DEFAULT 0, `authorId` INTEGER NULL, FULLTEXT INDEX `posts_title_idx`(`title`), PRIMARY KEY (`id`)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
  'CREATE TABLE `Tag` (`label` VARCHAR(40) NOT NULL, PRIMARY KEY (`label`)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
  "CREATE TABLE `Every` (`id` INTEGER NOT NULL, `tiny` TINYINT NULL, `flag` BOOLEAN NOT NULL DEFAULT true, `small` SMALLINT NULL, `medium` MEDIUMINT NULL, `big` BIGINT NULL, `unsigned` BIGINT UNSIGNED NULL, `price` DECIMAL(12, 4) NULL DEFAULT 1.5, `single` FLOAT NULL, `twice` DOUBLE NULL, `letter` CHAR(5) NULL, `word` VARCHAR(50) NOT NULL DEFAULT 'it\\'s', `text` MEDIUMTEXT NULL, `long` LONGTEXT NULL, `bits` BIT(12) NULL, `fixed` BINARY(4) NULL, `bytes` VARBINARY(30) NULL, `blob` LONGBLOB NULL, `day` DATE NULL, `clock` TIME(3) NULL, `moment` DATETIME(6) NULL, `stamp` TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), `year` YEAR NULL, `doc` JSON NULL, `changed` DATETIME(3) NOT NULL, UNIQUE INDEX `Every_word_letter_key`(`word`, `letter`), PRIMARY KEY (`id`)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
  'CREATE TABLE `_PostToTag` (`A` BIGINT UNSIGNED NOT NULL, `B` VARCHAR(40) NOT NULL, UNIQUE INDEX `_PostToTag_AB_unique`(`A`, `B`), INDEX `_PostToTag_B_index`(`B`)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
  'ALTER TABLE `Profile` ADD CONSTRAINT `Profile_userId_fkey` FOREIGN KEY (`userId`) REFERENCES `User`(`id`) ON DELETE CASCADE ON UPDATE CASCADE',
  'ALTER TABLE `posts` ADD CONSTRAINT `posts_authorId_fkey` FOREIGN KEY (`authorId`) REFERENCES `User`(`id`) ON DELETE SET NULL ON UPDATE CASCADE',
  'ALTER TABLE `_PostToTag` ADD CONSTRAINT `_PostToTag_A_fkey` FOREIGN KEY (`A`) REFERENCES `posts`(`id`) ON DELETE CASCADE ON UPDATE CASCADE',
  'ALTER TABLE `_PostToTag` ADD CONSTRAINT `_PostToTag_B_fkey` FOREIGN KEY (`B`) REFERENCES `Tag`(`label`) ON DELETE CASCADE ON UPDATE CASCADE',
];

async function schema(query) {
  for (const statement of statements) await query(statement);
  for (const table of ['User', 'Profile', 'posts', 'Tag', 'Every', '_PostToTag']) await check(`show create table ${table}`, () => query(`SHOW CREATE TABLE \`${table}\``));
}

async function queries(prisma) {
  const noClock = { omit: { created: true } };
  await check('create', () => prisma.user.create({ ...noClock, data: { email: 'a@x', name: 'Ann', role: 'ADMIN', profile: { create: { motto: 'go' } }, posts: { create: [{ title: 'one', views: 5, tags: { create: [{ label: 'sql' }, { label: 'node' }] } }, { title: 'two of words' }] } }, include: { profile: true, posts: { include: { tags: { orderBy: { label: 'asc' } } }, orderBy: { id: 'asc' } } } }));
  await check('createMany', () => prisma.user.createMany({ data: [...Array(10).keys()].map((n) => ({ email: `u${n}@x`, name: n % 2 ? `user ${n}` : null })) }));
  await check('createMany skipDuplicates', () => prisma.user.createMany({ data: [{ email: 'a@x' }, { email: 'new@x' }], skipDuplicates: true }));
  await check('every type', async () => { const made = await prisma.every.create({ data: { id: 1, tiny: -128, flag: false, small: 32767, medium: -8388608, big: 9007199254740993n, unsigned: 18446744073709551615n, price: '12345678.1234', single: 1.5, twice: 0.1, letter: 'abc', word: 'größe 😀', text: 't', long: 'l', bits: new Uint8Array([10, 188]), fixed: new Uint8Array([1, 2, 0, 0]), bytes: new Uint8Array([0, 255]), blob: new Uint8Array(1000), day: new Date('2024-02-29'), clock: new Date('1970-01-01T12:34:56.789Z'), moment: new Date('2024-01-02T03:04:05.678Z'), year: 1999, doc: { b: [1, 2.5, null], a: 'x' } } }); const again = await prisma.every.findUniqueOrThrow({ where: { id: 1 } }); return [made, again].map(({ stamp, changed, ...rest }) => rest); });
  await check('filters', () => prisma.user.findMany({ where: { OR: [{ name: { startsWith: 'user', not: 'user 3' } }, { posts: { some: { views: { gt: 3 } } } }], NOT: { email: { contains: '9@' } } }, orderBy: [{ name: { sort: 'desc', nulls: 'last' } }, { id: 'asc' }], select: { email: true, _count: { select: { posts: true } } } }));
  await check('pages', () => prisma.user.findMany({ cursor: { id: 3 }, skip: 1, take: 3, orderBy: { id: 'asc' }, select: { id: true } }));
  await check('JSON', () => prisma.every.findMany({ where: { doc: { path: '$.b[1]', equals: 2.5 } }, select: { id: true, doc: true } }));
  await check('search', () => prisma.$queryRaw`SELECT id FROM posts WHERE MATCH(title) AGAINST(${'words'})`);
  await check('upsert', async () => [await prisma.user.upsert({ ...noClock, where: { email: 'a@x' }, create: { email: 'a@x' }, update: { name: 'Änn' } }), await prisma.user.upsert({ ...noClock, where: { email: 'z@x' }, create: { email: 'z@x', name: 'Zoe' }, update: {} })]);
  await check('update', () => prisma.post.update({ where: { id: 1n }, data: { views: { increment: 2 }, tags: { disconnect: [{ label: 'node' }], connectOrCreate: [{ where: { label: 'js' }, create: { label: 'js' } }] } }, include: { tags: { orderBy: { label: 'asc' } } } }));
  await check('updateMany', () => prisma.user.updateMany({ where: { name: null }, data: { role: 'ADMIN' } }));
  await check('aggregates', () => prisma.post.aggregate({ _sum: { views: true }, _avg: { views: true }, _min: { title: true }, _count: true }));
  await check('groupBy', () => prisma.user.groupBy({ by: ['role'], _count: { _all: true }, having: { role: { in: ['ADMIN', 'USER'] } }, orderBy: { role: 'asc' } }));
  await check('distinct', () => prisma.user.findMany({ distinct: ['role'], select: { role: true }, orderBy: { role: 'asc' } }));
  await check('raw', async () => [await prisma.$queryRaw`SELECT ${1} + ${2} AS three, ${'x'} AS x, ${new Date(0)} AS d`, await prisma.$executeRaw`UPDATE posts SET views = views + 1 WHERE id = ${2}`]);
  await check('transaction', async () => { await prisma.$transaction([prisma.tag.create({ data: { label: 'in' } })]); await prisma.$transaction(async (t) => { await t.tag.create({ data: { label: 'out' } }); throw new Error('x'); }).catch(() => null); return prisma.tag.findMany({ where: { label: { in: ['in', 'out'] } } }); });
  await check('isolation', () => prisma.$transaction((t) => t.tag.count(), { isolationLevel: 'Serializable' }));
  for (const [name, work] of Object.entries({ unique: () => prisma.user.create({ data: { email: 'a@x' } }), 'foreign key': () => prisma.profile.create({ data: { motto: 'x', userId: 999 } }), 'not found': () => prisma.user.delete({ where: { id: 999 } }), raw: () => prisma.$queryRaw`SELECT nothing` })) await check(`error: ${name}`, async () => { const error = await prisma && await work().then(() => null, (e) => e); return error && { name: error.name, code: error.code, meta: error.meta }; });
  await check('delete', async () => { await prisma.user.delete({ where: { email: 'a@x' } }); return [await prisma.post.findMany({ select: { authorId: true } }), await prisma.profile.count()]; });
}

async function main() {
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  fs.symlinkSync(packages, path.join(directory, 'node_modules'));
  fs.writeFileSync(path.join(directory, 'schema.prisma'), model);
  const { PrismaMariaDb } = require('@prisma/adapter-mariadb');
  const options = { host: settings.host, port: settings.port, user: settings.user, password: settings.password, database: settings.database, allowPublicKeyRetrieval: true, connectionLimit: 3 };
  const factory = () => new PrismaMariaDb(options);
  const connection = await require('mysql2/promise').createConnection(settings);
  await schema(async (sql) => (await connection.query(sql))[0]);
  console.log('prisma: push, migrate and pull are left out (their engine is not in npm)');
  // The command line wants to see a schema engine; generating a client does not run it.
  const made = spawnSync(process.execPath, [path.join(packages, 'prisma/build/index.js'), 'generate', '--schema=schema.prisma'], { cwd: directory, encoding: 'utf8', timeout: 120000, env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' } });
  await check('generate', () => { if (made.status !== 0) throw new Error(`${made.stdout} ${made.stderr}`); return 'done'; });
  const { PrismaClient } = require(path.join(directory, 'client'));
  const prisma = new PrismaClient({ adapter: factory(), errorFormat: 'minimal' });
  await queries(prisma);
  finish();
}
main().catch((error) => { console.error(error); process.exit(1); });
