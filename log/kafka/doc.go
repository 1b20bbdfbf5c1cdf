// Package kafka is the log in Kafka, or in what speaks its protocol.
//
// A cluster named c has three topics: _marmot.c.order with one partition, _marmot.c.changes with
// log.partitions, both kept for ever, and _marmot.c.members, compacted, which holds what nodes say of themselves and
// a copy of record 0 of the order stream, for the time when that has been trimmed.
//
// Records are produced by one idempotent producer with acks=all, without lingering, in the order of the calls of
// Append. Nothing is ever written in a Kafka transaction: markers would take offsets, and offsets without gaps are what positions are made of.
// A read is one fetch from the partition's leader by topic id. It waits at the end of the partition for the
// next record, so every reader under way has a connection of its own; connections are kept for the next reader. Reads outlive
// an outage of brokers: they try again until their context ends.
//
// Errors of an append: what Kafka refuses for its content, and what was never written to a broker, is not in the
// log; everything else is log.ErrUnknown. That is decided within the producer's delivery timeout.
package kafka
