// Package golden compares what an emitter of this project emits with what io.debezium.connector.mysql 3.6.1 emitted for the
// same statements on MySQL 9.7.
//
// testdata/scenarios are runs in steps (Scenario): every snapshot mode, signals, filters, restarts. TestRecordScenario records one; their events are compared in
// the order of each topic.
//
// testdata/sql holds the statements, testdata/<run>.jsonl.gz the recorded events of three settings (Runs), <run>.avro.jsonl.gz and
// <run>.avsc.jsonl.gz the same as AvroData made them, and its schemas. What differs between any two runs of the connector itself is masked; all else must be equal to the byte for each
// topic and key.
package golden
