package expression

import (
	"sort"
	"strings"
	"sync"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/sqlext"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// trait is a property of a function.
type trait uint8

const (
	takesNull  trait = 1 << iota // it is called with NULL arguments; others are NULL then
	givesNull                    // it may be NULL though no argument is
	isVolatile                   // two calls with the same arguments may differ within a statement
	isCollated                   // it compares strings: the collation is its last argument
)

// function is a row of the table of MySQL's functions.
type function struct {
	// names are the function's names, in lower case, the first of which names it in SQLite
	// too, behind marmot_.
	names string
	group string
	// least and most are the numbers of arguments; most -1 is any.
	least, most int
	// args says how each argument is converted, the last letter for all that follow:
	// t string that takes part in the result's collation, s other string, b bytes,
	// n number, j JSON document, v JSON value, r as it is; d, D, e, E, c, y as readings says.
	args   string
	traits trait
	result func(args []Operand) schemas.Type
	run    func(r *runtime, args []txn.Value) (txn.Value, error)
	// build, if set, makes the operand instead of a call of run.
	build func(args []Operand) (Operand, error)
	// derived are the function's derivedTypes.
	derived string
}

// Function describes a function of MySQL for documentation.
type Function struct {
	Name    string
	Group   string
	Aliases []string
	Least   int
	Most    int // -1: any number
}

// registry holds the table of functions; it is built once and never written again.
var registry struct {
	once   sync.Once
	byName map[string]*function
}

// functionTable is the table of functions by name.
func functionTable() map[string]*function {
	registry.once.Do(func() { registry.byName = buildTable() })
	return registry.byName
}

func buildTable() map[string]*function {
	table, derived := map[string]*function{}, derivedTypesOf()
	groups := [][]function{stringFunctions(), searchFunctions(), mathFunctions(), controlFunctions(), dateFunctions(), dateTextFunctions(),
		jsonFunctions(), jsonChangeFunctions(), jsonSchemaFunctions(), gtidFunctions(), infoFunctions(), cryptFunctions(), networkFunctions(), spatialFunctions(), vectorFunctions(), xmlFunctions(), nativeFunctions()}
	for _, list := range groups {
		for i := range list {
			for name := range strings.FieldsSeq(list[i].names) {
				table[name] = &list[i]
				if types := derived[name]; types != "" {
					list[i].derived = types
				}
			}
		}
	}
	return table
}

// Functions lists MySQL's scalar functions by name, for documentation.
func Functions() []Function {
	seen := map[*function]bool{}
	var list []Function
	for _, f := range functionTable() {
		if seen[f] {
			continue
		}
		seen[f] = true
		names := strings.Fields(f.names)
		list = append(list, Function{Name: strings.ToUpper(names[0]), Group: f.group, Aliases: names[1:], Least: f.least, Most: f.most})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Call is a call of a scalar function. Functions with a syntax of their own are called as
//
//	trim_leading, trim_trailing, trim_both(s, remove)   TRIM(LEADING remove FROM s)
//	substring(s, from[, length]), locate(sub, s)        SUBSTRING(s FROM … FOR …), POSITION(sub IN s)
//	timestampdiff, timestampadd('UNIT', …)              the unit as a text constant
//	get_format('DATE', 'ISO')                           likewise
//	json_unquote(json_extract(d, p)), json_extract      ->> and ->
//	member_of(value, array)                             value MEMBER OF (array)
//	now, curtime, sysdate, utc_time, …([digits])        digits as a constant
//
// Errors: 1305 for a name that is no function, 1582 for a wrong number of arguments, and 1267 and
// others of the arguments.
func Call(name string, args []Operand) (Operand, error) {
	f, ok := functionTable()[strings.ReplaceAll(strings.ToLower(name), " ", "_")]
	if !ok {
		return Operand{}, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", name)
	}
	if len(args) < f.least || f.most >= 0 && len(args) > f.most {
		return Operand{}, mysqlerr.New(mysql.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, name)
	}
	ask(args...)
	f.derive(args)
	var o Operand
	var err error
	if f.build != nil {
		o, err = f.build(args)
	} else if findsMember(f, args) {
		o, err = memberPlace(f, args)
	} else {
		o, err = f.call(args)
	}
	if f.group != controlGroup && (o.Type.IsText() || o.Type.IsBlob()) {
		o.Nullable = true // in strict mode, text that is not well formed would be NULL
	}
	return f.ofWidth(o), err
}

// MakesText reports whether a call's text has its collation from no argument.
func MakesText(name string, o Operand) bool {
	f := functionTable()[name]
	return f != nil && name != "uuid" && !strings.Contains(f.args, "t") && (f.build == nil || name == "hex") && o.Type.IsText() && o.Type.Collation == DefaultCollation &&
		o.Coercibility == Coercible
}

func (f *function) kind(i int) byte {
	if f.args == "" {
		return 'r'
	}
	return f.args[min(i, len(f.args)-1)]
}

// sqlName is the name of the function in SQLite.
func (f *function) sqlName() string {
	name, _, _ := strings.Cut(f.names, " ")
	return "marmot_" + name
}

// searchedIn are the functions that look for bytes in text by the collation of the text, with the place of that argument.
var searchedIn = map[string]int{"marmot_instr": 0, "marmot_locate": 1}

// call converts the arguments and makes the call.
func (f *function) call(args []Operand) (Operand, error) {
	out := Operand{Nullable: f.traits&givesNull != 0, Coercibility: Numeric}
	list := make([]string, len(args), len(args)+1)
	converted := make([]Operand, len(args))
	var strengths []Operand
	for i, a := range args {
		sql, operand, err := convertArgument(f.kind(i), a)
		if err != nil {
			return out, err
		}
		list[i], converted[i] = sql, operand
		if f.kind(i) == 't' {
			strengths = append(strengths, operand)
		}
		if f.traits&takesNull == 0 {
			out.Nullable = out.Nullable || a.Nullable || a.Param
		}
	}
	if strings.HasPrefix(f.names, "regexp_") {
		if err := sameBytes(f.names, args[:f.texts(args)]); err != nil {
			return out, err
		}
	}
	common, err := commonCollation(f.lower(), strengths, f.traits&isCollated != 0)
	if err != nil {
		return out, err
	}
	if at, searches := searchedIn[f.sqlName()]; searches && common.collation == "binary" && !converted[at].Type.IsBlob() {
		common = strengthOf(converted[at])
	}
	for i, a := range converted {
		if f.kind(i) == 't' && besideBytes(a, common.collation) {
			if list[i], err = asBytes(a); err != nil {
				return out, err
			}
		}
	}
	if f.traits&isCollated != 0 {
		list = append(list, quoteText(common.collation))
	}
	out.SQL = call(f.sqlName(), list...)
	out.Type = f.result(converted)
	if out.Type.IsText() && len(strengths) > 0 {
		out.Coercibility = common.coercibility
		if common.collation == "binary" {
			out.Type = bytesType(textLength(out.Type))
			out.SQL = "CAST(" + out.SQL + " AS BLOB)"
		} else if c := schemas.LookupCollation(common.collation); c != nil {
			out.Type.Collation, out.Type.Charset = c.Name, c.Charset
		}
	} else if out.Type.IsText() || out.Type.IsBlob() {
		out.Coercibility = Coercible
	}
	return out, nil
}

// texts counts the arguments that take part in the result's collation, which stand first in those that ask.
func (f *function) texts(args []Operand) (n int) {
	for n < len(args) && f.kind(n) == 't' {
		n++
	}
	return n
}

func (f *function) lower() string {
	name, _, _ := strings.Cut(f.names, " ")
	return name
}

func convertArgument(kind byte, a Operand) (string, Operand, error) {
	switch kind {
	case 't', 's':
		o, err := asText(a)
		return o.SQL, o, err
	case 'b':
		sql, err := asBytes(a)
		if a.Param {
			sql = bytesOfParam(a)
		}
		return sql, a, err
	case 'n':
		if a.Param {
			return call("marmot_number", a.SQL), a, nil
		}
		o, err := asNumber(a)
		return o.SQL, o, err
	case 'j':
		if a.Param || isNull(a) || a.Type.Kind == schemas.JSON || a.Type.IsText() {
			return a.SQL, a, nil
		}
		return call("marmot_not_json", a.SQL), a, nil
	case 'v':
		return asJSONValue(a), a, nil
	}
	if k, ok := readings[kind]; ok {
		a = asRead(a, k)
		return a.SQL, a, nil
	}
	a = inSession(a)
	return a.SQL, a, nil
}

// scalar makes a function of SQLite.
func scalar(name string, arity int, deterministic, nulls bool, caches *runtime, run func(r *runtime, args []txn.Value) (txn.Value, error)) sqlext.Function {
	return sqlext.Function{Name: name, Arity: arity, Deterministic: deterministic,
		CallState: func(state any, args []txn.Value) (txn.Value, error) {
			if !nulls {
				for _, a := range args {
					if a.IsNull() {
						return a, nil
					}
				}
			}
			r := runtime{types: caches.types, patterns: caches.patterns}
			r.session, _ = state.(Session)
			v, err := run(&r, args)
			if err == nil {
				err = r.failure
			}
			return v, err
		}}
}

// Extensions lists what the SQL of the package calls: functions, aggregates, and the collations of
// package schemas. The functions share caches, so one Set should serve all connections.
func Extensions() sqlext.Set {
	caches := &runtime{types: newTypeCache(), patterns: newPatternCache()}
	set := sqlext.Set{Collations: schemas.Collations(), Aggregates: aggregates()}
	for _, i := range internalFunctions() {
		set.Functions = append(set.Functions, scalar(i.name, i.arity, true, true, caches, i.run))
	}
	set.Functions = append(set.Functions, scalar("marmot_sysdate", 2, false, true, caches, presentFunction(wallClock)))
	seen := map[*function]bool{}
	names := make([]string, 0, len(functionTable()))
	for name := range functionTable() {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		f := functionTable()[name]
		if f.run == nil || seen[f] {
			continue
		}
		seen[f] = true
		set.Functions = append(set.Functions, scalar(f.sqlName(), -1, f.traits&isVolatile == 0, f.traits&takesNull != 0, caches, f.run))
	}
	return set
}

// internal is a function that only emitted SQL calls. It sees NULL arguments.
type internal struct {
	name  string
	arity int
	run   func(r *runtime, args []txn.Value) (txn.Value, error)
}

func internalFunctions() []internal {
	list := []internal{
		{"marmot_compare", 3, dynamicCompare},
		{"marmot_compare_safe", 3, safely(dynamicCompare)},
		{"marmot_json_compare", 2, jsonCompareFunction},
		{"marmot_json_compare_safe", 2, safely(jsonCompareFunction)},
		{"marmot_moment", 3, momentFunction}, {"marmot_utc", 3, utcFunction}, {"marmot_moment_of_number", 3, momentOfNumberFunction},
		{"marmot_clock", 2, clockFunction}, {"marmot_read", 2, readFunction}, {"marmot_local", 2, localFunction},
		{"marmot_enum_number", 2, enumNumber}, {"marmot_set_number", 2, setNumber}, {"marmot_set_shown", 2, setShown}, {"marmot_set_member", 3, setMember},
		{"marmot_assign", 3, assignFunction}, {"marmot_assign_lenient", 3, assignLenient}, {"marmot_typed_text", 2, typedText},
		{"marmot_signed", 1, signedFunction(false)}, {"marmot_unsigned", 1, signedFunction(true)},
		{"marmot_signed_text", 1, signedTextFunction(false)}, {"marmot_unsigned_text", 1, signedTextFunction(true)},
		{"marmot_cast_decimal", 3, castDecimalFunction},
		{"marmot_double", 1, doubleFunction}, {"marmot_float", 1, floatFunction},
		{"marmot_number", 1, numberFunction}, {"marmot_comparable_number", 1, comparableNumber}, {"marmot_full_year", 1, fullYearFunction},
		{"marmot_decimal_text", 1, decimalTextFunction}, {"marmot_text", 1, textFunction}, {"marmot_bytes", 1, bytesFunction},
		{"marmot_cast_char", 2, castChar}, {"marmot_cast_binary", 2, castBinary},
		{"marmot_bytes_text", 2, bytesText}, {"marmot_encode", 2, encodeFunction}, {"marmot_charset", 2, charsetFunction},
		{"marmot_bit_bytes", 2, bitBytes}, {"marmot_bits", 1, bitsFunction},
		{"marmot_present", 2, presentFunction((*runtime).now)}, {"marmot_present_utc", 2, presentFunction(utcNow)},
		{"marmot_unix_now", 0, unixNow}, {"marmot_unix_timestamp", 3, nullSafe(unixTimestamp)}, {"marmot_from_unixtime", 2, fromUnix},
		{"marmot_add_time", 4, nullSafe(addTime)}, {"marmot_str_to_date", 4, nullSafe(stringToDate)},
		{"marmot_json_object_of", -1, jsonObjectOf}, {"marmot_localized", -1, nullSafe(localizedFunction)},
		{"marmot_like", 4, likeFunction},
		{"marmot_in_base16", 1, inBase(16)}, {"marmot_real_in_base16", 1, realInBase16}, {"marmot_bit_count_of", 1, nullSafe(bitCount)}, {"marmot_round_to", 3, nullSafe(roundTo)},
		{"marmot_floor_of", 1, nullSafe(floor)}, {"marmot_ceiling_of", 1, nullSafe(ceiling)},
		{"marmot_cast_date", 2, castDate}, {"marmot_cast_datetime", 2, castDateTime}, {"marmot_cast_time", 2, castTime},
		{"marmot_cast_year", 1, castYear}, {"marmot_round_fraction", 2, roundFraction},
		{"marmot_temporal_number", 1, temporalNumber}, {"marmot_interval", 5, intervalFunction}, {"marmot_extract", 2, extractFunction},
		{"marmot_range_key", 3, rangeKey},
		{"marmot_cast_json", 1, castJSONFunction}, {"marmot_to_json", 2, jsonValueFunction}, {"marmot_json_number", 1, jsonNumberFunction},
		{"marmot_json_truth", 1, jsonTruth}, {"marmot_json_key", 1, jsonKeyFunction}, {"marmot_not_json", 1, notJSON},
		{"marmot_json_table", 2, jsonTableFunction},
		{"marmot_join", 2, joinFunction}, {"marmot_tuple", -1, tupleFunction}, {"marmot_weight", 2, weightFunction},
		{"marmot_json_collect", 2, jsonCollect}, {"marmot_variance", 3, varianceFunction},
	}
	for op, name := range map[string]string{"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "DIV": "quotient", "%": "remainder"} {
		list = append(list, internal{"marmot_" + name, 3, arithmeticFunction(op)})
	}
	for _, op := range []string{"&", "|", "^", "<<", ">>"} {
		list = append(list, internal{bitName(op), 2, bitFunction(op)})
	}
	list = append(list, internal{"marmot_bit_not", 1, bitFunction("~")})
	sort.Slice(list, func(i, j int) bool { return list[i].name < list[j].name })
	return list
}

// nullSafe gives NULL where an argument is.
func nullSafe(run func(r *runtime, args []txn.Value) (txn.Value, error)) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		for _, a := range args {
			if a.IsNull() {
				return a, nil
			}
		}
		return run(r, args)
	}
}

// safely is a comparison for <=>: NULL equals NULL and nothing else.
func safely(compare func(r *runtime, args []txn.Value) (txn.Value, error)) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		if args[0].IsNull() || args[1].IsNull() {
			return boolValue(args[0].IsNull() != args[1].IsNull()), nil
		}
		return compare(r, args)
	}
}

// Result rules that many functions share.

func resultBigint([]Operand) schemas.Type      { return bigint() }
func resultUnsignedInt([]Operand) schemas.Type { return unsignedBigint() }
func resultBool([]Operand) schemas.Type        { return BoolType() }
func resultDouble([]Operand) schemas.Type      { return double() }
func resultJSON([]Operand) schemas.Type        { return jsonType() }
func resultDate([]Operand) schemas.Type        { return schemas.Type{Kind: schemas.Date} }

func resultText(n int) func([]Operand) schemas.Type {
	return func([]Operand) schemas.Type { return text(n, "") }
}

func resultBytes(n int) func([]Operand) schemas.Type {
	return func([]Operand) schemas.Type { return bytesType(n) }
}

// resultLikeFirst is text as long as the first argument, times n.
func resultLikeFirst(n int) func([]Operand) schemas.Type {
	return func(args []Operand) schemas.Type {
		length := textLength(args[0].Type)
		if length > 0 {
			length *= n
		}
		return text(length, "")
	}
}

// resultJoined is text as long as all arguments together.
func resultJoined(args []Operand) schemas.Type {
	sum := 0
	for _, a := range args {
		n := textLength(a.Type)
		if n < 0 || sum < 0 {
			return text(-1, "")
		}
		sum += n
	}
	return text(sum, "")
}

// IsFunction reports whether the name is that of a function of MySQL's.
func IsFunction(name string) bool {
	_, ok := functionTable()[strings.ToLower(name)]
	return ok
}
