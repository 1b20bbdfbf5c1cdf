package dialect

import (
	"strings"

	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// planCommand plans a statement that the session carries out itself, or that asks the catalog.
// As in planDDL the text is read by a grammar of the package's own.
func planCommand(c *Context, stmt sqlparser.Statement, text string) (*Plan, error) {
	return planTree(c, stmt, text)
}

// planTree plans what vitess's parser has read and planRaw knows.
func planTree(c *Context, stmt sqlparser.Statement, text string) (*Plan, error) {
	p, err, ok := planRaw(c, text)
	if !ok {
		return nil, unsupported(strings.TrimPrefix(strings.ToUpper(sqlparser.ASTToStatementType(stmt).String()), "STMT"))
	}
	return p, err
}

// planRaw plans the statements that the package parses by itself: all but queries and changes
// of rows. It is called before parsing and reports false when the statement is none of them.
func planRaw(c *Context, text string) (*Plan, error, bool) { //nolint:revive // the bool says whether the other two mean anything
	s := newTextReader(c, text)
	plan := s.grammar()
	if plan == nil {
		return nil, nil, false
	}
	if s.err != nil {
		return nil, s.err, true
	}
	needs := statementNeeds(c, text)
	if c.Allowed != nil {
		if err := c.Allowed(needs); err != nil {
			return nil, err, true
		}
	}
	p, err := plan(c, s)
	if p != nil {
		p.need(needs)
	}
	return p, err, true
}

// rule plans the rest of a statement whose first words have been read.
type rule func(c *Context, s *textReader) (*Plan, error)

// grammar reads the first words and returns the rule for the rest, or nil.
func (s *textReader) grammar() rule {
	if s.accept("(") {
		return nil
	}
	switch s.first() {
	case "CREATE":
		return s.creation()
	case "ALTER":
		return s.alteration()
	case "DROP":
		return s.ending()
	case "TRUNCATE":
		s.at++
		s.accept("TABLE")
		return planTruncate
	case "RENAME":
		if s.accept("RENAME", "TABLE") || s.accept("RENAME", "TABLES") {
			return planRenameTable
		}
		return refuse("RENAME USER")
	case "SHOW":
		s.at++
		return planShow
	case "DESCRIBE", "DESC", "EXPLAIN":
		s.at++
		return planDescribe
	}
	return s.command()
}

// command is the rule for what the session carries out, or nil.
func (s *textReader) command() rule {
	word := s.first()
	s.at++
	switch word {
	case "SET":
		return planSet
	case "DO":
		return planDo
	case "BEGIN":
		return planBegin
	case "START":
		if s.accept("TRANSACTION") {
			return planBegin
		}
		return planReplica("START")
	case "COMMIT":
		return planCommit
	case "ROLLBACK":
		return planRollback
	case "SAVEPOINT":
		return planSavepoint
	case "RELEASE":
		return planRelease
	case "USE":
		return planUse
	case "KILL":
		return planKill
	case "LOCK":
		return planLockTables
	case "UNLOCK":
		return planUnlockTables
	case "PREPARE":
		return planPrepare
	case "EXECUTE":
		return planExecute
	case "DEALLOCATE":
		return planDeallocate
	case "FLUSH":
		return planFlush
	case "ANALYZE", "CHECK", "OPTIMIZE", "REPAIR":
		return planMaintenance(strings.ToLower(word))
	}
	return refusal(word)
}

// refusal answers the statements of MySQL that Marmot lacks, and nil for all others.
func refusal(word string) rule {
	switch word {
	case "GRANT", "REVOKE", "HANDLER", "INSTALL", "SHUTDOWN", "RESTART", "CLONE", "CACHE", "IMPORT":
		return refuse(word)
	case "HELP":
		return planHelp
	case "XA":
		return planXA
	case "RESET":
		return planReset
	case "PURGE":
		return planPurge
	case "BINLOG":
		return planBinlog
	case "UNINSTALL":
		return planUninstall
	case "CHANGE", "STOP":
		return planReplica(word)
	case "CHECKSUM":
		return planChecksum
	case "LOAD":
		return planLoad
	case "CALL":
		return planCall
	case "SIGNAL", "RESIGNAL", "GET":
		return planDiagnostics
	}
	return nil
}

// first returns the first word in upper case, or "".
func (s *textReader) first() string {
	if t := s.list[0]; t.kind == tokenWord {
		return strings.ToUpper(s.raw(t))
	}
	return ""
}

// refuse answers a statement that MySQL knows and Marmot does not, with error 1235.
func refuse(what string) rule {
	return func(*Context, *textReader) (*Plan, error) { return nil, unsupported(what) }
}

// creation is the rule for what follows CREATE.
func (s *textReader) creation() rule {
	s.at++
	switch {
	case s.accept("TABLE"):
		return planCreateTable
	case s.accept("TEMPORARY"):
		return planCreateTemporary
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		return planCreateDatabase
	case s.is("INDEX"), s.is("UNIQUE"), s.is("FULLTEXT"), s.is("SPATIAL", "INDEX"):
		return planCreateIndex
	}
	return s.viewOr("CREATE")
}

// alteration is the rule for what follows ALTER.
func (s *textReader) alteration() rule {
	s.at++
	switch {
	case s.accept("TABLE"):
		return planAlterTable
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		return planAlterDatabase
	}
	if plan := s.missingObject("ALTER"); plan != nil {
		return plan
	}
	return s.viewOr("ALTER")
}

// viewOr is the rule for a view, whose statement may begin with OR REPLACE, ALGORITHM, DEFINER
// and SQL SECURITY, or refuses what else follows the verb.
func (s *textReader) viewOr(verb string) rule {
	switch strings.ToUpper(s.raw(s.token())) {
	case "OR", "ALGORITHM", "DEFINER", "SQL", "VIEW", "PROCEDURE", "FUNCTION", "AGGREGATE", "TRIGGER", "EVENT":
	default:
		return s.unknownObject(verb)
	}
	if s.is("OR", "REPLACE") && !s.replaceable() {
		at := s.ahead(2).start
		return func(_ *Context, s *textReader) (*Plan, error) { return nil, syntaxError(s.src, at) }
	}
	for i := 0; i < 24; i++ {
		t := s.ahead(i)
		switch word := strings.ToUpper(s.raw(t)); {
		case t.kind != tokenWord:
			if t.kind == tokenEnd {
				return refuse(verb)
			}
		case word == "VIEW":
			if verb == "ALTER" {
				return planAlterView
			}
			return planCreateView
		case word == "PROCEDURE", word == "FUNCTION":
			if verb == "ALTER" {
				return planAlterRoutine
			}
			return planCreateRoutine
		case word == "TRIGGER" && verb == "CREATE":
			return planCreateTrigger
		case word == "EVENT" && verb == "CREATE":
			return planCreateEvent
		case word == "EVENT":
			return planAlterEvent
		case word == "AS", word == "TRIGGER":
			return refuse(verb + " " + word)
		}
	}
	return refuse(verb)
}

// replaceable reports whether a view follows OR REPLACE, which nothing else may.
func (s *textReader) replaceable() bool {
	for i := 2; i < 24; i++ {
		switch strings.ToUpper(s.raw(s.ahead(i))) {
		case "VIEW":
			return true
		case "TABLE", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "INDEX", "AS", "":
			return false
		}
	}
	return false
}

// ending is the rule for what follows DROP.
func (s *textReader) ending() rule {
	s.at++
	switch {
	case s.accept("TABLE"), s.accept("TABLES"):
		return planDropTable
	case s.accept("TEMPORARY"):
		return planDropTemporary
	case s.accept("VIEW"):
		return planDropView
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		return planDropDatabase
	case s.accept("INDEX"):
		return planDropIndex
	case s.is("PROCEDURE"), s.is("FUNCTION"), s.is("TRIGGER"), s.is("EVENT"):
		return planDropProgram(schemas.ProgramKind(strings.ToUpper(s.raw(s.advance()))))
	case s.accept("PREPARE"):
		s.at--
		return planDeallocate
	}
	if plan := s.missingObject("DROP"); plan != nil {
		return plan
	}
	return s.unknownObject("DROP")
}

// unknownObject refuses what MySQL's grammar has behind CREATE, ALTER and DROP and nobody here; anything else is no
// syntax at all.
func (s *textReader) unknownObject(verb string) rule {
	word := strings.ToUpper(s.raw(s.token()))
	switch word {
	case "USER", "ROLE", "SERVER", "TABLESPACE", "UNDO", "LOGFILE", "RESOURCE", "SPATIAL", "INSTANCE", "LIBRARY", "EXTERNAL":
		return refuse(verb + " " + word)
	}
	at := s.token().start
	return func(c *Context, s *textReader) (*Plan, error) { return nil, syntaxError(s.src, at) }
}
