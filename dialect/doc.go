// Package dialect turns MySQL text into plans.
//
// The way of a statement: an own tokeniser finds the fingerprint (the text without its literals);
// the plan cache knows the plan of a fingerprint under a context; only a miss is parsed
// (vitess's sqlparser), resolved against the catalog, typed by MySQL's rules and compiled to
// SQLite statements. MySQL's semantics live in the plan and in the functions and collations that
// the package gives to SQLite (Extensions).
//
// The package does no I/O: plans run through an Executor and ask their session through an
// Environment, both given by the caller.
package dialect
