package debezium

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

func TestHiddenValues(t *testing.T) {
	sum := func(text string) string {
		h := sha256.Sum256([]byte(text))
		return hex.EncodeToString(h[:])
	}
	for _, c := range []struct{ property, value, want string }{
		{"column.truncate.to.3.chars", "äöüß", "äöü"},
		{"column.truncate.to.0.chars", "abc", ""},
		{"column.mask.with.4.chars", "a", "****"},
		{"column.mask.with.4.chars", "NULL", "****"},
		{"column.mask.hash.v2.SHA-256.with.salt.aB", "x", sum("aBx")[:20]}, // the column's length cuts it
		{"column.mask.hash.SHA-256.with.salt.aB", "x", sum("aB\xac\xed\x00\x05t\x00\x01x")[:20]},
		{"column.mask.hash.v2.SHA-256.with.salt.aB", "NULL", "<nil>"},
	} {
		o, err := ParseOptions(map[string]string{"topic.prefix": "m", c.property: "shop.t.a"})
		if err != nil {
			t.Fatal(err)
		}
		def := &schemas.Table{Database: "shop", Name: "t", AutoIncrement: -1, Primary: primary(0), Columns: []schemas.Column{
			{Name: "a", Type: text(20), Nullable: c.value == "NULL"}, {Name: "b", Type: text(20), Nullable: true}}}
		value := txn.TextString(c.value)
		if c.value == "NULL" {
			value = txn.Null()
		}
		tab := newTable(def, &o)
		row := tab.value.row([]txn.Value{value, txn.TextString("as it is")}).([]any)
		if got := fmt.Sprint(row[0]); got != c.want || row[1] != "as it is" {
			t.Errorf("%s of %s: %v, want %s", c.property, c.value, row, c.want)
		}
		if c.value != "NULL" && tab.keyOfRow([]txn.Value{value, txn.Null()}).Value.([]any)[0] != c.value {
			t.Errorf("%s hides the key", c.property)
		}
	}
}

// TestUndecidedNamesAreHidden: an expression that takes too long must not show what it was to hide.
func TestUndecidedNamesAreHidden(t *testing.T) {
	slow, err := ParseNameSet("(a+)+b")
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("a", 60)
	if slow.Has(name) || !slow.has(name, true) {
		t.Error("an expression that takes too long decides")
	}
	if (Filter{Exclude: slow}).Takes(name) || (Filter{Include: slow}).Takes(name) {
		t.Error("a name that nobody could decide about passes")
	}
}
