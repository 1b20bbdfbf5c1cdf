package session

import (
	"encoding/binary"
	"slices"
	"strings"

	"marmot/txn"
)

// intervals are numbers of transactions, [first, end), ascending.
type intervals []interval

type interval struct{ first, end txn.Position }

// skip returns the first position from p on that is in none.
func (l intervals) skip(p txn.Position) txn.Position {
	for _, i := range l {
		if p >= i.first && p < i.end {
			p = i.end
		}
	}
	return p
}

func (l intervals) contains(p txn.Position) bool { return l.skip(p) != p }

func (l intervals) text() string {
	var b strings.Builder
	for n, i := range l {
		if n > 0 {
			b.WriteByte(':')
		}
		b.WriteString(i.first.String())
		if i.end > i.first+1 {
			b.WriteString("-" + (i.end - 1).String())
		}
	}
	return b.String()
}

// errMalformedSet is a GTID set that a replica has encoded wrongly.
func errMalformedSet() error { return replicationError("Malformed GTID set") }

// parseSet reads an encoded GTID set: for each source its uuid and its intervals.
func parseSet(b []byte) (map[txn.UUID]intervals, error) {
	set := map[txn.UUID]intervals{}
	number := func() (uint64, bool) {
		if len(b) < 8 {
			return 0, false
		}
		n := binary.LittleEndian.Uint64(b)
		b = b[8:]
		return n, true
	}
	sources, ok := number()
	if !ok || sources > uint64(len(b)) {
		return nil, errMalformedSet()
	}
	for range sources {
		if len(b) < len(txn.UUID{}) {
			return nil, errMalformedSet()
		}
		id := txn.UUID(b[:16])
		b = b[16:]
		n, ok := number()
		if !ok || n > uint64(len(b))/16 {
			return nil, errMalformedSet()
		}
		for range n {
			first, _ := number()
			end, _ := number()
			if first == 0 || end <= first {
				return nil, errMalformedSet()
			}
			set[id] = append(set[id], interval{txn.Position(first), txn.Position(end)})
		}
	}
	return set, nil
}

func setText(set map[txn.UUID]intervals) string {
	var list []string
	for id, l := range set {
		list = append(list, id.String()+":"+l.text())
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}
