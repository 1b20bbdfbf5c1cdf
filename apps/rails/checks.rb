# ActiveRecord over mysql2: migrations, the schema's dump, associations, locking, upserts, transactions. Each check's answer is written
# down and compared with another server's by apps/node/compare.js.
require 'active_record'
require 'json'
require 'stringio'

RESULTS = {}

def plain(value)
  case value
  when ActiveRecord::Base then plain(value.attributes.except('created_at', 'updated_at'))
  when ActiveRecord::Relation, Array then value.map { |one| plain(one) }
  when Hash then value.to_h { |key, one| [key.to_s, plain(one)] }
  when Time, DateTime then value.utc.strftime('%F %T.%6N')
  when BigDecimal then value.to_s('F')
  when ActiveRecord::Result then plain(value.to_a)
  when String then value.encoding == Encoding::BINARY ? "bytes #{value.unpack1('H*')}" : value
  when Symbol, Date then value.to_s
  else value
  end
end

def check(name)
  RESULTS[name] = { value: plain(yield) }
rescue StandardError => e
  RESULTS[name] = { thrown: { message: "#{e.class}: #{e.message}" }, stack: e.backtrace.first(5).join("\n") }
end

def refused
  yield
  'no error'
rescue ActiveRecord::ActiveRecordError => e
  [e.class.name, e.message]
end

host, port = ENV['RAILS_ADDRESS'].split(':')
ActiveRecord::Base.establish_connection(adapter: 'mysql2', host: host, port: port.to_i, username: 'root', password: ENV['APPS_PASSWORD'], database: ENV['RAILS_DATABASE'], encoding: 'utf8mb4', pool: 5, prepared_statements: ENV['RAILS_PREPARED'] == '1')
ActiveRecord::Migration.verbose = false
CONNECTION = ActiveRecord::Base.connection

class MakeTables < ActiveRecord::Migration[6.1]
  def change
    create_table :authors, comment: 'people' do |t|
      t.string :name, limit: 60, null: false, default: "it's", comment: 'a name'
      t.string :email, index: { unique: true }
      t.text :about
      t.text :long, limit: 16_777_216
      t.integer :tiny, limit: 1
      t.integer :small, limit: 2
      t.integer :whole, unsigned: true, default: 7
      t.bigint :big
      t.float :single
      t.float :twice, limit: 53
      t.decimal :price, precision: 12, scale: 3, default: 1.5
      t.boolean :active, default: true, null: false
      t.date :day
      t.time :clock
      t.datetime :moment, precision: 6
      t.timestamp :stamp
      t.binary :bytes, limit: 100
      t.binary :blob
      t.json :doc
      t.integer :role, default: 0
      t.integer :lock_version, default: 0
      t.integer :posts_count, default: 0
      t.virtual :upper, type: :string, as: 'upper(name)', stored: true
      t.column :kind, "enum('a','b')", default: 'a'
      t.timestamps
    end
    create_table :posts do |t|
      t.references :author, foreign_key: { on_delete: :cascade }
      t.string :title, null: false
      t.integer :views, default: 0
      t.timestamps
      t.index %i[title views], order: { views: :desc }, length: { title: 20 }
      t.check_constraint 'views >= 0', name: 'some_views'
    end
    create_table :tags, id: :string, limit: 40
    create_join_table :posts, :tags, column_options: { type: :string } do |t|
      t.index %i[tag_id post_id], unique: true
    end
  end
end

class ChangeTables < ActiveRecord::Migration[6.1]
  def up
    add_column :posts, :extra, :string, after: :title
    rename_column :posts, :extra, :more
    change_column :posts, :more, :text
    change_column_default :posts, :views, from: 0, to: 5
    change_column_null :posts, :more, false, 'none'
    change_column_comment :posts, :more, 'more'
    add_index :posts, :views, name: 'by_views'
    rename_index :posts, 'by_views', 'by_view'
    rename_table :posts, :articles
    rename_table :articles, :posts
    add_reference :posts, :editor, foreign_key: { to_table: :authors }
    remove_foreign_key :posts, column: :editor_id
    remove_column :posts, :editor_id
    change_table_comment :posts, 'texts'
    execute 'CREATE VIEW busy AS SELECT id, title FROM posts WHERE views > 5'
  end
end

class Author < ActiveRecord::Base
  has_many :posts, dependent: :destroy
  enum role: { reader: 0, writer: 1 }
  scope :active, -> { where(active: true) }
end

class Post < ActiveRecord::Base
  belongs_to :author, counter_cache: true, optional: true
  has_and_belongs_to_many :tags
end

class Tag < ActiveRecord::Base; end

def dump
  out = StringIO.new
  ActiveRecord::SchemaDumper.dump(CONNECTION, out)
  out.string
end

check('version') { CONNECTION.database_version.to_s.to_i >= 8 }
check('migrate') { MakeTables.migrate(:up); CONNECTION.tables.sort }
check('change') { ChangeTables.migrate(:up); CONNECTION.data_sources.sort }
%w[authors posts tags posts_tags].each { |table| check("show create table #{table}") { CONNECTION.select_rows("SHOW CREATE TABLE #{table}") } }
check('columns') { CONNECTION.columns('authors').map { |c| [c.name, c.sql_type, c.type, c.null, c.default, c.default_function, c.limit, c.precision, c.scale, c.comment, c.collation, c.extra] } }
check('indexes') { CONNECTION.indexes('posts').map { |i| [i.name, i.columns, i.unique, i.orders, i.lengths, i.type] }.sort_by(&:first) }
check('foreign keys') { CONNECTION.foreign_keys('posts').map { |k| [k.from_table, k.to_table, k.options.except(:name)] } }
check('check constraints') { CONNECTION.check_constraints('posts').map { |k| [k.name, k.expression] } }
check('primary keys') { [CONNECTION.primary_key('authors'), CONNECTION.primary_key('posts_tags')] }
check('table comments') { [CONNECTION.table_comment('authors'), CONNECTION.views, CONNECTION.table_exists?('posts'), CONNECTION.view_exists?('busy')] }
check('dump, load, dump') do
  first = dump
  CONNECTION.execute('DROP VIEW busy')
  CONNECTION.drop_table(:posts_tags)
  CONNECTION.drop_table(:posts)
  eval(first) # rubocop:disable Security/Eval
  second = dump
  raise "the dumps differ:\n#{first}\n#{second}" unless first == second
  first
end
check('create') { Author.create!(name: 'Ann', email: 'a@x', about: 'text 😀', tiny: 127, small: -32_768, whole: 4_294_967_295, big: 9_223_372_036_854_775_807, single: 1.5, twice: 0.1, price: '12345.678', day: '2024-02-29', clock: '12:34:56', moment: Time.utc(2024, 1, 2, 3, 4, 5.678901r), stamp: Time.utc(2024, 1, 2, 3, 4, 5), bytes: "\x00\xFF".b, blob: 'blob', doc: { a: [1, nil, 'ü'] }, role: :writer).reload }
check('defaults') { Author.create!(email: 'd@x').reload }
check('associations') { ann = Author.first; ann.posts.create!([{ title: 'one', views: 3, more: 'm' }, { title: 'two', views: 30, more: 'm' }]); post = ann.posts.first; post.tags << Tag.create!(id: 'sql') << Tag.create!(id: 'ruby'); [ann.reload.posts_count, post.tags.order(:id).pluck(:id), Author.includes(posts: :tags).order(:id).map { |a| [a.name, a.posts.map(&:title)] }] }
check('queries') { [Author.where(name: %w[Ann Bob]).or(Author.where(email: nil)).order(:id).pluck(:email), Author.joins(:posts).where(posts: { views: 10.. }).distinct.count, Author.left_joins(:posts).group(:name).order(:name).count('posts.id'), Post.sum(:views), Post.average(:views), Post.order(views: :desc).limit(1).offset(1).pluck(:title), Author.writer.active.exists?, Author.where.missing(:posts).pluck(:email), Author.where("doc->>'$.a[2]' = ?", 'ü').count] }
check('insert_all') { [Author.insert_all([{ name: 'i1', email: 'a@x', created_at: Time.at(0), updated_at: Time.at(0) }, { name: 'i2', email: 'i2@x', created_at: Time.at(0), updated_at: Time.at(0) }]).rows, Author.count] }
check('upsert_all') { Author.upsert_all([{ name: 'up', email: 'i2@x', created_at: Time.at(0), updated_at: Time.at(0) }, { name: 'new', email: 'n@x', created_at: Time.at(0), updated_at: Time.at(0) }]); Author.order(:email).pluck(:name, :email) }
check('insert_all!') { refused { Author.insert_all!([{ name: 'x', email: 'a@x', created_at: Time.at(0), updated_at: Time.at(0) }]) } }
check('find_each') { names = []; Author.find_each(batch_size: 2) { |a| names << a.email }; [names, Author.in_batches(of: 2).update_all(whole: 1)] }
check('find_or_create_by') { [Author.find_or_create_by!(email: 'foc@x').previously_new_record?, Author.find_or_create_by!(email: 'foc@x').previously_new_record?, Author.create_or_find_by!(email: 'foc@x').name] }
check('update_all, increment, touch') { [Post.where(title: 'one').update_all('views = views + 1'), Post.first.increment!(:views, 2).views, Post.update_counters(Post.first.id, views: 1), Post.first.views] }
check('optimistic locking') { one = Author.first; two = Author.first; one.update!(name: 'x'); refused { two.update!(name: 'y') } .first }
check('pessimistic locking') { Author.transaction { a = Author.lock.first; a.with_lock { a.update!(about: 'locked') }; Author.lock('FOR UPDATE SKIP LOCKED').first.about } }
check('transactions') { Author.transaction { Author.create!(email: 'outer@x'); Author.transaction(requires_new: true) { Author.create!(email: 'inner@x'); raise ActiveRecord::Rollback } }; Author.where(email: %w[outer@x inner@x]).pluck(:email) }
check('isolation') { Author.transaction(isolation: :serializable) { Author.count } }
check('strict loading') { refused { Author.strict_loading.first.posts.to_a }.first }
check('errors') { [refused { Author.create!(email: 'a@x') }, refused { Author.create!(name: 'x' * 100) }, refused { Author.new(tiny: 1).tap { |a| a.name = nil }.save!(validate: false) }, refused { Post.create!(title: 'x', more: 'm', views: -1) }, refused { Post.create!(title: 'x', more: 'm', author_id: 999) }, refused { CONNECTION.execute('SELEC 1') }, refused { CONNECTION.select_all('SELECT * FROM nothing') }] }
check('explain') { Author.where(id: 1).explain.include?('EXPLAIN') }
check('select_all') { CONNECTION.select_all('SELECT id, name, price, day, active, doc FROM authors ORDER BY id LIMIT 2') }
check('arel and CTE') { CONNECTION.select_rows('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT sum(i) FROM n') }
check('destroy') { Author.find_by(email: 'a@x').destroy; [Post.count, Author.count] }
check('truncate') { CONNECTION.truncate_tables('posts_tags', 'tags'); Tag.count }
check('migration back') { CONNECTION.drop_table(:posts_tags); CONNECTION.drop_table(:posts); CONNECTION.tables.sort }
File.write(ENV['RAILS_RESULTS'], JSON.generate(RESULTS))
