package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Temporary tables are planned like others; their changes carry the id of a private database, which the session carries out by itself.

// errReopen is ER_CANT_REOPEN_TABLE: a statement names a temporary table twice.
const errReopen = 1137

// planCreateTemporary plans CREATE TEMPORARY behind these words.
func planCreateTemporary(c *Context, s *textReader) (*Plan, error) {
	s.expect("TABLE")
	spec := s.createTable()
	spec.temporary = true
	return planCreation(c, s, spec)
}

// taken reports whether the name of CREATE TABLE is in use: temporary tables and all others do not disturb each other.
func (d *definition) taken(spec *tableSpec) bool {
	t, changed := d.tables[spec.name]
	if !changed {
		t = d.c.Catalog.Table(spec.name.Database, spec.name.Name)
	}
	if spec.temporary {
		return t != nil && t.Temporary()
	}
	if t != nil && t.Temporary() {
		t = d.c.Catalog.BaseTable(spec.name.Database, spec.name.Name)
	}
	return t != nil || d.view(spec.name) != nil
}

// privateTables lists the session's temporary tables as they were before the statement, and those that it has changed.
func (d *definition) privateTables() []*schemas.Table {
	var list []*schemas.Table
	if p := d.c.Catalog.Private; p != nil {
		for _, t := range p.Tables {
			list = append(list, t)
		}
	}
	return list
}

// planDropTemporary plans DROP TEMPORARY behind these words.
func planDropTemporary(c *Context, s *textReader) (*Plan, error) {
	if !s.accept("TABLES") {
		s.expect("TABLE")
	}
	ifExists := s.ifExists()
	list := s.objects()
	s.one("RESTRICT", "CASCADE")
	if err := s.finish(); err != nil {
		return nil, err
	}
	p := planDefinition(c, s, list, func(d *definition) error { return d.dropTemporary(list, ifExists) })
	p.DDL.Temporary = true
	return p, nil
}

func (d *definition) dropTemporary(list []ObjectName, ifExists bool) error {
	var unknown []string
	for i, o := range list {
		for _, before := range list[:i] {
			if before == o {
				return mysqlerr.New(mysql.ER_NONUNIQ_TABLE, o.Name)
			}
		}
		t := d.table(o)
		if t == nil || !t.Temporary() {
			unknown = append(unknown, o.Database+"."+o.Name)
			continue
		}
		if err := d.drop(t); err != nil {
			return err
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	missing := mysqlerr.New(mysql.ER_BAD_TABLE_ERROR, strings.Join(unknown, ","))
	if !ifExists {
		return missing
	}
	for _, name := range unknown {
		d.note(mysqlerr.New(mysql.ER_BAD_TABLE_ERROR, name))
	}
	return nil
}

// reopened refuses the second mention of a temporary table in one statement.
func (k *compiler) reopened(t *schemas.Table, name string) error {
	if !t.Temporary() {
		return nil
	}
	if first, twice := k.temporary[t]; twice {
		return mysqlerr.New(errReopen, first)
	}
	if k.temporary == nil {
		k.temporary = map[*schemas.Table]string{}
	}
	k.temporary[t] = name
	return nil
}
