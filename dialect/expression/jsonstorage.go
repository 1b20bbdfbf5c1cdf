package expression

import (
	"bytes"
	"math"
	"strconv"

	"marmot/txn"
)

// Sizes in MySQL's binary JSON: of counts, offsets and value entries in small containers, which are at most 64 KiB, and large ones.
const (
	smallOffset  = 2
	largeOffset  = 4
	largestSmall = 1<<16 - 1
)

// storageSize is the size of a document's value in MySQL's binary form, its type's byte left out. large reports whether a container
// in it needs large offsets, so that those around it do too.
func storageSize(n *node) (size int, large bool) {
	switch n.kind {
	case jsonNumber:
		return numberSize(n.text), false
	case jsonString:
		length := len(n.text)
		for v := length; ; v >>= 7 {
			length++
			if v < 128 {
				return length, false
			}
		}
	case jsonArray, jsonObject:
		if size, fits := containerSize(n, smallOffset); fits {
			return size, false
		}
		size, _ := containerSize(n, largeOffset)
		return size, true
	}
	return 1, false // null, true, false
}

// numberSize is the size of a number: the least integer type that holds it, or a double.
func numberSize(text []byte) int {
	if bytes.ContainsAny(text, ".eE") {
		return 8
	}
	if i, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		switch {
		case i >= math.MinInt16 && i <= math.MaxInt16:
			return 2
		case i >= math.MinInt32 && i <= math.MaxInt32:
			return 4
		}
	}
	return 8
}

// containerSize is the size of an array or object with offsets of the given size; false if it does not fit them.
func containerSize(n *node, offset int) (int, bool) {
	size := 2 * offset
	add := func(v *node) bool {
		own, large := storageSize(v)
		size += 1 + offset
		if !inlined(v, own, offset) {
			size += own
		}
		return !large || offset == largeOffset
	}
	for _, v := range n.items {
		if !add(v) {
			return 0, false
		}
	}
	for _, m := range n.members {
		size += offset + 2 + len(m.key)
		if !add(m.value) {
			return 0, false
		}
	}
	return size, size <= largestSmall || offset == largeOffset
}

// inlined reports whether a value stands in its entry, where its offset would.
func inlined(v *node, size, offset int) bool {
	switch v.kind {
	case jsonNull, jsonBool:
		return true
	case jsonNumber:
		return size <= offset
	}
	return false
}

// jsonStorageSize is JSON_STORAGE_SIZE: what MySQL would need for the document.
func jsonStorageSize(_ *runtime, args []txn.Value) (txn.Value, error) {
	n, err := document(args[0], 1, "json_storage_size")
	if err != nil {
		return txn.Null(), err
	}
	size, _ := storageSize(n)
	return txn.Int(int64(size) + 1), nil
}
