// Package mirror serves Debezium topics over the Kafka protocol from memory.
//
// It stands in for a Kafka where there is none: a single node with the embedded log. It is
// never the store of record: after a start the emitter publishes the history again, and since topics, partitions
// and offsets are a function of the log, a consumer that was attached goes on as if nothing had happened. The
// port opens only when everything that consumers may have seen is back (Open).
//
// Memory is bounded by a retention: the oldest records of all topics leave first. So that a
// start need not publish what would leave at once, the mirror keeps checkpoints (a position and the end
// of each partition there) and begins at one. The broker is franz-go's kfake; protocol versions are limited to those
// without topic ids, which kfake draws by chance.
package mirror
