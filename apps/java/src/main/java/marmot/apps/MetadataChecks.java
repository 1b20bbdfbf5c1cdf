package marmot.apps;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;

/** DatabaseMetaData in full, by SHOW and by information_schema. */
final class MetadataChecks {
    private static final Set<String> OF_THE_PLACE = Set.of("getConnection", "getURL", "getUserName", "getDatabaseProductVersion",
            "getDatabaseMajorVersion", "getDatabaseMinorVersion", "getDriverVersion", "getCatalogs", "getSchemas", "hashCode", "toString",
            "getClass", "notify", "notifyAll", "wait", "getTypeInfo", "getTableTypes", "getClientInfoProperties");

    private MetadataChecks() {
    }

    static void run(Server server, Transcript transcript) throws Exception {
        transcript.check("metadata/setup", () -> setup(server));
        for (String options : new String[] {"", "useInformationSchema=true", "databaseTerm=SCHEMA", "nullDatabaseMeansCurrent=true",
            "tinyInt1isBit=false&transformedBitIsBoolean=true&yearIsDateType=false"}) {
            String name = options.isEmpty() ? "default" : options;
            transcript.check("metadata/" + name + "/connect", () -> {
                try (Connection connection = server.connect(server.database("meta"), options)) {
                    one(server, transcript, "metadata/" + name + "/", connection);
                }
            });
        }
        transcript.check("metadata/drop", () -> {
            server.drop("meta");
            server.drop("meta2");
        });
    }

    private static void setup(Server server) throws Exception {
        server.fresh("meta2", "").close();
        try (Connection connection = server.fresh("meta", ""); Statement statement = connection.createStatement()) {
            for (String text : SCHEMA.split(";;")) {
                statement.execute(text.replace("OTHER", server.database("meta2")));
            }
        }
    }

    private static void one(Server server, Transcript transcript, String prefix, Connection connection) throws Exception {
        DatabaseMetaData meta = connection.getMetaData();
        transcript.check(prefix + "capabilities", () -> capabilities(transcript, meta));
        boolean isSchema = prefix.contains("SCHEMA");
        String catalog = isSchema ? null : server.database("meta");
        String schema = isSchema ? server.database("meta") : null;
        String other = server.database("meta2");
        transcript.check(prefix + "getCatalogs", () -> listed(transcript, meta.getCatalogs(), server.prefix() + "meta"));
        transcript.check(prefix + "getSchemas", () -> listed(transcript, meta.getSchemas(), server.prefix() + "meta"));
        transcript.check(prefix + "getTableTypes", () -> transcript.rows(meta.getTableTypes()));
        transcript.check(prefix + "getTypeInfo", () -> transcript.rows(meta.getTypeInfo()));
        transcript.check(prefix + "getClientInfoProperties", () -> transcript.rows(meta.getClientInfoProperties()));
        transcript.check(prefix + "getTables", () -> transcript.rows(meta.getTables(catalog, schema, "%", null)));
        transcript.check(prefix + "getTables views", () -> transcript.rows(meta.getTables(catalog, schema, "%", new String[] {"VIEW"})));
        transcript.check(prefix + "getTables pattern", () -> transcript.rows(meta.getTables(catalog, schema, "o\\_%", new String[] {"TABLE"})));
        transcript.check(prefix + "getTables temporary", () -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TEMPORARY TABLE passing (a INT)");
                transcript.rows(meta.getTables(catalog, schema, "pass%", null));
                transcript.rows(meta.getColumns(catalog, schema, "passing", null));
                statement.execute("DROP TEMPORARY TABLE passing");
            }
        });
        transcript.check(prefix + "getTables system", () -> transcript.rows(
                meta.getTables(isSchema ? null : "mysql", isSchema ? "mysql" : null, "user", null)));
        transcript.check(prefix + "getTables information_schema", () -> transcript.rows(
                meta.getTables(isSchema ? null : "information_schema", isSchema ? "information_schema" : null, "%", null)));
        transcript.check(prefix + "getColumns", () -> transcript.rows(meta.getColumns(catalog, schema, "%", "%")));
        transcript.check(prefix + "getColumns pattern", () -> transcript.rows(meta.getColumns(catalog, schema, "every%", "c_i%")));
        transcript.check(prefix + "getPrimaryKeys", () -> {
            transcript.rows(meta.getPrimaryKeys(catalog, schema, "o_lines"));
            transcript.rows(meta.getPrimaryKeys(catalog, schema, "o_orders"));
            transcript.rows(meta.getPrimaryKeys(catalog, schema, "nothing_here"));
        });
        transcript.check(prefix + "getIndexInfo", () -> {
            for (String table : new String[] {"o_orders", "o_lines", "o_customers", "texts"}) {
                transcript.rows(meta.getIndexInfo(catalog, schema, table, false, true), "CARDINALITY");
                transcript.rows(meta.getIndexInfo(catalog, schema, table, true, false), "CARDINALITY");
            }
        });
        transcript.check(prefix + "getImportedKeys", () -> {
            transcript.sorted(meta.getImportedKeys(catalog, schema, "o_lines"));
            transcript.sorted(meta.getImportedKeys(catalog, schema, "o_orders"));
        });
        transcript.check(prefix + "getExportedKeys", () -> {
            transcript.sorted(meta.getExportedKeys(catalog, schema, "o_orders"));
            transcript.sorted(meta.getExportedKeys(catalog, schema, "o_customers"));
        });
        transcript.check(prefix + "getCrossReference", () -> transcript.rows(
                meta.getCrossReference(catalog, schema, "o_orders", isSchema ? null : other, isSchema ? other : null, "abroad")));
        transcript.check(prefix + "getBestRowIdentifier", () -> {
            transcript.sorted(meta.getBestRowIdentifier(catalog, schema, "o_lines", DatabaseMetaData.bestRowSession, true));
            transcript.sorted(meta.getBestRowIdentifier(catalog, schema, "texts", DatabaseMetaData.bestRowSession, true));
        });
        transcript.check(prefix + "getVersionColumns", () -> transcript.rows(meta.getVersionColumns(catalog, schema, "every_type")));
        transcript.check(prefix + "getProcedures", () -> transcript.rows(meta.getProcedures(catalog, schema, "%")));
        transcript.check(prefix + "getProcedureColumns", () -> transcript.rows(meta.getProcedureColumns(catalog, schema, "%", "%")));
        transcript.check(prefix + "getFunctions", () -> transcript.rows(meta.getFunctions(catalog, schema, "%")));
        transcript.check(prefix + "getFunctionColumns", () -> transcript.rows(meta.getFunctionColumns(catalog, schema, "%", "%")));
        transcript.check(prefix + "privileges", () -> {
            transcript.rows(meta.getTablePrivileges(catalog, schema, "o_%"));
            transcript.rows(meta.getColumnPrivileges(catalog, schema, "o_orders", "%"));
        });
        transcript.check(prefix + "nothing", () -> {
            transcript.rows(meta.getUDTs(catalog, schema, "%", null));
            transcript.rows(meta.getSuperTypes(catalog, schema, "%"));
            transcript.rows(meta.getSuperTables(catalog, schema, "%"));
            transcript.rows(meta.getAttributes(catalog, schema, "%", "%"));
            transcript.rows(meta.getPseudoColumns(catalog, schema, "%", "%"));
        });
        transcript.check(prefix + "ResultSetMetaData", () -> {
            try (Statement statement = connection.createStatement()) {
                resultMetadata(transcript, statement.executeQuery("SELECT * FROM every_type"));
                resultMetadata(transcript, statement.executeQuery("SELECT * FROM expensive"));
                resultMetadata(transcript, statement.executeQuery("SELECT o.id AS number, c.name, o.placed, o.total, 1, 'a', NULL, NOW(3), 1.5, TRUE, COALESCE(o.state, 'none'), o.total * 2, l.price + 1 FROM o_orders o JOIN o_customers c ON c.id = o.customer "
                        + "JOIN o_lines l ON l.order_id = o.id"));
            }
        });
        transcript.check(prefix + "ResultSetMetaData of groups", () -> {
            try (Statement statement = connection.createStatement()) {
                resultMetadata(transcript, statement.executeQuery("SELECT o.id AS number, c.name, COUNT(*) n, SUM(l.price) s, MAX(o.placed), "
                        + "CONCAT(c.name, 'x'), o.total > 3 FROM o_orders o JOIN o_customers c ON c.id = o.customer "
                        + "JOIN o_lines l ON l.order_id = o.id GROUP BY o.id, c.name"));
            }
        });
    }

    private static void listed(Transcript transcript, ResultSet result, String begin) throws Exception {
        while (result.next()) {
            String name = result.getString(1);
            if (name.startsWith(begin) || Set.of("mysql", "information_schema", "performance_schema", "sys").contains(name)) {
                transcript.say(name);
            }
        }
    }

    private static void capabilities(Transcript transcript, DatabaseMetaData meta) throws Exception {
        Method[] methods = DatabaseMetaData.class.getMethods();
        Arrays.sort(methods, Comparator.comparing(Method::getName));
        for (Method method : methods) {
            if (method.getParameterCount() == 0 && !OF_THE_PLACE.contains(method.getName())) {
                transcript.say(method.getName() + " " + Transcript.show(method.invoke(meta)));
            }
        }
    }

    static void resultMetadata(Transcript transcript, ResultSet result) throws Exception {
        ResultSetMetaData meta = result.getMetaData();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            transcript.say(String.join(" ", meta.getCatalogName(i), meta.getTableName(i), meta.getColumnName(i), meta.getColumnLabel(i),
                    meta.getColumnTypeName(i), Integer.toString(meta.getColumnType(i)), meta.getColumnClassName(i),
                    "precision " + meta.getPrecision(i), "scale " + meta.getScale(i), "display " + meta.getColumnDisplaySize(i),
                    "nullable " + meta.isNullable(i), "auto " + meta.isAutoIncrement(i), "signed " + meta.isSigned(i),
                    "case " + meta.isCaseSensitive(i), "readonly " + meta.isReadOnly(i), "writable " + meta.isDefinitelyWritable(i)));
        }
        result.close();
    }

    static final String COLUMNS = """
            c_tinyint TINYINT, c_tinyint1 TINYINT(1), c_tinyint_u TINYINT UNSIGNED, c_bool BOOL, c_smallint SMALLINT, c_smallint_u SMALLINT UNSIGNED,
            c_mediumint MEDIUMINT, c_mediumint_u MEDIUMINT UNSIGNED, c_int INT, c_int_u INT UNSIGNED, c_int_z INT(8) UNSIGNED ZEROFILL, c_bigint BIGINT, c_bigint_u BIGINT UNSIGNED,
            c_decimal DECIMAL(12,3), c_decimal_u DECIMAL(10,0) UNSIGNED, c_float FLOAT, c_float_d FLOAT(7,2), c_double DOUBLE, c_double_d DOUBLE(10,3),
            c_bit1 BIT(1), c_bit8 BIT(8), c_bit64 BIT(64), c_char CHAR(10), c_char_b CHAR(10) CHARACTER SET latin1 COLLATE latin1_bin, c_varchar VARCHAR(255), c_varchar_l VARCHAR(2000),
            c_tinytext TINYTEXT, c_text TEXT, c_mediumtext MEDIUMTEXT, c_longtext LONGTEXT, c_text_bin TEXT COLLATE utf8mb4_bin,
            c_binary BINARY(5), c_varbinary VARBINARY(40), c_tinyblob TINYBLOB, c_blob BLOB, c_mediumblob MEDIUMBLOB, c_longblob LONGBLOB,
            c_date DATE, c_time TIME, c_time6 TIME(6), c_datetime DATETIME, c_datetime3 DATETIME(3), c_datetime6 DATETIME(6), c_timestamp TIMESTAMP NULL, c_timestamp6 TIMESTAMP(6) NULL,
            c_year YEAR, c_enum ENUM('one','two','it''s'), c_set SET('a','b','c'), c_json JSON, c_geometry GEOMETRY, c_point POINT""";

    private static final String SCHEMA = """
            CREATE TABLE every_type (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'the number', COLUMNS_HERE)
            ;;
            CREATE TABLE o_customers (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, name VARCHAR(80) NOT NULL DEFAULT 'nobody' COMMENT 'as written on bills',
              mail VARCHAR(120) NULL, born DATE DEFAULT NULL, since TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), score DOUBLE NOT NULL DEFAULT 0.5,
              upper_name VARCHAR(80) GENERATED ALWAYS AS (UPPER(name)) VIRTUAL, half DOUBLE AS (score / 2) STORED NOT NULL, flags BIT(3) NOT NULL DEFAULT b'101', hidden INT INVISIBLE DEFAULT 3,
              token VARCHAR(36) NOT NULL DEFAULT (UUID()),
              PRIMARY KEY (id), UNIQUE KEY by_mail (mail), KEY by_name (name(10) DESC, born), KEY by_half ((half + 1)))
              ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='who buys'
            ;;
            CREATE TABLE o_orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer BIGINT UNSIGNED NULL, placed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, total DECIMAL(10,2) UNSIGNED,
              state ENUM('open','paid','sent') NOT NULL DEFAULT 'open', CONSTRAINT positive CHECK (total >= 0),
              CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES o_customers (id) ON DELETE SET NULL ON UPDATE CASCADE)
            ;;
            CREATE TABLE o_lines (order_id INT NOT NULL, line SMALLINT NOT NULL, article VARCHAR(20) NOT NULL, price DECIMAL(8,2) NOT NULL, n INT UNSIGNED DEFAULT 1, PRIMARY KEY (order_id, line),
              UNIQUE KEY article_once (order_id, article), CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES o_orders (id) ON DELETE CASCADE)
            ;;
            CREATE TABLE OTHER.abroad (id INT PRIMARY KEY, o INT, CONSTRAINT far FOREIGN KEY (o) REFERENCES o_orders (id) ON DELETE NO ACTION)
            ;;
            CREATE TABLE texts (a INT, body TEXT, title VARCHAR(100), FULLTEXT KEY words (body, title), KEY (a)) COMMENT='without a key'
            ;;
            CREATE TABLE `odd ``name` (`a b` INT, `select` VARCHAR(3) DEFAULT '')
            ;;
            CREATE VIEW expensive AS SELECT o.id, c.name, o.total, o.total * 2 AS twice FROM o_orders o LEFT JOIN o_customers c ON c.id = o.customer WHERE o.total > 100
            ;;
            CREATE PROCEDURE add_up(IN a INT, INOUT b DECIMAL(10,2), OUT c VARCHAR(50) CHARACTER SET latin1) COMMENT 'adds' BEGIN SET b = a + b; SET c = CONCAT('got ', b); END
            ;;
            CREATE PROCEDURE nothing_in() SQL SECURITY INVOKER READS SQL DATA SELECT 1
            ;;
            CREATE FUNCTION twice(n BIGINT UNSIGNED, label ENUM('a','b')) RETURNS BIGINT DETERMINISTIC NO SQL RETURN n * 2
            ;;
            CREATE FUNCTION greet(who VARCHAR(40)) RETURNS VARCHAR(60) CHARSET utf8mb4 DETERMINISTIC COMMENT 'polite' RETURN CONCAT('Hello, ', who)
            ;;
            CREATE TRIGGER on_line BEFORE INSERT ON o_lines FOR EACH ROW SET NEW.n = COALESCE(NEW.n, 1)
            """.replace("COLUMNS_HERE", COLUMNS);
}
