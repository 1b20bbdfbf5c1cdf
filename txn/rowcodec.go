package txn

import (
	"encoding/binary"
	"math"
)

// unchanged stands in the after image of an update for "the value of the same column before".
const unchanged = 0

// AppendRowEvent appends the flat bytes of an event to dst. They are part of the
// format of chunks and never change:
//
//	uvarint  length of the rest
//	byte     op: 1 insert, 2 update, 3 delete
//	uvarint  ordinal
//	uvarint  table
//	uvarint  version
//	image    before (update, delete)
//	image    after (insert, update)
//
// An image is an uvarint number of values and the values. A value is a byte, its storage
// class (1 integer, 2 real, 3 text, 4 blob, 5 null), and then a zigzag varint, eight bytes
// big-endian IEEE 754, or an uvarint length and the bytes. In the after image of an update the class 0,
// with nothing after it, says that the column is as before. Images that the op does not have are left out.
func AppendRowEvent(dst []byte, e *RowEvent) []byte {
	// The length is written into a gap that is large enough for most events, and
	// the rest moves when it is not.
	const gap = 2
	start := len(dst)
	dst = append(dst, make([]byte, gap)...)
	dst = append(dst, byte(e.Op))
	dst = binary.AppendUvarint(dst, e.Ordinal)
	dst = binary.AppendUvarint(dst, uint64(e.Table))
	dst = binary.AppendUvarint(dst, uint64(e.Version))
	if e.Op != Insert {
		dst = appendImage(dst, e.Before, nil)
	}
	if e.Op != Delete {
		var before []Value
		if e.Op == Update {
			before = e.Before
		}
		dst = appendImage(dst, e.After, before)
	}
	var length [binary.MaxVarintLen64]byte
	size := len(dst) - start - gap
	n := binary.PutUvarint(length[:], uint64(size))
	if n > gap {
		dst = append(dst, length[:n-gap]...)
	}
	copy(dst[start+n:], dst[start+gap:start+gap+size])
	copy(dst[start:], length[:n])
	return dst[:start+n+size]
}

func appendImage(dst []byte, image, before []Value) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(image)))
	for i := range image {
		v := &image[i]
		if i < len(before) && v.Equal(before[i]) {
			dst = append(dst, unchanged)
			continue
		}
		dst = AppendValue(dst, *v)
	}
	return dst
}

// AppendValue appends the flat bytes of one value, as AppendRowEvent describes them.
func AppendValue(dst []byte, v Value) []byte {
	kind := v.Kind()
	dst = append(dst, byte(kind))
	switch kind {
	case KindInteger:
		dst = binary.AppendVarint(dst, v.Int64())
	case KindReal:
		dst = binary.BigEndian.AppendUint64(dst, v.num)
	case KindText, KindBlob:
		dst = binary.AppendUvarint(dst, uint64(len(v.data)))
		dst = append(dst, v.data...)
	}
	return dst
}

// ReadRowEvent reads the first event of b and returns what follows it. The event's text and
// blob values share b. Damage is ErrCorrupt; an event that is cut off at the end of b is damage
// too (whoever joins parts of a chunk asks RowEventLength first).
func ReadRowEvent(b []byte) (e RowEvent, rest []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return RowEvent{}, nil, corrupt("row event that ends too early")
	}
	rest = b[n+int(size):]
	r := flatReader{b: b[n : n+int(size)]}
	e.Op = Op(r.byte())
	e.Ordinal = r.uvarint()
	e.Table = TableID(r.uvarint())
	e.Version = Position(r.uvarint())
	if e.Op < Insert || e.Op > Delete {
		return RowEvent{}, nil, corrupt("row event of kind %d", e.Op)
	}
	if e.Op != Insert {
		e.Before = r.image(nil)
	}
	if e.Op != Delete {
		e.After = r.image(e.Before)
	}
	if r.bad || len(r.b) != 0 {
		return RowEvent{}, nil, corrupt("row event %d of table %d", e.Ordinal, e.Table)
	}
	return e, rest, nil
}

// RowEventLength returns how many bytes the first event of b takes in all, or 0 if b is too
// short to tell. The event itself may be longer than b.
func RowEventLength(b []byte) (int64, error) {
	size, n := binary.Uvarint(b)
	switch {
	case n == 0:
		return 0, nil
	case n < 0 || size > math.MaxInt32:
		return 0, corrupt("row event of more than 2 GiB")
	}
	return int64(size) + int64(n), nil
}

// ReadValue reads the first value of b, as AppendValue wrote it, and returns what follows it.
// Text and blob bytes share b.
func ReadValue(b []byte) (v Value, rest []byte, err error) {
	r := flatReader{b: b}
	v = r.value(nil)
	if r.bad {
		return Value{}, nil, corrupt("value")
	}
	return v, r.b, nil
}

// flatReader reads forward; after damage it reads zeros and bad is set.
type flatReader struct {
	b   []byte
	bad bool
}

func (r *flatReader) fail() {
	r.bad = true
	r.b = nil
}

func (r *flatReader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *flatReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *flatReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// image reads values; each takes a byte at least, which bounds what a damaged count allocates.
func (r *flatReader) image(before []Value) []Value {
	count := r.uvarint()
	if count > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	image := make([]Value, count)
	for i := range image {
		var same *Value
		if i < len(before) {
			same = &before[i]
		}
		image[i] = r.value(same)
		if r.bad {
			return nil
		}
	}
	return image
}

func (r *flatReader) value(same *Value) Value {
	switch kind := r.byte(); Kind(kind) {
	case unchanged:
		if same == nil {
			r.fail()
			return Value{}
		}
		return *same
	case KindInteger:
		n, size := binary.Varint(r.b)
		if size <= 0 {
			r.fail()
			return Value{}
		}
		r.b = r.b[size:]
		return Int(n)
	case KindReal:
		bits := r.take(8)
		if bits == nil {
			return Value{}
		}
		return Value{kind: KindReal, num: binary.BigEndian.Uint64(bits)}
	case KindText:
		return Text(r.take(r.uvarint()))
	case KindBlob:
		return Blob(r.take(r.uvarint()))
	case KindNull:
		return Null()
	}
	r.fail()
	return Value{}
}
