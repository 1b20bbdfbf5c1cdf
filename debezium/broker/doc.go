// Package broker publishes Debezium events to Kafka, exactly once.
//
// A Publisher writes each batch in one Kafka transaction together with its progress, which is
// a record of the compacted topic _marmot.<cluster>.emitter whose key is the emission's name. The transactional
// id is the emission's: a new Publisher fences an older one, wherever that runs.
package broker
