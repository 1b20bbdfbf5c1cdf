package debezium

import (
	"fmt"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

func TestHiddenColumnsAreInNoEvent(t *testing.T) {
	integer := schemas.Type{Kind: schemas.Int}
	def := &schemas.Table{Database: "shop", Name: "t", AutoIncrement: -1, Primary: primary(2), Columns: []schemas.Column{
		{Name: "a", Type: integer, Nullable: true},
		{Name: "!hidden!", Type: integer, Nullable: true, Invisible: true, Hidden: true, Generated: &schemas.Generated{Expression: "(`a` + 1)", Stored: true}},
		{Name: "id", Type: integer}}}
	o := recordedOptions()
	table := newTable(def, &o)
	image := []txn.Value{txn.Int(7), txn.Int(8), txn.Int(3)}
	if got := fmt.Sprint(table.value.row(image), table.keyOfRow(image).Value); got != "[7 3] [3]" {
		t.Errorf("row and key %s, want [7 3] [3]", got)
	}
	for _, f := range table.value.schema.Fields {
		if f.Name == "!hidden!" {
			t.Error("the value's schema has the hidden column")
		}
	}
	if columns := newTestEncoder(t, o, nil).tableOfChange(def)[2].([]any); len(columns) != 2 {
		t.Errorf("%d columns in the definition's event, want 2", len(columns))
	}
}
