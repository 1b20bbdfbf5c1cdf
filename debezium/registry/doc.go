// Package registry asks a schema registry of Confluent's kind for the ids of schemas.
//
// An ID names a schema in each message of Confluent's wire format. A Client registers schemas, or looks them up, and remembers
// a bounded number of answers. Refused tells an answer that stays the same however often one asks (an incompatible schema)
// from a registry that cannot be reached just now.
package registry
