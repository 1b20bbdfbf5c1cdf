// Package debezium turns committed transactions into the events of the Debezium MySQL
// connector, and emits them.
//
// An Encoder makes records: for each row an envelope on <prefix>.<database>.<table>, a
// tombstone after each delete, BEGIN and END on <prefix>.transaction, and each change of a definition on
// <prefix>. Names, schemas, order of fields and spelling of values are those of
// io.debezium.connector.mysql 3.6; source.file is marmot-bin.000001 and source.pos the position in the log.
//
// An Emitter reads committed records from a Feed and hands encoded batches to a Publisher,
// together with the progress that they stand for. A Publisher stores both or neither, so that each committed
// row event appears once, in order, whoever dies. The package does no network I/O; publishers do.
package debezium
