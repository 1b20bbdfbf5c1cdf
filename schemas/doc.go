// Package schemas holds table definitions and their versions, the mapping of types
// between MySQL, SQLite and Kafka Connect, and the sort keys that decide equality.
//
// A Catalog is an immutable picture of all definitions at one position; the store
// publishes a new one after each DDL. A History keeps every version there ever was,
// so that any old row event can be decoded.
package schemas
