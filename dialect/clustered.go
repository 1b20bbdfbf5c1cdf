package dialect

import (
	"slices"

	"marmot/dialect/expression"
	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// clusteredOrder is the order in which InnoDB gives the rows of a query over one table that asks for none: that of the
// clustered index, https://dev.mysql.com/doc/refman/8.4/en/innodb-index-types.html, or of a secondary one that holds all
// that the query reads. SQLite's own order is the same but for tables whose clustered index is an index of its own here.
// There are no terms where an index leads to the rows of WHERE: then both go by that.
func (c *selecting) clusteredOrder() []string {
	if c.parent != nil || c.materialized || len(c.sources) != 1 || c.windowed || len(c.t.From) != 1 {
		return nil
	}
	src := c.sources[0]
	if _, plain := c.t.From[0].(*sqlparser.AliasedTableExpr); !plain || src.table == nil {
		return nil
	}
	clustered := src.table.Clustered()
	if clustered == nil || clustered.SQLiteName == "" {
		return nil
	}
	where := c.columnsOf(src.table, c.t.Where)
	for i := range src.table.Indexes {
		ix := &src.table.Indexes[i]
		if ix != clustered && len(ix.Parts) > 0 && slices.Contains(where, ix.Parts[0].Column) {
			return nil
		}
	}
	parts := clustered.Parts
	read := slices.Concat(where, c.columnsOf(src.table, c.t.SelectExprs))
	if ix := covering(src.table, clustered, read); ix != nil {
		parts = slices.Concat(ix.Parts, clustered.Parts)
	}
	var terms []string
	for _, p := range parts {
		term := expression.SortSQL(src.column(p.Column))
		if p.Descending {
			term += " DESC"
		}
		terms = append(terms, term)
	}
	return terms
}

// covering is the secondary index with the fewest columns that, with the clustered one's, holds all columns of a list.
func covering(t *schemas.Table, clustered *schemas.Index, read []int) (found *schemas.Index) {
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if ix == clustered || ix.Fulltext || ix.Spatial || ix.Invisible ||
			slices.ContainsFunc(ix.Parts, func(p schemas.IndexPart) bool { return p.Column < 0 || p.Prefix > 0 }) {
			continue
		}
		missing := slices.ContainsFunc(read, func(n int) bool {
			is := func(p schemas.IndexPart) bool { return p.Column == n && p.Prefix == 0 }
			return !slices.ContainsFunc(ix.Parts, is) && !slices.ContainsFunc(clustered.Parts, is)
		})
		if !missing && (found == nil || len(ix.Parts) < len(found.Parts)) {
			found = ix
		}
	}
	return found
}

// columnsOf gives the columns of the table that a part of the statement names, * all of them.
func (c *selecting) columnsOf(t *schemas.Table, part sqlparser.SQLNode) []int {
	var list []int
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.StarExpr:
			for i := range t.Columns {
				list = append(list, i)
			}
		case *sqlparser.ColName:
			if i := t.ColumnIndex(n.Name.String()); i >= 0 {
				list = append(list, i)
			}
		}
		return true, nil
	}, part)
	return list
}
