package dialect

import "vitess.io/vitess/go/vt/sqlparser"

// planCommand plans a statement that the session carries out itself, or that asks the catalog.
func planCommand(c *Context, stmt sqlparser.Statement, text string) (*Plan, error) {
	panic("not built yet")
}

// planRaw plans statements that the parser lacks or gets wrong; it is called before parsing.
// It reports false when the statement is none of them.
func planRaw(c *Context, text string) (*Plan, error, bool) { panic("not built yet") }
