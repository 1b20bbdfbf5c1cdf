// Package kafkaclient turns settings into what a Kafka client needs to reach brokers behind TLS and SASL, and turns the errors of
// such clients into errors that name the setting, its value and what mends it.
//
// Settings have names of their own (Settings lists them) or those of Kafka's Java clients, sasl.jaas.config and PEM stores among them. Files and
// secrets are read at each new connection, so that what is renewed on disk is taken up without a restart. No error, log or printed value holds a secret.
package kafkaclient
