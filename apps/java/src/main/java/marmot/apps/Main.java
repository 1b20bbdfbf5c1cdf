package marmot.apps;

import java.util.LinkedHashMap;
import java.util.Map;

/** Asks a server through Connector/J, and prints what it answered: Main ADDRESSES USER PASSWORD PREFIX [SECTION …]. */
public final class Main {
    /** One group of checks. */
    interface Section {
        void run(Server server, Transcript transcript) throws Exception;
    }

    private Main() {
    }

    /** The program. Without sections all of them run. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.util.logging.config.file", "/dev/null");
        java.util.logging.LogManager.getLogManager().reset();
        java.util.TimeZone.setDefault(java.util.TimeZone.getTimeZone("UTC"));
        Map<String, Section> sections = new LinkedHashMap<>();
        sections.put("metadata", MetadataChecks::run);
        sections.put("types", TypeChecks::run);
        sections.put("statements", StatementChecks::run);
        sections.put("connections", ConnectionChecks::run);
        sections.put("orm", OrmChecks::run);
        sections.put("migrations", MigrationChecks::run);
        Server server = new Server(arguments[0], arguments[1], arguments[2], arguments[3]);
        Transcript transcript = new Transcript();
        for (Map.Entry<String, Section> one : sections.entrySet()) {
            boolean wanted = arguments.length == 4;
            for (int i = 4; i < arguments.length; i++) {
                wanted |= arguments[i].equals(one.getKey());
            }
            if (wanted) {
                one.getValue().run(server, transcript);
            }
        }
        System.exit(0);
    }
}
