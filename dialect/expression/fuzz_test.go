package expression

import (
	"bytes"
	"math/big"
	"testing"

	"marmot/txn"
)

func FuzzMoment(f *testing.F) {
	for _, s := range []string{"2024-01-02", "2024-01-02 03:04:05.678", "20240102", "10:11:12", "-838:59:59", "0000-00-00", "24-1-2T3", "1 2:3", "2024-02-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := &runtime{}
		if m, ok := r.moment(txn.TextString(s)); ok {
			text := m.appendDateTime(nil, 6)
			again, ok := parseStored(text)
			if !ok {
				t.Fatalf("%q gives %q, which is no date", s, text)
			}
			if back := again.appendDateTime(nil, 6); !bytes.Equal(back, text) {
				t.Fatalf("%q gives %q, then %q", s, text, back)
			}
		}
		if m, ok := r.clock(txn.TextString(s)); ok {
			text := m.appendTime(nil, 6)
			again, ok := parseStoredTime(text)
			if !ok || again.clockMicros() != m.clockMicros() {
				t.Fatalf("%q gives time %q, then %v", s, text, again)
			}
		}
	})
}

func FuzzDayNumber(f *testing.F) {
	f.Add(1)
	f.Add(739000)
	f.Fuzz(func(t *testing.T, n int) {
		var m moment
		if n <= 365 || !m.setDayNumber(n) {
			return
		}
		if got := dayNumber(m.year, m.month, m.day); got != n {
			t.Fatalf("day %d is %s, which is day %d", n, m.appendDate(nil), got)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	f.Add("1.5", "-2.25")
	f.Add("99999999999999999999.9", "1e10")
	f.Add("-9223372036854775808", "1")
	f.Fuzz(func(t *testing.T, x, y string) {
		a, cleanA := parseDec([]byte(x))
		b, cleanB := parseDec([]byte(y))
		if !cleanA || !cleanB || len(x) > 60 || len(y) > 60 {
			return
		}
		rat := func(d dec) *big.Rat { return new(big.Rat).SetFrac(d.whole(), bigPower(d.scale)) }
		if got, want := rat(a.add(b)), new(big.Rat).Add(rat(a), rat(b)); got.Cmp(want) != 0 {
			t.Fatalf("%s + %s = %s, want %s", x, y, got, want)
		}
		if got, want := rat(a.multiply(b)), new(big.Rat).Mul(rat(a), rat(b)); got.Cmp(want) != 0 {
			t.Fatalf("%s * %s = %s, want %s", x, y, got, want)
		}
		if got, want := a.compare(b), rat(a).Cmp(rat(b)); got != want {
			t.Fatalf("%s against %s: %d, want %d", x, y, got, want)
		}
		if again, clean := parseDec(a.append(nil)); !clean || again.compare(a) != 0 {
			t.Fatalf("%s prints as %s", x, a.append(nil))
		}
		if b.sign() != 0 {
			quotient := new(big.Rat).Quo(rat(a), rat(b))
			off := new(big.Rat).Sub(rat(a.divide(b, 4)), quotient)
			if off.Abs(off).Cmp(big.NewRat(1, 18000)) > 0 {
				t.Fatalf("%s / %s is off by %s", x, y, off)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"a": [1, 2.5, "x\n", null, true]}`, `$.a[last].b[1 to 2]`)
	f.Add(`[[1], {"b c": {}}]`, `$**."b c"`)
	f.Fuzz(func(t *testing.T, doc, where string) {
		n, err := parseJSON([]byte(doc))
		if err != nil {
			return
		}
		text := n.append(nil)
		again, err := parseJSON(text)
		if err != nil || compareNodes(n, again) != 0 {
			t.Fatalf("%q gives %q: %v", doc, text, err)
		}
		if p, err := parsePath(txn.TextString(where)); err == nil {
			for _, found := range p.find(n, nil) {
				if _, err := parseJSON(found.append(nil)); err != nil {
					t.Fatalf("%q of %q: %v", where, doc, err)
				}
			}
		}
	})
}

func FuzzFormats(f *testing.F) {
	f.Add("2024-05-06 07:08:09", "%Y-%m-%d %H:%i:%s")
	f.Add("200442 Monday", "%X%V %W")
	f.Fuzz(func(t *testing.T, s, format string) {
		r := &runtime{}
		if _, err := stringToDate(r, []txn.Value{txn.TextString(s), txn.TextString(format), txn.Int(12), txn.Int(6)}); err != nil {
			t.Fatal(err)
		}
		if _, err := dateFormat(r, []txn.Value{txn.TextString(s), txn.TextString(format)}); err != nil {
			t.Fatal(err)
		}
	})
}
