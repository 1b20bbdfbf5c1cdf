package expression

import (
	"hash/crc32"
	"math"
	"math/bits"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// errLogarithm is MySQL's "Invalid argument for logarithm".
const errLogarithm = 3020

func mathFunctions() []function {
	const group = "Numeric"
	real := func(names string, f func(float64) float64) function {
		return function{names: names, group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultDouble, run: realFunction(names, f)}
	}
	unit := func(name string, f func(float64) float64) function {
		return function{names: name, group: group, least: 1, most: 1, args: "n", result: resultDouble, run: realFunction(name, f)}
	}
	return []function{
		{names: "abs", group: group, least: 1, most: 1, args: "n", result: resultNumber, run: abs},
		{names: "ceiling ceil", group: group, least: 1, most: 1, build: wholeOperand("marmot_ceiling_of")},
		{names: "floor", group: group, least: 1, most: 1, build: wholeOperand("marmot_floor_of")},
		{names: "round", group: group, least: 1, most: 2, build: roundOperand(true)},
		{names: "truncate", group: group, least: 2, most: 2, build: roundOperand(false)},
		{names: "sign", group: group, least: 1, most: 1, args: "n", result: resultBigint, run: sign},
		{names: "mod", group: group, least: 2, most: 2, build: func(a []Operand) (Operand, error) { return Arithmetic("%", a[0], a[1]) }},
		{names: "pow power", group: group, least: 2, most: 2, args: "n", traits: givesNull, result: resultDouble, run: power},
		real("sqrt", math.Sqrt), real("exp", exp),
		real("sin", sine), real("cos", cosine), real("tan", tangent), real("cot", func(x float64) float64 { return 1 / tangent(x) }),
		real("asin", arcSine), real("acos", arcCosine),
		unit("radians", func(x float64) float64 { return x * (math.Pi / 180) }), unit("degrees", func(x float64) float64 { return x * (180 / math.Pi) }),
		{names: "atan atan2", group: group, least: 1, most: 2, args: "n", traits: givesNull, result: resultDouble, run: arcTangent},
		{names: "ln", group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultDouble, run: logarithm(naturalLog)},
		{names: "log2", group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultDouble, run: logarithm(binaryLog)},
		{names: "log10", group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultDouble, run: logarithm(decimalLog)},
		{names: "log", group: group, least: 1, most: 2, args: "n", traits: givesNull, result: resultDouble, run: logarithmOfBase},
		{names: "pi", group: group, least: 0, most: 0, build: func([]Operand) (Operand, error) {
			return Operand{SQL: "3.141592653589793", Type: schemas.Type{Kind: schemas.Double, Length: 8, Decimals: 6}, Coercibility: Numeric}, nil
		}},
		{names: "rand", group: group, least: 0, most: 1, args: "n", traits: takesNull | isVolatile, result: resultDouble, run: random},
		{names: "crc32", group: group, least: 1, most: 1, args: "b", result: resultUnsignedInt, run: crc},
		{names: "bit_count", group: group, least: 1, most: 1, build: bitCountOperand},
	}
}

// resultNumber is the type of the argument as a number.
func resultNumber(args []Operand) schemas.Type {
	switch t := args[0].Type; {
	case args[0].Param || isNull(args[0]) || isReal(t):
		return double()
	case t.Kind == schemas.Decimal:
		return t
	}
	t := bigint()
	t.Unsigned = args[0].Type.Unsigned
	return t
}

// resultWhole is the type of FLOOR and CEILING: an integer, unless it may not fit.
func resultWhole(args []Operand) schemas.Type {
	t := resultNumber(args)
	if t.Kind == schemas.Decimal {
		if t.Length-t.Decimals < 18 {
			return bigint()
		}
		return decimal(t.Length-t.Decimals+1, 0)
	}
	return t
}

func abs(r *runtime, args []txn.Value) (txn.Value, error) {
	v := args[0]
	switch v.Kind() {
	case txn.KindInteger:
		n := v.Int64()
		if n == math.MinInt64 {
			return txn.Null(), outOfRange("BIGINT", "abs("+string(textOf(v))+")")
		}
		return txn.Int(max(n, -n)), nil
	case txn.KindReal:
		return txn.Real(math.Abs(v.Float64())), nil
	}
	return absoluteDec(r.dec(v)).value(), nil
}

func sign(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].Kind() == txn.KindReal {
		return compareOrdered(args[0].Float64(), 0), nil
	}
	return txn.Int(int64(r.dec(args[0]).sign())), nil
}

func ceiling(r *runtime, args []txn.Value) (txn.Value, error) {
	return r.toWhole(args[0], math.Ceil, 1)
}

func floor(r *runtime, args []txn.Value) (txn.Value, error) {
	return r.toWhole(args[0], math.Floor, -1)
}

// toWhole rounds a decimal away from zero where its sign is towards.
func (r *runtime) toWhole(v txn.Value, real func(float64) float64, towards int) (txn.Value, error) {
	switch v.Kind() {
	case txn.KindInteger:
		return v, nil
	case txn.KindReal:
		return txn.Real(real(v.Float64())), nil
	}
	d := r.dec(v)
	whole := d.truncate(0)
	if d.sign() == towards && whole.compare(d) != 0 {
		whole = whole.add(dec{small: int64(towards)})
	}
	return whole.value(), nil
}

// wholeOperand is FLOOR and CEILING.
func wholeOperand(name string) func(args []Operand) (Operand, error) {
	return func(args []Operand) (Operand, error) {
		n, err := asHybrid(args[0])
		if err != nil {
			return n, err
		}
		out := Operand{Nullable: args[0].Nullable || n.Param, Coercibility: Numeric, Type: resultWhole([]Operand{n})}
		out.SQL = call(name, numberOfParam(n))
		switch {
		case n.Type.IsInteger():
			out.SQL, out.bits, out.natural = n.SQL, integerBits(n), neverNegative(n)
		case n.Type.Kind == schemas.Decimal && out.Type.IsInteger():
			out.SQL = "CAST(" + out.SQL + " AS INTEGER)"
		}
		return out, nil
	}
}

// placesOf is the second argument of ROUND and TRUNCATE: a constant is an integer, whatever it is written as.
func placesOf(args []Operand) (Operand, error) {
	if len(args) < 2 {
		return Literal("", txn.Int(0), bigint()), nil
	}
	a := args[1]
	if a.Constant == nil || a.Type.IsInteger() || a.Constant.IsNull() {
		return asNumber(a)
	}
	n := int64(0)
	switch {
	case a.Constant.Kind() == txn.KindReal:
		n = int64(math.RoundToEven(min(max(a.Constant.Float64(), -maxPrecision), maxPrecision)))
	case a.Type.Kind == schemas.Decimal:
		d, _ := parseDec(a.Constant.Bytes())
		n = d.rescale(0).int64()
	case a.Type.IsText():
		d, _ := parseDec(a.Constant.Bytes())
		n = d.truncate(0).int64()
	default:
		return asNumber(a)
	}
	return Literal("", txn.Int(n), bigint()), nil
}

// asHybrid is an operand as ABS, FLOOR and ROUND take it: dates and bytes are doubles.
func asHybrid(a Operand) (Operand, error) {
	n, err := asNumber(a)
	if err != nil || a.Param || isNull(n) || a.Type.IsNumeric() || isReal(n.Type) || a.Type.Kind == schemas.Year || a.Type.Kind == schemas.Bit {
		return n, err
	}
	out := Operand{SQL: call("marmot_double", n.SQL), Type: double(), Nullable: n.Nullable, Coercibility: Numeric}
	return out, nil
}

// roundOperand is ROUND and TRUNCATE, whose result's scale follows from a constant second argument.
func roundOperand(round bool) func(args []Operand) (Operand, error) {
	mode := "0"
	if round {
		mode = "1"
	}
	return func(args []Operand) (Operand, error) {
		n, err := asHybrid(args[0])
		if err != nil {
			return n, err
		}
		places, err := placesOf(args)
		if err != nil {
			return places, err
		}
		out := Operand{Nullable: anyNullable(args...) || n.Param, Coercibility: Numeric, Type: resultNumber([]Operand{n})}
		if isNull(n) || isNull(places) {
			out.SQL, out.Nullable = "NULL", true
			return out, nil
		}
		digits, known := constantInt(places)
		if out.Type.Kind == schemas.Decimal {
			scale := out.Type.Decimals
			if known {
				scale = min(max(digits, 0), scale, maxScale)
			}
			whole := out.Type.Length - out.Type.Decimals
			if round {
				whole++
			}
			out.Type = decimal(whole+scale, scale)
			if round {
				out.SQL = call("marmot_round_to", n.SQL, places.SQL, itoa(scale*2+1))
			} else {
				out.SQL = call("marmot_round_to", n.SQL, places.SQL, itoa(scale*2))
			}
			return out, nil
		}
		if known && digits >= 0 && out.Type.IsInteger() {
			out.SQL, out.bits, out.natural = n.SQL, integerBits(n), neverNegative(n)
			return out, nil
		}
		out.SQL = call("marmot_round_to", numberOfParam(n), places.SQL, mode)
		return out, nil
	}
}

// roundTo is marmot_round_to(x, places, how): how is 1 for rounding and 0 for cutting, plus twice the
// scale of a decimal result.
func roundTo(r *runtime, args []txn.Value) (txn.Value, error) {
	v, places, how := args[0], clampInt(r.integer(args[1])), int(args[2].Int64())
	round, scale := how%2 == 1, how/2
	places = min(max(places, -100), 400)
	switch v.Kind() {
	case txn.KindReal:
		return txn.Real(roundFloat(v.Float64(), places, round)), nil
	case txn.KindInteger:
		if places >= 0 {
			return v, nil
		}
		d := dec{small: v.Int64()}.toScale(places, round).toScale(0, round)
		if d.big != nil {
			return txn.Null(), outOfRange("BIGINT", "round("+string(textOf(v))+")")
		}
		return txn.Int(d.small), nil
	}
	d := r.dec(v)
	if places < d.scale {
		d = d.toScale(places, round)
	}
	d = d.toScale(scale, round)
	if d.digits() > maxPrecision {
		return txn.Null(), outOfRange("DECIMAL", "round("+string(v.Bytes())+")")
	}
	return d.value(), nil
}

// roundFloat is MySQL's my_double_round.
func roundFloat(f float64, places int, round bool) float64 {
	power := math.Pow(10, math.Abs(float64(places)))
	up := f * power
	if places < 0 {
		up = f / power
	}
	switch {
	case places < 0 && math.IsInf(power, 0):
		return 0
	case places >= 0 && (math.IsInf(up, 0) || math.IsNaN(up)):
		return f
	}
	var n float64
	switch {
	case round:
		n = math.RoundToEven(up)
	case f >= 0:
		n = math.Floor(up)
	default:
		n = math.Ceil(up)
	}
	if places < 0 {
		return n * power
	}
	return n / power
}

// realFunction is a function of doubles, NULL outside its domain and error 1690 beyond the range.
func realFunction(name string, f func(float64) float64) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		x := f(r.float(args[0]))
		if math.IsNaN(x) {
			return txn.Null(), nil
		}
		if math.IsInf(x, 0) {
			return txn.Null(), outOfRange("DOUBLE", name+"("+string(textOf(args[0]))+")")
		}
		return txn.Real(x), nil
	}
}

func power(r *runtime, args []txn.Value) (txn.Value, error) {
	x := powerOf(r.float(args[0]), r.float(args[1]))
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return txn.Null(), outOfRange("DOUBLE", "pow("+string(textOf(args[0]))+","+string(textOf(args[1]))+")")
	}
	return txn.Real(x), nil
}

func arcTangent(r *runtime, args []txn.Value) (txn.Value, error) {
	if len(args) == 1 {
		return txn.Real(arcTan(r.float(args[0]))), nil
	}
	return txn.Real(arcTan2(r.float(args[0]), r.float(args[1]))), nil
}

func (r *runtime) badLogarithm() txn.Value {
	if r.has(errorForDivisionByZero) {
		r.warn(mysqlerr.New(errLogarithm))
	}
	return txn.Null()
}

func logarithm(f func(float64) float64) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		x := r.float(args[0])
		if x <= 0 {
			return r.badLogarithm(), nil
		}
		return txn.Real(f(x)), nil
	}
}

func logarithmOfBase(r *runtime, args []txn.Value) (txn.Value, error) {
	if len(args) == 1 {
		return logarithm(naturalLog)(r, args)
	}
	base, x := r.float(args[0]), r.float(args[1])
	if base <= 0 || x <= 0 || base == 1 {
		return r.badLogarithm(), nil
	}
	return txn.Real(naturalLog(x) / naturalLog(base)), nil
}

// random is RAND([seed]). With a seed it is the first number of MySQL's generator for that seed.
func random(r *runtime, args []txn.Value) (txn.Value, error) {
	if len(args) > 0 {
		return r.seeded(args), nil
	}
	if s, ok := r.session.(Seeds); ok {
		if n, ok := s.NextRandom(); ok {
			return txn.Real(n), nil
		}
	}
	b, err := r.randomBytes(8)
	if err != nil {
		return txn.Null(), err
	}
	return txn.Real(float64(bytesToBits(b)>>11) / (1 << 53)), nil
}

// RandomState is the state of MySQL's generator of numbers: of RAND(n) with a constant n between two rows, or of a session that has set its seeds. The
// zero value has no seed yet.
type RandomState struct {
	Seeded      bool
	First, Next uint64
}

// mostRandom is the modulus of MySQL's generator.
const mostRandom = 0x3fffffff

func (s *RandomState) seed(n uint32) {
	*s = RandomState{true, uint64(n*0x10001 + 55555555), uint64(n * 0x10000001)}
}

// Number is the next number.
func (s *RandomState) Number() float64 {
	s.First = (s.First%mostRandom*3 + s.Next%mostRandom) % mostRandom
	s.Next = (s.First + s.Next%mostRandom + 33) % mostRandom
	return float64(s.First) / mostRandom
}

// seeded is RAND(n), and marmot_rand(n, call) for a constant n, which gives a series of numbers.
func (r *runtime) seeded(args []txn.Value) txn.Value {
	state := &RandomState{}
	if s, ok := r.session.(SeededRandoms); ok && len(args) == 2 {
		if kept := s.SeededRandom(args[1].Int64()); kept != nil {
			state = kept
		}
	}
	if !state.Seeded {
		n := uint32(0)
		if !args[0].IsNull() {
			n = uint32(r.integer(args[0]))
		}
		state.seed(n)
	}
	return txn.Real(state.Number())
}

// RandomSeries is RAND(n) of a constant, the given call of RAND in its statement.
func RandomSeries(args []Operand, number int) (Operand, error) {
	o, err := Call("rand", args)
	if err == nil {
		o.SQL = strings.TrimSuffix(o.SQL, ")") + ", " + itoa(number) + ")"
	}
	return o, err
}

func crc(r *runtime, args []txn.Value) (txn.Value, error) {
	return txn.Int(int64(crc32.ChecksumIEEE(textOf(args[0])))), nil
}

// bitCountOperand is BIT_COUNT: of a binary string its bytes, of anything else its 64 bits.
func bitCountOperand(args []Operand) (Operand, error) {
	out := Operand{Type: bigint(), Nullable: args[0].Nullable || args[0].Param, Coercibility: Numeric}
	a := args[0]
	if !isByteString(a) {
		var err error
		if a, err = asNumber(a); err != nil {
			return a, err
		}
	}
	out.SQL = call("marmot_bit_count_of", numberOfParam(a))
	return out, nil
}

func bitCount(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].Kind() != txn.KindBlob {
		return txn.Int(int64(bits.OnesCount64(r.bits(args[0])))), nil
	}
	n := 0
	for _, c := range args[0].Bytes() {
		n += bits.OnesCount8(c)
	}
	return txn.Int(int64(n)), nil
}
