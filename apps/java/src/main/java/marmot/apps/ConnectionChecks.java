package marmot.apps;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Connections: TLS, compression, attributes, limits of time, state tracking, several servers, pools. */
final class ConnectionChecks {
    private ConnectionChecks() {
    }

    static void run(Server server, Transcript transcript) throws Exception {
        transcript.check("connections/setup", () -> {
            try (Connection connection = server.fresh("connections", ""); Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT)");
                statement.execute("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)");
            }
        });
        transport(server, transcript);
        accounts(server, transcript);
        state(server, transcript);
        limits(server, transcript);
        several(server, transcript);
        pool(server, transcript);
        transcript.check("connections/drop", () -> server.drop("connections"));
    }

    private static void transport(Server server, Transcript transcript) {
        for (String options : new String[] {"sslMode=REQUIRED", "sslMode=PREFERRED", "sslMode=DISABLED&allowPublicKeyRetrieval=true", "sslMode=REQUIRED&tlsVersions=TLSv1.2", "sslMode=REQUIRED&tlsVersions=TLSv1.3", "sslMode=VERIFY_CA",
            "sslMode=REQUIRED&useCompression=true", "sslMode=DISABLED&useCompression=true&allowPublicKeyRetrieval=true", "maxAllowedPacket=100000", "useUnbufferedInput=false&useReadAheadInput=false", "socketFactory=com.mysql.cj.protocol.StandardSocketFactory&tcpNoDelay=false",
            "characterEncoding=UTF-8&connectionCollation=utf8mb4_bin", "characterEncoding=windows-1252", "connectionCollation=latin1_german2_ci", "passwordCharacterEncoding=UTF-8", "sessionVariables=wait_timeout=77,sql_mode='ANSI',@mine='x'", "autoReconnect=true",
            "useLocalSessionState=true&useLocalTransactionState=true", "cacheServerConfiguration=true", "useSSL=true&requireSSL=true&verifyServerCertificate=false", "detectCustomCollations=true", "paranoid=true&logSlowQueries=true", "createDatabaseIfNotExist=true", "defaultAuthenticationPlugin=mysql_native_password&sslMode=REQUIRED",
            "dnsSrv=false&queryTimeoutKillsConnection=false", "zeroDateTimeBehavior=convertToNull&serverTimezone=UTC&useUnicode=true&characterEncoding=utf8", "connectionAttributes=program:mine,other:1", "initialTimeout=1&maxReconnects=1", "resultSetSizeThreshold=1&explainSlowQueries=true"}) {
            transcript.check("connections/" + options, () -> {
                try (Connection connection = server.connect(server.database("connections"), options); Statement statement = connection.createStatement()) {
                    transcript.query(statement, "SELECT @@character_set_client, @@character_set_connection, @@character_set_results, @@collation_connection, @@wait_timeout, @@sql_mode, @@autocommit, @@time_zone, @mine, REPEAT('ü', 10)");
                    ResultSet result = statement.executeQuery("SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_version', 'Compression', 'Compression_algorithm')");
                    transcript.rows(result);
                    result = statement.executeQuery("SELECT REPEAT('abc', 20000)");
                    result.next();
                    transcript.say(result.getString(1).length());
                    transcript.say(connection.isValid(5) + " " + connection.getCatalog().replace(server.prefix(), "") + " " + connection.getSchema() + " " + connection.nativeSQL("SELECT {fn NOW()}"));
                }
            });
        }
        transcript.check("connections/attributes", () -> {
            try (Connection connection = server.connect("", "connectionAttributes=shade:blue,empty:"); Statement statement = connection.createStatement()) {
                transcript.query(statement, "SELECT ATTR_NAME, IF(ATTR_NAME IN ('shade', 'empty', '_client_name', '_client_license'), ATTR_VALUE, 'some') AS v FROM performance_schema.session_connect_attrs WHERE PROCESSLIST_ID = CONNECTION_ID() ORDER BY ATTR_NAME");
            }
        });
    }

    private static void accounts(Server server, Transcript transcript) {
        String name = server.prefix() + "java";
        transcript.check("connections/accounts", () -> {
            try (Connection connection = server.connect("", ""); Statement statement = connection.createStatement()) {
                statement.execute("DROP USER IF EXISTS '" + name + "'@'%'");
                statement.execute("CREATE USER '" + name + "'@'%' IDENTIFIED BY 'a secret'");
                transcript.fails("wrong password", () -> DriverManager.getConnection(server.url("", ""), name, "another").close());
                transcript.fails("no rights", () -> DriverManager.getConnection(server.url(server.database("connections"), ""), name, "a secret").close());
                statement.execute("GRANT SELECT, EXECUTE ON " + server.database("connections") + ".* TO '" + name + "'@'%'");
                for (String options : new String[] {"", "sslMode=DISABLED&allowPublicKeyRetrieval=true", "sslMode=DISABLED"}) {
                    transcript.fails(options, () -> {
                        try (Connection reader = DriverManager.getConnection(server.url(server.database("connections"), options), name, "a secret")) {
                            transcript.query(reader.createStatement(), "SELECT COUNT(*), SUBSTRING_INDEX(CURRENT_USER(), '@', 1) FROM t");
                            transcript.fails("write", () -> reader.createStatement().execute("INSERT INTO t VALUES (9, 9)"));
                            transcript.rows(reader.getMetaData().getTables(server.database("connections"), null, "%", null));
                            ((com.mysql.cj.jdbc.JdbcConnection) reader).changeUser(server.user(), server.password());
                            transcript.query(reader.createStatement(), "SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)");
                        }
                    });
                }
                statement.execute("ALTER USER '" + name + "'@'%' PASSWORD EXPIRE");
                transcript.fails("expired", () -> {
                    try (Connection expired = DriverManager.getConnection(server.url("", "disconnectOnExpiredPasswords=false"), name, "a secret")) {
                        expired.createStatement().execute("SELECT 1");
                    }
                });
                transcript.fails("expired and refused", () -> DriverManager.getConnection(server.url("", ""), name, "a secret").close());
                statement.execute("ALTER USER '" + name + "'@'%' ACCOUNT LOCK");
                transcript.fails("locked", () -> DriverManager.getConnection(server.url("", ""), name, "a secret").close());
                statement.execute("DROP USER '" + name + "'@'%'");
                transcript.fails("unknown database", () -> server.connect("kjv_nowhere", "").close());
            }
        });
    }

    private static void state(Server server, Transcript transcript) {
        transcript.check("connections/state", () -> {
            try (Connection connection = server.connect(server.database("connections"), "trackSessionState=true"); Statement statement = connection.createStatement()) {
                for (String text : new String[] {"USE " + server.database("connections"), "SET time_zone = '+01:00'", "SET NAMES latin1", "SET NAMES utf8mb4", "SET autocommit = 0", "SET autocommit = 1", "SET SESSION sql_mode = ''", "SET @a = 1",
                    "SET SESSION session_track_transaction_info = 'CHARACTERISTICS'", "SET SESSION session_track_state_change = ON", "START TRANSACTION", "INSERT INTO t VALUES (99, 1)", "SELECT * FROM t WHERE id = 1", "ROLLBACK", "START TRANSACTION READ ONLY", "COMMIT",
                    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "BEGIN", "SELECT 1", "COMMIT", "CREATE TEMPORARY TABLE tt (a INT)", "DROP TEMPORARY TABLE tt", "PREPARE p FROM 'SELECT 1'", "DEALLOCATE PREPARE p", "SET SESSION session_track_system_variables = 'lock_wait_timeout'", "SET SESSION lock_wait_timeout = 5"}) {
                    statement.execute(text);
                    com.mysql.cj.protocol.ServerSessionStateController.ServerSessionStateChanges changes = ((com.mysql.cj.jdbc.JdbcConnection) connection).getServerSessionStateController().getSessionStateChanges();
                    StringBuilder line = new StringBuilder(text.replace(server.prefix(), ""));
                    if (changes != null) {
                        changes.getSessionStateChangesList().forEach(change -> line.append(" ").append(change.getType()).append(change.getValues().toString().replace(server.prefix(), "")));
                    }
                    transcript.say(line);
                }
            }
        });
        transcript.check("connections/reset", () -> {
            try (Connection connection = server.connect(server.database("connections"), "useServerPrepStmts=true"); Statement statement = connection.createStatement()) {
                statement.execute("SET @a = 5, SESSION sql_mode = '', SESSION wait_timeout = 99");
                statement.execute("CREATE TEMPORARY TABLE tt (a INT)");
                ((com.mysql.cj.jdbc.JdbcConnection) connection).resetServerState();
                transcript.query(statement, "SELECT @a, @@sql_mode, @@wait_timeout <> 99");
                transcript.fails("temporary table", () -> statement.executeQuery("SELECT * FROM tt"));
                connection.setCatalog("information_schema");
                transcript.query(statement, "SELECT DATABASE()");
                transcript.fails("catalog", () -> connection.setCatalog("kjv_nowhere"));
                transcript.say(connection.getMetaData().supportsTransactions());
            }
        });
        transcript.check("connections/time zones", () -> {
            for (String options : new String[] {"connectionTimeZone=LOCAL", "connectionTimeZone=SERVER", "connectionTimeZone=Europe/Berlin", "connectionTimeZone=%2B05:30&forceConnectionTimeZoneToSession=true",
                "connectionTimeZone=-03:30&forceConnectionTimeZoneToSession=true&preserveInstants=true", "serverTimezone=Australia/Sydney"}) {
                try (Connection connection = server.connect(server.database("connections"), options); Statement statement = connection.createStatement()) {
                    transcript.say(options);
                    statement.execute("CREATE TABLE IF NOT EXISTS z (id INT AUTO_INCREMENT PRIMARY KEY, a TIMESTAMP(3) NULL, b DATETIME(3), c DATE, d TIME)");
                    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO z (a, b, c, d) VALUES (?, ?, ?, ?)")) {
                        java.sql.Timestamp at = new java.sql.Timestamp(1711846800123L);
                        insert.setTimestamp(1, at);
                        insert.setTimestamp(2, at);
                        insert.setDate(3, new java.sql.Date(at.getTime()));
                        insert.setTime(4, new java.sql.Time(at.getTime()));
                        insert.executeUpdate();
                    }
                    ResultSet result = statement.executeQuery("SELECT a, b, c, d, @@time_zone, CAST(a AS CHAR), CAST(b AS CHAR) FROM z ORDER BY id DESC LIMIT 1");
                    result.next();
                    transcript.say(result.getTimestamp(1).getTime() + " " + result.getTimestamp(2).getTime() + " " + result.getDate(3) + " " + result.getTime(4) + " " + result.getString(5) + " " + result.getString(6) + " " + result.getString(7));
                    transcript.say(result.getObject(1, java.time.OffsetDateTime.class) + " " + result.getObject(2, java.time.ZonedDateTime.class) + " " + result.getObject(2));
                }
            }
        });
    }

    private static void limits(Server server, Transcript transcript) {
        transcript.check("connections/query timeout", () -> {
            for (String options : new String[] {"", "useServerPrepStmts=true"}) {
                try (Connection connection = server.connect(server.database("connections"), options)) {
                    transcript.fails("statement " + options, () -> {
                        try (Statement statement = connection.createStatement()) {
                            statement.setQueryTimeout(1);
                            statement.executeQuery("SELECT SLEEP(20) FROM t");
                        }
                    });
                    transcript.fails("goes on " + options, () -> transcript.query(connection.createStatement(), "SELECT 1"));
                    transcript.fails("prepared " + options, () -> {
                        try (PreparedStatement statement = connection.prepareStatement("SELECT SLEEP(?)")) {
                            statement.setQueryTimeout(1);
                            statement.setInt(1, 20);
                            ResultSet result = statement.executeQuery();
                            result.next();
                            transcript.say("slept " + result.getString(1));
                        }
                    });
                }
            }
            try (Connection connection = server.connect(server.database("connections"), "")) {
                transcript.fails("cancelled", () -> {
                    Statement statement = connection.createStatement();
                    Thread other = new Thread(() -> {
                        try {
                            Thread.sleep(700);
                            statement.cancel();
                        } catch (SQLException | InterruptedException error) {
                            transcript.say(Transcript.describe(error));
                        }
                    });
                    other.start();
                    try {
                        statement.executeQuery("SELECT SLEEP(10)");
                    } finally {
                        other.join();
                    }
                });
                transcript.query(connection.createStatement(), "SELECT 'goes on'");
                connection.createStatement().execute("SET max_execution_time = 300");
                transcript.fails("max_execution_time", () -> connection.createStatement().executeQuery("SELECT COUNT(*) FROM t WHERE SLEEP(2) = 0"));
            }
        });
        transcript.check("connections/network timeout", () -> {
            Connection connection = server.connect(server.database("connections"), "");
            connection.setNetworkTimeout(Executors.newSingleThreadExecutor(runnable -> {
                Thread thread = new Thread(runnable);
                thread.setDaemon(true);
                return thread;
            }), 800);
            transcript.say(connection.getNetworkTimeout());
            try {
                connection.createStatement().executeQuery("SELECT SLEEP(5)");
            } catch (SQLException error) {
                transcript.say(error.getClass().getSimpleName() + " " + error.getSQLState());
            }
            transcript.say(connection.isClosed() + " " + connection.isValid(1));
            transcript.fails("socket timeout", () -> {
                try (Connection other = server.connect("", "socketTimeout=700")) {
                    other.createStatement().executeQuery("SELECT SLEEP(5)");
                } catch (SQLException error) {
                    throw new SQLException(error.getClass().getSimpleName(), error.getSQLState());
                }
            });
        });
        transcript.check("connections/killed", () -> {
            try (Connection victim = server.connect("", ""); Connection killer = server.connect("", "")) {
                ResultSet result = victim.createStatement().executeQuery("SELECT CONNECTION_ID()");
                result.next();
                killer.createStatement().execute("KILL " + result.getLong(1));
                try {
                    victim.createStatement().executeQuery("SELECT 1");
                } catch (SQLException error) {
                    transcript.say(error.getSQLState().startsWith("08"));
                }
                transcript.say(victim.isValid(2));
            }
        });
        transcript.check("connections/locks", () -> {
            try (Connection one = server.connect(server.database("connections"), ""); Connection two = server.connect(server.database("connections"), "sessionVariables=innodb_lock_wait_timeout=1")) {
                one.setAutoCommit(false);
                two.setAutoCommit(false);
                one.createStatement().executeUpdate("UPDATE t SET v = v + 1 WHERE id = 1");
                transcript.fails("wait", () -> two.createStatement().executeUpdate("UPDATE t SET v = v + 1 WHERE id = 1"));
                transcript.fails("nowait", () -> two.createStatement().executeQuery("SELECT * FROM t WHERE id = 1 FOR UPDATE NOWAIT"));
                transcript.query(two.createStatement(), "SELECT id FROM t ORDER BY id FOR UPDATE SKIP LOCKED");
                transcript.fails("share", () -> two.createStatement().executeQuery("SELECT * FROM t WHERE id = 1 FOR SHARE NOWAIT"));
                one.rollback();
                two.rollback();
                transcript.query(one.createStatement(), "SELECT GET_LOCK('" + server.prefix() + "l', 1)");
                transcript.query(two.createStatement(), "SELECT GET_LOCK('" + server.prefix() + "l', 1), IS_FREE_LOCK('" + server.prefix() + "l'), IS_USED_LOCK('" + server.prefix() + "l') IS NULL");
                transcript.query(one.createStatement(), "SELECT RELEASE_LOCK('" + server.prefix() + "l'), RELEASE_ALL_LOCKS()");
            }
        });
    }

    private static void several(Server server, Transcript transcript) {
        for (String scheme : new String[] {"jdbc:mysql:loadbalance:", "jdbc:mysql:replication:", "jdbc:mysql:"}) {
            transcript.check("connections/several " + scheme, () -> {
                String url = scheme + "//" + server.addresses() + "/" + server.database("connections") + "?allowSourceDownConnections=true&readFromSourceWhenNoReplicas=true&failOverReadOnly=false&retriesAllDown=3";
                if (!server.addresses().contains(",")) {
                    url = scheme + "//" + server.addresses() + "," + server.addresses() + "/" + server.database("connections");
                }
                try (Connection connection = DriverManager.getConnection(url, server.account())) {
                    connection.setAutoCommit(false);
                    for (int i = 0; i < 12; i++) {
                        try (Statement statement = connection.createStatement()) {
                            statement.executeUpdate("INSERT INTO t VALUES (" + (1000 + i) + ", 1)");
                            connection.commit();
                            ResultSet result = statement.executeQuery("SELECT COUNT(*) FROM t WHERE id >= 1000");
                            result.next();
                            transcript.say("rows " + result.getInt(1));
                            connection.commit();
                        }
                    }
                    connection.setAutoCommit(true);
                    connection.setReadOnly(true);
                    transcript.query(connection.createStatement(), "SELECT COUNT(*) FROM t WHERE id >= 1000");
                    connection.setReadOnly(false);
                    transcript.say(connection.createStatement().executeUpdate("DELETE FROM t WHERE id >= 1000"));
                }
            });
        }
    }

    private static void pool(Server server, Transcript transcript) {
        transcript.check("connections/Hikari", () -> {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(server.url(server.database("connections"), "cachePrepStmts=true&useServerPrepStmts=true&rewriteBatchedStatements=true&cacheResultSetMetadata=true&elideSetAutoCommits=true&maintainTimeStats=false&useLocalSessionState=true"));
            config.setUsername(server.user());
            config.setPassword(server.password());
            config.setMaximumPoolSize(6);
            config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
            config.setConnectionInitSql("SET @pooled = 1");
            config.setAutoCommit(false);
            try (HikariDataSource pool = new HikariDataSource(config)) {
                List<Thread> threads = new ArrayList<>();
                CountDownLatch failures = new CountDownLatch(1);
                for (int n = 0; n < 8; n++) {
                    int number = n;
                    threads.add(new Thread(() -> work(pool, transcript, number, failures)));
                }
                for (Thread thread : threads) {
                    thread.start();
                }
                for (Thread thread : threads) {
                    thread.join(TimeUnit.SECONDS.toMillis(120));
                }
                try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
                    transcript.query(statement, "SELECT v, @pooled, @@transaction_isolation FROM t WHERE id = 2");
                    connection.setCatalog("information_schema");
                    connection.setReadOnly(true);
                }
                try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
                    transcript.query(statement, "SELECT DATABASE() <> 'information_schema', @@transaction_read_only");
                }
            }
        });
    }

    private static void work(HikariDataSource pool, Transcript transcript, int number, CountDownLatch failures) {
        for (int i = 0; i < 10; i++) {
            for (int attempt = 0; ; attempt++) {
                try (Connection connection = pool.getConnection(); PreparedStatement statement = connection.prepareStatement("UPDATE t SET v = v + ? WHERE id = ?")) {
                    statement.setInt(1, 1);
                    statement.setInt(2, 2);
                    statement.executeUpdate();
                    connection.commit();
                    break;
                } catch (SQLException error) {
                    if (error.getErrorCode() != 1213 || attempt > 50) {
                        transcript.say(number + " " + Transcript.describe(error));
                        failures.countDown();
                        return;
                    }
                }
            }
        }
    }
}
