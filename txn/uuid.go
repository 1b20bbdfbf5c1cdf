package txn

import (
	"encoding/hex"
	"fmt"
	"io"
)

// NewUUID makes a random UUID (version 4, RFC 9562).
func NewUUID(random io.Reader) (UUID, error) {
	var u UUID
	if _, err := io.ReadFull(random, u[:]); err != nil {
		return UUID{}, fmt.Errorf("new uuid: %w", err)
	}
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u, nil
}

// ParseUUID reads what UUID.String prints; upper case is accepted.
func ParseUUID(s string) (UUID, error) {
	var u UUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return UUID{}, badUUID(s)
	}
	digits := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(u[:], []byte(digits)); err != nil {
		return UUID{}, badUUID(s)
	}
	return u, nil
}

func badUUID(s string) error {
	return fmt.Errorf("uuid %q: want 32 hexadecimal digits as 8-4-4-4-12", s)
}
