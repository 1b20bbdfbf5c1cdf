package schemas

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/go-mysql-org/go-mysql/client"
)

const digestFile = "testdata/weights.digests.gz"

// digestBlock is how many code points one digest stands for.
const digestBlock = 4096

// digestRanges are the code points whose weights and bytes are compared: all of the BMP, and some behind it.
var digestRanges = [][2]rune{{0, 0xffff}, {0x10000, 0x1ffff}, {0x20000, 0x20fff}, {0xe0000, 0xe0fff}, {0x10f000, 0x10ffff}}

// digested calls f for the code points of each block, which is named by its first.
func digested(f func(block rune, list []rune)) {
	for _, r := range digestRanges {
		for at := r[0]; at <= r[1]; at += digestBlock {
			var list []rune
			for n := at; n < at+digestBlock; n++ {
				if n < 0xd800 || n > 0xdfff {
					list = append(list, n)
				}
			}
			if len(list) > 0 {
				f(at, list)
			}
		}
	}
}

// digestOf is the digest of what MySQL's HEX shows of each code point.
func digestOf(list []rune, show func(r rune) []byte) string {
	h := sha256.New()
	for i, r := range list {
		if i > 0 {
			h.Write([]byte{','})
		}
		h.Write([]byte(strings.ToUpper(hex.EncodeToString(show(r)))))
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// TestWeightDigests compares, for every collation and character set, the weights and bytes of all characters of the BMP and of a sample behind
// it with those that MySQL gave.
func TestWeightDigests(t *testing.T) {
	if *recordFrom != "" {
		recordDigests(t)
		return
	}
	f, err := os.Open(digestFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]string{}
	for line := range strings.Lines(string(data)) {
		p := strings.Fields(line)
		if want[p[0]] == nil {
			want[p[0]] = map[string]string{}
		}
		want[p[0]][p[1]] = p[2]
	}
	for _, c := range AllCollations() {
		if c.Supported() && c.Name != "binary" && c.Name != "big5_chinese_ci" { // its weights are not what MySQL compares by
			c.compareWeights(t, want)
		}
	}
	for _, cs := range AllCharsets() {
		if !LookupCollation(cs.DefaultCollation).Supported() {
			continue
		}
		compareDigests(t, cs.Name, want[cs.Name], 0x10ffff, func(r rune) []byte { return bytesIn(cs.Name, r) })
	}
}

// compareWeights works out all weights of the collations that most use, and of the tables; of the others of Unicode, which differ from
// those in a few letters, the first blocks. Collations of the same rules in other sets have the same digests.
func (c *Collation) compareWeights(t *testing.T, want map[string]map[string]string) {
	last := rune(0x10ffff)
	if c.unicode() {
		if c.Charset == "utf8mb3" || c.rulesName() != c.Name {
			as := want["utf8mb4_"+strings.TrimPrefix(c.Name, c.Charset+"_")]
			for block, digest := range want[c.Name] {
				whole := c.Charset != "utf8mb3" && c.Charset != "ucs2" || len(block) < 5
				if !c.Binary && whole && digest != as[block] {
					t.Errorf("%s U+%s…: not as in utf8mb4", c.Name, block)
				}
			}
			return
		}
		switch strings.TrimPrefix(c.Name, "utf8mb4_") {
		case "0900_ai_ci", "0900_as_ci", "0900_as_cs", "0900_bin", "bin", "general_ci", "unicode_ci", "unicode_520_ci":
		default:
			last = 2*digestBlock - 1
		}
	}
	compareDigests(t, c.Name, want[c.Name], last, c.shownWeights)
}

func compareDigests(t *testing.T, name string, want map[string]string, last rune, show func(r rune) []byte) {
	t.Run(name, func(t *testing.T) {
		if len(want) == 0 {
			t.Fatal("nothing recorded")
		}
		digested(func(block rune, list []rune) {
			if block > last {
				return
			}
			if got := digestOf(list, show); got != want[fmt.Sprintf("%X", block)] {
				t.Errorf("U+%04X…: not as MySQL has it", block)
			}
		})
	})
}

// bytesIn are the bytes of a character in a set, a question mark's if there is no such character.
func bytesIn(name string, r rune) []byte {
	text := []byte(string(r))
	if !InCharset(name, r) {
		text = []byte{'?'}
	}
	if encode := FromUTF8(name); encode != nil {
		return encode(nil, text)
	}
	return text
}

func (c *Collation) shownWeights(r rune) []byte {
	if !c.unicode() && !InCharset(c.Charset, r) {
		r = '?'
	}
	return c.AppendWeights(nil, []byte(string(r)))
}

func recordDigests(t *testing.T) {
	c, err := client.Connect(*recordFrom, "root", "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	execute := func(sql string) [][]string {
		r, err := c.Execute(sql)
		if err != nil {
			t.Fatalf("%.200s: %v", sql, err)
		}
		var rows [][]string
		if r.Resultset != nil {
			for i := range r.Values {
				var row []string
				for j := range r.Fields {
					s, _ := r.GetString(i, j)
					row = append(row, s)
				}
				rows = append(rows, row)
			}
		}
		return rows
	}
	execute("DROP DATABASE IF EXISTS marmot_weights")
	execute("CREATE DATABASE marmot_weights")
	execute("CREATE TABLE marmot_weights.c (block INT, n INT PRIMARY KEY, c VARCHAR(1) CHARACTER SET utf32)")
	digested(func(block rune, list []rune) {
		var values []string
		for _, r := range list {
			values = append(values, fmt.Sprintf("(%d,%d,_utf32 x'%08X')", block, r, r))
		}
		execute("INSERT INTO marmot_weights.c VALUES " + strings.Join(values, ","))
	})
	execute("SET SESSION group_concat_max_len = 1 << 30")
	var out strings.Builder
	digests := func(name, expression string) {
		for _, row := range execute("SELECT HEX(block), LEFT(SHA2(GROUP_CONCAT(HEX(" + expression + ") ORDER BY n), 256), 12) FROM marmot_weights.c GROUP BY block ORDER BY block") {
			fmt.Fprintf(&out, "%s\t%s\t%s\n", name, row[0], row[1])
		}
	}
	for _, x := range AllCollations() {
		if x.Supported() && x.Name != "binary" {
			digests(x.Name, "WEIGHT_STRING(CONVERT(c USING "+x.Charset+") COLLATE "+x.Name+")")
		}
	}
	for _, cs := range AllCharsets() {
		if cs.Name == "binary" {
			digests(cs.Name, "CONVERT(c USING utf8mb4)")
		} else {
			digests(cs.Name, "CONVERT(c USING "+cs.Name+")")
		}
	}
	execute("DROP DATABASE marmot_weights")
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, _ = z.Write([]byte(out.String()))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(digestFile, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
