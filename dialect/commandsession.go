package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// planBegin plans BEGIN and START TRANSACTION behind these words.
func planBegin(_ *Context, s *textReader) (*Plan, error) {
	var b Begin
	s.accept("WORK")
	for !s.end() && s.err == nil {
		switch {
		case s.accept("READ", "ONLY"):
			b.ReadOnly = true
		case s.accept("READ", "WRITE"):
			if b.ReadOnly {
				s.wrong()
			}
		default:
			s.expect("WITH", "CONSISTENT", "SNAPSHOT")
			b.ConsistentSnapshot = true
		}
		if !s.end() {
			s.expect(",")
		}
	}
	return commandPlan(s, b)
}

// commandPlan is the plan of a command whose text ends here.
func commandPlan(s *textReader, c Command) (*Plan, error) {
	if err := s.finish(); err != nil {
		return nil, err
	}
	return &Plan{Command: c, HasSideEffects: true}, nil
}

// chain reads [WORK] [AND [NO] CHAIN] [[NO] RELEASE].
func (s *textReader) chain() (chain, release bool) {
	if s.accept("AND") {
		chain = !s.accept("NO")
		s.expect("CHAIN")
	}
	if s.accept("NO") {
		s.expect("RELEASE")
	} else {
		release = s.accept("RELEASE")
	}
	if chain && release {
		s.wrong()
	}
	return chain, release
}

func planCommit(_ *Context, s *textReader) (*Plan, error) {
	s.accept("WORK")
	chain, release := s.chain()
	return commandPlan(s, Commit{Chain: chain, Release: release})
}

func planRollback(_ *Context, s *textReader) (*Plan, error) {
	s.accept("WORK")
	if s.accept("TO") {
		s.accept("SAVEPOINT")
		return commandPlan(s, Rollback{Savepoint: s.name()})
	}
	chain, release := s.chain()
	return commandPlan(s, Rollback{Chain: chain, Release: release})
}

func planSavepoint(_ *Context, s *textReader) (*Plan, error) {
	return commandPlan(s, Savepoint{Name: s.name()})
}

func planRelease(_ *Context, s *textReader) (*Plan, error) {
	s.expect("SAVEPOINT")
	return commandPlan(s, ReleaseSavepoint{Name: s.name()})
}

// planUse plans USE: the rest of the line is the name, as the client's own parser has it.
func planUse(_ *Context, s *textReader) (*Plan, error) {
	name := s.name()
	if isVirtualDatabase(name) {
		name = strings.ToLower(name)
	}
	return commandPlan(s, Use{Database: name})
}

func planKill(c *Context, s *textReader) (*Plan, error) {
	k := Kill{Query: s.one("CONNECTION", "QUERY") == "QUERY"}
	if s.end() {
		s.wrong()
	}
	from := s.at
	s.rest()
	p := &Plan{HasSideEffects: true}
	if s.err == nil {
		k.ID = s.expressionValue(c, p, from)
	}
	p.Command = k
	return p, s.finish()
}

// planLockTables plans LOCK TABLES behind these words.
func planLockTables(c *Context, s *textReader) (*Plan, error) {
	if s.accept("INSTANCE") {
		return nil, unsupported("LOCK INSTANCE FOR BACKUP")
	}
	if s.one("TABLE", "TABLES") == "" {
		s.wrong()
	}
	p := &Plan{HasSideEffects: true}
	var list []LockTable
	seen := map[string]bool{}
	s.commas(func() {
		o := s.object()
		l := LockTable{}
		if s.accept("AS") || s.isName(s.token()) && !s.is("READ") && !s.is("WRITE") {
			l.Alias = s.name()
		}
		switch s.one("READ", "WRITE") {
		case "WRITE":
			l.Write = true
		case "READ":
			s.accept("LOCAL")
		default:
			s.wrong()
		}
		if s.err != nil {
			return
		}
		l.Table = c.Catalog.Table(o.Database, o.Name)
		name := l.Alias
		if name == "" {
			name = o.Name
		}
		if seen[o.Database+"."+name] {
			s.fail(mysqlerr.New(mysql.ER_NONUNIQ_TABLE, name))
			return
		}
		seen[o.Database+"."+name] = true
		l.Alias = name
		switch {
		case l.Table != nil:
			list = append(list, l)
			p.Tables = append(p.Tables, l.Table)
			p.Databases = append(p.Databases, l.Table.DBID)
		case isVirtualDatabase(o.Database): // nothing to lock
		case c.Catalog.View(o.Database, o.Name) != nil:
			list = append(list, viewLocks(c, o)...)
		case c.Catalog.Database(o.Database) == nil:
			s.fail(mysqlerr.New(mysql.ER_BAD_DB_ERROR, o.Database))
		default:
			s.fail(mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name))
		}
	})
	if err := s.finish(); err != nil {
		return nil, err
	}
	for _, l := range relatedLocks(c.Catalog, list) {
		list = append(list, l)
		p.Tables = append(p.Tables, l.Table)
		p.Databases = append(p.Databases, l.Table.DBID)
	}
	p.Command = LockTables{Tables: list}
	return p, nil
}

// viewLocks are the tables behind a view, which LOCK TABLES of the view locks to be read.
func viewLocks(c *Context, o ObjectName) []LockTable {
	p, err := planSelectText(c, "SELECT 1 FROM "+schemas.QuoteName(o.Database)+"."+schemas.QuoteName(o.Name))
	if err != nil {
		return nil // whoever uses the view is told
	}
	var list []LockTable
	for _, t := range p.Tables {
		list = append(list, LockTable{Table: t})
	}
	return list
}

// relatedLocks lists the tables that foreign keys bring in, which MySQL locks too: the parents of
// tables that are written, to be read, and their children, which actions may write.
func relatedLocks(c *schemas.Catalog, list []LockTable) []LockTable {
	held := map[txn.TableID]bool{} // whether for writing
	var queue []*schemas.Table
	for _, l := range list {
		if held[l.Table.ID] = held[l.Table.ID] || l.Write; l.Write {
			queue = append(queue, l.Table)
		}
	}
	var more []LockTable
	add := func(t *schemas.Table, write bool) {
		if written, ok := held[t.ID]; ok && (written || !write) {
			return
		}
		held[t.ID] = write
		more = append(more, LockTable{Table: t, Write: write})
		if write {
			queue = append(queue, t)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		t := queue[0]
		for i := range t.ForeignKeys {
			if parent := c.Table(t.ForeignKeys[i].ReferencedDatabase, t.ForeignKeys[i].ReferencedTable); parent != nil {
				add(parent, false)
			}
		}
		for _, ref := range c.ReferencingTable(t) {
			acts := ref.Key.OnDelete == schemas.Cascade || ref.Key.OnDelete == schemas.SetNull || ref.Key.OnUpdate == schemas.Cascade || ref.Key.OnUpdate == schemas.SetNull
			add(ref.Child, acts)
		}
	}
	return more
}

func planUnlockTables(_ *Context, s *textReader) (*Plan, error) {
	if s.one("TABLE", "TABLES", "INSTANCE") == "" {
		s.wrong()
	}
	return commandPlan(s, UnlockTables{})
}

func planPrepare(_ *Context, s *textReader) (*Plan, error) {
	p := PrepareText{Name: strings.ToLower(s.name())}
	s.expect("FROM")
	if t := s.token(); t.kind == tokenVariable && s.err == nil {
		s.at++
		p.Text, p.Variable = userVariableName(s.raw(t)), true
	} else {
		p.Text = s.str()
	}
	return commandPlan(s, p)
}

func planExecute(_ *Context, s *textReader) (*Plan, error) {
	e := ExecuteText{Name: strings.ToLower(s.name())}
	if s.accept("USING") {
		s.commas(func() {
			t := s.advance()
			if t.kind != tokenVariable {
				s.fail(syntaxError(s.src, t.start))
				return
			}
			e.Args = append(e.Args, userVariableName(s.raw(t)))
		})
	}
	return commandPlan(s, e)
}

func planDeallocate(_ *Context, s *textReader) (*Plan, error) {
	s.expect("PREPARE")
	return commandPlan(s, Deallocate{Name: strings.ToLower(s.name())})
}

// planFlushTables plans FLUSH TABLES behind these words; it has nothing to do but to lock.
func planFlushTables(c *Context, s *textReader, local bool) (*Plan, error) {
	var names []ObjectName
	if !s.end() && !s.is("WITH", "READ") {
		s.commas(func() { names = append(names, s.object()) })
	}
	locks := s.accept("WITH", "READ", "LOCK")
	locks = locks || len(names) > 0 && s.accept("FOR", "EXPORT") // the files are no one else's, but the lock is a promise
	if err := s.finish(); err != nil {
		return nil, err
	}
	p := &Plan{HasSideEffects: true}
	list := LockTables{Global: len(names) == 0}
	add := func(t *schemas.Table) {
		list.Tables = append(list.Tables, LockTable{Table: t})
		p.Tables, p.Databases = append(p.Tables, t), append(p.Databases, t.DBID)
	}
	for _, o := range names {
		t := c.Catalog.Table(o.Database, o.Name)
		switch {
		case t != nil:
			add(t)
		case locks && c.Catalog.View(o.Database, o.Name) == nil && !isVirtualDatabase(o.Database):
			return nil, mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name)
		}
	}
	if !locks {
		p.Command, p.Commits = NoOperation{}, true
		if !local {
			p.Logged = s.statementText()
		}
		return p, nil
	}
	if list.Global {
		for _, d := range c.Catalog.Databases {
			for _, t := range d.Tables {
				add(t)
			}
		}
	}
	p.Command = list
	return p, nil
}

// planMaintenance plans ANALYZE, CHECK, OPTIMIZE and REPAIR TABLE, which have nothing to do:
// each table is answered with a row.
func planMaintenance(verb string) rule {
	return func(c *Context, s *textReader) (*Plan, error) {
		logged := verb != "check" && s.one("LOCAL", "NO_WRITE_TO_BINLOG") == ""
		if s.one("TABLE", "TABLES") == "" {
			s.wrong()
		}
		names := s.objects()
		if verb == "analyze" && (s.is("UPDATE", "HISTOGRAM") || s.is("DROP", "HISTOGRAM")) {
			return planHistogram(c, s, names, logged)
		}
		s.maintenanceWords(verb)
		var rows [][]txn.Value
		for _, o := range names {
			rows = append(rows, maintenanceRows(c, verb, o)...)
		}
		return maintenancePlan(s, rows, logged)
	}
}

// maintenancePlan answers the rows of ANALYZE TABLE and its like.
func maintenancePlan(s *textReader, rows [][]txn.Value, logged bool) (*Plan, error) {
	p, err := commandPlan(s, NoOperation{Rows: rows})
	if err != nil {
		return nil, err
	}
	p.Commits = true
	if logged {
		p.Logged = s.statementText()
	}
	for _, name := range []string{"Table", "Op", "Msg_type"} {
		p.Columns = append(p.Columns, ResultColumn{Name: name, Type: varcharType(128), Nullable: true})
	}
	p.Columns = append(p.Columns, ResultColumn{Name: "Msg_text", Type: textType(schemas.MediumText), Nullable: true})
	return p, nil
}

func maintenanceRows(c *Context, verb string, o ObjectName) [][]txn.Value {
	row := func(kind, text string) []txn.Value {
		return []txn.Value{txn.TextString(o.Database + "." + o.Name), txn.TextString(verb), txn.TextString(kind), txn.TextString(text)}
	}
	if c.Catalog.Database(o.Database) == nil && !isVirtualDatabase(o.Database) {
		missing := mysqlerr.New(mysql.ER_BAD_DB_ERROR, o.Database)
		if verb == "check" || verb == "analyze" {
			return [][]txn.Value{row("Error", missing.Message), row("error", "Corrupt")}
		}
		return [][]txn.Value{row("Error", missing.Message), row("status", "Operation failed")}
	}
	if c.Catalog.View(o.Database, o.Name) != nil && verb != "check" {
		wrong := mysqlerr.New(mysql.ER_WRONG_OBJECT, o.Database, o.Name, "BASE TABLE")
		return [][]txn.Value{row("Error", wrong.Message), row("status", "Operation failed")}
	}
	if c.Catalog.Table(o.Database, o.Name) == nil && c.Catalog.View(o.Database, o.Name) == nil {
		missing := mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name)
		return [][]txn.Value{row("Error", missing.Message), row("status", "Operation failed")}
	}
	if t := c.Catalog.Table(o.Database, o.Name); t != nil && strings.EqualFold(t.Engine, "MEMORY") {
		return [][]txn.Value{row("note", "The storage engine for the table doesn't support "+verb)}
	}
	switch verb {
	case "optimize":
		return [][]txn.Value{row("note", "Table does not support optimize, doing recreate + analyze instead"), row("status", "OK")}
	case "repair":
		if t := c.Catalog.Table(o.Database, o.Name); t != nil && t.Partitioning != nil {
			break // MySQL asks the partitions, which have nothing to say
		}
		return [][]txn.Value{row("note", "The storage engine for the table doesn't support repair")}
	}
	return [][]txn.Value{row("status", "OK")}
}

// planDo plans DO: its expressions are computed and their values forgotten. It is a SET of
// user variables that nobody can name.
func planDo(c *Context, s *textReader) (*Plan, error) {
	p := &Plan{HasSideEffects: true}
	var list []SetVariable
	s.commas(func() {
		v := SetVariable{Scope: "user", Name: " do"}
		s.setValue(c, p, &v)
		list = append(list, v)
	})
	if err := s.finish(); err != nil {
		return nil, err
	}
	p.Command = Set{Assignments: list}
	return p, nil
}
