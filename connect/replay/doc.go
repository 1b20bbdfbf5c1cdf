// Package replay rebuilds tables from the event files of marmot-connect.
//
// It reads the files of a folder (package connect/sink/file), merges them by position in the log
// and place in the transaction, and applies schema changes and row events to an empty SQLite file, whose tables
// then hold what the database held. It is the check that the events tell everything, and an example of a
// consumer. Values take the form in which a node stores them, so that the files can be compared.
//
// One database is rebuilt from its own events. A table that came from another database is an error, since its rows are in the events of
// that one. Rows that EXCHANGE PARTITION moves are in no event, as with MySQL.
//
// Events carry no statement for a renamed column: an ALTER that leaves one column out and brings
// one in at the same place is taken for a rename.
package replay
