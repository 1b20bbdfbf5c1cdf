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
	options := expression.AggregateOptions{DivisionDelta: s.k.c.DivisionDelta}
	at := s
	if d, ok := a.(sqlparser.DistinctableAggr); ok {
		options.Distinct = d.IsDistinct()
	}
	if w, ok := a.(sqlparser.WindowFunc); ok && w.GetOverClause() != nil {
		if options.Distinct {
			return expression.Operand{}, unsupported("<window function>(DISTINCT ..)")
		}
		over, err := s.over(w.GetOverClause(), name)
		if err != nil {
			return expression.Operand{}, err
		}
		options.Window = over
	} else {
		var err error
		if at, err = s.aggregatesAt(a); err != nil {
			return expression.Operand{}, err
		}
		at.aggregated = true
		at.inAggregate = true
		defer func() { at.inAggregate = false }()
	}
	args, err := s.exprs(a.GetArgs())
	if err != nil {
		return expression.Operand{}, err
	}
	if at == s && options.Window == "" && s.namesOuterOnly(a) {
		s.keepInside(args)
	}
	if g, ok := a.(*sqlparser.GroupConcatExpr); ok {
		if err := s.groupConcat(g, &options); err != nil {
			return expression.Operand{}, err
		}
	}
	o, err := expression.Aggregate(name, args, options)
	if err == nil && at != s {
		o = s.ofOuter(o, at)
	}
	return o, err
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

// windowFunction compiles ROW_NUMBER(), LAG() and their like.
func (s *scope) windowFunction(w sqlparser.WindowFunc) (expression.Operand, error) {
	if w.GetOverClause() == nil {
		return expression.Operand{}, syntaxError([]byte(sqlparser.String(w)), 0)
	}
	if err := nullTreatment(w); err != nil {
		return expression.Operand{}, err
	}
	over, err := s.over(w.GetOverClause(), w.WindowFuncName())
	if err != nil {
		return expression.Operand{}, err
	}
	args, err := s.exprs(w.GetArgs())
	if err != nil {
		return expression.Operand{}, err
	}
	if err := positiveArgument(w, args); err != nil {
		return expression.Operand{}, err
	}
	o, err := expression.WindowFunction(strings.ToUpper(w.WindowFuncName()), args)
	o.SQL += " " + over
	return o, err
}

// positiveArgument refuses NTILE(0) and NTH_VALUE(x, 0).
func positiveArgument(w sqlparser.WindowFunc, args []expression.Operand) error {
	switch w.(type) {
	case *sqlparser.NtileExpr, *sqlparser.NTHValueExpr:
		n := args[len(args)-1].Constant
		if n != nil && (n.IsNull() || n.Int64() <= 0) {
			return mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, strings.ToLower(w.WindowFuncName()))
		}
	}
	return nil
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
		case *sqlparser.FuncExpr:
			found = found || n.Name.EqualString("st_collect")
		}
		return !found, nil
	}, e)
	return found
}
