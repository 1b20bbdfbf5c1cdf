// Package applier makes a node follow the log.
package applier
