package dialect

import (
	"strings"

	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// selectedColumn is a column of the SELECT of INSERT … SELECT that ON DUPLICATE KEY UPDATE names, as in
// "INSERT INTO a SELECT x FROM b ON DUPLICATE KEY UPDATE y = b.z". The SELECT gives it behind the columns for the table.
type selectedColumn struct {
	qualifier, name string
	column          outColumn
}

// withSelected adds to the SELECT what ON DUPLICATE KEY UPDATE names of its tables. MySQL allows that for a query
// without DISTINCT, groups and set operations.
func (p *insertPlan) withSelected(t *sqlparser.Insert, rows sqlparser.TableStatement) sqlparser.TableStatement {
	query, ok := rows.(*sqlparser.Select)
	if !ok || len(t.OnDup) == 0 || query.Distinct || query.GroupBy != nil || query.Having != nil || sqlparser.ContainsAggregation(query.SelectExprs) {
		return rows
	}
	p.selected = p.namedBySelect(t)
	if len(p.selected) == 0 {
		return rows
	}
	wider := *query
	list := sqlparser.SelectExprs{Exprs: append([]sqlparser.SelectExpr(nil), query.SelectExprs.Exprs...)}
	for _, c := range p.selected {
		column := sqlparser.NewColName(c.name)
		if c.qualifier != "" {
			column = sqlparser.NewColNameWithQualifier(c.name, sqlparser.NewTableName(c.qualifier))
		}
		list.Exprs = append(list.Exprs, &sqlparser.AliasedExpr{Expr: column})
	}
	wider.SelectExprs = &list
	return &wider
}

// namedBySelect lists the columns that the assignments name and that are not those of the table itself.
func (p *insertPlan) namedBySelect(t *sqlparser.Insert) []selectedColumn {
	var list []selectedColumn
	for _, e := range t.OnDup {
		_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
			switch node := node.(type) {
			case *sqlparser.Subquery, *sqlparser.ValuesFuncExpr, *sqlparser.Default:
				return false, nil
			case *sqlparser.ColName:
				c := selectedColumn{qualifier: node.Qualifier.Name.String(), name: node.Name.String()}
				own := c.qualifier == "" && p.t.ColumnIndex(c.name) >= 0 || strings.EqualFold(c.qualifier, p.t.Name)
				if !own && !hasSelected(list, c) {
					list = append(list, c)
				}
			}
			return true, nil
		}, e.Expr) // the walk fails only where the function does
	}
	return list
}

func hasSelected(list []selectedColumn, c selectedColumn) bool {
	for _, have := range list {
		if have.qualifier == c.qualifier && strings.EqualFold(have.name, c.name) {
			return true
		}
	}
	return false
}

// selectedSources makes the selected columns known by their names, the i-th one as the local from+i.
func (p *insertPlan) selectedSources(from int) []*source {
	var sources []*source
	places := map[string]*source{}
	for i := range p.selected {
		c := &p.selected[i]
		src := places[c.qualifier]
		if src == nil {
			src = &source{name: c.qualifier, scan: -1}
			places[c.qualifier] = src
			sources = append(sources, src)
		}
		o := c.column.operand
		o.SQL, o.Constant = local(from+i), nil
		src.columns = append(src.columns, sourceColumn{name: c.name, operand: o, meta: ResultColumn{Name: c.name}})
	}
	return sources
}

// split takes the selected columns off a row of the SELECT.
func (p *insertPlan) split(values []txn.Value) (row, selected []txn.Value) {
	at := len(values) - len(p.selected)
	return values[:at], values[at:]
}
