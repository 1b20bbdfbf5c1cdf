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
	p       *parsed
	with    []viewSource // the common table expressions in force, by their aliases
	sources []viewFrom
	// named says that the query being printed is a table, whose columns have names: no subquery of an expression.
	named bool
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
		side := func(q sqlparser.TableStatement, columns []ResultColumn) string {
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
		text := v.withText(t.With) + side(t.Left, columns) + word + side(t.Right, nil)
		p := v.plainPrinter()
		text += v.order(func(e sqlparser.Expr) string {
			if i, ok := position(e); ok && i >= 1 && i <= len(columns) {
				return schemas.QuoteName(columns[i-1].Name)
			}
			return p.print(e)
		}, t.OrderBy) + v.limit(p, t.Limit)
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
			b.WriteString(v.inner(t, false))
		case *sqlparser.Union:
			b.WriteString(v.inner(t, false))
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
		case *sqlparser.ExistsExpr:
			b.WriteString("exists(" + v.inner(existing(t.Subquery.Select), false) + ")")
		case sqlparser.ValTuple:
			b.WriteString("(" + p.list(t) + ")")
		case *sqlparser.Subquery:
			b.WriteString("(" + v.inner(t.Select, false) + ")")
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

// inner prints a query within another; named says that it stands for a table.
func (v *viewPrinter) inner(q sqlparser.TableStatement, named bool) string {
	outer := v.named
	v.named = named
	text := v.query(q, nil)
	v.named = outer
	return text
}

func (v *viewPrinter) withText(w *sqlparser.With) string {
	if w == nil {
		return ""
	}
	word := "with "
	if w.Recursive {
		word += "recursive "
	}
	var list []string
	v.enter(w, func(e *sqlparser.CommonTableExpr) {
		text := schemas.QuoteName(e.ID.String()) + " "
		if len(e.Columns) > 0 {
			text += "(" + nameList(e.Columns) + ") "
		}
		list = append(list, text+"as ("+v.inner(e.Subquery, true)+")")
	})
	return word + strings.Join(list, ", ") + " "
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
	v.sources = append(v.sources, v.fromOf(s.From))
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
	for i, e := range s.SelectExprs.Exprs {
		switch x := e.(type) {
		case *sqlparser.StarExpr:
			expanded := v.star(x)
			if expanded == nil {
				list, columns = append(list, p.print(x)), nil // what follows has no known place
				continue
			}
			for _, c := range expanded {
				list = append(list, c[0]+" AS "+schemas.QuoteName(name(c[1])))
			}
		case *sqlparser.AliasedExpr:
			item := p.print(x.Expr)
			own := x.As.String()
			if own == "" && v.named {
				own = v.itemName(s, i)
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

func (v *viewPrinter) source(t *sqlparser.AliasedTableExpr) viewSource {
	s := viewSource{alias: t.As.String()}
	switch e := t.Expr.(type) {
	case sqlparser.TableName:
		o := ObjectName{e.Qualifier.String(), e.Name.String()}
		common := v.common(e)
		if o.Database == "" {
			o.Database = v.c.Database
		}
		if s.alias == "" {
			s.alias = o.Name
			if common == nil {
				s.qualified = schemas.QuoteName(o.Database) + "."
			}
		}
		s.qualified += schemas.QuoteName(s.alias)
		if s.columns = v.columnsOf(o); common != nil {
			s.columns = common.columns
		}
	case *sqlparser.DerivedTable:
		s.qualified = schemas.QuoteName(s.alias)
		for _, c := range t.Columns {
			s.columns = append(s.columns, c.String())
		}
		if s.columns == nil {
			s.columns = v.outputNames(e.Select)
		}
	}
	return s
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
	text := ""
	for i, one := range out { // MySQL joins what commas separate
		if text = text + one; i > 0 {
			text = "(" + text + ")"
		}
		if i+1 < len(out) {
			text += " join "
		}
	}
	return text
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
			if database == "" && v.common(x) == nil {
				database = v.c.Database
			}
			if database != "" {
				text = schemas.QuoteName(database) + "."
			}
			text += schemas.QuoteName(x.Name.String())
		case *sqlparser.DerivedTable:
			text = "(" + v.inner(x.Select, true) + ")"
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
		return v.from(t.Exprs)
	case *sqlparser.JSONTableExpr:
		return v.jsonTableText(t)
	case *sqlparser.JoinTableExpr:
		return v.joinText(t)
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
