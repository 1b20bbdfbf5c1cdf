"""What is asked of a server through a driver. A check takes a Session and returns what it saw; another server has to show the same."""
import datetime
import decimal
import random

CHECKS = []
EVERY_TYPE = """CREATE TABLE every (id INT PRIMARY KEY, i8 TINYINT, u8 TINYINT UNSIGNED, i16 SMALLINT, i24 MEDIUMINT, i32 INT, i64 BIGINT, u64 BIGINT UNSIGNED,
 flag BOOL, small DECIMAL(5,2), large DECIMAL(65,30), f FLOAT, d DOUBLE, bits BIT(12), c CHAR(5), v VARCHAR(50), t TEXT, lt LONGTEXT, b BINARY(4), vb VARBINARY(20),
 bl BLOB, dt DATE, tm TIME, tm6 TIME(6), ts TIMESTAMP NULL, ts3 TIMESTAMP(3) NULL, dtm DATETIME, dtm6 DATETIME(6), y YEAR, e ENUM('a','b'), s SET('x','y','z'), j JSON)"""


def check(function):
    CHECKS.append(function)
    return function


class Session:
    """One check's connections to its own database."""

    def __init__(self, driver, database):
        self.driver, self.database, self.open = driver, database, []

    def connect(self, **options):
        options.setdefault("database", self.database)
        connection = self.driver.connect(**options)
        self.open.append(connection)
        return connection

    def run(self, connection, sql, arguments=None, kind=""):
        """Runs a statement; its rows, or how many it affected."""
        cursor = self.driver.cursor(connection, kind)
        try:
            cursor.execute(sql, arguments) if arguments is not None else cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else cursor.rowcount
        finally:
            cursor.close()

    def error(self, connection, sql, arguments=None):
        """The error of a statement: its class, number and text."""
        try:
            return self.run(connection, sql, arguments)
        except self.driver.module.Error as error:
            return failure(error)

    def close(self):
        for connection in self.open:
            try:
                connection.close()
            except Exception:  # the check has ended; some connections were broken on purpose
                pass


def failure(error):
    number = getattr(error, "errno", None) or (error.args[0] if error.args else None)
    text = getattr(error, "msg", None) or (error.args[1] if len(error.args) > 1 else "")
    return type(error).__name__, number, text


@check
def types_out(s):
    connection = s.connect()
    s.run(connection, EVERY_TYPE)
    s.run(connection, """INSERT INTO every VALUES (1, -128, 255, -32768, -8388608, -2147483648, -9223372036854775808, 18446744073709551615, TRUE, -123.45,
     12345678901234567890123456789012345.123456789012345678901234567890, 1.5, 2.2250738585072014e-308, b'101010101010', 'abc  ', 'väl ', 'text', 'long', 'a', X'00FF', X'DEADBEEF00',
     '2024-02-29', '-838:59:59', '12:34:56.789012', '2024-02-29 12:34:56', '2038-01-19 03:14:07.999', '9999-12-31 23:59:59', '1000-01-01 00:00:00.000001', 2155, 'b', 'x,z',
     '{"a": [1, 2.5, null, "t"]}'), (2, 0, 0, 0, 0, 0, 0, 0, FALSE, 0, 0, 0, 0, 0, '', '', '', '', '', '', '', '0001-01-01', '00:00:00', '0:0:0', '1970-01-02', '1970-01-02',
     '0001-01-01', '0001-01-01', 1901, 'a', '', 'null')""")
    s.run(connection, "INSERT INTO every (id) VALUES (3)")
    cursor = s.driver.cursor(connection)
    cursor.execute("SELECT * FROM every ORDER BY id")
    rows = list(cursor.fetchall())
    return [tuple(column) for column in cursor.description], rows


@check
def expressions_out(s):
    connection = s.connect()
    cursor = s.driver.cursor(connection)
    seen = []
    for sql in ("SELECT 1, 1.5, 1e0, 'a', NULL, TRUE, X'00', b'1', 18446744073709551615, -1", "SELECT 1/3, 7 DIV 2, 7 % 4, 2 * 1.50, POW(2, 0.5), 1 = 1, NOT 0",
                "SELECT DATE '2024-01-01', TIME '10:00:00', TIMESTAMP '2024-01-01 10:00:00.5', DATE '2024-01-01' + INTERVAL 1 DAY",
                "SELECT CONCAT('a', 1), CONCAT('a', X'00'), UPPER('ä'), LENGTH('ä'), CHAR_LENGTH('ä'), SHA2('a', 256), UNHEX('4142'), CAST('a' AS BINARY)",
                "SELECT COUNT(*), SUM(1), AVG(1), MAX('a'), GROUP_CONCAT('a'), JSON_ARRAY(1, 'a'), JSON_OBJECT('k', 1)", "SELECT CAST(1 AS UNSIGNED), CAST('1.5' AS DECIMAL(4,2)), CAST(1 AS CHAR), CAST('[1]' AS JSON)"):
        cursor.execute(sql)
        # Widths of literals are left out: they say how the text was written, and no driver reads them.
        seen.append(([(column[0], column[1], column[6]) for column in cursor.description], list(cursor.fetchall())))
    return seen


@check
def types_in(s):
    connection = s.connect()
    s.run(connection, EVERY_TYPE)
    values = {"i8": -1, "u8": 200, "i16": 300, "i24": 70000, "i32": -5, "i64": 2**62, "u64": 2**64 - 1, "flag": True, "small": decimal.Decimal("1.25"),
              "large": decimal.Decimal("1e-30"), "f": 1.5, "d": 0.1, "c": "é", "v": "it's \\ \"q\" \n\r\0\x1a%s ☃😀", "t": "x" * 65535, "lt": "", "b": b"\0\1\2\3",
              "vb": bytes(range(20)), "bl": bytes(range(256)), "dt": datetime.date(2024, 2, 29), "tm": datetime.timedelta(hours=-100, minutes=5),
              "tm6": datetime.timedelta(seconds=1, microseconds=5), "ts": datetime.datetime(2024, 1, 2, 3, 4, 5), "ts3": datetime.datetime(2024, 1, 2, 3, 4, 5, 678000),
              "dtm": datetime.datetime(2024, 1, 2, 3, 4, 5), "dtm6": datetime.datetime(2024, 1, 2, 3, 4, 5, 678901), "y": 1999, "e": "a", "s": "y,z", "j": '{"k": "é"}'}
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    s.run(connection, f"INSERT INTO every (id, {columns}) VALUES (1, {marks})", tuple(values.values()))
    s.run(connection, f"INSERT INTO every (id, {columns}) VALUES (2, {marks})", tuple(None for _ in values))
    connection.commit()
    seen = [s.run(s.connect(), "SELECT * FROM every ORDER BY id")]
    for column, value in values.items():
        if column not in ("f", "j"):
            seen.append((column, s.run(connection, f"SELECT id FROM every WHERE {column} = %s", (value,))))
    return seen


@check
def named_and_escaped(s):
    connection = s.connect()
    seen = [s.run(connection, "SELECT %(a)s, %(b)s, %(a)s, '%%', 5 %% 3", {"a": "o'x", "b": 7}), s.run(connection, "SELECT 'a%' LIKE '%'")]
    s.run(connection, "SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')")
    seen.append(s.run(connection, "SELECT 'a\\b', LENGTH('\\')"))
    s.run(connection, "SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'")
    seen.append(s.run(connection, "SELECT 'a' || 'b' AS \"c d\""))
    return seen


@check
def transactions(s):
    one, two = s.connect(), s.connect(autocommit=True)
    s.run(one, "CREATE TABLE t (id INT PRIMARY KEY, v INT)")
    seen = [s.run(one, "INSERT INTO t VALUES (1, 1)"), s.run(two, "SELECT * FROM t")]
    one.rollback()
    seen.append(s.run(one, "SELECT * FROM t"))
    s.run(one, "INSERT INTO t VALUES (2, 2)")
    s.run(one, "SAVEPOINT a")
    s.run(one, "UPDATE t SET v = 3")
    s.run(one, "ROLLBACK TO a")
    seen.append(s.error(one, "ROLLBACK TO b"))
    one.commit()
    seen.append(s.run(two, "SELECT * FROM t"))
    seen.append(s.run(one, "SELECT COUNT(*) FROM t"))
    s.run(two, "INSERT INTO t VALUES (3, 3)")
    seen.append(s.run(one, "SELECT COUNT(*) FROM t"))
    one.commit()
    seen.append(s.run(one, "SELECT COUNT(*) FROM t"))
    s.run(one, "START TRANSACTION READ ONLY")
    seen.append(s.error(one, "INSERT INTO t VALUES (4, 4)"))
    s.run(one, "ROLLBACK")
    s.run(one, "DELETE FROM t")
    s.run(one, "CREATE TABLE u (id INT)")
    one.rollback()
    seen.append(s.run(two, "SELECT COUNT(*) FROM t"))
    return seen


@check
def autocommit(s):
    one, two = s.connect(), s.connect()
    s.run(one, "CREATE TABLE t (id INT PRIMARY KEY)")
    seen = [s.run(one, "SELECT @@autocommit")]
    if hasattr(one, "_inner") or callable(getattr(type(one), "autocommit", None)):
        one.autocommit(True)
    else:
        one.autocommit = True
    seen.append(s.run(one, "SELECT @@autocommit"))
    s.run(one, "INSERT INTO t VALUES (1)")
    one.rollback()
    return seen + [s.run(two, "SELECT * FROM t"), s.run(s.connect(autocommit=True), "SELECT @@autocommit, @@session.autocommit")]


@check
def errors(s):
    connection = s.connect()
    s.run(connection, "CREATE TABLE p (id INT PRIMARY KEY)")
    s.run(connection, "CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL, v VARCHAR(3), p INT, CONSTRAINT mine FOREIGN KEY (p) REFERENCES p (id), CONSTRAINT low CHECK (n < 100))")
    s.run(connection, "INSERT INTO t VALUES (1, 1, 'a', NULL)")
    return [(sql, s.error(connection, sql)) for sql in (
        "SELEC 1", "SELECT * FROM missing", "SELECT missing FROM t", "SELECT missing()", "INSERT INTO t VALUES (1, 1, 'a', NULL)", "INSERT INTO t (id) VALUES (2)",
        "INSERT INTO t VALUES (2, NULL, 'a', NULL)", "INSERT INTO t VALUES (2, 1, 'abcd', NULL)", "INSERT INTO t VALUES (2, 3000000000, 'a', NULL)",
        "INSERT INTO t VALUES (2, 'x', 'a', NULL)", "INSERT INTO t VALUES (2, 1)", "INSERT INTO t VALUES (2, 1, 'a', 7)", "INSERT INTO t VALUES (2, 200, 'a', NULL)",
        "CREATE TABLE t (id INT)", "DROP TABLE missing", "DROP TABLE p", "CREATE DATABASE " + s.database, "DROP DATABASE missing", "USE missing", "CREATE TABLE x (a INT, a INT)",
        "SELECT 1 FROM t GROUP BY", "SELECT n, COUNT(*) FROM t", "SELECT (SELECT 1 UNION SELECT 2)", "SELECT id FROM t JOIN p USING (id) WHERE t.nope = 1", "SELECT id FROM t, p",
        "ALTER TABLE t DROP COLUMN nope", "ALTER TABLE t ADD COLUMN n INT", "CREATE INDEX i ON t (nope)", "DROP INDEX nope ON t", "CALL missing()", "SET nope = 1",
        "SET @@global.version = 'x'", "SELECT 1 + ", "", "   ", "SELECT CAST('x' AS JSON)", "SELECT 18446744073709551615 + 1", "SELECT -9223372036854775808 - 1", "LOCK TABLES missing READ",
        "INSERT INTO missing VALUES (1)", "DELETE FROM missing", "UPDATE t SET nope = 1", "TRUNCATE missing", "EXECUTE nope", "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'mine', MYSQL_ERRNO = 1644",
        "KILL 99999999", "SELECT @@nope", "CREATE VIEW v AS SELECT * FROM missing", "SELECT * FROM t WHERE (1, 2) = 1", "SELECT 1 LIMIT -1", "CREATE TABLE y (v VARCHAR(99999))")]


@check
def counts_and_ids(s):
    seen = []
    for found in (False, True):
        connection = s.connect(found=found, autocommit=True)
        s.run(connection, "DROP TABLE IF EXISTS t")
        s.run(connection, "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v INT, UNIQUE (v))")
        for sql in ("INSERT INTO t (v) VALUES (1)", "INSERT INTO t (v) VALUES (2), (3)", "INSERT INTO t VALUES (100, 4)", "UPDATE t SET v = v", "UPDATE t SET v = 10 WHERE v = 1",
                    "INSERT IGNORE INTO t (v) VALUES (2)", "INSERT INTO t (v) VALUES (2) ON DUPLICATE KEY UPDATE v = 20", "INSERT INTO t (v) VALUES (20) ON DUPLICATE KEY UPDATE v = 20",
                    "INSERT INTO t (v) VALUES (20) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)", "REPLACE INTO t (v) VALUES (20)", "DELETE FROM t WHERE v > 5", "SELECT * FROM t", "SELECT 1 FROM t WHERE 0",
                    "UPDATE t SET v = 7 WHERE 0", "SET @a = 1", "DO 1", "SHOW TABLES"):
            cursor = s.driver.cursor(connection)
            cursor.execute(sql)
            seen.append((sql, cursor.rowcount, cursor.lastrowid))
            cursor.close()
    return seen


@check
def executemany(s):
    connection = s.connect()
    s.run(connection, "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b VARCHAR(100))")
    cursor = s.driver.cursor(connection)
    seen = []
    for sql, rows in (("INSERT INTO t (a, b) VALUES (%s, %s)", [(n, "b%d'" % n) for n in range(5000)]), ("INSERT INTO t (id, a) VALUES (%s, %s) ON DUPLICATE KEY UPDATE a = VALUES(a) + 1", [(n, n) for n in range(1, 20)]),
                      ("UPDATE t SET a = %s WHERE id = %s", [(n, n) for n in range(1, 50)]), ("DELETE FROM t WHERE id = %s", [(n,) for n in range(1, 20)])):
        cursor.executemany(sql, rows)
        seen.append((sql, cursor.rowcount))
    connection.commit()
    return seen, s.run(connection, "SELECT COUNT(*), SUM(a), MIN(id), MAX(id), SHA2(GROUP_CONCAT(b ORDER BY id), 256) FROM t")


@check
def big_results(s):
    connection = s.connect()
    s.run(connection, "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200))")
    cursor = s.driver.cursor(connection)
    cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(n, "%d-" % n * 20) for n in range(20000)])
    connection.commit()
    rows = s.run(connection, "SELECT * FROM t ORDER BY id")
    return len(rows), rows[0], rows[-1], sum(len(row[1]) for row in rows)


@check
def streams(s):
    connection, other = s.connect(), s.connect()
    cursor = s.driver.cursor(connection, "stream")
    cursor.execute("WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, REPEAT('x', 1000) FROM n")
    seen = [cursor.fetchone(), [row[0] for row in cursor.fetchmany(3)], s.run(other, "SELECT 1")]
    rest = list(cursor.fetchall())
    cursor.close()
    return seen, len(rest), rest[-1], s.run(connection, "SELECT 2")


@check
def large_values(s):
    connection = s.connect()
    s.run(connection, "CREATE TABLE t (id INT PRIMARY KEY, b LONGBLOB, t LONGTEXT)")
    data = random.Random(7).randbytes(3 << 20)
    s.run(connection, "INSERT INTO t VALUES (1, %s, %s)", (data, "ä" * (1 << 20)))
    connection.commit()
    (b, t), = s.run(connection, "SELECT b, t FROM t")
    return b == data, len(t), s.run(connection, "SELECT LENGTH(b), LENGTH(t), SHA2(b, 256) FROM t"), len(s.run(connection, "SELECT REPEAT('x', 17000000)")[0][0])


@check
def many_statements(s):
    connection = s.connect(multi=True, autocommit=True)
    cursor = s.driver.cursor(connection)
    seen = []
    for sql in ("SELECT 1; SELECT 2, 3", "CREATE TABLE t (id INT); INSERT INTO t VALUES (1), (2); SELECT * FROM t; UPDATE t SET id = 5", "SELECT 1; SELECT * FROM missing; SELECT 2", "SELECT 7;"):
        try:
            cursor.execute(sql)
            while True:
                seen.append(list(cursor.fetchall()) if cursor.description else cursor.rowcount)
                if not s.driver.more(cursor):
                    break
        except s.driver.module.Error as error:
            seen.append(failure(error))
    cursor.close()
    return seen, s.run(s.connect(), "SELECT * FROM t")


@check
def one_statement_only(s):
    if s.driver.name.startswith("connector"):
        return "always sends several"
    return s.error(s.connect(), "SELECT 1; SELECT 2")


@check
def procedures(s):
    connection = s.connect()
    s.run(connection, "CREATE PROCEDURE twice(IN a INT, OUT b INT, INOUT c VARCHAR(20)) BEGIN SET b = a * 2; SET c = CONCAT(c, '!'); SELECT a, b, c; SELECT 'second' AS name; END")
    s.run(connection, "CREATE PROCEDURE quiet() BEGIN DO 1; END")
    s.run(connection, "CREATE PROCEDURE fails() BEGIN SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END")
    s.run(connection, "CREATE FUNCTION plus(a INT) RETURNS INT DETERMINISTIC RETURN a + 1")
    cursor = s.driver.cursor(connection)
    seen = [cursor.callproc("twice", (21, 0, "hey"))]
    if s.driver.name.startswith("connector"):
        seen += [list(result.fetchall()) for result in cursor.stored_results()]
    else:
        while True:
            seen.append(list(cursor.fetchall()) if cursor.description else cursor.rowcount)
            if not s.driver.more(cursor):
                break
        cursor.execute("SELECT @_twice_0, @_twice_1, @_twice_2")
        seen.append(list(cursor.fetchall()))
    seen.append(cursor.callproc("quiet"))
    cursor.close()
    seen.append(s.run(connection, "SELECT plus(4)"))
    other = s.connect(multi=True)
    cursor = s.driver.cursor(other)
    try:
        cursor.callproc("fails")
        while s.driver.more(cursor):
            pass
        seen.append("no error")
    except s.driver.module.Error as error:
        seen.append(failure(error))
    return seen


@check
def charsets(s):
    connection = s.connect(autocommit=True)
    s.run(connection, "CREATE TABLE t (id INT PRIMARY KEY, l VARCHAR(20) CHARACTER SET latin1, u VARCHAR(20) CHARACTER SET utf8mb4)")
    seen = []
    for number, charset in enumerate(("utf8mb4", "latin1", "utf8mb3", "gbk", "ascii")):
        try:
            other = s.connect(charset=charset, autocommit=True)
            text = "plain" if charset == "ascii" else "§中" if charset == "gbk" else "é÷"
            s.run(other, "INSERT INTO t VALUES (%s, %s, %s)", (number, "plain" if charset == "gbk" else text, text))
            seen.append((charset, s.run(other, "SELECT l, u, 'é' FROM t WHERE id = %s", (number,)) if charset != "ascii" else None,
                         s.run(other, "SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection")))
        except Exception as error:
            seen.append((charset, type(error).__name__))
    return seen, s.run(connection, "SELECT id, HEX(l), HEX(u), u FROM t ORDER BY id")


@check
def infile_is_refused(s):
    connection = s.connect(infile=True)
    s.run(connection, "CREATE TABLE t (id INT)")
    return s.error(connection, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t"), s.run(connection, "SELECT COUNT(*) FROM t")


@check
def dictionaries(s):
    connection = s.connect()
    return s.run(connection, "SELECT 1 AS a, 'x' AS b, NULL AS c", kind="dict"), s.run(connection, "SELECT 1 AS a, 2 AS a, 3 AS `b.c`", kind="dict")


@check
def options(s):
    connection = s.connect(init="SET @mine = 5", mode="ANSI_QUOTES", autocommit=True)
    seen = [s.run(connection, "SELECT @mine, @@sql_mode")]
    s.run(connection, "SET time_zone = '+05:30'")
    seen.append(s.run(connection, "SELECT FROM_UNIXTIME(0), @@time_zone"))
    s.run(connection, "CREATE TEMPORARY TABLE mine (id INT)")
    seen.append(s.run(connection, "SELECT COUNT(*) FROM mine"))
    seen.append(s.error(s.connect(), "SELECT COUNT(*) FROM mine"))
    seen.append(s.run(connection, "SELECT DATABASE() = %s, CONNECTION_ID() > 0, USER() LIKE 'root@%%'", (s.database,)))
    seen.append(s.error(s.connect(database=None), "SELECT * FROM t"))
    return seen


@check
def no_such_database(s):
    try:
        s.connect(database="missing_database")
    except s.driver.module.Error as error:
        return failure(error)
    return "let in"


@check
def wrong_password(s):
    good, s.driver.password = s.driver.password, "wrong"
    try:
        s.connect()
    except s.driver.module.Error as error:
        return type(error).__name__, failure(error)[1]
    finally:
        s.driver.password = good
    return "let in"


@check
def broken_connections(s):
    connection = s.connect()
    seen = []
    try:
        s.run(connection, "KILL CONNECTION_ID()")
        seen.append("no error")
    except Exception as error:
        seen.append((type(error).__name__, failure(error)[1]))
    try:
        s.run(connection, "SELECT 1")
        seen.append("no error")
    except Exception as error:
        code = failure(error)[1]  # 2006 if the end has come before the statement is sent, 2013 if after: a race of the client
        seen.append((type(error).__name__, "gone" if code in (2006, 2013) else code))
    if s.driver.name != "mysqlclient":
        s.driver.ping(connection)
        seen.append(s.run(connection, "SELECT 1"))
    return seen


@check
def warnings(s):
    connection = s.connect(mode="")
    s.run(connection, "CREATE TABLE t (a TINYINT, b VARCHAR(2), c DATE)")
    s.run(connection, "INSERT INTO t VALUES (300, 'abc', '2024-13-01')")
    seen = [s.run(connection, "SHOW WARNINGS"), s.run(connection, "SELECT * FROM t"), s.run(connection, "SHOW COUNT(*) WARNINGS")]
    s.run(connection, "DROP TABLE IF EXISTS missing")
    seen.append(s.run(connection, "SHOW WARNINGS"))
    if hasattr(connection, "show_warnings"):
        seen.append(connection.show_warnings())
    return seen


@check
def prepared(s):
    connection = s.connect(autocommit=True)
    s.run(connection, EVERY_TYPE)
    if not s.driver.name.startswith("connector"):
        s.run(connection, "PREPARE p FROM 'SELECT ? + 1, CONCAT(?, ?)'")
        s.run(connection, "SET @a = 1, @b = 'x', @c = NULL")
        return s.run(connection, "EXECUTE p USING @a, @b, @c"), s.error(connection, "EXECUTE p USING @a"), s.run(connection, "DEALLOCATE PREPARE p")
    cursor = connection.cursor(prepared=True)
    seen = []
    values = {"i8": -1, "u64": 2**63 + 1, "small": decimal.Decimal("1.25"), "d": 0.1, "c": "é", "v": "it's", "bl": bytes(range(256)), "dt": datetime.date(2024, 2, 29),
              "tm": datetime.timedelta(hours=-100), "dtm6": datetime.datetime(2024, 1, 2, 3, 4, 5, 678901), "e": "a", "j": '{"k": "é"}', "bits": 5}
    for number, value in ((1, tuple(values.values())), (2, (None,) * len(values))):
        cursor.execute(f"INSERT INTO every (id, {', '.join(values)}) VALUES (?{', ?' * len(values)})", (number, *value))
        seen.append(cursor.rowcount)
    for sql, arguments in (("SELECT * FROM every WHERE id = ?", (1,)), ("SELECT * FROM every WHERE id > ? ORDER BY id", (0,)), ("SELECT ?, ? + 1, CONCAT(?, 'x'), ? IS NULL", (1.5, 2, "ä", None)),
                           ("SELECT id FROM every WHERE v = ? AND dt = ?", ("it's", datetime.date(2024, 2, 29))), ("SELECT id FROM every ORDER BY id LIMIT ?", (1,))):
        cursor.execute(sql, arguments)
        seen.append((list(cursor.fetchall()), [column[:2] for column in cursor.description]))
    try:
        cursor.execute("SELECT * FROM missing WHERE id = ?", (1,))
    except s.driver.module.Error as error:
        seen.append(failure(error))
    return seen


@check
def resets(s):
    connection = s.connect()
    seen = []
    if s.driver.name.startswith("connector"):
        s.run(connection, "SET @a = 1")
        connection.cmd_reset_connection()
        seen.append(s.run(connection, "SELECT @a, DATABASE() IS NULL"))
        connection.reset_session({"b": 2}, {"sql_mode": "ANSI"})
        seen.append(s.run(connection, "SELECT @b, @@sql_mode"))
        seen.append(connection.is_connected())
    elif s.driver.name == "mysqlclient":
        s.run(connection, "SET @a = 1")
        connection.change_user("root", s.driver.password, s.database)
        seen.append(s.run(connection, "SELECT @a, DATABASE() = %s", (s.database,)))
        seen += [connection.character_set_name(), connection.info(), connection.insert_id(), connection.field_count()]
    else:
        connection.select_db("information_schema")
        seen.append(s.run(connection, "SELECT DATABASE()"))
        try:
            connection.select_db("missing")
        except s.driver.module.Error as error:
            seen.append(failure(error))
    return seen


def waits_for_a_lock(s):
    """On one server alone: rows are locked there, and between nodes a conflict shows at COMMIT."""
    one, two = s.connect(), s.connect()
    s.run(one, "CREATE TABLE t (id INT PRIMARY KEY, v INT)")
    s.run(one, "INSERT INTO t VALUES (1, 1)")
    one.commit()
    s.run(one, "UPDATE t SET v = 2")
    s.run(two, "SET innodb_lock_wait_timeout = 1")
    return s.error(two, "UPDATE t SET v = 3"), s.error(two, "SELECT * FROM t FOR UPDATE NOWAIT"), s.run(two, "SELECT * FROM t FOR UPDATE SKIP LOCKED")


ONE_SERVER = [waits_for_a_lock]
