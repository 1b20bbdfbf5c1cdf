package marmot.apps;

import java.io.PrintStream;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.sql.BatchUpdateException;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;

/** What a server answered, as text that apps/transcripts.py compares: each check begins with a line "## name". */
final class Transcript {
    /** A check's body, which may throw what it likes. */
    interface Body {
        void run() throws Exception;
    }

    private static final int DEEPEST_CAUSE = 12;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    /** Runs one check. An exception belongs to what it prints, and does not end the program. */
    void check(String name, Body body) {
        out.println("## " + name);
        try {
            body.run();
        } catch (Throwable thrown) {
            say("threw " + describe(thrown));
        }
    }

    void say(Object line) {
        out.println(String.valueOf(line).replace("\r", "\\r"));
    }

    /** Runs what has to fail, and prints how it failed. */
    void fails(String what, Body body) {
        try {
            body.run();
            say(what + ": no error");
        } catch (Throwable thrown) {
            say(what + ": " + describe(thrown));
        }
    }

    /** An exception with all its causes: MySQL's code, SQLSTATE and message where it has them. */
    static String describe(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        int depth = 0;
        for (Throwable one = thrown; one != null && depth < DEEPEST_CAUSE; one = one.getCause(), depth++) {
            if (depth > 0) {
                text.append(" <- ");
            }
            text.append(one.getClass().getSimpleName());
            if (one instanceof SQLException error) {
                text.append(" ").append(error.getErrorCode()).append(" ").append(error.getSQLState());
            }
            if (one instanceof BatchUpdateException batch) {
                text.append(" ").append(Arrays.toString(batch.getUpdateCounts()));
            }
            text.append(" ").append(firstLine(one.getMessage()));
        }
        return text.toString();
    }

    private static String firstLine(String message) {
        return message == null ? "null" : message.strip().lines().findFirst().orElse("").strip();
    }

    /** All rows of a result with their columns' names. */
    void rows(ResultSet result, String... hidden) throws SQLException {
        lines(result, hidden).forEach(this::say);
    }

    /** The same, the rows in the order of their text: the order in which they come means nothing. */
    void sorted(ResultSet result) throws SQLException {
        List<String> lines = lines(result);
        say(lines.get(0));
        lines.stream().skip(1).sorted().forEach(this::say);
    }

    private static List<String> lines(ResultSet result, String... hidden) throws SQLException {
        List<String> lines = new ArrayList<>();
        TreeSet<String> skip = new TreeSet<>(Arrays.asList(hidden));
        ResultSetMetaData meta = result.getMetaData();
        StringBuilder head = new StringBuilder();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            head.append(i > 1 ? " | " : "").append(meta.getColumnLabel(i));
        }
        lines.add("(" + head + ")");
        while (result.next()) {
            StringBuilder row = new StringBuilder();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                row.append(i > 1 ? " | " : "");
                row.append(skip.contains(meta.getColumnLabel(i)) ? "*" : show(result.getObject(i)));
            }
            lines.add(row.toString());
        }
        result.close();
        return lines;
    }

    void query(Statement statement, String text) throws SQLException {
        rows(statement.executeQuery(text));
    }

    /** All that one execution gave: results, counts, and the warnings. */
    void results(Statement statement, boolean isResult) throws SQLException {
        while (true) {
            if (isResult) {
                rows(statement.getResultSet());
            } else if (statement.getUpdateCount() == -1) {
                return;
            } else {
                say("count " + statement.getLargeUpdateCount());
            }
            isResult = statement.getMoreResults();
        }
    }

    void warnings(SQLWarning warning) {
        for (int n = 0; warning != null && n < 20; warning = warning.getNextWarning(), n++) {
            say("warning " + warning.getErrorCode() + " " + warning.getSQLState() + " " + warning.getMessage());
        }
    }

    static String show(Object value) {
        if (value == null) {
            return "NULL";
        }
        if (value instanceof byte[] bytes) {
            return "0x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof Clob clob) {
            try {
                return clob.getSubString(1, (int) Math.min(clob.length(), 100));
            } catch (SQLException error) {
                return describe(error);
            }
        }
        if (value.getClass().isArray()) {
            StringBuilder text = new StringBuilder("[");
            for (int i = 0; i < Array.getLength(value); i++) {
                text.append(i > 0 ? ", " : "").append(show(Array.get(value, i)));
            }
            return text.append("]").toString();
        }
        return value.toString();
    }
}
