// Package binlog turns committed records of the log into the events of a row-based binary log of MySQL 8.4: what a replica, Debezium's
// connector or any other reader of COM_BINLOG_DUMP gets. It is pure: the same record, definitions and options give the same bytes on every
// node, so nothing is stored, and the place of an event (txn.PlaceOf) can be computed from its position.
//
// Every position of the log is a transaction of the GTID set <cluster uuid>:1-n. Those that carry nothing for a replica, control records and
// what was refused, are transactions without effect: without them the replica's set would be full of holes.
package binlog
