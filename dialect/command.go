package dialect

import (
	"strings"

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
func planRaw(c *Context, text string) (*Plan, error, bool) {
	s := newTextReader(c, text)
	plan := s.grammar()
	if plan == nil {
		return nil, nil, false
	}
	if s.err != nil {
		return nil, s.err, true
	}
	p, err := plan(c, s)
	return p, err, true
}

// rule plans the rest of a statement whose first words have been read.
type rule func(c *Context, s *textReader) (*Plan, error)

// grammar reads the first words and returns the rule for the rest, or nil.
func (s *textReader) grammar() rule {
	switch s.first() {
	case "CREATE":
		return s.creation()
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
	switch {
	case s.accept("CREATE", "TABLE"):
		return planCreateTable
	case s.accept("CREATE", "TEMPORARY"):
		return refuse("CREATE TEMPORARY TABLE")
	case s.accept("CREATE", "DATABASE"), s.accept("CREATE", "SCHEMA"):
		return planCreateDatabase
	}
	return nil
}

// ending is the rule for what follows DROP.
func (s *textReader) ending() rule {
	switch {
	case s.accept("DROP", "TABLE"), s.accept("DROP", "TABLES"):
		return planDropTable
	case s.accept("DROP", "TEMPORARY"):
		return refuse("DROP TEMPORARY TABLE")
	case s.accept("DROP", "VIEW"):
		return planDropView
	case s.accept("DROP", "DATABASE"), s.accept("DROP", "SCHEMA"):
		return planDropDatabase
	}
	return nil
}
