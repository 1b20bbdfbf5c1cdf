package dialect

import (
	"strings"

	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// window prints what belongs to windows as MySQL does in the text of a view, and reports whether the node is such a one.
func (p *printer) window(b *sqlparser.TrackedBuffer, n sqlparser.SQLNode) bool {
	switch e := n.(type) {
	case *sqlparser.OverClause:
		b.WriteString("OVER ")
		if e.WindowSpec == nil {
			b.WriteString(schemas.QuoteName(e.WindowName.String()))
		} else {
			b.WriteString(p.windowText(e.WindowSpec))
		}
	case *sqlparser.WindowDefinition:
		b.WriteString(schemas.QuoteName(e.Name.String()) + " AS " + p.windowText(e.WindowSpec))
	case *sqlparser.LagLeadExpr:
		if e.NullTreatmentClause != nil {
			return false
		}
		args := []sqlparser.Expr{e.Expr}
		for _, x := range []sqlparser.Expr{e.N, e.Default} {
			if x != nil {
				args = append(args, x)
			}
		}
		p.call(b, strings.ToLower(e.Type.ToString()), args...)
		p.over(b, e.OverClause)
	case *sqlparser.NTHValueExpr:
		if e.NullTreatmentClause != nil || e.FromFirstLastClause != nil {
			return false
		}
		p.call(b, "nth_value", e.Expr, e.N)
		p.over(b, e.OverClause)
	default:
		return false
	}
	return true
}

func (p *printer) over(b *sqlparser.TrackedBuffer, e *sqlparser.OverClause) {
	if e != nil {
		b.WriteString(" " + p.print(e))
	}
}

// windowText is a window's specification with the blanks that MySQL has in it and behind it.
func (p *printer) windowText(w *sqlparser.WindowSpecification) string {
	text := "("
	if w.Name.NotEmpty() {
		text += schemas.QuoteName(w.Name.String()) + " "
	}
	if len(w.PartitionClause) > 0 {
		text += "PARTITION BY " + p.list(w.PartitionClause) + " "
	}
	if len(w.OrderClause) > 0 {
		text += "ORDER BY " + p.ordered(w.OrderClause, "", " desc") + " "
	}
	if f := w.FrameClause; f != nil {
		end := " AND CURRENT ROW"
		if f.End != nil {
			end = " AND" + p.framePoint(f.End)
		}
		text += strings.ToUpper(f.Unit.ToString()) + " BETWEEN" + p.framePoint(f.Start) + end
	}
	return text + ") "
}

func (p *printer) framePoint(f *sqlparser.FramePoint) string {
	text := ""
	if f.Expr != nil {
		text = " " + p.print(f.Expr)
		if f.Unit != sqlparser.IntervalNone {
			text = " INTERVAL" + text + " " + strings.ToUpper(f.Unit.ToString())
		}
	}
	return text + " " + strings.ToUpper(f.Type.ToString())
}

func (p *printer) list(list []sqlparser.Expr) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = p.print(e)
	}
	return strings.Join(texts, ",")
}

// ordered prints the terms of an ORDER BY with a word behind each, by its direction.
func (p *printer) ordered(list sqlparser.OrderBy, ascending, descending string) string {
	texts := make([]string, len(list))
	for i, o := range list {
		texts[i] = p.print(o.Expr) + ascending
		if o.Direction == sqlparser.DescOrder {
			texts[i] = p.print(o.Expr) + descending
		}
	}
	return strings.Join(texts, ",")
}

// groupConcat prints GROUP_CONCAT with its separator, which it has even if none is given.
func (p *printer) groupConcat(b *sqlparser.TrackedBuffer, e *sqlparser.GroupConcatExpr) {
	b.WriteString("group_concat(")
	if e.Distinct {
		b.WriteString("distinct ")
	}
	b.WriteString(p.list(e.Exprs))
	if len(e.OrderBy) > 0 {
		b.WriteString(" order by " + p.ordered(e.OrderBy, " ASC", " DESC"))
	}
	separator := e.Separator
	if separator == "" {
		separator = "','"
	}
	b.WriteString(" separator " + separator + ")")
}
