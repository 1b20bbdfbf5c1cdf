package schemas

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"time"

	"marmot/txn"
)

// keyColumn is one column of PARTITION BY KEY: bytes are those of a value as MySQL keeps it in a row, which it hashes.
type keyColumn struct {
	place int
	bytes func(v txn.Value) (b []byte, ok bool)
}

// readKeys finds the columns: those of KEY (…), or of the primary key. It reports false where one is of a type whose bytes are not known here.
func (p *RowPartition) readKeys(def *Table, from *Partitioning) bool {
	columns, ok := def.ColumnIndexes(from.Columns)
	if len(from.Columns) == 0 && def.Primary != nil {
		columns, ok = nil, true
		for _, part := range def.Primary.Parts {
			columns = append(columns, part.Column)
		}
	}
	for _, i := range columns {
		k := keyColumn{i, keptBytes(def.Columns[i].Type)}
		if k.bytes == nil {
			return false
		}
		p.keys = append(p.keys, k)
	}
	return ok && len(p.keys) > 0
}

// keptBytes returns how MySQL keeps values of a type in a row; nil where that is not known.
func keptBytes(t Type) func(v txn.Value) ([]byte, bool) {
	width := map[Kind]int{TinyInt: 1, SmallInt: 2, MediumInt: 3, Int: 4, BigInt: 8}[t.Kind]
	switch {
	case width > 0:
		return func(v txn.Value) ([]byte, bool) {
			n, ok := uint64(0), true
			if v.Kind() == txn.KindInteger {
				n = uint64(v.Int64())
			} else {
				n, ok = parseUnsigned(v.Bytes())
			}
			return inLatinOrder(binary.LittleEndian.AppendUint64(nil, n)[:width]), ok
		}
	case t.Kind == Date:
		return func(v txn.Value) ([]byte, bool) {
			at, err := time.Parse(time.DateOnly, string(v.Bytes()))
			n := uint32(at.Day() + int(at.Month())*32 + at.Year()*512)
			return inLatinOrder(binary.LittleEndian.AppendUint32(nil, n)[:3]), err == nil
		}
	case t.Kind == DateTime:
		return func(v txn.Value) ([]byte, bool) { return keptDateTime(string(v.Bytes()), t.Decimals) }
	case t.Kind == VarBinary:
		return func(v txn.Value) ([]byte, bool) { return v.Bytes(), true }
	case (t.Kind == VarChar || t.Kind == Char) && strings.HasSuffix(t.Collation, "_bin") && t.Collation != "utf8mb4_0900_bin":
		unicode := strings.HasPrefix(t.Charset, "utf8")
		return func(v txn.Value) ([]byte, bool) {
			ascii := !slices.ContainsFunc(v.Bytes(), func(b byte) bool { return b >= 0x80 })
			return bytes.TrimRight(v.Bytes(), " "), unicode || ascii && t.Charset != "ucs2" && !strings.HasPrefix(t.Charset, "utf16") && t.Charset != "utf32"
		}
	}
	return nil
}

// inLatinOrder is what MySQL hashes of an integer or a date: it takes the bytes for letters of latin1_swedish_ci, without blanks at the end.
func inLatinOrder(b []byte) []byte {
	// The weights from C0 on; those from E0 on differ in two places.
	const upper = "AAAA\x5C[\x5CCEEEEIIIIDNOOOO]\xD7\xD8UUUYY\xDE\xDF"
	b = bytes.TrimRight(b, " ")
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z':
			b[i] = c - 'a' + 'A'
		case c == 0xF7 || c == 0xFF: // the division sign, and ÿ
		case c >= 0xC0:
			b[i] = upper[c&0x1F]
		}
	}
	return b
}

// keptDateTime packs a date with a time: five bytes, and one for two digits of the fraction.
func keptDateTime(text string, decimals int) ([]byte, bool) {
	at, err := time.Parse("2006-01-02 15:04:05.999999", text)
	if err != nil {
		return nil, false
	}
	day := uint64(at.Year()*13+int(at.Month()))<<5 | uint64(at.Day())
	clock := uint64(at.Hour())<<12 | uint64(at.Minute())<<6 | uint64(at.Second())
	b := binary.BigEndian.AppendUint64(nil, day<<17|clock|1<<39)[3:]
	micros := uint64(at.Nanosecond() / 1000)
	switch (decimals + 1) / 2 {
	case 1:
		b = append(b, byte(micros/10_000))
	case 2:
		b = binary.BigEndian.AppendUint16(b, uint16(micros/100))
	case 3:
		b = append(b, binary.BigEndian.AppendUint32(nil, uint32(micros))[1:]...)
	}
	return b, true
}

// ofKey is the partition of a row by MySQL's hash of its key.
func (p *RowPartition) ofKey(image []txn.Value) int {
	sum, add := uint64(1), uint64(4)
	for _, k := range p.keys {
		v := image[k.place]
		if v.IsNull() {
			sum ^= sum<<1 | 1
			continue
		}
		b, ok := k.bytes(v)
		if !ok {
			return -1
		}
		for _, c := range b {
			sum ^= (sum&63+add)*uint64(c) + sum<<8
			add += 3
		}
	}
	if p.linear {
		return p.ofLinear(uint64(uint32(sum)))
	}
	return int(uint64(uint32(sum)) % uint64(p.count))
}

// ofLinear is the partition by LINEAR HASH and LINEAR KEY: powers of two split one by one.
func (p *RowPartition) ofLinear(n uint64) int {
	mask := uint64(1)<<bits.Len64(uint64(p.count-1)) - 1
	at := n & mask
	if at >= uint64(p.count) {
		at = n & (mask >> 1)
	}
	return int(at)
}

// textKey is the sort key of a constant in quotes; false of any other.
func (p *RowPartition) textKey(constant string) (string, bool) {
	if strings.HasPrefix(constant, "_") {
		_, constant, _ = strings.Cut(constant, "'")
		constant = "'" + constant
	}
	if len(constant) < 2 || constant[0] != '\'' || constant[len(constant)-1] != '\'' {
		return "", false
	}
	text := strings.NewReplacer("''", "'", `\\`, `\`, `\'`, "'").Replace(constant[1 : len(constant)-1])
	return p.keyOfText(txn.TextString(text)), true
}

func (p *RowPartition) keyOfText(v txn.Value) string { return string(SortKey(nil, *p.text, v, 0)) }

func (p *RowPartition) ofText(v txn.Value) int {
	key := p.keyOfText(v)
	if p.ranges {
		at, found := slices.BinarySearch(p.textBounds, key)
		if found {
			at++
		}
		return at
	}
	if at, ok := p.textValues[key]; ok {
		return at
	}
	return -1
}
