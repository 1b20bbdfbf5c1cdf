package schemas

import (
	"testing"

	"marmot/txn"
)

func TestRowsKnowTheirPartition(t *testing.T) {
	ranges := []Partition{{LessThan: []string{"0"}}, {LessThan: []string{"2000"}}, {LessThan: []string{MaxValue}}}
	lists := []Partition{{In: [][]string{{"1"}, {"3"}}}, {In: [][]string{{"2"}, {"NULL"}}}}
	days := []Partition{{LessThan: []string{"739310"}}, {LessThan: []string{MaxValue}}}
	seconds := []Partition{{LessThan: []string{"1700000000"}}, {LessThan: []string{MaxValue}}}
	dates := []Partition{{LessThan: []string{"'2024-01-01'"}}, {LessThan: []string{MaxValue}}}
	for _, c := range []struct {
		p    Partitioning
		v    txn.Value
		want int
	}{
		{Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Int(-1), 0},
		{Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Int(0), 1},
		{Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Int(2000), 2},
		{Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Null(), 0},
		{Partitioning{Method: "RANGE COLUMNS", Columns: []string{"n"}, Parts: ranges}, txn.Int(1999), 1},
		{Partitioning{Method: "RANGE", Expression: "year(`d`)", Parts: ranges}, txn.TextString("2024-02-29"), 2},
		{Partitioning{Method: "LIST", Expression: "`n`", Parts: lists}, txn.Int(3), 0},
		{Partitioning{Method: "LIST", Expression: "`n`", Parts: lists}, txn.Int(2), 1},
		{Partitioning{Method: "HASH", Expression: "`n`", Count: 4}, txn.Int(-6), 2},
		{Partitioning{Method: "RANGE", Expression: "to_days(`d`)", Parts: days}, txn.TextString("2024-02-29"), 1},
		{Partitioning{Method: "RANGE", Expression: "to_days(`d`)", Parts: days}, txn.TextString("2024-02-28"), 0},
		{Partitioning{Method: "RANGE", Expression: "to_days(`d`)", Parts: days}, txn.TextString("0000-00-00"), 0},
		{Partitioning{Method: "RANGE", Expression: "unix_timestamp(`s`)", Parts: seconds}, txn.TextString("2023-11-14 22:13:20"), 1},
		{Partitioning{Method: "RANGE", Expression: "unix_timestamp(`s`)", Parts: seconds}, txn.TextString("2023-11-14 22:13:19"), 0},
		{Partitioning{Method: "RANGE COLUMNS", Columns: []string{"d"}, Parts: dates}, txn.TextString("2024-01-01"), 1},
		{Partitioning{Method: "RANGE COLUMNS", Columns: []string{"d"}, Parts: dates}, txn.TextString("2023-12-31"), 0},
		{Partitioning{Method: "LIST", Expression: "`n`", Parts: lists}, txn.Null(), 1},
		{Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges, Sub: &Partitioning{Method: "HASH", Expression: "`n`", Count: 2}}, txn.Int(2001), 5},
		{Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges, Sub: &Partitioning{Method: "KEY", Count: 2}}, txn.Int(2001), -1},
		{Partitioning{Method: "KEY", Columns: []string{"f"}, Count: 4}, txn.Int(6), -1},
		{Partitioning{Method: "HASH", Expression: "(`n` + 1)", Count: 4}, txn.Int(6), -1},
	} {
		def := &Table{Partitioning: &c.p, Columns: []Column{{Name: "n", Type: Type{Kind: Int}}, {Name: "d", Type: Type{Kind: Date}}, {Name: "s", Type: Type{Kind: Timestamp}}, {Name: "f", Type: Type{Kind: Float}}}}
		if got := NewRowPartition(def).Of([]txn.Value{c.v, c.v, c.v, c.v}); got != c.want {
			t.Errorf("%s of %s%v: %v is in partition %d, want %d", c.p.Method, c.p.Expression, c.p.Columns, c.v, got, c.want)
		}
	}
}

// TestKeysAreHashedAsMySQLDoes has partitions that MySQL has put rows into.
func TestKeysAreHashedAsMySQLDoes(t *testing.T) {
	table := func(p Partitioning, types ...Type) *Table {
		def := &Table{Partitioning: &p, Primary: &Index{}}
		for i, kind := range types {
			name := string(rune('a' + i))
			def.Columns = append(def.Columns, Column{Name: name, Type: kind})
			def.Primary.Parts = append(def.Primary.Parts, IndexPart{Column: i})
		}
		return def
	}
	key := func(n int) Partitioning { return Partitioning{Method: "KEY", Count: n} }
	big, bin := Type{Kind: BigInt, Unsigned: true}, Type{Kind: VarChar, Length: 10, Charset: "utf8mb4", Collation: "utf8mb4_bin"}
	text := Type{Kind: VarChar, Length: 5, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
	lists := Partitioning{Method: "LIST COLUMNS", Columns: []string{"a"}, Parts: []Partition{{In: [][]string{{"'x'"}, {"'it''s'"}}}, {In: [][]string{{"_utf8mb4'z'"}}}}}
	bounds := Partitioning{Method: "RANGE COLUMNS", Columns: []string{"a"}, Parts: []Partition{{LessThan: []string{"'c'"}}, {LessThan: []string{"'m'"}}, {LessThan: []string{MaxValue}}}}
	for _, c := range []struct {
		def  *Table
		row  []txn.Value
		want int
	}{
		{table(key(5), big), []txn.Value{txn.Int(1)}, 4},
		{table(key(5), big), []txn.Value{txn.Int(2)}, 1},
		{table(key(5), big), []txn.Value{txn.TextString("18446744073709551615")}, 4},
		{table(key(97), big), []txn.Value{txn.Int(200)}, 10},
		{table(key(97), Type{Kind: Date}), []txn.Value{txn.TextString("2021-01-01")}, 82},
		{table(key(97), Type{Kind: Int}, Type{Kind: Date}), []txn.Value{txn.Null(), txn.TextString("2021-01-01")}, 80},
		{table(key(97), Type{Kind: DateTime, Decimals: 6}), []txn.Value{txn.TextString("2020-01-02 03:04:05.678123")}, 71},
		{table(key(4), Type{Kind: Int}, Type{Kind: Date}), []txn.Value{txn.Int(100000), txn.TextString("2018-01-01")}, 2},
		{table(key(4), Type{Kind: Int}, Type{Kind: Date}), []txn.Value{txn.Int(-7), txn.Null()}, 0},
		{table(key(5), bin), []txn.Value{txn.TextString("zzz")}, 3},
		{table(key(5), bin), []txn.Value{txn.TextString("x  ")}, 2},
		{table(key(5), bin), []txn.Value{txn.TextString("Aé")}, 2},
		{table(key(5), text), []txn.Value{txn.TextString("a")}, -1},
		{table(key(7), Type{Kind: DateTime, Decimals: 3}), []txn.Value{txn.TextString("2020-01-02 03:04:05.678")}, 0},
		{table(key(7), Type{Kind: DateTime, Decimals: 3}), []txn.Value{txn.TextString("1999-12-31 23:59:59.001")}, 2},
		{table(Partitioning{Method: "HASH", Linear: true, Expression: "`a`", Count: 6}, Type{Kind: Int}), []txn.Value{txn.Int(7)}, 3},
		{table(Partitioning{Method: "HASH", Linear: true, Expression: "`a`", Count: 6}, Type{Kind: Int}), []txn.Value{txn.Int(5)}, 5},
		{table(lists, text), []txn.Value{txn.TextString("IT'S")}, 0},
		{table(lists, text), []txn.Value{txn.TextString("z")}, 1},
		{table(lists, text), []txn.Value{txn.TextString("q")}, -1},
		{table(bounds, text), []txn.Value{txn.TextString("B")}, 0},
		{table(bounds, text), []txn.Value{txn.TextString("c")}, 1},
		{table(bounds, text), []txn.Value{txn.TextString("zz")}, 2},
	} {
		if got := NewRowPartition(c.def).Of(c.row); got != c.want {
			t.Errorf("%s: %v is in partition %d, want %d", c.def.Partitioning.Method, c.row, got, c.want)
		}
	}
}
