package dialect

import (
	"strings"

	"marmot/accounts"
	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// A compiler notes what its statement needs: a need for each table that a name means, and the columns of it that are read. Names in a
// view need what the view's definer holds, or the one who looks, by the view's SQL SECURITY.

// authority is on whose account the tables named at one place of a statement are reached.
type authority struct {
	definer string
	view    [2]string
}

// needTable notes that a table is read, and returns the need's place, counted from one. It tells of an account that may not know
// whether there is such a table.
func (k *compiler) needTable(database, name string) (int, error) {
	if strings.EqualFold(database, "information_schema") {
		if strings.HasPrefix(strings.ToUpper(name), "INNODB_") {
			k.needs = append(k.needs, serverNeed(accounts.Process, "PROCESS"))
		}
		return 0, nil
	}
	if t := k.c.Catalog.Table(database, name); t != nil && t.Temporary() {
		return 0, nil // whoever has made it may do everything with it
	}
	if k.c.Hidden != nil && k.authority.definer == "" && k.authority.view[1] == "" {
		if err := k.c.Hidden(database, name, k.verb()); err != nil {
			return 0, err
		}
	}
	k.needs = append(k.needs, accounts.Need{Kind: accounts.OnTable, Privileges: accounts.Select, Database: database, Name: name,
		Definer: k.authority.definer, View: k.authority.view})
	return len(k.needs), nil
}

// verb is what the statement does with a table, for error 1142: with the first one it may be a change. It is empty when one of several is
// changed.
func (k *compiler) verb() string {
	switch {
	case k.several && len(k.needs) == 0:
		return ""
	case k.changes != 0 && len(k.needs) == 0:
		return k.changes.String()
	}
	return "SELECT"
}

// enterView makes the tables of a view be reached as its SQL SECURITY says, until leave is called.
func (k *compiler) enterView(v *schemas.View) (leave func()) {
	saved := k.authority
	if k.authority.view[1] == "" {
		k.authority.view = [2]string{v.Database, v.Name}
	}
	if !strings.EqualFold(v.Security, "INVOKER") {
		k.authority.definer = v.Definer
	}
	return func() { k.authority = saved }
}

// reads notes that a column of a source is read.
func (k *compiler) reads(src *source, column int) { k.needsColumn(src, column, accounts.Select, false) }

// needsColumn notes that a statement does something with a column; whole: with all of them.
func (k *compiler) needsColumn(src *source, column int, p accounts.Privilege, whole bool) {
	if src == nil || src.need == 0 || column < 0 || column >= len(src.columns) {
		return
	}
	n := &k.needs[src.need-1]
	name := src.columns[column].name
	for i := range n.Columns {
		if c := &n.Columns[i]; c.Privilege == p && c.Column == name {
			return
		}
	}
	n.Columns = append(n.Columns, accounts.ColumnNeed{Column: name, Privilege: p, Whole: whole})
}

// readsAll notes the columns of *.
func (k *compiler) readsAll(list []starColumn) {
	for i := range list {
		k.needsColumn(list[i].source, list[i].column, accounts.Select, true)
	}
}

// changesTable makes a statement change a table that it also finds rows in. Of one table among several, what the columns need is
// looked at alone.
func (k *compiler) changesTable(src *source, p accounts.Privilege, alone bool) {
	if src.need == 0 {
		return
	}
	n := &k.needs[src.need-1]
	switch {
	case alone, p == accounts.Delete:
		n.Privileges = n.Privileges&^accounts.Select | p
	default:
		n.Privileges &^= accounts.Select
	}
}

// needInsert notes what INSERT or REPLACE needs of its table and columns.
func (k *compiler) needInsert(database, name string, replace bool) (int, error) {
	at, err := k.needTable(database, name)
	if err != nil || at == 0 {
		return at, err
	}
	n := &k.needs[at-1]
	n.Privileges = accounts.Insert
	if replace {
		n.Privileges |= accounts.Delete
	}
	return at, nil
}

// insertsColumns notes the columns that an INSERT gives values for.
func (k *compiler) insertsColumns(need int, t *schemas.Table, columns []int, named bool) {
	if need == 0 {
		return
	}
	n := &k.needs[need-1]
	for _, c := range columns {
		n.Columns = append(n.Columns, accounts.ColumnNeed{Column: t.Columns[c].Name, Privilege: accounts.Insert, Whole: !named})
	}
}

// needLocks notes what FOR UPDATE needs of the tables that it locks, besides reading them.
func (k *compiler) needLocks(sources []*source) {
	for _, src := range sources {
		if src.need == 0 {
			continue
		}
		n := k.needs[src.need-1]
		k.needs = append(k.needs, accounts.Need{Kind: accounts.OneOnTable, Privileges: accounts.Update | accounts.Delete | accounts.LockTables,
			Verb: "SELECT with locking clause", Database: n.Database, Name: n.Name, Definer: n.Definer, View: n.View})
	}
}

// need adds what a plan needs.
func (p *Plan) need(list []accounts.Need) {
	p.Needs = append(p.Needs, list...)
	for i := range list {
		p.ForDefiner = p.ForDefiner || list[i].Definer != ""
	}
}

// needRoutine notes that a stored routine is called; kind is FUNCTION or PROCEDURE.
func (k *compiler) needRoutine(database, name, kind string) {
	k.needs = append(k.needs, accounts.Need{Kind: accounts.OnRoutine, Privileges: accounts.Execute, Verb: kind, Database: database, Name: name,
		Definer: k.authority.definer, View: k.authority.view})
}

func serverNeed(p accounts.Privilege, verb string, dynamic ...string) accounts.Need {
	return accounts.Need{Kind: accounts.OnServer, Privileges: p, Verb: verb, Dynamic: dynamic}
}

// ViewColumns names the columns of a view; none if it cannot be planned.
func ViewColumns(c *schemas.Catalog, v *schemas.View) []string {
	var list []string
	for _, column := range viewColumns(c, v) {
		list = append(list, column.Name)
	}
	return list
}

// CatalogColumns names the columns of a table of the catalog's own databases; false if there is none.
func CatalogColumns(database, table string) ([]string, bool) {
	v := lookupVirtual(database, table)
	if v == nil {
		return nil, false
	}
	list := make([]string, len(v.Columns))
	for i := range v.Columns {
		list[i] = v.Columns[i].Name
	}
	return list, true
}

// oneTable reports whether a FROM clause is one table.
func oneTable(list []sqlparser.TableExpr) bool {
	if len(list) != 1 {
		return false
	}
	_, ok := list[0].(*sqlparser.AliasedTableExpr)
	return ok
}
