package debezium

import (
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

func TestRowsKnowTheirPartition(t *testing.T) {
	ranges := []schemas.Partition{{LessThan: []string{"0"}}, {LessThan: []string{"2000"}}, {LessThan: []string{schemas.MaxValue}}}
	lists := []schemas.Partition{{In: [][]string{{"1"}, {"3"}}}, {In: [][]string{{"2"}}}}
	for _, c := range []struct {
		p    schemas.Partitioning
		v    txn.Value
		want int
	}{
		{schemas.Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Int(-1), 0},
		{schemas.Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Int(0), 1},
		{schemas.Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Int(2000), 2},
		{schemas.Partitioning{Method: "RANGE", Expression: "`n`", Parts: ranges}, txn.Null(), 0},
		{schemas.Partitioning{Method: "RANGE COLUMNS", Columns: []string{"n"}, Parts: ranges}, txn.Int(1999), 1},
		{schemas.Partitioning{Method: "RANGE", Expression: "year(`d`)", Parts: ranges}, txn.TextString("2024-02-29"), 2},
		{schemas.Partitioning{Method: "LIST", Expression: "`n`", Parts: lists}, txn.Int(3), 0},
		{schemas.Partitioning{Method: "LIST", Expression: "`n`", Parts: lists}, txn.Int(2), 1},
		{schemas.Partitioning{Method: "HASH", Expression: "`n`", Count: 4}, txn.Int(-6), 2},
		{schemas.Partitioning{Method: "KEY", Columns: []string{"n"}, Count: 4}, txn.Int(6), -1},
		{schemas.Partitioning{Method: "HASH", Expression: "(`n` + 1)", Count: 4}, txn.Int(6), -1},
	} {
		def := &schemas.Table{Partitioning: &c.p, Columns: []schemas.Column{{Name: "n", Type: schemas.Type{Kind: schemas.Int}}, {Name: "d", Type: schemas.Type{Kind: schemas.Date}}}}
		if got := newRowPartitioner(def).of([]txn.Value{c.v, c.v}); got != c.want {
			t.Errorf("%s of %s%v: %v is in partition %d, want %d", c.p.Method, c.p.Expression, c.p.Columns, c.v, got, c.want)
		}
	}
}
