package expression

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Truth is SQL that SQLite takes as a condition and that holds where MySQL takes a as true.
func Truth(a Operand) string {
	if isNull(a) {
		return "NULL"
	}
	t := a.Type
	switch {
	case a.Param:
		return call("marmot_double", a.SQL)
	case t.IsInteger() && !(t.Kind == schemas.BigInt && t.Unsigned), isReal(t), t.Kind == schemas.Year,
		t.Kind == schemas.Bit && t.Length <= 63:
		return a.SQL
	case t.Kind == schemas.Decimal, t.Kind == schemas.BigInt:
		return "CAST(" + a.SQL + " AS REAL)"
	case t.Kind == schemas.JSON:
		return call("marmot_json_truth", a.SQL)
	}
	n, err := asNumber(a)
	if err != nil {
		return call("marmot_double", a.SQL)
	}
	if n.Type.Kind == schemas.Decimal {
		return "CAST(" + n.SQL + " AS REAL)"
	}
	return n.SQL
}

// Not is NOT a.
func Not(a Operand) (Operand, error) {
	want(a, bigint())
	return boolean("(NOT "+Truth(a)+")", a.Nullable || a.Param), nil
}

// Logic is a op b for AND, OR and XOR.
func Logic(op string, a, b Operand) (Operand, error) {
	nullable := a.Nullable || b.Nullable || a.Param || b.Param
	want(a, bigint())
	want(b, bigint())
	x, y := Truth(a), Truth(b)
	switch strings.ToUpper(op) {
	case "AND", "&&":
		return boolean("("+x+" AND "+y+")", nullable), nil
	case "OR", "||":
		return boolean("("+x+" OR "+y+")", nullable), nil
	case "XOR":
		return boolean("((NOT "+x+") <> (NOT "+y+"))", nullable), nil
	}
	return a, mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, "operator "+op)
}

// IsNull is a IS NULL, or IS NOT NULL.
func IsNull(a Operand, not bool) (Operand, error) {
	if not {
		return boolean("("+a.SQL+" IS NOT NULL)", false), nil
	}
	return boolean("("+a.SQL+" IS NULL)", false), nil
}

// IsTrue is a IS TRUE, or IS NOT TRUE.
func IsTrue(a Operand, not bool) (Operand, error) {
	if not {
		return boolean("("+Truth(a)+" IS NOT TRUE)", false), nil
	}
	return boolean("("+Truth(a)+" IS TRUE)", false), nil
}

// IsFalse is a IS FALSE, or IS NOT FALSE.
func IsFalse(a Operand, not bool) (Operand, error) {
	if not {
		return boolean("("+Truth(a)+" IS NOT FALSE)", false), nil
	}
	return boolean("("+Truth(a)+" IS FALSE)", false), nil
}

// Case is CASE WHEN … THEN … ELSE … END: pairs of condition and result. CASE x WHEN y is given as
// the condition x = y.
func Case(whenThen [][2]Operand, otherwise *Operand) (Operand, error) {
	results := make([]Operand, 0, len(whenThen)+1)
	for _, p := range whenThen {
		results = append(results, p[1])
	}
	if otherwise != nil {
		results = append(results, *otherwise)
	}
	out, converted, err := unified("case", results)
	if err != nil {
		return out, err
	}
	sql := func(results []Operand) string {
		var b strings.Builder
		b.WriteString("(CASE")
		for i, p := range whenThen {
			b.WriteString(" WHEN " + Truth(p[0]) + " THEN " + results[i].SQL)
		}
		if otherwise != nil {
			b.WriteString(" ELSE " + results[len(results)-1].SQL)
		}
		return b.String() + " END)"
	}
	out.Nullable = out.Nullable || otherwise == nil
	out.SQL = sql(converted)
	if own, differ := ownScales(out.Type, results, converted); differ {
		out.shown, out.shownOf = sql(own), out.SQL
	}
	return out, nil
}

// unified converts operands to their common type; the first result has the type, collation and
// nullability of any of them.
func unified(operation string, list []Operand) (Operand, []Operand, error) {
	list = slices.Clone(list)
	for i, a := range list {
		list[i] = resolved(a)
	}
	wantCommon(list)
	if varies(list) {
		return Operand{Param: true, Nullable: true, Coercibility: Coercible}, list, nil
	}
	t, err := Unify(list)
	if err != nil {
		return Operand{}, nil, err
	}
	out := Operand{Type: t, Coercibility: Numeric}
	if t.Kind == 0 {
		out.Nullable, out.Coercibility = true, Ignorable
		return out, list, nil
	}
	if t.IsText() || t.IsBlob() {
		common, err := commonCollation(operation, list, false)
		if err != nil {
			return out, nil, err
		}
		out.Coercibility = common.coercibility
	}
	converted := make([]Operand, len(list))
	for i, a := range list {
		converted[i], err = Conform(a, t)
		if err != nil {
			return out, nil, err
		}
		out.Nullable = out.Nullable || a.Nullable || a.Param
		out.bits = max(out.bits, integerBits(converted[i]))
	}
	if !t.IsInteger() {
		out.bits = 0
	}
	return out, converted, nil
}

// Conform converts an operand to a type that Unify found for it.
func Conform(a Operand, t schemas.Type) (Operand, error) {
	if isNull(a) {
		a.Type = t
		return a, nil
	}
	if a.Given != nil && !a.Param && a.Type.Kind == schemas.Decimal && t.Kind == schemas.Decimal { // it has the digits that were bound
		a.SQL, a.Given = call("marmot_add", a.SQL, "'0'", itoa(t.Decimals)), nil
	}
	if a.Type.Kind == schemas.Timestamp && t.Kind != schemas.Timestamp {
		a = inSession(a)
	}
	if a.Param && t.Kind == schemas.Decimal && t.Length == maxPrecision {
		return Operand{SQL: call("marmot_decimal_text", a.SQL), Type: t, Nullable: true, Coercibility: Numeric}, nil
	}
	return Cast(a, t)
}

// SortSQL is SQL that orders, groups and tells apart as MySQL does with a: for ORDER BY, GROUP BY,
// DISTINCT.
func SortSQL(a Operand) string {
	switch a.Type.Kind {
	case schemas.Enum:
		return call("marmot_enum_number", a.SQL, memberList(a.Type))
	case schemas.Set:
		return setNumberSQL(a)
	case schemas.JSON:
		return call("marmot_json_key", a.SQL)
	}
	if c := a.Type.SQLiteCollation(); c != "" {
		return a.SQL + " COLLATE " + c
	}
	if strings.Trim(a.SQL, "0123456789()+- ") == "" {
		return "(" + a.SQL + " + 0)" // SQLite takes a number alone for a place in the select list
	}
	return a.SQL
}

// caseOf builds the operand of an IF: condition, then, else.
func caseOf(condition string, then, otherwise Operand, operation string) (Operand, error) {
	out, list, err := unified(operation, []Operand{then, otherwise})
	if err != nil {
		return out, err
	}
	sql := func(list []Operand) string {
		return "(CASE WHEN " + condition + " THEN " + list[0].SQL + " ELSE " + list[1].SQL + " END)"
	}
	out.SQL = sql(list)
	if own, differ := ownScales(out.Type, []Operand{then, otherwise}, list); differ {
		out.shown, out.shownOf = sql(own), out.SQL
	}
	return out, nil
}

// ownScales are the results of IF or CASE with the number of decimals that each has by itself; differ reports whether
// that is another one than the common type's.
func ownScales(t schemas.Type, list, converted []Operand) (own []Operand, differ bool) {
	if t.Kind != schemas.Decimal {
		return nil, false
	}
	own = make([]Operand, len(list))
	for i, a := range list {
		own[i] = converted[i]
		if a.Type.Kind == schemas.Decimal && (a.Shown() != a.SQL || a.Given != nil) {
			own[i].SQL, differ = a.Shown(), true
		} else if a.Type.Kind == schemas.Decimal && a.Type.Decimals != t.Decimals || a.Type.IsInteger() && a.Type.Kind != schemas.Bit && t.Decimals > 0 {
			own[i].SQL, differ = decimalText(a), true
		}
	}
	return own, differ
}

// enumNumber is marmot_enum_number(text, members): the place of a member from 1, as a REAL.
func enumNumber(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	members := args[1].Bytes()
	for n := 1; ; n++ {
		i := strings.IndexByte(string(members), memberSeparator[0])
		one := members
		if i >= 0 {
			one = members[:i]
		}
		if string(one) == string(args[0].Bytes()) {
			return txn.Real(float64(n)), nil
		}
		if i < 0 {
			return txn.Real(0), nil
		}
		members = members[i+1:]
	}
}
