package expression

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// strength is a collation and how strongly an operand holds to it.
type strength struct {
	collation    string
	coercibility uint8
}

func (s strength) String() string {
	name := [...]string{"EXPLICIT", "NONE", "IMPLICIT", "SYSCONST", "COERCIBLE", "NUMERIC", "IGNORABLE"}[min(s.coercibility, Ignorable)]
	return "(" + s.collation + "," + name + ")"
}

func (s strength) info() (charset string, bin, unicode bool) {
	c := schemas.LookupCollation(s.collation)
	if c == nil {
		return "", false, false
	}
	return c.Charset, c.Binary, strings.HasPrefix(c.Charset, "utf") || c.Charset == "ucs2"
}

// strengthOf is the collation of an operand as a string.
func strengthOf(a Operand) strength {
	switch {
	case isNull(a):
		return strength{"binary", Ignorable}
	case a.Type.IsBlob():
		return strength{"binary", a.Coercibility}
	case a.Param:
		return strength{collationOfParam(a), Coercible}
	case a.Type.Collation == "":
		return strength{DefaultCollation, max(a.Coercibility, Numeric)}
	}
	return strength{a.Type.Collation, a.Coercibility}
}

// collationOfParam is that of the connection, as a literal has it.
func collationOfParam(a Operand) string {
	if a.Type.Collation == "" {
		return DefaultCollation
	}
	return a.Type.Collation
}

// wider reports whether of two character sets of Unicode MySQL converts the other to the first.
func wider(charset, other string) bool {
	return charset == "utf8mb4" || charset == "utf32" && (other == "utf16" || other == "utf16le")
}

// merge finds the collation of a and b together, MySQL's DTCollation::aggregate. It reports false
// if neither gives way.
func merge(a, b strength) (strength, bool) {
	if a.collation == b.collation {
		return strength{a.collation, min(a.coercibility, b.coercibility)}, true
	}
	charsetA, binA, unicodeA := a.info()
	charsetB, binB, unicodeB := b.info()
	if a.collation == "binary" || b.collation == "binary" {
		return mergeBinary(a, b), true
	}
	weaker := func(x, y strength) bool { return x.coercibility > y.coercibility }
	if charsetA != charsetB {
		switch {
		case weaker(b, a) && (unicodeA || b.coercibility >= Coercible):
			return a, true
		case weaker(a, b) && (unicodeB || a.coercibility >= Coercible):
			return b, true
		case unicodeA && !unicodeB && !weaker(a, b), wider(charsetA, charsetB) && unicodeB && !weaker(a, b):
			return a, true
		case unicodeB && !unicodeA && !weaker(b, a), wider(charsetB, charsetA) && unicodeA && !weaker(b, a):
			return b, true
		case weaker(b, a) && charsetB == "ascii":
			return a, true
		case weaker(a, b) && charsetA == "ascii":
			return b, true
		}
		return strength{"binary", Mixed}, false
	}
	switch {
	case weaker(b, a):
		return a, true
	case weaker(a, b):
		return b, true
	case a.coercibility == Explicit:
		return a, false
	case binA && !binB:
		return strength{a.collation, Mixed}, true
	case binB && !binA:
		return strength{b.collation, Mixed}, true
	}
	if c := schemas.LookupCollation(charsetA + "_bin"); c != nil {
		return strength{c.Name, Mixed}, false
	}
	return strength{a.collation, Mixed}, false
}

// mergeBinary: bytes win over text of the same or a weaker hold.
func mergeBinary(a, b strength) strength {
	if b.collation == "binary" {
		a, b = b, a
	}
	if a.coercibility <= b.coercibility {
		return a
	}
	return b
}

// commonCollation is the collation in which an operation's strings are compared. Error 1267 if
// there is none; strict is false for concatenation, which needs no order.
func commonCollation(operation string, list []Operand, strict bool) (strength, error) {
	if len(list) == 0 {
		return strength{DefaultCollation, Coercible}, nil
	}
	found, failed := strengthOf(list[0]), false
	for _, a := range list[1:] {
		other := strengthOf(a)
		next, ok := merge(found, other)
		if strict && found.coercibility == Explicit && other.coercibility == Explicit && found.collation != other.collation {
			return found, mixError(operation, list)
		}
		if !ok && (strict || next.coercibility == Explicit || next.collation == "binary") {
			failed, next = true, strength{"binary", Mixed} // unless an explicit collation follows
		}
		found = next
	}
	if failed && found.coercibility != Explicit {
		return found, mixError(operation, list)
	}
	if found.coercibility == Ignorable && found.collation == "binary" {
		found.collation = DefaultCollation
	}
	return found, nil
}

func mixError(operation string, list []Operand) error {
	switch len(list) {
	case 2:
		return mysqlerr.Newf(mysql.ER_CANT_AGGREGATE_2COLLATIONS, "Illegal mix of collations %s and %s for operation '%s'",
			strengthOf(list[0]), strengthOf(list[1]), operation)
	case 3:
		return mysqlerr.Newf(mysql.ER_CANT_AGGREGATE_3COLLATIONS, "Illegal mix of collations %s, %s, %s for operation '%s'",
			strengthOf(list[0]), strengthOf(list[1]), strengthOf(list[2]), operation)
	}
	return mysqlerr.Newf(mysql.ER_CANT_AGGREGATE_NCOLLATIONS, "Illegal mix of collations for operation '%s'", operation)
}

// collateSQL is the COLLATE clause that SQLite needs for MySQL's collation, or nothing.
func collateSQL(collation string) string {
	c := schemas.LookupCollation(collation)
	if c == nil || c.SQLiteBinary() {
		return ""
	}
	return " COLLATE " + c.Name
}
