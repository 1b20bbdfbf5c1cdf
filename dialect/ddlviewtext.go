package dialect

import (
	"strings"

	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// viewPrinter writes the query of a view as MySQL keeps it: tables with their databases, every
// column named, so that it means the same wherever and whenever it is read.
type viewPrinter struct {
	d       *definition
	c       *Context
	with    []string // names of common table expressions in force
	sources [][]viewSource
}

// viewSource is a table of a FROM clause with the names of its columns; nil if they are not known.
type viewSource struct {
	alias     string
	qualified string // as columns are qualified
	columns   []string
}

// query prints a whole query; columns are those of its result, whose names it must give.
func (v *viewPrinter) query(q sqlparser.TableStatement, columns []ResultColumn) string {
	switch t := q.(type) {
	case *sqlparser.Select:
		return v.selection(t, columns)
	case *sqlparser.Union:
		word := " union all "
		if t.Distinct {
			word = " union "
		}
		side := func(q sqlparser.TableStatement) string {
			text := v.query(q, columns)
			if u, ok := q.(*sqlparser.Union); ok && (len(u.OrderBy) > 0 || u.Limit != nil) {
				return "(" + text + ")"
			}
			if s, ok := q.(*sqlparser.Select); ok && (len(s.OrderBy) > 0 || s.Limit != nil) {
				return "(" + text + ")"
			}
			return text
		}
		n := len(v.with)
		text := v.withText(t.With) + side(t.Left) + word + side(t.Right)
		p := v.plainPrinter()
		text += v.order(func(e sqlparser.Expr) string { return p.print(e) }, t.OrderBy) + v.limit(p, t.Limit)
		v.with = v.with[:n]
		return text
	}
	return v.printer().print(q)
}

// printer is a printer that hands subqueries back to v.
func (v *viewPrinter) printer() *printer {
	p := &printer{column: v.column}
	p.special = func(b *sqlparser.TrackedBuffer, n sqlparser.SQLNode) bool {
		switch t := n.(type) {
		case *sqlparser.Select:
			b.WriteString(v.query(t, nil))
		case *sqlparser.Union:
			b.WriteString(v.query(t, nil))
		case *sqlparser.CountStar:
			b.WriteString("count(0)")
			p.over(b, t.OverClause)
		case *sqlparser.Count:
			if !t.Distinct {
				return false
			}
			b.WriteString("count(distinct " + p.list(t.Args) + ")")
			p.over(b, t.OverClause)
		case *sqlparser.GroupConcatExpr:
			p.groupConcat(b, t)
		case *sqlparser.Subquery:
			b.WriteString("(" + v.query(t.Select, nil) + ")")
		default:
			return p.window(b, n)
		}
		return true
	}
	return p
}

// plainPrinter is printer without qualifying columns.
func (v *viewPrinter) plainPrinter() *printer {
	p := v.printer()
	p.column = nil
	return p
}

func (v *viewPrinter) withText(w *sqlparser.With) string {
	if w == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("with ")
	if w.Recursive {
		b.WriteString("recursive ")
	}
	for i, e := range w.CTEs {
		if i > 0 {
			b.WriteString(", ")
		}
		v.with = append(v.with, e.ID.String())
		b.WriteString(schemas.QuoteName(e.ID.String()) + " ")
		if len(e.Columns) > 0 {
			b.WriteString("(" + nameList(e.Columns) + ") ")
		}
		b.WriteString("as (" + v.query(e.Subquery, nil) + ") ")
	}
	return b.String()
}

func nameList(list sqlparser.Columns) string {
	var names []string
	for _, c := range list {
		names = append(names, schemas.QuoteName(c.String()))
	}
	return strings.Join(names, ",")
}

// selection prints one SELECT.
func (v *viewPrinter) selection(s *sqlparser.Select, columns []ResultColumn) string {
	n := len(v.with)
	var b strings.Builder
	b.WriteString(v.withText(s.With))
	v.sources = append(v.sources, v.sourcesOf(s.From))
	p := v.printer()
	b.WriteString("select ")
	if s.Distinct {
		b.WriteString("distinct ")
	}
	b.WriteString(v.items(p, s, columns))
	if from := v.from(s.From); from != "" {
		b.WriteString(" from " + from)
	}
	if s.Where != nil {
		b.WriteString(" where " + p.print(s.Where.Expr))
	}
	names := v.namesOf(s)
	if s.GroupBy != nil {
		for i, e := range s.GroupBy.Exprs {
			word := ","
			if i == 0 {
				word = " group by "
			}
			b.WriteString(word + names.group(e))
		}
		if s.GroupBy.WithRollup {
			b.WriteString(" with rollup")
		}
	}
	if s.Having != nil {
		b.WriteString(" having " + names.having(s.Having.Expr))
	}
	if len(s.Windows) > 0 {
		b.WriteString(" " + p.print(s.Windows))
	}
	b.WriteString(v.order(names.order, s.OrderBy) + v.limit(p, s.Limit))
	v.sources = v.sources[:len(v.sources)-1]
	v.with = v.with[:n]
	return b.String()
}

// items prints the select list, stars spelled out and each column with its name.
func (v *viewPrinter) items(p *printer, s *sqlparser.Select, columns []ResultColumn) string {
	var list []string
	name := func(fallback string) string {
		if len(list) < len(columns) {
			return columns[len(list)].Name
		}
		return fallback
	}
	for _, e := range s.SelectExprs.Exprs {
		switch x := e.(type) {
		case *sqlparser.StarExpr:
			expanded := v.star(x)
			if expanded == nil {
				list = append(list, p.print(x))
				continue
			}
			for _, c := range expanded {
				list = append(list, c[0]+" AS "+schemas.QuoteName(name(c[1])))
			}
		case *sqlparser.AliasedExpr:
			item := p.print(x.Expr)
			own := x.As.String()
			if c, ok := x.Expr.(*sqlparser.ColName); ok && own == "" {
				own = c.Name.String()
			}
			if own = name(own); own != "" {
				item += " AS " + schemas.QuoteName(own)
			}
			list = append(list, item)
		default:
			list = append(list, p.print(e))
		}
	}
	return strings.Join(list, ",")
}

// star lists the columns of * or t.*, each as text and name; nil if they are not known.
func (v *viewPrinter) star(x *sqlparser.StarExpr) [][2]string {
	var list [][2]string
	for _, s := range v.sources[len(v.sources)-1] {
		if alias := x.TableName.Name.String(); alias != "" && alias != s.alias {
			continue
		}
		if s.columns == nil {
			return nil
		}
		for _, c := range s.columns {
			list = append(list, [2]string{s.qualified + "." + schemas.QuoteName(c), c})
		}
	}
	return list
}

// column qualifies a column with its table where only one of the tables at hand has it.
func (v *viewPrinter) column(c *sqlparser.ColName) string {
	if len(v.sources) == 0 {
		return ""
	}
	name, qualifier := c.Name.String(), c.Qualifier.Name.String()
	found := ""
	for _, s := range v.sources[len(v.sources)-1] {
		if qualifier != "" {
			if s.alias == qualifier {
				return s.qualified + "." + schemas.QuoteName(name)
			}
			continue
		}
		if s.columns == nil {
			return ""
		}
		for _, x := range s.columns {
			if !strings.EqualFold(x, name) {
				continue
			}
			if found != "" {
				return ""
			}
			found = s.qualified + "." + schemas.QuoteName(x)
		}
	}
	return found
}

// sourcesOf lists the tables of a FROM clause. NATURAL JOIN and USING hide columns, so that what
// they join is not known.
func (v *viewPrinter) sourcesOf(list []sqlparser.TableExpr) []viewSource {
	var out []viewSource
	for _, e := range list {
		switch t := e.(type) {
		case *sqlparser.AliasedTableExpr:
			out = append(out, v.source(t))
		case *sqlparser.ParenTableExpr:
			out = append(out, v.sourcesOf(t.Exprs)...)
		case *sqlparser.JoinTableExpr:
			joined := v.sourcesOf([]sqlparser.TableExpr{t.LeftExpr, t.RightExpr})
			natural := t.Join == sqlparser.NaturalJoinType || t.Join == sqlparser.NaturalLeftJoinType || t.Join == sqlparser.NaturalRightJoinType
			if natural || t.Condition != nil && len(t.Condition.Using) > 0 {
				for i := range joined {
					joined[i].columns = nil
				}
			}
			out = append(out, joined...)
		case *sqlparser.JSONTableExpr:
			out = append(out, v.jsonTableSource(t))
		default:
			out = append(out, viewSource{})
		}
	}
	return out
}

func (v *viewPrinter) source(t *sqlparser.AliasedTableExpr) viewSource {
	s := viewSource{alias: t.As.String()}
	switch e := t.Expr.(type) {
	case sqlparser.TableName:
		o := ObjectName{e.Qualifier.String(), e.Name.String()}
		isWith := o.Database == "" && v.isWith(o.Name)
		if o.Database == "" {
			o.Database = v.c.Database
		}
		if s.alias == "" {
			s.alias = o.Name
			if !isWith {
				s.qualified = schemas.QuoteName(o.Database) + "."
			}
		}
		s.qualified += schemas.QuoteName(s.alias)
		if !isWith {
			s.columns = v.columnsOf(o)
		}
	case *sqlparser.DerivedTable:
		s.qualified = schemas.QuoteName(s.alias)
		for _, c := range t.Columns {
			s.columns = append(s.columns, c.String())
		}
		if s.columns == nil {
			n := len(v.sources)
			if p, err := planSelectText(v.c, v.query(e.Select, nil)); err == nil {
				for _, c := range p.Columns {
					s.columns = append(s.columns, c.Name)
				}
			}
			v.sources = v.sources[:n]
		}
	}
	return s
}

func (v *viewPrinter) isWith(name string) bool {
	for _, w := range v.with {
		if w == name {
			return true
		}
	}
	return false
}

// columnsOf names the visible columns of a table or view.
func (v *viewPrinter) columnsOf(o ObjectName) []string {
	var list []string
	if t := v.c.Catalog.Table(o.Database, o.Name); t != nil {
		for i := range t.Columns {
			if !t.Columns[i].Invisible {
				list = append(list, t.Columns[i].Name)
			}
		}
		return list
	}
	if view := v.c.Catalog.View(o.Database, o.Name); view != nil {
		for _, c := range viewColumns(v.c.Catalog, view) {
			list = append(list, c.Name)
		}
	}
	if t := lookupVirtual(o.Database, o.Name); t != nil {
		for i := range t.Columns {
			list = append(list, t.Columns[i].Name)
		}
	}
	return list
}

// from prints a FROM clause.
func (v *viewPrinter) from(list []sqlparser.TableExpr) string {
	var out []string
	for _, e := range list {
		if text := v.tableExpr(e); text != "" {
			out = append(out, text)
		}
	}
	if len(out) > 1 { // MySQL joins what commas separate
		return strings.Join(out, " join ")
	}
	return strings.Join(out, "")
}

func (v *viewPrinter) tableExpr(e sqlparser.TableExpr) string {
	switch t := e.(type) {
	case *sqlparser.AliasedTableExpr:
		text := ""
		switch x := t.Expr.(type) {
		case sqlparser.TableName:
			if x.Name.String() == "dual" && x.Qualifier.IsEmpty() {
				return ""
			}
			database := x.Qualifier.String()
			if database == "" && !v.isWith(x.Name.String()) {
				database = v.c.Database
			}
			if database != "" {
				text = schemas.QuoteName(database) + "."
			}
			text += schemas.QuoteName(x.Name.String())
		case *sqlparser.DerivedTable:
			text = "(" + v.query(x.Select, nil) + ")"
			if x.Lateral {
				text = "lateral " + text
			}
		default:
			text = v.printer().print(x)
		}
		if !t.As.IsEmpty() {
			text += " " + schemas.QuoteName(t.As.String())
		}
		if len(t.Columns) > 0 {
			text += " (" + nameList(t.Columns) + ")"
		}
		return text
	case *sqlparser.ParenTableExpr:
		if len(t.Exprs) == 1 { // a join has parentheses of its own
			return v.tableExpr(t.Exprs[0])
		}
		return "(" + v.from(t.Exprs) + ")"
	case *sqlparser.JSONTableExpr:
		return v.jsonTableText(t)
	case *sqlparser.JoinTableExpr:
		text := "(" + v.tableExpr(t.LeftExpr) + " " + t.Join.ToString() + " " + v.tableExpr(t.RightExpr)
		if t.Condition != nil && t.Condition.On != nil {
			text += " on(" + v.printer().print(t.Condition.On) + ")"
		}
		if t.Condition != nil && len(t.Condition.Using) > 0 {
			text += " using (" + nameList(t.Condition.Using) + ")"
		}
		return text + ")"
	}
	return v.printer().print(e)
}

func (v *viewPrinter) order(print func(sqlparser.Expr) string, list sqlparser.OrderBy) string {
	var b strings.Builder
	for i, o := range list {
		if i == 0 {
			b.WriteString(" order by ")
		} else {
			b.WriteByte(',')
		}
		b.WriteString(print(o.Expr))
		if o.Direction == sqlparser.DescOrder {
			b.WriteString(" desc")
		}
	}
	return b.String()
}

func (v *viewPrinter) limit(p *printer, l *sqlparser.Limit) string {
	if l == nil {
		return ""
	}
	text := " limit "
	if l.Offset != nil {
		text += p.print(l.Offset) + ","
	}
	return text + p.print(l.Rowcount)
}
