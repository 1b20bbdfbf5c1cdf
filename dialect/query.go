package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// planQuery plans a statement that answers rows.
func (k *compiler) planQuery(t sqlparser.TableStatement) (*Plan, error) {
	s := &scope{k: k, clause: "field list"}
	into := intoOf(t)
	if k.c.SelectLimit > 0 {
		s.limitRows(t, k.c.SelectLimit)
	}
	_, s.local = t.(*sqlparser.Select)
	stored := k.c.Raw || k.c.Targets != nil
	s.local = s.local && !stored
	q, err := s.tableStatement(t)
	if err != nil {
		return nil, err
	}
	if !s.local && !stored {
		localize(q)
	}
	var ready []bool
	if k.c.Targets != nil {
		if ready, err = k.intoTargets(q); err != nil {
			return nil, err
		}
	}
	plan := &Plan{Query: &Query{}}
	for _, c := range q.columns {
		plan.Columns = append(plan.Columns, resultColumn(c))
	}
	k.showVariables(plan, q)
	r := queryRun{main: newStatement(q.sql), before: k.before, virtuals: k.virtuals, matches: k.matches, catalog: k.c.Catalog}
	plan.Query.run = r.run
	if k.c.Targets != nil {
		plan.Query.run = convertingRun(r.run, k.c.Targets.list, ready)
	}
	if into != nil {
		if plan.Query.run, err = intoVariables(r.run, into, q.columns); err != nil {
			return nil, err
		}
		plan.Columns = nil
		k.volatile = true
	}
	if sel, ok := t.(*sqlparser.Select); ok && sel.SQLCalcFoundRows && q.unlimited != "" {
		count := queryRun{main: newStatement("SELECT count(*) FROM (" + q.unlimited + ")"), virtuals: k.virtuals, matches: k.matches, catalog: k.c.Catalog}
		plan.Query.found = count.count
	}
	plan.Query.Scans = k.scans
	plan.Query.NeedsTransactionView = len(k.tables) > 0
	k.lock(plan.Query, r)
	return k.finish(plan), nil
}

// showVariables marks the columns that are nothing but a user variable.
func (k *compiler) showVariables(plan *Plan, q *query) {
	for i, c := range q.columns {
		name, is := strings.CutPrefix(c.operand.SQL, variableCall)
		if is && !k.volatile && strings.Count(name, "'") == 1 {
			plan.Columns[i].Variable = strings.TrimSuffix(name, "')")
		}
	}
}

// localize turns the TIMESTAMPs of a set operation into the session's time zone.
func localize(q *query) {
	var list []string
	found := false
	for i, c := range q.columns {
		o := expression.Operand{SQL: outName(i), Type: c.operand.Type, Nullable: c.operand.Nullable}
		if o.Type.Kind == schemas.Timestamp {
			o, found = expression.Local(o), true
		}
		list = append(list, o.SQL)
	}
	if found {
		q.sql = "SELECT " + strings.Join(list, ", ") + " FROM (" + q.sql + ")"
	}
}

// limitRows gives a SELECT without LIMIT that of sql_select_limit.
func (s *scope) limitRows(t sqlparser.TableStatement, n uint64) {
	if t.GetLimit() == nil {
		t.SetLimit(&sqlparser.Limit{Rowcount: sqlparser.NewIntLiteral(uintText(n))})
	}
}

// resultColumn describes a column to the client.
func resultColumn(c outColumn) ResultColumn {
	m := c.meta
	m.Type, m.Nullable = c.operand.Type, c.operand.Nullable
	if m.Type.Kind == 0 {
		m.Type = schemas.Type{}
		if c.operand.Param {
			m.Type = expression.AnyText(c.operand.Type.Collation)
			if c.operand.Given != nil {
				m.Type = expression.TextArgument.Type(c.operand.Type.Collation)
			}
			if t, known := expression.Bound(c.operand); known {
				m.Type = t
			}
		}
		m.Nullable = true
	}
	if c.operand.Constant != nil && m.Type.Kind == schemas.BigInt && m.Type.Spelling == "" && !m.Type.Unsigned {
		m.Type.Length++ // the sign has a place
	}
	if m.Nullable {
		m.Flags &^= flagNotNull
	}
	return m
}

// queryRun is a query ready to run.
type queryRun struct {
	main statement
	// before are queries that run first for what they do to user variables.
	before   []statement
	virtuals []*virtualUse
	matches  []*matchSearch
	catalog  *schemas.Catalog
}

func (r queryRun) run(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
	if err := r.fill(x, e, b); err != nil {
		return err
	}
	for i := range r.before {
		if err := r.before[i].query(x, b, nil, func([]txn.Value) error { return nil }); err != nil {
			return sqlError(err)
		}
	}
	return sqlError(r.main.query(x, b, nil, row))
}

func (r queryRun) count(x Executor, e Environment, b Binding) (n uint64, err error) {
	err = r.run(x, e, b, func(values []txn.Value) error {
		n = uint64(values[0].Int64())
		return nil
	})
	return n, err
}

// fill puts the rows of the catalog's tables that the query reads, and what its full-text searches find, into TEMP tables.
func (r queryRun) fill(x Executor, e Environment, b Binding) error {
	for _, v := range r.virtuals {
		if err := v.fill(x, e, r.catalog, b); err != nil {
			return err
		}
	}
	return fillMatches(x, b, r.matches)
}

func virtualName(v *virtualTable) string {
	return "_marmot_v_" + strings.ToLower(v.Database) + "_" + strings.ToLower(v.Name)
}

// fill puts the rows that the statement asks for into the TEMP table.
func (u *virtualUse) fill(x Executor, e Environment, c *schemas.Catalog, b Binding) error {
	v := u.table
	name := "temp." + schemas.QuoteSQLite(virtualName(v))
	var columns, marks []string
	for i := range v.Columns {
		column := schemas.QuoteSQLite(v.Columns[i].Name)
		if t := v.Columns[i].Type.SQLiteType(); t != "" {
			column += " " + t
		}
		columns = append(columns, column)
		marks = append(marks, "?"+uintText(uint64(i+1)))
	}
	if _, err := x.Exec("CREATE TEMP TABLE IF NOT EXISTS "+schemas.QuoteSQLite(virtualName(v))+" ("+strings.Join(columns, ", ")+")", nil); err != nil {
		return err
	}
	if _, err := x.Exec("DELETE FROM "+name, nil); err != nil {
		return err
	}
	insert := "INSERT INTO " + name + " VALUES (" + strings.Join(marks, ", ") + ")"
	put := func(values []txn.Value) error {
		_, err := x.Exec(insert, values)
		return err
	}
	if f := filterFor(v, e); f != nil {
		all := put
		put = func(values []txn.Value) error { return f.pass(values, all) }
	}
	wanted := u.wanted(b)
	return v.Rows(wanted.catalog(c), e, func(values []txn.Value) error {
		if !wanted.has(values) {
			return nil
		}
		return put(values)
	})
}

// intoVariables is SELECT … INTO @a, @b: one row at most.
func intoVariables(run func(Executor, Environment, Binding, func([]txn.Value) error) error, into *sqlparser.SelectInto, columns []outColumn) (func(Executor, Environment, Binding, func([]txn.Value) error) error, error) {
	if into.Type != sqlparser.IntoVariables {
		return nil, unsupported("SELECT … INTO OUTFILE")
	}
	var names []string
	for _, v := range into.VarList {
		names = append(names, v.Name.Lowered())
	}
	if len(names) != len(columns) {
		return nil, mysqlerr.New(mysql.ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT)
	}
	return func(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
		n := 0
		err := run(x, e, b, func(values []txn.Value) error {
			if n++; n > 1 {
				return mysqlerr.New(mysql.ER_TOO_MANY_ROWS)
			}
			for i, v := range values {
				e.SetUserVariable(names[i], v.Clone(), expression.SortOfVariable(columns[i].operand.Type))
			}
			return nil
		})
		if err == nil && n == 0 {
			e.Warn(mysqlerr.New(mysql.ER_SP_FETCH_NO_DATA))
		} else if err == nil {
			err = row(nil) // it is counted
		}
		return err
	}, nil
}
