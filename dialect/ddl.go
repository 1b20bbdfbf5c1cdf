package dialect

import "vitess.io/vitess/go/vt/sqlparser"

// planDDL plans a statement that changes definitions.
func planDDL(c *Context, stmt sqlparser.Statement, text string) (*Plan, error) {
	panic("not built yet")
}
