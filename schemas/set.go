package schemas

import (
	"bytes"
	"slices"
	"strings"
)

// SetBits returns the bits of a SET's stored members.
func SetBits(t Type, text []byte) (uint64, bool) {
	if len(text) == 0 {
		return 0, true
	}
	var bits uint64
	for more := true; more; {
		var one []byte
		one, text, more = bytes.Cut(text, []byte{','})
		n := slices.IndexFunc(t.Members, func(m string) bool { return m == string(one) })
		if n < 0 {
			return 0, false
		}
		bits |= 1 << n
	}
	return bits, true
}

// SetText is the stored form of a SET with the given bits: what MySQL shows, unless that does not tell of the empty member.
func SetText(t Type, bits uint64) string {
	shown := shownSet(t, bits)
	if !t.HasEmptyMember() {
		return shown
	}
	if told, ok := SetBits(t, []byte(shown)); ok && told == bits {
		return shown
	}
	var list []string
	for i, m := range t.Members {
		if bits&(1<<i) != 0 {
			list = append(list, m)
		}
	}
	if len(list) == 1 {
		return "," // the empty member alone
	}
	return strings.Join(list, ",")
}

// shownSet joins the members as MySQL does: no comma goes before the first that is not empty.
func shownSet(t Type, bits uint64) string {
	var b strings.Builder
	for i, m := range t.Members {
		if bits&(1<<i) != 0 {
			if b.Len() > 0 {
				b.WriteByte(',')
			}
			b.WriteString(m)
		}
	}
	return b.String()
}

// HasEmptyMember reports whether the empty string is a member of a SET, whose stored form is then not always what is shown.
func (t Type) HasEmptyMember() bool { return t.Kind == Set && slices.Contains(t.Members, "") }

// ShownSet is a stored SET as clients see it.
func ShownSet(t Type, stored []byte) []byte {
	if !t.HasEmptyMember() {
		return stored
	}
	bits, ok := SetBits(t, stored)
	if !ok {
		return stored
	}
	return []byte(shownSet(t, bits))
}
