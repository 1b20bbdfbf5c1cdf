package sqlite

/*
#include "marmot.h"
*/
import "C"

import (
	"encoding/binary"
	"errors"
	"math"

	"marmot/txn"
)

var errFlat = errors.New("flat values end early")

// flatSize returns the bytes that the values take in flat form (see marmot.h).
func flatSize(values []txn.Value) int {
	size := 0
	for i := range values {
		switch values[i].Kind() {
		case txn.KindNull:
			size++
		case txn.KindText, txn.KindBlob:
			size += 5 + len(values[i].Bytes())
		default:
			size += 9
		}
	}
	return size
}

// appendFlat appends the values in flat form.
func appendFlat(dst []byte, values []txn.Value) []byte {
	for i := range values {
		v := &values[i]
		kind := v.Kind()
		dst = append(dst, byte(kind))
		switch kind {
		case txn.KindInteger:
			dst = binary.NativeEndian.AppendUint64(dst, uint64(v.Int64()))
		case txn.KindReal:
			dst = binary.NativeEndian.AppendUint64(dst, math.Float64bits(v.Float64()))
		case txn.KindText, txn.KindBlob:
			dst = binary.NativeEndian.AppendUint32(dst, uint32(len(v.Bytes())))
			dst = append(dst, v.Bytes()...)
		}
	}
	return dst
}

// readFlat reads n values and appends them to dst. They share the bytes of b.
func readFlat(dst []txn.Value, b []byte, n int) (values []txn.Value, rest []byte, err error) {
	for ; n > 0; n-- {
		if len(b) == 0 {
			return dst, b, errFlat
		}
		kind := txn.Kind(b[0])
		if kind == txn.KindNull {
			dst, b = append(dst, txn.Null()), b[1:]
			continue
		}
		if kind == txn.KindInteger || kind == txn.KindReal {
			if len(b) < 9 {
				return dst, b, errFlat
			}
			number := binary.NativeEndian.Uint64(b[1:])
			if kind == txn.KindInteger {
				dst = append(dst, txn.Int(int64(number)))
			} else {
				dst = append(dst, txn.Real(math.Float64frombits(number)))
			}
			b = b[9:]
			continue
		}
		if len(b) < 5 {
			return dst, b, errFlat
		}
		size := 5 + uint64(binary.NativeEndian.Uint32(b[1:]))
		if size > uint64(len(b)) || (kind != txn.KindText && kind != txn.KindBlob) {
			return dst, b, errFlat
		}
		data := b[5:size:size]
		if kind == txn.KindText {
			dst = append(dst, txn.Text(data))
		} else {
			dst = append(dst, txn.Blob(data))
		}
		b = b[size:]
	}
	return dst, b, nil
}

// allocated returns the bytes that the package's C code holds.
func allocated() int64 { return int64(C.marmot_memory()) }

// HeapBytes returns what C code of this process has allocated, SQLite included, and false where the
// C library does not tell.
func HeapBytes() (int64, bool) {
	n := int64(C.marmot_heap())
	return n, n >= 0
}
