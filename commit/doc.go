// Package commit is the origin's side of a transaction.
package commit
