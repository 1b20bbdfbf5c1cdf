package expression

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// errWrongValue is MySQL's ER_WRONG_VALUE: Incorrect DATE value: 'x'.
const errWrongValue = 1525

// match is how two operands are compared in SQLite: left operator right, under a collation.
type match struct {
	left, right string
	collate     string // " COLLATE …" or nothing
}

func (m match) sql(op string) string {
	return "(" + m.left + m.collate + " " + op + " " + m.right + ")"
}

// Compare is a op b for = <> != < <= > >= and <=>. Operands of equal types, and a column beside a
// constant, stay SQLite's operators over the column itself, so that an index serves.
// Error 1267 for collations that don't mix, 1525 for constants that are no dates.
func Compare(op string, a, b Operand) (Operand, error) {
	switch op {
	case "!=":
		op = "<>"
	case "<=>":
		return compareSafe(a, b)
	}
	if isNull(a) || isNull(b) {
		return boolean("NULL", true), nil
	}
	m, err := matchOperands(op, a, b)
	if err != nil {
		return a, err
	}
	return boolean(m.sql(op), a.Nullable || b.Nullable), nil
}

// CompareCase is the comparison of CASE a WHEN b: that of =, but a JSON value is compared as its text, or as a number beside a number,
// https://dev.mysql.com/doc/refman/8.4/en/flow-control-functions.html.
func CompareCase(a, b Operand) (Operand, error) {
	if a.Type.Kind != schemas.JSON && b.Type.Kind != schemas.JSON {
		if isYearColumn(a) { // years of two digits have no century here
			a.SQL = "(" + a.SQL + ")"
		}
		return Compare("=", a, b)
	}
	left, err := plainJSON(a, b)
	if err != nil {
		return a, err
	}
	right, err := plainJSON(b, a)
	if err != nil {
		return a, err
	}
	return Compare("=", left, right)
}

// plainJSON is a JSON value, or a date beside one, as what CASE compares with other.
func plainJSON(a, other Operand) (Operand, error) {
	switch {
	case a.Type.IsTemporal():
		return asText(a)
	case a.Type.Kind != schemas.JSON:
		return a, nil
	case other.Type.IsNumeric():
		return Cast(a, double())
	}
	return asText(a)
}

// compareSafe is <=>, for which NULL equals NULL.
func compareSafe(a, b Operand) (Operand, error) {
	switch {
	case isNull(a):
		return boolean("("+b.SQL+" IS NULL)", false), nil
	case isNull(b):
		return boolean("("+a.SQL+" IS NULL)", false), nil
	}
	m, err := matchOperands("<=>", a, b)
	if err != nil {
		return a, err
	}
	for _, name := range []string{"marmot_json_compare", "marmot_compare"} {
		if rest, ok := strings.CutPrefix(m.left, name+"("); ok {
			m.left = name + "_safe(" + rest
		}
	}
	return boolean(m.sql("IS"), false), nil
}

// matchOperands finds MySQL's comparison type of a and b and converts both to it; the side that a
// column is most likely on is left alone where the other can be converted.
func matchOperands(op string, a, b Operand) (match, error) {
	switch {
	case a.Param && b.Param:
		return match{call("marmot_compare", a.SQL, b.SQL, quoteText(collationOfParam(a))), "0", ""}, nil
	case b.Param:
		return matchParam(a, b)
	case a.Param:
		m, err := matchParam(b, a)
		m.left, m.right = m.right, m.left
		return m, err
	}
	if a.Type.Kind == schemas.JSON || b.Type.Kind == schemas.JSON {
		return match{call("marmot_json_compare", jsonOrNull(a), jsonOrNull(b)), "0", ""}, nil
	}
	if a.Type.Kind == schemas.Geometry && b.Type.Kind == schemas.Geometry {
		if op != "=" && op != "<=>" && op != "<>" {
			return match{}, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, op)
		}
		return match{a.SQL, b.SQL, ""}, nil
	}
	if isTemporal(a) || isTemporal(b) {
		if m, done, err := matchTemporal(op, a, b); done || err != nil {
			return m, err
		}
	}
	if isString(a) && isString(b) {
		return matchText(op, a, b)
	}
	if op != "in" {
		a, b = yearBesideColumn(a, b), yearBesideColumn(b, a)
	}
	return matchNumbers(a, b)
}

func isTemporal(a Operand) bool { return a.Type.IsTemporal() }

// isString: strings, ENUM and SET; not parameters or NULL.
func isString(a Operand) bool { return a.Type.IsText() || a.Type.IsBlob() }

// jsonOrNull is SQL for a JSON value that stays NULL where the operand is NULL.
func jsonOrNull(a Operand) string {
	if a.Type.Kind == schemas.JSON {
		return a.SQL
	}
	return asJSONValue(a)
}

func matchText(op string, a, b Operand) (match, error) {
	common, err := commonCollation(op, []Operand{a, b}, true)
	if err != nil {
		return match{}, err
	}
	if common.collation == "binary" {
		left, err := asBytes(a)
		if err != nil {
			return match{}, err
		}
		right, err := asBytes(b)
		return match{left, right, ""}, err
	}
	if a, err = textOfBytes(a, common.collation); err != nil {
		return match{}, err
	}
	if b, err = textOfBytes(b, common.collation); err != nil {
		return match{}, err
	}
	return match{a.SQL, b.SQL, collateSQL(common.collation)}, nil
}

// textOfBytes reads a binary string as text where text holds stronger.
func textOfBytes(a Operand, collation string) (Operand, error) {
	a, err := asText(a)
	if err == nil && a.Type.IsBlob() {
		if a.Constant != nil && !a.Constant.IsNull() {
			v := txn.Text(a.Constant.Bytes())
			a.SQL, a.Constant = QuoteValue(v), &v
		} else {
			a.SQL = "CAST(" + a.SQL + " AS TEXT)"
		}
		a.Type = text(a.Type.Length, collation)
	}
	return a, err
}

// matchNumbers compares as numbers: exactly where both are exact, else as doubles.
func matchNumbers(a, b Operand) (match, error) {
	a, b = numberBesideColumn(a, b), numberBesideColumn(b, a)
	a, err := asNumber(a)
	if err != nil {
		return match{}, err
	}
	if b, err = asNumber(b); err != nil {
		return match{}, err
	}
	decimals := a.Type.Kind == schemas.Decimal || b.Type.Kind == schemas.Decimal
	switch {
	case isReal(a.Type) || isReal(b.Type):
		return matchReals(a, b), nil
	case decimals:
		return match{decimalText(a), decimalText(b), " COLLATE " + schemas.DecimalCollation}, nil
	}
	return match{comparableInteger(a), comparableInteger(b), ""}, nil
}

// comparableInteger makes sure of the stored form of a literal that the plan cache left out.
func comparableInteger(a Operand) string {
	if a.Constant == nil && a.Type.Unsigned && strings.HasPrefix(a.SQL, "?") {
		return call("marmot_comparable_number", a.SQL)
	}
	return a.SQL
}

// yearBesideColumn gives a constant of two digits that is compared with a column of type YEAR its century.
func yearBesideColumn(a, other Operand) Operand {
	if !isYearColumn(other) || a.Type.Kind == schemas.Year {
		return a
	}
	switch {
	case a.Constant == nil:
		if a.Type.IsInteger() && strings.HasPrefix(a.SQL, "?") {
			a.SQL = call("marmot_full_year", a.SQL)
		}
	case a.Constant.Kind() == txn.KindInteger || a.Constant.Kind() == txn.KindText && (a.Type.IsText() || a.Type.Kind == schemas.Decimal):
		if v, ok := columnYear(*a.Constant, a.Type.IsText()); ok {
			return Literal("", v, bigint())
		}
	}
	return a
}

// isYearColumn reports whether an operand is a column of type YEAR, and not computed.
func isYearColumn(a Operand) bool {
	return a.Type.Kind == schemas.Year && a.Constant == nil && !strings.ContainsAny(a.SQL, "(?' ")
}

// columnYear is a number, or a string that holds one, of two digits as the year that a column of type YEAR would
// hold.
func columnYear(v txn.Value, text bool) (txn.Value, bool) {
	d, clean := parseDec(textOf(v))
	whole := d.truncate(0)
	if !clean || whole.compare(d) != 0 || !whole.fits(false) {
		return v, false
	}
	n := whole.int64()
	switch {
	case n == 0 && text, n > 0 && n < 70:
		n += 2000
	case n >= 70 && n < 100:
		n += 1900
	default:
		return v, false
	}
	return txn.Int(n), true
}

// fullYearFunction is marmot_full_year(x): a parameter to compare with a column of type YEAR.
func fullYearFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if v, ok := columnYear(args[0], args[0].Kind() == txn.KindText); ok && !args[0].IsNull() {
		return v, nil
	}
	return comparableNumber(r, args)
}

// numberBesideColumn turns a constant string that holds a plain number, or a DECIMAL without
// fraction, into that number of the other side's type, so that the other side stays as it is.
func numberBesideColumn(a, other Operand) Operand {
	if a.Constant == nil || !other.Type.IsNumeric() || !a.Type.IsText() && a.Type.Kind != schemas.Decimal || a.Constant.Kind() != txn.KindText {
		return a
	}
	d, clean := parseDec(a.Constant.Bytes())
	if !clean {
		return a
	}
	switch {
	case other.Type.IsInteger():
		whole := d.truncate(0)
		if whole.compare(d) == 0 && (whole.fits(false) || whole.fits(true)) {
			return Literal("", whole.integerValue(), bigint())
		}
	case other.Type.Kind == schemas.Decimal:
		return Literal("", d.value(), decimal(maxPrecision, d.scale))
	}
	return a
}

// decimalText is SQL for an exact number as the text of a DECIMAL.
func decimalText(a Operand) string {
	if a.Type.Kind == schemas.Decimal {
		return a.SQL
	}
	switch {
	case a.Constant == nil:
		return "CAST(" + a.SQL + " AS TEXT)"
	case a.Constant.IsNull():
		return "NULL"
	}
	return quoteText(string(textOf(*a.Constant)))
}

// matchReals compares doubles. A constant beside a DECIMAL becomes its shortest decimal, which is
// equal to exactly those decimals that are equal as doubles of 15 digits.
func matchReals(a, b Operand) match {
	if a.Type.Kind == schemas.Decimal && b.Constant != nil && b.Constant.Kind() == txn.KindReal {
		return match{a.SQL, quoteText(string(decOfFloat(b.Constant.Float64()).append(nil))), " COLLATE " + schemas.DecimalCollation}
	}
	if b.Type.Kind == schemas.Decimal && a.Constant != nil && a.Constant.Kind() == txn.KindReal {
		return match{quoteText(string(decOfFloat(a.Constant.Float64()).append(nil))), b.SQL, " COLLATE " + schemas.DecimalCollation}
	}
	side := func(x Operand) string {
		if x.Type.IsInteger() && !(x.Type.Kind == schemas.BigInt && x.Type.Unsigned) {
			return x.SQL
		}
		return asReal(x)
	}
	return match{side(a), side(b), ""}
}

// matchParam compares a with a parameter, which is converted once towards the type of a.
func matchParam(a, param Operand) (match, error) {
	t := a.Type
	want(param, t)
	switch {
	case isNull(a):
		return match{"NULL", "NULL", ""}, nil
	case t.Kind == schemas.JSON:
		return match{call("marmot_json_compare", a.SQL, asJSONValue(param)), "0", ""}, nil
	case t.Kind == schemas.Decimal:
		return match{a.SQL, call("marmot_decimal_text", param.SQL), " COLLATE " + schemas.DecimalCollation}, nil
	case t.IsTemporal():
		return momentMatch(a, param), nil
	case t.IsBlob():
		return match{a.SQL, bytesOfParam(param), ""}, nil
	case t.IsText():
		common := strength{t.Collation, Implicit}
		if merged, ok := merge(strengthOf(a), strengthOf(param)); ok && merged.collation != "binary" {
			common = merged
		}
		return match{a.SQL, call("marmot_text", param.SQL), collateSQL(common.collation)}, nil
	}
	n, err := asNumber(a)
	name := "marmot_comparable_number"
	if isYearColumn(a) {
		name = "marmot_full_year"
	}
	return match{n.SQL, call(name, param.SQL), ""}, err
}

// In is a IN (list), or NOT IN.
func In(a Operand, list []Operand, not bool) (Operand, error) {
	var plain []string
	var other []string
	var first *match
	nullable := a.Nullable
	for _, b := range list {
		nullable = nullable || b.Nullable
		if isNull(a) || isNull(b) {
			plain = append(plain, "NULL")
			continue
		}
		if len(list) > 1 && isTemporal(a) && isString(b) && b.Constant != nil && wrongMember(a, *b.Constant) {
			sql := "''" // it equals nothing; alone it would be an error
			if a.Type.Kind != schemas.Time && a.Type.Kind != schemas.Timestamp && onlyInvalid(*b.Constant) {
				sql = call("marmot_moment", b.SQL, itoa(formOf(a.Type)), itoa(wrongNothing))
			}
			b = Operand{SQL: sql, Type: a.Type}
		}
		m, err := matchOperands("in", a, b)
		if err != nil {
			return a, err
		}
		if first == nil && m.right != "0" {
			first = &m
		}
		if first != nil && m.left == first.left && m.collate == first.collate {
			plain = append(plain, m.right)
		} else {
			other = append(other, m.sql("="))
		}
	}
	if len(plain) > 0 {
		left := "NULL"
		if first != nil {
			left = first.left + first.collate
		}
		other = append(other, "("+left+" IN ("+strings.Join(plain, ", ")+"))")
	}
	sql := strings.Join(other, " OR ")
	if len(other) != 1 {
		sql = "(" + sql + ")"
	}
	if not {
		sql = "(NOT " + sql + ")"
	}
	return boolean(sql, nullable), nil
}

// wrongMember reports whether a constant is no value of the temporal operand's type.
func wrongMember(a Operand, v txn.Value) bool {
	r := &runtime{}
	if a.Type.Kind == schemas.Time {
		_, ok := r.clock(v)
		return !ok
	}
	_, ok := r.moment(v)
	return !ok
}

// Between is a BETWEEN low AND high, or NOT BETWEEN.
func Between(a, low, high Operand, not bool) (Operand, error) {
	nullable := anyNullable(a, low, high)
	if isNull(a) {
		return boolean("NULL", true), nil
	}
	if a, low, high, err := betweenReals(a, low, high); err != nil {
		return a, err
	} else if a.SQL != "" {
		return Between(a, low, high, not)
	}
	parts := [2]match{{"NULL", "NULL", ""}, {"NULL", "NULL", ""}}
	for i, b := range [2]Operand{low, high} {
		if isNull(b) {
			continue
		}
		m, err := matchOperands("between", a, b)
		if err != nil {
			return a, err
		}
		parts[i] = m
	}
	word := " BETWEEN "
	if not {
		word = " NOT BETWEEN "
	}
	if parts[0].left == parts[1].left && parts[0].collate == parts[1].collate && parts[0].right != "0" {
		return boolean("("+parts[0].left+parts[0].collate+word+parts[0].right+" AND "+parts[1].right+")", nullable), nil
	}
	sql := "(" + parts[0].sql(">=") + " AND " + parts[1].sql("<=") + ")"
	if not {
		sql = "(NOT " + sql + ")"
	}
	return boolean(sql, nullable), nil
}

// betweenReals gives the three operands of BETWEEN as doubles where strings and numbers meet: one type serves both comparisons. Constants
// beside a number's column stay, since they become its type. The first is empty if there is nothing to do.
func betweenReals(a, low, high Operand) (Operand, Operand, Operand, error) {
	list := [3]Operand{a, low, high}
	text, number := false, false
	for _, o := range list {
		switch {
		case isString(o) && o.Type.Kind != schemas.Enum && o.Type.Kind != schemas.Set:
			text = true
		case o.Type.IsNumeric() && !o.Param:
			number = true
		case !isNull(o):
			return Operand{}, low, high, nil
		}
	}
	if !text || !number || a.Type.IsNumeric() && a.Constant == nil && low.Constant != nil && high.Constant != nil {
		return Operand{}, low, high, nil
	}
	for i, o := range list {
		if isNull(o) {
			continue
		}
		n, err := asNumber(o)
		if err != nil {
			return Operand{}, low, high, err
		}
		if !isReal(n.Type) {
			n.SQL, n.Type, n.Constant = asReal(n), double(), nil
		}
		list[i] = n
	}
	return list[0], list[1], list[2], nil
}

// wrongConstant is error 1525 on a constant that is no value of the temporal type.
func wrongConstant(t schemas.Type, v txn.Value) error {
	return mysqlerr.Newf(errWrongValue, "Incorrect %s value: '%s'", strings.ToUpper(t.Name()), messageText(textOf(v)))
}

// dynamicCompare is the comparison of two parameters: as strings if both are, else as numbers.
func dynamicCompare(r *runtime, args []txn.Value) (txn.Value, error) {
	a, b := args[0], args[1]
	if a.IsNull() || b.IsNull() {
		return txn.Null(), nil
	}
	isText := func(v txn.Value) bool { return v.Kind() == txn.KindText || v.Kind() == txn.KindBlob }
	if isText(a) && isText(b) {
		c := schemas.LookupCollation(string(args[2].Bytes()))
		if c == nil {
			return txn.Null(), mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, string(args[2].Bytes()))
		}
		return txn.Int(int64(c.Compare(a.Bytes(), b.Bytes()))), nil
	}
	if a.Kind() == txn.KindInteger && b.Kind() == txn.KindInteger {
		return compareOrdered(a.Int64(), b.Int64()), nil
	}
	return compareOrdered(r.float(a), r.float(b)), nil
}

func compareOrdered[T int64 | float64 | uint64 | int](a, b T) txn.Value {
	switch {
	case a < b:
		return txn.Int(-1)
	case a > b:
		return txn.Int(1)
	}
	return txn.Int(0)
}
