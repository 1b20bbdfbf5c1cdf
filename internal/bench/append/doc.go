// Command append measures the latency of one durable append to a Kafka: one idempotent producer that waits for all replicas
// of a record before it sends the next. The benchmark compares a commit's latency with it.
package main
