package expression

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// AggregateOptions are what stands in and behind an aggregate's parentheses besides arguments.
type AggregateOptions struct {
	Distinct bool
	OrderBy  []string // SQL with DESC where wanted, of SortSQL
	// Separator of GROUP_CONCAT. Empty is MySQL's comma unless HasSeparator.
	Separator    string
	HasSeparator bool
	// Window is the text OVER (…), or empty. What it follows may be inside other calls, so an
	// aggregate over a window needs it here.
	Window string
	// DivisionDelta: see Divide.
	DivisionDelta int
}

// aggregation is one use of an aggregate while its SQL is built.
type aggregation struct {
	AggregateOptions
	a    Operand
	args []Operand
}

// call is SQL of one of SQLite's aggregates, with DISTINCT, ORDER BY and OVER.
func (g *aggregation) call(name, arg string) string {
	var b strings.Builder
	b.WriteString(name + "(")
	if g.Distinct {
		b.WriteString("DISTINCT ")
	}
	b.WriteString(arg)
	if len(g.OrderBy) > 0 {
		b.WriteString(" ORDER BY " + strings.Join(g.OrderBy, ", "))
	}
	b.WriteString(")")
	if g.Window != "" {
		b.WriteString(" " + g.Window)
	}
	return b.String()
}

// Aggregate is a call of an aggregate function: COUNT, SUM, AVG, MIN, MAX, GROUP_CONCAT, BIT_AND,
// BIT_OR, BIT_XOR, STD, STDDEV, STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP, VARIANCE,
// JSON_ARRAYAGG, JSON_OBJECTAGG, ANY_VALUE. COUNT(*) has no arguments.
func Aggregate(name string, args []Operand, o AggregateOptions) (Operand, error) {
	g := &aggregation{AggregateOptions: o, args: args}
	name = strings.ToLower(name)
	ask(args...)
	switch name {
	case "sum", "avg", "std", "stddev", "stddev_pop", "stddev_samp", "var_pop", "var_samp", "variance":
		for _, a := range args {
			want(a, double())
		}
	}
	if len(args) > 0 {
		g.a = inSession(args[0])
	} else if name != "count" {
		return Operand{}, mysqlerr.New(mysql.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, name)
	}
	switch name {
	case "count":
		return g.count()
	case "sum":
		return g.sum()
	case "avg":
		return g.average()
	case "min", "max":
		return g.extreme(name)
	case "group_concat":
		return g.concat()
	case "bit_and", "bit_or", "bit_xor":
		return g.bits(name)
	case "std", "stddev", "stddev_pop", "var_pop", "variance", "stddev_samp", "var_samp":
		return g.variance(name)
	case "json_arrayagg":
		return Operand{SQL: call("marmot_json_collect", g.call("marmot_json_items", asJSONValue(g.a)), "'array'"), Type: jsonType(), Nullable: true, Coercibility: Implicit}, nil
	case "json_objectagg":
		return g.object()
	case "st_collect":
		return Operand{SQL: g.call("marmot_collect", g.a.SQL), Type: schemas.Type{Kind: schemas.Geometry, Spelling: "GEOMETRY"}, Nullable: true, Coercibility: Implicit}, nil
	case "any_value":
		return widened(g.a), nil
	}
	return Operand{}, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", name)
}

func (g *aggregation) count() (Operand, error) {
	out := Operand{Type: bigint(), Coercibility: Numeric, bits: 62, natural: true}
	switch {
	case len(g.args) == 0:
		out.SQL = g.call("count", "*")
	case len(g.args) == 1 && g.Distinct:
		out.SQL = g.call("count", GroupSQL(g.a))
	case len(g.args) == 1:
		out.SQL = g.call("count", g.a.SQL)
	default:
		key, err := tupleKey(g.args)
		if err != nil {
			return out, err
		}
		out.SQL = g.call("count", key)
	}
	return out, nil
}

// tupleKey is one value for several, equal where each of them is equal; NULL if one is.
func tupleKey(args []Operand) (string, error) {
	list := make([]string, len(args))
	for i, a := range args {
		a = inSession(a)
		list[i] = a.SQL
		switch c := a.Type.SQLiteCollation(); c {
		case "":
		case schemas.DecimalCollation, schemas.TimeCollation:
			n, err := asNumber(a)
			if err != nil {
				return "", err
			}
			list[i] = call("marmot_double", n.SQL)
		default:
			list[i] = call("marmot_weight", a.SQL, quoteText(c))
		}
		if a.Type.Kind == schemas.JSON {
			list[i] = call("marmot_json_key", a.SQL)
		}
	}
	return call("marmot_tuple", list...), nil
}

// number is the argument as a number, and how SUM and AVG treat it.
func (g *aggregation) number() (Operand, error) {
	if g.a.Param {
		return Cast(g.a, double())
	}
	n, err := asNumber(g.a)
	if err == nil && isNull(n) {
		n.Type, n.SQL = double(), "NULL"
	}
	return n, err
}

// distinctNumber is a number as DISTINCT has to see it: 1.0 and 1.00 are the same.
func (g *aggregation) distinctNumber(n Operand) string {
	if g.Distinct && n.Type.Kind == schemas.Decimal {
		return n.SQL + " COLLATE " + schemas.DecimalCollation
	}
	return n.SQL
}

// maxSumBits: a sum of this many bits a row can't overflow 64 bits in a table that fits a disk.
const maxSumBits = 32

func (g *aggregation) sum() (Operand, error) {
	n, err := g.number()
	if err != nil {
		return n, err
	}
	out := Operand{Nullable: true, Coercibility: Numeric}
	switch {
	case isReal(n.Type):
		out.Type, out.SQL = double(), g.call("marmot_sum_real", n.SQL)
	case n.Type.IsInteger() && integerBits(n) <= maxSumBits:
		out.Type = decimal(precisionOf(n.Type)+22, 0)
		out.SQL = "CAST(" + g.call("sum", n.SQL) + " AS TEXT)"
	default:
		out.Type = decimal(precisionOf(n.Type)+22, scaleOf(n.Type))
		out.SQL = g.call("marmot_sum", g.distinctNumber(n))
	}
	return out, nil
}

func (g *aggregation) average() (Operand, error) {
	n, err := g.number()
	if err != nil {
		return n, err
	}
	out := Operand{Nullable: true, Coercibility: Numeric}
	if isReal(n.Type) {
		out.Type, out.SQL = double(), g.call("marmot_avg_real", n.SQL)
		return out, nil
	}
	increment := divisionIncrement + g.DivisionDelta
	scale := min(scaleOf(n.Type)+increment, maxScale)
	out.Type = decimal(precisionOf(n.Type)+increment, scale)
	sum := g.call("marmot_sum", g.distinctNumber(n))
	if n.Type.IsInteger() && integerBits(n) <= maxSumBits {
		sum = g.call("sum", n.SQL)
	}
	out.SQL = call("marmot_divide", sum, g.call("count", g.distinctNumber(n)), itoa(scale))
	// The quotient of an empty group is NULL because the sum is.
	return out, nil
}

func (g *aggregation) extreme(name string) (Operand, error) {
	out := g.a
	out.Nullable, out.Constant, out.bits, out.natural = true, nil, 0, false
	if out.Param {
		out, _ = asText(out)
	}
	arg := out.SQL
	switch out.Type.Kind {
	case schemas.JSON:
		out.SQL = g.call("marmot_json_"+name, arg)
		return out, nil
	case schemas.Enum, schemas.Set:
		out.Type = text(textLength(out.Type), out.Type.Collation)
		out.Type.Kind = schemas.Char
	case 0:
		out.SQL = g.call(name, "NULL")
		return out, nil
	}
	if c := out.Type.SQLiteCollation(); c != "" {
		arg += " COLLATE " + c
	}
	g.Distinct = false
	out.SQL = g.call(name, arg)
	if g.Window != "" {
		out = widened(out)
	}
	return out, nil
}

// widened is an integer as MySQL's temporary tables hold what is computed: as BIGINT.
func widened(o Operand) Operand {
	if o.Type.IsInteger() {
		o.Type = schemas.Type{Kind: schemas.BigInt, Unsigned: o.Type.Unsigned, Length: o.Type.Length, Spelling: o.Type.Spelling}
	}
	return o
}

// concat is GROUP_CONCAT. The aggregate keeps the strings apart; marmot_join, which sees the
// session, joins them and cuts at group_concat_max_len.
func (g *aggregation) concat() (Operand, error) {
	joined := g.args
	value, err := Call("concat", joined)
	if len(joined) == 1 {
		value, err = asText(g.a)
	}
	if err != nil {
		return value, err
	}
	separator := g.Separator
	if separator == "" && !g.HasSeparator {
		separator = ","
	}
	arg := value.SQL
	if g.Distinct {
		arg += collateSQL(strengthOf(value).collation)
	}
	out := Operand{Nullable: true, Coercibility: value.Coercibility, Type: text(-1, value.Type.Collation)}
	out.SQL = call("marmot_join", g.call("marmot_strings", arg), quoteText(separator))
	if value.Type.IsBlob() {
		out.Type, out.SQL = schemas.Type{Kind: schemas.LongBlob}, "CAST("+out.SQL+" AS BLOB)"
	}
	return out, nil
}

func (g *aggregation) bits(name string) (Operand, error) {
	out := Operand{Type: bitAggregateType(g.a), Coercibility: Numeric}
	if isByteString(g.a) {
		out.SQL = g.call("marmot_"+name+"_bytes", g.a.SQL)
		return out, nil
	}
	n, err := asNumber(g.a)
	if err != nil {
		return n, err
	}
	if isReal(n.Type) || n.Type.Kind == schemas.Decimal {
		if n, err = Cast(n, bigint()); err != nil {
			return n, err
		}
	}
	out.SQL = g.call("marmot_"+name+"_of", numberOfParam(n))
	return out, nil
}

// variance is STD and VAR: the aggregate gathers count, mean and squares, which marmot_variance makes
// the result of.
func (g *aggregation) variance(name string) (Operand, error) {
	n, err := g.number()
	if err != nil {
		return n, err
	}
	sample, root := "0", "0"
	if strings.HasSuffix(name, "_samp") {
		sample = "1"
	}
	if strings.HasPrefix(name, "std") {
		root = "1"
	}
	out := Operand{Type: double(), Nullable: true, Coercibility: Numeric}
	out.SQL = call("marmot_variance", g.call("marmot_moments", asReal(n)), sample, root)
	return out, nil
}

func (g *aggregation) object() (Operand, error) {
	if len(g.args) != 2 {
		return Operand{}, mysqlerr.New(mysql.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, "json_objectagg")
	}
	key, err := asText(g.a)
	if err != nil {
		return key, err
	}
	sql := g.call("marmot_json_pairs", key.SQL+", "+asJSONValue(g.args[1]))
	return Operand{SQL: call("marmot_json_collect", sql, "'object'"), Type: jsonType(), Nullable: true, Coercibility: Implicit}, nil
}

// WindowFunction is a call of a function that needs a window, without its OVER clause, which the
// caller appends: ROW_NUMBER, RANK, DENSE_RANK, PERCENT_RANK, CUME_DIST, NTILE, LAG, LEAD,
// FIRST_VALUE, LAST_VALUE, NTH_VALUE.
func WindowFunction(name string, args []Operand) (Operand, error) {
	name = strings.ToLower(name)
	limits, ok := map[string][2]int{"row_number": {0, 0}, "rank": {0, 0}, "dense_rank": {0, 0}, "percent_rank": {0, 0},
		"cume_dist": {0, 0}, "ntile": {1, 1}, "lag": {1, 3}, "lead": {1, 3}, "first_value": {1, 1}, "last_value": {1, 1}, "nth_value": {2, 2}}[name]
	if !ok {
		return Operand{}, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", name)
	}
	if len(args) < limits[0] || len(args) > limits[1] {
		return Operand{}, mysqlerr.New(mysql.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, name)
	}
	switch name {
	case "percent_rank", "cume_dist":
		return Operand{SQL: name + "()", Type: double(), Coercibility: Numeric}, nil
	case "ntile":
		return Operand{SQL: call(name, args[0].SQL), Type: unsignedBigint(), Nullable: true, Coercibility: Numeric, bits: 62}, nil
	case "row_number", "rank", "dense_rank":
		return Operand{SQL: name + "()", Type: unsignedBigint(), Coercibility: Numeric, bits: 62}, nil
	}
	return valueOfWindow(name, args)
}

func valueOfWindow(name string, args []Operand) (Operand, error) {
	a := inSession(args[0])
	if a.Param {
		a, _ = asText(a)
	}
	out := a
	out.Nullable, out.Constant = true, nil
	list := []string{a.SQL}
	if len(args) == 3 {
		both, converted, err := unified(name, []Operand{a, args[2]})
		if err != nil {
			return out, err
		}
		out.Type = both.Type
		list = []string{converted[0].SQL, args[1].SQL, converted[1].SQL}
	} else if len(args) == 2 {
		list = append(list, args[1].SQL)
	}
	if out.Type.IsInteger() {
		out.Type = integerOfPrecision(precisionOf(out.Type), out.Type.Unsigned)
	}
	out.SQL = call(name, list...)
	return out, nil
}
