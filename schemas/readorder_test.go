package schemas

import "testing"

// TestKeysHaveMySQLsLengths compares with key_len of MySQL's EXPLAIN.
func TestKeysHaveMySQLsLengths(t *testing.T) {
	for _, c := range []struct {
		of     Type
		prefix int
		want   int
	}{
		{Type{Kind: Int}, 0, 5},
		{Type{Kind: Decimal, Length: 20, Decimals: 5}, 0, 11},
		{Type{Kind: DateTime, Decimals: 3}, 0, 8},
		{Type{Kind: Char, Length: 3, Charset: "utf8mb4", Collation: "utf8mb4_bin"}, 0, 13},
		{Type{Kind: VarChar, Length: 300, Charset: "latin1", Collation: "latin1_bin"}, 0, 303},
		{Type{Kind: Bit, Length: 9}, 0, 3},
		{Type{Kind: Enum, Members: []string{"x"}}, 0, 2},
		{Type{Kind: Set, Members: []string{"a", "b"}}, 0, 2},
		{Type{Kind: Text, Charset: "utf8mb4", Collation: "utf8mb4_bin"}, 7, 31},
		{Type{Kind: Time, Decimals: 1}, 0, 5},
	} {
		if got := keyPartBytes(&Column{Type: c.of, Nullable: true}, c.prefix); got != c.want {
			t.Errorf("%+v: %d bytes, want %d", c.of, got, c.want)
		}
	}
}

// TestAllRowsAreReadByTheShortestIndexThatHasTheColumns compares with the key of MySQL's EXPLAIN SELECT.
func TestAllRowsAreReadByTheShortestIndexThatHasTheColumns(t *testing.T) {
	index := func(name string, columns ...int) Index {
		ix := Index{Name: name}
		for _, c := range columns {
			ix.Parts = append(ix.Parts, IndexPart{Column: c})
		}
		return ix
	}
	number := Column{Type: Type{Kind: Int}}
	null := Column{Type: Type{Kind: Int}, Nullable: true}
	text := Column{Type: Type{Kind: VarChar, Length: 10, Charset: "utf8mb4", Collation: "utf8mb4_bin"}, Nullable: true}
	prefix, expression, hidden, unique := index("prefix", 1), index("expression", 1), index("hidden", 1), index("unique", 0)
	prefix.Parts[0].Prefix, expression.Parts[0].Expression, hidden.Invisible, unique.Unique = 3, "b + 1", true, true
	falling := index("PRIMARY", 0)
	falling.Parts[0].Descending = true
	for name, c := range map[string]struct {
		primary []int
		columns []Column
		indexes []Index
		wanted  []int
		want    string
	}{
		"the key is added":               {[]int{0, 1}, []Column{number, number}, []Index{index("p", 1)}, []int{0, 1}, "p"},
		"all of it":                      {[]int{0}, []Column{number, null}, []Index{index("b", 1, 0)}, []int{0, 1}, "b"},
		"as long as the key":             {[]int{0, 1}, []Column{number, number}, []Index{index("b", 1, 0)}, []int{0, 1}, ""},
		"the first of two":               {[]int{0}, []Column{number, null, null}, []Index{index("x", 1, 2), index("y", 2, 1)}, []int{0, 1, 2}, "x"},
		"the shorter of two":             {[]int{0}, []Column{number, text, null}, []Index{index("x", 1), index("y", 2)}, []int{0}, "y"},
		"a column is missing":            {[]int{0}, []Column{number, null, null}, []Index{index("x", 1)}, []int{0, 1, 2}, ""},
		"a column that nobody wants":     {[]int{0}, []Column{number, null, null}, []Index{index("x", 1)}, []int{0, 1}, "x"},
		"no key":                         {nil, []Column{null, null}, []Index{index("x", 1, 0)}, []int{0, 1}, "x"},
		"a unique index keeps the rows":  {nil, []Column{number, number}, []Index{unique, index("y", 1)}, []int{0, 1}, "y"},
		"prefix, expression, not to see": {[]int{0}, []Column{number, text}, []Index{prefix, expression, hidden}, []int{0, 1}, ""},
	} {
		table := &Table{Columns: c.columns, Indexes: c.indexes, Identity: HiddenRowID}
		if c.primary != nil {
			p := index("PRIMARY", c.primary...)
			table.Primary, table.Identity = &p, UniqueIndex
		}
		got := ""
		if ix := table.ScanIndex(c.wanted); ix != nil {
			got = ix.Name
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	table := &Table{Columns: []Column{number, null}, Primary: &falling, Identity: UniqueIndex}
	if got := table.ScanIndex([]int{0, 1}); got != &falling {
		t.Errorf("%v, want the key that falls", got)
	}
}
