package store

import (
	"fmt"

	"marmot/schemas"
	"marmot/sqlext"
	"marmot/store/sqlite"
	"marmot/txn"
)

// convert runs a named conversion of rows. What a name and version mean never changes: every
// node must come to the same rows, whatever its release. There are:
//
//	"move" version 1, see txn.Move: its rows have come before the record.
//
//	"column" version 1, arguments: column name
//	    Each value of the column is converted to the column's type as the table now defines it, as
//	    an UPDATE outside strict mode would, TIMESTAMP in UTC.
func convert(c *sqlite.Conn, d *schemas.Database, v *txn.Conversion) error {
	if m, err := v.Move(); m != nil || err != nil {
		return err
	}
	if v.Name != "column" || v.Version != 1 {
		return fmt.Errorf("conversion %q version %d: %w", v.Name, v.Version, txn.ErrFuture)
	}
	t := tableByID(d, v.Table)
	if t == nil || len(v.Args) != 1 || t.ColumnIndex(v.Args[0]) < 0 {
		return mismatchf("conversion %q of table %d with arguments %q: no such column", v.Name, v.Table, v.Args)
	}
	column := &t.Columns[t.ColumnIndex(v.Args[0])]
	function := sqlext.Function{
		Name: "_marmot_convert", Arity: 1, Deterministic: true,
		Call: func(args []txn.Value) (txn.Value, error) {
			value, _, err := schemas.Convert(column.Type, column.Name, args[0], schemas.Assignment{Table: t.Name})
			return value, err
		},
	}
	if err := c.Register(sqlext.Set{Functions: []sqlext.Function{function}}); err != nil {
		return err
	}
	name := schemas.QuoteSQLite(column.Name)
	return c.Exec("UPDATE " + schemas.QuoteSQLite(t.SQLiteName) + " SET " + name + " = _marmot_convert(" + name + ")")
}
