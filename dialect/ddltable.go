package dialect

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// tableBuilder turns what a client wrote into a table's definition, by MySQL's rules.
type tableBuilder struct {
	c        *Context // its Catalog is the one the statement is worked out on
	e        Environment
	s        *textReader // the source of literals
	table    *schemas.Table
	warnings []*mysqlerr.Error
	explicit map[string]bool // columns that are NULL in so many words
	// positions for names that are made up
	foreignNumber, checkNumber int
}

// newTableBuilder begins a table in an existing database, whose character set it takes over.
func newTableBuilder(c *Context, e Environment, s *textReader, name ObjectName) (*tableBuilder, error) {
	d := c.Catalog.Database(name.Database)
	if d == nil {
		return nil, mysqlerr.New(mysql.ER_BAD_DB_ERROR, name.Database)
	}
	t := &schemas.Table{Database: d.Name, DBID: d.ID, Name: name.Name, AutoIncrement: -1, Engine: "InnoDB",
		Charset: d.Charset, Collation: d.Collation, CreatedUS: e.Now().UnixMicro()}
	if t.Charset == "" {
		t.Charset, t.Collation = "utf8mb4", "utf8mb4_0900_ai_ci"
	}
	return &tableBuilder{c: c, e: e, s: s, table: t, explicit: map[string]bool{}}, nil
}

// build makes a whole definition of CREATE TABLE.
func (b *tableBuilder) build(spec *tableSpec) error {
	if err := b.options(spec.options); err != nil {
		return err
	}
	for i := range spec.columns {
		c, err := b.column(&spec.columns[i])
		if err != nil {
			return err
		}
		if spec.columns[i].autoIncrement {
			if b.table.AutoIncrement >= 0 {
				return mysqlerr.New(mysql.ER_WRONG_AUTO_KEY)
			}
			b.table.AutoIncrement = i
		}
		if err := b.insertColumn(c, len(b.table.Columns)); err != nil {
			return err
		}
	}
	for _, c := range spec.selected {
		if err := b.insertColumn(c, len(b.table.Columns)); err != nil {
			return err
		}
	}
	return b.finish(spec)
}

// finish adds keys and constraints to the columns and checks the whole.
func (b *tableBuilder) finish(spec *tableSpec) error {
	if len(b.table.Columns) == 0 {
		return mysqlerr.New(mysql.ER_TABLE_MUST_HAVE_COLUMNS)
	}
	if !slices.ContainsFunc(b.table.Columns, func(c schemas.Column) bool { return !c.Invisible }) {
		return mysqlerr.New(4028)
	}
	if err := b.indexes(spec.indexes); err != nil {
		return err
	}
	if err := b.autoColumn(); err != nil {
		return err
	}
	if err := b.foreignKeys(spec.foreign); err != nil {
		return err
	}
	if err := b.checks(spec.checks); err != nil {
		return err
	}
	if err := b.expressions(); err != nil {
		return err
	}
	if err := b.partitions(spec.partitioning.Clone()); err != nil {
		return err
	}
	return b.rowSize()
}

// maxColumns is how many columns InnoDB allows.
const maxColumns = 1017

// insertColumn puts a column at a place.
func (b *tableBuilder) insertColumn(c schemas.Column, at int) error {
	if b.table.ColumnIndex(c.Name) >= 0 {
		return mysqlerr.New(mysql.ER_DUP_FIELDNAME, c.Name)
	}
	if len(b.table.Columns) >= maxColumns {
		return mysqlerr.New(mysql.ER_TOO_MANY_FIELDS)
	}
	b.table.Columns = slices.Insert(b.table.Columns, at, c)
	return nil
}

// checkName refuses names that MySQL refuses: empty ones and those with spaces at the end.
func checkName(name string, code uint16) error {
	if name == "" || strings.HasSuffix(name, " ") || strings.ContainsRune(name, 0) {
		return mysqlerr.New(code, name)
	}
	return nil
}

// column makes a column of its definition. Keys and constraints in it are the caller's.
func (b *tableBuilder) column(w *columnSpec) (schemas.Column, error) {
	c := schemas.Column{Name: w.name, Comment: b.comment(w.comment), Invisible: w.invisible, Listed: w.listed}
	if err := checkName(w.name, mysql.ER_WRONG_COLUMN_NAME); err != nil {
		return c, err
	}
	if strings.EqualFold(w.name, schemas.HiddenColumn) {
		return c, mysqlerr.New(mysql.ER_WRONG_COLUMN_NAME, w.name)
	}
	if utf8.RuneCountInString(w.comment) > 1024 {
		return c, mysqlerr.New(mysql.ER_TOO_LONG_FIELD_COMMENT, w.name, 1024)
	}
	var err error
	if c.Type, c.CharsetGiven, err = b.typeOf(w.name, &w.typ); err != nil {
		return c, err
	}
	c.Nullable = !w.notNull
	if w.null && !w.notNull {
		b.explicit[strings.ToLower(w.name)] = true
	}
	if w.generated != "" {
		return c, b.generatedColumn(&c, w)
	}
	if w.autoIncrement {
		c.Nullable = false
		if !c.Type.IsInteger() {
			return c, incorrectSpecifier(w.name)
		}
		if w.def != nil {
			return c, mysqlerr.New(mysql.ER_INVALID_DEFAULT, w.name)
		}
	}
	if w.onUpdate >= 0 {
		if c.Type.Kind != schemas.DateTime && c.Type.Kind != schemas.Timestamp || w.onUpdate != c.Type.Decimals {
			return c, mysqlerr.New(mysql.ER_INVALID_ON_UPDATE, w.name)
		}
		c.OnUpdateNow = true
	}
	if w.def != nil {
		c.Default, err = b.defaultOf(&c, w.def, w.notNull || w.primary)
	}
	return c, err
}

func (b *tableBuilder) generatedColumn(c *schemas.Column, w *columnSpec) error {
	switch {
	case w.def != nil:
		return mysqlerr.New(mysql.ER_WRONG_USAGE, "DEFAULT", "generated column")
	case w.autoIncrement:
		return mysqlerr.New(mysql.ER_WRONG_USAGE, "AUTO_INCREMENT", "generated column")
	case w.onUpdate >= 0:
		return mysqlerr.New(mysql.ER_WRONG_USAGE, "ON UPDATE", "generated column")
	}
	tree, err := parseColumns(w.generated)
	if err != nil {
		return err
	}
	c.Generated = &schemas.Generated{Expression: expressionText(tree, b.charset()), Stored: w.stored}
	return nil
}

// charset is the introducer that strings in stored expressions get.
func (b *tableBuilder) charset() string {
	if co := schemas.LookupCollation(b.c.Collation); co != nil {
		return co.Charset
	}
	return "utf8mb4"
}

// defaultOf makes a column's default. nil stands for DEFAULT NULL.
func (b *tableBuilder) defaultOf(c *schemas.Column, w *defaultSpec, notNull bool) (*schemas.Default, error) {
	invalid := mysqlerr.New(mysql.ER_INVALID_DEFAULT, c.Name)
	switch {
	case w.expression != "":
		tree, err := parseColumns(w.expression)
		if err != nil {
			return nil, err
		}
		return &schemas.Default{Expression: expressionText(tree, b.charset())}, nil
	case w.now >= 0:
		if c.Type.Kind != schemas.DateTime && c.Type.Kind != schemas.Timestamp || w.now != c.Type.Decimals {
			return nil, invalid
		}
		return &schemas.Default{Now: true}, nil
	case w.word == "NULL":
		if notNull {
			return nil, invalid
		}
		return nil, nil
	case c.Type.IsLarge():
		return nil, mysqlerr.Newf(mysql.ER_BLOB_CANT_HAVE_DEFAULT, "BLOB, TEXT, GEOMETRY or JSON column '%s' can't have a default value", c.Name)
	}
	v, ok := b.literal(w, c.Type)
	if !ok || (c.Type.Kind == schemas.Enum || c.Type.Kind == schemas.Set) && (w.literal.kind != tokenString || isNumber(v.Bytes(), c.Type.Members)) {
		return nil, invalid
	}
	stored, _, err := schemas.Convert(c.Type, c.Name, v, b.assignment())
	if err != nil {
		return nil, invalid.Wrap(err)
	}
	stored = stored.Clone()
	def := &schemas.Default{Literal: stored, Text: b.defaultText(c.Type, stored)}
	shown := def.Text
	if w.literal.kind == tokenString && c.Type.IsText() {
		shown = schemas.QuoteMySQL(def.Text)
		shown = shown[1 : len(shown)-1]
	}
	if written := b.written(w); written != def.Text || written != shown {
		def.Written = written
	}
	return def, nil
}

// written is a literal as the statement has it, without the quotes of a string.
func (b *tableBuilder) written(w *defaultSpec) string {
	if w.word != "" {
		return w.spelled
	}
	raw := string(b.s.src[w.literal.start:w.literal.end])
	switch quoted := raw[0] == '\'' || raw[0] == '"'; {
	case quoted && w.prefix != "":
		return w.prefix + "'" + insideSingleQuotes(raw) + "'"
	case quoted:
		return raw[1 : len(raw)-1]
	case w.negative:
		return "-" + raw
	}
	return w.prefix + raw
}

// isNumber reports whether a text is a number that no member is written as; defaults are members by their names.
func isNumber(text []byte, members []string) bool {
	_, err := strconv.ParseUint(string(text), 10, 64)
	return err == nil && !slices.Contains(members, string(text))
}

// assignment is how literals become defaults: strictly, whatever the mode.
func (b *tableBuilder) assignment() schemas.Assignment {
	mode := b.c.Mode
	strict := mode&(StrictTransTables|StrictAllTables) != 0
	return schemas.Assignment{Strict: true, NoZeroDate: strict && mode&NoZeroDate != 0, NoZeroInDate: strict && mode&NoZeroInDate != 0,
		AllowInvalidDates: mode&AllowInvalidDates != 0, TruncateFraction: mode&TimeTruncateFractional != 0, Zone: b.e.Zone(), Now: b.e.Now()}
}

// literal reads the value of a literal default.
func (b *tableBuilder) literal(w *defaultSpec, t schemas.Type) (txn.Value, bool) {
	switch w.word {
	case "TRUE":
		return txn.Int(1), true
	case "FALSE":
		return txn.Int(0), true
	}
	raw := b.s.src[w.literal.start:w.literal.end]
	if w.literal.kind == tokenHex {
		v, ok := bytesLiteral(string(raw))
		if t.IsNumeric() && ok && len(v) <= 8 {
			n := int64(0)
			for _, c := range v {
				n = n<<8 | int64(c)
			}
			return txn.Int(n), true
		}
		return txn.Blob(v), ok
	}
	class, v := classLiteral(w.literal, raw, b.c.Mode)
	if class == 0 && (w.literal.kind == tokenInteger || w.literal.kind == tokenDecimal) {
		v = txn.Text(raw)
	} else if class == 0 {
		return v, false
	}
	if !w.negative || class == 'd' && strings.Trim(string(v.Bytes()), "0.") == "" { // a decimal zero has no sign
		return v, true
	}
	switch v.Kind() {
	case txn.KindInteger:
		return txn.Int(-v.Int64()), true
	case txn.KindReal:
		return txn.Real(-v.Float64()), true
	}
	return txn.TextString("-" + string(v.Bytes())), true
}

// defaultText is a stored default as SHOW CREATE TABLE prints it.
func (b *tableBuilder) defaultText(t schemas.Type, v txn.Value) string {
	switch {
	case t.Kind == schemas.Bit:
		var n uint64
		if v.Kind() == txn.KindInteger {
			n = uint64(v.Int64())
		}
		for _, c := range v.Bytes() {
			n = n<<8 | uint64(c)
		}
		return "b'" + strconv.FormatUint(n, 2) + "'"
	case t.IsBlob() && !utf8.Valid(v.Bytes()):
		return "0x" + strings.ToUpper(hex.EncodeToString(v.Bytes()))
	case t.Kind == schemas.Timestamp:
		return timestampText(v, b.e.Zone(), t.Decimals)
	}
	return string(schemas.AppendText(nil, t, v))
}

// options reads table options into the definition.
func (b *tableBuilder) options(list []optionSpec) error {
	var charset, collation string
	b.warnings = append(b.warnings, optionWarnings(list)...)
	for _, o := range list {
		switch o.name {
		case "CHARSET", "COLLATE":
			if strings.EqualFold(o.value, "DEFAULT") {
				continue
			}
			if err := conflictingCharset(&charset, &collation, o); err != nil {
				return err
			}
		case "ENGINE":
			name := engineName(o.value)
			if name == "" {
				return mysqlerr.New(mysql.ER_UNKNOWN_STORAGE_ENGINE, o.value)
			}
			b.table.Engine = name
		case "AUTO_INCREMENT":
			n, err := strconv.ParseUint(o.value, 10, 64)
			if err != nil {
				return mysqlerr.New(mysql.ER_WRONG_VALUE, "AUTO_INCREMENT", o.value)
			}
			b.table.AutoIncrementStart = n
		case "COMMENT":
			if utf8.RuneCountInString(o.value) > 2048 {
				return mysqlerr.New(mysql.ER_TOO_LONG_TABLE_COMMENT, b.table.Name, 2048)
			}
			b.table.Comment = b.comment(o.value)
		default:
			b.setOption(o)
		}
	}
	charset, collation, err := charsetOf(charset, collation)
	if err == nil && charset != "" {
		b.table.Charset, b.table.Collation = charset, collation
	}
	return err
}

// conflictingCharset merges CHARSET and COLLATE options; two that contradict are an error.
func conflictingCharset(charset, collation *string, o optionSpec) error {
	if o.name == "COLLATE" {
		co := schemas.LookupCollation(o.value)
		if co == nil {
			return mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, o.value)
		}
		if *charset != "" && *charset != co.Charset {
			return mysqlerr.New(mysql.ER_COLLATION_CHARSET_MISMATCH, co.Name, *charset)
		}
		*collation = co.Name
		return nil
	}
	cs, ok := schemas.LookupCharset(o.value)
	if !ok {
		return mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, o.value)
	}
	before := *charset
	if co := schemas.LookupCollation(*collation); co != nil {
		before = co.Charset
	}
	if before != "" && before != cs.Name {
		return mysqlerr.New(mysql.ER_CONFLICTING_DECLARATIONS, "CHARACTER SET ", before, "CHARACTER SET ", cs.Name)
	}
	*charset = cs.Name
	return nil
}

// setOption keeps an option that only SHOW CREATE TABLE prints; DEFAULT takes it away.
func (b *tableBuilder) setOption(o optionSpec) {
	switch o.name {
	case "TABLE_CHECKSUM":
		o.name = "CHECKSUM"
	case "ROW_FORMAT":
		o.value = strings.ToUpper(o.value)
	}
	t := b.table
	t.Options = slices.DeleteFunc(t.Options, func(x schemas.Option) bool { return x.Name == o.name })
	if strings.EqualFold(o.value, "DEFAULT") || o.name == "ENCRYPTION" && strings.EqualFold(o.value, "N") {
		return
	}
	t.Options = append(t.Options, schemas.Option{Name: o.name, Value: o.value})
}

// engineName returns MySQL's spelling of an engine that tables may name; all are Marmot's own.
func engineName(name string) string {
	switch strings.ToUpper(name) {
	case "INNODB", "INNOBASE":
		return "InnoDB"
	case "MYISAM":
		return "MyISAM"
	case "MEMORY", "HEAP":
		return "MEMORY"
	case "CSV":
		return "CSV"
	case "ARCHIVE":
		return "ARCHIVE"
	}
	return ""
}

// autoColumn finds the AUTO_INCREMENT column, which must lead an index.
func (b *tableBuilder) autoColumn() error {
	i := b.table.AutoIncrement
	if i < 0 {
		return nil
	}
	leads := func(ix *schemas.Index) bool { return ix != nil && len(ix.Parts) > 0 && ix.Parts[0].Column == i }
	if leads(b.table.Primary) {
		return nil
	}
	for j := range b.table.Indexes {
		if ix := &b.table.Indexes[j]; leads(ix) && !ix.Fulltext && !ix.Spatial {
			return nil
		}
	}
	return mysqlerr.New(mysql.ER_WRONG_AUTO_KEY)
}

// maxRowBytes is the longest row, not counting BLOBs and TEXTs.
const maxRowBytes = 65535

// rowSize refuses tables whose rows MySQL could not hold.
func (b *tableBuilder) rowSize() error {
	total, nulls := 0, 0
	for i := range b.table.Columns {
		c := &b.table.Columns[i]
		if c.Hidden {
			continue
		}
		total += rowBytes(&c.Type)
		if c.Nullable {
			nulls++
		}
	}
	if total+(nulls+7)/8 > maxRowBytes {
		return mysqlerr.New(mysql.ER_TOO_BIG_ROWSIZE, maxRowBytes)
	}
	return nil
}

// rowBytes is the room that MySQL reserves for a column in a row.
func rowBytes(t *schemas.Type) int {
	switch t.Kind {
	case schemas.VarChar, schemas.VarBinary:
		n := t.Length * maxLen(t)
		if n > 255 {
			return n + 2
		}
		return n + 1
	case schemas.Char, schemas.Binary:
		return t.Length * maxLen(t)
	case schemas.TinyInt, schemas.Year:
		return 1
	case schemas.SmallInt, schemas.Enum:
		return 2
	case schemas.MediumInt, schemas.Date, schemas.Time:
		return 3
	case schemas.Int, schemas.Float, schemas.Timestamp:
		return 4
	case schemas.Decimal:
		return (t.Length + 1) / 2
	}
	return 8
}
