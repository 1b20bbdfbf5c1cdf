// Package connect carries Debezium topics to sinks: the work of marmot-connect.
//
// A Pipeline is one member of a consumer group. It reads committed records only, asks the sink where each
// assigned partition goes on, and commits offsets after the sink has made records durable, so that the
// group's lag tells the truth; what decides is the sink's own knowledge.
// A member that is told to end waits for no broker that is silent; the group notices one that was killed after 10 s.
package connect
