package binlog

import (
	"encoding/hex"
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// TestValuesAreMySQLs compares with what MySQL 9.7 wrote for the same values.
func TestValuesAreMySQLs(t *testing.T) {
	text := func(s string) txn.Value { return txn.TextString(s) }
	utf8 := func(k schemas.Kind, n int) schemas.Type {
		return schemas.Type{Kind: k, Length: n, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
	}
	for _, c := range []struct {
		t    schemas.Type
		v    txn.Value
		want string
	}{
		{schemas.Type{Kind: schemas.TinyInt}, txn.Int(-5), "fb"},
		{schemas.Type{Kind: schemas.MediumInt}, txn.Int(-70000), "90eefe"},
		{schemas.Type{Kind: schemas.Int, Unsigned: true}, txn.Int(4000000000), "00286bee"},
		{schemas.Type{Kind: schemas.BigInt, Unsigned: true}, text("18446744073709551615"), "ffffffffffffffff"},
		{schemas.Type{Kind: schemas.Float, Decimals: -1}, txn.Real(1.5), "0000c03f"},
		{schemas.Type{Kind: schemas.Double, Decimals: -1}, txn.Real(2.25), "0000000000000240"},
		{schemas.Type{Kind: schemas.Double, Length: 10, Decimals: 4}, txn.Real(-0.0001), "00401cebe2361abf"}, // it is stored as -9.999999999998899e-05
		{schemas.Type{Kind: schemas.Decimal, Length: 10, Decimals: 2}, text("-1234.56"), "7ffffb2dc7"},
		{schemas.Type{Kind: schemas.Decimal, Length: 65, Decimals: 30}, text("12345678901234567890.123456789012345678901234567890"),
			"800000000000000c149aa4350dfb38d2075bcd1500bc614e35b7bf87037a"},
		{schemas.Type{Kind: schemas.Decimal, Length: 65, Decimals: 30}, text("-0.500000000000000000000000000000"),
			"7fffffffffffffffffffffffffffffffe2329affffffffffffffffffffff"},
		{schemas.Type{Kind: schemas.Bit, Length: 13}, txn.Int(4097), "1001"},
		{schemas.Type{Kind: schemas.Bit, Length: 64}, txn.Blob([]byte{255, 255, 255, 255, 255, 255, 255, 255}), "ffffffffffffffff"},
		{schemas.Type{Kind: schemas.Year}, txn.Int(2024), "7c"},
		{schemas.Type{Kind: schemas.Year}, txn.Int(0), "00"},
		{schemas.Type{Kind: schemas.Date}, text("2024-02-29"), "5dd00f"},
		{schemas.Type{Kind: schemas.Date}, text("0000-00-00"), "000000"},
		{schemas.Type{Kind: schemas.Time}, text("-12:34:56"), "7f3748"},
		{schemas.Type{Kind: schemas.Time, Decimals: 3}, text("12:34:56.789"), "80c8b81ed2"},
		{schemas.Type{Kind: schemas.Time, Decimals: 3}, text("-00:00:00.001"), "7ffffffff6"},
		{schemas.Type{Kind: schemas.Time, Decimals: 6}, text("-838:59:59.000000"), "4b9105000000"},
		{schemas.Type{Kind: schemas.Time, Decimals: 2}, text("-00:00:00.05"), "7ffffffb"},
		{schemas.Type{Kind: schemas.DateTime}, text("2024-02-29 12:34:56"), "99b2bac8b8"},
		{schemas.Type{Kind: schemas.DateTime, Decimals: 1}, text("2024-02-29 12:34:56.7"), "99b2bac8b846"},
		{schemas.Type{Kind: schemas.DateTime, Decimals: 6}, text("2024-02-29 12:34:56.789012"), "99b2bac8b80c0a14"},
		{schemas.Type{Kind: schemas.Timestamp}, text("2024-02-29 12:34:56"), "65e079f0"},
		{schemas.Type{Kind: schemas.Timestamp, Decimals: 4}, text("2024-02-29 12:34:56.7891"), "65e079f01ed3"},
		{schemas.Type{Kind: schemas.Timestamp}, text("0000-00-00 00:00:00"), "00000000"},
		{utf8(schemas.Char, 10), text("ab"), "026162"},
		{utf8(schemas.VarChar, 20), text("héllo"), "0668c3a96c6c6f"},
		{utf8(schemas.VarChar, 300), text("x"), "010078"},
		{schemas.Type{Kind: schemas.Char, Length: 10, Charset: "latin1", Collation: "latin1_swedish_ci"}, text("é"), "01e9"},
		{schemas.Type{Kind: schemas.VarChar, Length: 10, Charset: "utf16", Collation: "utf16_general_ci"}, text("é"), "0200e9"},
		{utf8(schemas.Text, 0), text("text"), "040074657874"},
		{utf8(schemas.LongText, 0), text("lt"), "020000006c74"},
		{schemas.Type{Kind: schemas.Binary, Length: 5}, txn.Blob([]byte("ab\x00\x00\x00")), "026162"},
		{schemas.Type{Kind: schemas.Enum, Members: []string{"a", "b", "c"}, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}, text("b"), "02"},
		{schemas.Type{Kind: schemas.Set, Members: []string{"x", "y", "z"}, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}, text("x,z"), "05"},
		{schemas.Type{Kind: schemas.JSON}, text("[]"), "050000000200000400"},
		{schemas.Type{Kind: schemas.JSON}, text("-1"), "0300000005ffff"},
		{schemas.Type{Kind: schemas.JSON}, text(`"str"`), "050000000c03737472"},
		{schemas.Type{Kind: schemas.JSON}, text("1.0"), "090000000b000000000000f03f"},
		{schemas.Type{Kind: schemas.JSON}, text("[32767, 32768, -32768, -32769, 65535, 65536]"),
			"27000000020600260005ff7f071600050080071a00071e0007220000800000ff7fffffffff000000000100"},
		{schemas.Type{Kind: schemas.JSON}, text(`{"a": 1, "e": -70000, "f": 5000000000, "bb": [1, 2.5, "x", null, true, false]}`), ""},
	} {
		col, err := newColumn(&schemas.Column{Name: "c", Type: c.t})
		if err != nil {
			t.Errorf("%s: %v", c.t, err)
			continue
		}
		got, err := col.append(nil, c.v)
		if err != nil || c.want != "" && hex.EncodeToString(got) != c.want {
			t.Errorf("%s %s: got %x, %v, want %s", c.t, c.v.Bytes(), got, err, c.want)
		}
	}
}

func TestJSONIsLargeOnlyWhereItMustBe(t *testing.T) {
	got, err := appendJSON(nil, []byte(`{"k": "`+strings.Repeat("z", 70000)+`", "l": [1, true, null, 70000, -1]}`))
	if err != nil {
		t.Fatal(err)
	}
	// A large object: two members, their sizes in four bytes; the array in it is small.
	if want := "0102000000"; hex.EncodeToString(got[:5]) != want {
		t.Errorf("begins with %x, want %s", got[:5], want)
	}
	tail := got[len(got)-23:]
	if want := "0500170005010004010004000007" + "130005ffff" + "70110100"; hex.EncodeToString(tail) != want {
		t.Errorf("ends with %x, want %s", tail, want)
	}
	long, err := appendJSON(nil, []byte(`[`+strings.Repeat("-1, ", 40000)+`-70000]`))
	if err != nil || long[0] != jsonLargeArray || hex.EncodeToString(long[9:14]) != "05ffffffff" || hex.EncodeToString(long[len(long)-4:]) != "90eefeff" {
		t.Errorf("a long array: kind %d, %x … %x, %v", long[0], long[9:14], long[len(long)-4:], err)
	}
}

func TestWhatIsNoValueIsAnError(t *testing.T) {
	for _, c := range []struct {
		t schemas.Type
		v string
	}{
		{schemas.Type{Kind: schemas.Decimal, Length: 3, Decimals: 1}, "123.4"}, {schemas.Type{Kind: schemas.Date}, "today"},
		{schemas.Type{Kind: schemas.Time}, "12"}, {schemas.Type{Kind: schemas.DateTime}, "2024-01-01"}, {schemas.Type{Kind: schemas.JSON}, `{"a"`},
		{schemas.Type{Kind: schemas.JSON}, `1 2`}, {schemas.Type{Kind: schemas.Enum, Members: []string{"a"}, Charset: "utf8mb4", Collation: "utf8mb4_bin"}, "b"},
	} {
		col, err := newColumn(&schemas.Column{Name: "c", Type: c.t})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := col.append(nil, txn.TextString(c.v)); err == nil {
			t.Errorf("%s %q: got %x and no error", c.t, c.v, got)
		}
	}
}
