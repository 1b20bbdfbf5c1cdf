package dialect

import (
	"strings"

	"marmot/accounts"
	"marmot/txn"
)

// Granting is what an Environment implements besides if there are accounts, which may not all see everything.
type Granting interface {
	// Privileges is what the session may do.
	Privileges() *accounts.Set
	// Accounts are those of the cluster, Mandatory the roles that all of them have.
	Accounts() *accounts.Directory
	Mandatory() []accounts.Name
}

// restricted is what a session may do that may not do everything, else nil.
func restricted(e Environment) *accounts.Set {
	g, ok := e.(Granting)
	if !ok {
		return nil
	}
	if set := g.Privileges(); !set.All() {
		return set
	}
	return nil
}

// directoryOf is the cluster's accounts.
func directoryOf(e Environment) *accounts.Directory {
	if g, ok := e.(Granting); ok {
		return g.Accounts()
	}
	return accounts.NewDirectory(nil)
}

// rowFilter hands on the rows of a catalog table that are about what the session has something to do with.
type rowFilter struct {
	set                     *accounts.Set
	database, table, column int // places of the columns that say what a row is about, or -1
	privileges, definition  int
	program                 bool // it is about routines, events or triggers
	kind, definer           int
	names                   int // of the program
}

// filterFor is the filter of a table of information_schema, or nil.
func filterFor(v *virtualTable, e Environment) *rowFilter {
	if v.Database != "information_schema" {
		return nil
	}
	set := restricted(e)
	if set == nil {
		return nil
	}
	f := &rowFilter{set: set, database: -1, table: -1, column: -1, privileges: -1, definition: -1, kind: -1, definer: -1, names: -1}
	switch v.Name {
	case "ROUTINES", "PARAMETERS", "EVENTS", "TRIGGERS":
		f.program = true
	}
	for i := range v.Columns {
		switch strings.ToUpper(v.Columns[i].Name) {
		case "TABLE_SCHEMA", "SCHEMA_NAME", "EVENT_OBJECT_SCHEMA", "F_TABLE_SCHEMA":
			f.database = i
		case "CONSTRAINT_SCHEMA":
			if f.database < 0 {
				f.database = i
			}
		case "TABLE_NAME", "EVENT_OBJECT_TABLE", "F_TABLE_NAME":
			f.table = i
		case "COLUMN_NAME":
			f.column = i
		case "PRIVILEGES":
			f.privileges = i
		case "ROUTINE_SCHEMA", "SPECIFIC_SCHEMA", "EVENT_SCHEMA":
			f.database = i
		case "ROUTINE_NAME", "SPECIFIC_NAME", "EVENT_NAME":
			f.names = i
		case "ROUTINE_TYPE":
			f.kind = i
		case "DEFINER":
			f.definer = i
		case "VIEW_DEFINITION":
			f.definition = i
		case "GRANTEE":
			return nil // these rows see to it themselves
		}
	}
	if f.database < 0 {
		return nil
	}
	return f
}

// pass hands a row on, if it may be seen.
func (f *rowFilter) pass(values []txn.Value, row func([]txn.Value) error) error {
	database := string(values[f.database].Bytes())
	if f.program {
		if !f.seesProgram(database, values) {
			return nil
		}
		return row(values)
	}
	if f.table < 0 {
		if !f.set.ListsDatabase(database) {
			return nil
		}
		return row(values)
	}
	table := string(values[f.table].Bytes())
	if !f.set.SeesTable(database, table) {
		return nil
	}
	if f.column >= 0 {
		column := string(values[f.column].Bytes())
		if column != "" && !f.set.SeesColumn(database, table, column) {
			return nil
		}
		if f.privileges >= 0 {
			values[f.privileges] = text(columnGrants(f.set, database, table, column))
		}
	}
	if f.definition >= 0 && f.set.Table(database, table)&accounts.ShowView == 0 {
		values[f.definition] = text("")
	}
	return row(values)
}

// seesProgram reports whether a row is about a stored program that the session may see.
func (f *rowFilter) seesProgram(database string, values []txn.Value) bool {
	field := func(i int) string {
		if i < 0 {
			return ""
		}
		return string(values[i].Bytes())
	}
	switch {
	case f.table >= 0: // a trigger
		return f.set.Table(database, field(f.table))&accounts.Trigger != 0
	case f.kind >= 0:
		return field(f.definer) == f.set.Name.Plain() || f.set.SeesRoutine(database, field(f.names), field(f.kind) == "FUNCTION")
	}
	return f.set.Database(database)&accounts.Event != 0
}

// columnGrants lists what one may do to a column.
func columnGrants(set *accounts.Set, database, table, column string) string {
	if set == nil || strings.EqualFold(database, "information_schema") {
		if set == nil {
			return columnPrivileges
		}
		return "select"
	}
	return strings.ToLower(strings.Join((set.Column(database, table, column) & accounts.AllColumn).Names(), ","))
}

// seenRows are the rows of a listing that the session may see.
func (l *listing) seenRows(e Environment, at ObjectName, row func([]txn.Value) error) func([]txn.Value) error {
	set := restricted(e)
	if set == nil {
		return row
	}
	var seen func(values []txn.Value) bool
	first := func(values []txn.Value) string { return string(values[0].Bytes()) }
	switch l.name {
	case "databases":
		seen = func(values []txn.Value) bool { return set.ListsDatabase(first(values)) }
	case "tables", "full_tables", "table_status":
		seen = func(values []txn.Value) bool { return set.SeesTable(at.Database, first(values)) }
	case "columns":
		seen = func(values []txn.Value) bool { return set.SeesColumn(at.Database, at.Name, first(values)) }
	case "full_columns":
		seen = func(values []txn.Value) bool {
			values[7] = text(columnGrants(set, at.Database, at.Name, first(values)))
			return set.SeesColumn(at.Database, at.Name, first(values))
		}
	case "procedure_status", "function_status":
		function := l.name == "function_status"
		seen = func(values []txn.Value) bool {
			return set.SeesRoutine(string(values[0].Bytes()), string(values[1].Bytes()), function) || string(values[4].Bytes()) == set.Name.Plain()
		}
	case "events":
		seen = func(values []txn.Value) bool { return set.Database(string(values[0].Bytes()))&accounts.Event != 0 }
	case "triggers":
		seen = func(values []txn.Value) bool {
			return set.Table(at.Database, string(values[2].Bytes()))&accounts.Trigger != 0
		}
	default:
		return row
	}
	return func(values []txn.Value) error {
		if !seen(values) {
			return nil
		}
		return row(values)
	}
}
