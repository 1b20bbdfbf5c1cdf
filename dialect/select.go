package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// query is a compiled SELECT: SQL whose columns are named c1, c2, ….
type query struct {
	sql     string
	columns []outColumn
	// bare: no WITH, ORDER BY, LIMIT or set operator, so that it may be a side of a set operation.
	bare bool
	// sides counts the sides of a set operation, which another one may follow as it stands.
	sides int
	// body, of a UNION of distinct rows, is that of all its rows, and all counts its sides.
	body string
	all  int
	// one: it gives one row at most.
	one bool
	// unlimited is the SQL without LIMIT.
	unlimited string
	// locking is what a companion query needs; nil unless it is a plain SELECT.
	locking *lockable
}

// lockable holds the pieces of a SELECT from which the companion query of a locking read is made.
type lockable struct {
	from, where, order, limit string
	sources                   []*source
}

// tableStatement compiles a SELECT, a set operation or VALUES.
func (s *scope) tableStatement(t sqlparser.TableStatement) (*query, error) {
	switch t := t.(type) {
	case *sqlparser.Select:
		return s.selectStatement(t, false)
	case *sqlparser.Union:
		return s.union(t)
	case *sqlparser.ValuesStatement:
		return s.valuesStatement(t)
	}
	return nil, unsupported("statement")
}

// selectStatement compiles one SELECT. collated: the columns get their collations, since a set
// operation compares them.
func (s *scope) selectStatement(t *sqlparser.Select, collated bool) (*query, error) {
	if t.Into != nil && (s.parent != nil || s.materialized) {
		return nil, mysqlerr.New(errMisplacedInto)
	}
	if err := s.locks(t); err != nil {
		return nil, err
	}
	if t.GroupBy != nil && t.GroupBy.WithRollup {
		return s.rollup(t, t.Distinct)
	}
	c := selecting{scope: s, t: t}
	steps := []func() error{c.head, c.list, c.where, c.group, c.having, c.order, c.limit, c.check}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	q := c.query(collated || t.Distinct)
	return q, c.lockRows(q.locking)
}

// selecting is the state of compiling one SELECT.
type selecting struct {
	*scope
	t          *sqlparser.Select
	withSQL    string
	fromSQL    string
	whereSQL   string
	groups     []groupTerm
	havingSQL  string
	orderTerms []string
	// orderSQL is the SQL of each term of ORDER BY.
	orderSQL []string
	limitSQL string
	items    []outColumn
	// rollup: one level of GROUP BY … WITH ROLLUP; level terms of it group.
	rollup bool
	// before holds the operands of columns that an UPDATE has assigned to.
	before map[*sourceColumn]expression.Operand
	level  int
	// hiddenTerms is ORDER BY of a level of ROLLUP, hiddenNames are the columns that it adds.
	hiddenTerms, hiddenNames []string
	// relevance is the order in which a full-text index gives rows, where nothing asks for another.
	relevance string
}

// groupTerm is one expression of GROUP BY.
type groupTerm struct {
	expr    sqlparser.Expr
	operand expression.Operand
}

// head compiles WITH, FROM and WINDOW names.
func (c *selecting) head() (err error) {
	if c.withSQL, err = c.with(c.t.With, c.t); err != nil {
		return err
	}
	if err := c.nameWindows(c.t.Windows); err != nil {
		return err
	}
	c.fromSQL, err = c.from(c.t.From)
	return err
}

// list compiles the select list.
func (c *selecting) list() error {
	c.clause = "field list"
	c.aggregates = true
	texts := c.k.p.itemsOf(c.t)
	defer func() { c.listed, c.ahead = nil, nil }()
	for i, e := range c.t.SelectExprs.Exprs {
		c.listed, c.ahead = c.items, c.t.SelectExprs.Exprs[i+1:]
		switch e := e.(type) {
		case *sqlparser.StarExpr:
			first := len(c.items)
			if err := c.starItem(e); err != nil {
				return err
			}
			for i := first; i < len(c.items); i++ {
				c.items[i].operand = c.rolledNull(c.items[i].operand)
			}
		case *sqlparser.AliasedExpr:
			text := ""
			if texts != nil {
				text = texts[i]
			}
			item, err := c.item(e, text)
			if err != nil {
				return err
			}
			c.items = append(c.items, item)
		default:
			return unsupported("NEXT VALUE")
		}
	}
	return nil
}

// starItem expands * or t.*.
func (c *selecting) starItem(e *sqlparser.StarExpr) error {
	if len(c.sources) == 0 {
		return mysqlerr.New(mysql.ER_NO_TABLES_USED)
	}
	if e.TableName.Name.IsEmpty() {
		c.k.readsAll(c.star)
		for i := range c.star {
			c.items = append(c.items, starOut(&c.star[i]))
		}
		return nil
	}
	for _, src := range c.sources {
		if src.is(e.TableName) {
			c.k.readsAll(starOf(src))
			for _, column := range starOf(src) {
				c.items = append(c.items, starOut(&column))
			}
			return nil
		}
	}
	return mysqlerr.New(mysql.ER_BAD_TABLE_ERROR, sqlparser.String(e.TableName))
}

func starOut(c *starColumn) outColumn {
	o := outColumn{operand: c.operand(), meta: ResultColumn{Name: c.name}}
	if c.source != nil {
		o.meta = c.source.columns[c.column].meta
		o.meta.Name = c.name
		if c.source.outer {
			o.meta.Flags &^= flagNotNull
		}
	}
	return o
}

// item compiles one expression of the select list.
func (c *selecting) item(e *sqlparser.AliasedExpr, text string) (outColumn, error) {
	item := outColumn{expr: e.Expr, alias: !e.As.IsEmpty()}
	operand, err := c.expr(e.Expr)
	if err != nil {
		return item, err
	}
	if c.local && !c.t.Distinct && (c.t.GroupBy == nil || hasAggregate(e.Expr)) {
		operand.SQL = operand.Shown()
	}
	item.operand = operand
	item.meta = ResultColumn{Flags: notNull(operand.Nullable), Constant: operand.Constant != nil}
	viewColumn := ""
	if n, ok := e.Expr.(*sqlparser.ColName); ok && c.k.local(n) == nil {
		if src, i, _, found, _ := c.place(n); found && src != nil {
			item.meta = src.columns[i].meta
			if src.merged {
				viewColumn = src.columns[i].name
			}
			if src.outer {
				item.meta.Flags &^= flagNotNull
			}
		}
	}
	switch {
	case item.alias:
		item.meta.Name = e.As.String()
	case viewColumn != "":
		item.meta.Name = viewColumn
	case text == "":
		item.meta.Name = sqlparser.String(e.Expr)
	default:
		item.meta.Name = itemName(text, e.Expr)
	}
	return item, nil
}

func (c *selecting) where() error {
	c.aggregates = false
	if c.t.Where == nil {
		c.whereSQL = c.withConditions("")
		return nil
	}
	c.clause = "where clause"
	o, err := c.expr(c.t.Where.Expr)
	if err != nil {
		return err
	}
	c.whereSQL = c.withConditions(expression.Truth(o))
	c.whereMatches(c.t.Where.Expr)
	c.lookups(c.t.Where.Expr)
	c.focus(c.t.Where.Expr)
	return nil
}

func (c *selecting) group() error {
	if c.t.GroupBy == nil {
		return nil
	}
	c.clause = groupClause
	c.scope.items, c.aliases = c.items, aliasLast
	terms := c.t.GroupBy.Exprs
	if c.rollup {
		terms = terms[:c.level]
	}
	for _, e := range terms {
		if i, ok := position(e); ok {
			if i < 1 || i > len(c.items) {
				return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, strconv.Itoa(i), c.clause)
			}
			c.groups = append(c.groups, groupTerm{c.items[i-1].expr, c.items[i-1].operand})
			if hasAggregate(c.items[i-1].expr) {
				return mysqlerr.New(mysql.ER_WRONG_GROUP_FIELD, c.items[i-1].meta.Name)
			}
			continue
		}
		o, err := c.groupOperand(e)
		if err != nil {
			return err
		}
		resolved := c.resolveAlias(e)
		if hasAggregate(resolved) {
			return mysqlerr.New(mysql.ER_WRONG_GROUP_FIELD, sqlparser.String(e))
		}
		c.groups = append(c.groups, groupTerm{resolved, o})
	}
	return nil
}

// groupOperand compiles one term of GROUP BY. A name that several tables have is the one that the select list names.
func (c *selecting) groupOperand(e sqlparser.Expr) (expression.Operand, error) {
	if n, ok := e.(*sqlparser.ColName); ok && n.Qualifier.IsEmpty() && c.k.local(n) == nil {
		if _, _, _, _, err := c.place(n); err != nil {
			if o, ok, err := c.scope.item(n.Name.String()); ok && err == nil {
				return o, nil
			}
		}
	}
	return c.expr(e)
}

// resolveAlias gives the expression that a bare name of GROUP BY stands for.
func (c *selecting) resolveAlias(e sqlparser.Expr) sqlparser.Expr {
	n, ok := e.(*sqlparser.ColName)
	if !ok || !n.Qualifier.IsEmpty() {
		return e
	}
	if _, _, _, found, _ := c.place(n); found {
		return e
	}
	for i := range c.items {
		if strings.EqualFold(c.items[i].meta.Name, n.Name.String()) && c.items[i].expr != nil {
			return c.items[i].expr
		}
	}
	return e
}

// position reads a literal integer, which ORDER BY and GROUP BY take for a place in the select list.
func position(e sqlparser.Expr) (int, bool) {
	l, ok := e.(*sqlparser.Literal)
	if !ok || l.Type != sqlparser.IntVal {
		return 0, false
	}
	n, err := strconv.Atoi(l.Val)
	return n, err == nil
}

func (c *selecting) having() error {
	if c.t.Having == nil {
		return nil
	}
	c.clause = "having clause"
	c.aggregates = true
	c.scope.items, c.aliases = c.items, aliasFirst
	for _, g := range c.groups {
		c.grouped = append(c.grouped, g.operand.SQL)
	}
	o, err := c.expr(c.t.Having.Expr)
	if err != nil {
		return err
	}
	c.havingSQL = expression.Truth(o)
	return nil
}

func (c *selecting) order() error {
	c.clause = "order clause"
	c.aggregates = true
	c.scope.items, c.aliases = c.items, aliasFirst
	for _, o := range c.t.OrderBy {
		term, err := c.orderTerm(o)
		if err != nil {
			return err
		}
		if term != "" {
			c.orderTerms = append(c.orderTerms, term)
		}
	}
	c.aliases = aliasNever
	if c.side && c.t.Limit == nil {
		c.orderTerms = nil
	}
	return nil
}

// orderTerm compiles one term of ORDER BY; a constant gives none.
func (c *selecting) orderTerm(o *sqlparser.Order) (string, error) {
	var operand expression.Operand
	if i, ok := position(o.Expr); ok {
		if i < 1 || i > len(c.items) {
			return "", mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, strconv.Itoa(i), c.clause)
		}
		operand = c.items[i-1].operand
	} else {
		// A name alone is an item of the select list first, inside an expression a column.
		var err error
		if _, ok := o.Expr.(*sqlparser.ColName); !ok {
			c.aliases = aliasLast
		}
		operand, err = c.expr(o.Expr)
		c.aliases = aliasFirst
		if err != nil {
			return "", err
		}
	}
	c.orderSQL = append(c.orderSQL, operand.SQL)
	if operand.Constant != nil {
		return "", nil
	}
	return sortTerm(operand, c.items, o.Direction), nil
}

// sortTerm is the SQL of a sort key. A key that is an item of the select list names it, so that
// it is computed once.
func sortTerm(operand expression.Operand, items []outColumn, d sqlparser.OrderDirection) string {
	term := expression.SortSQL(operand)
	if rest, ok := strings.CutPrefix(term, operand.SQL); ok && (rest == "" || strings.HasPrefix(rest, " COLLATE ")) {
		for i := range items {
			if items[i].operand.SQL == operand.SQL && operand.Type.Kind != schemas.Timestamp {
				term = outName(i) + rest
				break
			}
		}
	}
	if d == sqlparser.DescOrder {
		term += " DESC"
	}
	return term
}

func (c *selecting) limit() (err error) {
	c.limitSQL, err = c.limitClause(c.t.Limit)
	return err
}

// errLimit: what stands behind LIMIT is no integer and no parameter; the planner says where.
var errLimit = mysqlerr.Newf(mysql.ER_PARSE_ERROR, "LIMIT takes integers and parameters")

// errOffset: LIMIT of UPDATE or DELETE has an offset.
var errOffset = mysqlerr.Newf(mysql.ER_PARSE_ERROR, "LIMIT takes one number here")

// limitClause compiles LIMIT.
func (s *scope) limitClause(l *sqlparser.Limit) (string, error) {
	if l == nil {
		return "", nil
	}
	s.clause = "limit clause"
	part := func(e sqlparser.Expr) (string, error) {
		switch e := e.(type) {
		case *sqlparser.Literal:
			if n, err := strconv.ParseUint(e.Val, 10, 64); e.Type == sqlparser.IntVal && err == nil {
				return strconv.FormatInt(int64(min(n, 1<<63-1)), 10), nil
			}
		case *sqlparser.ColName:
			if v := s.k.local(e); v != nil {
				return "marmot_limit(" + v.operand().SQL + ")", nil
			}
		case *sqlparser.Argument:
			o, err := s.k.argument(e.Name)
			if err == nil && !o.Param && !o.Type.IsInteger() {
				err = errLimit
			}
			if o.Given != nil {
				s.k.limit(o.Given.Ref)
			}
			return "marmot_limit(" + o.SQL + ")", err
		}
		return "", errLimit
	}
	count, err := part(l.Rowcount)
	if err != nil {
		return "", err
	}
	text := " LIMIT " + count
	if l.Offset != nil {
		offset, err := part(l.Offset)
		if err != nil {
			return "", err
		}
		text += " OFFSET " + offset
	}
	return text, nil
}

// check refuses what ONLY_FULL_GROUP_BY refuses.
func (c *selecting) check() error {
	if c.havingSQL != "" && len(c.groups) == 0 && !c.aggregated && !c.rollup {
		if c.whereSQL != "" {
			c.whereSQL = "(" + c.whereSQL + ") AND "
		}
		c.whereSQL += "(" + c.havingSQL + ")"
		c.havingSQL = ""
	}
	if c.rollup || c.k.c.Mode&OnlyFullGroupBy == 0 {
		return nil
	}
	if c.aggregated || len(c.groups) > 0 {
		if err := c.fullGroupBy(); err != nil {
			return err
		}
	}
	return c.distinctOrder()
}

// query joins the pieces.
func (c *selecting) query(collated bool) *query {
	var list []string
	for i := range c.items {
		o := c.items[i].operand
		if c.local && o.Type.Kind == schemas.Timestamp {
			o = expression.Local(o)
		}
		list = append(list, itemSQL(o, collated)+" AS "+outName(i))
	}
	var b strings.Builder
	b.WriteString(c.withSQL + "SELECT ")
	if c.t.Distinct {
		b.WriteString("DISTINCT ")
	}
	if c.fromSQL == "" && c.oneRow != "" {
		c.fromSQL = " FROM (SELECT 1 AS " + outName(0) + ") AS " + c.oneRow
	}
	b.WriteString(strings.Join(list, ", ") + c.fromSQL)
	if c.whereSQL != "" {
		b.WriteString(" WHERE " + c.whereSQL)
	}
	if len(c.groups) > 0 {
		b.WriteString(" GROUP BY " + groupSQL(c.groups))
	}
	if c.havingSQL != "" {
		b.WriteString(" HAVING " + c.havingSQL)
	}
	order, plain := "", !c.aggregated && len(c.groups) == 0 && !c.t.Distinct
	if len(c.orderTerms) == 0 && plain {
		if order = c.relevance; order == "" {
			c.orderTerms = c.clusteredOrder()
		}
	}
	if len(c.orderTerms) > 0 {
		order = " ORDER BY " + strings.Join(c.orderTerms, ", ")
	}
	if c.t.Distinct || c.windowed {
		c.temporary()
	}
	unlimited := b.String()
	b.WriteString(order + c.limitSQL)
	q := &query{sql: b.String(), unlimited: unlimited, columns: c.items, bare: c.withSQL == "" && order == "" && c.limitSQL == ""}
	q.one = c.aggregated && len(c.groups) == 0 || c.fromSQL == "" || c.limitSQL == " LIMIT 1"
	if plain {
		q.locking = &lockable{from: c.fromSQL, where: c.whereSQL, limit: c.limitSQL, sources: c.sources}
		if c.limitSQL != "" {
			q.locking.order = c.lockOrder()
		}
	} else {
		q.locking = &lockable{from: c.fromSQL, where: c.whereSQL, sources: c.sources}
	}
	return q
}

// temporary describes the columns as MySQL does those of a temporary table, which DISTINCT and windows need.
func (c *selecting) temporary() {
	for i := range c.items {
		m := &c.items[i].meta
		if m.OrgName != "" {
			if c.t.Distinct {
				m.Flags &^= flagsOfKeys
			}
			continue
		}
		m.Temporary = c.windowed
	}
}

// lockOrder is the ORDER BY of a companion query, which has another select list.
func (c *selecting) lockOrder() string {
	var terms []string
	for _, t := range c.orderTerms {
		for i := range c.items {
			name := outName(i)
			if rest, ok := strings.CutPrefix(t, name); ok && (rest == "" || rest[0] == ' ') {
				t = c.items[i].operand.SQL + rest
				break
			}
		}
		terms = append(terms, t)
	}
	if len(terms) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(terms, ", ")
}

// itemSQL is an item of a select list; collated gives it its collation, by which DISTINCT and
// set operations compare.
func itemSQL(o expression.Operand, collated bool) string {
	if collation := o.Type.SQLiteCollation(); collated && collation != "" {
		return o.SQL + " COLLATE " + collation
	}
	return o.SQL
}

func groupSQL(groups []groupTerm) string {
	var list []string
	for _, g := range groups {
		if g.operand.Constant != nil {
			list = append(list, "'k'") // a number would be a place in the select list
			continue
		}
		list = append(list, expression.GroupSQL(g.operand))
	}
	return strings.Join(list, ", ")
}

// valuesStatement compiles VALUES ROW(…), ….
func (s *scope) valuesStatement(t *sqlparser.ValuesStatement) (*query, error) {
	with, err := s.with(t.With, t)
	if err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, unsupported("VALUES without rows")
	}
	columns := make([][]expression.Operand, len(t.Rows[0]))
	for _, row := range t.Rows {
		if len(row) != len(columns) {
			return nil, mysqlerr.New(mysql.ER_WRONG_VALUE_COUNT_ON_ROW, 2)
		}
		for i, e := range row {
			o, err := s.expr(e)
			if err != nil {
				return nil, err
			}
			columns[i] = append(columns[i], o)
		}
	}
	q := &query{bare: true}
	for i, list := range columns {
		kind, err := unifyTypes(list)
		if err != nil {
			return nil, err
		}
		item := outColumn{meta: ResultColumn{Name: "column_" + strconv.Itoa(i), Joined: len(list) > 1, Constant: len(list) == 1 && list[0].Constant != nil}, operand: expression.Operand{Type: kind, Coercibility: expression.Coercible}}
		for r := range list {
			item.operand.Nullable = item.operand.Nullable || list[r].Nullable
			if list[r], err = castTo(list[r], kind); err != nil {
				return nil, err
			}
		}
		q.columns = append(q.columns, item)
	}
	var rows []string
	for r := range t.Rows {
		var list []string
		for i := range columns {
			list = append(list, columns[i][r].SQL+" AS "+outName(i))
		}
		rows = append(rows, "SELECT "+strings.Join(list, ", "))
	}
	q.sql = with + strings.Join(rows, " UNION ALL ")
	if with != "" || len(rows) > 1 {
		q.bare = false
	}
	return s.ordered(q, t.Order, t.Limit)
}

// unifyTypes is the type of a column that has all the given values.
func unifyTypes(list []expression.Operand) (schemas.Type, error) {
	return expression.Unify(list)
}

// castTo converts an operand to the type of its column unless it has it.
func castTo(o expression.Operand, t schemas.Type) (expression.Operand, error) {
	if sameStored(o.Type, t) || o.Type.Kind == 0 && !o.Param {
		o.Type = t
		return o, nil
	}
	return expression.Conform(o, t)
}

// sameStored reports whether values of type a are stored as values of type b are.
func sameStored(a, b schemas.Type) bool {
	switch {
	case a.IsInteger() && b.IsInteger():
		return true
	case a.Kind != b.Kind:
		text := func(t schemas.Type) bool { return t.Kind >= schemas.Char && t.Kind <= schemas.LongText }
		return text(a) && text(b) || a.IsBlob() && b.IsBlob() && a.Kind != schemas.Binary && b.Kind != schemas.Binary ||
			a.Kind == schemas.Float && b.Kind == schemas.Double
	case a.Kind == schemas.Decimal || a.IsTemporal():
		return a.Decimals == b.Decimals
	case a.Kind == schemas.Enum || a.Kind == schemas.Set:
		return strings.Join(a.Members, ",") == strings.Join(b.Members, ",")
	}
	return true
}
