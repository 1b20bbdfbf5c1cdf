package dialect

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// listing is a form of SHOW: its columns, and its rows for one database or table, or for all when
// these are empty.
type listing struct {
	name    string
	columns string // "Name type, …" in MySQL's words; ! behind a type is NOT NULL
	like    int    // the column that LIKE is about
	binary  bool   // LIKE looks at case
	rows    func(c *schemas.Catalog, e Environment, at ObjectName, row func([]txn.Value) error) error
}

// resultColumns reads the columns of a listing.
func (l *listing) resultColumns() []ResultColumn {
	var list []ResultColumn
	s := newTextReader(&Context{}, l.columns)
	s.commas(func() {
		name := ""
		if s.token().kind == tokenString {
			name = s.str()
		} else {
			name = s.anyName()
		}
		from := s.at
		s.columnType()
		if s.err == nil {
			kind := catalogType(s.text(from, s.at), "utf8mb3_general_ci")
			nullable := !s.accept("!")
			list = append(list, ResultColumn{Name: name, Type: kind, Nullable: nullable, Flags: notNull(nullable)})
		}
	})
	return list
}

// where are the columns of a listing's table that stand for its place.
const whereDatabase, whereTable = "_database", "_table"

// table is the virtual table of the listing, for SHOW … WHERE.
func (l *listing) table() *virtualTable {
	place := schemas.Type{Kind: schemas.VarChar, Length: maxName, Charset: "utf8mb3", Collation: "utf8mb3_bin"}
	v := &virtualTable{Database: "information_schema", Name: "_show_" + l.name,
		Columns: []schemas.Column{{Name: whereDatabase, Type: place}, {Name: whereTable, Type: place}}}
	for _, c := range l.resultColumns() {
		v.Columns = append(v.Columns, schemas.Column{Name: c.Name, Type: c.Type, Nullable: c.Nullable})
	}
	v.Rows = func(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		for _, place := range l.places(c) {
			err := l.rows(c, e, place, l.seenRows(e, place, func(values []txn.Value) error {
				return row(append([]txn.Value{text(place.Database), text(place.Name)}, values...))
			}))
			if err != nil {
				return err
			}
		}
		return nil
	}
	return v
}

// places are the databases or tables that a listing may be about.
func (l *listing) places(c *schemas.Catalog) []ObjectName {
	var list []ObjectName
	switch l.name {
	case "tables", "full_tables", "table_status", "triggers", "events":
		for _, d := range allDatabases(c) {
			list = append(list, ObjectName{Database: d.Name})
		}
	case "columns", "full_columns", "index":
		for _, d := range allDatabases(c) {
			for name := range d.Tables {
				list = append(list, ObjectName{d.Name, name})
			}
			for name := range d.Views {
				list = append(list, ObjectName{d.Name, name})
			}
			for _, v := range virtualsOf(d.Name) {
				list = append(list, ObjectName{d.Name, v.Name})
			}
		}
	default:
		list = []ObjectName{{}}
	}
	return list
}

// listingByName finds a listing, which must be there.
func listingByName(name string) *listing {
	list := listings()
	return list[slices.IndexFunc(list, func(l *listing) bool { return l.name == name })]
}

// planListing plans a listing behind its words: an optional LIKE or WHERE follows. rename gives
// columns the names that they have in this statement.
func planListing(c *Context, s *textReader, name string, at ObjectName, rename func(i int, name, pattern string) string) (*Plan, error) {
	l := listingByName(name)
	columns := l.resultColumns()
	pattern, condition := "", ""
	hasPattern := false
	switch {
	case s.accept("LIKE"):
		pattern, hasPattern = s.str(), true
	case s.accept("WHERE"):
		condition = s.rest()
		if condition == "" {
			s.wrong()
		}
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	if rename != nil {
		for i := range columns {
			columns[i].Name = rename(i, columns[i].Name, pattern)
		}
	}
	if condition != "" {
		return planFiltered(c, l, columns, at, condition)
	}
	match := func([]txn.Value) bool { return true }
	if hasPattern {
		match = likeMatcher(l, pattern)
	}
	catalog := c.Catalog
	return &Plan{Columns: columns, ReadsCatalog: true, Query: &Query{run: func(_ Executor, e Environment, _ Binding, row func([]txn.Value) error) error {
		return l.rows(catalog, e, at, l.seenRows(e, at, func(values []txn.Value) error {
			if !match(values) {
				return nil
			}
			return row(values)
		}))
	}}}, nil
}

// likeMatcher matches the listing's column with a pattern.
func likeMatcher(l *listing, pattern string) func([]txn.Value) bool {
	collation := "utf8mb4_general_ci"
	if l.binary {
		collation = "utf8mb4_bin"
	}
	w := schemas.LookupCollation(collation).Rules().Wildcard([]byte(pattern), '_', '%', '\\')
	return func(values []txn.Value) bool { return w.Match(values[l.like].Bytes()) }
}

// planFiltered plans SHOW … WHERE as a query on the listing's table.
func planFiltered(c *Context, l *listing, columns []ResultColumn, at ObjectName, condition string) (*Plan, error) {
	var list []string
	for i, r := range l.resultColumns() {
		list = append(list, schemas.QuoteName(r.Name)+" AS "+schemas.QuoteName(columns[i].Name))
	}
	inner := "SELECT " + strings.Join(list, ", ") + " FROM information_schema." + schemas.QuoteName("_show_"+l.name)
	if at.Database != "" {
		inner += " WHERE " + whereDatabase + " = " + escapeText(at.Database)
	}
	if at.Name != "" {
		inner += " AND " + whereTable + " = " + escapeText(at.Name)
	}
	own := *c
	own.Mode &^= ANSIQuotes | NoBackslashEscapes
	return planSelectText(&own, "SELECT * FROM ("+inner+") AS `SHOW` WHERE "+condition)
}

// definitionPlan is rowsPlan for rows that show a definition.
func definitionPlan(columns string, rows func(e Environment, row func([]txn.Value) error) error) *Plan {
	p := rowsPlan(columns, rows)
	p.ReadsCatalog = true
	return p
}

// rowsPlan is the plan of a query whose rows are made here.
func rowsPlan(columns string, rows func(e Environment, row func([]txn.Value) error) error) *Plan {
	l := listing{columns: columns}
	return &Plan{Columns: l.resultColumns(), Query: &Query{run: func(_ Executor, e Environment, _ Binding, row func([]txn.Value) error) error {
		return rows(e, row)
	}}}
}

// planShow plans SHOW behind this word.
func planShow(c *Context, s *textReader) (*Plan, error) {
	extended, full := s.accept("EXTENDED"), s.accept("FULL")
	scope := strings.ToLower(s.one("GLOBAL", "SESSION", "LOCAL"))
	switch {
	case s.accept("DATABASES"), s.accept("SCHEMAS"):
		return planListing(c, s, "databases", ObjectName{}, patternName)
	case s.accept("TABLES"):
		return planShowTables(c, s, full)
	case s.accept("TABLE", "STATUS"):
		return planInDatabase(c, s, "table_status", nil)
	case s.accept("TRIGGERS"):
		return planInDatabase(c, s, "triggers", nil)
	case s.accept("EVENTS"):
		name, ok := s.from()
		if !ok {
			name = c.Database
		}
		if name == "" {
			s.fail(mysqlerr.New(mysql.ER_NO_DB_ERROR))
		}
		return planListing(c, s, "events", ObjectName{Database: name}, nil)
	case s.accept("OPEN", "TABLES"):
		s.from()
		return planListing(c, s, "open_tables", ObjectName{}, nil)
	case s.accept("COLUMNS"), s.accept("FIELDS"):
		return planShowColumns(c, s, full)
	case s.accept("INDEX"), s.accept("INDEXES"), s.accept("KEYS"):
		return planShowIndex(c, s)
	case s.accept("VARIABLES"):
		return planListing(c, s, orSession(scope)+"_variables", ObjectName{}, nil)
	case s.accept("STATUS"):
		return planListing(c, s, "status", ObjectName{}, nil)
	case s.accept("PROCESSLIST"):
		if full {
			return planListing(c, s, "full_processlist", ObjectName{}, nil)
		}
		return planListing(c, s, "processlist", ObjectName{}, nil)
	}
	if extended || full || scope != "" {
		s.wrong()
		return nil, s.err
	}
	return planShowMore(c, s)
}

func orSession(scope string) string {
	if scope == "global" {
		return scope
	}
	return "session"
}

// planShowMore plans the forms of SHOW that take no FULL or scope.
func planShowMore(c *Context, s *textReader) (*Plan, error) {
	switch {
	case s.accept("CREATE"):
		return planShowCreate(c, s)
	case s.accept("WARNINGS"):
		return planShowWarnings(s, false)
	case s.accept("ERRORS"):
		return planShowWarnings(s, true)
	case s.accept("COUNT", "(", "*", ")"):
		return planShowCount(c, s)
	case s.accept("ENGINES"), s.accept("STORAGE", "ENGINES"):
		return planListing(c, s, "engines", ObjectName{}, nil)
	case s.accept("CHARACTER", "SET"), s.accept("CHARSET"), s.accept("CHAR", "SET"):
		return planListing(c, s, "charset", ObjectName{}, nil)
	case s.accept("COLLATION"):
		return planListing(c, s, "collation", ObjectName{}, nil)
	case s.accept("PROCEDURE", "STATUS"):
		return planListing(c, s, "procedure_status", ObjectName{}, nil)
	case s.accept("FUNCTION", "STATUS"):
		return planListing(c, s, "function_status", ObjectName{}, nil)
	case s.accept("PLUGINS"):
		return planListing(c, s, "plugins", ObjectName{}, nil)
	case s.accept("PRIVILEGES"):
		return planListing(c, s, "privileges", ObjectName{}, nil)
	case s.accept("BINARY", "LOG", "STATUS"):
		return planListing(c, s, "binary_log_status", ObjectName{}, nil)
	case s.accept("BINARY", "LOGS"):
		return planListing(c, s, "binary_logs", ObjectName{}, nil)
	case s.accept("ENGINE"):
		return planShowEngine(s)
	case s.accept("PROFILES"):
		return nothing("Query_ID int unsigned!, Duration double!, Query varchar(300)!"), s.finish()
	case s.accept("PROFILE"):
		return planShowProfile(s)
	}
	if p, err := planShowReplica(s); p != nil || err != nil {
		return p, err
	}
	if what := s.unknownListing(); what != "" {
		return nil, unsupported("SHOW " + what)
	}
	s.wrong()
	return nil, s.err
}

// unknownListing returns what is to be shown if MySQL knows it and Marmot does not.
func (s *textReader) unknownListing() string {
	for _, words := range []string{"PROCEDURE CODE", "FUNCTION CODE", "PARSE_TREE", "REPLICATION"} {
		if s.is(strings.Fields(words)...) {
			return words
		}
	}
	return ""
}

// patternName is the name of the first column with LIKE's pattern behind it.
func patternName(i int, name, pattern string) string {
	if i == 0 && pattern != "" {
		return name + " (" + pattern + ")"
	}
	return name
}

// from reads FROM or IN name; false when neither is next.
func (s *textReader) from() (string, bool) {
	if !s.accept("FROM") && !s.accept("IN") {
		return "", false
	}
	return s.name(), true
}

// inDatabase reads an optional FROM database, which must exist.
func (s *textReader) inDatabase(c *Context) string {
	name, ok := s.from()
	if !ok {
		name = c.Database
	}
	if s.err != nil {
		return ""
	}
	if name == "" {
		s.fail(mysqlerr.New(mysql.ER_NO_DB_ERROR))
		return ""
	}
	if isVirtualDatabase(name) {
		return strings.ToLower(name)
	}
	if c.Catalog.Database(name) == nil {
		s.fail(mysqlerr.New(mysql.ER_BAD_DB_ERROR, name))
	}
	return name
}

func planInDatabase(c *Context, s *textReader, name string, rename func(i int, name, pattern string) string) (*Plan, error) {
	database := s.inDatabase(c)
	return planListing(c, s, name, ObjectName{Database: database}, rename)
}

// planShowTables plans SHOW [FULL] TABLES; the first column carries the database's name.
func planShowTables(c *Context, s *textReader, full bool) (*Plan, error) {
	database := s.inDatabase(c)
	name := "tables"
	if full {
		name = "full_tables"
	}
	return planListing(c, s, name, ObjectName{Database: database}, func(i int, column, pattern string) string {
		if i > 0 {
			return column
		}
		return patternName(i, "Tables_in_"+database, pattern)
	})
}

// fromTable reads FROM table [FROM database], a table, view or virtual table that must exist.
func (s *textReader) fromTable(c *Context) ObjectName {
	if !s.accept("FROM") && !s.accept("IN") {
		s.wrong()
		return ObjectName{}
	}
	own := *c
	s.c = &own
	if own.Database == "" {
		own.Database = "\x00" // FROM table FROM database needs no default
	}
	o := s.object()
	if name, ok := s.from(); ok {
		o.Database = name
	}
	if o.Database == "\x00" {
		s.fail(mysqlerr.New(mysql.ER_NO_DB_ERROR))
	}
	s.c = c
	return s.existing(c, o)
}

// existing checks that the object is there.
func (s *textReader) existing(c *Context, o ObjectName) ObjectName {
	if s.err != nil {
		return o
	}
	if v := lookupVirtual(o.Database, o.Name); v != nil {
		return ObjectName{v.Database, v.Name}
	}
	switch {
	case c.Catalog.Table(o.Database, o.Name) != nil, c.Catalog.View(o.Database, o.Name) != nil:
	case c.Catalog.Database(o.Database) == nil && !isVirtualDatabase(o.Database):
		s.fail(mysqlerr.New(mysql.ER_BAD_DB_ERROR, o.Database))
	default:
		s.fail(mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name))
	}
	return o
}

func planShowColumns(c *Context, s *textReader, full bool) (*Plan, error) {
	o := s.fromTable(c)
	name := "columns"
	if full {
		name = "full_columns"
	}
	if err := validView(c, o); err != nil && s.err == nil {
		return nil, err
	}
	return planListing(c, s, name, o, nil)
}

// validView refuses a view whose columns nobody knows any more.
func validView(c *Context, o ObjectName) error {
	v := c.Catalog.View(o.Database, o.Name)
	if v == nil || c.Catalog.Table(o.Database, o.Name) != nil || viewColumns(c.Catalog, v) != nil {
		return nil
	}
	return mysqlerr.New(mysql.ER_VIEW_INVALID, o.Database, o.Name)
}

func planShowIndex(c *Context, s *textReader) (*Plan, error) {
	o := s.fromTable(c)
	return planListing(c, s, "index", o, nil)
}

// planDescribe plans DESCRIBE table [column | 'pattern'] and EXPLAIN behind these words.
func planDescribe(c *Context, s *textReader) (*Plan, error) {
	if s.explains() {
		return planExplain(c, s)
	}
	o := s.object()
	if !s.end() && (s.token().kind != tokenString && !s.isName(s.token()) || s.ahead(1).kind != tokenEnd) {
		if s.token().kind == tokenString || s.isName(s.token()) {
			s.advance()
		}
		s.wrong()
		return nil, s.err
	}
	o = s.existing(c, o)
	if err := validView(c, o); err != nil && s.err == nil {
		return nil, err
	}
	if s.end() || s.err != nil {
		return planListing(c, s, "columns", o, nil)
	}
	pattern := s.word()
	if err := s.finish(); err != nil {
		return nil, err
	}
	s.at = 0
	s.list = append([]token{}, s.list[len(s.list)-1])
	p, err := planListing(c, s, "columns", o, nil)
	if err != nil {
		return nil, err
	}
	match, all := likeMatcher(listingByName("columns"), pattern), p.Query.run
	p.Query.run = func(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
		return all(x, e, b, func(values []txn.Value) error {
			if !match(values) {
				return nil
			}
			return row(values)
		})
	}
	return p, nil
}
