package marmot.apps;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.output.MigrateResult;

/** Flyway and Liquibase. */
final class MigrationChecks {
    private MigrationChecks() {
    }

    static void run(Server server, Transcript transcript) throws Exception {
        Path folder = Files.createTempDirectory("apps-java");
        try {
            flyway(server, transcript, folder.resolve("flyway"));
            liquibase(server, transcript, folder.resolve("liquibase"));
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
        transcript.check("migrations/drop", () -> {
            server.drop("flyway");
            server.drop("liquibase");
        });
    }

    private static void write(Path folder, String name, String text) throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(name), text);
    }

    private static Flyway flyway(Server server, Path folder, String... placeholders) {
        return Flyway.configure().dataSource(server.url(server.database("flyway"), "allowMultiQueries=true"), server.user(), server.password()).locations("filesystem:" + folder)
                .cleanDisabled(false).baselineOnMigrate(true).baselineVersion("0").placeholders(java.util.Map.of("engine", "InnoDB")).installedBy("somebody").outOfOrder(true).load();
    }

    private static void flyway(Server server, Transcript transcript, Path folder) {
        transcript.check("flyway/setup", () -> {
            server.fresh("flyway", "").close();
            write(folder, "V1__tables.sql", "CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, INDEX by_name (name)) ENGINE=${engine};\n-- a comment; with a semicolon\nINSERT INTO people (name) VALUES ('it''s; fine'), (\"two\");\n");
            write(folder, "V1.1__more.sql", "ALTER TABLE people ADD COLUMN age INT NULL AFTER name, ADD UNIQUE KEY once (name, age);\n# another\nUPDATE people SET age = id * 10;\n/*!50000 CREATE VIEW grown AS SELECT * FROM people WHERE age > 10 */;\n");
            write(folder, "V2__programs.sql", "DELIMITER //\nCREATE PROCEDURE grow(IN n INT)\nBEGIN\n  UPDATE people SET age = age + n;\n  SELECT COUNT(*) FROM people;\nEND//\nCREATE TRIGGER trimmed BEFORE INSERT ON people FOR EACH ROW BEGIN SET NEW.name = TRIM(NEW.name); END//\n"
                    + "CREATE FUNCTION older(a INT) RETURNS INT DETERMINISTIC BEGIN RETURN a + 1; END //\nDELIMITER ;\nCALL grow(5);\nINSERT INTO people (name, age) VALUES ('  spaces  ', older(41));\nCREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM people WHERE age IS NULL;\n");
            write(folder, "R__view.sql", "CREATE OR REPLACE VIEW old_people AS SELECT name FROM people WHERE age > 20;\n");
            write(folder, "beforeMigrate.sql", "CREATE TABLE IF NOT EXISTS calls (what VARCHAR(30));\n");
            write(folder, "afterEachMigrate.sql", "INSERT INTO calls VALUES ('after each');\n");
            write(folder, "afterMigrate.sql", "INSERT INTO calls VALUES ('after all');\n");
        });
        transcript.check("flyway/migrate", () -> {
            MigrateResult result = flyway(server, folder).migrate();
            transcript.say(result.migrationsExecuted + " " + result.success + " " + result.targetSchemaVersion + " " + result.databaseType);
            result.migrations.forEach(one -> transcript.say(one.version + " " + one.description + " " + one.type));
            info(server, transcript, folder);
            state(server, transcript);
        });
        transcript.check("flyway/again", () -> {
            MigrateResult result = flyway(server, folder).migrate();
            transcript.say(result.migrationsExecuted + " " + result.success);
            flyway(server, folder).validate();
            state(server, transcript);
        });
        transcript.check("flyway/concurrent", () -> {
            write(folder, "V3__slow.sql", "CREATE TABLE slow (a INT);\nDO SLEEP(0.3);\nINSERT INTO slow VALUES (1);\n");
            List<Thread> threads = new ArrayList<>();
            java.util.concurrent.atomic.AtomicInteger executed = new java.util.concurrent.atomic.AtomicInteger();
            for (int n = 0; n < 4; n++) {
                threads.add(new Thread(() -> executed.addAndGet(flyway(server, folder).migrate().migrationsExecuted)));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join(60_000);
            }
            transcript.say("executed " + executed.get());
            state(server, transcript);
        });
        transcript.check("flyway/changed and failing", () -> {
            write(folder, "R__view.sql", "CREATE OR REPLACE VIEW old_people AS SELECT name, age FROM people WHERE age > 30;\n");
            transcript.say(flyway(server, folder).migrate().migrationsExecuted);
            write(folder, "V4__failing.sql", "CREATE TABLE half (a INT);\nINSERT INTO nowhere VALUES (1);\n");
            transcript.fails("failing", () -> flyway(server, folder).migrate());
            info(server, transcript, folder);
            transcript.fails("validate", () -> flyway(server, folder).validate());
            write(folder, "V4__failing.sql", "DROP TABLE half;\nCREATE TABLE whole (a INT);\n");
            transcript.say(flyway(server, folder).repair().repairActions);
            transcript.say(flyway(server, folder).migrate().migrationsExecuted);
            write(folder, "V1__tables.sql", "CREATE TABLE people (id INT);\n");
            transcript.fails("checksum", () -> flyway(server, folder).validate());
            flyway(server, folder).repair();
            flyway(server, folder).validate();
            info(server, transcript, folder);
        });
        transcript.check("flyway/clean", () -> {
            flyway(server, folder).clean();
            state(server, transcript);
        });
    }

    private static void info(Server server, Transcript transcript, Path folder) {
        for (MigrationInfo one : flyway(server, folder).info().all()) {
            transcript.say(one.getVersion() + " " + one.getDescription() + " " + one.getType() + " " + one.getState() + " " + one.getInstalledRank() + " " + one.getChecksum() + " " + one.getInstalledBy());
        }
    }

    private static void state(Server server, Transcript transcript) throws Exception {
        try (Connection connection = server.connect(server.database("flyway"), ""); Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            ResultSet result = statement.executeQuery("SHOW FULL TABLES");
            while (result.next()) {
                tables.add(result.getString(1));
                transcript.say(result.getString(1) + " " + result.getString(2));
            }
            for (String table : tables) {
                if (table.equals("flyway_schema_history")) {
                    transcript.rows(statement.executeQuery("SELECT installed_rank, version, description, type, script, checksum, installed_by, success FROM flyway_schema_history ORDER BY installed_rank"));
                } else {
                    transcript.rows(statement.executeQuery("SELECT * FROM `" + table + "` ORDER BY 1"));
                }
                ResultSet made = statement.executeQuery("SHOW CREATE TABLE `" + table + "`");
                made.next();
                transcript.say(made.getString(2).replaceAll("DEFINER=`root`@`[^`]*`", "DEFINER=root"));
            }
            transcript.rows(statement.executeQuery("SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY 1"));
            transcript.rows(statement.executeQuery("SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"));
        }
    }

    private static void liquibase(Server server, Transcript transcript, Path folder) {
        transcript.check("liquibase/setup", () -> {
            server.fresh("liquibase", "").close();
            write(folder, "changes.xml", CHANGES);
        });
        transcript.check("liquibase/update", () -> {
            with(server, folder, liquibase -> {
                transcript.say(liquibase.listUnrunChangeSets(new Contexts(), new liquibase.LabelExpression()).size());
                liquibase.update("");
                transcript.say(liquibase.listUnrunChangeSets(new Contexts(), new liquibase.LabelExpression()).size());
                liquibase.update("");
                liquibase.validate();
            });
            tables(server, transcript);
        });
        transcript.check("liquibase/rollback", () -> {
            with(server, folder, liquibase -> {
                liquibase.rollback(4, "");
                liquibase.tag("here");
                liquibase.update("");
                liquibase.rollback("here", "");
            });
            tables(server, transcript);
        });
        transcript.check("liquibase/drop", () -> {
            with(server, folder, Liquibase::dropAll);
            tables(server, transcript);
        });
    }

    private interface Work {
        void run(Liquibase liquibase) throws Exception;
    }

    private static void with(Server server, Path folder, Work work) throws Exception {
        try (Connection connection = DriverManager.getConnection(server.url(server.database("liquibase"), ""), server.account())) {
            Liquibase runner = new Liquibase("changes.xml", new DirectoryResourceAccessor(folder), DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection)));
            liquibase.Scope.child(liquibase.Scope.Attr.ui, new liquibase.ui.LoggerUIService(), () -> work.run(runner));
        }
    }

    private static void tables(Server server, Transcript transcript) throws SQLException {
        try (Connection connection = server.connect(server.database("liquibase"), ""); Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            ResultSet result = statement.executeQuery("SHOW TABLES");
            while (result.next()) {
                tables.add(result.getString(1));
            }
            for (String table : tables) {
                ResultSet made = statement.executeQuery("SHOW CREATE TABLE `" + table + "`");
                made.next();
                transcript.say(made.getString(2).replaceAll("DEFINER=`root`@`[^`]*`", "DEFINER=root"));
                if (table.equals("DATABASECHANGELOG")) {
                    transcript.rows(statement.executeQuery("SELECT ID, AUTHOR, ORDEREXECUTED, EXECTYPE, MD5SUM, DESCRIPTION, TAG FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED"));
                } else {
                    transcript.rows(statement.executeQuery("SELECT * FROM `" + table + "` ORDER BY 1"), "made");
                }
            }
        }
    }

    private static final String CHANGES = """
        <?xml version="1.0" encoding="UTF-8"?>
        <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-4.29.xsd">
          <changeSet id="1" author="a"><createTable tableName="people" remarks="who is there">
            <column name="id" type="BIGINT" autoIncrement="true"><constraints primaryKey="true" nullable="false"/></column>
            <column name="name" type="VARCHAR(100)" remarks="in full"><constraints nullable="false" unique="true" uniqueConstraintName="one_name"/></column>
            <column name="born" type="DATE"/><column name="made" type="TIMESTAMP" defaultValueComputed="CURRENT_TIMESTAMP"/><column name="active" type="BOOLEAN" defaultValueBoolean="true"/><column name="note" type="CLOB"/><column name="photo" type="BLOB"/>
            <column name="token" type="UUID"/><column name="rate" type="DECIMAL(10,4)" defaultValueNumeric="1.5"/><column name="price" type="CURRENCY"/><column name="small" type="NUMBER(5)"/><column name="text" type="NVARCHAR(20)"/></createTable></changeSet>
          <changeSet id="2" author="a"><createTable tableName="pets"><column name="id" type="INT"><constraints primaryKey="true"/></column><column name="owner_id" type="BIGINT"/></createTable>
            <addForeignKeyConstraint baseTableName="pets" baseColumnNames="owner_id" constraintName="pet_owner" referencedTableName="people" referencedColumnNames="id" onDelete="CASCADE"/>
            <createIndex tableName="people" indexName="by_born"><column name="born" descending="true"/></createIndex></changeSet>
          <changeSet id="3" author="b"><insert tableName="people"><column name="name" value="it's"/><column name="born" valueDate="2001-02-03"/></insert><insert tableName="pets"><column name="id" valueNumeric="1"/><column name="owner_id" valueComputed="(SELECT MAX(id) FROM people)"/></insert>
            <rollback><delete tableName="people"/></rollback></changeSet>
          <changeSet id="4" author="b"><addColumn tableName="pets"><column name="name" type="VARCHAR(30)" afterColumn="id" defaultValue="none"/></addColumn><addNotNullConstraint tableName="pets" columnName="name" columnDataType="VARCHAR(30)"/>
            <addUniqueConstraint tableName="pets" columnNames="name, owner_id" constraintName="pet_once"/></changeSet>
          <changeSet id="5" author="b"><renameColumn tableName="pets" oldColumnName="name" newColumnName="called" columnDataType="VARCHAR(30)"/><renameTable oldTableName="pets" newTableName="animals"/></changeSet>
          <changeSet id="6" author="c"><preConditions onFail="MARK_RAN"><not><tableExists tableName="animals"/></not></preConditions><createTable tableName="never"><column name="a" type="INT"/></createTable></changeSet>
          <changeSet id="7" author="c"><preConditions onFail="HALT"><columnExists tableName="animals" columnName="called"/><indexExists indexName="by_born" tableName="people"/><foreignKeyConstraintExists foreignKeyName="pet_owner" foreignKeyTableName="animals"/><primaryKeyExists tableName="people"/></preConditions>
            <createView viewName="owners" replaceIfExists="true">SELECT p.name, a.called FROM people p JOIN animals a ON a.owner_id = p.id</createView></changeSet>
          <changeSet id="8" author="c"><modifyDataType tableName="people" columnName="text" newDataType="VARCHAR(200)"/><dropDefaultValue tableName="people" columnName="rate"/><rollback/></changeSet>
          <changeSet id="9" author="c"><createProcedure>CREATE PROCEDURE add_pet(IN n VARCHAR(30)) BEGIN INSERT INTO animals (id, called) VALUES (99, n); END</createProcedure><rollback>DROP PROCEDURE add_pet</rollback></changeSet>
          <changeSet id="10" author="c"><sql splitStatements="true">UPDATE people SET note = 'by; sql'; DELETE FROM animals WHERE id = 12345</sql><rollback/></changeSet>
        </databaseChangeLog>
        """;
}
