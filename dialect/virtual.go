package dialect

import (
	"marmot/schemas"
	"marmot/txn"
)

// virtualTable is a table of information_schema and its like: its rows are computed when a
// query reads it.
type virtualTable struct {
	Database, Name string
	Columns        []schemas.Column
	// Rows hands the rows, in the stored form of Columns, to row; values live until row returns.
	Rows func(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error
}
