// Package kafkatest gives tests a Kafka: a real one where MARMOT_TEST_KAFKA names its brokers, with the settings of the file that
// MARMOT_TEST_KAFKA_CLIENT names if it is behind TLS and SASL; and certificates that are made on the spot.
package kafkatest
