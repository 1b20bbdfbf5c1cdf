package schemas

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode/utf8"

	"vitess.io/vitess/go/mysql/collations/charset"
)

// tableSet is a character set whose characters and weights are recorded from MySQL, in tables/multibyte.gz, in the order of tableSets.
type tableSet struct {
	name       string
	width      int      // bytes of the longest character
	collations []string // those whose weights are recorded
}

func (s tableSet) single() bool { return s.width == 1 }

// tableSets are the sets in the order of the file, which TestRecordMultibyte writes.
var tableSets = []tableSet{
	{"gbk", 2, []string{"gbk_chinese_ci"}}, {"big5", 2, []string{"big5_chinese_ci"}}, {"gb2312", 2, []string{"gb2312_chinese_ci"}},
	{"sjis", 2, []string{"sjis_japanese_ci"}}, {"cp932", 2, []string{"cp932_japanese_ci"}}, {"ujis", 3, []string{"ujis_japanese_ci"}},
	{"eucjpms", 3, []string{"eucjpms_japanese_ci"}}, {"euckr", 2, []string{"euckr_korean_ci"}}, {"gb18030", 4, []string{"gb18030_chinese_ci"}},
	{"latin1", 1, []string{"latin1_german2_ci"}},
}

//go:embed tables/multibyte.gz
var multibyteFile []byte

// noCode stands for a character that MySQL reads in the set but does not write.
const noCode = 0xffffffff

// codePair is a key with its value, in a table sorted by key.
type codePair struct{ key, value uint32 }

func findPair(table []codePair, key uint32) (uint32, bool) {
	i, ok := slices.BinarySearchFunc(table, key, func(p codePair, key uint32) int { return int(int64(p.key) - int64(key)) })
	if !ok {
		return 0, false
	}
	return table[i].value, true
}

// tableCharset is a character set by tables.
type tableCharset struct {
	tableSet
	runes   []codePair // by code
	codes   []codePair // by character
	weights [][]codePair
}

// multibyteTables reads the tables, once.
var multibyteTables = sync.OnceValue(func() map[string]*tableCharset {
	z, err := gzip.NewReader(bytes.NewReader(multibyteFile))
	if err != nil {
		panic(fmt.Sprintf("tables/multibyte.gz: %v", err))
	}
	data, err := io.ReadAll(z)
	if err != nil {
		panic(fmt.Sprintf("tables/multibyte.gz: %v", err))
	}
	sets := map[string]*tableCharset{}
	for _, s := range tableSets {
		t := &tableCharset{tableSet: s}
		var extra []codePair
		t.runes, data = readPairs(data)
		extra, data = readPairs(data)
		for range s.collations {
			var w []codePair
			w, data = readPairs(data)
			t.weights = append(t.weights, w)
		}
		t.invert(extra)
		sets[s.name] = t
	}
	return sets
})

func readPairs(data []byte) ([]codePair, []byte) {
	count, n := binary.Uvarint(data)
	data = data[n:]
	list := make([]codePair, count)
	key, value := int64(0), int64(0)
	for i := range list {
		k, n := binary.Uvarint(data)
		v, m := binary.Varint(data[n:])
		data = data[n+m:]
		key, value = key+int64(k), value+v
		list[i] = codePair{uint32(key), uint32(value)}
	}
	return list, data
}

// invert makes the table by character: the least code of each, but for the extra ones.
func (t *tableCharset) invert(extra []codePair) {
	codes := make(map[uint32]uint32, len(t.runes))
	for _, p := range t.runes {
		if _, ok := codes[p.value]; !ok {
			codes[p.value] = p.key
		}
	}
	for _, p := range extra {
		codes[p.key] = p.value
	}
	t.codes = make([]codePair, 0, len(codes))
	for r, code := range codes {
		if code != noCode {
			t.codes = append(t.codes, codePair{r, code})
		}
	}
	slices.SortFunc(t.codes, func(a, b codePair) int { return int(int64(a.key) - int64(b.key)) })
}

// Name is MySQL's name of the set.
func (t *tableCharset) Name() string { return t.name }

// SupportsSupplementaryChars reports whether the set has all of Unicode.
func (t *tableCharset) SupportsSupplementaryChars() bool { return t.name == "gb18030" }

// IsSuperset reports whether all text of the other set is text of this one.
func (t *tableCharset) IsSuperset(other charset.Charset) bool { return other.Name() == t.name }

// MaxWidth is the number of bytes of the longest character.
func (t *tableCharset) MaxWidth() int { return t.width }

// gb18030's codes of four bytes are numbers with digits of 10, 126, 10 and 126 values; those of U+10000 and above follow one another.
const (
	gbFirst   = 0x90308130
	gbNumbers = 189000 // the number of gbFirst
)

func gbCode(n uint32) uint32 {
	return (0x81+n/12600)<<24 | (0x30+n/1260%10)<<16 | (0x81+n/10%126)<<8 | (0x30 + n%10)
}

func gbNumber(code uint32) (uint32, bool) {
	a, b, c, d := code>>24-0x81, code>>16&0xff-0x30, code>>8&0xff-0x81, code&0xff-0x30
	return ((a*10+b)*126+c)*10 + d, a <= 125 && b <= 9 && c <= 125 && d <= 9
}

// EncodeRune writes a character's bytes, or returns -1.
func (t *tableCharset) EncodeRune(dst []byte, r rune) int {
	if r < 0x80 && t.name != "sjis" && t.name != "cp932" {
		dst[0] = byte(r)
		return 1
	}
	code, ok := findPair(t.codes, uint32(r))
	if !ok && r >= 0x10000 && t.name == "gb18030" && r <= utf8.MaxRune {
		code, ok = gbCode(uint32(r)-0x10000+gbNumbers), true
	}
	if !ok {
		return -1
	}
	return copy(dst, weightBytes(nil, code))
}

// DecodeRune reads one character.
func (t *tableCharset) DecodeRune(src []byte) (rune, int, bool) {
	if len(src) == 0 {
		return utf8.RuneError, 0, false
	}
	code := uint32(0)
	for i := range min(len(src), t.width) {
		code = code<<8 | uint32(src[i])
		if r, ok := findPair(t.runes, code); ok {
			return rune(r), i + 1, true
		}
		if n, ok := gbNumber(code); i == 3 && ok && n >= gbNumbers && n-gbNumbers <= utf8.MaxRune-0x10000 && t.name == "gb18030" {
			return rune(n - gbNumbers + 0x10000), 4, true
		}
	}
	return utf8.RuneError, 1, false
}

// weightBytes appends the bytes of a weight or code, the first of which is not zero.
func weightBytes(dst []byte, n uint32) []byte {
	switch {
	case n >= 1<<24:
		return binary.BigEndian.AppendUint32(dst, n)
	case n >= 1<<16:
		return append(dst, byte(n>>16), byte(n>>8), byte(n))
	case n >= 1<<8:
		return append(dst, byte(n>>8), byte(n))
	}
	return append(dst, byte(n))
}
