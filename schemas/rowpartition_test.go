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
		{Partitioning{Method: "KEY", Columns: []string{"n"}, Count: 4}, txn.Int(6), -1},
		{Partitioning{Method: "HASH", Expression: "(`n` + 1)", Count: 4}, txn.Int(6), -1},
	} {
		def := &Table{Partitioning: &c.p, Columns: []Column{{Name: "n", Type: Type{Kind: Int}}, {Name: "d", Type: Type{Kind: Date}}, {Name: "s", Type: Type{Kind: Timestamp}}}}
		if got := NewRowPartition(def).Of([]txn.Value{c.v, c.v, c.v}); got != c.want {
			t.Errorf("%s of %s%v: %v is in partition %d, want %d", c.p.Method, c.p.Expression, c.p.Columns, c.v, got, c.want)
		}
	}
}
