package dialect

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// typeKinds maps every name of a type to its kind.
func typeKind(name string) (schemas.Kind, bool) {
	switch name {
	case "TINYINT", "INT1", "BOOL", "BOOLEAN":
		return schemas.TinyInt, true
	case "SMALLINT", "INT2":
		return schemas.SmallInt, true
	case "MEDIUMINT", "INT3", "MIDDLEINT":
		return schemas.MediumInt, true
	case "INT", "INTEGER", "INT4":
		return schemas.Int, true
	case "BIGINT", "INT8":
		return schemas.BigInt, true
	case "DECIMAL", "DEC", "NUMERIC", "FIXED":
		return schemas.Decimal, true
	case "FLOAT", "FLOAT4":
		return schemas.Float, true
	case "DOUBLE", "FLOAT8", "REAL":
		return schemas.Double, true
	case "BIT":
		return schemas.Bit, true
	case "DATE":
		return schemas.Date, true
	case "TIME":
		return schemas.Time, true
	case "DATETIME":
		return schemas.DateTime, true
	case "TIMESTAMP":
		return schemas.Timestamp, true
	case "YEAR":
		return schemas.Year, true
	case "JSON":
		return schemas.JSON, true
	case "VECTOR":
		return schemas.Vector, true
	case "GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
		"GEOMETRYCOLLECTION", "GEOMCOLLECTION":
		return schemas.Geometry, true
	}
	return textKind(name)
}

func textKind(name string) (schemas.Kind, bool) {
	switch name {
	case "CHAR":
		return schemas.Char, true
	case "VARCHAR":
		return schemas.VarChar, true
	case "TINYTEXT":
		return schemas.TinyText, true
	case "TEXT":
		return schemas.Text, true
	case "MEDIUMTEXT":
		return schemas.MediumText, true
	case "LONGTEXT":
		return schemas.LongText, true
	case "BINARY":
		return schemas.Binary, true
	case "VARBINARY":
		return schemas.VarBinary, true
	case "TINYBLOB":
		return schemas.TinyBlob, true
	case "BLOB":
		return schemas.Blob, true
	case "MEDIUMBLOB":
		return schemas.MediumBlob, true
	case "LONGBLOB":
		return schemas.LongBlob, true
	case "ENUM":
		return schemas.Enum, true
	case "SET":
		return schemas.Set, true
	}
	return 0, false
}

// typeOf turns a type as written into a type; charset and collation are the table's defaults.
// given reports whether the column named a character set or collation of its own.
func (b *tableBuilder) typeOf(column string, w *typeSpec) (t schemas.Type, given bool, err error) {
	kind, ok := typeKind(w.name)
	if w.name == "REAL" && b.c.Mode&RealAsFloat != 0 {
		kind = schemas.Float
	}
	if !ok {
		return t, false, mysqlerr.Newf(mysql.ER_PARSE_ERROR, "Unknown data type '%s' of column '%s'", w.name, column)
	}
	t = schemas.Type{Kind: kind, Unsigned: w.unsigned, Zerofill: w.zerofill, Spelling: w.words, SRID: w.srid, SRIDGiven: w.sridGiven}
	defer func() { t.Written, t.Declared = w.written(&t), w.declared(&t, b.table.Charset) }()
	switch {
	case w.sridGiven && kind != schemas.Geometry:
		err = mysqlerr.New(mysql.ER_WRONG_USAGE, "SRID", "non-geometry column")
	case t.IsInteger():
		err = b.integerType(column, w, &t)
	case kind == schemas.Decimal || kind == schemas.Float || kind == schemas.Double:
		err = b.fractionType(column, w, &t)
	case kind == schemas.Bit, kind == schemas.Vector:
		err = bitType(column, w, &t)
	case kind == schemas.Year:
		if w.length == 4 {
			b.warnings = append(b.warnings, mysqlerr.Newf(mysql.ER_WARN_DEPRECATED_SYNTAX, "'YEAR(4)' is deprecated and will be removed in a future release. Please use YEAR instead"))
		} else if w.length >= 0 {
			err = mysqlerr.Newf(mysql.ER_INVALID_YEAR_COLUMN_LENGTH, "Invalid display width. Use YEAR instead.")
		}
	case t.IsTemporal():
		if t.Decimals = max(w.length, 0); t.Decimals > 6 {
			err = tooPrecise(w.length, column, 6)
		}
	case kind >= schemas.Char && kind <= schemas.LongBlob || kind == schemas.Enum || kind == schemas.Set:
		return b.stringType(column, w, t)
	}
	return t, false, err
}

// written is what the statement had in parentheses behind the type's name, "" if SHOW CREATE TABLE has the same.
func (w *typeSpec) written(t *schemas.Type) string {
	arguments := "()"
	switch {
	case len(w.members) > 0:
		return ""
	case w.length >= 0 && w.scale >= 0:
		arguments = "(" + strconv.Itoa(w.length) + "," + strconv.Itoa(w.scale) + ")"
	case w.length >= 0:
		arguments = "(" + strconv.Itoa(w.length) + ")"
	}
	if arguments == t.Shown() {
		return ""
	}
	return arguments
}

// declared is what the statement said beyond that; table is the character set of the table.
func (w *typeSpec) declared(t *schemas.Type, table string) *schemas.Declaration {
	var d schemas.Declaration
	switch {
	case w.modifier == "SIGNED" && !w.zerofill:
		d.Modifier = w.modifier
	case w.binary && len(w.spelled) == 0:
		d.Modifier = "BINARY"
	}
	character := t.IsText() || t.IsBlob() && w.isCharacter()
	if character && !w.national {
		seen := w.named
		if prefix, _, ok := strings.Cut(w.collation, "_"); ok && seen == "" {
			seen = prefix
		}
		if seen == "" || strings.EqualFold(seen, "DEFAULT") {
			seen = table
		}
		if own := cmp.Or(t.Charset, "binary"); seen != own {
			d.Charset = seen
		}
	}
	for i, m := range t.Members {
		if quoted := schemas.QuoteMySQL(m); quoted[1:len(quoted)-1] != w.quoted[i] {
			d.Members = w.quoted
			break
		}
	}
	if d.Modifier == "" && d.Charset == "" && d.Members == nil {
		return nil
	}
	return &d
}

// isCharacter reports whether the name is that of a character type, of which CHARACTER SET binary may have made another.
func (w *typeSpec) isCharacter() bool {
	kind, ok := textKind(w.name)
	return ok && kind >= schemas.Char && kind <= schemas.LongText
}

// tooPrecise is error 1426 in the words of MySQL 8.
func tooPrecise(n int, column string, most int) error {
	return mysqlerr.Newf(mysql.ER_TOO_BIG_PRECISION, "Too-big precision %d specified for '%s'. Maximum is %d.", n, column, most)
}

func (b *tableBuilder) integerType(column string, w *typeSpec, t *schemas.Type) error {
	switch {
	case w.length > 255:
		return mysqlerr.New(mysql.ER_TOO_BIG_DISPLAYWIDTH, column, 255)
	case w.name == "BOOL" || w.name == "BOOLEAN":
		t.Length = 1
	case w.length >= 0 && (t.Zerofill || t.Kind == schemas.TinyInt && w.length == 1):
		t.Length = w.length
	}
	if w.length >= 0 {
		b.deprecated("Integer display width is deprecated and will be removed in a future release.")
	}
	b.zerofillWarning(t)
	return nil
}

func (b *tableBuilder) zerofillWarning(t *schemas.Type) {
	if t.Zerofill {
		b.deprecated("The ZEROFILL attribute is deprecated and will be removed in a future release. " +
			"Use the LPAD function to zero-pad numbers, or store the formatted numbers in a CHAR column.")
	}
}

// deprecated adds warning 1681 with the given text.
func (b *tableBuilder) deprecated(text string) {
	b.warnings = append(b.warnings, mysqlerr.Newf(mysql.ER_WARN_DEPRECATED_SYNTAX_NO_REPLACEMENT, "%s", text))
}

func (b *tableBuilder) fractionType(column string, w *typeSpec, t *schemas.Type) error {
	if t.Kind == schemas.Decimal {
		t.Length, t.Decimals = w.length, max(w.scale, 0)
		if t.Length <= 0 {
			t.Length = 10
		}
		if t.Length > 65 {
			return tooPrecise(t.Length, column, 65)
		}
	} else {
		t.Decimals = -1
		switch {
		case w.scale >= 0:
			t.Length, t.Decimals = w.length, w.scale
			b.deprecated("Specifying number of digits for floating point data types is deprecated and will be removed in a future release.")
			if w.length > 255 {
				return mysqlerr.New(mysql.ER_TOO_BIG_DISPLAYWIDTH, column, 255)
			}
		case w.length >= 0 && (t.Kind == schemas.Double || w.length > 53):
			return incorrectSpecifier(column)
		case w.length > 24:
			t.Kind = schemas.Double
		}
	}
	if t.Decimals > 30 {
		return mysqlerr.New(mysql.ER_TOO_BIG_SCALE, t.Decimals, column, 30)
	}
	if t.Decimals > t.Length {
		return mysqlerr.New(mysql.ER_M_BIGGER_THAN_D, column)
	}
	b.zerofillWarning(t)
	if t.Unsigned && !t.Zerofill {
		b.deprecated("UNSIGNED for decimal and floating point data types is deprecated and support for it will be removed in a future release.")
	}
	return nil
}

func bitType(column string, w *typeSpec, t *schemas.Type) error {
	most, usual := 64, 1
	if t.Kind == schemas.Vector {
		most, usual = 16383, 2048
	}
	if t.Length = w.length; t.Length <= 0 {
		t.Length = usual
	}
	if t.Length > most {
		return mysqlerr.New(mysql.ER_TOO_BIG_DISPLAYWIDTH, column, most)
	}
	return nil
}

// charsetOf resolves a character set and collation as written, each of which may be empty.
func charsetOf(charset, collation string) (string, string, error) {
	if charset != "" {
		cs, ok := schemas.LookupCharset(charset)
		if !ok {
			return "", "", mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, charset)
		}
		charset = cs.Name
		if collation == "" {
			collation = cs.DefaultCollation
		}
	}
	if collation == "" {
		return "", "", nil
	}
	co := schemas.LookupCollation(collation)
	if co == nil {
		return "", "", mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, collation)
	}
	if charset == "" {
		charset = co.Charset
	}
	if co.Charset != charset {
		return "", "", mysqlerr.New(mysql.ER_COLLATION_CHARSET_MISMATCH, co.Name, charset)
	}
	if !co.Supported() {
		return "", "", unsupported("character set " + charset)
	}
	return charset, co.Name, nil
}

// stringType settles character set, length and members of the string types.
func (b *tableBuilder) stringType(column string, w *typeSpec, t schemas.Type) (schemas.Type, bool, error) {
	if w.collation != "" && t.IsBlob() {
		return t, false, mysqlerr.New(mysql.ER_COLLATION_CHARSET_MISMATCH, w.collation, "binary")
	}
	charset, collation, err := charsetOf(w.charset, w.collation)
	if err != nil {
		return t, false, err
	}
	b.deprecatedCharset(w.charset, w.collation, w.national)
	for _, word := range w.spelled {
		b.warnings = append(b.warnings, mysqlerr.Newf(mysql.ER_WARN_DEPRECATED_SYNTAX, "'%s' is deprecated and will be removed in a future release. Please use CHARACTER SET charset_name instead", word))
	}
	if w.binary {
		b.warnings = append(b.warnings, mysqlerr.Newf(mysql.ER_WARN_DEPRECATED_SYNTAX, "'BINARY as attribute of a type' is deprecated and will be removed in a future release. "+
			"Please use a CHARACTER SET clause with _bin collation instead"))
	}
	given := charset != ""
	if !given {
		charset, collation = b.table.Charset, b.table.Collation
	}
	if w.binary && w.collation == "" && charset != "binary" {
		collation, given = charset+"_bin", true
	}
	if t.IsText() {
		if charset == "binary" && t.Kind != schemas.Enum && t.Kind != schemas.Set {
			t.Kind = binaryKind(t.Kind)
		} else {
			t.Charset, t.Collation = charset, collation
		}
	}
	if !t.IsText() {
		given = false
	}
	switch t.Kind {
	case schemas.Enum, schemas.Set:
		err = b.members(column, w, &t)
	default:
		err = b.textLength(column, w, &t)
	}
	return t, given, err
}

// binaryKind is the type that CHARACTER SET binary makes of a character type.
func binaryKind(k schemas.Kind) schemas.Kind {
	switch k {
	case schemas.Char:
		return schemas.Binary
	case schemas.VarChar:
		return schemas.VarBinary
	}
	return k - schemas.TinyText + schemas.TinyBlob
}

// maxLen is the length in bytes of the longest character of a type.
func maxLen(t *schemas.Type) int {
	if cs, ok := schemas.LookupCharset(t.Charset); ok && t.IsText() {
		return cs.MaxLen
	}
	return 1
}

// textLength settles the length of CHAR, VARCHAR and their like, and the size of TEXT(n).
func (b *tableBuilder) textLength(column string, w *typeSpec, t *schemas.Type) error {
	switch t.Kind {
	case schemas.Char, schemas.Binary:
		t.Length = w.length
		if w.length < 0 {
			t.Length = 1
		}
		if t.Length > 255 {
			return mysqlerr.New(mysql.ER_TOO_BIG_FIELDLENGTH, column, 255)
		}
	case schemas.VarChar, schemas.VarBinary:
		if w.length < 0 {
			return incorrectSpecifier(column)
		}
		t.Length = w.length
		if most := 65535 / maxLen(t); t.Length > most {
			return mysqlerr.New(mysql.ER_TOO_BIG_FIELDLENGTH, column, most)
		}
	case schemas.Text, schemas.Blob:
		if w.length >= 0 {
			size, base := w.length*maxLen(t), t.Kind-1
			switch {
			case w.length >= 1<<24 && w.length < 1<<32:
				t.Kind = base + 3
			case size < 1<<8:
				t.Kind = base
			case size < 1<<16:
			case size < 1<<24:
				t.Kind = base + 2
			case size < 1<<32:
				t.Kind = base + 3
			default:
				return mysqlerr.New(mysql.ER_TOO_BIG_DISPLAYWIDTH, column, uint32(1<<32-1))
			}
		}
	}
	return nil
}

// members checks the values of an ENUM or SET.
func (b *tableBuilder) members(column string, w *typeSpec, t *schemas.Type) error {
	word := "ENUM"
	if t.Kind == schemas.Set {
		word = "SET"
		if len(w.members) > 64 {
			return mysqlerr.New(mysql.ER_TOO_BIG_SET, column)
		}
	}
	co := schemas.LookupCollation(t.Collation)
	for _, m := range w.members {
		m = strings.TrimRight(m, " ")
		if !utf8.ValidString(m) || len(m) > 1020 {
			return mysqlerr.New(3505, column)
		}
		if t.Kind == schemas.Set && strings.Contains(m, ",") {
			return mysqlerr.New(mysql.ER_ILLEGAL_VALUE_FOR_TYPE, "set", m)
		}
		for _, other := range t.Members {
			same := bytes.Equal([]byte(m), []byte(other))
			if co != nil {
				same = co.Compare([]byte(m), []byte(other)) == 0
			}
			if same {
				return mysqlerr.New(mysql.ER_DUPLICATED_VALUE_IN_TYPE, column, other, word)
			}
		}
		t.Members = append(t.Members, m)
	}
	return nil
}
