package binlog

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// The types of values in MySQL's binary JSON.
const (
	jsonSmallObject = 0x00
	jsonLargeObject = 0x01
	jsonSmallArray  = 0x02
	jsonLargeArray  = 0x03
	jsonLiteral     = 0x04
	jsonInt16       = 0x05
	jsonInt32       = 0x07
	jsonInt64       = 0x09
	jsonUint64      = 0x0a
	jsonDouble      = 0x0b
	jsonString      = 0x0c
)

// jsonNode is an encoded value. Offsets within it count from its own beginning, so it can be put anywhere.
type jsonNode struct {
	kind byte
	data []byte
}

// appendJSON writes a document, given in MySQL's normal form, as MySQL stores it.
func appendJSON(dst, text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	node, err := readJSON(d)
	if err != nil {
		return dst, fmt.Errorf("JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return dst, fmt.Errorf("JSON: something follows the document")
	}
	return append(append(dst, node.kind), node.data...), nil
}

// readJSON encodes the next value. Documents are at most 100 levels deep.
func readJSON(d *json.Decoder) (jsonNode, error) {
	token, err := d.Token()
	if err != nil {
		return jsonNode{}, err
	}
	switch v := token.(type) {
	case nil:
		return jsonNode{jsonLiteral, []byte{0}}, nil
	case bool:
		if v {
			return jsonNode{jsonLiteral, []byte{1}}, nil
		}
		return jsonNode{jsonLiteral, []byte{2}}, nil
	case json.Number:
		return jsonNumber(string(v))
	case string:
		return jsonNode{jsonString, append(appendVariable(nil, len(v)), v...)}, nil
	case json.Delim:
		return readContainer(d, v == '{')
	}
	return jsonNode{}, fmt.Errorf("unknown token %v", token)
}

// jsonNumber encodes a number: one with a point or an exponent is a double, a positive one of more than 32 bits has no sign, as MySQL reads them.
func jsonNumber(text string) (jsonNode, error) {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n <= math.MaxUint32 {
			switch {
			case n >= math.MinInt16 && n <= math.MaxInt16:
				return jsonNode{jsonInt16, binary.LittleEndian.AppendUint16(nil, uint16(n))}, nil
			case n >= math.MinInt32 && n <= math.MaxInt32:
				return jsonNode{jsonInt32, binary.LittleEndian.AppendUint32(nil, uint32(n))}, nil
			}
			return jsonNode{jsonInt64, binary.LittleEndian.AppendUint64(nil, uint64(n))}, nil
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return jsonNode{jsonUint64, binary.LittleEndian.AppendUint64(nil, n)}, nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	return jsonNode{jsonDouble, binary.LittleEndian.AppendUint64(nil, math.Float64bits(f))}, err
}

// appendVariable writes a length in groups of seven bits.
func appendVariable(dst []byte, n int) []byte {
	for n >= 0x80 {
		dst = append(dst, byte(n)|0x80)
		n >>= 7
	}
	return append(dst, byte(n))
}

// readContainer encodes an array or object whose opening has been read.
func readContainer(d *json.Decoder, object bool) (jsonNode, error) {
	var keys []string
	var values []jsonNode
	for d.More() {
		if object {
			token, err := d.Token()
			if err != nil {
				return jsonNode{}, err
			}
			key, _ := token.(string)
			keys = append(keys, key)
		}
		v, err := readJSON(d)
		if err != nil {
			return jsonNode{}, err
		}
		values = append(values, v)
	}
	if _, err := d.Token(); err != nil {
		return jsonNode{}, err
	}
	kind := byte(jsonSmallArray)
	if object {
		kind = jsonSmallObject
	}
	if data, ok := appendContainer(keys, values, object, false); ok {
		return jsonNode{kind, data}, nil
	}
	data, _ := appendContainer(keys, values, object, true)
	return jsonNode{kind + 1, data}, nil
}

// appendContainer writes count, size, the entries of keys and values, and what does not fit into an entry. It fails if
// something is beyond what two bytes can say and large is false.
func appendContainer(keys []string, values []jsonNode, object, large bool) ([]byte, bool) {
	width := 2
	put := func(b []byte, n int) []byte { return binary.LittleEndian.AppendUint16(b, uint16(n)) }
	if large {
		width = 4
		put = func(b []byte, n int) []byte { return binary.LittleEndian.AppendUint32(b, uint32(n)) }
	}
	at := 2*width + len(values)*(1+width)
	if object {
		at += len(keys) * (width + 2)
	}
	var entries, rest []byte
	for _, key := range keys {
		entries = binary.LittleEndian.AppendUint16(put(entries, at+len(rest)), uint16(len(key)))
		rest = append(rest, key...)
	}
	for _, v := range values {
		entries = append(entries, v.kind)
		if v.kind == jsonLiteral || v.kind == jsonInt16 || v.kind == jsonInt32 && large {
			entries = appendInlined(entries, v, width)
			continue
		}
		entries = put(entries, at+len(rest))
		rest = append(rest, v.data...)
		if !large && at+len(rest) > math.MaxUint16 {
			return nil, false
		}
	}
	size := at + len(rest)
	if !large && (size > math.MaxUint16 || len(values) > math.MaxUint16) {
		return nil, false
	}
	b := put(put(make([]byte, 0, size), len(values)), size)
	return append(append(b, entries...), rest...), true
}

// appendInlined writes a small value in place of its offset; integers keep their sign.
func appendInlined(entries []byte, v jsonNode, width int) []byte {
	fill := byte(0)
	if v.kind != jsonLiteral && int8(v.data[len(v.data)-1]) < 0 {
		fill = 0xff
	}
	entries = append(entries, v.data...)
	for range width - len(v.data) {
		entries = append(entries, fill)
	}
	return entries
}
