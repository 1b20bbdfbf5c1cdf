package schemas

import (
	"cmp"
	"slices"
	"strings"
)

// ColumnIndex returns the place of the named column, or -1. Case does not matter.
func (t *Table) ColumnIndex(name string) int {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return i
		}
	}
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return i
		}
	}
	return -1
}

// ColumnIndexes returns the places of the named columns, and false if one is missing.
func (t *Table) ColumnIndexes(names []string) ([]int, bool) {
	list := make([]int, len(names))
	for i, n := range names {
		if list[i] = t.ColumnIndex(n); list[i] < 0 {
			return nil, false
		}
	}
	return list, true
}

// Index returns the named index (PRIMARY is the primary key), or nil. Case does not matter.
func (t *Table) Index(name string) *Index {
	if t.Primary != nil && strings.EqualFold(name, "PRIMARY") {
		return t.Primary
	}
	for i := range t.Indexes {
		if strings.EqualFold(t.Indexes[i].Name, name) {
			return &t.Indexes[i]
		}
	}
	return nil
}

// VisibleColumns lists the places of the columns that are not Hidden.
func (t *Table) VisibleColumns() []int {
	list := make([]int, 0, len(t.Columns))
	for i := range t.Columns {
		if !t.Columns[i].Hidden {
			list = append(list, i)
		}
	}
	return list
}

// UniqueIndexes lists the primary key, if there is one, and the unique indexes.
func (t *Table) UniqueIndexes() []*Index {
	var list []*Index
	if t.Primary != nil {
		list = append(list, t.Primary)
	}
	for i := range t.Indexes {
		if t.Indexes[i].Unique {
			list = append(list, &t.Indexes[i])
		}
	}
	return list
}

// Reference is a foreign key together with the table that has it.
type Reference struct {
	Child *Table
	Key   *ForeignKey
}

// Referencing lists the foreign keys that refer to the named table, those of the table itself
// too, ordered by database, table and place.
func (c *Catalog) Referencing(database, table string) []Reference {
	var list []Reference
	for _, d := range c.Databases {
		for _, t := range d.Tables {
			for i := range t.ForeignKeys {
				fk := &t.ForeignKeys[i]
				if fk.ReferencedTable == table && fk.ReferencedDatabase == database {
					list = append(list, Reference{Child: t, Key: fk})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Child.Database, b.Child.Database), cmp.Compare(a.Child.Name, b.Child.Name))
	})
	return list
}

// View returns the named view, or nil.
func (c *Catalog) View(database, name string) *View {
	if d := c.Databases[database]; d != nil {
		return d.Views[name]
	}
	return nil
}

// SortedDatabases lists the databases by name.
func (c *Catalog) SortedDatabases() []*Database {
	list := make([]*Database, 0, len(c.Databases))
	for _, d := range c.Databases {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *Database) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// SortedTables lists the tables by name.
func (d *Database) SortedTables() []*Table {
	list := make([]*Table, 0, len(d.Tables))
	for _, t := range d.Tables {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *Table) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// SortedViews lists the views by name.
func (d *Database) SortedViews() []*View {
	list := make([]*View, 0, len(d.Views))
	for _, v := range d.Views {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b *View) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Clone returns a deep enough copy: whoever changes a definition changes a clone.
func (t *Table) Clone() *Table {
	c := *t
	c.Columns = slices.Clone(t.Columns)
	for i := range c.Columns {
		c.Columns[i].Type.Members = slices.Clone(c.Columns[i].Type.Members)
	}
	if t.Primary != nil {
		p := *t.Primary
		p.Parts = slices.Clone(p.Parts)
		c.Primary = &p
	}
	c.Indexes = slices.Clone(t.Indexes)
	for i := range c.Indexes {
		c.Indexes[i].Parts = slices.Clone(c.Indexes[i].Parts)
	}
	c.ForeignKeys = slices.Clone(t.ForeignKeys)
	for i := range c.ForeignKeys {
		c.ForeignKeys[i].Columns = slices.Clone(c.ForeignKeys[i].Columns)
	}
	c.Checks = slices.Clone(t.Checks)
	c.Options = slices.Clone(t.Options)
	c.Partitioning = t.Partitioning.Clone()
	return &c
}
