// Command twins compares two streams of events of one server: those of an emitter of this project, and those of io.debezium.connector.mysql that reads
// the server's binary log. apps/connector.sh starts both and calls it:
//
//	twins setting RUN                          properties of the emitter, of the connector, and global variables, a line each
//	twins execute SCRIPT                       statements of a recording, each outside a transaction on the next of -nodes; -part N of it
//	twins await TEXT …                         waits for a notification that has all texts, -times times
//	twins compare                              waits for the last event in both and compares
package main
