package dialect

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestExplainedPlans(t *testing.T) {
	tree := newExplainTree([]explainStep{
		{id: 2, detail: "CO-ROUTINE x"},
		{id: 5, parent: 2, detail: "SCAN t USING COVERING INDEX t.a"},
		{id: 9, detail: "SCAN x"},
		{id: 12, detail: "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"},
		{id: 15, detail: "CORRELATED SCALAR SUBQUERY 3"},
		{id: 18, parent: 15, detail: "SEARCH v USING INDEX v.b (b=? AND c>?)"},
		{id: 21, detail: "USE TEMP B-TREE FOR ORDER BY"},
	}, nil, nil)
	var got []string
	for _, b := range tree.blocks {
		for _, table := range b.tables {
			got = append(got, b.kind+" "+table.shownName()+" "+table.access+" "+table.key+" "+strings.Join(table.parts, "+"))
		}
	}
	want := "PRIMARY <derived2> ALL  \nPRIMARY u eq_ref PRIMARY rowid\nDERIVED t index a \nDEPENDENT SUBQUERY v range b b+c"
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if !tree.blocks[0].filesort {
		t.Error("the sort is lost")
	}
	tree.analyzed, tree.actualRows, tree.firstRow, tree.lastRow = true, 2, time.Millisecond, 2*time.Millisecond
	var out struct {
		Block struct {
			SelectID int `json:"select_id"`
			Ordering struct {
				Loop []struct{ Table map[string]any } `json:"nested_loop"`
			} `json:"ordering_operation"`
			Attached []any `json:"attached_subqueries"`
		} `json:"query_block"`
	}
	if err := json.Unmarshal([]byte(tree.json()), &out); err != nil {
		t.Fatal(err)
	}
	if b := out.Block; b.SelectID != 1 || len(b.Ordering.Loop) != 2 || len(b.Attached) != 1 || b.Ordering.Loop[0].Table["materialized_from_subquery"] == nil {
		t.Errorf("JSON lacks something: %s", tree.json())
	}
	if !strings.HasPrefix(tree.text(), "-> Send rows  (actual time=1..2 rows=2 loops=1)\n    -> Sort\n") {
		t.Errorf("tree begins otherwise:\n%s", tree.text())
	}
}
