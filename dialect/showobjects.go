package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// planShowCreate plans SHOW CREATE behind these words.
func planShowCreate(c *Context, s *textReader) (*Plan, error) {
	switch {
	case s.accept("TABLE"):
		return planShowCreateTable(c, s, false)
	case s.accept("VIEW"):
		return planShowCreateTable(c, s, true)
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		return planShowCreateDatabase(c, s)
	case s.accept("USER"):
		return nil, unsupported("SHOW CREATE USER")
	}
	if kind := schemas.ProgramKind(s.one("PROCEDURE", "FUNCTION", "TRIGGER", "EVENT")); kind != "" {
		return planShowCreateProgram(c, s, kind)
	}
	s.wrong()
	return nil, s.err
}

func planShowCreateTable(c *Context, s *textReader, viewOnly bool) (*Plan, error) {
	o := s.existing(c, s.object())
	if err := s.finish(); err != nil {
		return nil, err
	}
	if v := c.Catalog.View(o.Database, o.Name); v != nil {
		sql := ansiQuoted(createViewText(v, c.Database), c.Mode)
		return definitionPlan("View varchar(64)!, 'Create View' varchar(1024)!, character_set_client varchar(32)!, collation_connection varchar(32)!",
			func(_ Environment, row func([]txn.Value) error) error {
				return row([]txn.Value{text(v.Name), text(sql), text(v.Charset), text(v.Collation)})
			}), nil
	}
	if viewOnly {
		return nil, mysqlerr.New(mysql.ER_WRONG_OBJECT, o.Database, o.Name, "VIEW")
	}
	t := c.Catalog.Table(o.Database, o.Name)
	if t == nil {
		t = tableOfVirtual(lookupVirtual(o.Database, o.Name))
	}
	return definitionPlan("Table varchar(64)!, 'Create Table' longtext!", func(e Environment, row func([]txn.Value) error) error {
		next := uint64(0)
		if t.AutoIncrement >= 0 {
			next = server(e).AutoIncrement(t)
		}
		return row([]txn.Value{text(t.Name), text(shownTable(t, next, e.Zone(), c.Mode))})
	}), nil
}

// tableOfVirtual is a definition that looks like the virtual table.
func tableOfVirtual(v *virtualTable) *schemas.Table {
	return &schemas.Table{Database: v.Database, Name: v.Name, Columns: v.Columns, AutoIncrement: -1, Engine: "InnoDB", Charset: "utf8mb3",
		Collation: "utf8mb3_general_ci"}
}

func planShowCreateDatabase(c *Context, s *textReader) (*Plan, error) {
	ifNotExists := s.ifNotExists()
	name := s.name()
	if err := s.finish(); err != nil {
		return nil, err
	}
	d := c.Catalog.Database(name)
	for _, x := range systemDatabases() {
		if strings.EqualFold(x.Name, name) {
			d = x
		}
	}
	if d == nil {
		return nil, mysqlerr.New(mysql.ER_BAD_DB_ERROR, name)
	}
	return definitionPlan("Database varchar(64)!, 'Create Database' varchar(1024)!", func(_ Environment, row func([]txn.Value) error) error {
		return row([]txn.Value{text(d.Name), text(ansiQuoted(createDatabaseText(d, ifNotExists), c.Mode))})
	}), nil
}

// createViewText is the text of SHOW CREATE VIEW.
func createViewText(v *schemas.View, database string) string {
	user, host, _ := strings.Cut(v.Definer, "@")
	var b strings.Builder
	b.WriteString("CREATE ALGORITHM=" + v.Algorithm + " DEFINER=" + schemas.QuoteName(user) + "@" + schemas.QuoteName(host) +
		" SQL SECURITY " + v.Security + " VIEW ")
	if v.Database != database {
		b.WriteString(schemas.QuoteName(v.Database) + ".")
	}
	b.WriteString(schemas.QuoteName(v.Name))
	if len(v.Columns) > 0 {
		var list []string
		for _, c := range v.Columns {
			list = append(list, schemas.QuoteName(c))
		}
		b.WriteString(" (" + strings.Join(list, ",") + ")")
	}
	query := v.Select
	if v.Database == database {
		query = withoutDatabase(query, database)
	}
	b.WriteString(" AS " + query)
	if v.CheckOption != "" && v.CheckOption != "NONE" {
		b.WriteString(" WITH " + v.CheckOption + " CHECK OPTION")
	}
	return b.String()
}

// withoutDatabase takes the database off the names in a view's query, as MySQL shows it to sessions that
// are in that database.
func withoutDatabase(query, database string) string {
	x := scanner{src: []byte(query)}
	prefix := schemas.QuoteName(database)
	var b strings.Builder
	last, afterPoint := 0, false
	for t := x.next(); t.kind != tokenEnd && t.kind != tokenBad; t = x.next() {
		raw := query[t.start:t.end]
		if t.kind == tokenName && raw == prefix && !afterPoint && strings.HasPrefix(query[t.end:], ".") {
			b.WriteString(query[last:t.start])
			last = t.end + 1
		}
		afterPoint = raw == "."
	}
	return b.String() + query[last:]
}

// limit reads LIMIT [offset,] count | count OFFSET offset; count is -1 without.
func (s *textReader) limit() (offset, n int) {
	if !s.accept("LIMIT") {
		return 0, -1
	}
	n = int(min(s.number(), 1<<30))
	switch {
	case s.accept(","):
		offset, n = n, int(min(s.number(), 1<<30))
	case s.accept("OFFSET"):
		offset = int(min(s.number(), 1<<30))
	}
	return offset, n
}

// Codes of notes about accounts.
const noteAccountMissing, noteAccountKnown = 3162, 3163

// isNote reports whether MySQL calls a warning with this code a note.
func isNote(code uint16) bool {
	switch code {
	case mysql.ER_DB_CREATE_EXISTS, mysql.ER_DB_DROP_EXISTS, mysql.ER_TABLE_EXISTS_ERROR, mysql.ER_BAD_TABLE_ERROR, mysql.ER_SP_DOES_NOT_EXIST,
		mysql.ER_TRG_DOES_NOT_EXIST, mysql.ER_YES, mysql.ER_DUP_INDEX, mysql.ER_SP_ALREADY_EXISTS, mysql.ER_TRG_ALREADY_EXISTS, mysql.ER_EVENT_ALREADY_EXISTS,
		mysql.ER_EVENT_CANNOT_CREATE_IN_THE_PAST, mysql.ER_EVENT_EXEC_TIME_IN_THE_PAST, mysql.ER_NATIVE_FCT_NAME_COLLISION, mysql.ER_NO_SUCH_USER, noteAccountMissing, noteAccountKnown:
		return true
	}
	return false
}

// isAbsentUser reports whether a warning is the one of IGNORE UNKNOWN USER, which has a note's code, but names the user alone.
func isAbsentUser(w *mysqlerr.Error) bool {
	return w.Code == noteAccountMissing && !strings.Contains(w.Message, "@")
}

// errorCount is @@error_count: the last so many warnings of the statement before are its errors.
func errorCount(e Environment) int {
	v, err := e.SystemVariable("session", "error_count")
	if err != nil {
		return 0
	}
	return int(v.Int64())
}

// planShowWarnings plans SHOW WARNINGS and SHOW ERRORS.
func planShowWarnings(s *textReader, onlyErrors bool) (*Plan, error) {
	offset, n := s.limit()
	if err := s.finish(); err != nil {
		return nil, err
	}
	return rowsPlan("Level varchar(7)!, Code int unsigned!, Message varchar(512)!", func(e Environment, row func([]txn.Value) error) error {
		list := server(e).Warnings()
		firstError := len(list) - errorCount(e)
		if onlyErrors {
			list, firstError = list[max(firstError, 0):], 0
		}
		for i := offset; i < len(list) && (n < 0 || i < offset+n); i++ {
			level := "Warning"
			if i >= firstError {
				level = "Error"
			} else if list[i].Note || isNote(list[i].Code) && !isAbsentUser(list[i]) {
				level = "Note"
			}
			if err := row([]txn.Value{text(level), count(int(list[i].Code)), text(list[i].Message)}); err != nil {
				return err
			}
		}
		return nil
	}), nil
}

// planShowCount plans SHOW COUNT(*) WARNINGS and ERRORS.
func planShowCount(_ *Context, s *textReader) (*Plan, error) {
	word := s.one("WARNINGS", "ERRORS")
	if word == "" {
		s.wrong()
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	name := "@@session.warning_count"
	if word == "ERRORS" {
		name = "@@session.error_count"
	}
	return rowsPlan("'"+name+"' bigint unsigned", func(e Environment, row func([]txn.Value) error) error {
		n := len(server(e).Warnings())
		if word == "ERRORS" {
			n = errorCount(e)
		}
		return row([]txn.Value{count(n)})
	}), nil
}

// account reads user[@host].
func (s *textReader) account() string {
	user, host := s.word(), "%"
	if t := s.token(); t.kind == tokenVariable && s.err == nil {
		s.at++
		host = strings.TrimPrefix(s.raw(t), "@")
		if len(host) > 1 && (host[0] == '`' || host[0] == '\'' || host[0] == '"') {
			host = string(unquote([]byte(host), NoBackslashEscapes))
		}
	}
	return user + "@" + host
}
