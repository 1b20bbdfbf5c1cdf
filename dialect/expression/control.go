package expression

import (
	"strings"
)

// controlGroup names the functions that choose among their arguments.
const controlGroup = "Control flow"

// controlFunctions are IF and its like, which take arguments of any type.
func controlFunctions() []function {
	const group = controlGroup
	return []function{
		{names: "if", group: group, least: 3, most: 3, build: func(a []Operand) (Operand, error) {
			return caseOf(Truth(a[0]), a[1], a[2], "if")
		}},
		{names: "ifnull", group: group, least: 2, most: 2, build: coalesce},
		{names: "coalesce", group: group, least: 1, most: -1, build: coalesce},
		{names: "nullif", group: group, least: 2, most: 2, build: nullIf},
		{names: "isnull", group: group, least: 1, most: 1, build: func(a []Operand) (Operand, error) { return IsNull(a[0], false) }},
		{names: "any_value", group: group, least: 1, most: 1, build: func(a []Operand) (Operand, error) { return a[0], nil }},
		{names: "greatest", group: group, least: 2, most: -1, build: func(a []Operand) (Operand, error) { return extreme("max", a) }},
		{names: "least", group: group, least: 2, most: -1, build: func(a []Operand) (Operand, error) { return extreme("min", a) }},
		{names: "interval", group: group, least: 2, most: -1, build: intervalPlace},
		{names: "elt", group: group, least: 2, most: -1, build: elt},
		{names: "field", group: group, least: 2, most: -1, build: field},
		{names: "strcmp", group: group, least: 2, most: 2, build: stringCompare},
	}
}

func coalesce(args []Operand) (Operand, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	out, list, err := unified("coalesce", args)
	if err != nil {
		return out, err
	}
	sqls := make([]string, len(list))
	out.Nullable = true
	for i, a := range list {
		sqls[i] = a.SQL
		out.Nullable = out.Nullable && (args[i].Nullable || args[i].Param)
	}
	out.SQL = call("coalesce", sqls...)
	return out, nil
}

func nullIf(a []Operand) (Operand, error) {
	if isNull(a[0]) || isNull(a[1]) {
		return a[0], nil
	}
	equal, err := Compare("=", a[0], a[1])
	if err != nil {
		return equal, err
	}
	out := a[0]
	if out.Type.IsInteger() {
		out.Type = integerOfPrecision(precisionOf(out.Type), out.Type.Unsigned)
	}
	out.SQL = "(CASE WHEN " + equal.SQL + " THEN NULL ELSE " + a[0].SQL + " END)"
	out.Nullable, out.Constant = true, nil
	return out, nil
}

// extreme is GREATEST and LEAST: SQLite's max and min of several arguments, NULL if one is, by the
// collation of the first.
func extreme(name string, args []Operand) (Operand, error) {
	out, list, err := unified(map[string]string{"max": "greatest", "min": "least"}[name], args)
	if err == nil && out.Param { // what has no type has no order
		out.Param, out.Type, out.Coercibility = false, decimal(maxPrecision, maxScale), Numeric
		for i := range list {
			if list[i], err = Conform(list[i], out.Type); err != nil {
				return out, err
			}
		}
	}
	if err != nil || out.Type.Kind == 0 {
		out.SQL = "NULL"
		return out, err
	}
	if out.Type.IsInteger() {
		out.Type = integerOfPrecision(precisionOf(out.Type), out.Type.Unsigned)
	}
	sqls := make([]string, len(list))
	for i, a := range list {
		sqls[i] = a.SQL
		if isNull(args[i]) {
			sqls[i] = "NULL"
		}
	}
	if c := out.Type.SQLiteCollation(); c != "" {
		sqls[0] += " COLLATE " + c
	}
	out.SQL = call(name, sqls...)
	return out, nil
}

// intervalPlace is INTERVAL(n, n1, n2, …): how many of the numbers, in order, n has reached.
func intervalPlace(args []Operand) (Operand, error) {
	n, err := asNumber(args[0])
	if err != nil {
		return n, err
	}
	var b strings.Builder
	b.WriteString("(CASE WHEN " + n.SQL + " IS NULL THEN -1")
	for i, a := range args[1:] {
		m, err := asNumber(a)
		if err != nil {
			return m, err
		}
		less, err := Compare("<", n, m)
		if err != nil {
			return less, err
		}
		b.WriteString(" WHEN " + less.SQL + " THEN " + itoa(i))
	}
	b.WriteString(" ELSE " + itoa(len(args)-1) + " END)")
	return Operand{SQL: b.String(), Type: bigint(), Coercibility: Numeric, bits: 32}, nil
}

// elt is ELT(n, a, b, …): the n-th string.
func elt(args []Operand) (Operand, error) {
	n, err := Cast(args[0], bigint())
	if err != nil {
		return n, err
	}
	list := make([]Operand, 0, len(args)-1)
	for _, a := range args[1:] {
		s, err := asText(a)
		if err != nil {
			return s, err
		}
		list = append(list, s)
	}
	out, list, err := unified("elt", list)
	if err != nil {
		return out, err
	}
	var b strings.Builder
	b.WriteString("(CASE " + n.SQL)
	for i, a := range list {
		b.WriteString(" WHEN " + itoa(i+1) + " THEN " + a.SQL)
	}
	out.SQL, out.Nullable = b.String()+" END)", true
	return out, nil
}

// field is FIELD(a, b, c, …): the place of a among the others, as strings, as numbers, or as
// doubles when they are mixed.
func field(args []Operand) (Operand, error) {
	out := Operand{Type: bigint(), Coercibility: Numeric, bits: 32, natural: true}
	strs, numbers := 0, 0
	for _, a := range args {
		if isString(a) || a.Param {
			strs++
		} else if a.Type.IsNumeric() {
			numbers++
		}
	}
	if isNull(args[0]) {
		out.SQL = "0"
		return out, nil
	}
	var b strings.Builder
	b.WriteString("(CASE")
	for i, a := range args[1:] {
		if isNull(a) {
			continue
		}
		left, right := args[0], a
		if strs > 0 && numbers > 0 {
			var err error
			if left, err = Cast(left, double()); err != nil {
				return out, err
			}
			if right, err = Cast(right, double()); err != nil {
				return out, err
			}
		}
		equal, err := Compare("=", left, right)
		if err != nil {
			return out, err
		}
		b.WriteString(" WHEN " + equal.SQL + " THEN " + itoa(i+1))
	}
	out.SQL = b.String() + " ELSE 0 END)"
	if strings.HasPrefix(out.SQL, "(CASE ELSE") {
		out.SQL = "0"
	}
	return out, nil
}

// stringCompare is STRCMP(a, b).
func stringCompare(args []Operand) (Operand, error) {
	out := Operand{Type: bigint(), Nullable: anyNullable(args...), Coercibility: Numeric, bits: 2}
	a, err := asText(args[0])
	if err != nil {
		return out, err
	}
	b, err := asText(args[1])
	if err != nil {
		return out, err
	}
	if isNull(a) || isNull(b) {
		out.SQL, out.Nullable = "NULL", true
		return out, nil
	}
	m, err := matchText("strcmp", a, b)
	if err != nil {
		return out, err
	}
	out.SQL = "(CASE WHEN " + m.sql("=") + " THEN 0 WHEN " + m.sql("<") + " THEN -1 WHEN " + m.sql(">") + " THEN 1 END)"
	return out, nil
}
