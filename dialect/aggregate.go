package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// aggregate compiles an aggregate function, over a group or a window.
func (s *scope) aggregate(a sqlparser.AggrFunc) (expression.Operand, error) {
	name := strings.ToUpper(a.AggrName())
	options := expression.AggregateOptions{}
	if d, ok := a.(sqlparser.DistinctableAggr); ok {
		options.Distinct = d.IsDistinct()
	}
	if w, ok := a.(sqlparser.WindowFunc); ok && w.GetOverClause() != nil {
		over, err := s.over(w.GetOverClause())
		if err != nil {
			return expression.Operand{}, err
		}
		options.Window = over
	} else {
		if !s.aggregates || s.inAggregate {
			return expression.Operand{}, mysqlerr.New(mysql.ER_INVALID_GROUP_FUNC_USE)
		}
		s.aggregated = true
		s.inAggregate = true
		defer func() { s.inAggregate = false }()
	}
	args, err := s.exprs(a.GetArgs())
	if err != nil {
		return expression.Operand{}, err
	}
	if g, ok := a.(*sqlparser.GroupConcatExpr); ok {
		if err := s.groupConcat(g, &options); err != nil {
			return expression.Operand{}, err
		}
	}
	return expression.Aggregate(name, args, options)
}

// groupConcat reads ORDER BY and SEPARATOR of GROUP_CONCAT.
func (s *scope) groupConcat(g *sqlparser.GroupConcatExpr, options *expression.AggregateOptions) error {
	if g.Limit != nil {
		return syntaxError([]byte(sqlparser.String(g.Limit)), 0)
	}
	for _, o := range g.OrderBy {
		e := o.Expr
		if i, ok := position(e); ok && i >= 1 && i <= len(g.Exprs) {
			e = g.Exprs[i-1]
		}
		operand, err := s.expr(e)
		if err != nil {
			return err
		}
		term := expression.SortSQL(operand)
		if o.Direction == sqlparser.DescOrder {
			term += " DESC"
		}
		options.OrderBy = append(options.OrderBy, term)
	}
	if g.Separator != "" {
		options.Separator, options.HasSeparator = separator(g.Separator), true
	}
	return nil
}

// separator reads the text " separator 'x'" that the parser keeps.
func separator(text string) string {
	i := strings.IndexByte(text, '\'')
	if i < 0 || len(text) < i+2 {
		return text
	}
	return string(unquote([]byte(text[i:]), 0))
}

// over compiles OVER (…) or OVER name.
func (s *scope) over(o *sqlparser.OverClause) (string, error) {
	if !s.aggregates {
		return "", mysqlerr.New(errWindowFunctionUse, "window")
	}
	s.windowed = true
	spec := o.WindowSpec
	if spec == nil {
		var ok bool
		if spec, ok = s.windows[o.WindowName.Lowered()]; !ok {
			return "", mysqlerr.New(errNoSuchWindow, o.WindowName.String())
		}
	}
	text, err := s.window(spec, 0)
	return "OVER (" + text + ")", err
}

// window compiles a window's specification; a named one that it builds on is written out.
func (s *scope) window(spec *sqlparser.WindowSpecification, depth int) (string, error) {
	partition, order, frame := spec.PartitionClause, spec.OrderClause, spec.FrameClause
	for !spec.Name.IsEmpty() {
		base, ok := s.windows[spec.Name.Lowered()]
		if !ok {
			return "", mysqlerr.New(errNoSuchWindow, spec.Name.String())
		}
		if depth++; depth > len(s.windows) {
			return "", mysqlerr.New(errWindowCircularity)
		}
		if partition == nil {
			partition = base.PartitionClause
		}
		if order == nil {
			order = base.OrderClause
		}
		if frame == nil {
			frame = base.FrameClause
		}
		spec = base
	}
	var parts []string
	var keys []string
	for _, e := range partition {
		o, err := s.expr(e)
		if err != nil {
			return "", err
		}
		keys = append(keys, expression.SortSQL(o))
	}
	if len(keys) > 0 {
		parts = append(parts, "PARTITION BY "+strings.Join(keys, ", "))
	}
	keys = nil
	for _, o := range order {
		operand, err := s.expr(o.Expr)
		if err != nil {
			return "", err
		}
		keys = append(keys, sortTerm(operand, nil, o.Direction))
	}
	if len(keys) > 0 {
		parts = append(parts, "ORDER BY "+strings.Join(keys, ", "))
	}
	if frame != nil {
		text, err := s.frame(frame)
		if err != nil {
			return "", err
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " "), nil
}

func (s *scope) frame(f *sqlparser.FrameClause) (string, error) {
	unit := "ROWS"
	if f.Unit == sqlparser.FrameRangeType {
		unit = "RANGE"
	}
	start, err := s.framePoint(f.Start)
	if err != nil || f.End == nil {
		return unit + " " + start, err
	}
	end, err := s.framePoint(f.End)
	return unit + " BETWEEN " + start + " AND " + end, err
}

func (s *scope) framePoint(p *sqlparser.FramePoint) (string, error) {
	switch p.Type {
	case sqlparser.CurrentRowType:
		return "CURRENT ROW", nil
	case sqlparser.UnboundedPrecedingType:
		return "UNBOUNDED PRECEDING", nil
	case sqlparser.UnboundedFollowingType:
		return "UNBOUNDED FOLLOWING", nil
	}
	if p.Unit != 0 {
		return "", unsupported("RANGE with INTERVAL")
	}
	o, err := s.expr(p.Expr)
	if err != nil {
		return "", err
	}
	if p.Type == sqlparser.ExprPrecedingType {
		return o.SQL + " PRECEDING", nil
	}
	return o.SQL + " FOLLOWING", nil
}

// windowFunction compiles ROW_NUMBER(), LAG() and their like.
func (s *scope) windowFunction(w sqlparser.WindowFunc) (expression.Operand, error) {
	if w.GetOverClause() == nil {
		return expression.Operand{}, syntaxError([]byte(sqlparser.String(w)), 0)
	}
	if err := nullTreatment(w); err != nil {
		return expression.Operand{}, err
	}
	over, err := s.over(w.GetOverClause())
	if err != nil {
		return expression.Operand{}, err
	}
	args, err := s.exprs(w.GetArgs())
	if err != nil {
		return expression.Operand{}, err
	}
	o, err := expression.WindowFunction(strings.ToUpper(w.WindowFuncName()), args)
	o.SQL += " " + over
	return o, err
}

// nullTreatment refuses what MySQL refuses: IGNORE NULLS and FROM LAST.
func nullTreatment(w sqlparser.WindowFunc) error {
	var c *sqlparser.NullTreatmentClause
	switch w := w.(type) {
	case *sqlparser.FirstOrLastValueExpr:
		c = w.NullTreatmentClause
	case *sqlparser.LagLeadExpr:
		c = w.NullTreatmentClause
	case *sqlparser.NTHValueExpr:
		c = w.NullTreatmentClause
		if w.FromFirstLastClause != nil && w.FromFirstLastClause.Type == sqlparser.FromLastType {
			return unsupported("FROM LAST")
		}
	}
	if c != nil && c.Type == sqlparser.IgnoreNullsType {
		return unsupported("IGNORE NULLS")
	}
	return nil
}

// hasAggregate reports whether an expression holds an aggregate of its own query.
func hasAggregate(e sqlparser.Expr) bool {
	if e == nil {
		return false
	}
	found := false
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			return false, nil
		case sqlparser.AggrFunc:
			if w, ok := n.(sqlparser.WindowFunc); !ok || w.GetOverClause() == nil {
				found = true
			}
		}
		return !found, nil
	}, e)
	return found
}
