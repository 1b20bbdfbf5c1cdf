package marmot.apps;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** The server that is asked: its address or addresses, the account and the names of the databases made there. */
record Server(String addresses, String user, String password, String prefix) {
    String url(String database, String options) {
        return "jdbc:mysql://" + address() + "/" + database + "?" + options;
    }

    String address() {
        return addresses.split(",")[0];
    }

    String database(String name) {
        return prefix + name;
    }

    Properties account() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        return properties;
    }

    Connection connect(String database, String options) throws SQLException {
        return DriverManager.getConnection(url(database, options), account());
    }

    /** A fresh database, and a connection to it. */
    Connection fresh(String name, String options) throws SQLException {
        try (Connection connection = connect("", "allowPublicKeyRetrieval=true"); Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + database(name));
            statement.execute("CREATE DATABASE " + database(name));
        }
        return connect(database(name), options);
    }

    void drop(String name) throws SQLException {
        try (Connection connection = connect("", "allowPublicKeyRetrieval=true"); Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + database(name));
        }
    }
}
