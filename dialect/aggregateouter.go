package dialect

import (
	"marmot/dialect/expression"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// aggregatesAt is the query whose rows an aggregate sums up: the innermost one whose columns it names, if aggregates may stand
// where it is, else the one that the aggregate stands in.
func (s *scope) aggregatesAt(a sqlparser.AggrFunc) (at *scope, err error) {
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			return false, nil
		case *sqlparser.ColName:
			if found := s.scopeOf(n); found != nil && (at == nil || found.inside(at)) {
				at = found
			}
		}
		return true, nil
	}, a)
	switch {
	case at == nil:
		at = s
	case at != s && at.inAggregate:
		return nil, mysqlerr.New(mysql.ER_INVALID_GROUP_FUNC_USE)
	case at != s && !at.aggregates:
		at = s
	}
	if !at.aggregates || at.inAggregate {
		return nil, mysqlerr.New(mysql.ER_INVALID_GROUP_FUNC_USE)
	}
	return at, nil
}

// namesOuterOnly reports whether an aggregate names columns, and none of the query that it stands in.
func (s *scope) namesOuterOnly(a sqlparser.AggrFunc) bool {
	outer, own := false, false
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			own = true // SQLite finds its names itself
		case *sqlparser.ColName:
			found := s.scopeOf(n)
			own = own || found == s
			outer = outer || found != nil && found != s
		}
		return true, nil
	}, a)
	return outer && !own
}

// scopeOf is the query whose column a name means, or nil.
func (s *scope) scopeOf(n *sqlparser.ColName) *scope {
	if s.k.local(n) != nil {
		return nil
	}
	for at := s; at != nil; at = at.parent {
		if _, _, _, ok, err := at.place(n); ok || err != nil {
			return at
		}
	}
	return nil
}

// inside reports whether the scope is one within the other.
func (s *scope) inside(other *scope) bool {
	for at := s.parent; at != nil; at = at.parent {
		if at == other {
			return true
		}
	}
	return false
}

// ofOuter makes an aggregate of an enclosing query, which SQLite takes anywhere as a query of its own.
func (s *scope) ofOuter(o expression.Operand, at *scope) expression.Operand {
	at.aggregated = true
	for mid := s; mid != at; mid = mid.parent {
		mid.correlated = true
	}
	o.SQL = "(SELECT " + o.SQL + ")"
	return o
}

// keepInside makes SQLite sum up the rows of this query although the argument names columns of enclosing ones only, which it
// would sum up there.
func (s *scope) keepInside(args []expression.Operand) {
	if len(args) == 0 {
		return
	}
	own := ""
	for _, src := range s.sources {
		if len(src.columns) > 0 {
			own = src.column(0).SQL
			break
		}
	}
	if own == "" {
		if s.oneRow == "" {
			s.oneRow = s.k.alias()
		}
		own = s.oneRow + "." + outName(0)
	}
	args[0].SQL = "CASE WHEN " + own + " IS NULL THEN " + args[0].SQL + " ELSE " + args[0].SQL + " END"
	args[0].Constant = nil
}
