package marmot.apps;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.TimeZone;

/** Every type both ways: as text, prepared on the server, and through a cursor. */
final class TypeChecks {
    private static final String[] MODES = {"", "useServerPrepStmts=true", "useServerPrepStmts=true&useCursorFetch=true&defaultFetchSize=1",
        "tinyInt1isBit=false&yearIsDateType=false", "connectionTimeZone=America/New_York&forceConnectionTimeZoneToSession=true",
        "connectionTimeZone=SERVER&preserveInstants=false&useServerPrepStmts=true", "connectionTimeZone=%2B05:30&forceConnectionTimeZoneToSession=true&useServerPrepStmts=true",
        "characterEncoding=ISO-8859-1", "sendFractionalSeconds=false", "treatUtilDateAsTimestamp=false&zeroDateTimeBehavior=CONVERT_TO_NULL&jdbcCompliantTruncation=false",
        "noDatetimeStringSync=true&useServerPrepStmts=true", "useCompression=true", "zeroDateTimeBehavior=ROUND", "sessionVariables=sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"};

    private TypeChecks() {
    }

    static void run(Server server, Transcript transcript) throws Exception {
        for (String mode : MODES) {
            String prefix = "types/" + (mode.isEmpty() ? "default" : mode) + "/";
            transcript.check(prefix + "connect", () -> {
                try (Connection connection = server.fresh("types", mode)) {
                    one(transcript, prefix, connection);
                }
            });
        }
        transcript.check("types/drop", () -> server.drop("types"));
    }

    private static void one(Transcript transcript, String prefix, Connection connection) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE every_type (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, " + MetadataChecks.COLUMNS + ")");
        }
        transcript.check(prefix + "setters", () -> setters(connection, transcript));
        transcript.check(prefix + "read", () -> read(connection, transcript));
        transcript.check(prefix + "getters", () -> getters(connection, transcript));
        transcript.check(prefix + "binds", () -> binds(connection, transcript));
        transcript.check(prefix + "zero dates", () -> zero(connection, transcript));
    }

    private static void setters(Connection connection, Transcript transcript) throws Exception {
        Calendar tokyo = Calendar.getInstance(TimeZone.getTimeZone("Asia/Tokyo"));
        set(connection, transcript, "c_tinyint", (p) -> p.setByte(1, (byte) -128));
        set(connection, transcript, "c_tinyint1", (p) -> p.setBoolean(1, true));
        set(connection, transcript, "c_tinyint_u", (p) -> p.setShort(1, (short) 255));
        set(connection, transcript, "c_bool", (p) -> p.setObject(1, Boolean.FALSE));
        set(connection, transcript, "c_smallint", (p) -> p.setShort(1, Short.MIN_VALUE));
        set(connection, transcript, "c_smallint_u", (p) -> p.setInt(1, 65535));
        set(connection, transcript, "c_mediumint", (p) -> p.setInt(1, -8388608));
        set(connection, transcript, "c_int", (p) -> p.setInt(1, Integer.MIN_VALUE));
        set(connection, transcript, "c_int_u", (p) -> p.setLong(1, 4294967295L));
        set(connection, transcript, "c_int_z", (p) -> p.setInt(1, 42));
        set(connection, transcript, "c_bigint", (p) -> p.setLong(1, Long.MIN_VALUE));
        set(connection, transcript, "c_bigint_u", (p) -> p.setObject(1, new BigInteger("18446744073709551615")));
        set(connection, transcript, "c_decimal", (p) -> p.setBigDecimal(1, new BigDecimal("-123456789.125")));
        set(connection, transcript, "c_decimal", (p) -> p.setObject(1, "12.3456", Types.DECIMAL, 2));
        set(connection, transcript, "c_float", (p) -> p.setFloat(1, 3.14159f));
        set(connection, transcript, "c_float_d", (p) -> p.setFloat(1, 12345.678f));
        set(connection, transcript, "c_double", (p) -> p.setDouble(1, Math.PI * 1e100));
        set(connection, transcript, "c_double", (p) -> p.setDouble(1, Double.MIN_NORMAL));
        set(connection, transcript, "c_bit1", (p) -> p.setBoolean(1, true));
        set(connection, transcript, "c_bit8", (p) -> p.setInt(1, 0x5a));
        set(connection, transcript, "c_bit64", (p) -> p.setBytes(1, new byte[] {(byte) 255, 1, 2, 3, 4, 5, 6, 7}));
        set(connection, transcript, "c_char", (p) -> p.setString(1, "pad  "));
        set(connection, transcript, "c_char_b", (p) -> p.setString(1, "é ü"));
        set(connection, transcript, "c_varchar", (p) -> p.setString(1, "it's \\ \"q\" \n\t\0 ÿ"));
        set(connection, transcript, "c_varchar", (p) -> p.setNString(1, "über 日本語 😀"));
        set(connection, transcript, "c_varchar_l", (p) -> p.setObject(1, 'c'));
        set(connection, transcript, "c_text", (p) -> p.setCharacterStream(1, new StringReader("from a reader"), 6));
        set(connection, transcript, "c_longtext", (p) -> p.setClob(1, new StringReader("a clob")));
        set(connection, transcript, "c_mediumtext", (p) -> p.setAsciiStream(1, new ByteArrayInputStream("ascii".getBytes("US-ASCII"))));
        set(connection, transcript, "c_binary", (p) -> p.setBytes(1, new byte[] {0, 1, 2}));
        set(connection, transcript, "c_varbinary", (p) -> p.setBytes(1, new byte[] {39, 92, 0, 10, (byte) 200}));
        set(connection, transcript, "c_blob", (p) -> p.setBinaryStream(1, new ByteArrayInputStream(new byte[] {1, 2, 3, 4}), 3));
        set(connection, transcript, "c_longblob", (p) -> p.setBlob(1, new ByteArrayInputStream(new byte[] {9, 8, 7})));
        set(connection, transcript, "c_date", (p) -> p.setDate(1, Date.valueOf("2024-02-29")));
        set(connection, transcript, "c_date", (p) -> p.setObject(1, LocalDate.of(1999, 12, 31)));
        set(connection, transcript, "c_time", (p) -> p.setTime(1, Time.valueOf("23:59:58")));
        set(connection, transcript, "c_time6", (p) -> p.setObject(1, LocalTime.of(1, 2, 3, 456789000)));
        set(connection, transcript, "c_datetime", (p) -> p.setTimestamp(1, Timestamp.valueOf("2024-05-06 07:08:09.6")));
        set(connection, transcript, "c_datetime3", (p) -> p.setObject(1, LocalDateTime.of(2024, 5, 6, 7, 8, 9, 123456789)));
        set(connection, transcript, "c_datetime6", (p) -> p.setTimestamp(1, Timestamp.valueOf("2024-05-06 07:08:09.123456"), tokyo));
        set(connection, transcript, "c_timestamp", (p) -> p.setObject(1, Instant.ofEpochSecond(1700000000L)));
        set(connection, transcript, "c_timestamp", (p) -> p.setObject(1, ZonedDateTime.parse("2024-07-01T12:00:00+02:00[Europe/Berlin]")));
        set(connection, transcript, "c_timestamp6", (p) -> p.setObject(1, OffsetDateTime.of(2024, 1, 1, 0, 0, 0, 999999000, ZoneOffset.ofHours(-3))));
        set(connection, transcript, "c_datetime6", (p) -> p.setObject(1, new java.util.Date(1700000000123L)));
        set(connection, transcript, "c_year", (p) -> p.setInt(1, 2024));
        set(connection, transcript, "c_enum", (p) -> p.setString(1, "it's"));
        set(connection, transcript, "c_set", (p) -> p.setString(1, "c,a"));
        set(connection, transcript, "c_json", (p) -> p.setString(1, "{\"b\": [1, 2.50, null, \"x\"], \"a\": {\"t\": true}}"));
        set(connection, transcript, "c_varchar", (p) -> p.setNull(1, Types.VARCHAR));
        set(connection, transcript, "c_int", (p) -> p.setObject(1, null));
        set(connection, transcript, "c_tinyint", (p) -> p.setInt(1, 200));
        set(connection, transcript, "c_int", (p) -> p.setString(1, "12x"));
        set(connection, transcript, "c_enum", (p) -> p.setString(1, "none"));
        set(connection, transcript, "c_date", (p) -> p.setString(1, "2023-02-30"));
        set(connection, transcript, "c_json", (p) -> p.setString(1, "{oops"));
        set(connection, transcript, "c_char", (p) -> p.setString(1, "longer than ten"));
    }

    private interface Setter {
        void set(PreparedStatement statement) throws Exception;
    }

    private static void set(Connection connection, Transcript transcript, String column, Setter setter) throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO every_type (" + column + ") VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            setter.set(statement);
            int count = statement.executeUpdate();
            try (ResultSet keys = statement.getGeneratedKeys()) {
                keys.next();
                long key = keys.getLong(1);
                transcript.say(column + " " + count + " key " + key);
                transcript.warnings(statement.getWarnings());
                try (Statement plain = connection.createStatement()) {
                    transcript.query(plain, "SELECT " + column + ", CAST(" + column + " AS CHAR), HEX(" + column + ") FROM every_type WHERE id = " + key);
                }
            }
        } catch (Exception error) {
            transcript.say(column + " " + Transcript.describe(error));
        }
    }

    private static void read(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM every_type");
            statement.execute("INSERT INTO every_type (id) VALUES (1)");
            statement.execute("""
                INSERT INTO every_type VALUES (2, -128, 1, 255, 0, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, 77, -9223372036854775808, 18446744073709551615,
                -123456789.125, 9999999999, 1.5e-20, 12345.67, -1.7976931348623157e308, 1234567.891, b'1', b'10100101', b'1000000000000000000000000000000000000000000000000000000000000001',
                'char  ', 'latin', 'varchar', REPEAT('ab', 500), 'tiny', 'text', 'medium', 'long', 'bin', x'0102', x'ff00fe', x'00', x'27225c', x'0a0d', 'blob',
                '9999-12-31', '-838:59:59', '12:34:56.123456', '1000-01-01 00:00:00', '2024-02-29 23:59:59.999', '2024-02-29 23:59:59.999999', '2001-02-03 04:05:06', '2037-12-31 23:59:59.000001',
                1901, 'it''s', 'a,c', '[1, {"k": "v"}, null, 1.25, "ü"]', ST_GeomFromText('LINESTRING(0 0, 1 2)'), ST_GeomFromText('POINT(1 -2)'))""".replace("'it''s'", "'two'"));
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM every_type WHERE id >= ? ORDER BY id")) {
            statement.setInt(1, 1);
            ResultSet result = statement.executeQuery();
            ResultSetMetaData meta = result.getMetaData();
            while (result.next()) {
                for (int i = 1; i <= meta.getColumnCount(); i++) {
                    String text;
                    try {
                        Object value = result.getObject(i);
                        text = (value == null ? "-" : value.getClass().getSimpleName()) + " " + Transcript.show(value);
                    } catch (Exception error) {
                        text = Transcript.describe(error);
                    }
                    transcript.say(meta.getColumnName(i) + " " + meta.getColumnTypeName(i) + " " + meta.getColumnType(i) + " " + meta.getPrecision(i) + "," + meta.getScale(i) + " " + text);
                }
            }
            MetadataChecks.resultMetadata(transcript, result);
        }
    }

    private interface Getter {
        Object get(ResultSet result, int column) throws Exception;
    }

    private static void getters(Connection connection, Transcript transcript) throws Exception {
        String[] names = {"String", "Boolean", "Byte", "Int", "Long", "Double", "BigDecimal", "Bytes", "Date", "Time", "Timestamp", "LocalDate", "LocalTime", "LocalDateTime", "OffsetDateTime",
            "ZonedDateTime", "Instant", "BigInteger", "Duration"};
        Getter[] getters = {ResultSet::getString, ResultSet::getBoolean, ResultSet::getByte, ResultSet::getInt, ResultSet::getLong, ResultSet::getDouble, ResultSet::getBigDecimal,
            ResultSet::getBytes, ResultSet::getDate, ResultSet::getTime, ResultSet::getTimestamp, (r, i) -> r.getObject(i, LocalDate.class), (r, i) -> r.getObject(i, LocalTime.class),
            (r, i) -> r.getObject(i, LocalDateTime.class), (r, i) -> r.getObject(i, OffsetDateTime.class), (r, i) -> r.getObject(i, ZonedDateTime.class),
            (r, i) -> r.getObject(i, Instant.class), (r, i) -> r.getObject(i, BigInteger.class), (r, i) -> r.getObject(i, java.time.Duration.class)};
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM every_type WHERE id = ?")) {
            statement.setString(1, "2");
            ResultSet result = statement.executeQuery();
            result.next();
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                StringBuilder line = new StringBuilder(result.getMetaData().getColumnName(i));
                for (int g = 0; g < getters.length; g++) {
                    try {
                        line.append(" ").append(names[g]).append("=").append(Transcript.show(getters[g].get(result, i)));
                    } catch (Exception error) {
                        line.append(" ").append(names[g]).append("!").append(error.getClass().getSimpleName());
                    }
                }
                transcript.say(line);
            }
        }
    }

    /** Parameters without a column to give them a type. */
    private static void binds(Connection connection, Transcript transcript) throws Exception {
        Object[] values = {1, -1L, (byte) 3, (short) 4, 1.5f, 2.5d, new BigDecimal("12.50"), new BigInteger("99999999999999999999"), true, "text", new byte[] {1, 2}, Date.valueOf("2024-01-02"),
            Time.valueOf("03:04:05"), Timestamp.valueOf("2024-01-02 03:04:05.678"), LocalDate.of(2024, 1, 2), LocalTime.of(3, 4, 5, 6000), LocalDateTime.of(2024, 1, 2, 3, 4, 5, 6000),
            OffsetDateTime.parse("2024-01-02T03:04:05+06:00"), Instant.parse("2024-01-02T03:04:05Z"), null};
        for (Object value : values) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT ?, ? + 1, CONCAT(?, '|'), CAST(? AS CHAR), COALESCE(?, 'none')")) {
                for (int i = 1; i <= 5; i++) {
                    statement.setObject(i, value);
                }
                ResultSet result = statement.executeQuery();
                result.next();
                StringBuilder line = new StringBuilder();
                for (int i = 1; i <= 5; i++) {
                    Object got = result.getObject(i);
                    line.append(" ").append(result.getMetaData().getColumnTypeName(i)).append(":").append(got == null ? "" : got.getClass().getSimpleName()).append("=").append(Transcript.show(got));
                }
                transcript.say((value == null ? "null" : value.getClass().getSimpleName()) + line);
            } catch (Exception error) {
                transcript.say(Transcript.show(value) + " " + Transcript.describe(error));
            }
        }
    }

    private static void zero(Connection connection, Transcript transcript) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION sql_mode = 'ALLOW_INVALID_DATES'");
            statement.execute("CREATE TABLE zeros (id INT PRIMARY KEY, d DATE, t DATETIME, s TIMESTAMP NULL)");
            statement.execute("INSERT INTO zeros VALUES (1, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'), (2, '2024-00-10', '2024-10-00 01:02:03', NULL)");
        }
        for (int id = 1; id <= 2; id++) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT d, t, s FROM zeros WHERE id = ?")) {
                statement.setInt(1, id);
                ResultSet result = statement.executeQuery();
                result.next();
                for (int i = 1; i <= 3; i++) {
                    int column = i;
                    transcript.fails("object " + id + "." + i, () -> transcript.say(Transcript.show(result.getObject(column))));
                    transcript.fails("string " + id + "." + i, () -> transcript.say(result.getString(column)));
                    transcript.fails("timestamp " + id + "." + i, () -> transcript.say(result.getTimestamp(column)));
                }
            }
        }
    }
}
