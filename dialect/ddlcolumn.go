package dialect

import (
	"math"
	"strconv"
	"strings"

	"marmot/geometry"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// typeSpec is a column type as written.
type typeSpec struct {
	name               string // upper case, synonyms as written
	words              string // all that was written for the name: NATIONAL VARCHAR, DOUBLE PRECISION
	length, scale      int    // -1: not given
	unsigned, zerofill bool
	charset, collation string
	modifier           string   // the last SIGNED or UNSIGNED
	named              string   // the character set behind CHARACTER SET, as written
	binary             bool     // BINARY behind a character type
	national           bool     // NCHAR and its like: the character set was not named
	spelled            []string // ASCII and UNICODE in place of a character set
	members            []string
	quoted             []string // members as they stand between single quotes
	srid               uint32
	sridGiven          bool
}

// columnSpec is a column definition as written.
type columnSpec struct {
	name          string
	typ           typeSpec
	null, notNull bool
	def           *defaultSpec
	onUpdate      int // fraction digits of ON UPDATE CURRENT_TIMESTAMP, -1 without
	autoIncrement bool
	primary       bool
	unique        bool
	comment       string
	invisible     bool
	generated     string // expression of a generated column, "" of others
	stored        bool
	reference     *foreignSpec
	checks        []checkSpec
	listed        bool // in ADD (…)
}

// defaultSpec is a DEFAULT clause as written.
type defaultSpec struct {
	literal    token // of kind tokenEnd for NULL
	negative   bool
	prefix     string // + in front of a number; N, DATE, TIME or TIMESTAMP in front of a string
	word       string // TRUE, FALSE or NULL
	spelled    string // the word as written
	now        int    // fraction digits of CURRENT_TIMESTAMP, -1 for others
	expression string
}

// column reads a column's definition behind its name.
func (s *textReader) column(name string) columnSpec {
	c := columnSpec{name: name, onUpdate: -1}
	if s.accept("SERIAL") {
		c.typ = typeSpec{name: "BIGINT", words: "SERIAL", length: -1, scale: -1, unsigned: true}
		c.notNull, c.autoIncrement, c.unique = true, true, true
	} else {
		c.typ = s.columnType()
	}
	for first := true; s.err == nil; {
		typed := s.is("COLLATE") // which belongs to the type yet
		if !first && (s.is("GENERATED") || s.is("AS")) || !s.attribute(&c) {
			break
		}
		first = first && typed
	}
	return c
}

// columnType reads a type with its own attributes.
func (s *textReader) columnType() typeSpec {
	t := typeSpec{length: -1, scale: -1}
	s.typeName(&t)
	switch t.name {
	case "ENUM", "SET":
		s.parenthesised(func() {
			if m := s.token(); m.kind == tokenHex {
				t.members = append(t.members, s.hex())
				t.quoted = append(t.quoted, s.raw(m))
			} else {
				t.members = append(t.members, s.str())
				t.quoted = append(t.quoted, insideSingleQuotes(s.raw(m)))
			}
		})
	case "VARCHAR", "VARBINARY":
		s.expect("(")
		t.length = int(min(s.number(), 1<<40))
		s.expect(")")
	default:
		if s.accept("(") {
			t.length = int(min(s.number(), 1<<40))
			if t.name == "DOUBLE" && !s.is(",") {
				s.wrong()
			}
			if s.accept(",") {
				t.scale = int(min(s.number(), 1<<40))
			}
			s.expect(")")
		}
	}
	for {
		switch {
		case s.accept("UNSIGNED"):
			t.unsigned, t.modifier = true, "UNSIGNED"
		case s.accept("SIGNED"):
			t.modifier = "SIGNED"
		case s.accept("ZEROFILL"):
			t.zerofill, t.unsigned = true, true
		case t.hasCharset() && (s.is("CHARACTER", "SET") || s.is("CHAR", "SET") || s.is("CHARSET")):
			t.charset = s.charset()
			t.named = t.charset
		case s.accept("ASCII"):
			t.charset = "latin1"
			t.spelled = append(t.spelled, "ASCII")
		case s.accept("UNICODE"):
			t.charset = "ucs2"
			t.spelled = append(t.spelled, "UNICODE")
		case s.accept("BYTE"):
			t.charset = "binary"
		case s.accept("BINARY"):
			t.binary = true
		default:
			return t
		}
	}
}

// hasCharset reports whether a character set may follow the type's name.
func (w *typeSpec) hasCharset() bool {
	switch w.name {
	case "CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET":
		return true
	}
	return false
}

// insideSingleQuotes is what stands between the quotes of a string, as it would stand between single ones.
func insideSingleQuotes(raw string) string {
	if len(raw) < 2 {
		return raw
	}
	text := raw[1 : len(raw)-1]
	if raw[0] == '"' {
		text = strings.ReplaceAll(text, "'", "''")
	}
	return text
}

// charset reads CHARACTER SET name.
func (s *textReader) charset() string {
	if !s.accept("CHARSET") {
		s.at += 2
	}
	s.accept("=")
	return s.word()
}

// typeName reads the words of a type's name and leaves one that stands for it in t.
func (s *textReader) typeName(t *typeSpec) {
	national := s.accept("NATIONAL")
	name := strings.ToUpper(s.anyName())
	t.words = name
	if national {
		t.words = "NATIONAL " + name
	}
	more := func(words ...string) bool {
		if !s.accept(words...) {
			return false
		}
		t.words += " " + strings.Join(words, " ")
		return true
	}
	switch name {
	case "CHAR", "CHARACTER", "NCHAR":
		national = national || name == "NCHAR"
		name = "CHAR"
		if more("VARYING") || more("VARCHAR") || more("VARCHARACTER") {
			name = "VARCHAR"
		}
	case "VARCHARACTER", "NVARCHAR":
		national = national || name == "NVARCHAR"
		name = "VARCHAR"
	case "VARCHAR":
	case "DOUBLE":
		more("PRECISION")
	case "LONG":
		name = "MEDIUMTEXT"
		switch {
		case more("VARBINARY"):
			name = "MEDIUMBLOB"
		case more("VARCHAR"), more("VARCHARACTER"), more("CHAR", "VARYING"), more("CHARACTER", "VARYING"):
		}
	}
	if national {
		if name != "CHAR" && name != "VARCHAR" {
			s.wrong()
		}
		t.charset, t.national = "utf8mb3", true
	}
	t.name = name
}

// hex reads a hexadecimal or bit literal and returns its bytes.
func (s *textReader) hex() string {
	t := s.advance()
	v, ok := bytesLiteral(s.raw(t))
	if !ok {
		s.fail(syntaxError(s.src, t.start))
	}
	return string(v)
}

// bytesLiteral returns the bytes of 0x…, x'…', 0b… and b'…'.
func bytesLiteral(raw string) ([]byte, bool) {
	digits := raw[2:]
	if raw[1] == '\'' {
		digits = raw[2 : len(raw)-1]
	}
	base, width := 16, 2
	if raw[0] == 'b' || raw[0] == 'B' || raw[1] == 'b' {
		base, width = 2, 8
	}
	if n := len(digits) % width; n != 0 {
		digits = strings.Repeat("0", width-n) + digits
	}
	out := make([]byte, 0, len(digits)/width)
	for ; digits != ""; digits = digits[width:] {
		n, err := strconv.ParseUint(digits[:width], base, 8)
		if err != nil {
			return nil, false
		}
		out = append(out, byte(n))
	}
	return out, true
}

// attribute reads one attribute of a column; false when none follows.
func (s *textReader) attribute(c *columnSpec) bool {
	switch {
	case s.accept("NOT", "NULL"):
		c.notNull = true
	case s.accept("NULL"):
		c.null = true
	case s.accept("DEFAULT"):
		c.def = s.defaultValue()
	case s.accept("ON", "UPDATE"):
		if c.onUpdate = s.now(); c.onUpdate < 0 {
			s.wrong()
		}
	case s.accept("AUTO_INCREMENT"):
		c.autoIncrement = true
	case s.accept("SERIAL", "DEFAULT", "VALUE"):
		c.autoIncrement, c.notNull, c.unique = true, true, true
	case s.accept("UNIQUE"):
		s.accept("KEY")
		c.unique = true
	case s.accept("PRIMARY", "KEY"), s.accept("KEY"):
		c.primary = true
	case s.accept("COMMENT"):
		c.comment = s.str()
	case s.accept("COLLATE"):
		c.typ.collation = s.word()
	case s.accept("GENERATED", "ALWAYS"), s.is("AS"):
		s.expect("AS")
		c.generated = s.balanced()
	case s.accept("VIRTUAL"):
		c.stored = false
	case s.accept("STORED"):
		c.stored = true
	default:
		return s.rareAttribute(c)
	}
	return true
}

func (s *textReader) rareAttribute(c *columnSpec) bool {
	switch {
	case s.accept("VISIBLE"):
		c.invisible = false
	case s.accept("INVISIBLE"):
		c.invisible = true
	case s.accept("COLUMN_FORMAT"):
		s.one("FIXED", "DYNAMIC", "DEFAULT")
	case s.accept("STORAGE"):
		s.one("DISK", "MEMORY", "DEFAULT")
	case s.accept("ENGINE_ATTRIBUTE"), s.accept("SECONDARY_ENGINE_ATTRIBUTE"):
		s.accept("=")
		s.str()
	case s.accept("SRID"):
		n := s.number()
		c.typ.srid, c.typ.sridGiven = uint32(n), true
		if _, ok := geometry.LookupSystem(uint32(n)); s.err == nil && (!ok || n > math.MaxUint32) {
			s.fail(mysqlerr.New(3548, n))
		}
	case s.is("REFERENCES"):
		c.reference = &foreignSpec{columns: []string{c.name}}
		s.references(c.reference)
	case s.is("CHECK"), s.is("CONSTRAINT"):
		name := ""
		if s.accept("CONSTRAINT") && !s.is("CHECK") {
			name = s.name()
		}
		c.checks = append(c.checks, s.check(name, c.name))
	default:
		return false
	}
	return true
}

// now reads CURRENT_TIMESTAMP, NOW(), LOCALTIME or LOCALTIMESTAMP and returns the fraction
// digits, or -1 if something else is next.
func (s *textReader) now() int {
	word := s.one("CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
	if word == "" {
		if !s.is("NOW", "(") {
			return -1
		}
		s.at++
	}
	digits := 0
	if s.accept("(") {
		if s.token().kind == tokenInteger {
			digits = int(min(s.number(), 1000))
		}
		s.expect(")")
	}
	return digits
}

// defaultValue reads what follows DEFAULT.
func (s *textReader) defaultValue() *defaultSpec {
	d := &defaultSpec{now: -1}
	if s.is("(") {
		d.expression = s.balanced()
		return d
	}
	if d.now = s.now(); d.now >= 0 {
		return d
	}
	word := s.token()
	if d.word = s.one("NULL", "TRUE", "FALSE"); d.word != "" {
		d.spelled = s.raw(word)
		return d
	}
	if s.token().kind == tokenWord && strings.HasPrefix(s.raw(s.token()), "_") && s.ahead(1).kind == tokenString {
		s.at++ // _utf8mb4'…'
	}
	if s.accept("-") {
		d.negative = true
	} else if s.accept("+") {
		d.prefix = "+"
	}
	switch t := s.token(); t.kind {
	case tokenInteger, tokenDecimal, tokenFloat:
		d.literal = s.advance()
	case tokenString, tokenHex:
		d.literal = s.advance()
		if d.negative {
			s.wrong()
		}
	case tokenWord:
		if len(s.raw(t)) == 1 && strings.EqualFold(s.raw(t), "N") && s.ahead(1).kind == tokenString {
			d.prefix = s.raw(s.advance())
			d.literal = s.advance()
			break
		}
		if s.isTemporalWord() {
			d.prefix = s.raw(s.advance())
			d.literal = s.advance()
			break
		}
		s.wrong()
	default:
		s.wrong()
	}
	return d
}

// isTemporalWord reports whether DATE '…', TIME '…' or TIMESTAMP '…' is next.
func (s *textReader) isTemporalWord() bool {
	return (s.is("DATE") || s.is("TIME") || s.is("TIMESTAMP")) && s.ahead(1).kind == tokenString
}

// checkSpec is a CHECK constraint as written.
type checkSpec struct {
	name       string
	expression string
	enforced   bool
	column     string // of a column's own constraint, which may name no other
}

// check reads CHECK (…) [[NOT] ENFORCED].
func (s *textReader) check(name, column string) checkSpec {
	s.expect("CHECK")
	k := checkSpec{name: name, expression: s.balanced(), enforced: true, column: column}
	if s.accept("NOT", "ENFORCED") {
		k.enforced = false
	} else {
		s.accept("ENFORCED")
	}
	return k
}

// incorrectSpecifier is error 1063.
func incorrectSpecifier(column string) error {
	return mysqlerr.New(mysql.ER_WRONG_FIELD_SPEC, column)
}
