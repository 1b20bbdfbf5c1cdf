package ledger

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// rows is the small state as it is stored: what control records set, each thing a row with a
// name and a value. The typed maps of Ledger are views of it.
type rows struct {
	values map[string][]byte // a name begins with the kind
	dirty  map[string]bool   // since the last delta
	sum    sum
	bytes  int // of names and values
}

func newRows() rows {
	return rows{values: make(map[string][]byte), dirty: make(map[string]bool)}
}

func rowElement(name string, value []byte) []byte {
	b := make([]byte, 0, len(name)+len(value)+binary.MaxVarintLen64)
	b = binary.AppendUvarint(b, uint64(len(name)))
	b = append(b, name...)
	return append(b, value...)
}

// put sets a row. The value belongs to rows afterwards.
func (r *rows) put(name string, value []byte) {
	if old, found := r.values[name]; found {
		if bytes.Equal(old, value) {
			return
		}
		r.sum.remove(rowElement(name, old))
		r.bytes -= len(name) + len(old)
	}
	r.values[name] = value
	r.sum.add(rowElement(name, value))
	r.bytes += len(name) + len(value)
	r.dirty[name] = true
}

// remove takes a row away, if it is there.
func (r *rows) remove(name string) {
	old, found := r.values[name]
	if !found {
		return
	}
	r.sum.remove(rowElement(name, old))
	r.bytes -= len(name) + len(old)
	delete(r.values, name)
	r.dirty[name] = true
}

// names returns the names of the rows of one kind, sorted.
func (r *rows) names(kind byte) []string {
	var names []string
	for name := range r.values {
		if name[0] == kind {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// numberName makes the name of a row from its kind and a number, so that names sort as numbers do.
func numberName(kind byte, parts ...uint64) string {
	b := []byte{kind}
	for _, n := range parts {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return string(b)
}

func textName(kind byte, text string) string { return string([]byte{kind}) + text }
