# Asks a server through mysql2 and Sequel, and prints what it answered as apps/transcripts.py reads it.
#
#   ruby drive.rb HOST PORT PASSWORD DATABASE [SECTION …]
require "mysql2"
require "sequel"
require "bigdecimal"
require "tempfile"

ENV["TZ"] = "UTC"
HOST, PORT, PASSWORD, DATABASE, *WANTED = ARGV
$stdout.sync = true

def check(name)
  puts "## #{name}"
  yield
rescue => error
  puts "threw #{describe(error)}"
end

def describe(error)
  parts = [error.class.name]
  parts << error.error_number if error.respond_to?(:error_number)
  parts << error.error_code if error.respond_to?(:error_code)
  parts << error.sql_state if error.respond_to?(:sql_state)
  parts << error.message.lines.first.to_s.strip.gsub(DATABASE, "database")
  parts.join(" ")
end

def fails(what)
  yield
  puts "#{what}: no error"
rescue => error
  puts "#{what}: #{describe(error)}"
end

def show(value)
  case value
  when String
    value.encoding == Encoding::BINARY || !value.valid_encoding? ? "0x" + value.unpack1("H*") : value.inspect
  when Time then "Time " + value.utc.strftime("%F %T.%6N")
  when BigDecimal then "BigDecimal " + value.to_s("F")
  when Array then "[" + value.map { |one| show(one) }.join(", ") + "]"
  when Hash then "{" + value.map { |key, one| "#{key}: #{show(one)}" }.join(", ") + "}"
  else "#{value.class} #{value.inspect}"
  end
end

def rows(result)
  return puts("no result") unless result
  result.each { |row| puts show(row) }
end

COLUMNS = <<~SQL
  c_tinyint TINYINT, c_bool TINYINT(1), c_smallint SMALLINT UNSIGNED, c_mediumint MEDIUMINT, c_int INT, c_int_u INT UNSIGNED ZEROFILL, c_bigint BIGINT, c_bigint_u BIGINT UNSIGNED, c_decimal DECIMAL(12,3), c_decimal0 DECIMAL(20,0),
  c_float FLOAT, c_double DOUBLE, c_bit1 BIT(1), c_bit BIT(10), c_char CHAR(10), c_varchar VARCHAR(255), c_latin1 VARCHAR(20) CHARACTER SET latin1, c_text TEXT, c_longtext LONGTEXT, c_binary BINARY(4), c_varbinary VARBINARY(20), c_blob BLOB,
  c_date DATE, c_time TIME, c_time6 TIME(6), c_datetime DATETIME, c_datetime6 DATETIME(6), c_timestamp TIMESTAMP(3) NULL, c_year YEAR, c_enum ENUM('one','two'), c_set SET('a','b'), c_json JSON, c_point POINT
SQL
FULL = <<~SQL
  INSERT INTO types VALUES (1, -128, 1, 65535, -8388608, -2147483648, 42, -9223372036854775808, 18446744073709551615, -123456789.125, 12345678901234567890, 1.5, 1e100, b'1', b'1000000001', 'char', 'it''s 😀', 'é', 'text', REPEAT('x', 300), x'0102', x'00ff27', x'0a0d',
  '2024-02-29', '-123:59:59', '12:34:56.123456', '2024-01-02 03:04:05', '2024-01-02 03:04:05.678901', '2024-01-02 03:04:05.678', 2024, 'two', 'a,b', '{"a": [1, null, "ü"]}', ST_GeomFromText('POINT(1 2)')),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
SQL
ERRORS = ["SELEKT 1", "SELECT * FROM nowhere", "SELECT nothing FROM types", "INSERT INTO types (id) VALUES (1)", "INSERT INTO types (id, c_tinyint) VALUES (9, 300)", "INSERT INTO types (id, c_enum) VALUES (9, 'x')", "INSERT INTO types (id, c_json) VALUES (9, '{')",
          "INSERT INTO types (id, c_date) VALUES (9, '2023-02-30')", "DROP TABLE nowhere", "CREATE TABLE types (a INT)", "CALL nowhere()", "SELECT 1; SELECT 2", "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'mine', MYSQL_ERRNO = 5000", "USE kjv_nowhere", "KILL 99999999", ""].freeze

def options(more = {})
  { host: HOST, port: PORT.to_i, username: "root", password: PASSWORD, database: DATABASE, encoding: "utf8mb4" }.merge(more)
end

def prepare_database
  client = Mysql2::Client.new(options(database: nil))
  client.query("DROP DATABASE IF EXISTS #{DATABASE}")
  client.query("CREATE DATABASE #{DATABASE}")
  client.select_db(DATABASE)
  client.query("CREATE TABLE types (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, #{COLUMNS})")
  client.query(FULL)
  client.query("CREATE PROCEDURE several(IN a INT) BEGIN SELECT a AS first; SELECT a + 1 AS second, 'x' AS t; END")
  client.query("CREATE PROCEDURE failing() BEGIN SELECT 1; SELECT * FROM nowhere; END")
  client.close
end

def mysql2
  client = Mysql2::Client.new(options(flags: Mysql2::Client::MULTI_STATEMENTS, reconnect: true))
  check("mysql2/types as text") { rows(client.query("SELECT * FROM types ORDER BY id")) }
  check("mysql2/options of casts") do
    rows(client.query("SELECT * FROM types ORDER BY id", cast: false, as: :array))
    rows(client.query("SELECT c_bool, c_bit1, c_datetime, c_timestamp FROM types ORDER BY id", cast_booleans: true, symbolize_keys: true, database_timezone: :utc, application_timezone: :utc))
    puts client.query("SELECT * FROM types").fields.inspect, client.query("SELECT 1 AS a, 2 b, 3").fields.inspect
    puts client.query("SELECT * FROM types").field_types.inspect if Mysql2::Result.method_defined?(:field_types)
  end
  check("mysql2/types prepared") do
    rows(client.prepare("SELECT * FROM types WHERE id >= ? ORDER BY id").execute(1))
    rows(client.prepare("SELECT * FROM types WHERE id >= ? ORDER BY id").execute(1, cast_booleans: true, as: :array))
    insert = client.prepare("INSERT INTO types (c_tinyint, c_bigint, c_bigint_u, c_decimal, c_double, c_varchar, c_blob, c_date, c_datetime6, c_time, c_json, c_bool) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    insert.execute(-5, -2**63, 2**63 - 1, BigDecimal("12.345"), 2.5, "späße", "\x00\xff".b, Date.new(2024, 2, 29), Time.utc(2024, 1, 2, 3, 4, 5.25), "01:02:03", '{"k": 1}', true)
    insert.execute(nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil)
    puts insert.affected_rows, insert.last_id, insert.param_count, insert.field_count
    rows(client.query("SELECT c_tinyint, c_bigint, c_bigint_u, c_decimal, c_double, c_varchar, c_blob, c_date, c_datetime6, c_time, c_json, c_bool FROM types WHERE id > 2 ORDER BY id"))
    statement = client.prepare("SELECT ? AS a, ? + 1 AS b, CONCAT(?, 'x') AS c")
    puts statement.fields.inspect
    [[1, 2, 3], ["a", "2", "c"], [1.5, 2.5, 3.5], [nil, nil, nil], [true, false, true], [Date.new(2024, 1, 1), 1, Time.utc(2024, 1, 1)]].each { |values| fails(values.inspect) { rows(statement.execute(*values)) } }
    fails("too few") { statement.execute(1) }
    fails("wrong") { client.prepare("SELECT * FROM nowhere WHERE a = ?") }
    statement.close
    fails("closed") { statement.execute(1, 2, 3) }
    client.query("DELETE FROM types WHERE id > 2")
  end
  check("mysql2/streaming") do
    sum = 0
    client.query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, REPEAT('y', i) AS s FROM n", stream: true, cache_rows: false).each { |row| sum += row["i"] + row["s"].size }
    puts sum
    client.prepare("SELECT id, c_int FROM types WHERE id > ?").execute(0, stream: true, cache_rows: false).each { |row| puts show(row) }
    big = client.query("SELECT REPEAT('ab', 2000000) AS s").first["s"]
    puts big.size
  end
  check("mysql2/several results") do
    rows(client.query("SELECT 1 AS a; SET @x = 2; SELECT @x AS b, 'c' AS c; UPDATE types SET c_int = 1 WHERE id = 1"))
    while client.more_results?
      break unless client.next_result
      result = client.store_result
      result ? rows(result) : puts("count #{client.affected_rows}")
    end
    rows(client.query("CALL several(5)"))
    while client.next_result
      result = client.store_result
      result ? rows(result) : puts("end of the procedure")
    end
    fails("failing") do
      rows(client.query("CALL failing()"))
      rows(client.store_result) while client.next_result
    end
    client.abandon_results!
    rows(client.query("SELECT 'goes on' AS a"))
  end
  check("mysql2/async") do
    client.query("SELECT SLEEP(0.1) AS s, 7 AS n", async: true)
    fails("while busy") { client.query("SELECT 1") }
    puts IO.select([IO.for_fd(client.socket, autoclose: false)], nil, nil, 5) ? "ready" : "late"
    rows(client.async_result)
  end
  check("mysql2/states") do
    client.query("INSERT INTO types (c_int) VALUES (5), (6)")
    puts client.affected_rows, client.last_id > 2
    client.query("UPDATE types SET c_int = c_int + 1 WHERE c_int IN (5, 6)")
    puts client.affected_rows, client.query_info.inspect, client.warning_count
    client.query("INSERT IGNORE INTO types (id) VALUES (1)")
    puts client.warning_count, client.info.class, client.ping, client.escape("it's \\ \"q\" \0\n")
    rows(client.query("SHOW WARNINGS"))
    client.query("DELETE FROM types WHERE id > 2")
    puts client.automatic_close?, client.encoding, client.session_track(Mysql2::Client::SESSION_TRACK_SCHEMA).inspect if client.respond_to?(:session_track)
  end
  check("mysql2/errors") { ERRORS.each { |text| fails(text) { client.query(text); client.abandon_results! } } }
  check("mysql2/transactions") do
    client.query("BEGIN")
    client.query("INSERT INTO types (id) VALUES (50)")
    client.query("SAVEPOINT s")
    client.query("INSERT INTO types (id) VALUES (51)")
    client.query("ROLLBACK TO SAVEPOINT s")
    client.query("COMMIT")
    rows(client.query("SELECT id FROM types WHERE id >= 50"))
    client.query("DELETE FROM types WHERE id >= 50")
  end
  check("mysql2/reconnect") do
    other = Mysql2::Client.new(options(reconnect: true, init_command: "SET @started = 1"))
    before = other.thread_id
    client.query("KILL #{before}")
    sleep 0.2
    fails("first") { other.query("SELECT 1") }
    rows(other.query("SELECT 'again' AS a, @started AS s"))
    puts before != other.thread_id
    other.close
    fails("closed") { other.query("SELECT 1") }
  end
  check("mysql2/connections") do
    fails("password") { Mysql2::Client.new(options(password: "wrong")) }
    fails("database") { Mysql2::Client.new(options(database: "kjv_nowhere")) }
    %w[utf8mb4 utf8 latin1 ascii binary].each do |encoding|
      fails(encoding) do
        one = Mysql2::Client.new(options(encoding: encoding))
        rows(one.query("SELECT @@character_set_client AS a, @@collation_connection AS b, c_latin1, c_varchar FROM types WHERE id = 1"))
        puts one.query("SELECT 'é' AS a".encode(encoding == "latin1" ? "ISO-8859-1" : "UTF-8")).first["a"].encoding
        one.close
      end
    end
    [{}, { ssl_mode: :disabled }].each { |more| fails(more.inspect) { rows(Mysql2::Client.new(options(more)).query("SELECT 1 AS a")) } }
    fails("read_timeout") { Mysql2::Client.new(options(read_timeout: 1)).query("SELECT SLEEP(4)") }
    file = Tempfile.new("apps-ruby")
    file.write("7,seven\n8,eight\n")
    file.close
    loader = Mysql2::Client.new(options(local_infile: true))
    fails("local infile") do
      loader.query("LOAD DATA LOCAL INFILE '#{file.path}' INTO TABLE types FIELDS TERMINATED BY ',' (id, c_varchar)")
      puts loader.affected_rows
      rows(loader.query("SELECT id, c_varchar FROM types WHERE id > 6"))
      loader.query("DELETE FROM types WHERE id > 6")
    end
  end
  client.close
end

def sequel(adapter)
  db = Sequel.connect(adapter: adapter, host: HOST, port: PORT.to_i, user: "root", password: PASSWORD, database: DATABASE, encoding: "utf8mb4", max_connections: 4)
  check("#{adapter} Sequel/schema") do
    db.drop_table?(:books, :authors)
    db.create_table(:authors) do
      primary_key :id
      String :name, size: 60, null: false
      Date :born
      BigDecimal :rate, size: [10, 2], default: 1.5
      TrueClass :alive, default: true
      String :notes, text: true
      Time :made
      File :photo
      index :name, unique: true
    end
    db.create_table(:books) do
      primary_key :id
      foreign_key :author_id, :authors, on_delete: :cascade
      String :title, null: false, default: "none"
      Integer :pages
      check { pages > 0 }
      index %i[title pages]
    end
    db.alter_table(:books) do
      add_column :price, BigDecimal, size: [8, 2]
      add_index :price
      set_column_default :title, "untitled"
      rename_column :pages, :sheets if false
      set_column_not_null :title
    end
    puts show(db.tables.sort), show(db.views)
    db.schema(:authors).each { |name, info| puts "#{name} #{info.reject { |key, _| key == :callable_default }.inspect}" }
    db.schema(:books).each { |name, info| puts "#{name} #{info.inspect}" }
    puts db.indexes(:authors).inspect, db.indexes(:books).sort_by { |name, _| name }.inspect, db.foreign_key_list(:books).inspect, db.table_exists?(:nowhere), db.server_version.positive?
  end
  check("#{adapter} Sequel/datasets") do
    authors, books = db[:authors], db[:books]
    id = authors.insert(name: "Ann", born: Date.new(1970, 1, 2), photo: Sequel.blob("\x00\xff"), made: Time.utc(2024, 1, 2, 3, 4, 5))
    authors.import(%i[name alive], [["Bob", false], ["Cid", nil]])
    books.multi_insert([{ author_id: id, title: "A", pages: 10, price: 1 }, { author_id: id, title: "B", pages: 20, price: 2.5 }, { author_id: id + 1, title: "C", pages: 30 }])
    puts authors.order(:id).map { |row| show(row) }
    puts show(books.join(:authors, id: :author_id).select(:name, :title, Sequel.function(:upper, :title).as(:big)).order(:title).all)
    puts show(books.group_and_count(:author_id).having { count.function.* > 0 }.order(:author_id).all)
    puts show(books.where(pages: 10..25).or(title: /^C/).exclude(price: nil).select_map(:title)), books.count, books.sum(:pages), show(books.avg(:pages)), show(books.max(:price))
    puts books.on_duplicate_key_update(title: Sequel.lit("CONCAT(VALUES(title), '!')")).insert(id: 1, title: "again", pages: 5) ? "upserted" : "no"
    puts books.where(id: 1).update(pages: Sequel[:pages] + 1), books.where(id: 3).delete, books.insert_ignore.insert(id: 1, title: "x", pages: 1).inspect, books.replace(id: 2, title: "replaced", pages: 2).class
    puts show(books.order(:id).limit(1, 1).all), show(books.select { [row_number.function.over(order: :id).as(:n), title] }.order(:id).all), show(books.with_recursive(:t, db.select(Sequel.as(1, :i)), db[:t].select(Sequel[:i] + 1).where { i < 3 }, args: [:i]).from(:t).all)
    fails("unique") { authors.insert(name: "Ann") }
    fails("not null") { authors.insert(name: nil) }
    fails("foreign key") { books.insert(author_id: 999, title: "x", pages: 1) }
    fails("check") { books.insert(title: "x", pages: 0) }
    puts show(db.fetch("SELECT ? AS a, ? AS b, :c AS c".sub(":c", "?"), 1, "it's", Date.new(2024, 1, 1)).all), show(books.where(title: "A").for_update.all), db["EXPLAIN SELECT * FROM books"].all.size
    puts show(books.select_order_map(%i[id title])), show(books.prepare(:select, :by_id, ).call.size), show(books.where(id: :$n).prepare(:first, :one).call(n: 2))
    books.paged_each(rows_per_fetch: 1) { |row| puts row[:title] }
  end
  check("#{adapter} Sequel/transactions") do
    db.transaction(isolation: :serializable) { db[:authors].insert(name: "Dan") }
    db.transaction do
      db[:authors].insert(name: "Eve")
      fails("inner") { db.transaction(savepoint: true) { db[:authors].insert(name: "Eve") } }
      raise Sequel::Rollback
    end
    puts show(db[:authors].select_order_map(:name))
    threads = Array.new(4) { |n| Thread.new { 5.times { db[:books].where(id: 2).update(pages: Sequel[:pages] + 1) } } }
    threads.each(&:join)
    puts db[:books].where(id: 2).get(:pages)
    db.create_or_replace_view(:rich, db[:books].where { price > 1 })
    puts show(db[:rich].select_map(:title)), show(db.views)
    db.drop_view(:rich)
    db.truncate(:books) if db.respond_to?(:truncate)
    db[:books].truncate
    db.rename_table(:books, :volumes)
    puts show(db.tables.sort)
    db.drop_table(:volumes, :authors)
  end
  db.disconnect
end

prepare_database
{ "mysql2" => -> { mysql2 }, "sequel" => -> { sequel("mysql2") } }.each do |name, body|
  body.call if WANTED.empty? || WANTED.include?(name)
end
Mysql2::Client.new(options(database: nil)).query("DROP DATABASE #{DATABASE}")
