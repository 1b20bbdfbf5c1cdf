package accounts

import (
	"slices"
	"strings"
)

// tableKey names a table.
type tableKey struct{ database, table string }

// tableRights is what a set holds on one table.
type tableRights struct {
	privileges Privilege
	columns    map[string]Privilege // by lower-case name
	any        Privilege            // of any column
}

// routineKey names a routine; its name is in lower case.
type routineKey struct {
	database, name string
	function       bool
}

// Set is what an account may do with some roles active. It is immutable.
type Set struct {
	Name  Name
	Roles []Name // active

	all       bool
	global    Privilege
	dynamic   map[string]bool
	databases [][]DatabaseGrant // of each account and role, the most specific first
	tables    map[tableKey]*tableRights
	routines  map[routineKey]Privilege
	touched   map[string]bool // databases in which a table or routine was granted
}

// Everything is the set of those who are no account: the node's own sessions.
func Everything() *Set {
	a := Administrator(Name{}, CachingSHA2, nil, false, epoch)
	return NewDirectory([]*Account{a}).Set(Name{}, nil)
}

// Set works out what an account may do with the roles; those of roles are active with them.
func (d *Directory) Set(n Name, roles []Name) *Set {
	s := &Set{Name: n, Roles: roles, dynamic: map[string]bool{}, tables: map[tableKey]*tableRights{}, routines: map[routineKey]Privilege{}, touched: map[string]bool{}}
	list := append([]Name{n}, roles...)
	d.walk(roles, func(_ Name, g RoleGrant) bool {
		if !slices.Contains(list, g.Role) {
			list = append(list, g.Role)
		}
		return true
	})
	for _, n := range list {
		if a := d.Find(n); a != nil && !a.unknown {
			s.add(a)
		}
	}
	s.all = s.global&AllGlobal == AllGlobal && len(s.dynamic) >= len(dynamicNames)
	return s
}

// add joins what one account was granted.
func (s *Set) add(a *Account) {
	s.global |= a.Global
	for n, grantable := range a.Dynamic {
		s.dynamic[n] = s.dynamic[n] || grantable
	}
	if len(a.Databases) > 0 {
		list := slices.Clone(a.Databases)
		slices.SortStableFunc(list, func(a, b DatabaseGrant) int { return specificity(b.Database) - specificity(a.Database) })
		s.databases = append(s.databases, list)
	}
	for i := range a.Tables {
		g := &a.Tables[i]
		key := tableKey{g.Database, g.Table}
		r := s.tables[key]
		if r == nil {
			r = &tableRights{columns: map[string]Privilege{}}
			s.tables[key] = r
		}
		r.privileges |= g.Privileges
		for c, p := range g.Columns {
			r.columns[strings.ToLower(c)] |= p
			r.any |= p
		}
		s.touched[g.Database] = true
	}
	for _, g := range a.Routines {
		s.routines[routineKey{g.Database, strings.ToLower(g.Name), g.Function}] |= g.Privileges
		s.touched[g.Database] = true
	}
}

// All reports whether the set holds every privilege there is.
func (s *Set) All() bool { return s.all }

// Global is what the set holds on everything.
func (s *Set) Global() Privilege { return s.global }

// Dynamic reports whether the set holds a dynamic privilege; SUPER stands for those that it was before they were there.
func (s *Set) Dynamic(name string) bool {
	_, ok := s.dynamic[name]
	return ok
}

// Database is what the set holds on all of a database.
func (s *Set) Database(database string) Privilege {
	p := s.global
	for _, list := range s.databases {
		for _, g := range list {
			if g.Database == database || isPattern(g.Database) && matches(g.Database, database) {
				p |= g.Privileges
				break
			}
		}
	}
	return p
}

// Table is what the set holds on all of a table.
func (s *Set) Table(database, table string) Privilege {
	p := s.Database(database)
	if r := s.tables[tableKey{database, table}]; r != nil {
		p |= r.privileges
	}
	return p
}

// Column is what the set holds on a column.
func (s *Set) Column(database, table, column string) Privilege {
	p := s.Table(database, table)
	if r := s.tables[tableKey{database, table}]; r != nil {
		p |= r.columns[strings.ToLower(column)]
	}
	return p
}

// anyColumn is what the set holds on any column of a table and not on the table.
func (s *Set) anyColumn(database, table string) Privilege {
	if r := s.tables[tableKey{database, table}]; r != nil {
		return r.any
	}
	return 0
}

// Routine is what the set holds on a stored routine.
func (s *Set) Routine(database, name string, function bool) Privilege {
	return s.Database(database)&AllRoutine | s.routines[routineKey{database, strings.ToLower(name), function}]
}

// databaseOps are privileges of which any makes a database one that may be used.
const databaseOps = AllDatabase

// SeesDatabase reports whether anything at all was granted in the database.
func (s *Set) SeesDatabase(database string) bool {
	if s.all || isOpen(database) {
		return true
	}
	return s.Database(database)&databaseOps != 0 || s.touched[database]
}

// ListsDatabase reports whether SHOW DATABASES names the database.
func (s *Set) ListsDatabase(database string) bool {
	return s.global&ShowDatabases != 0 || s.SeesDatabase(database)
}

// SeesTable reports whether anything at all was granted on the table or its columns.
func (s *Set) SeesTable(database, table string) bool {
	if s.all || strings.EqualFold(database, "information_schema") {
		return true
	}
	return s.Table(database, table)&AllTable != 0 || s.anyColumn(database, table) != 0
}

// SeesColumn reports whether a privilege on the column, or its table, was granted.
func (s *Set) SeesColumn(database, table, column string) bool {
	if s.all || strings.EqualFold(database, "information_schema") {
		return true
	}
	return s.Column(database, table, column)&AllColumn != 0 || s.Table(database, table)&AllTable != 0
}

// SeesRoutine reports whether the routine is listed.
func (s *Set) SeesRoutine(database, name string, function bool) bool {
	return s.all || s.Routine(database, name, function)&(Execute|AlterRoutine) != 0 || s.Database(database)&(CreateRoutine|AlterRoutine|Execute) != 0 ||
		s.global&Select != 0 || s.Dynamic("SHOW_ROUTINE")
}

// isOpen reports whether anybody may use the database.
func isOpen(database string) bool {
	return strings.EqualFold(database, "information_schema") || strings.EqualFold(database, "performance_schema")
}
