package dialect

import (
	"strings"

	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// viewFrom is a FROM clause: its tables, and what * is of all of them.
type viewFrom struct {
	tables []viewSource
	// all are the columns of *, each as text and name; nil if they are not known.
	all [][2]string
}

func (v *viewPrinter) fromOf(list []sqlparser.TableExpr) viewFrom {
	f, known := viewFrom{}, true
	for _, e := range list {
		one := v.fromOne(e)
		f.tables, f.all, known = append(f.tables, one.tables...), append(f.all, one.all...), known && one.all != nil
	}
	if !known {
		f.all = nil
	}
	return f
}

func (v *viewPrinter) fromOne(e sqlparser.TableExpr) viewFrom {
	switch t := e.(type) {
	case *sqlparser.AliasedTableExpr:
		return fromSource(v.source(t))
	case *sqlparser.ParenTableExpr:
		return v.fromOf(t.Exprs)
	case *sqlparser.JSONTableExpr:
		return fromSource(v.jsonTableSource(t))
	case *sqlparser.JoinTableExpr:
		left, right := v.fromOne(t.LeftExpr), v.fromOne(t.RightExpr)
		f := viewFrom{tables: append(append([]viewSource{}, left.tables...), right.tables...)}
		common, ok := commonColumns(t, left, right)
		if !ok || left.all == nil || right.all == nil {
			return f
		}
		first, second := left.all, right.all
		if joinsRight(t) && (len(common) > 0 || t.Join == sqlparser.NaturalRightJoinType) {
			first, second = right.all, left.all
		}
		f.all = [][2]string{}
		for _, name := range common {
			f.all = append(f.all, [2]string{columnNamed(first, name), name})
		}
		for _, side := range [][][2]string{first, second} {
			for _, c := range side {
				if !hasName(common, c[1]) {
					f.all = append(f.all, c)
				}
			}
		}
		return f
	}
	return viewFrom{tables: []viewSource{{}}}
}

func fromSource(s viewSource) viewFrom {
	f := viewFrom{tables: []viewSource{s}}
	if s.columns != nil {
		f.all = [][2]string{}
	}
	for _, c := range s.columns {
		f.all = append(f.all, [2]string{s.qualified + "." + schemas.QuoteName(c), c})
	}
	return f
}

// commonColumns are the columns that NATURAL JOIN and USING make one; ok says whether they are known.
func commonColumns(t *sqlparser.JoinTableExpr, left, right viewFrom) (list []string, ok bool) {
	switch t.Join {
	case sqlparser.NaturalJoinType, sqlparser.NaturalLeftJoinType, sqlparser.NaturalRightJoinType:
		for _, c := range left.all {
			if columnNamed(right.all, c[1]) != "" {
				list = append(list, c[1])
			}
		}
		return list, left.all != nil && right.all != nil
	}
	if t.Condition != nil {
		for _, c := range t.Condition.Using {
			list = append(list, c.String())
		}
	}
	for _, name := range list {
		ok := columnNamed(left.all, name) != "" && columnNamed(right.all, name) != ""
		if !ok {
			return list, false
		}
	}
	return list, true
}

func hasName(list []string, name string) bool {
	for _, n := range list {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// columnNamed is the text of the one column with the name; empty if there is none, or several.
func columnNamed(list [][2]string, name string) string {
	text := ""
	for _, c := range list {
		if strings.EqualFold(c[1], name) {
			if text != "" {
				return ""
			}
			text = c[0]
		}
	}
	return text
}

func joinsRight(t *sqlparser.JoinTableExpr) bool {
	return t.Join == sqlparser.RightJoinType || t.Join == sqlparser.NaturalRightJoinType
}

// joinText prints a join: RIGHT JOIN as a LEFT JOIN the other way round, and what NATURAL and USING compare.
func (v *viewPrinter) joinText(t *sqlparser.JoinTableExpr) string {
	left, right := v.tableExpr(t.LeftExpr), v.tableExpr(t.RightExpr)
	word := t.Join.ToString()
	a, b := v.fromOne(t.LeftExpr), v.fromOne(t.RightExpr)
	common, known := commonColumns(t, a, b)
	using := t.Condition != nil && len(t.Condition.Using) > 0
	if joinsRight(t) && known {
		left, right, a, b = right, left, b, a
	}
	if known {
		word = map[sqlparser.JoinType]string{sqlparser.RightJoinType: "left join", sqlparser.NaturalRightJoinType: "left join",
			sqlparser.NaturalLeftJoinType: "left join", sqlparser.NaturalJoinType: "join"}[t.Join]
		if word == "" {
			word = t.Join.ToString()
		}
	}
	text := "(" + left + " " + word + " " + right
	var equal []string
	for _, c := range common {
		equal = append(equal, "("+columnNamed(a.all, c)+" = "+columnNamed(b.all, c)+")")
	}
	switch {
	case t.Condition != nil && t.Condition.On != nil:
		text += " on(" + v.printer().print(t.Condition.On) + ")"
	case known && len(equal) == 1:
		text += " on(" + equal[0] + ")"
	case known && len(equal) > 1:
		text += " on((" + strings.Join(equal, " and ") + "))"
	case known && word == "left join": // nothing is compared
		text += " on(true)"
	case using:
		text += " using (" + nameList(t.Condition.Using) + ")"
	}
	return text + ")"
}

// star lists the columns of * or t.*, each as text and name; nil if they are not known.
func (v *viewPrinter) star(x *sqlparser.StarExpr) [][2]string {
	from := v.sources[len(v.sources)-1]
	alias := x.TableName.Name.String()
	if alias == "" {
		return from.all
	}
	for _, s := range from.tables {
		if s.alias == alias {
			return fromSource(s).all
		}
	}
	return nil
}

// column qualifies a column with its table where only one of the tables at hand has it; those of outer queries come after the own ones.
func (v *viewPrinter) column(c *sqlparser.ColName) string {
	name, qualifier := c.Name.String(), c.Qualifier.Name.String()
	for i := len(v.sources) - 1; i >= 0; i-- {
		from := v.sources[i]
		if qualifier != "" {
			for _, s := range from.tables {
				if s.alias == qualifier {
					return s.qualified + "." + schemas.QuoteName(name)
				}
			}
			continue
		}
		if text := columnNamed(from.all, name); text != "" || from.all == nil {
			return text
		}
		for _, x := range from.all {
			if strings.EqualFold(x[1], name) {
				return "" // several
			}
		}
	}
	return ""
}
