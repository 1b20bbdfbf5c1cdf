package txn

import "errors"

// Errors of decoding. ErrForeign marks a record that Marmot did not write: it is
// counted and ignored. All others stop the node, for a record must never be skipped.
var (
	ErrForeign = errors.New("record was not written by marmot")
	ErrCorrupt = errors.New("record is damaged")
	ErrFuture  = errors.New("record has a type or version that this release does not know")
)
