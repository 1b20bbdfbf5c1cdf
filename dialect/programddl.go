package dialect

import (
	"strings"
	"sync"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// routineCache keeps programs parsed. Definitions never change once they are published.
type routineCache struct {
	mu     sync.Mutex
	parsed map[routineKey]*routine
}

// routineKey is a program, and the table of a trigger.
type routineKey struct {
	program *schemas.Program
	table   *schemas.Table
}

// maxRoutines bounds the cache; beyond it all are forgotten.
const maxRoutines = 1024

// routine parses a program, or finds it parsed. t is the table of a trigger.
func (p *Planner) routine(c *schemas.Catalog, program *schemas.Program, t *schemas.Table) (*routine, error) {
	key := routineKey{program, t}
	p.routines.mu.Lock()
	r := p.routines.parsed[key]
	p.routines.mu.Unlock()
	if r != nil {
		return r, nil
	}
	r, err := parseProgram(&Context{Catalog: c, Database: program.Database, Mode: SQLMode(program.Mode), Collation: program.Collation, planner: p}, program, t)
	if err != nil {
		return nil, err
	}
	p.routines.mu.Lock()
	defer p.routines.mu.Unlock()
	if p.routines.parsed == nil || len(p.routines.parsed) >= maxRoutines {
		p.routines.parsed = map[routineKey]*routine{}
	}
	p.routines.parsed[key] = r
	return r, nil
}

// parseProgram parses what a definition holds.
func parseProgram(c *Context, program *schemas.Program, t *schemas.Table) (*routine, error) {
	x := newProgramParser(c, newTextReader(c, program.Parameters), program)
	x.parameters(program.Kind == schemas.Function)
	if err := x.s.finish(); err != nil {
		return nil, err
	}
	if program.Kind == schemas.Function {
		x.read(program.Returns)
		x.r.returns, _ = x.dataType(program.Name + "()")
		if err := x.s.finish(); err != nil {
			return nil, err
		}
	}
	if t != nil {
		x.rows(t, program.Trigger.On, program.Trigger.After)
	}
	x.read(program.Body)
	if err := x.triggerBody(t); err != nil {
		return nil, err
	}
	return x.r, nil
}

// read goes on with another text.
func (p *programParser) read(text string) {
	p.s = newTextReader(p.c, text)
	p.table.s = p.s
}

// routineSpec is CREATE or ALTER PROCEDURE or FUNCTION as written.
type routineSpec struct {
	program     schemas.Program
	name        ObjectName
	ifNotExists bool
	// given are the characteristics that the statement names, for ALTER.
	access, security, comment bool
	warnings                  []*mysqlerr.Error
}

// definerAndKind reads [DEFINER = account] and the kind of the program.
func (s *textReader) definerAndKind(c *Context) (definer string, kind schemas.ProgramKind) {
	definer = c.User
	if s.accept("DEFINER") {
		s.expect("=")
		if !s.accept("CURRENT_USER", "(", ")") && !s.accept("CURRENT_USER") {
			definer = s.account()
		}
	}
	if s.accept("AGGREGATE") {
		s.fail(unsupported("CREATE AGGREGATE FUNCTION"))
	}
	kind = schemas.ProgramKind(s.one("PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"))
	if kind == "" {
		s.wrong()
	}
	return definer, kind
}

// planCreateRoutine plans CREATE PROCEDURE and FUNCTION behind CREATE.
func planCreateRoutine(c *Context, s *textReader) (*Plan, error) {
	var w routineSpec
	p := &w.program
	p.Definer, p.Kind = s.definerAndKind(c)
	w.ifNotExists = s.ifNotExists()
	w.name = s.object()
	if p.Kind == schemas.Function && s.is("RETURNS") {
		return nil, unsupported("CREATE FUNCTION … SONAME")
	}
	p.Database, p.Name, p.Mode = w.name.Database, w.name.Name, uint64(c.Mode)
	x := newProgramParser(c, s, p)
	s.expect("(")
	from := s.at
	x.parameters(p.Kind == schemas.Function)
	if s.err == nil && s.is(")") {
		p.Parameters = string(s.src[s.list[from-1].end:s.list[s.at].start])
	}
	s.expect(")")
	if p.Kind == schemas.Function {
		s.expect("RETURNS")
		x.r.returns, p.Returns = x.dataType(p.Name + "()")
	}
	w.characteristics(s)
	if s.err != nil {
		return nil, s.err
	}
	from = s.at
	p.Body = x.source(from, len(s.list)-1)
	if err := x.body(); err != nil {
		return nil, err
	}
	if err := checkName(p.Name, mysql.ER_SP_WRONG_NAME); err != nil {
		return nil, err
	}
	w.warnings = x.table.warnings
	return planDefinition(c, s, []ObjectName{{Database: p.Database}}, func(d *definition) error { return d.createRoutine(&w) }), nil
}

// characteristics reads the characteristics of a procedure or function.
func (w *routineSpec) characteristics(s *textReader) {
	p := &w.program
	if p.Access == "" {
		p.Access, p.Security = "CONTAINS SQL", "DEFINER"
	}
	for s.err == nil {
		switch {
		case s.accept("COMMENT"):
			p.Comment, w.comment = s.str(), true
		case s.accept("LANGUAGE"):
			if !s.accept("SQL") {
				language := s.anyName()
				s.fail(unsupported("LANGUAGE " + language))
			}
		case s.accept("NOT", "DETERMINISTIC"):
			p.Deterministic = false
		case s.accept("DETERMINISTIC"):
			p.Deterministic = true
		case s.accept("CONTAINS", "SQL"):
			p.Access, w.access = "CONTAINS SQL", true
		case s.accept("NO", "SQL"):
			p.Access, w.access = "NO SQL", true
		case s.accept("READS", "SQL", "DATA"):
			p.Access, w.access = "READS SQL DATA", true
		case s.accept("MODIFIES", "SQL", "DATA"):
			p.Access, w.access = "MODIFIES SQL DATA", true
		case s.accept("SQL", "SECURITY"):
			p.Security, w.security = s.one("DEFINER", "INVOKER"), true
			if p.Security == "" {
				s.wrong()
			}
		default:
			return
		}
	}
}

func (d *definition) createRoutine(w *routineSpec) error {
	db, err := d.database(w.name.Database)
	if err != nil {
		return err
	}
	if d.c.Catalog.Program(w.program.Kind, db.Name, w.program.Name) != nil {
		exists := mysqlerr.New(mysql.ER_SP_ALREADY_EXISTS, string(w.program.Kind), w.program.Name)
		if w.ifNotExists {
			d.note(exists)
			d.programThere(db, &w.program)
			return nil
		}
		return exists
	}
	for _, warning := range w.warnings {
		d.note(warning)
	}
	p := w.program
	if p.Kind == schemas.Function {
		if !p.Deterministic && p.Access != "NO SQL" && p.Access != "READS SQL DATA" && !d.trustsFunctions() {
			return mysqlerr.Newf(mysql.ER_BINLOG_UNSAFE_ROUTINE, "This function has none of DETERMINISTIC, NO SQL, or READS SQL DATA in its declaration and binary logging is enabled (you *might* want to use the less safe log_bin_trust_function_creators variable)")
		}
		if expression.IsFunction(p.Name) {
			d.note(mysqlerr.New(mysql.ER_NATIVE_FCT_NAME_COLLISION, p.Name))
		}
	}
	return d.addProgram(db, &p)
}

// trustsFunctions is @@log_bin_trust_function_creators.
func (d *definition) trustsFunctions() bool {
	v, err := d.e.SystemVariable("global", "log_bin_trust_function_creators")
	return err == nil && (string(v.Bytes()) == "ON" || string(v.Bytes()) == "1" || v.Kind() == txn.KindInteger && v.Int64() != 0)
}

// addProgram adds a new program, with what it takes over from the session and the database.
func (d *definition) addProgram(db *schemas.Database, p *schemas.Program) error {
	p.DBID, p.Database = db.ID, db.Name
	p.Charset = "utf8mb4"
	if v, err := d.e.SystemVariable("session", "character_set_client"); err == nil && !v.IsNull() {
		p.Charset = string(v.Bytes())
	}
	p.Collation, p.DatabaseCollation = d.c.Collation, db.Collation
	if p.DatabaseCollation == "" {
		p.DatabaseCollation = expression.DefaultCollation
	}
	p.CreatedUS = d.e.Now().UnixMicro()
	p.AlteredUS = p.CreatedUS
	return d.changeProgram(p, txn.Insert)
}

// changeProgram adds a program's new version, or its end.
func (d *definition) changeProgram(p *schemas.Program, op txn.Op) error {
	stored := *p
	stored.Version = 0
	change := txn.DefinitionChange{Kind: txn.ObjectProgram, Op: op, ID: uint64(p.ID), DBID: p.DBID, Database: p.Database, Name: p.Name}
	if op != txn.Delete {
		body, err := schemas.EncodeProgram(&stored)
		if err != nil {
			return err
		}
		change.Definition = body
	}
	d.names(ObjectName{p.Database, programNameKey(p.Kind, p.Name)})
	d.out.Body.Changes = append(d.out.Body.Changes, change)
	return nil
}

// programThere notes that a program which IF NOT EXISTS is to create is there. MySQL logs the statement with its definer.
func (d *definition) programThere(db *schemas.Database, p *schemas.Program) {
	d.namedProgram(p.Kind, ObjectName{db.Name, p.Name})
	d.out.Body.Text = schemas.WithDefiner(d.out.Body.Text, p.Definer)
}

// programNameKey is the name under which a program's name is a key: no table or view is called so.
func programNameKey(kind schemas.ProgramKind, name string) string {
	return "\x00" + string(kind) + "\x00" + schemas.NewProgramKey(kind, name).Name
}

// planAlterRoutine plans ALTER PROCEDURE and FUNCTION behind ALTER.
func planAlterRoutine(c *Context, s *textReader) (*Plan, error) {
	var w routineSpec
	w.program.Kind = schemas.ProgramKind(s.one("PROCEDURE", "FUNCTION"))
	if w.program.Kind == "" {
		s.wrong()
	}
	w.name = s.object()
	w.characteristics(s)
	if err := s.finish(); err != nil {
		return nil, err
	}
	return planDefinition(c, s, []ObjectName{{Database: w.name.Database}}, func(d *definition) error {
		old := d.c.Catalog.Program(w.program.Kind, w.name.Database, w.name.Name)
		if old == nil {
			return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, string(w.program.Kind), w.name.Database+"."+w.name.Name)
		}
		p := *old
		if w.access {
			p.Access = w.program.Access
		}
		if w.security {
			p.Security = w.program.Security
		}
		if w.comment {
			p.Comment = w.program.Comment
		}
		p.AlteredUS = d.e.Now().UnixMicro()
		return d.changeProgram(&p, txn.Update)
	}), nil
}

// planDropProgram plans DROP PROCEDURE, FUNCTION, TRIGGER and EVENT behind these words.
func planDropProgram(kind schemas.ProgramKind) rule {
	return func(c *Context, s *textReader) (*Plan, error) {
		ifExists := s.ifExists()
		o := s.object()
		if err := s.finish(); err != nil {
			return nil, err
		}
		return planDefinition(c, s, []ObjectName{{Database: o.Database}}, func(d *definition) error {
			p := d.c.Catalog.Program(kind, o.Database, o.Name)
			if p == nil {
				if ifExists {
					d.note(missingProgramNote(kind, o))
					d.namedProgram(kind, o)
					return nil
				}
				return missingProgram(kind, o)
			}
			if err := d.changeProgram(p, txn.Delete); err != nil {
				return err
			}
			return d.touchTableOf(p)
		}), nil
	}
}

// touchTableOf raises the version of a trigger's table, so that statements on it are planned anew.
func (d *definition) touchTableOf(p *schemas.Program) error {
	if p.Kind != schemas.Trigger {
		return nil
	}
	if t := tableOf(d.c.Catalog, p); t != nil {
		return d.touch(t)
	}
	return nil
}

// tableOf is the table of a trigger, or nil.
func tableOf(c *schemas.Catalog, p *schemas.Program) *schemas.Table {
	if db := c.Database(p.Database); db != nil && p.Trigger != nil {
		for _, t := range db.Tables {
			if t.ID == p.Trigger.Table {
				return t
			}
		}
	}
	return nil
}

func missingProgramNote(kind schemas.ProgramKind, o ObjectName) *mysqlerr.Error {
	switch kind {
	case schemas.Trigger:
		return mysqlerr.New(mysql.ER_TRG_DOES_NOT_EXIST)
	case schemas.Event:
		return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "Event", o.Name)
	}
	return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, string(kind), o.Database+"."+o.Name)
}

func missingProgram(kind schemas.ProgramKind, o ObjectName) error {
	switch kind {
	case schemas.Trigger:
		return mysqlerr.New(mysql.ER_TRG_DOES_NOT_EXIST)
	case schemas.Event:
		return mysqlerr.New(mysql.ER_EVENT_DOES_NOT_EXIST, o.Name)
	}
	return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, string(kind), o.Database+"."+o.Name)
}

// createRoutineText is the text of SHOW CREATE PROCEDURE and FUNCTION.
func createRoutineText(p *schemas.Program) string {
	user, host, _ := strings.Cut(p.Definer, "@")
	var b strings.Builder
	b.WriteString("CREATE DEFINER=" + schemas.QuoteName(user) + "@" + schemas.QuoteName(host) + " " + string(p.Kind) + " " +
		schemas.QuoteName(p.Name) + "(" + p.Parameters + ")")
	if p.Kind == schemas.Function {
		b.WriteString(" RETURNS " + returnsText(p))
	}
	b.WriteString("\n")
	if p.Access != "CONTAINS SQL" {
		b.WriteString("    " + p.Access + "\n")
	}
	if p.Deterministic {
		b.WriteString("    DETERMINISTIC\n")
	}
	if p.Security == "INVOKER" {
		b.WriteString("    SQL SECURITY INVOKER\n")
	}
	if p.Comment != "" {
		b.WriteString("    COMMENT " + quoteComment(p.Comment) + "\n")
	}
	return b.String() + p.Body
}

// returnsText is the type behind RETURNS in MySQL's spelling.
func returnsText(p *schemas.Program) string {
	c := &Context{Catalog: &schemas.Catalog{}, Mode: SQLMode(p.Mode)}
	x := newProgramParser(c, newTextReader(c, p.Returns), p)
	t, _ := x.dataType("")
	if x.s.err != nil {
		return p.Returns
	}
	return typeWithCharset(t)
}

// typeWithCharset spells a type as MySQL prints those of programs.
func typeWithCharset(t schemas.Type) string {
	text := t.String()
	if t.IsText() && t.Charset != "" {
		text += " CHARSET " + t.Charset
		if co := schemas.LookupCollation(t.Collation); co != nil && !co.Default {
			text += " COLLATE " + t.Collation
		}
	}
	return text
}

// quoteComment quotes a comment as SHOW CREATE prints those of programs.
func quoteComment(s string) string {
	return "'" + strings.NewReplacer("\x00", `\0`, "\n", `\n`, "\r", `\r`, `\`, `\\`, "'", "''").Replace(s) + "'"
}
