package txn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
)

func testEvents() []RowEvent {
	row := []Value{Int(-5), Real(math.Copysign(0, -1)), TextString("naïve"), Blob([]byte{0, 255}), Null(), TextString("")}
	changed := append([]Value(nil), row...)
	changed[2] = TextString("new")
	changed[4] = Int(math.MinInt64)
	return []RowEvent{
		{Ordinal: 0, Table: 5, Version: 6, Op: Insert, After: row},
		{Ordinal: 1, Table: 5, Version: 6, Op: Update, Before: row, After: changed},
		{Ordinal: 1 << 40, Table: 1 << 50, Version: 1 << 51, Op: Delete, Before: changed},
		{Ordinal: 3, Table: 5, Version: 6, Op: Insert, After: []Value{Blob(bytes.Repeat([]byte{7}, 200))}},
		{Ordinal: 4, Table: 5, Version: 6, Op: Insert, After: []Value{Blob(bytes.Repeat([]byte{7}, 20_000))}},
		{Ordinal: 5, Table: 5, Version: 6, Op: Insert, After: []Value{Real(math.NaN()), Real(math.Inf(1))}},
	}
}

func equalImages(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

func equalEvents(a, b *RowEvent) bool {
	return a.Ordinal == b.Ordinal && a.Table == b.Table && a.Version == b.Version && a.Op == b.Op &&
		equalImages(a.Before, b.Before) && equalImages(a.After, b.After)
}

func TestRowEventsFollowOneAnother(t *testing.T) {
	var b []byte
	events := testEvents()
	for i := range events {
		b = AppendRowEvent(b, &events[i])
	}
	golden(t, "rowevents", b[:600])
	for i := range events {
		length, err := RowEventLength(b)
		if err != nil {
			t.Fatal(err)
		}
		e, rest, err := ReadRowEvent(b)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(b)-len(rest)) != length {
			t.Errorf("event %d: length %d, took %d", i, length, len(b)-len(rest))
		}
		if !equalEvents(&e, &events[i]) {
			t.Errorf("event %d: got %+v, want %+v", i, e, events[i])
		}
		b = rest
	}
	if len(b) != 0 {
		t.Errorf("%d bytes left", len(b))
	}
}

func TestUnchangedColumnsOfAnUpdateTakeOneByte(t *testing.T) {
	row := []Value{Int(1), Blob(make([]byte, 1000))}
	after := []Value{Int(2), row[1]}
	b := AppendRowEvent(nil, &RowEvent{Op: Update, Before: row, After: after})
	if len(b) > 1030 {
		t.Errorf("update of one number beside 1000 bytes takes %d bytes", len(b))
	}
}

func TestEventCutOffIsDamage(t *testing.T) {
	for _, event := range testEvents()[:4] {
		whole := AppendRowEvent(nil, &event)
		for n := range whole {
			if _, _, err := ReadRowEvent(whole[:n]); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%d of %d bytes: got %v", n, len(whole), err)
			}
			// The same bytes with a length that fits them.
			if n > 2 {
				_, prefix := binary.Uvarint(whole)
				short := append(binary.AppendUvarint(nil, uint64(n-prefix)), whole[prefix:n]...)
				if _, _, err := ReadRowEvent(short); !errors.Is(err, ErrCorrupt) {
					t.Fatalf("%d of %d bytes, length mended: got %v", n, len(whole), err)
				}
			}
		}
	}
}

func TestHiddenRowIDsAreMapped(t *testing.T) {
	for _, c := range []struct {
		v    int64
		p    Position
		want int64
	}{
		{HiddenBase, 5, 5 << 24},
		{HiddenBase + 3, 5, 5<<24 | 3},
		{HiddenBase + 1<<24 - 1, 1, 1<<25 - 1},
		{7<<24 | 2, 9, 7<<24 | 2},
		{-1, 9, -1},
	} {
		if got := MapHidden(c.v, c.p); got != c.want {
			t.Errorf("MapHidden(%d, %d) = %d, want %d", c.v, c.p, got, c.want)
		}
	}
}

func TestUUIDPrintsAndParses(t *testing.T) {
	u, err := NewUUID(bytes.NewReader(make([]byte, 16)))
	if err != nil {
		t.Fatal(err)
	}
	if got := u.String(); got != "00000000-0000-4000-8000-000000000000" {
		t.Errorf("got %s", got)
	}
	v := testUUID(0xa0)
	if got, err := ParseUUID(v.String()); err != nil || got != v {
		t.Errorf("got %s, %v; want %s", got, err, v)
	}
	for _, bad := range []string{"", v.String() + "0", "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeag", "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"} {
		if _, err := ParseUUID(bad); err == nil {
			t.Errorf("%q parsed", bad)
		}
	}
}

func TestHashesAreThoseOfTheFormat(t *testing.T) {
	// xxh3-128 of the empty string, and SHA-256 of 32 zero bytes.
	if got := HashChunk(nil).String(); got != "99aa06d3014798d86001c324468d497f" {
		t.Errorf("HashChunk = %s", got)
	}
	if got := NextChain(ChainHash{}, nil).String(); got != "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925" {
		t.Errorf("NextChain = %s", got)
	}
}

func BenchmarkAppendRowEvent(b *testing.B) {
	events := testEvents()
	var dst []byte
	for b.Loop() {
		dst = AppendRowEvent(dst[:0], &events[1])
	}
}

func BenchmarkReadRowEvent(b *testing.B) {
	events := testEvents()
	bytes := AppendRowEvent(nil, &events[1])
	for b.Loop() {
		if _, _, err := ReadRowEvent(bytes); err != nil {
			b.Fatal(err)
		}
	}
}
