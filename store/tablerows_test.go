package store

import (
	"fmt"
	"slices"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// TestRowsComeInTheOrderOfAnIndexFromAnyPlace reads a table by indexes that rise and fall, whose columns may be NULL, at once and row by row.
func TestRowsComeInTheOrderOfAnIndexFromAnyPlace(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("shop")
	def := define("tree", true, "id int", "up int", "name text")
	def.Indexes = []schemas.Index{
		{Name: "u", SQLiteName: "tree_u", Parts: []schemas.IndexPart{{Column: 1}}},
		{Name: "d", SQLiteName: "tree_d", Parts: []schemas.IndexPart{{Column: 1, Descending: true}, {Column: 2}}},
	}
	table := f.createTable(db, def)
	f.must(f.apply(db, insert(table, 1, nil, "b"), insert(table, 2, 5, "B"), insert(table, 3, 1, "c"), insert(table, 4, nil, "A"), insert(table, 5, 1, nil), insert(table, 6, 5, "a")))
	b := f.branch(db)
	defer b.Close()
	for name, want := range map[string]string{"": "[1 2 3 4 5 6]", "u": "[1 4 3 5 2 6]", "d": "[6 2 5 3 4 1]"} {
		by := table.Index(name)
		ids := func(after []txn.Value) (list []int64, places [][]txn.Value) {
			f.must(b.TableRows(db, table, RowSpan{After: after, By: by}, func(image []txn.Value) error {
				list, places = append(list, image[0].Int64()), append(places, RowCursor(table, by, image))
				return nil
			}))
			return list, places
		}
		all, places := ids(nil)
		if fmt.Sprint(all) != want {
			t.Fatalf("%q: %v, want %s", name, all, want)
		}
		for i, place := range places {
			if rest, _ := ids(place); !slices.Equal(rest, all[i+1:]) {
				t.Fatalf("%q: behind row %d come %v, want %v", name, all[i], rest, all[i+1:])
			}
		}
		if name != "" { // the order was another when the place was noted: all come again
			by = nil
			if rest, _ := ids(places[2]); len(rest) != len(all) {
				t.Fatalf("%q: %v, want all rows", name, rest)
			}
		}
	}
}
