package schemas

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-mysql-org/go-mysql/client"
)

var recordFrom = flag.String("record", "", "HOST:PORT of a MySQL, root without a password, whose character sets are written into tables")

// TestRecordMultibyte asks MySQL for the characters of its character sets of several bytes, and for their weights, and writes them into
// tables/multibyte.gz.
func TestRecordMultibyte(t *testing.T) {
	if *recordFrom == "" {
		t.Skip("-record names no MySQL")
	}
	c, err := client.Connect(*recordFrom, "root", "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	for _, set := range tableSets {
		r := recorder{t: t, c: c, set: set}
		r.record()
		if _, err := z.Write(r.encode()); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("tables/multibyte.gz", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

type recorder struct {
	t   *testing.T
	c   *client.Conn
	set tableSet
	// runes are the characters by their codes, codes the codes by character.
	runes map[uint32]rune
	codes map[rune]uint32
	// weights are those of the codes, for each collation of the set.
	weights []map[uint32]uint32
}

// candidates are byte strings that may be a character.
func (r *recorder) candidates() [][]byte {
	var list [][]byte
	for a := range 256 {
		list = append(list, []byte{byte(a)})
	}
	if r.set.single() {
		return list
	}
	for a := 0x80; a < 256; a++ {
		for b := 0x30; b < 256; b++ {
			list = append(list, []byte{byte(a), byte(b)})
		}
	}
	if r.set.name == "ujis" || r.set.name == "eucjpms" {
		for a := 0xa1; a < 256; a++ {
			for b := 0xa1; b < 256; b++ {
				list = append(list, []byte{0x8f, byte(a), byte(b)})
			}
		}
	}
	return list
}

func (r *recorder) record() {
	r.runes, r.codes = map[uint32]rune{}, map[rune]uint32{}
	for range r.set.collations {
		r.weights = append(r.weights, map[uint32]uint32{})
	}
	var columns strings.Builder
	for _, name := range r.set.collations {
		fmt.Fprintf(&columns, ", HEX(WEIGHT_STRING(CONVERT(c USING %s) COLLATE %s))", r.set.name, name)
	}
	if r.set.name != "gb18030" {
		for part := range slices.Chunk(r.candidates(), 4096) {
			r.ask(part, "HEX(CONVERT(CONVERT(c USING "+r.set.name+") USING utf32))"+columns.String(), func(b []byte, f []string) {
				code := codeOf(b)
				if f[0] == "" || len(f[0]) > 8 || f[0] == "0000003F" && code != '?' {
					return
				}
				r.runes[code] = rune(parseHex(f[0]))
				r.weigh(code, f[1:])
			})
		}
	}
	var all [][]byte
	last := uint32(0xffff)
	if r.set.name == "gb18030" { // what is above that has no weights of its own
		last = 0x3ffff
	}
	for n := range last + 1 {
		if n < 0xd800 || n > 0xdfff {
			all = append(all, []byte{0, byte(n >> 16), byte(n >> 8), byte(n)})
		}
	}
	for part := range slices.Chunk(all, 4096) {
		expression := "HEX(CONVERT(CONVERT(c USING utf32) USING " + r.set.name + "))"
		if r.set.name == "gb18030" {
			expression += strings.ReplaceAll(columns.String(), "CONVERT(c USING gb18030)", "CONVERT(CONVERT(c USING utf32) USING gb18030)")
		}
		r.ask(part, expression, func(b []byte, f []string) {
			n := codeOf(b)
			if code := uint32(parseHex(f[0])); f[0] != "" && (code != '?' || n == '?') {
				if n < 0x10000 {
					r.codes[rune(n)] = code
				} else if code != gbCode(n-0x10000+gbNumbers) {
					r.t.Fatalf("U+%04X is %x", n, code)
				}
				if r.set.name == "gb18030" {
					if n < 0x10000 {
						r.runes[code] = rune(n)
					}
					r.weigh(code, f[1:])
				}
			}
		})
	}
	r.t.Logf("%s: %d characters, %d from Unicode", r.set.name, len(r.runes), len(r.codes))
}

func (r *recorder) weigh(code uint32, f []string) {
	for i, w := range f {
		if len(w) > 8 {
			r.t.Fatalf("%s: the weight of %x is %s", r.set.collations[i], code, w)
		}
		// The number of bytes is that of the digits: a weight never begins with a zero byte, but for single ones.
		if n := uint32(parseHex(w)); len(weightBytes(nil, n)) != len(w)/2 {
			r.t.Fatalf("%s: the weight of %x is %s", r.set.collations[i], code, w)
		} else if r.set.name == "big5" && code > 0xff {
			continue // what is equal and greater goes by the code, as indexes and comparisons of MySQL have it; its sort does not
		} else if n != code && n != (gb18030Default(r.set.name, code)) {
			r.weights[i][code] = n
		}
	}
}

// gb18030Default is the weight that a code of four bytes has without a table.
func gb18030Default(set string, code uint32) uint32 {
	if n, ok := gbNumber(code); ok && set == "gb18030" && code >= 1<<24 {
		return gbWeight(n)
	}
	return code
}

func (r *recorder) ask(part [][]byte, list string, row func(b []byte, f []string)) {
	var sql strings.Builder
	sql.WriteString("SELECT HEX(c), " + list + " FROM (VALUES ")
	for i, b := range part {
		if i > 0 {
			sql.WriteByte(',')
		}
		sql.WriteString("ROW(x'" + hex.EncodeToString(b) + "')")
	}
	sql.WriteString(") v(c)")
	result, err := r.c.Execute(sql.String())
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range result.Values {
		b, _ := result.GetString(i, 0)
		code, _ := hex.DecodeString(b)
		f := make([]string, len(result.Fields)-1)
		for j := range f {
			f[j], _ = result.GetString(i, j+1)
		}
		row(code, f)
	}
}

func parseHex(s string) uint64 {
	n, _ := strconv.ParseUint(s, 16, 64)
	return n
}

func codeOf(b []byte) uint32 {
	n := uint32(0)
	for _, x := range b {
		n = n<<8 | uint32(x)
	}
	return n
}

// encode is the set as multibyteTables reads it.
func (r *recorder) encode() []byte {
	var out []byte
	pairs := func(m map[uint32]uint32) {
		keys := make([]uint32, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		out = binary.AppendUvarint(out, uint64(len(keys)))
		key, value := int64(0), int64(0)
		for _, k := range keys {
			out = binary.AppendUvarint(out, uint64(int64(k)-key))
			out = binary.AppendVarint(out, int64(m[k])-value)
			key, value = int64(k), int64(m[k])
		}
	}
	runes, extra := map[uint32]uint32{}, map[uint32]uint32{}
	best := map[rune]uint32{}
	for code, n := range r.runes {
		runes[code] = uint32(n)
		if old, ok := best[n]; !ok || code < old {
			best[n] = code
		}
	}
	for n, code := range r.codes {
		if best[n] != code {
			extra[uint32(n)] = code
		}
	}
	for n := range best {
		if _, ok := r.codes[n]; !ok {
			extra[uint32(n)] = noCode
		}
	}
	pairs(runes)
	pairs(extra)
	for _, w := range r.weights {
		pairs(w)
	}
	return out
}
