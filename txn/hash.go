package txn

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/zeebo/xxh3"
)

// HashChunk returns the hash by which order records name a chunk: xxh3-128 over the whole
// record value, prefix included.
func HashChunk(value []byte) Hash128 {
	return Hash128(xxh3.Hash128(value).Bytes())
}

// NextChain returns the link after the order record value.
func NextChain(prev ChainHash, value []byte) ChainHash {
	h := sha256.New()
	h.Write(prev[:])
	h.Write(value)
	var next ChainHash
	h.Sum(next[:0])
	return next
}

// String prints the hash in hexadecimal.
func (h Hash128) String() string { return hex.EncodeToString(h[:]) }

// String prints the link in hexadecimal.
func (c ChainHash) String() string { return hex.EncodeToString(c[:]) }

// HiddenBase is the first hidden row id that a branch gives: base plus the event's ordinal.
// Ids of committed rows are below it, since they are made of the position.
const HiddenBase = int64(1) << 62

// hiddenShift leaves 16 M hidden rows to a transaction.
const hiddenShift = 24

// MapHidden turns the hidden row id that a branch gave into that of the transaction committed at p:
// position·2²⁴ + ordinal. Ids that are final already are returned as they are.
func MapHidden(v int64, p Position) int64 {
	if v < HiddenBase {
		return v
	}
	return int64(p)<<hiddenShift | (v - HiddenBase)
}
