package debezium

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
)

// recordSize is EnforceRecordSize: texts and bytes of events that are too large are cut, each by its share.
type recordSize struct {
	limit    int
	ratio    float64
	smallest int // what is no longer is not cut
}

func newRecordSize(p *propertyReader, _ func(string)) Transform {
	p.required("max.bytes")
	r := recordSize{limit: p.number("max.bytes", 1), smallest: p.number("min.field.size", 25000)}
	var err error
	if r.ratio, err = strconv.ParseFloat(p.text("compression.ratio", "1.0"), 64); err != nil || !(r.ratio > 0) {
		p.fail("compression.ratio", "want a positive number")
	}
	if r.limit <= 0 {
		p.fail("max.bytes", "want a positive number")
	}
	if r.smallest < 0 {
		p.fail("min.field.size", "must not be negative")
	}
	return transformFunc(r.apply)
}

// The sizes of Debezium's ApproximateStructSizeCalculator.
const (
	structSize    = 56
	textSize      = 56
	bytesSize     = 24
	arraySize     = 64
	mapSize       = 88
	primitiveSize = 24
	referenceSize = 8
	// originSize is that of the partition and the offset of a record of the MySQL connector: 100 bytes for each of server; server_id, gtids,
	// file, pos, event, ts_sec.
	originSize = 700
)

// sizeOf estimates a value.
func sizeOf(s *Schema, v any) int {
	switch s.Kind {
	case KindString:
		if text, ok := v.(string); ok {
			return textSize + len(text)
		}
		return 0
	case KindBytes:
		if b, ok := v.([]byte); ok {
			return bytesSize + len(b)
		}
		return 0
	case KindStruct, KindArray, KindMap:
		list, ok := v.([]any)
		if !ok {
			return 0
		}
		return compositeSize(s, list)
	}
	return primitiveSize
}

// compositeSize estimates a struct, an array or a map.
func compositeSize(s *Schema, list []any) int {
	size := map[Kind]int{KindStruct: structSize, KindArray: arraySize, KindMap: mapSize}[s.Kind]
	for i, v := range list {
		switch s.Kind {
		case KindStruct:
			size += referenceSize + sizeOf(s.Fields[i].Schema, v)
		case KindArray:
			size += referenceSize + sizeOf(s.Items, v)
		case KindMap:
			pair := v.([]any)
			size += 2*referenceSize + sizeOf(plainText, pair[0]) + sizeOf(s.Items, pair[1])
		}
	}
	return size
}

// apply cuts before and after.
func (r recordSize) apply(m Message) (Message, bool, error) {
	row, ok := m.Value.Value.([]any)
	if !ok || m.Value.Schema.Kind != KindStruct {
		return m, true, nil
	}
	size := originSize + 100*len(m.Headers) + 8 + compositeSize(m.Value.Schema, row) + len(m.Topic)
	if m.Key.Schema != nil {
		size += sizeOf(m.Key.Schema, m.Key.Value)
	}
	excess := int(math.Ceil(float64(size)*r.ratio)) - r.limit
	if excess <= 0 {
		return m, true, nil
	}
	before, _ := m.Value.get("before")
	after, _ := m.Value.get("after")
	ofBefore, ofAfter := r.cuttable(before), r.cuttable(after)
	total := ofBefore + ofAfter
	if total == 0 {
		return m, true, nil
	}
	row = slices.Clone(row)
	for name, part := range map[string]struct {
		row   Datum
		bytes int
	}{"before": {before, ofBefore}, "after": {after, ofAfter}} {
		if part.bytes > 0 {
			share := int(math.Ceil(float64(part.bytes) / float64(total) * float64(excess)))
			row[m.Value.Schema.index(name)] = r.cut(part.row, part.bytes, share)
		}
	}
	m.Value.Value = row
	return m, true, nil
}

// length is that of a text in UTF-16 or of bytes, if it is long enough to be cut; 0 of all else.
func (r recordSize) length(v any) int {
	n := 0
	switch v := v.(type) {
	case string:
		n = len(utf16.Encode([]rune(v)))
	case []byte:
		n = len(v)
	}
	if n <= r.smallest {
		return 0
	}
	return n
}

// cuttable is how much of a row may be cut.
func (r recordSize) cuttable(d Datum) (n int) {
	row, ok := d.Value.([]any)
	if !ok || d.Schema.Kind != KindStruct {
		return 0
	}
	for i, v := range row {
		if f := d.Schema.Fields[i].Schema; f.Name != decimalName {
			n += r.length(Datum{f, v}.orDefault())
		}
	}
	return n
}

// cut takes so much of a row.
func (r recordSize) cut(d Datum, total, excess int) []any {
	row := slices.Clone(d.Value.([]any))
	for i := range row {
		f := d.Schema.Fields[i].Schema
		v := Datum{f, row[i]}.orDefault()
		n := r.length(v)
		if n == 0 || f.Name == decimalName {
			continue
		}
		keep := max(0, n-int(math.Ceil(float64(n)/float64(total)*float64(excess))))
		switch v := v.(type) {
		case string:
			row[i] = string(utf16.Decode(utf16.Encode([]rune(v))[:keep]))
		case []byte:
			row[i] = v[:keep:keep]
		}
	}
	return row
}
