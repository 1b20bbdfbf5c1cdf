package schemas

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"marmot/txn"
)

// TestCollationsOrderAsMySQL checks each collation against the ranks that MySQL 9.7 gave to the
// same words: equal words share a line, and lines ascend.
func TestCollationsOrderAsMySQL(t *testing.T) {
	file, err := os.ReadFile("testdata/collations.mysql.tsv")
	if err != nil {
		t.Fatal(err)
	}
	type word struct {
		rank string
		text []byte
	}
	words, names := map[string][]word{}, []string{}
	for line := range strings.Lines(string(file)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if words[f[0]] == nil {
			names = append(names, f[0])
		}
		for h := range strings.SplitSeq(f[2], ",") {
			b, err := hex.DecodeString(h)
			if err != nil {
				t.Fatal(err)
			}
			words[f[0]] = append(words[f[0]], word{f[1], b})
		}
	}
	for _, name := range names {
		c := LookupCollation(name)
		if c == nil || !c.Supported() {
			t.Errorf("%s is not supported", name)
			continue
		}
		for i, a := range words[name] {
			for j, b := range words[name] {
				want := sign(i - j)
				if a.rank == b.rank {
					want = 0
				}
				if got := sign(c.Compare(a.text, b.text)); got != want {
					t.Errorf("%s: %q against %q: got %d, MySQL says %d", name, a.text, b.text, got, want)
				}
			}
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// compareASCII is what the store does in C with a table of weights.
func compareASCII(table *[128]uint16, pad bool, a, b []byte) int {
	next := func(s *[]byte) (uint16, bool) {
		for len(*s) > 0 {
			w := table[(*s)[0]]
			*s = (*s)[1:]
			if w != 0 {
				return w, true
			}
		}
		if pad {
			return table[' '], false
		}
		return 0, false
	}
	for {
		x, moreA := next(&a)
		y, moreB := next(&b)
		if x != y {
			return int(x) - int(y)
		}
		if !moreA && !moreB {
			return 0
		}
	}
}

func FuzzASCIIWeightsAgreeWithCompare(f *testing.F) {
	f.Add([]byte("a b"), []byte("A\x01 b "))
	f.Add([]byte("a \t"), []byte("a"))
	f.Add([]byte(" \x7f"), []byte("0")) // swe7 has no DEL, nor some signs
	f.Add([]byte("["), []byte("@"))
	list := Collations()
	tables := 0
	for _, c := range list {
		if c.ASCIIWeights != nil {
			tables++
		}
	}
	if tables < 20 {
		f.Fatalf("only %d of %d collations have a table", tables, len(list))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, s := range [][]byte{a, b} {
			for i := range s {
				s[i] &= 0x7f
			}
		}
		for _, c := range list {
			if c.ASCIIWeights == nil {
				continue
			}
			if got, want := sign(compareASCII(c.ASCIIWeights, c.PadSpace, a, b)), sign(c.Compare(a, b)); got != want {
				t.Fatalf("%s: %q against %q: table says %d, Compare %d", c.Name, a, b, got, want)
			}
		}
	})
}

// FuzzSortKeys checks that keys are equal exactly if MySQL's comparison is, and order alike.
func FuzzSortKeys(f *testing.F) {
	f.Add("a", "A ", int64(3), int64(-3))
	f.Add("1.50", "1.5", int64(0), int64(0))
	f.Add("-0.00", "0", int64(1), int64(1))
	f.Fuzz(func(t *testing.T, a, b string, m, n int64) {
		for _, name := range []string{"utf8mb4_0900_ai_ci", "utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_0900_bin", "utf8mb4_unicode_ci", "latin1_swedish_ci"} {
			kind := Type{Kind: VarChar, Collation: name}
			got := bytes.Compare(SortKey(nil, kind, txn.TextString(a), 0), SortKey(nil, kind, txn.TextString(b), 0))
			if want := LookupCollation(name).Compare([]byte(a), []byte(b)); sign(got) != sign(want) {
				t.Fatalf("%s: %q against %q: keys %d, compare %d", name, a, b, got, want)
			}
		}
		dec := Type{Kind: Decimal}
		got := bytes.Compare(SortKey(nil, dec, txn.TextString(a), 0), SortKey(nil, dec, txn.TextString(b), 0))
		if want := CompareDecimalText([]byte(a), []byte(b)); sign(got) != sign(want) {
			t.Fatalf("decimal %q against %q: keys %d, compare %d", a, b, got, want)
		}
		integer := Type{Kind: BigInt}
		got = bytes.Compare(SortKey(nil, integer, txn.Int(m), 0), SortKey(nil, integer, txn.Int(n), 0))
		if (got < 0) != (m < n) || (got == 0) != (m == n) {
			t.Fatalf("%d against %d: keys %d", m, n, got)
		}
		double := Type{Kind: Double}
		x, y := float64(m)/3, float64(n)/7
		got = bytes.Compare(SortKey(nil, double, txn.Real(x), 0), SortKey(nil, double, txn.Real(y), 0))
		if (got < 0) != (x < y) || (got == 0) != (x == y) {
			t.Fatalf("%g against %g: keys %d", x, y, got)
		}
		both := bytes.Compare(
			SortKey(SortKey(nil, Type{Kind: Blob}, txn.Blob([]byte(a)), 0), integer, txn.Int(m), 0),
			SortKey(SortKey(nil, Type{Kind: Blob}, txn.Blob([]byte(b)), 0), integer, txn.Int(n), 0))
		want := bytes.Compare([]byte(a), []byte(b))
		if want == 0 {
			want = sign(bytes.Compare(SortKey(nil, integer, txn.Int(m), 0), SortKey(nil, integer, txn.Int(n), 0)))
		}
		if sign(both) != sign(want) {
			t.Fatalf("(%q,%d) against (%q,%d): keys %d, want %d", a, m, b, n, both, want)
		}
	})
}
