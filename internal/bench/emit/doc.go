// Command emit measures the way of events to a real Kafka. scripts/emitter.sh starts what it measures, and asks for
//
//	emit fill         rows of 1 KB for a server that speaks MySQL's protocol
//	emit drain        events a second on a topic, until it has so many
//	emit reach        waits for as many, and measures nothing
//	emit latency      from the answer of COMMIT to the event at a reader of committed records, beside transactions of one record
//	emit registry     a schema registry that gives each schema a number, for Avro
package main
