package dialect

import (
	"vitess.io/vitess/go/vt/sqlparser"
)

// enter makes the common table expressions of a WITH known, one after the other; visit, if any, sees each where it may use those before it,
// and itself if it is recursive.
func (v *viewPrinter) enter(w *sqlparser.With, visit func(*sqlparser.CommonTableExpr)) {
	if w == nil {
		return
	}
	for _, e := range w.CTEs {
		own := viewSource{alias: e.ID.String()}
		n := len(v.with)
		if w.Recursive {
			v.with = append(v.with, own)
		}
		for _, c := range e.Columns {
			own.columns = append(own.columns, c.String())
		}
		if own.columns == nil {
			own.columns = v.outputNames(e.Subquery)
		}
		if w.Recursive {
			v.with[n] = own
		}
		if visit != nil {
			visit(e)
		}
		v.with = append(v.with[:n], own)
	}
}

// common is the common table expression that a name without a database stands for, or nil.
func (v *viewPrinter) common(name sqlparser.TableName) *viewSource {
	if !name.Qualifier.IsEmpty() {
		return nil
	}
	for i := len(v.with) - 1; i >= 0; i-- {
		if v.with[i].alias == name.Name.String() {
			return &v.with[i]
		}
	}
	return nil
}

// outputNames are the names of a query's columns; nil if they are not known.
func (v *viewPrinter) outputNames(q sqlparser.TableStatement) []string {
	n := len(v.with)
	defer func() { v.with = v.with[:n] }()
	switch t := q.(type) {
	case *sqlparser.Union:
		v.enter(t.With, nil)
		return v.outputNames(t.Left)
	case *sqlparser.Select:
		v.enter(t.With, nil)
		v.sources = append(v.sources, v.fromOf(t.From))
		defer func() { v.sources = v.sources[:len(v.sources)-1] }()
		var list []string
		for i, e := range t.SelectExprs.Exprs {
			switch x := e.(type) {
			case *sqlparser.StarExpr:
				columns := v.star(x)
				if columns == nil {
					return nil
				}
				for _, c := range columns {
					list = append(list, c[1])
				}
			case *sqlparser.AliasedExpr:
				list = append(list, x.As.String())
				if x.As.IsEmpty() {
					list[len(list)-1] = v.itemName(t, i)
				}
			}
		}
		return list
	}
	return nil
}

// itemName is the name that a query's column without an alias has.
func (v *viewPrinter) itemName(s *sqlparser.Select, i int) string {
	e := s.SelectExprs.Exprs[i].(*sqlparser.AliasedExpr).Expr
	if texts := v.p.itemsOf(s); texts != nil {
		return itemName(texts[i], e)
	}
	if c, ok := e.(*sqlparser.ColName); ok {
		return c.Name.String()
	}
	return sqlparser.String(e)
}

// existing is the query of EXISTS: what it selects with a star does not matter, and MySQL keeps a 1 in its place.
func existing(q sqlparser.TableStatement) sqlparser.TableStatement {
	s, ok := q.(*sqlparser.Select)
	if !ok || s.GroupBy != nil || s.Having != nil || s.Limit != nil || s.Distinct {
		return q
	}
	for _, e := range s.SelectExprs.Exprs {
		if _, star := e.(*sqlparser.StarExpr); !star {
			return q
		}
	}
	plain := *s
	plain.SelectExprs = &sqlparser.SelectExprs{Exprs: []sqlparser.SelectExpr{&sqlparser.AliasedExpr{Expr: sqlparser.NewIntLiteral("1")}}}
	return &plain
}
