package dialect

import (
	"slices"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// indexKind is what an index is for.
type indexKind uint8

const (
	indexPlain indexKind = iota
	indexPrimary
	indexUnique
	indexFulltext
	indexSpatial
)

// indexSpec is an index definition as written, or one that a foreign key brings along.
type indexSpec struct {
	kind      indexKind
	name      string
	parts     []partSpec
	comment   string
	invisible bool
	using     string
	parser    string
	generated bool
	inline    bool // a column carries it
}

// partSpec is a part of an index as written.
type partSpec struct {
	column     string
	length     int // -1: not given
	descending bool
	expression string
}

// foreignSpec is a foreign key as written.
type foreignSpec struct {
	name               string
	index              string
	columns            []string
	parent             ObjectName
	parentColumns      []string
	onDelete, onUpdate schemas.ReferentialAction
	setDefault         bool
}

// optionSpec is a table option as written, its name in upper case.
type optionSpec struct{ name, value string }

// tableSpec is CREATE TABLE as written.
type tableSpec struct {
	name        ObjectName
	ifNotExists bool
	temporary   bool
	columns     []columnSpec
	indexes     []indexSpec // foreign keys' own included
	foreign     []foreignSpec
	checks      []checkSpec
	options     []optionSpec
	like        *ObjectName
	query       string           // of CREATE TABLE … SELECT
	selected    []schemas.Column // columns that the query alone gives, behind the others
	replace     string           // IGNORE or REPLACE before the query
	// partitioning is PARTITION BY, or nil.
	partitioning *schemas.Partitioning
}

// isIndex reports whether an index definition is next.
func (s *textReader) isIndex() bool {
	return s.is("INDEX") || s.is("KEY") || s.is("UNIQUE") || s.is("PRIMARY") || s.is("FULLTEXT") || s.is("SPATIAL")
}

// tableElement reads one column, index or constraint between the parentheses of CREATE TABLE.
func (s *textReader) tableElement(t *tableSpec) {
	switch {
	case s.isIndex(), s.is("CONSTRAINT"), s.is("FOREIGN"), s.is("CHECK"):
		s.constraint(t)
	default:
		name := s.name()
		c := s.column(name)
		t.addColumn(&c)
	}
}

// addColumn adds a column and the keys and constraints in its definition.
func (t *tableSpec) addColumn(c *columnSpec) {
	if c.unique {
		t.indexes = append(t.indexes, indexSpec{kind: indexUnique, parts: []partSpec{{column: c.name, length: -1}}, inline: true})
	}
	if c.primary {
		t.indexes = append(t.indexes, indexSpec{kind: indexPrimary, parts: []partSpec{{column: c.name, length: -1}}})
	}
	t.checks = append(t.checks, c.checks...)
	if c.reference != nil {
		t.addForeign(*c.reference)
	}
	t.columns = append(t.columns, *c)
}

// addForeign adds a foreign key and the index that it needs.
func (t *tableSpec) addForeign(f foreignSpec) {
	t.foreign = append(t.foreign, f)
	ix := indexSpec{name: f.name, generated: true}
	if ix.name == "" {
		ix.name = f.index
	}
	for _, c := range f.columns {
		ix.parts = append(ix.parts, partSpec{column: c, length: -1})
	}
	t.indexes = append(t.indexes, ix)
}

// constraint reads an index, a foreign key or a check.
func (s *textReader) constraint(t *tableSpec) {
	name := ""
	if s.accept("CONSTRAINT") {
		constraint := func() bool { return s.is("PRIMARY") || s.is("UNIQUE") || s.is("FOREIGN") || s.is("CHECK") }
		if !constraint() {
			name = s.name()
		}
		if !constraint() {
			s.wrong()
			return
		}
	}
	switch {
	case s.accept("FOREIGN"):
		s.expect("KEY")
		f := foreignSpec{name: name}
		if !s.is("(") {
			f.index = s.name()
		}
		s.parenthesised(func() { f.columns = append(f.columns, s.name()) })
		s.references(&f)
		t.addForeign(f)
	case s.is("CHECK"):
		t.checks = append(t.checks, s.check(name, ""))
	default:
		t.indexes = append(t.indexes, s.index(name))
	}
}

// index reads an index definition; name is that of CONSTRAINT before it.
func (s *textReader) index(name string) indexSpec {
	ix := indexSpec{name: name}
	switch s.one("PRIMARY", "UNIQUE", "FULLTEXT", "SPATIAL", "INDEX", "KEY") {
	case "PRIMARY":
		ix.kind = indexPrimary
		s.expect("KEY")
	case "UNIQUE":
		ix.kind = indexUnique
		s.one("INDEX", "KEY")
	case "FULLTEXT":
		ix.kind = indexFulltext
		s.one("INDEX", "KEY")
	case "SPATIAL":
		ix.kind = indexSpatial
		s.one("INDEX", "KEY")
	case "":
		s.wrong()
	}
	if s.err == nil && s.isName(s.token()) {
		if ix.name = s.name(); ix.name == "" {
			s.fail(mysqlerr.New(mysql.ER_WRONG_NAME_FOR_INDEX, ""))
		}
	}
	s.indexBody(&ix)
	return ix
}

// indexBody reads [USING type] ( parts ) and options.
func (s *textReader) indexBody(ix *indexSpec) {
	if s.is("USING") || s.is("TYPE") {
		s.at++
		ix.using = s.indexType()
	}
	s.parenthesised(func() { ix.parts = append(ix.parts, s.indexPart()) })
	s.indexOptions(ix)
	if ix.using != "" && ix.using != "BTREE" {
		ix.using = "" // InnoDB makes a B-tree of everything
	}
}

// indexType reads the type of an index behind USING.
func (s *textReader) indexType() string {
	t := s.one("BTREE", "HASH", "RTREE")
	if t == "" {
		s.wrong()
	}
	return t
}

func (s *textReader) indexPart() partSpec {
	p := partSpec{length: -1}
	if s.is("(") {
		p.expression = s.balanced()
	} else {
		p.column = s.name()
		p.length = s.length()
		if p.length == 0 {
			s.fail(mysqlerr.New(mysql.ER_KEY_PART_0, p.column))
		}
	}
	p.descending = s.one("ASC", "DESC") == "DESC"
	return p
}

func (s *textReader) indexOptions(ix *indexSpec) {
	for s.err == nil {
		switch {
		case s.accept("COMMENT"):
			ix.comment = s.str()
		case s.accept("USING"), s.accept("TYPE"):
			ix.using = s.indexType()
		case s.accept("KEY_BLOCK_SIZE"):
			s.accept("=")
			s.number()
		case s.accept("WITH", "PARSER"):
			ix.parser = s.name()
		case s.accept("VISIBLE"):
			ix.invisible = false
		case s.accept("INVISIBLE"):
			ix.invisible = true
		case s.accept("ENGINE_ATTRIBUTE"), s.accept("SECONDARY_ENGINE_ATTRIBUTE"):
			s.accept("=")
			s.str()
		default:
			return
		}
	}
}

// references reads REFERENCES parent (columns) and the actions.
func (s *textReader) references(f *foreignSpec) {
	s.expect("REFERENCES")
	f.parent.Name = s.name()
	if s.accept(".") {
		f.parent.Database, f.parent.Name = f.parent.Name, s.anyName()
	}
	if s.is("(") {
		s.parenthesised(func() { f.parentColumns = append(f.parentColumns, s.name()) })
	}
	if s.accept("MATCH") {
		s.one("FULL", "PARTIAL", "SIMPLE")
	}
	for s.err == nil && s.accept("ON") {
		event := s.one("DELETE", "UPDATE")
		action := s.action(f)
		switch event {
		case "DELETE":
			f.onDelete = action
		case "UPDATE":
			f.onUpdate = action
		default:
			s.wrong()
		}
	}
}

func (s *textReader) action(f *foreignSpec) schemas.ReferentialAction {
	switch {
	case s.accept("CASCADE"):
		return schemas.Cascade
	case s.accept("RESTRICT"):
		return schemas.Restrict
	case s.accept("SET", "NULL"):
		return schemas.SetNull
	case s.accept("SET", "DEFAULT"):
		f.setDefault = true
	case s.accept("NO", "ACTION"):
	default:
		s.wrong()
	}
	return schemas.NoAction
}

// tableOption reads one table option; false when none is next.
func (s *textReader) tableOption(list *[]optionSpec) bool {
	add := func(name, value string) { *list = append(*list, optionSpec{name, value}) }
	s.accept("DEFAULT")
	switch {
	case s.is("CHARACTER", "SET"), s.is("CHAR", "SET"), s.is("CHARSET"):
		add("CHARSET", s.charset())
	case s.accept("COLLATE"):
		s.accept("=")
		add("COLLATE", s.word())
	case s.accept("DATA", "DIRECTORY"), s.accept("INDEX", "DIRECTORY"):
		s.accept("=")
		s.str() // where rows lie is Marmot's business
	case s.accept("UNION"):
		s.accept("=")
		s.balanced()
	case s.accept("START", "TRANSACTION"):
	default:
		return s.namedOption(add)
	}
	return true
}

// namedOption reads an option of the form name [=] value.
func (s *textReader) namedOption(add func(name, value string)) bool {
	name := s.one("ENGINE", "AUTO_INCREMENT", "COMMENT", "ROW_FORMAT", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS",
		"AVG_ROW_LENGTH", "CHECKSUM", "TABLE_CHECKSUM", "DELAY_KEY_WRITE", "PACK_KEYS", "STATS_PERSISTENT", "STATS_AUTO_RECALC",
		"STATS_SAMPLE_PAGES", "CONNECTION", "PASSWORD", "COMPRESSION", "ENCRYPTION", "INSERT_METHOD", "TABLESPACE",
		"STORAGE", "AUTOEXTEND_SIZE", "SECONDARY_ENGINE", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE")
	if name == "" {
		return false
	}
	s.accept("=")
	if !optionTakes(name, s.token(), s.raw(s.token())) {
		s.wrong()
		return true
	}
	switch t := s.token(); t.kind {
	case tokenInteger:
		add(name, strconv.FormatUint(s.number(), 10))
	case tokenString:
		add(name, s.str())
	default:
		add(name, s.anyName())
	}
	return true
}

// optionTakes reports whether a table option may have a value: the grammar tells numbers, words and strings apart.
func optionTakes(option string, t token, raw string) bool {
	number, text := t.kind == tokenInteger || t.kind == tokenHex, t.kind == tokenString
	one := func(words ...string) bool {
		return t.kind == tokenWord && slices.Contains(words, strings.ToUpper(raw))
	}
	switch option {
	case "ROW_FORMAT":
		return one("DEFAULT", "FIXED", "DYNAMIC", "COMPRESSED", "REDUNDANT", "COMPACT")
	case "INSERT_METHOD":
		return one("NO", "FIRST", "LAST")
	case "STORAGE":
		return one("DISK", "MEMORY")
	case "PACK_KEYS", "STATS_PERSISTENT", "STATS_AUTO_RECALC":
		return one("DEFAULT") || raw == "0" || raw == "1"
	case "STATS_SAMPLE_PAGES":
		return number || one("DEFAULT")
	case "AUTO_INCREMENT", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "AVG_ROW_LENGTH", "CHECKSUM", "TABLE_CHECKSUM", "DELAY_KEY_WRITE":
		return number
	case "AUTOEXTEND_SIZE":
		return !text
	case "COMMENT", "CONNECTION", "PASSWORD", "COMPRESSION", "ENCRYPTION", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE":
		return text
	}
	return !number
}

// createTable reads CREATE TABLE behind these two words.
func (s *textReader) createTable() *tableSpec {
	t := &tableSpec{ifNotExists: s.ifNotExists()}
	t.name = s.object()
	if s.accept("LIKE") {
		o := s.object()
		t.like = &o
		return t
	}
	if s.is("(", "LIKE") {
		s.at += 2
		o := s.object()
		t.like = &o
		s.expect(")")
		return t
	}
	if s.is("(") && !s.is("(", "SELECT") && !s.is("(", "WITH") && !s.is("(", "(") {
		s.parenthesised(func() { s.tableElement(t) })
	}
	for s.err == nil && s.tableOption(&t.options) {
		s.accept(",")
	}
	if s.accept("PARTITION", "BY") {
		t.partitioning = s.partitioning()
	}
	t.replace = s.one("IGNORE", "REPLACE")
	if s.accept("AS") || s.is("SELECT") || s.is("WITH") || s.is("(") || s.is("TABLE") || s.is("VALUES") {
		t.query = s.rest()
	}
	return t
}
