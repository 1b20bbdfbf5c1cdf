package dialect

import (
	"slices"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// changeView adds a view's new version.
func (d *definition) changeView(v *schemas.View, op txn.Op) error {
	stored := *v
	stored.Version = 0
	body, err := schemas.EncodeView(&stored)
	if err != nil {
		return err
	}
	d.names(ObjectName{v.Database, v.Name})
	d.out.Body.Changes = append(d.out.Body.Changes, txn.DefinitionChange{Kind: txn.ObjectView, Op: op, ID: uint64(v.ID), DBID: v.DBID,
		Database: v.Database, Name: v.Name, Definition: body})
	return nil
}

// renameView gives a view another name.
func (d *definition) renameView(v *schemas.View, to ObjectName) error {
	d.names(ObjectName{v.Database, v.Name})
	changed := *v
	changed.Name = to.Name
	return d.changeView(&changed, txn.Update)
}

// viewSpec is CREATE VIEW or ALTER VIEW as written.
type viewSpec struct {
	name                                      ObjectName
	replace, alter, ifNotExists               bool
	algorithm, definer, security, checkOption string
	columns                                   []string
	query                                     string
}

func planCreateView(c *Context, s *textReader) (*Plan, error) {
	return planView(c, s, viewSpec{replace: s.accept("OR", "REPLACE")})
}

func planAlterView(c *Context, s *textReader) (*Plan, error) {
	return planView(c, s, viewSpec{alter: true})
}

// planView plans a view behind CREATE [OR REPLACE] or ALTER.
func planView(c *Context, s *textReader, v viewSpec) (*Plan, error) {
	v.algorithm, v.definer, v.security, v.checkOption = "UNDEFINED", c.User, "DEFINER", "NONE"
	for s.err == nil && !s.accept("VIEW") {
		switch {
		case s.accept("ALGORITHM"):
			s.expect("=")
			if v.algorithm = s.one("UNDEFINED", "MERGE", "TEMPTABLE"); v.algorithm == "" {
				s.wrong()
			}
		case s.accept("DEFINER"):
			s.expect("=")
			if !s.accept("CURRENT_USER", "(", ")") && !s.accept("CURRENT_USER") {
				v.definer = s.account()
			}
		case s.accept("SQL", "SECURITY"):
			if v.security = s.one("DEFINER", "INVOKER"); v.security == "" {
				s.wrong()
			}
		default:
			s.wrong()
		}
	}
	if !v.replace && !v.alter {
		v.ifNotExists = s.ifNotExists()
	}
	v.name = s.object()
	if s.is("(") {
		s.parenthesised(func() { v.columns = append(v.columns, s.name()) })
	}
	s.expect("AS")
	s.viewQuery(&v)
	if s.err != nil {
		return nil, s.err
	}
	return planDefinition(c, s, []ObjectName{{Database: v.name.Database}, v.name}, func(d *definition) error { return d.createView(&v) }), nil
}

// viewQuery reads the query of a view and the check option behind it.
func (s *textReader) viewQuery(v *viewSpec) {
	from, end := s.at, len(s.list)-1
	back := func(n int, words ...string) bool {
		for i, w := range words {
			if at := end - n + i; at < from || !strings.EqualFold(s.raw(s.list[at]), w) {
				return false
			}
		}
		return true
	}
	switch {
	case back(4, "WITH", "CASCADED", "CHECK", "OPTION"):
		v.checkOption, end = "CASCADED", end-4
	case back(4, "WITH", "LOCAL", "CHECK", "OPTION"):
		v.checkOption, end = "LOCAL", end-4
	case back(3, "WITH", "CHECK", "OPTION"):
		v.checkOption, end = "CASCADED", end-3
	}
	if end <= from {
		s.wrong()
		return
	}
	v.query = s.text(from, end)
	s.at = len(s.list) - 1
}

func (d *definition) createView(w *viewSpec) error {
	if err := checkName(w.name.Name, mysql.ER_WRONG_TABLE_NAME); err != nil {
		return err
	}
	db, err := d.database(w.name.Database)
	if err != nil {
		return err
	}
	old := d.view(w.name)
	switch {
	case d.c.Catalog.BaseTable(w.name.Database, w.name.Name) != nil && (w.replace || w.alter):
		return mysqlerr.New(mysql.ER_WRONG_OBJECT, w.name.Database, w.name.Name, "VIEW")
	case w.ifNotExists && (old != nil || d.c.Catalog.BaseTable(w.name.Database, w.name.Name) != nil):
		d.note(mysqlerr.New(mysql.ER_TABLE_EXISTS_ERROR, w.name.Name))
		d.named(txn.ObjectView, w.name, w.name)
		return nil
	case d.c.Catalog.BaseTable(w.name.Database, w.name.Name) != nil, old != nil && !w.replace && !w.alter:
		return mysqlerr.New(mysql.ER_TABLE_EXISTS_ERROR, w.name.Name)
	case old == nil && w.alter:
		return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, w.name.Database, w.name.Name)
	}
	query, columns, err := d.viewText(w)
	if err != nil {
		return err
	}
	v := &schemas.View{Database: db.Name, DBID: db.ID, Name: w.name.Name, Columns: columns, Select: query, Definer: w.definer, Algorithm: w.algorithm,
		Security: w.security, CheckOption: w.checkOption, Charset: "utf8mb4", Collation: d.c.Collation, CreatedUS: d.e.Now().UnixMicro()}
	if co := schemas.LookupCollation(d.c.Collation); co != nil {
		v.Charset = co.Charset
	}
	if err := d.checkView(v); err != nil {
		return err
	}
	if old != nil {
		v.ID = old.ID
		return d.changeView(v, txn.Update)
	}
	return d.changeView(v, txn.Insert)
}

// checkView refuses a check option that nothing can fail, and takes back an algorithm that the query does not allow.
func (d *definition) checkView(v *schemas.View) error {
	if v.CheckOption != "NONE" && !viewUpdatable(d.c.Catalog, v) {
		return mysqlerr.New(mysql.ER_VIEW_NONUPD_CHECK, v.Database, v.Name)
	}
	if v.Algorithm != "MERGE" {
		return nil
	}
	p, err := parse([]byte(v.Select))
	if err != nil {
		return err
	}
	if q, ok := p.statement.(sqlparser.TableStatement); ok && !merges(q) {
		d.note(mysqlerr.New(mysql.ER_WARN_VIEW_MERGE))
		v.Algorithm = "UNDEFINED"
	}
	return nil
}

// viewText checks the query of a view and returns it as it is kept, and the columns' names if
// the statement gives them.
func (d *definition) viewText(w *viewSpec) (string, []string, error) {
	own := *d.c
	own.Mode &^= ANSIQuotes
	plan, err := planSelectText(&own, w.query)
	if err != nil {
		return "", nil, err
	}
	if plan.Params > 0 || strings.Contains(w.query, "@") && usesVariables(w.query) {
		return "", nil, mysqlerr.New(mysql.ER_VIEW_SELECT_VARIABLE)
	}
	if w.columns != nil && len(w.columns) != len(plan.Columns) {
		return "", nil, mysqlerr.Newf(mysql.ER_VIEW_WRONG_LIST, "In definition of view, derived table or common table expression, SELECT list and column names list have different column counts")
	}
	p, err := parse([]byte(w.query))
	if err != nil {
		return "", nil, err
	}
	names := w.columns
	if names == nil {
		uniqueNames(p.statement, plan.Columns)
		for _, c := range plan.Columns {
			names = append(names, c.Name)
		}
	}
	for i, n := range names {
		if slices.ContainsFunc(names[:i], func(x string) bool { return strings.EqualFold(x, n) }) {
			return "", nil, mysqlerr.New(mysql.ER_DUP_FIELDNAME, n)
		}
	}
	for _, t := range plan.Tables {
		if t.Temporary() {
			return "", nil, mysqlerr.New(mysql.ER_VIEW_SELECT_TMPTABLE, t.Name)
		}
		if t.Database == w.name.Database && t.Name == w.name.Name {
			return "", nil, mysqlerr.New(mysql.ER_VIEW_RECURSIVE, w.name.Database, w.name.Name)
		}
	}
	q, ok := p.statement.(sqlparser.TableStatement)
	if !ok {
		return "", nil, unsupported("this kind of query in a view")
	}
	x := &viewPrinter{d: d, c: &own, p: p, named: true}
	return x.query(q, plan.Columns), w.columns, nil
}

// uniqueNames gives columns of expressions without alias other names where the text is no name, or one that is taken.
func uniqueNames(statement sqlparser.Statement, columns []ResultColumn) {
	q, ok := statement.(*sqlparser.Select)
	if !ok || len(q.SelectExprs.Exprs) != len(columns) {
		return
	}
	for i, e := range q.SelectExprs.Exprs {
		a, ok := e.(*sqlparser.AliasedExpr)
		if !ok || !a.As.IsEmpty() {
			continue
		}
		if _, column := a.Expr.(*sqlparser.ColName); column {
			continue
		}
		c := &columns[i]
		taken := func(name string) bool {
			return slices.ContainsFunc(columns[:i], func(x ResultColumn) bool { return strings.EqualFold(x.Name, name) })
		}
		if c.Name == "" {
			c.Name = "Name_exp_" + strconv.Itoa(i+1)
		}
		name := c.Name
		for n := 0; taken(c.Name); n++ {
			c.Name = "Name_exp_" + name
			if n > 0 {
				c.Name = "Name_exp_" + strconv.Itoa(n) + "_" + name
			}
		}
	}
}

// usesVariables reports whether a query names a user or system variable.
func usesVariables(query string) bool {
	x := scanner{src: []byte(query)}
	for t := x.next(); t.kind != tokenEnd && t.kind != tokenBad; t = x.next() {
		if t.kind == tokenVariable {
			return true
		}
	}
	return false
}
