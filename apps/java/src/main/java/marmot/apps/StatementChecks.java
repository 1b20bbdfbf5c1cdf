package marmot.apps;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;

/** Statements: batches, keys, several results, streams, cursors, procedures, changes through result sets, files. */
final class StatementChecks {
    private static final String[] MODES = {"", "useServerPrepStmts=true", "rewriteBatchedStatements=true", "rewriteBatchedStatements=true&useServerPrepStmts=true",
        "useServerPrepStmts=true&cachePrepStmts=true&useCursorFetch=true", "useAffectedRows=true", "allowMultiQueries=true&useCompression=true", "emulateUnsupportedPstmts=false&useServerPrepStmts=true",
        "continueBatchOnError=false", "cacheResultSetMetadata=true&useServerPrepStmts=true&cacheCallableStmts=true", "useReadAheadInput=false&elideSetAutoCommits=true&useLocalSessionState=true"};

    private StatementChecks() {
    }

    static void run(Server server, Transcript transcript) throws Exception {
        for (String mode : MODES) {
            String prefix = "statements/" + (mode.isEmpty() ? "default" : mode) + "/";
            transcript.check(prefix + "connect", () -> {
                try (Connection connection = server.fresh("statements", mode)) {
                    one(transcript, prefix, connection);
                }
            });
        }
        transcript.check("statements/multi queries", () -> multi(server, transcript));
        transcript.check("statements/local infile", () -> localInfile(server, transcript));
        transcript.check("statements/drop", () -> server.drop("statements"));
    }

    private static void one(Transcript transcript, String prefix, Connection connection) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT UNIQUE, v VARCHAR(30), d DECIMAL(8,2) DEFAULT 1.5, at TIMESTAMP(3) NULL) AUTO_INCREMENT = 10");
            statement.execute("CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES t (id))");
        }
        transcript.check(prefix + "keys", () -> keys(connection, transcript));
        transcript.check(prefix + "batches", () -> batches(connection, transcript));
        transcript.check(prefix + "failing batches", () -> failingBatches(connection, transcript));
        transcript.check(prefix + "streams and cursors", () -> streams(connection, transcript));
        transcript.check(prefix + "procedures", () -> procedures(connection, transcript));
        transcript.check(prefix + "changes through results", () -> updatable(connection, transcript));
        transcript.check(prefix + "scrolling", () -> scrolling(connection, transcript));
        transcript.check(prefix + "errors and warnings", () -> errors(connection, transcript));
        transcript.check(prefix + "escapes", () -> escapes(connection, transcript));
        transcript.check(prefix + "parameters", () -> parameters(connection, transcript));
        transcript.check(prefix + "large values", () -> large(connection, transcript));
        transcript.check(prefix + "transactions", () -> transactions(connection, transcript));
    }

    private static void generated(Transcript transcript, Statement statement) throws Exception {
        try (ResultSet keys = statement.getGeneratedKeys()) {
            StringBuilder line = new StringBuilder("keys");
            while (keys.next()) {
                line.append(" ").append(keys.getLong(1));
            }
            transcript.say(line + " " + keys.getMetaData().getColumnName(1) + " " + keys.getMetaData().getColumnTypeName(1));
        }
    }

    private static void keys(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement()) {
            for (String text : new String[] {"INSERT INTO t (k, v) VALUES (1, 'a')", "INSERT INTO t (k, v) VALUES (2, 'b'), (3, 'c'), (4, 'd')", "INSERT INTO t (id, k) VALUES (50, 50)",
                "INSERT INTO t (k) VALUES (1) ON DUPLICATE KEY UPDATE v = 'again'", "INSERT INTO t (k) VALUES (1) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), v = 'third'",
                "INSERT IGNORE INTO t (k) VALUES (1), (70)", "REPLACE INTO t (k, v) VALUES (70, 'new')", "INSERT INTO t (k, v) SELECT k + 100, v FROM t WHERE k < 4", "UPDATE t SET v = 'x' WHERE k = 1",
                "UPDATE t SET v = 'x' WHERE k = 1", "DELETE FROM t WHERE k > 100"}) {
                transcript.say(statement.executeUpdate(text, Statement.RETURN_GENERATED_KEYS) + " " + text);
                generated(transcript, statement);
            }
            transcript.query(statement, "SELECT LAST_INSERT_ID(), ROW_COUNT()");
        }
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t (k, v) VALUES (?, ?), (?, ?)", new String[] {"id"})) {
            for (int i = 1; i <= 4; i += 2) {
                statement.setInt(i, 200 + i);
                statement.setString(i + 1, "p" + i);
            }
            transcript.say(statement.executeUpdate());
            generated(transcript, statement);
        }
    }

    private static void batches(Connection connection, Transcript transcript) throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t (k, v) VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < 25; i++) {
                statement.setInt(1, 1000 + i);
                if (i % 5 == 0) {
                    statement.setNull(2, Types.VARCHAR);
                } else {
                    statement.setString(2, "b'" + i);
                }
                statement.addBatch();
            }
            transcript.say(Arrays.toString(statement.executeBatch()));
            generated(transcript, statement);
        }
        try (PreparedStatement statement = connection.prepareStatement("UPDATE t SET v = ? WHERE k = ?")) {
            for (int i = 0; i < 5; i++) {
                statement.setString(1, "u" + i);
                statement.setInt(2, 998 + i);
                statement.addBatch();
            }
            transcript.say(Arrays.toString(statement.executeBatch()));
        }
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t (k, v) VALUES (?, ?) ON DUPLICATE KEY UPDATE v = VALUES(v)")) {
            for (int i = 0; i < 4; i++) {
                statement.setInt(1, 1023 + i);
                statement.setString(2, "d" + i);
                statement.addBatch();
            }
            transcript.say(Arrays.toString(statement.executeLargeBatch()));
        }
        try (Statement statement = connection.createStatement()) {
            statement.addBatch("INSERT INTO t (k) VALUES (3000)");
            statement.addBatch("UPDATE t SET d = d + 1 WHERE k >= 1000");
            statement.addBatch("DELETE FROM t WHERE k = 3000");
            statement.addBatch("SET @x = 1");
            statement.addBatch("INSERT INTO t (k) VALUES (3001), (3002)");
            statement.addBatch("CREATE TABLE IF NOT EXISTS t (a INT)");
            transcript.say(Arrays.toString(statement.executeBatch()));
            transcript.query(statement, "SELECT COUNT(*), SUM(k), SUM(d), MAX(v) FROM t");
        }
    }

    private static void failingBatches(Connection connection, Transcript transcript) throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t (k, v) VALUES (?, ?)")) {
            for (int i = 0; i < 8; i++) {
                statement.setInt(1, i == 3 ? 1000 : 4000 + i);
                statement.setString(2, "f" + i);
                statement.addBatch();
            }
            try {
                transcript.say(Arrays.toString(statement.executeBatch()));
            } catch (BatchUpdateException error) {
                transcript.say(Transcript.describe(error));
            }
            transcript.query(connection.createStatement(), "SELECT k, v FROM t WHERE k BETWEEN 4000 AND 4100 ORDER BY k");
        }
        try (Statement statement = connection.createStatement()) {
            statement.addBatch("INSERT INTO t (k) VALUES (5000)");
            statement.addBatch("INSERT INTO nowhere VALUES (1)");
            statement.addBatch("INSERT INTO t (k) VALUES (5001)");
            transcript.fails("batch", () -> transcript.say(Arrays.toString(statement.executeBatch())));
            transcript.query(statement, "SELECT k FROM t WHERE k >= 5000 ORDER BY k");
        }
    }

    private static void streams(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            statement.setFetchSize(Integer.MIN_VALUE);
            ResultSet result = statement.executeQuery("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, REPEAT('x', i) FROM n");
            long sum = 0;
            while (result.next()) {
                sum += result.getInt(1) + result.getString(2).length();
            }
            transcript.say("sum " + sum);
            ResultSet open = statement.executeQuery("SELECT k FROM t ORDER BY k");
            open.next();
            try {
                connection.createStatement().executeQuery("SELECT 1");
                transcript.say("a second while streaming");
            } catch (java.sql.SQLException error) {
                transcript.say("refused while streaming " + error.getSQLState());
            }
            open.close();
            transcript.query(connection.createStatement(), "SELECT 'after'");
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT id, k, v FROM t WHERE k < ? ORDER BY k")) {
            statement.setFetchSize(7);
            statement.setInt(1, 1020);
            ResultSet result = statement.executeQuery();
            int rows = 0;
            while (result.next()) {
                rows++;
                if (rows == 3) {
                    transcript.query(connection.createStatement(), "SELECT COUNT(*) FROM t WHERE k < 5");
                }
            }
            transcript.say("rows " + rows);
            statement.setMaxRows(4);
            result = statement.executeQuery();
            rows = 0;
            while (result.next()) {
                rows++;
            }
            transcript.say("rows with a limit " + rows);
            statement.setMaxRows(0);
            statement.setInt(1, -1);
            transcript.rows(statement.executeQuery());
        }
    }

    private static void procedures(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE PROCEDURE several(IN a INT, INOUT b DECIMAL(10,2), OUT c VARCHAR(50), OUT d DATETIME(3), OUT e BIGINT UNSIGNED, OUT f DOUBLE, OUT g VARBINARY(10)) BEGIN SELECT a AS first, 'x' AS text; "
                    + "SELECT k FROM t WHERE k <= 3 ORDER BY k; SET b = b * a, c = CONCAT('got ', a), d = '2024-01-02 03:04:05.678', e = 18446744073709551615, f = 2.5, g = x'0102'; UPDATE t SET v = 'by procedure' WHERE k < 3; END");
            statement.execute("CREATE FUNCTION plus(a INT, b INT) RETURNS INT DETERMINISTIC RETURN a + b");
            statement.execute("CREATE PROCEDURE failing() BEGIN SELECT 1; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'on purpose', MYSQL_ERRNO = 7777; END");
            statement.execute("CREATE PROCEDURE quiet() BEGIN END");
        }
        try (CallableStatement call = connection.prepareCall("{call several(?, ?, ?, ?, ?, ?, ?)}")) {
            call.setInt(1, 3);
            call.setBigDecimal(2, new java.math.BigDecimal("1.25"));
            call.registerOutParameter(2, Types.DECIMAL);
            call.registerOutParameter(3, Types.VARCHAR);
            call.registerOutParameter(4, Types.TIMESTAMP);
            call.registerOutParameter(5, Types.BIGINT);
            call.registerOutParameter(6, Types.DOUBLE);
            call.registerOutParameter(7, Types.VARBINARY);
            transcript.results(call, call.execute());
            for (int i = 2; i <= 7; i++) {
                Object value = call.getObject(i);
                transcript.say(i + " " + (value == null ? "" : value.getClass().getSimpleName()) + " " + Transcript.show(value));
            }
            transcript.say(call.getString("c") + " " + call.getTimestamp("d"));
            ParameterMetaData meta = call.getParameterMetaData();
            for (int i = 1; i <= meta.getParameterCount(); i++) {
                transcript.say(meta.getParameterTypeName(i) + " " + meta.getParameterMode(i) + " " + meta.getParameterType(i) + " " + meta.getPrecision(i) + " " + meta.getScale(i) + " " + meta.isSigned(i));
            }
        }
        try (CallableStatement call = connection.prepareCall("{? = call plus(?, ?)}")) {
            call.registerOutParameter(1, Types.INTEGER);
            call.setInt(2, 20);
            call.setInt(3, 22);
            call.execute();
            transcript.say("function " + call.getInt(1));
        }
        try (CallableStatement call = connection.prepareCall("{call failing()}")) {
            transcript.fails("failing", () -> transcript.results(call, call.execute()));
        }
        try (CallableStatement call = connection.prepareCall("CALL quiet()")) {
            transcript.say(call.execute() + " " + call.getUpdateCount());
        }
        transcript.fails("missing", () -> connection.prepareCall("{call nothing_here(?)}").execute());
        transcript.fails("too few", () -> connection.prepareCall("{call several(?)}").execute());
    }

    private static void updatable(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
            ResultSet result = statement.executeQuery("SELECT id, k, v, d, at FROM t WHERE k < 4 ORDER BY k");
            result.next();
            result.updateString("v", "through the result");
            result.updateTimestamp("at", java.sql.Timestamp.valueOf("2024-03-04 05:06:07.089"));
            result.updateRow();
            result.next();
            result.deleteRow();
            result.moveToInsertRow();
            result.updateInt("id", 7000);
            result.updateInt("k", 7000);
            result.updateString("v", "inserted");
            result.insertRow();
            result.moveToCurrentRow();
            result.first();
            result.refreshRow();
            transcript.say(result.getString("v") + " " + result.getTimestamp("at"));
            result.close();
            transcript.query(statement, "SELECT k, v, d, at FROM t WHERE k < 4 OR k = 7000 ORDER BY k");
            transcript.fails("without a key", () -> {
                ResultSet other = statement.executeQuery("SELECT k + 1 FROM t");
                other.next();
                other.updateInt(1, 1);
            });
        }
    }

    private static void scrolling(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
            ResultSet result = statement.executeQuery("SELECT k FROM t WHERE k BETWEEN 1000 AND 1009 ORDER BY k");
            result.last();
            transcript.say(result.getRow() + " " + result.getInt(1));
            result.absolute(3);
            transcript.say(result.getInt(1));
            result.relative(-2);
            transcript.say(result.getInt("k") + " " + result.isFirst() + " " + result.previous() + " " + result.isBeforeFirst());
            transcript.say(result.findColumn("k"));
            transcript.fails("no such column", () -> result.getInt("nothing"));
        }
    }

    private static void errors(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement()) {
            for (String text : new String[] {"SELEKT 1", "SELECT * FROM nowhere", "SELECT nothing FROM t", "INSERT INTO t (k) VALUES (1000)", "INSERT INTO child VALUES (1, 99999)", "DELETE FROM t WHERE id = (SELECT parent FROM child LIMIT 1)",
                "INSERT INTO t (k) VALUES ('x')", "INSERT INTO t (v) VALUES (REPEAT('x', 31))", "INSERT INTO t (id) VALUES (NULL, 1)", "CREATE TABLE t (a INT)", "DROP TABLE nowhere", "USE kjv_nowhere", "SELECT 1/0", "SELECT CAST('x' AS SIGNED)",
                "INSERT IGNORE INTO t (k) VALUES (1000)", "SELECT 18446744073709551615 + 1", "KILL 99999999", "SET SESSION sql_mode = 'NONSENSE'", "SET nothing_at_all = 1", "SELECT @@nothing_at_all", "ALTER TABLE t ADD COLUMN v INT", "INSERT INTO t (d) VALUES (1234567.89)",
                "SIGNAL SQLSTATE '02000'", "SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'only a warning'", "GRANT SELECT ON nowhere.* TO nobody_here@localhost", "LOCK TABLES nowhere READ", "EXPLAIN SELECT * FROM nowhere"}) {
                transcript.fails(text, () -> {
                    boolean isResult = statement.execute(text);
                    transcript.warnings(statement.getWarnings());
                    transcript.results(statement, isResult);
                });
            }
            statement.clearWarnings();
        }
        transcript.fails("prepare", () -> connection.prepareStatement("SELECT * FROM nowhere WHERE a = ?").executeQuery());
        transcript.fails("parameter missing", () -> connection.prepareStatement("SELECT ?").executeQuery());
        transcript.fails("parameter too far", () -> connection.prepareStatement("SELECT ?").setInt(2, 1));
        transcript.fails("closed", () -> {
            Statement statement = connection.createStatement();
            statement.close();
            statement.executeQuery("SELECT 1");
        });
        transcript.fails("no result", () -> connection.createStatement().executeQuery("SET @a = 1"));
        transcript.fails("a result", () -> connection.createStatement().executeUpdate("SELECT 1"));
    }

    private static void escapes(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement()) {
            for (String text : new String[] {"SELECT {fn CONCAT('a', 'b')}, {d '2024-01-02'}, {t '03:04:05'}, {ts '2024-01-02 03:04:05.678'}", "SELECT {fn CONVERT('12', SQL_INTEGER)}, {fn TIMESTAMPADD(SQL_TSI_DAY, 1, {d '2024-02-28'})}, {fn UCASE('x')}",
                "SELECT a.k, b.v FROM {oj t a LEFT OUTER JOIN t b ON a.k = b.k} WHERE a.k = 1000", "SELECT v FROM t WHERE v LIKE 'b''%' {escape '!'} ORDER BY k LIMIT 2", "SELECT 'a\\'b', 'c''d', \"e'f\", `k` FROM t WHERE k = 1000 -- comment ?", "/* ping ? */ SELECT 1 # more"}) {
                transcript.fails(text, () -> transcript.query(statement, text));
            }
        }
    }

    private static void parameters(Connection connection, Transcript transcript) throws Exception {
        for (String text : new String[] {"SELECT id FROM t WHERE k = ? AND v LIKE ? ORDER BY k LIMIT ? OFFSET ?", "SELECT COUNT(*) FROM t WHERE k IN (?, ?, ?)", "SELECT ? AS a, ? AS b", "SELECT k FROM t WHERE (k, v) = (?, ?)",
            "SELECT MAX(k) FROM t HAVING MAX(k) > ?", "SELECT k FROM t WHERE at > ? OR d BETWEEN ? AND ?", "SELECT CASE WHEN k = ? THEN ? ELSE ? END FROM t LIMIT 1"}) {
            transcript.fails(text, () -> {
                try (PreparedStatement statement = connection.prepareStatement(text)) {
                    int n = statement.getParameterMetaData().getParameterCount();
                    for (int i = 1; i <= n; i++) {
                        statement.setInt(i, i);
                    }
                    if (statement.getMetaData() != null) {
                        transcript.say(statement.getMetaData().getColumnCount() + " columns");
                    }
                    transcript.rows(statement.executeQuery());
                    statement.clearParameters();
                    for (int i = 1; i <= n; i++) {
                        statement.setString(i, Integer.toString(i));
                    }
                    if (!text.contains("LIMIT ?")) {
                        transcript.rows(statement.executeQuery());
                    }
                }
            });
        }
    }

    private static void large(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE large_values (id INT PRIMARY KEY, b LONGBLOB, c LONGTEXT)");
        }
        byte[] bytes = new byte[3_000_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO large_values VALUES (?, ?, ?)")) {
            statement.setInt(1, 1);
            statement.setBinaryStream(2, new ByteArrayInputStream(bytes), bytes.length);
            statement.setString(3, "é".repeat(1_000_000));
            transcript.say(statement.executeUpdate());
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT b, c, SHA2(b, 256), SHA2(c, 256), LENGTH(b), CHAR_LENGTH(c) FROM large_values WHERE id = ?")) {
            statement.setInt(1, 1);
            ResultSet result = statement.executeQuery();
            result.next();
            transcript.say(Arrays.equals(bytes, result.getBytes(1)) + " " + result.getString(2).length() + " " + result.getString(3) + " " + result.getString(4) + " " + result.getInt(5) + " " + result.getInt(6));
            transcript.say(Transcript.show(result.getBlob(1).getBytes(2_999_990, 10)));
        }
    }

    private static void transactions(Connection connection, Transcript transcript) throws Exception {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO t (k) VALUES (8000)");
            java.sql.Savepoint named = connection.setSavepoint("here");
            statement.executeUpdate("INSERT INTO t (k) VALUES (8001)");
            java.sql.Savepoint unnamed = connection.setSavepoint();
            statement.executeUpdate("INSERT INTO t (k) VALUES (8002)");
            connection.rollback(unnamed);
            connection.releaseSavepoint(named);
            transcript.fails("released", () -> connection.rollback(named));
            connection.commit();
            transcript.query(statement, "SELECT k FROM t WHERE k >= 8000 ORDER BY k");
            connection.rollback();
            for (int level : new int[] {Connection.TRANSACTION_READ_UNCOMMITTED, Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE}) {
                connection.setTransactionIsolation(level);
                transcript.query(statement, "SELECT @@transaction_isolation");
                transcript.say(connection.getTransactionIsolation());
            }
            connection.rollback();
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            transcript.query(statement, "SELECT @@transaction_read_only");
            transcript.fails("read only", () -> statement.executeUpdate("INSERT INTO t (k) VALUES (8100)"));
            connection.rollback();
            connection.setReadOnly(false);
        } finally {
            connection.setAutoCommit(true);
        }
        transcript.fails("commit with autocommit", connection::commit);
    }

    private static void multi(Server server, Transcript transcript) throws Exception {
        try (Connection connection = server.fresh("statements", "allowMultiQueries=true"); Statement statement = connection.createStatement()) {
            transcript.results(statement, statement.execute("CREATE TABLE m (a INT AUTO_INCREMENT PRIMARY KEY, b INT); INSERT INTO m (b) VALUES (1), (2); SELECT * FROM m; UPDATE m SET b = b + 1; SELECT SUM(b) FROM m; SET @x = 5; SELECT @x"));
            transcript.fails("in the midst", () -> transcript.results(statement, statement.execute("SELECT 1; SELECT * FROM nowhere; SELECT 2")));
            transcript.query(statement, "SELECT 'goes on'");
            transcript.results(statement, statement.execute("SELECT ';'; -- a comment; with it\nSELECT 2;;"));
        } catch (java.sql.SQLException error) {
            transcript.say(Transcript.describe(error));
        }
        try (Connection connection = server.connect(server.database("statements"), ""); Statement statement = connection.createStatement()) {
            transcript.fails("not allowed", () -> transcript.results(statement, statement.execute("SELECT 1; SELECT 2")));
        }
    }

    private static void localInfile(Server server, Transcript transcript) throws Exception {
        Path file = Files.createTempFile("apps-java", ".csv");
        try {
            Files.writeString(file, "id,name,at\n1,\"one, \"\"quoted\"\"\",2024-01-02\n2,é ü,\\N\n3,,2024-13-01\n4,four,2024-04-04,more\nx,y\n");
            String load = "LOAD DATA LOCAL INFILE '" + file.getFileName() + "' INTO TABLE loaded CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' LINES TERMINATED BY '\\n' IGNORE 1 LINES (id, name, at)";
            try (Connection connection = server.fresh("statements", "allowLoadLocalInfile=true"); Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE loaded (id INT, name VARCHAR(40), at DATE)");
                ((com.mysql.cj.jdbc.JdbcStatement) statement).setLocalInfileInputStream(Files.newInputStream(file));
                transcript.fails("load", () -> {
                    transcript.say(statement.executeUpdate(load));
                    transcript.warnings(statement.getWarnings());
                });
                ((com.mysql.cj.jdbc.JdbcStatement) statement).setLocalInfileInputStream(null);
                transcript.query(statement, "SELECT * FROM loaded ORDER BY id, name");
                transcript.fails("whole path", () -> transcript.say(statement.executeUpdate(load.replace(file.getFileName().toString(), file.toString()))));
                transcript.query(statement, "SELECT COUNT(*) FROM loaded");
            }
            try (Connection connection = server.connect(server.database("statements"), ""); Statement statement = connection.createStatement()) {
                transcript.fails("not allowed", () -> statement.executeUpdate(load));
                transcript.query(statement, "SELECT 'goes on'");
            }
        } finally {
            Files.delete(file);
        }
    }
}
