package dialect

import (
	"fmt"

	"marmot/schemas"
	"marmot/txn"
)

// Rows that go to another database's file are copied by the nodes into a table of that file, before they apply the record; its
// statements take over from there.

// movedTable is the name of the SQLite table that the rows of t come in. No table of a client has such a name.
func movedTable(t *schemas.Table) string { return fmt.Sprintf("_marmot_moved.%d", t.ID) }

// fromSQL is the name under which a move reads the table.
func fromSQL(t *schemas.Table) string {
	return txn.MovedFrom + "." + schemas.QuoteSQLite(t.SQLiteName)
}

// move adds a move of rows of t, as it is in its file, to another database.
func (d *definition) move(t *schemas.Table, to txn.DatabaseID, create, insert string) {
	m := txn.Move{From: t.DBID, To: to, Table: movedTable(t), Create: create, Insert: insert}
	d.out.Body.Conversions = append(d.out.Body.Conversions, m.Conversion(t.ID))
}
