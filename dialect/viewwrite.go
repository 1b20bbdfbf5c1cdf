package dialect

import (
	"slices"
	"strings"

	"marmot/accounts"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// Errors of writes through views.
const (
	errNotUpdatableColumn = 1348 // ER_NONUPDATEABLE_COLUMN
	errViewNoDefault      = 1423 // ER_NO_DEFAULT_FOR_VIEW_FIELD
	errCheckOption        = 1369 // ER_VIEW_CHECK_FAILED
)

// openedColumn says which column of a base table a view's column is; source is nil for an expression.
type openedColumn struct {
	source *source
	column int
}

// openedView is a view that a statement writes through: its tables take its place in FROM.
type openedView struct {
	view    *schemas.View
	columns []openedColumn
	bases   []*source
	under   []*openedView
	where   string // the view's own condition, or empty
	// subquery: its select list holds one, so that nothing can be inserted.
	subquery bool
	// outer: it, or one under it, has an outer join. MySQL then says that nothing can be written through it, though an UPDATE can.
	outer bool
}

// conditions lists the conditions of the view and of those under it.
func (o *openedView) conditions() []string {
	var list []string
	if o.where != "" {
		list = append(list, o.where)
	}
	for _, u := range o.under {
		list = append(list, u.conditions()...)
	}
	return list
}

// checks lists the conditions that WITH CHECK OPTION makes a written row keep.
func (o *openedView) checks(cascaded bool) []string {
	option := o.view.CheckOption
	if cascaded {
		option = "CASCADED"
	}
	var list []string
	if (option == "LOCAL" || option == "CASCADED") && o.where != "" {
		list = append(list, o.where)
	}
	for _, u := range o.under {
		list = append(list, u.checks(option == "CASCADED")...)
	}
	return list
}

// openable reports whether MySQL could write through a view with this query, as far as the view itself goes.
func openable(v *schemas.View, q *sqlparser.Select, inserts bool) bool {
	if v.Algorithm == "TEMPTABLE" || !merges(q) {
		return false
	}
	if inserts {
		return true
	}
	var tables []sqlparser.TableName
	for _, e := range q.From {
		tables = append(tables, tablesIn(e)...)
	}
	if q.Where == nil {
		return true
	}
	apart := true
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if s, ok := n.(*sqlparser.Subquery); ok {
			for _, t := range tablesIn(s) {
				for _, own := range tables {
					apart = apart && !(t.Name.String() == own.Name.String() && t.Qualifier.String() == own.Qualifier.String())
				}
			}
		}
		return apart, nil
	}, q.Where)
	return apart
}

// tablesIn lists the tables that a part of a statement names in FROM.
func tablesIn(n sqlparser.SQLNode) []sqlparser.TableName {
	var list []sqlparser.TableName
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if a, ok := n.(*sqlparser.AliasedTableExpr); ok {
			if t, ok := a.Expr.(sqlparser.TableName); ok {
				list = append(list, t)
			}
		}
		return true, nil
	}, n)
	return list
}

// openView puts the tables of a view that can be written through in its place. It reports false for other views.
func (s *scope) openView(v *schemas.View, name string) (relation, bool, error) {
	k := s.k
	p, err := parse([]byte(v.Select))
	if err != nil {
		return relation{}, false, err
	}
	q, ok := p.statement.(*sqlparser.Select)
	if !ok || !openable(v, q, s.rowOf != nil) {
		return relation{}, false, nil
	}
	if k.views++; k.views > maxViewDepth {
		return relation{}, false, mysqlerr.New(mysql.ER_VIEW_RECURSIVE, v.Database, v.Name)
	}
	context := *k.c
	context.Database, context.Catalog = v.Database, k.c.Catalog.Shared()
	if v.Collation != "" {
		context.Collation = v.Collation
	}
	savedContext, savedParsed := k.c, k.p
	k.c, k.p = &context, p
	leave := k.enterView(v)
	inner := &scope{k: k, clause: "field list", opens: true, rowOf: s.rowOf}
	r, opened, err := inner.openQuery(v, q, name)
	leave()
	k.c, k.p = savedContext, savedParsed
	k.views--
	if err != nil || !opened {
		return relation{}, false, invalidView(v, err)
	}
	s.conditions = append(s.conditions, r.sources[0].opened.conditions()...)
	return r, true, nil
}

// openQuery compiles a view's FROM, columns and condition.
func (s *scope) openQuery(v *schemas.View, q *sqlparser.Select, name string) (relation, bool, error) {
	r, err := s.commaList(q.From)
	if err != nil {
		return r, false, err
	}
	s.sources, s.star = r.sources, r.star
	o := &openedView{view: v}
	for _, src := range r.sources {
		o.outer = o.outer || src.outer || src.opened != nil && src.opened.outer
		switch {
		case src.opened != nil:
			o.bases, o.under = append(o.bases, src.opened.bases...), append(o.under, src.opened)
		case src.table != nil:
			o.bases = append(o.bases, src)
		}
	}
	if len(o.bases) == 0 {
		return r, false, nil
	}
	src := &source{name: name, database: v.Database, alias: o.bases[0].alias, scan: -1, opened: o}
	for i, e := range q.SelectExprs.Exprs {
		a, ok := e.(*sqlparser.AliasedExpr)
		if !ok {
			return r, false, nil
		}
		if err := s.openColumn(src, a, i); err != nil {
			return r, false, err
		}
	}
	if q.Where != nil {
		s.clause = "where clause"
		condition, err := s.expr(q.Where.Expr)
		if err != nil {
			return r, false, err
		}
		o.where = expression.Truth(condition)
	}
	return relation{sql: r.sql, sources: []*source{src}, star: starOf(src), right: r.right}, true, nil
}

// openColumn adds the view's column i.
func (s *scope) openColumn(src *source, a *sqlparser.AliasedExpr, i int) error {
	v := src.opened.view
	c := sourceColumn{name: a.As.String()}
	place := openedColumn{column: -1}
	if n, ok := a.Expr.(*sqlparser.ColName); ok {
		from, at, o, found, err := s.place(n)
		if err != nil {
			return err
		}
		if found {
			c.operand, c.meta = o, from.columns[at].meta
			place = from.base(at)
			if c.name == "" {
				c.name = from.columns[at].name
			}
		}
	}
	if c.operand.SQL == "" {
		o, err := s.expr(a.Expr)
		if err != nil {
			return err
		}
		c.operand = o
		_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
			_, is := n.(*sqlparser.Subquery)
			src.opened.subquery = src.opened.subquery || is
			return !is, nil
		}, a.Expr)
	}
	if i < len(v.Columns) {
		c.name = v.Columns[i]
	}
	c.meta.Name, c.meta.OrgName, c.meta.Table, c.meta.OrgTable, c.meta.Database = c.name, c.name, src.name, v.Name, v.Database
	src.columns = append(src.columns, c)
	src.opened.columns = append(src.opened.columns, place)
	return nil
}

// base says which column of a base table column i is.
func (s *source) base(i int) openedColumn {
	switch {
	case s.opened != nil:
		return s.opened.columns[i]
	case s.table != nil && i < len(s.table.Columns):
		return openedColumn{s, i}
	}
	return openedColumn{column: -1}
}

// writable finds the base table's column that an assignment to column i changes.
func (s *source) writable(i int) (openedColumn, error) {
	at := s.base(i)
	switch {
	case at.source != nil:
		return at, nil
	case s.opened != nil:
		return at, mysqlerr.New(errNotUpdatableColumn, s.columns[i].name)
	}
	return at, mysqlerr.New(mysql.ER_NON_UPDATABLE_TABLE, s.name, "UPDATE")
}

// bases lists the base tables that a source stands for.
func (s *source) bases() []*source {
	if s.opened != nil {
		return s.opened.bases
	}
	return []*source{s}
}

// where adds the conditions of opened views.
func (s *scope) withConditions(where string) string {
	list := s.conditions
	if where != "" {
		list = append([]string{where}, list...)
	}
	if len(list) == 1 {
		return list[0]
	}
	for i := range list {
		list[i] = "(" + list[i] + ")"
	}
	return strings.Join(list, " AND ")
}

// viewCheck is WITH CHECK OPTION of a view, over the columns of one row.
type viewCheck struct {
	view      *schemas.View
	statement statement
}

// openForRow opens a view over the columns of a row at hand.
func (k *compiler) openForRow(v *schemas.View) (*source, bool, error) {
	s := &scope{k: k, clause: "field list", rowOf: func(t *schemas.Table, name string) *source {
		src := k.rowSource(t, name, local)
		src.table = t
		return src
	}}
	r, ok, err := s.openView(v, v.Name)
	if err != nil || !ok {
		return nil, false, err
	}
	return r.sources[0], true, nil
}

// viewCheck compiles what a row that is written through the view has to keep; nil if that is nothing.
func (k *compiler) viewCheck(v *schemas.View) (*viewCheck, error) {
	src, ok, err := k.openForRow(v)
	if err != nil || !ok {
		return nil, err
	}
	list := src.opened.checks(false)
	if len(list) == 0 {
		return nil, nil
	}
	if len(src.opened.bases) > 1 {
		return nil, unsupported("WITH CHECK OPTION on a view of several tables")
	}
	for i := range list {
		list[i] = "(" + list[i] + ")"
	}
	return &viewCheck{view: v, statement: newStatement("SELECT " + strings.Join(list, " AND "))}, nil
}

// kept reports whether the row keeps WITH CHECK OPTION. With IGNORE a row that does not is left out, with a warning.
func (w *writer) kept(c *viewCheck, row []txn.Value) (bool, error) {
	if ok, err := w.placed(w.partition, row); c == nil || !ok {
		return ok, err
	}
	ok := false
	err := c.statement.query(w.x, w.b, row, func(values []txn.Value) error {
		ok = !values[0].IsNull() && !isZero(values[0])
		return nil
	})
	if err != nil || ok {
		return ok, sqlError(err)
	}
	e := mysqlerr.New(errCheckOption, c.view.Database, c.view.Name)
	if !w.ignore {
		return false, e
	}
	w.warn(e)
	return false, nil
}

// insertTarget is the table that rows go into, and the view through which they go.
type insertTarget struct {
	table *schemas.Table
	view  *source // nil: none
	check *viewCheck
}

// column returns the place of the column in the table, or -1.
func (t *insertTarget) column(name string) int {
	if t.view == nil {
		i := t.table.ColumnIndex(name)
		if i < 0 && strings.EqualFold(name, rowIDName) {
			i = rowIDColumn(t.table)
		}
		return i
	}
	if i := t.view.find(name); i >= 0 {
		return t.view.opened.columns[i].column
	}
	return -1
}

// insertTarget finds where INSERT writes. names are the columns that the statement lists.
func (k *compiler) insertTarget(n sqlparser.TableName, names []string) (*insertTarget, error) {
	database := k.databaseName(n)
	v := k.c.Catalog.View(database, n.Name.String())
	if t := k.c.Catalog.Table(database, n.Name.String()); v == nil || t != nil && t.Temporary() {
		table, err := k.table(n)
		return &insertTarget{table: table}, err
	}
	src, ok, err := k.openForRow(v)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, mysqlerr.New(mysql.ER_NON_INSERTABLE_TABLE, v.Name, "INSERT")
	}
	t := &insertTarget{view: src}
	o := src.opened
	if len(o.bases) > 1 && len(names) == 0 {
		return nil, mysqlerr.New(mysql.ER_VIEW_NO_INSERT_FIELD_LIST, v.Database, v.Name)
	}
	if err := t.listed(names); err != nil {
		return nil, err
	}
	if t.table == nil {
		t.table = o.bases[0].table
	}
	if err := t.insertable(); err != nil {
		return nil, err
	}
	k.use(t.table)
	for _, base := range o.bases {
		if base.table == t.table && base.need > 0 {
			k.needs[base.need-1].Privileges = accounts.Insert
		}
	}
	t.check, err = k.viewCheck(v)
	return t, err
}

// needsColumns notes what the columns that INSERT gives values for need, of the table or of the view.
func (t *insertTarget) needsColumns(k *compiler, need int, columns []int, names []string) {
	if t.view == nil {
		k.insertsColumns(need, t.table, columns, len(names) > 0)
		return
	}
	if need == 0 {
		return
	}
	n := &k.needs[need-1]
	for i := range t.view.columns {
		name := t.view.columns[i].name
		if len(names) == 0 || slices.ContainsFunc(names, func(x string) bool { return strings.EqualFold(x, name) }) {
			n.Columns = append(n.Columns, accounts.ColumnNeed{Column: name, Privilege: accounts.Insert, Whole: len(names) == 0})
		}
	}
}

// listed checks the columns that the statement names, or all of the view's.
func (t *insertTarget) listed(names []string) error {
	o := t.view.opened
	if len(names) == 0 {
		for i := range t.view.columns {
			names = append(names, t.view.columns[i].name)
		}
	}
	for _, name := range names {
		i := t.view.find(name)
		if i < 0 {
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, "field list")
		}
		at := o.columns[i]
		switch {
		case at.source == nil && len(names) == 1 && len(t.view.columns) == 1:
			return mysqlerr.New(mysql.ER_NON_INSERTABLE_TABLE, o.view.Name, "INSERT")
		case at.source == nil:
			return mysqlerr.New(errNotUpdatableColumn, name)
		case t.table != nil && t.table != at.source.table:
			return mysqlerr.New(mysql.ER_VIEW_MULTIUPDATE, o.view.Database, o.view.Name)
		}
		t.table = at.source.table
	}
	return nil
}

// insertable refuses views of which not every column is one of the table, each once, and those that leave out a column
// without default.
func (t *insertTarget) insertable() error {
	o := t.view.opened
	refused := mysqlerr.New(mysql.ER_NON_INSERTABLE_TABLE, o.view.Name, "INSERT")
	seen := map[openedColumn]bool{}
	for _, at := range o.columns {
		if at.source == nil || seen[at] || o.subquery {
			return refused
		}
		seen[at] = true
	}
	for i := range t.table.Columns {
		c := &t.table.Columns[i]
		covered := c.Nullable && !c.NoDefault || c.Default != nil || c.Generated != nil || i == t.table.AutoIncrement
		for at := range seen {
			covered = covered || at.source.table == t.table && at.column == i
		}
		if !covered {
			return mysqlerr.New(errViewNoDefault, o.view.Database, o.view.Name)
		}
	}
	return nil
}

// renamed gives the columns of a view that an INSERT names in its expressions the names that they have in the table.
func (t *insertTarget) renamed(n sqlparser.SQLNode) {
	if t.view == nil || n == nil {
		return
	}
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if _, is := n.(*sqlparser.Subquery); is {
			return false, nil
		}
		c, is := n.(*sqlparser.ColName)
		if !is || !c.Qualifier.IsEmpty() && c.Qualifier.Name.String() != t.view.name {
			return true, nil
		}
		if i := t.column(c.Name.String()); i >= 0 {
			c.Name, c.Qualifier = sqlparser.NewIdentifierCI(t.table.Columns[i].Name), sqlparser.TableName{}
		}
		return true, nil
	}, n)
}

// updatableText is IS_UPDATABLE of information_schema.VIEWS.
func updatableText(c *schemas.Catalog, v *schemas.View) string {
	if viewUpdatable(c, v) {
		return "YES"
	}
	return "NO"
}

// viewUpdatable reports whether some column of the view can be written.
func viewUpdatable(c *schemas.Catalog, v *schemas.View) bool {
	k := newCompiler(&Context{Catalog: c, Database: v.Database, Mode: DefaultSQLMode, Collation: v.Collation, User: v.Definer}, nil)
	src, ok, err := k.openForRow(v)
	if err != nil || !ok {
		return false
	}
	for _, at := range src.opened.columns {
		if at.source != nil {
			return !src.opened.outer
		}
	}
	return false
}
