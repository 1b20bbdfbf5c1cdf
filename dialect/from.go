package dialect

import (
	"slices"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// relation is a compiled part of a FROM clause.
type relation struct {
	sql     string
	sources []*source
	star    []starColumn
	// right: it holds a RIGHT JOIN and needs parentheses behind a join.
	right bool
}

// from compiles a FROM clause into the scope.
func (s *scope) from(list []sqlparser.TableExpr) (string, error) {
	if len(list) > 0 && fromDual(list) {
		return "", nil
	}
	r, err := s.commaList(list)
	if err != nil || len(list) == 0 {
		return "", err
	}
	s.sources, s.star = r.sources, r.star
	for i, a := range s.sources {
		for _, b := range s.sources[:i] {
			if a.name == b.name && a.database == b.database {
				return "", mysqlerr.New(mysql.ER_NONUNIQ_TABLE, a.name)
			}
		}
	}
	return " FROM " + r.sql, nil
}

func (s *scope) commaList(list []sqlparser.TableExpr) (relation, error) {
	var all relation
	for i, e := range list {
		s.before = append(s.before[:0:0], all.sources...)
		r, err := s.tableExpr(e)
		if err != nil {
			return all, err
		}
		if i > 0 {
			all.sql += ", "
			if r.right {
				r.sql = "(" + r.sql + ")"
			}
		}
		all.sql += r.sql
		all.right = all.right || r.right
		all.sources = append(all.sources, r.sources...)
		all.star = append(all.star, r.star...)
	}
	return all, nil
}

func (s *scope) tableExpr(e sqlparser.TableExpr) (relation, error) {
	switch e := e.(type) {
	case *sqlparser.AliasedTableExpr:
		return s.aliased(e)
	case *sqlparser.JoinTableExpr:
		return s.join(e)
	case *sqlparser.ParenTableExpr:
		r, err := s.commaList(e.Exprs)
		if err == nil && len(r.sources) > 1 {
			r.sql, r.right = "("+r.sql+")", false
		}
		return r, err
	case *sqlparser.JSONTableExpr:
		return s.jsonTable(e, s.before)
	}
	return relation{}, unsupported("table expression")
}

// errPartitionClause is ER_PARTITION_CLAUSE_ON_NONPARTITIONED: no table has partitions.
const errPartitionClause = 1747

// partitions restricts a table of FROM to some of its partitions.
func (s *scope) partitions(r *relation, names sqlparser.Partitions) error {
	src := r.sources[0]
	if len(r.sources) > 1 || src.table == nil {
		return mysqlerr.New(errPartitionClause)
	}
	filter, err := s.k.partitionFilter(src.table, src.alias, partitionList(names))
	if err != nil {
		return err
	}
	if s.opens {
		s.conditions = append(s.conditions, filter)
		return nil
	}
	table := tableSQL(src.table)
	r.sql = "(SELECT * FROM " + table + " AS " + src.alias + " WHERE " + filter + ") AS " + src.alias
	return nil
}

func partitionList(names sqlparser.Partitions) []string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = n.String()
	}
	return list
}

// starOf is what * gives of one source.
func starOf(src *source) []starColumn {
	var list []starColumn
	for i := range src.columns {
		if !src.columns[i].hidden {
			list = append(list, starColumn{name: src.columns[i].name, source: src, column: i})
		}
	}
	return list
}

func single(sql string, src *source) relation {
	return relation{sql: sql + " AS " + src.alias, sources: []*source{src}, star: starOf(src)}
}

func (s *scope) aliased(e *sqlparser.AliasedTableExpr) (relation, error) {
	switch t := e.Expr.(type) {
	case sqlparser.TableName:
		r, err := s.named(e, t)
		if err == nil && len(e.Partitions) > 0 {
			err = s.partitions(&r, e.Partitions)
		}
		return r, err
	case *sqlparser.DerivedTable:
		if e.As.IsEmpty() {
			return relation{}, mysqlerr.New(mysql.ER_DERIVED_MUST_HAVE_ALIAS)
		}
		if t.Lateral {
			return s.lateral(e, t)
		}
		inner := s.beside()
		q, err := inner.tableStatement(t.Select)
		if err != nil {
			return relation{}, err
		}
		s.k.assignFirst(t.Select, q)
		src, err := s.derived(q, e.As.String(), "", columnNames(e.Columns), merges(t.Select))
		if err != nil {
			return relation{}, err
		}
		src.written = true
		return single("("+q.sql+")", src), nil
	}
	return relation{}, unsupported("table expression")
}

// assignFirst lets a derived table without tables, as (SELECT @n := 0), set its user variables before the query runs,
// once, whether its columns are read or not.
func (k *compiler) assignFirst(t sqlparser.TableStatement, q *query) {
	sel, ok := t.(*sqlparser.Select)
	if !ok || len(sel.From) > 0 && !fromDual(sel.From) {
		return
	}
	var list []string
	assigns := false
	for i, e := range sel.SelectExprs.Exprs {
		a, ok := e.(*sqlparser.AliasedExpr)
		if !ok || i >= len(q.columns) {
			return
		}
		sql := q.columns[i].operand.SQL
		if x, ok := a.Expr.(*sqlparser.AssignmentExpr); ok {
			if v, ok := x.Left.(*sqlparser.Variable); ok {
				assigns = true
				sql = "marmot_variable(" + schemas.QuoteMySQL(v.Name.Lowered()) + ")"
			}
		}
		list = append(list, sql+" AS "+outName(i))
	}
	if assigns {
		k.before = append(k.before, newStatement(q.sql))
		q.sql, q.one = "SELECT "+strings.Join(list, ", "), true
	}
}

func columnNames(list sqlparser.Columns) []string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.String()
	}
	return names
}

// derived makes a source of a query's columns. names rename them if there are any. merged: see source.
func (s *scope) derived(q *query, name, database string, names []string, merged bool) (*source, error) {
	src := &source{name: name, database: database, alias: s.k.alias(), scan: -1, merged: merged}
	if len(names) > 0 && len(names) != len(q.columns) {
		return nil, mysqlerr.Newf(mysql.ER_VIEW_WRONG_LIST, "In definition of view, derived table or common table expression, SELECT list and column names list have different column counts")
	}
	for i, c := range q.columns {
		column := sourceColumn{name: c.meta.Name, meta: c.meta}
		if len(names) > 0 {
			column.name = names[i]
		}
		column.meta.Name, column.meta.Table = column.name, name
		column.operand = derivedOperand(c.operand, src.alias+"."+outName(i))
		switch {
		case !merged || column.meta.OrgName == "":
			column.meta.Flags &= flagNotNull
			if !merged && column.meta.OrgName == "" && !column.meta.Temporary && !column.meta.Joined {
				column.operand.Type = narrowed(column.operand.Type)
			}
			column.meta.Temporary = true
			column.meta.OrgName = column.name
		default:
			column.meta.OrgName = column.name
		}
		for _, before := range src.columns {
			if strings.EqualFold(before.name, column.name) {
				return nil, mysqlerr.New(mysql.ER_DUP_FIELDNAME, column.name)
			}
		}
		src.columns = append(src.columns, column)
	}
	return src, nil
}

// narrowed is the type of a computed column of a temporary table: short integers are INT there.
func narrowed(t schemas.Type) schemas.Type {
	if t.Kind == schemas.BigInt && t.Length > 0 && t.Length < shortInteger {
		t.Kind = schemas.Int
	}
	return t
}

// shortInteger is the display width from which on MySQL takes BIGINT for what is computed.
const shortInteger = 9

// derivedOperand is a query's column seen from outside.
func derivedOperand(inside expression.Operand, sql string) expression.Operand {
	o := expression.Operand{SQL: sql, Type: inside.Type, Nullable: inside.Nullable, Coercibility: inside.Coercibility, Param: inside.Param, Given: inside.Given}
	if o.Type.Kind == 0 && !o.Param {
		o.Type = schemas.Type{Kind: schemas.Binary, Length: 0}
		o.Nullable, o.Coercibility = true, expression.Ignorable
	} else if o.Type.IsText() || o.Type.IsBlob() {
		o.Coercibility = expression.Implicit
	}
	return o
}

// named compiles a table, view, CTE or virtual table.
func (s *scope) named(e *sqlparser.AliasedTableExpr, n sqlparser.TableName) (relation, error) {
	k := s.k
	name := e.As.String()
	if name == "" {
		name = n.Name.String()
	}
	if n.Qualifier.IsEmpty() {
		if c := s.ctes[n.Name.String()]; c != nil {
			return s.fromCTE(c, name)
		}
	}
	database, err := k.databaseOf(n)
	if err != nil {
		return relation{}, err
	}
	need, err := k.needTable(database, n.Name.String())
	if err != nil {
		return relation{}, err
	}
	hidden := k.c.Catalog.Table(database, n.Name.String())
	if v := k.c.Catalog.View(database, n.Name.String()); v != nil && (hidden == nil || !hidden.Temporary()) {
		opened := false
		var r relation
		if s.opens {
			r, opened, err = s.openView(v, name)
		}
		if !opened && err == nil {
			r, err = s.view(v, name)
		}
		if err == nil {
			r.sources[0].need = need
		}
		return r, err
	}
	if isVirtualDatabase(database) {
		if v := lookupVirtual(database, n.Name.String()); v != nil {
			return s.virtual(v, name), nil
		}
		if strings.EqualFold(database, "information_schema") {
			return relation{}, mysqlerr.New(mysql.ER_UNKNOWN_TABLE, strings.ToUpper(n.Name.String()), "information_schema")
		}
	}
	t, err := k.table(n)
	if err != nil {
		return relation{}, err
	}
	return s.stored(t, name, need, e.Hints)
}

// stored compiles a table with rows of its own.
func (s *scope) stored(t *schemas.Table, name string, need int, hints sqlparser.IndexHints) (relation, error) {
	k := s.k
	for _, target := range k.targets {
		if target.table != t {
			continue
		}
		if !s.materialized && (!target.byName || name == t.Name) {
			return relation{}, mysqlerr.New(mysql.ER_UPDATE_TABLE_USED, target.name)
		}
		k.readsTarget = true
	}
	if s.rowOf != nil {
		src := s.rowOf(t, name)
		src.need = need
		return relation{sources: []*source{src}, star: starOf(src)}, nil
	}
	if err := k.reopened(t, name); err != nil {
		return relation{}, err
	}
	if err := knownIndexes(t, hints, name); err != nil {
		return relation{}, err
	}
	src := k.base(t, name)
	if k.views == 0 {
		k.scans[src.scan].Name = name
	}
	src.need = need
	k.scans[src.scan].Lock = s.lock.of(name)
	return single(tableSQL(t), src), nil
}

// knownIndexes refuses hints that name an index which the table does not have; SQLite chooses by itself.
func knownIndexes(t *schemas.Table, hints sqlparser.IndexHints, name string) error {
	for _, h := range hints {
		for _, n := range h.Indexes {
			known := t.Primary != nil && n.EqualString("PRIMARY")
			for i := range t.Indexes {
				known = known || n.EqualString(t.Indexes[i].Name)
			}
			if !known {
				return mysqlerr.New(mysql.ER_KEY_DOES_NOT_EXITS, n.String(), name)
			}
		}
	}
	return nil
}

// base makes a source of a base table, and notes the scan.
func (k *compiler) base(t *schemas.Table, name string) *source {
	src := &source{name: name, database: t.Database, alias: k.alias(), table: t, scan: len(k.scans), pads: k.padsChars()}
	k.scans = append(k.scans, Scan{Table: t})
	for i := range t.Columns {
		c := &t.Columns[i]
		label := c.Name
		if c.Hidden {
			label = "" // nothing that can be written names it
		}
		src.columns = append(src.columns, sourceColumn{
			name:    label,
			operand: columnOperand(c, src.alias+"."+schemas.QuoteSQLite(c.Name)),
			meta:    columnMeta(t, i, name),
			hidden:  c.Invisible,
		})
	}
	return src
}

// columnOperand is a base table's column.
func columnOperand(c *schemas.Column, sql string) expression.Operand {
	o := expression.Operand{SQL: sql, Type: c.Type, Nullable: c.Nullable, Coercibility: expression.Numeric}
	if c.Type.IsText() || c.Type.IsBlob() {
		o.Coercibility = expression.Implicit
	}
	return expression.ShownSet(o)
}

// invalidView is 1356 if what a view names is no longer there, and any other error as it is.
func invalidView(v *schemas.View, err error) error {
	switch mysqlerr.Code(err) {
	case mysql.ER_NO_SUCH_TABLE, mysql.ER_BAD_FIELD_ERROR, mysql.ER_BAD_DB_ERROR, mysql.ER_SP_DOES_NOT_EXIST:
		return mysqlerr.New(mysql.ER_VIEW_INVALID, v.Database, v.Name).Wrap(err)
	}
	return err
}

// view expands a view.
func (s *scope) view(v *schemas.View, name string) (relation, error) {
	k := s.k
	if k.views++; k.views > maxViewDepth {
		return relation{}, mysqlerr.New(mysql.ER_VIEW_RECURSIVE, v.Database, v.Name)
	}
	p, err := parse([]byte(v.Select))
	if err != nil {
		return relation{}, err
	}
	statement, ok := p.statement.(sqlparser.TableStatement)
	if !ok {
		return relation{}, mysqlerr.New(mysql.ER_VIEW_INVALID, v.Database, v.Name)
	}
	context := *k.c
	context.Database, context.Catalog = v.Database, k.c.Catalog.Shared()
	if v.Collation != "" {
		context.Collation = v.Collation
	}
	savedContext, savedParsed, leave := k.c, k.p, k.enterView(v)
	k.c, k.p = &context, p
	inner := &scope{k: k, clause: "field list", materialized: true, viewLock: s.lock.ofView(name, statement)}
	q, err := inner.tableStatement(statement)
	k.c, k.p = savedContext, savedParsed
	leave()
	k.views--
	if err != nil {
		return relation{}, invalidView(v, err)
	}
	src, err := s.derived(q, name, v.Database, v.Columns, merges(statement))
	if err != nil {
		return relation{}, err
	}
	for i := range src.columns {
		m := &src.columns[i].meta
		m.OrgTable, m.OrgName, m.Database = v.Name, src.columns[i].name, v.Database
	}
	return single("("+q.sql+")", src), nil
}

// virtual compiles a table of the catalog: its rows are put into a TEMP table before the query runs.
func (s *scope) virtual(v *virtualTable, name string) relation {
	use := s.k.useVirtual(v)
	src := &source{name: name, virtual: use, database: v.Database, alias: s.k.alias(), scan: -1, merged: v.Database == "information_schema" && !namedAsWritten(v.Name)}
	for i := range v.Columns {
		c := v.Columns[i]
		c.Type = resultType(v, &c)
		src.columns = append(src.columns, sourceColumn{
			name:    c.Name,
			operand: columnOperand(&c, src.alias+"."+schemas.QuoteSQLite(c.Name)),
			meta:    ResultColumn{Name: c.Name, OrgName: c.Name, Table: name, OrgTable: v.Name, Database: v.Database, Type: c.Type, Nullable: c.Nullable, Flags: notNull(c.Nullable)},
		})
	}
	return single("temp."+schemas.QuoteSQLite(virtualName(v)), src)
}

// join compiles a JOIN.
func (s *scope) join(e *sqlparser.JoinTableExpr) (relation, error) {
	left, err := s.tableExpr(e.LeftExpr)
	if err != nil {
		return left, err
	}
	outside := s.before
	joined := append(outside[:len(outside):len(outside)], left.sources...)
	if e.Join != sqlparser.RightJoinType && e.Join != sqlparser.NaturalRightJoinType { // whose right side is read first
		s.before = joined
	}
	right, err := s.tableExpr(e.RightExpr)
	if err != nil {
		return right, err
	}
	s.before = joined
	word := " JOIN "
	switch e.Join {
	case sqlparser.StraightJoinType:
		word = " CROSS JOIN "
	case sqlparser.LeftJoinType, sqlparser.NaturalLeftJoinType:
		word = " LEFT JOIN "
		markOuter(right.sources)
	case sqlparser.RightJoinType, sqlparser.NaturalRightJoinType:
		word = " RIGHT JOIN "
		markOuter(left.sources)
	}
	isRight := word == " RIGHT JOIN "
	all := relation{sources: append(append([]*source{}, left.sources...), right.sources...), right: left.right || isRight}
	if _, ok := e.RightExpr.(*sqlparser.JoinTableExpr); ok || right.right {
		right.sql = "(" + right.sql + ")"
	}
	var using []string
	switch e.Join {
	case sqlparser.NaturalJoinType, sqlparser.NaturalLeftJoinType, sqlparser.NaturalRightJoinType:
		using = commonNames(left.star, right.star)
	}
	if e.Condition != nil && len(e.Condition.Using) > 0 {
		using = columnNames(e.Condition.Using)
	}
	condition := ""
	if len(using) > 0 {
		condition, err = s.using(&all, left.star, right.star, using, isRight)
	} else {
		all.star = append(append([]starColumn{}, left.star...), right.star...)
		if e.Condition != nil && e.Condition.On != nil {
			condition, err = s.on(all, e.Condition.On)
		}
	}
	if err != nil {
		return all, err
	}
	if condition == "" && strings.HasPrefix(word, " LEFT") || condition == "" && isRight {
		condition = "1"
	}
	all.sql = left.sql + word + right.sql
	if condition != "" {
		all.sql += " ON " + condition
	}
	return all, nil
}

func markOuter(list []*source) {
	for _, src := range list {
		src.outer = true
	}
}

// on compiles a join condition, which sees the tables of the join only.
func (s *scope) on(r relation, e sqlparser.Expr) (string, error) {
	inner := &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "on clause", sources: r.sources, star: r.star}
	o, err := inner.expr(e)
	if err != nil {
		return "", err
	}
	s.correlated = s.correlated || inner.correlated
	return expression.Truth(o), nil
}

func commonNames(left, right []starColumn) []string {
	var names []string
	for _, a := range left {
		for _, b := range right {
			if strings.EqualFold(a.name, b.name) {
				names = append(names, a.name)
				break
			}
		}
	}
	return names
}

// using joins by equality of the named columns, each of which appears once in *.
func (s *scope) using(all *relation, left, right []starColumn, names []string, isRight bool) (string, error) {
	var conditions []string
	order := left
	if isRight {
		order = right
	}
	names = inOrder(names, order)
	taken := func(c starColumn) bool {
		for _, n := range names {
			if strings.EqualFold(n, c.name) {
				return true
			}
		}
		return false
	}
	for _, n := range names {
		a, err := findStar(left, n)
		if err != nil {
			return "", err
		}
		b, err := findStar(right, n)
		if err != nil {
			return "", err
		}
		s.k.reads(a.source, a.column)
		s.k.reads(b.source, b.column)
		x, y := a.operand(), b.operand()
		equal, err := expression.Compare("=", x, y)
		if err != nil {
			return "", err
		}
		conditions = append(conditions, expression.Truth(equal))
		if isRight {
			a, x = b, y
		}
		a.name, a.merged = n, &x
		all.star = append(all.star, *a)
	}
	if isRight {
		left, right = right, left
	}
	for _, list := range [][]starColumn{left, right} {
		for _, c := range list {
			if !taken(c) {
				all.star = append(all.star, c)
			}
		}
	}
	return strings.Join(conditions, " AND "), nil
}

// inOrder sorts the names of USING as the table has them whose columns come first.
func inOrder(names []string, columns []starColumn) []string {
	var list []string
	for _, c := range columns {
		for _, n := range names {
			if strings.EqualFold(c.name, n) && !slices.Contains(list, n) {
				list = append(list, n)
			}
		}
	}
	for _, n := range names {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

func (c *starColumn) operand() expression.Operand {
	if c.merged != nil {
		return *c.merged
	}
	return c.source.column(c.column)
}

func findStar(list []starColumn, name string) (*starColumn, error) {
	var found *starColumn
	for i := range list {
		if !strings.EqualFold(list[i].name, name) {
			continue
		}
		if found != nil {
			return nil, mysqlerr.New(mysql.ER_NON_UNIQ_ERROR, name, "from clause")
		}
		c := list[i]
		found = &c
	}
	if found == nil {
		return nil, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, "from clause")
	}
	return found, nil
}
