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
	// shown is what DESCRIBE tells of the columns beside their types.
	shown []shownColumn
	// Rows hands the rows, in the stored form of Columns, to row; values live until row returns.
	Rows func(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error
}

// shownColumn is what DESCRIBE shows of a column: its part in keys, its default (noDefault: none) and further words.
type shownColumn struct{ key, fallback, extra string }

// noDefault stands for the default of a column that has none.
const noDefault = `\N`

// isView reports whether MySQL has the table as a view.
func (v *virtualTable) isView() bool { return v.Database == "sys" && v.Name != "sys_config" }

// kind is TABLE_TYPE.
func (v *virtualTable) kind() string {
	switch {
	case v.Database == "information_schema":
		return "SYSTEM VIEW"
	case v.isView():
		return "VIEW"
	}
	return "BASE TABLE"
}

// status is tableStatus of a virtual table.
func (v *virtualTable) status() []txn.Value {
	if v.isView() {
		return viewStatus(&schemas.View{})
	}
	list := make([]txn.Value, 17)
	list[1] = count(10)
	for i := 3; i < 9; i++ {
		list[i] = count(0)
	}
	list[10], list[15], list[16] = createdText(0), text(""), text("")
	switch v.Database {
	case "performance_schema":
		list[0], list[2] = text("PERFORMANCE_SCHEMA"), text("Dynamic")
	case "mysql", "sys":
		list[0], list[2] = text("InnoDB"), text("Dynamic")
		if v.Name == "general_log" || v.Name == "slow_log" {
			list[0] = text("CSV")
		}
	}
	return list
}
