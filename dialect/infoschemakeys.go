package dialect

import (
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// eachTable hands over the base tables by database and name.
func eachTable(c *schemas.Catalog, each func(t *schemas.Table) error) error {
	for _, d := range c.SortedDatabases() {
		for _, t := range d.SortedTables() {
			if err := each(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// allIndexes lists the primary key and the other indexes of a table in order.
func allIndexes(t *schemas.Table) []*schemas.Index {
	var list []*schemas.Index
	if t.Primary != nil {
		list = append(list, t.Primary)
	}
	for i := range t.Indexes {
		list = append(list, &t.Indexes[i])
	}
	return list
}

// indexType is what SHOW INDEX calls the kind of an index.
func indexType(ix *schemas.Index) string {
	switch {
	case ix.Fulltext:
		return "FULLTEXT"
	case ix.Spatial:
		return "SPATIAL"
	}
	return "BTREE"
}

// indexRow is one part of an index, from NON_UNIQUE on, without the schema.
type indexRow struct {
	nonUnique, name, seq, column, collation, cardinality, prefix, nullable, kind, comment, visible, expression txn.Value
}

// spatialKeyBytes is the length of the box that a spatial index keeps: four numbers.
const spatialKeyBytes = 32

func indexRows(e Environment, t *schemas.Table, ix *schemas.Index) []indexRow {
	var list []indexRow
	nonUnique := 1
	if ix.Unique {
		nonUnique = 0
	}
	rows := txn.Int(server(e).TableRows(t))
	for i, p := range ix.Parts {
		r := indexRow{nonUnique: count(nonUnique), name: text(ix.Name), seq: count(i + 1), collation: text("A"), cardinality: rows,
			nullable: text(""), kind: text(indexType(ix)), comment: text(ix.Comment), visible: yes(!ix.Invisible)}
		if p.Descending {
			r.collation = text("D")
		}
		if ix.Fulltext {
			r.collation = txn.Null()
		}
		if p.Expression != "" {
			r.expression = text(p.Expression)
			if usesNullable(t, p.Expression) {
				r.nullable = text("YES")
			}
		} else {
			r.column = text(t.Columns[p.Column].Name)
			if t.Columns[p.Column].Nullable {
				r.nullable = text("YES")
			}
		}
		if p.Prefix > 0 {
			r.prefix = count(p.Prefix)
		} else if ix.Spatial {
			r.prefix = count(spatialKeyBytes)
		}
		list = append(list, r)
	}
	return list
}

// usesNullable reports whether an expression names a column that may be NULL.
func usesNullable(t *schemas.Table, expression string) bool {
	tree, err := parseExpression(expression)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(referencesOf(tree).columns, func(name string) bool {
		i := t.ColumnIndex(name)
		return i < 0 || t.Columns[i].Nullable
	})
}

// statisticsRows orders the indexes of a table by name, as MySQL's view happens to do.
func statisticsRows(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		list := allIndexes(t)
		slices.SortStableFunc(list, func(a, b *schemas.Index) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		})
		for _, ix := range list {
			for _, r := range indexRows(e, t, ix) {
				if err := row([]txn.Value{text("def"), text(t.Database), text(t.Name), r.nonUnique, text(t.Database), r.name, r.seq, r.column,
					r.collation, r.cardinality, r.prefix, txn.Null(), r.nullable, r.kind, text(""), r.comment, r.visible, r.expression}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func keyUsageRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		for _, ix := range t.UniqueIndexes() {
			for i, p := range ix.Parts {
				if p.Expression != "" {
					continue
				}
				if err := row([]txn.Value{text("def"), text(t.Database), text(ix.Name), text("def"), text(t.Database), text(t.Name),
					text(t.Columns[p.Column].Name), count(i + 1), txn.Null(), txn.Null(), txn.Null(), txn.Null()}); err != nil {
					return err
				}
			}
		}
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			for j, column := range fk.Columns {
				if err := row([]txn.Value{text("def"), text(t.Database), text(fk.Name), text("def"), text(t.Database), text(t.Name),
					text(t.Columns[column].Name), count(j + 1), count(j + 1), text(fk.ReferencedDatabase), text(fk.ReferencedTable),
					text(fk.ReferencedColumns[j])}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func constraintRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		emit := func(name, kind string, enforced bool) error {
			return row([]txn.Value{text("def"), text(t.Database), text(name), text(t.Database), text(t.Name), text(kind), yes(enforced)})
		}
		for _, ix := range t.UniqueIndexes() {
			kind := "UNIQUE"
			if ix == t.Primary {
				kind = "PRIMARY KEY"
			}
			if err := emit(ix.Name, kind, true); err != nil {
				return err
			}
		}
		for i := range t.ForeignKeys {
			if err := emit(t.ForeignKeys[i].Name, "FOREIGN KEY", true); err != nil {
				return err
			}
		}
		for i := range t.Checks {
			if err := emit(t.Checks[i].Name, "CHECK", t.Checks[i].Enforced); err != nil {
				return err
			}
		}
		return nil
	})
}

// referencedIndex is the name of the unique index that a foreign key refers to.
func referencedIndex(c *schemas.Catalog, fk *schemas.ForeignKey) string {
	parent := c.Table(fk.ReferencedDatabase, fk.ReferencedTable)
	if parent == nil {
		return ""
	}
	columns, ok := parent.ColumnIndexes(fk.ReferencedColumns)
	if !ok {
		return ""
	}
	for _, ix := range parent.UniqueIndexes() {
		if sameColumns(ix, columns) {
			return ix.Name
		}
	}
	return ""
}

func referentialRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		for i := range t.ForeignKeys {
			fk := &t.ForeignKeys[i]
			if err := row([]txn.Value{text("def"), text(t.Database), text(fk.Name), text("def"), text(fk.ReferencedDatabase),
				optional(referencedIndex(c, fk)), text("NONE"), text(actionText(fk.OnUpdate)), text(actionText(fk.OnDelete)), text(t.Name),
				text(fk.ReferencedTable)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		for i := range t.Checks {
			if err := row([]txn.Value{text("def"), text(t.Database), text(t.Checks[i].Name), text(escapedExpression(t.Checks[i].Expression))}); err != nil {
				return err
			}
		}
		return nil
	})
}
