package dialect

import (
	"strings"

	"marmot/accounts"
)

// statementNeeds reads what a statement needs that the package's own grammar plans: definitions, SHOW and commands. It reads
// names only, and by itself: what is wrong with the rest of the text, its rule says.
func statementNeeds(c *Context, text string) []accounts.Need {
	n := &wordNeeds{c: c, s: newTextReader(c, text)}
	s := n.s
	switch word := s.first(); word {
	case "CREATE":
		s.at++
		n.creation()
	case "ALTER":
		s.at++
		n.alteration()
	case "DROP":
		s.at++
		n.ending()
	case "TRUNCATE":
		s.at++
		s.accept("TABLE")
		n.table(accounts.Drop)
	case "RENAME":
		s.at++
		if s.one("TABLE", "TABLES") != "" {
			n.renames()
		}
	case "SHOW":
		s.at++
		n.show()
	case "DESCRIBE", "DESC", "EXPLAIN":
		s.at++
		n.describe()
	case "LOCK":
		s.at++
		n.locks()
	case "FLUSH":
		s.at++
		n.flush()
	case "ANALYZE", "OPTIMIZE", "REPAIR", "CHECK", "CHECKSUM":
		s.at++
		n.maintenance(word)
	case "CALL":
		s.at++
		if n.emitterCall() {
			n.onServer(accounts.Super, "SUPER or REPLICATION_SLAVE_ADMIN", "REPLICATION_SLAVE_ADMIN")
			break
		}
		n.routine(accounts.Execute, "PROCEDURE")
	case "LOAD":
		s.at++
		n.load()
	default:
		n.server(word)
	}
	return n.list
}

// wordNeeds gathers needs from the words of a statement.
type wordNeeds struct {
	c    *Context
	s    *textReader
	list []accounts.Need
}

func (n *wordNeeds) add(need accounts.Need) {
	if n.s.err == nil {
		n.list = append(n.list, need)
	}
}

func (n *wordNeeds) onServer(p accounts.Privilege, verb string, dynamic ...string) {
	n.add(serverNeed(p, verb, dynamic...))
}

func (n *wordNeeds) onTable(o ObjectName, p accounts.Privilege) {
	if t := n.c.Catalog.Table(o.Database, o.Name); t != nil && t.Temporary() && p&accounts.Create == 0 {
		p = 0 // the session's own
	}
	n.add(accounts.Need{Kind: accounts.OnTable, Privileges: p, Database: o.Database, Name: o.Name})
}

func (n *wordNeeds) onDatabase(database string, p accounts.Privilege) {
	n.add(accounts.Need{Kind: accounts.OnDatabase, Privileges: p, Database: database})
}

// table reads a table's name, on which the statement needs p.
func (n *wordNeeds) table(p accounts.Privilege) ObjectName {
	o := n.s.object()
	n.onTable(o, p)
	return o
}

// tables reads a list of tables.
func (n *wordNeeds) tables(p accounts.Privilege) { n.s.commas(func() { n.table(p) }) }

// find passes tokens up to the word, and the word; false when it does not come.
func (n *wordNeeds) find(words ...string) bool {
	for ; !n.s.end(); n.s.at++ {
		if n.s.accept(words...) {
			return true
		}
	}
	return false
}

func (n *wordNeeds) creation() {
	s := n.s
	switch {
	case s.accept("TEMPORARY", "TABLE"):
		s.ifNotExists()
		o := s.object()
		n.onDatabase(o.Database, accounts.CreateTemporary)
		n.createdFrom(o, true)
	case s.accept("TABLE"):
		s.ifNotExists()
		o := n.table(accounts.Create)
		n.createdFrom(o, false)
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		s.ifNotExists()
		n.onDatabase(s.name(), accounts.Create)
	case s.is("INDEX"), s.is("UNIQUE"), s.is("FULLTEXT"), s.is("SPATIAL", "INDEX"):
		if n.find("ON") {
			n.table(accounts.Index)
		}
	case s.is("SERVER"):
		n.onServer(accounts.Super, "SUPER")
	case s.is("TABLESPACE"), s.is("UNDO"), s.is("LOGFILE"):
		n.onServer(accounts.CreateTablespace, "CREATE TABLESPACE")
	case s.is("RESOURCE"):
		n.onServer(0, "RESOURCE_GROUP_ADMIN", "RESOURCE_GROUP_ADMIN")
	case s.is("SPATIAL", "REFERENCE"), s.is("OR", "REPLACE", "SPATIAL"):
		n.onServer(accounts.Super, "SUPER or CREATE_SPATIAL_REFERENCE_SYSTEM", "CREATE_SPATIAL_REFERENCE_SYSTEM")
	default:
		n.program(s.accept("OR", "REPLACE"))
	}
}

// createdFrom reads what CREATE TABLE takes from other tables: LIKE, SELECT and foreign keys.
func (n *wordNeeds) createdFrom(o ObjectName, temporary bool) {
	s := n.s
	if s.accept("LIKE") || s.accept("(", "LIKE") {
		n.table(accounts.Select)
		return
	}
	for ; !s.end(); s.at++ {
		switch {
		case s.is("SELECT"), s.is("WITH") && !s.is("WITH", "PARSER"), s.is("TABLE"), s.is("VALUES", "ROW"):
			if !temporary {
				n.list[len(n.list)-1].Privileges |= accounts.Insert
			}
			n.query(s.at, accounts.Select)
			return
		case s.accept("REFERENCES"):
			n.parent()
			s.at--
		}
	}
}

// parent reads the table that a foreign key refers to.
func (n *wordNeeds) parent() {
	o := n.s.object()
	if n.c.Catalog.Table(o.Database, o.Name) == nil {
		return
	}
	n.add(accounts.Need{Kind: accounts.OnTable, Privileges: accounts.References, Database: o.Database, Name: o.Name, Shown: o.Database + "." + o.Name})
}

// query adds what the query behind the token needs, and leaves to its own planning what is wrong with it.
func (n *wordNeeds) query(from int, p accounts.Privilege) {
	own := *n.c
	own.Mode &^= ANSIQuotes
	plan, err := planSelectText(&own, n.s.text(from, len(n.s.list)-1))
	if err != nil {
		return
	}
	for _, need := range plan.Needs {
		if p != accounts.Select && need.Kind == accounts.OnTable && need.Definer == "" && need.View[1] == "" {
			need.Verb, need.Any = "ANY", p
		}
		n.add(need)
	}
}

func (n *wordNeeds) alteration() {
	s := n.s
	switch {
	case s.accept("TABLE"):
		o := s.object()
		n.onTable(o, accounts.Alter)
		at := len(n.list) - 1
		for ; !s.end(); s.at++ {
			switch {
			case s.accept("REFERENCES"):
				n.parent()
				s.at--
			case s.accept("RENAME"):
				if s.is("COLUMN") || s.is("INDEX") || s.is("KEY") {
					continue
				}
				s.one("TO", "AS", "=")
				n.list[at].Privileges |= accounts.Drop
				n.table(accounts.Create | accounts.Insert)
				s.at--
			case s.accept("EXCHANGE", "PARTITION"):
				n.exchange(at)
			case s.is("DROP", "PARTITION"), s.is("TRUNCATE", "PARTITION"):
				n.list[at].Privileges |= accounts.Drop
			}
		}
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		name := n.c.Database
		if !s.is("CHARACTER") && !s.is("CHARSET") && !s.is("COLLATE") && !s.is("DEFAULT") && !s.is("ENCRYPTION") && !s.is("READ") {
			name = s.name()
		}
		n.onDatabase(name, accounts.Alter)
	case s.accept("INSTANCE"):
		n.onServer(accounts.Super, "SUPER or ENCRYPTION_KEY_ADMIN", "ENCRYPTION_KEY_ADMIN")
	case s.is("PROCEDURE"), s.is("FUNCTION"):
		kind := strings.ToUpper(s.raw(s.advance()))
		n.routine(accounts.AlterRoutine, kind)
	default:
		n.program(true)
	}
}

// exchange reads EXCHANGE PARTITION behind these words: both tables need the same.
func (n *wordNeeds) exchange(at int) {
	all := accounts.Insert | accounts.Create | accounts.Drop | accounts.Alter
	n.list[at].Privileges |= all
	if n.find("TABLE") {
		n.table(all)
	}
	n.s.at--
}

// program reads a view, trigger, event or stored routine behind CREATE, OR REPLACE and ALTER.
func (n *wordNeeds) program(replaces bool) {
	s := n.s
	foreign := false
	for ; !s.end(); s.at++ {
		switch {
		case s.accept("DEFINER", "="):
			if !s.is("CURRENT_USER") {
				foreign = s.account() != n.c.User
			}
			s.at--
		case s.accept("VIEW"):
			n.view(replaces, foreign)
			return
		case s.accept("TRIGGER"):
			s.ifNotExists()
			o := s.object()
			switch {
			case !n.find("ON"):
			case s.raw(s.ahead(1)) == ".":
				n.table(accounts.Trigger)
			default:
				n.onTable(ObjectName{Database: o.Database, Name: s.name()}, accounts.Trigger)
			}
			n.definer(foreign)
			return
		case s.accept("EVENT"):
			s.ifNotExists()
			n.onDatabase(s.object().Database, accounts.Event)
			n.definer(foreign)
			return
		case s.accept("PROCEDURE"), s.accept("FUNCTION"):
			s.ifNotExists()
			n.onDatabase(s.object().Database, accounts.CreateRoutine)
			n.definer(foreign)
			return
		case s.is("AS"):
			return
		}
	}
}

func (n *wordNeeds) definer(foreign bool) {
	if foreign {
		n.onServer(accounts.Super, "SUPER or SET_ANY_DEFINER", "SET_ANY_DEFINER")
	}
}

// view reads a view's name and query. Whoever makes it needs any privilege on what it shows.
func (n *wordNeeds) view(replaces, foreign bool) {
	s := n.s
	s.ifNotExists()
	p := accounts.CreateView
	if replaces {
		p |= accounts.Drop
	}
	n.table(p)
	n.definer(foreign)
	if !n.find("AS") {
		return
	}
	v := viewSpec{}
	from := s.at
	s.viewQuery(&v)
	s.at = from
	n.query(from, accounts.Select|accounts.Insert|accounts.Update|accounts.Delete)
}

func (n *wordNeeds) ending() {
	s := n.s
	switch {
	case s.accept("TABLE"), s.accept("TABLES"), s.accept("VIEW"):
		s.ifExists()
		n.tables(accounts.Drop)
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		s.ifExists()
		n.onDatabase(s.name(), accounts.Drop)
	case s.accept("INDEX"):
		if n.find("ON") {
			n.table(accounts.Index)
		}
	case s.is("PROCEDURE"), s.is("FUNCTION"):
		kind := strings.ToUpper(s.raw(s.advance()))
		s.ifExists()
		n.routine(accounts.AlterRoutine, kind)
	case s.accept("EVENT"):
		s.ifExists()
		n.onDatabase(s.object().Database, accounts.Event)
	case s.is("SERVER"):
		n.onServer(accounts.Super, "SUPER")
	case s.is("TABLESPACE"), s.is("UNDO"):
		n.onServer(accounts.CreateTablespace, "CREATE TABLESPACE")
	case s.is("RESOURCE"):
		n.onServer(0, "RESOURCE_GROUP_ADMIN", "RESOURCE_GROUP_ADMIN")
	case s.is("SPATIAL"):
		n.onServer(accounts.Super, "SUPER or CREATE_SPATIAL_REFERENCE_SYSTEM", "CREATE_SPATIAL_REFERENCE_SYSTEM")
	}
}

// routine reads a stored routine's name.
func (n *wordNeeds) routine(p accounts.Privilege, kind string) {
	o := n.s.object()
	n.add(accounts.Need{Kind: accounts.OnRoutine, Privileges: p, Verb: kind, Database: o.Database, Name: o.Name})
}

func (n *wordNeeds) renames() {
	n.s.commas(func() {
		n.table(accounts.Drop | accounts.Alter)
		if n.s.accept("TO") {
			n.table(accounts.Create | accounts.Insert)
		}
	})
}

func (n *wordNeeds) locks() {
	s := n.s
	if s.is("INSTANCE") {
		n.onServer(0, "BACKUP_ADMIN", "BACKUP_ADMIN")
		return
	}
	s.one("TABLE", "TABLES")
	s.commas(func() {
		o := s.object()
		n.onDatabase(o.Database, accounts.LockTables)
		n.onTable(o, accounts.Select)
		for !s.end() && !s.is(",") {
			s.at++
		}
	})
}

func (n *wordNeeds) flush() {
	s := n.s
	s.one("LOCAL", "NO_WRITE_TO_BINLOG")
	switch s.one("TABLES", "TABLE", "PRIVILEGES", "STATUS", "USER_RESOURCES", "OPTIMIZER_COSTS") {
	case "TABLES", "TABLE":
		n.onServer(accounts.Reload, "RELOAD or FLUSH_TABLES", "FLUSH_TABLES")
	case "PRIVILEGES":
		n.onServer(accounts.Reload, "RELOAD or FLUSH_PRIVILEGES", "FLUSH_PRIVILEGES")
	case "STATUS":
		n.onServer(accounts.Reload, "RELOAD or FLUSH_STATUS", "FLUSH_STATUS")
	case "USER_RESOURCES":
		n.onServer(accounts.Reload, "RELOAD or FLUSH_USER_RESOURCES", "FLUSH_USER_RESOURCES")
	case "OPTIMIZER_COSTS":
		n.onServer(accounts.Reload, "RELOAD or FLUSH_OPTIMIZER_COSTS", "FLUSH_OPTIMIZER_COSTS")
	default:
		n.onServer(accounts.Reload, "RELOAD")
	}
}

func (n *wordNeeds) maintenance(verb string) {
	s := n.s
	s.one("LOCAL", "NO_WRITE_TO_BINLOG")
	if s.one("TABLE", "TABLES") == "" {
		return
	}
	s.commas(func() {
		o := s.object()
		if verb == "CHECK" || verb == "CHECKSUM" {
			n.add(accounts.Need{Kind: accounts.OneOnTable, Verb: "SELECT", Database: o.Database, Name: o.Name})
			return
		}
		n.onTable(o, accounts.Select|accounts.Insert)
	})
}

// load reads LOAD DATA [LOCAL] INFILE … INTO TABLE.
func (n *wordNeeds) load() {
	s := n.s
	local := false
	for !s.end() && !s.is("INTO") {
		local = local || s.is("LOCAL")
		s.at++
	}
	if !local {
		n.onServer(accounts.File, "")
	}
	if s.accept("INTO", "TABLE") {
		n.table(accounts.Insert)
	}
}

// server reads statements about the server, most of which Marmot refuses by another error to those who may.
func (n *wordNeeds) server(word string) {
	switch word {
	case "SHUTDOWN", "RESTART":
		n.onServer(accounts.Shutdown, "SHUTDOWN")
	case "PURGE":
		n.onServer(accounts.Super, "SUPER or BINLOG_ADMIN", "BINLOG_ADMIN")
	case "RESET":
		n.onServer(accounts.Reload, "RELOAD or FLUSH_TABLES", "FLUSH_TABLES")
	case "CHANGE", "STOP":
		n.onServer(accounts.Super, "SUPER or REPLICATION_SLAVE_ADMIN", "REPLICATION_SLAVE_ADMIN")
	case "START":
		if n.s.at++; n.s.is("REPLICA") || n.s.is("SLAVE") {
			n.onServer(accounts.Super, "SUPER or REPLICATION_SLAVE_ADMIN", "REPLICATION_SLAVE_ADMIN")
		}
	case "CLONE":
		n.onServer(0, "BACKUP_ADMIN", "BACKUP_ADMIN")
	case "INSTALL", "UNINSTALL":
		table, p := "plugin", accounts.Insert
		if n.s.at++; n.s.is("COMPONENT") {
			table = "component"
		}
		if word == "UNINSTALL" {
			p = accounts.Delete
		}
		n.onTable(ObjectName{"mysql", table}, p)
	case "BINLOG":
		n.onServer(accounts.Super, "SUPER, BINLOG_ADMIN or REPLICATION_APPLIER", "BINLOG_ADMIN", "REPLICATION_APPLIER")
	case "HANDLER":
		n.s.at++
		n.table(accounts.Select)
	}
}
