package dialect

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// alterKind is what one action of ALTER TABLE does.
type alterKind uint8

const (
	alterAddColumn alterKind = iota + 1
	alterChangeColumn
	alterRenameColumn
	alterDropColumn
	alterSetDefault
	alterDropDefault
	alterColumnVisible
	alterDropIndex
	alterRenameIndex
	alterIndexVisible
	alterDropForeign
	alterDropCheck
	alterDropConstraint
	alterCheckEnforced
	alterConvert
)

// alterAction is one action of ALTER TABLE as written. Indexes, constraints and options to add
// are kept apart, in alterSpec.add.
type alterAction struct {
	kind    alterKind
	name    string // of the column, index or constraint
	to      string // its new name, of RENAME and CHANGE
	column  columnSpec
	first   bool
	after   string
	def     *defaultSpec
	flag    bool // visible, enforced
	charset string
	collate string
}

// alterSpec is ALTER TABLE as written.
type alterSpec struct {
	name     ObjectName
	actions  []alterAction
	add      tableSpec
	renameTo *ObjectName
	order    []columnPath // ORDER BY
	// partition is what happens to partitions, or nil.
	partition *partitionChange
	force     bool // FORCE
	index     bool // it is CREATE INDEX or DROP INDEX
	how       alterHow
}

// planAlterTable plans ALTER TABLE behind these words.
func planAlterTable(c *Context, s *textReader) (*Plan, error) {
	a := &alterSpec{name: s.object()}
	if s.end() && s.err == nil {
		return planAlter(c, s, a)
	}
	for _, verb := range [...]string{"ANALYZE", "CHECK", "OPTIMIZE", "REPAIR"} {
		if s.is(verb, "PARTITION") {
			return planPartitionMaintenance(c, s, a.name)
		}
	}
	s.commas(func() { s.alterAction(a) })
	if s.err == nil && !s.end() && (s.is("PARTITION") || s.is("REMOVE")) { // behind the other actions, without a comma
		s.alterPartition(a)
	}
	return planAlter(c, s, a)
}

func planAlter(c *Context, s *textReader, a *alterSpec) (*Plan, error) {
	if err := s.finish(); err != nil {
		return nil, err
	}
	if err := a.how.check(); err != nil {
		return nil, err
	}
	lock := []ObjectName{a.name}
	for i := range a.add.foreign {
		p := a.add.foreign[i].parent
		if p.Database == "" {
			p.Database = a.name.Database
		}
		lock = append(lock, p)
	}
	if p := a.partition; p != nil && p.verb == partitionExchange {
		return planDefinition(c, s, append(lock, p.other), func(d *definition) error { return d.exchange(a.name, p) }), nil
	}
	return planDefinition(c, s, lock, func(d *definition) error {
		d.out.Altered = !a.onlyRenames() && (a.partition == nil || a.partition.verb != partitionTruncate)
		return d.alterTable(a)
	}), nil
}

// onlyRenames reports whether the statement gives the table another name and does nothing else.
func (a *alterSpec) onlyRenames() bool {
	return a.renameTo != nil && len(a.actions) == 0 && len(a.add.options) == 0 && len(a.add.indexes) == 0 && len(a.add.checks) == 0 &&
		len(a.add.foreign) == 0 && a.partition == nil
}

// planCreateIndex plans CREATE [kind] INDEX.
func planCreateIndex(c *Context, s *textReader) (*Plan, error) {
	a := &alterSpec{index: true}
	ix := indexSpec{}
	switch s.one("UNIQUE", "FULLTEXT", "SPATIAL") {
	case "UNIQUE":
		ix.kind = indexUnique
	case "FULLTEXT":
		ix.kind = indexFulltext
	case "SPATIAL":
		ix.kind = indexSpatial
	}
	s.expect("INDEX")
	ix.name = s.name()
	if s.accept("USING") {
		ix.using = s.indexType()
	}
	s.expect("ON")
	a.name = s.object()
	using := ix.using
	s.indexBody(&ix)
	if ix.using == "" && using == "BTREE" {
		ix.using = using
	}
	s.algorithmAndLock(&a.how)
	a.add.indexes = append(a.add.indexes, ix)
	return planAlter(c, s, a)
}

// planDropIndex plans DROP INDEX behind these words.
func planDropIndex(c *Context, s *textReader) (*Plan, error) {
	a := &alterSpec{index: true}
	name := s.name()
	s.expect("ON")
	a.name = s.object()
	s.algorithmAndLock(&a.how)
	a.actions = append(a.actions, alterAction{kind: alterDropIndex, name: name})
	return planAlter(c, s, a)
}

// algorithmAndLock reads ALGORITHM and LOCK, which choose nothing here but have to fit each other.
func (s *textReader) algorithmAndLock(h *alterHow) bool {
	any := false
	for {
		list, code, to := []string{"DEFAULT", "INSTANT", "INPLACE", "COPY"}, uint16(mysql.ER_UNKNOWN_ALTER_ALGORITHM), &h.algorithm
		if s.accept("LOCK") {
			list, code, to = []string{"DEFAULT", "NONE", "SHARED", "EXCLUSIVE"}, mysql.ER_UNKNOWN_ALTER_LOCK, &h.lock
		} else if !s.accept("ALGORITHM") {
			return any
		}
		any = true
		s.accept("=")
		word := s.anyName()
		*to = strings.ToUpper(word)
		if s.err == nil && !slices.Contains(list, *to) {
			s.fail(mysqlerr.New(code, word))
		}
	}
}

// alterHow is what a statement says of how a table is to be changed.
type alterHow struct{ algorithm, lock string }

// check refuses an algorithm and a lock that exclude each other.
func (h alterHow) check() error {
	switch {
	case h.algorithm == "INSTANT" && h.lock != "" && h.lock != "DEFAULT":
		return mysqlerr.New(mysql.ER_WRONG_USAGE, "ALGORITHM=INSTANT", "LOCK=NONE/SHARED/EXCLUSIVE")
	case h.algorithm == "COPY" && h.lock == "NONE":
		return mysqlerr.New(mysql.ER_ALTER_OPERATION_NOT_SUPPORTED_REASON, "LOCK=NONE", "COPY algorithm requires a lock", "LOCK=SHARED")
	}
	return nil
}

// columnPath is a column as ORDER BY of ALTER TABLE names it.
type columnPath struct{ database, table, column string }

// columnPath reads [[database.]table.]column.
func (s *textReader) columnPath() columnPath {
	p := columnPath{column: s.name()}
	for i := 0; i < 2 && s.accept("."); i++ {
		p.database, p.table, p.column = p.table, p.column, s.anyName()
	}
	return p
}

func (p columnPath) String() string {
	path := p.column
	if p.table != "" {
		path = p.table + "." + path
	}
	if p.database != "" {
		path = p.database + "." + path
	}
	return path
}

// checkOrder refuses columns of ORDER BY that the table does not have.
func (a *alterSpec) checkOrder(t *schemas.Table) error {
	for _, p := range a.order {
		known := slices.ContainsFunc(t.Columns, func(c schemas.Column) bool { return strings.EqualFold(c.Name, p.column) })
		if !known || p.table != "" && p.table != t.Name || p.database != "" && p.database != a.name.Database {
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, p.String(), "order clause")
		}
	}
	return nil
}

// alterAction reads one action.
func (s *textReader) alterAction(a *alterSpec) {
	switch {
	case s.accept("ADD"):
		s.alterAdd(a)
	case s.accept("DROP"):
		s.alterDrop(a)
	case s.accept("MODIFY"):
		s.accept("COLUMN")
		name := s.name()
		s.alterColumn(a, name, s.column(name), alterChangeColumn)
	case s.accept("CHANGE"):
		s.accept("COLUMN")
		old := s.name()
		name := s.name()
		s.alterColumn(a, old, s.column(name), alterChangeColumn)
		a.actions[len(a.actions)-1].to = name
	case s.accept("ALTER"):
		s.alterAlter(a)
	case s.accept("RENAME"):
		s.alterRename(a)
	case s.accept("CONVERT", "TO"):
		s.alterConvert(a)
	case s.accept("ORDER", "BY"): // rows have the order of the primary key
		s.commas(func() {
			a.order = append(a.order, s.columnPath())
			s.one("ASC", "DESC")
		})
	case s.accept("FORCE"):
		a.force = true
	case s.accept("ENABLE", "KEYS"), s.accept("DISABLE", "KEYS"), s.accept("WITH", "VALIDATION"),
		s.accept("WITHOUT", "VALIDATION"), s.algorithmAndLock(&a.how):
	case s.isPartitioning():
		s.alterPartition(a)
	default:
		s.alterOptions(a)
		for s.is("PARTITION") || s.is("REMOVE") {
			s.alterPartition(a)
		}
	}
}

func (s *textReader) isPartitioning() bool {
	for _, w := range [...]string{"PARTITION", "REMOVE", "TRUNCATE", "COALESCE", "REORGANIZE", "EXCHANGE", "ANALYZE", "CHECK", "OPTIMIZE",
		"REBUILD", "REPAIR", "DISCARD", "IMPORT", "UPGRADE", "SECONDARY_LOAD", "SECONDARY_UNLOAD"} {
		if s.is(w) {
			return true
		}
	}
	return false
}

// alterOptions reads table options, which may follow one another without commas.
func (s *textReader) alterOptions(a *alterSpec) {
	if !s.tableOption(&a.add.options) {
		s.wrong()
	}
	for s.err == nil && s.tableOption(&a.add.options) {
		continue
	}
}

// alterColumn adds an action on a column whose definition may be followed by its place.
func (s *textReader) alterColumn(a *alterSpec, name string, c columnSpec, kind alterKind) {
	x := alterAction{kind: kind, name: name, column: c}
	if s.accept("FIRST") {
		x.first = true
	} else if s.accept("AFTER") {
		x.after = s.name()
	}
	a.actions = append(a.actions, x)
	holder := tableSpec{}
	holder.addColumn(&c) // the keys and constraints in the definition
	a.add.indexes = append(a.add.indexes, holder.indexes...)
	a.add.foreign = append(a.add.foreign, holder.foreign...)
	a.add.checks = append(a.add.checks, holder.checks...)
}

func (s *textReader) alterAdd(a *alterSpec) {
	switch {
	case s.isIndex(), s.is("CONSTRAINT"), s.is("FOREIGN"), s.is("CHECK"):
		s.constraint(&a.add)
	case s.is("PARTITION"):
		s.addPartition(a)
	default:
		s.accept("COLUMN")
		if s.is("(") {
			s.parenthesised(func() {
				if s.isIndex() || s.is("CONSTRAINT") || s.is("FOREIGN") || s.is("CHECK") {
					s.constraint(&a.add)
					return
				}
				name := s.name()
				c := s.column(name)
				c.listed = true
				s.alterColumn(a, name, c, alterAddColumn)
			})
			return
		}
		name := s.name()
		s.alterColumn(a, name, s.column(name), alterAddColumn)
	}
}

func (s *textReader) alterDrop(a *alterSpec) {
	x := alterAction{}
	switch {
	case s.accept("PRIMARY", "KEY"):
		x.kind, x.name = alterDropIndex, "PRIMARY"
	case s.accept("INDEX"), s.accept("KEY"):
		x.kind, x.name = alterDropIndex, s.name()
	case s.accept("FOREIGN", "KEY"):
		x.kind, x.name = alterDropForeign, s.name()
	case s.accept("CHECK"):
		x.kind, x.name = alterDropCheck, s.name()
	case s.accept("CONSTRAINT"):
		x.kind, x.name = alterDropConstraint, s.name()
	case s.is("PARTITION"):
		s.dropPartition(a)
		return
	default:
		s.accept("COLUMN")
		x.kind, x.name = alterDropColumn, s.name()
		s.one("RESTRICT", "CASCADE")
	}
	a.actions = append(a.actions, x)
}

func (s *textReader) alterAlter(a *alterSpec) {
	x := alterAction{}
	switch {
	case s.accept("INDEX"):
		x.kind, x.name = alterIndexVisible, s.name()
		x.flag = s.visibility()
	case s.accept("CHECK"), s.accept("CONSTRAINT"):
		x.kind, x.name = alterCheckEnforced, s.name()
		x.flag = !s.accept("NOT")
		s.expect("ENFORCED")
	default:
		s.accept("COLUMN")
		x.name = s.name()
		switch {
		case s.accept("SET", "DEFAULT"):
			x.kind, x.def = alterSetDefault, s.defaultValue()
		case s.accept("DROP", "DEFAULT"):
			x.kind = alterDropDefault
		case s.accept("SET"):
			x.kind, x.flag = alterColumnVisible, s.visibility()
		default:
			s.wrong()
		}
	}
	a.actions = append(a.actions, x)
}

func (s *textReader) visibility() bool {
	word := s.one("VISIBLE", "INVISIBLE")
	if word == "" {
		s.wrong()
	}
	return word == "VISIBLE"
}

func (s *textReader) alterRename(a *alterSpec) {
	x := alterAction{}
	switch {
	case s.accept("COLUMN"):
		x.kind = alterRenameColumn
	case s.accept("INDEX"), s.accept("KEY"):
		x.kind = alterRenameIndex
	default:
		if !s.accept("TO") && !s.accept("AS") {
			s.accept("=")
		}
		o := s.object()
		a.renameTo = &o
		return
	}
	x.name = s.name()
	s.expect("TO")
	x.to = s.name()
	a.actions = append(a.actions, x)
}

func (s *textReader) alterConvert(a *alterSpec) {
	x := alterAction{kind: alterConvert}
	if !s.is("CHARACTER", "SET") && !s.is("CHARSET") && !s.is("CHAR", "SET") {
		s.wrong()
		return
	}
	if s.is("CHARSET", "DEFAULT") || s.is("CHARACTER", "SET", "DEFAULT") || s.is("CHAR", "SET", "DEFAULT") {
		for !s.accept("DEFAULT") {
			s.at++
		}
		x.charset = "DEFAULT"
	} else {
		x.charset = s.charset()
	}
	if s.accept("COLLATE") {
		x.collate = s.word()
	}
	if s.err == nil && !strings.EqualFold(x.charset, "DEFAULT") {
		if _, _, err := charsetOf(x.charset, x.collate); err != nil {
			s.fail(err)
		}
	}
	a.actions = append(a.actions, x)
}

// cantDrop is error 1091.
func cantDrop(name string) error { return mysqlerr.New(mysql.ER_CANT_DROP_FIELD_OR_KEY, name) }
