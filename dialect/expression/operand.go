package expression

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Coercibilities of text, MySQL's: the lower one decides the collation of a comparison.
const (
	Explicit  uint8 = 0 // COLLATE clause
	Mixed     uint8 = 1 // concatenation of strings with different collations
	Implicit  uint8 = 2 // column, stored routine parameter, local variable
	System    uint8 = 3 // USER(), VERSION()
	Coercible uint8 = 4 // literal
	Numeric   uint8 = 5 // number or temporal value
	Ignorable uint8 = 6 // NULL and what derives from it
)

// DefaultCollation is the collation of text that has none of its own.
const DefaultCollation = "utf8mb4_0900_ai_ci"

// Operand is an expression: SQL for SQLite that yields a value in the stored form of Type.
type Operand struct {
	SQL  string
	Type schemas.Type // Kind 0: the NULL literal, or a parameter of unknown type
	// Nullable is false if the value can't be NULL.
	Nullable bool
	// Constant, if set, is the value, known while planning and part of the plan; SQL may then
	// be replaced by a literal. Literals that the plan cache leaves out have none.
	Constant     *txn.Value
	Coercibility uint8
	// Param: a parameter of the client, whose storage class is not known before it runs.
	Param bool
	// Given is the parameter of which Param speaks; nil for a user variable and what is made of one.
	Given *Parameter
	// Literal: a Param that is no parameter but a string that the plan cache left out.
	Literal bool

	// introduced: a constant that _binary introduces, which is no number as x'4D' is.
	introduced bool
	// bits bounds an integer: its magnitude is below 2^bits. 0: what the type says.
	bits int
	// dateText: a string that a function on dates makes, which as a number is the date's.
	dateText bool
	// natural: an integer that is never negative though its type is signed.
	natural bool
	// shown is SQL that yields the value as it is shown, where that is not its stored form; it belongs to the SQL
	// that shownOf repeats.
	shown, shownOf string
}

// Shown is SQL for the value as MySQL shows it when nothing else is done with it: IF and CASE between numbers of
// several scales leave each its own.
func (o Operand) Shown() string {
	if o.shown != "" && o.shownOf == o.SQL {
		return o.shown
	}
	return o.SQL
}

// Literal is a constant. sql is what yields v; if it is empty, v's own literal.
func Literal(sql string, v txn.Value, t schemas.Type) Operand {
	if n, ok := parseUnsigned(v.Bytes()); ok && t.IsInteger() && v.Kind() == txn.KindText {
		v = unsigned(n)
	}
	o := Operand{SQL: sql, Type: t, Constant: &v, Nullable: v.IsNull(), Coercibility: Numeric}
	if sql == "" {
		o.SQL = QuoteValue(v)
	}
	switch {
	case v.IsNull():
		o.Type, o.Coercibility = schemas.Type{}, Ignorable
	case t.IsText() || t.IsBlob():
		o.Coercibility = Coercible
	}
	if v.Kind() == txn.KindInteger {
		o.natural = v.Int64() >= 0
	}
	return o
}

// BinaryLiteral is a string that _binary introduces.
func BinaryLiteral(b []byte) Operand {
	o := Literal("", txn.Blob(b), schemas.Type{Kind: schemas.VarBinary, Length: len(b)})
	o.introduced = true
	return o
}

// Null is the NULL literal.
func Null() Operand {
	v := txn.Null()
	return Operand{SQL: "NULL", Nullable: true, Constant: &v, Coercibility: Ignorable}
}

// Collate is the operand with a COLLATE clause. Errors: 1273 unknown collation, 1253 collation
// of another character set.
func Collate(a Operand, collation string) (Operand, error) {
	c := schemas.LookupCollation(collation)
	if c == nil {
		return a, mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, collation)
	}
	a, err := asText(a)
	if err != nil {
		return a, err
	}
	if a.Type.IsBlob() {
		if c.Name != "binary" {
			return a, mysqlerr.New(mysql.ER_COLLATION_CHARSET_MISMATCH, c.Name, "binary")
		}
		return a, nil
	}
	own := a.Type.Charset
	if own == "" && a.Type.Collation != "" {
		if have := schemas.LookupCollation(a.Type.Collation); have != nil {
			own = have.Charset
		}
	}
	if own != "" && own != c.Charset {
		return a, mysqlerr.New(mysql.ER_COLLATION_CHARSET_MISMATCH, c.Name, own)
	}
	a.Type.Charset, a.Type.Collation, a.Coercibility = c.Charset, c.Name, Explicit
	return a, nil
}

// QuoteValue is a SQLite literal of the value.
func QuoteValue(v txn.Value) string {
	switch v.Kind() {
	case txn.KindInteger:
		if v.Int64() == math.MinInt64 {
			return "(-9223372036854775807 - 1)"
		}
		return strconv.FormatInt(v.Int64(), 10)
	case txn.KindReal:
		f := v.Float64()
		switch {
		case math.IsInf(f, 1):
			return "9e999"
		case math.IsInf(f, -1):
			return "-9e999"
		}
		s := strconv.FormatFloat(f, 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	case txn.KindText:
		return quoteText(string(v.Bytes()))
	case txn.KindBlob:
		return "x'" + hex.EncodeToString(v.Bytes()) + "'"
	}
	return "NULL"
}

// quoteText is a SQLite string literal. A zero byte would end it, so such text is cast from a blob.
func quoteText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		return "CAST(x'" + hex.EncodeToString([]byte(s)) + "' AS TEXT)"
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// BoolType is the type of comparisons and of TRUE and FALSE: a BIGINT that JSON shows as a boolean.
func BoolType() schemas.Type {
	return schemas.Type{Kind: schemas.BigInt, Length: 1, Spelling: "BOOL"}
}

func isBool(t schemas.Type) bool { return t.Kind == schemas.BigInt && t.Spelling == "BOOL" }

// longestInteger is the length of a computed integer of which nothing more is known.
const longestInteger = 21

func bigint() schemas.Type { return integerOf(longestInteger) }

func unsignedBigint() schemas.Type {
	return schemas.Type{Kind: schemas.BigInt, Unsigned: true, Length: longestInteger}
}

// integerOf is a BIGINT that prints as at most length characters, its sign among them.
func integerOf(length int) schemas.Type { return schemas.Type{Kind: schemas.BigInt, Length: length} }

// literalSpelling marks the type of a number without sign in the text of a statement: its length is that of its digits.
const literalSpelling = "LITERAL"

// LiteralType is the type of an integer without sign that a statement's text has.
func LiteralType(digits int) schemas.Type {
	return schemas.Type{Kind: schemas.BigInt, Length: digits, Spelling: literalSpelling}
}

// integerOfPrecision is a BIGINT of at most that many digits.
func integerOfPrecision(precision int, unsigned bool) schemas.Type {
	t := schemas.Type{Kind: schemas.BigInt, Unsigned: unsigned, Length: precision}
	if !unsigned {
		t.Length++
	}
	t.Length = min(t.Length, longestInteger)
	return t
}

func double() schemas.Type { return schemas.Type{Kind: schemas.Double, Decimals: -1} }

func decimal(precision, scale int) schemas.Type {
	return schemas.Type{Kind: schemas.Decimal, Length: min(max(precision, scale, 1), maxPrecision), Decimals: scale}
}

func jsonType() schemas.Type { return schemas.Type{Kind: schemas.JSON} }

// text is the type of a string of at most n characters: VARCHAR, or a larger type beyond its limit.
func text(n int, collation string) schemas.Type {
	if collation == "" {
		collation = DefaultCollation
	}
	charset, width := "utf8mb4", 4
	if c := schemas.LookupCollation(collation); c != nil {
		charset = c.Charset
		if cs, ok := schemas.LookupCharset(charset); ok {
			width = cs.MaxLen
		}
	}
	t := schemas.Type{Kind: schemas.VarChar, Length: n, Charset: charset, Collation: collation}
	switch {
	case n < 0 || n > (1<<24-1)/width:
		t.Kind, t.Length = schemas.LongText, 0
	case n*width > 65535:
		t.Kind, t.Length = schemas.MediumText, 0
	}
	return t
}

// bytesType is the type of a binary string of at most n bytes.
func bytesType(n int) schemas.Type {
	switch {
	case n < 0 || n > 1<<24-1:
		return schemas.Type{Kind: schemas.LongBlob}
	case n > 65535:
		return schemas.Type{Kind: schemas.MediumBlob}
	}
	return schemas.Type{Kind: schemas.VarBinary, Length: n}
}

// boolean is the result of a comparison.
func boolean(sql string, nullable bool) Operand {
	return Operand{SQL: sql, Type: BoolType(), Nullable: nullable, Coercibility: Numeric, bits: 1, natural: true}
}

func anyNullable(list ...Operand) bool {
	for _, a := range list {
		if a.Nullable {
			return true
		}
	}
	return false
}

func isNull(a Operand) bool { return a.Type.Kind == 0 && !a.Param || isNullColumn(a) }

// isNullColumn reports whether an operand is a derived table's column of NULLs.
func isNullColumn(a Operand) bool {
	return a.Type.Kind == schemas.Binary && a.Type.Length == 0 && a.Coercibility == Ignorable
}

// call is SQL that calls a function.
func call(name string, args ...string) string { return name + "(" + strings.Join(args, ", ") + ")" }

func itoa(n int) string { return strconv.Itoa(n) }
