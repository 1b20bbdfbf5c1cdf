package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// references is what an expression of a table's definition uses.
type references struct {
	columns   []string
	functions []string // that are not functions of their arguments alone, lower case
	variables bool
	subquery  bool
}

// referencesOf walks an expression.
func referencesOf(e sqlparser.Expr) references {
	var r references
	// The callback never fails, so neither does Walk.
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch x := n.(type) {
		case *sqlparser.ColName:
			r.columns = append(r.columns, x.Name.String())
		case *sqlparser.Variable:
			r.variables = true
		case *sqlparser.Subquery:
			r.subquery = true
			return false, nil
		case *sqlparser.FuncExpr:
			if name := x.Name.Lowered(); !pureFunction(name, len(x.Exprs)) {
				r.functions = append(r.functions, name)
			}
		case *sqlparser.CurTimeFuncExpr:
			r.functions = append(r.functions, functionName(x.Name.Lowered()))
		case *sqlparser.LockingFunc:
			r.functions = append(r.functions, strings.ToLower(x.Type.ToString()))
		}
		return true, nil
	}, e)
	return r
}

// pureFunction reports whether a function depends on nothing but its arguments.
func pureFunction(name string, args int) bool {
	switch name {
	case "rand", "uuid", "uuid_short", "connection_id", "current_user", "current_role", "database", "schema", "user", "session_user",
		"system_user", "version", "found_rows", "last_insert_id", "row_count", "sleep", "benchmark", "get_lock", "release_lock",
		"release_all_locks", "is_free_lock", "is_used_lock", "load_file", "sysdate", "now", "curdate", "curtime", "current_date",
		"current_time", "current_timestamp", "localtime", "localtimestamp", "utc_date", "utc_time", "utc_timestamp", "random_bytes",
		"ps_current_thread_id", "marmot_outcome", "master_pos_wait", "source_pos_wait":
		return false
	case "unix_timestamp":
		return args > 0
	}
	return true
}

// defaultOnly reports whether a function may stand in an expression default all the same.
func defaultOnly(name string) bool {
	switch name {
	case "sleep", "benchmark", "get_lock", "release_lock", "release_all_locks", "is_free_lock", "is_used_lock", "load_file",
		"found_rows", "row_count", "last_insert_id":
		return false
	}
	return true
}

// columnOnly reports whether an expression is a column and nothing else.
func columnOnly(e sqlparser.Expr) bool {
	_, ok := e.(*sqlparser.ColName)
	return ok
}

// checkExpression checks what a CHECK constraint uses.
func (b *tableBuilder) checkExpression(name, column string, e sqlparser.Expr) error {
	r := referencesOf(e)
	switch {
	case r.variables:
		return mysqlerr.New(3816, name)
	case r.subquery:
		return mysqlerr.New(3815, name)
	case len(r.functions) > 0:
		return mysqlerr.New(3814, name, r.functions[0])
	}
	for _, c := range r.columns {
		i := b.table.ColumnIndex(c)
		switch {
		case i < 0:
			return mysqlerr.New(3820, name, c)
		case i == b.table.AutoIncrement:
			return mysqlerr.New(3818, name)
		case column != "" && !strings.EqualFold(c, column):
			return mysqlerr.New(3813, name)
		}
		if err := b.checkReferenced(name, i); err != nil {
			return err
		}
	}
	if !truthExpression(e) {
		return mysqlerr.New(3812, name)
	}
	return nil
}

// truthExpression reports whether an expression's type is that of a truth value in MySQL's eyes: what a check has to be.
func truthExpression(e sqlparser.Expr) bool {
	switch e := e.(type) {
	case *sqlparser.Literal, *sqlparser.BinaryExpr, *sqlparser.ColName, *sqlparser.NullVal, *sqlparser.CaseExpr,
		*sqlparser.JSONExtractExpr, *sqlparser.JSONUnquoteExpr, *sqlparser.CastExpr, *sqlparser.ConvertExpr, *sqlparser.IntervalFuncExpr,
		*sqlparser.CharExpr, *sqlparser.SubstrExpr, *sqlparser.TrimFuncExpr:
		return false
	case *sqlparser.UnaryExpr:
		return e.Operator == sqlparser.BangOp
	case *sqlparser.FuncExpr:
		switch strings.ToLower(e.Name.String()) {
		case "if", "ifnull", "coalesce", "nullif", "abs", "length", "char_length", "character_length", "octet_length", "bit_length", "find_in_set",
			"field", "instr", "sign", "floor", "ceil", "ceiling", "round", "truncate", "mod", "greatest", "least", "concat", "concat_ws",
			"lower", "upper", "trim", "ltrim", "rtrim", "replace", "left", "right", "year", "month", "day", "crc32", "ascii", "ord":
			return false
		}
	}
	return true
}

// checkReferenced refuses a check on a column that a foreign key's action may change.
func (b *tableBuilder) checkReferenced(name string, column int) error {
	for i := range b.table.ForeignKeys {
		fk := &b.table.ForeignKeys[i]
		if fk.OnUpdate != schemas.Cascade && fk.OnUpdate != schemas.SetNull && fk.OnDelete != schemas.SetNull {
			continue
		}
		for _, c := range fk.Columns {
			if c == column {
				return mysqlerr.New(3823, b.table.Columns[c].Name, name, fk.Name)
			}
		}
	}
	return nil
}

// expressions checks what generated columns and expression defaults use.
func (b *tableBuilder) expressions() error {
	for i := range b.table.Columns {
		c := &b.table.Columns[i]
		var err error
		switch {
		case c.Generated != nil:
			err = b.generatedExpression(i, c)
		case c.Default != nil && c.Default.Expression != "":
			err = b.defaultExpression(i, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *tableBuilder) generatedExpression(at int, c *schemas.Column) error {
	tree, err := parseExpression(c.Generated.Expression)
	if err != nil {
		return err
	}
	r := referencesOf(tree)
	switch {
	case r.variables:
		return mysqlerr.New(3772, c.Name) // MySQL says it in the words of a default, and not as 3765
	case r.subquery:
		return mysqlerr.New(3102, c.Name)
	case len(r.functions) > 0:
		return mysqlerr.New(3763, c.Name, r.functions[0])
	}
	for _, name := range r.columns {
		i := b.table.ColumnIndex(name)
		switch {
		case i < 0:
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, "generated column function")
		case i == b.table.AutoIncrement:
			return mysqlerr.New(3109, c.Name)
		case i >= at && b.table.Columns[i].Generated != nil:
			return mysqlerr.New(3107)
		}
	}
	return b.compiles(c.Generated.Expression, func(name string) error { return mysqlerr.New(3763, c.Name, "`"+name+"`") })
}

func (b *tableBuilder) defaultExpression(at int, c *schemas.Column) error {
	tree, err := parseExpression(c.Default.Expression)
	if err != nil {
		return err
	}
	r := referencesOf(tree)
	switch {
	case r.variables:
		return mysqlerr.New(3772, c.Name)
	case r.subquery:
		return mysqlerr.New(3769, c.Name)
	}
	for _, f := range r.functions {
		if !defaultOnly(f) {
			return mysqlerr.New(3770, c.Name, f)
		}
	}
	for _, name := range r.columns {
		i := b.table.ColumnIndex(name)
		if i < 0 {
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, "default value expression")
		}
		other := &b.table.Columns[i]
		if i >= at && (other.Generated != nil || other.Default != nil && other.Default.Expression != "") {
			return mysqlerr.New(3767, c.Name)
		}
	}
	return b.compiles(c.Default.Expression, func(name string) error { return mysqlerr.New(3770, c.Name, "`"+name+"`") })
}
