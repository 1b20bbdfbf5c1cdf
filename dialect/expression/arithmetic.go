package expression

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// What the last argument of an arithmetic function says of its result; 0 and more is a DECIMAL of
// that scale.
const (
	resultSigned   = -1
	resultUnsigned = -2
	resultDynamic  = -3 // by the arguments' storage classes: they are parameters
	resultReal     = -4
)

// Arithmetic is a op b for + - * / DIV % & | ^ << >>, with MySQL's result types. What may
// overflow fails when it runs, with error 1690; a division by zero is NULL with a warning.
func Arithmetic(op string, a, b Operand) (Operand, error) {
	op = strings.ToUpper(op)
	switch op {
	case "&", "|", "^", "<<", ">>":
		return bitOperation(op, a, b)
	case "MOD":
		op = "%"
	}
	name, ok := map[string]string{"+": "marmot_add", "-": "marmot_subtract", "*": "marmot_multiply",
		"/": "marmot_divide", "DIV": "marmot_quotient", "%": "marmot_remainder"}[op]
	if !ok {
		return a, mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, "operator "+op)
	}
	if ask(a, b); a.Param || b.Param {
		return arithmeticOfParams(op, name, a, b)
	}
	var err error
	if a, err = asNumber(a); err != nil {
		return a, err
	}
	if b, err = asNumber(b); err != nil {
		return b, err
	}
	out := Operand{Nullable: a.Nullable || b.Nullable || op == "/" || op == "DIV" || op == "%", Coercibility: Numeric}
	out.Type = arithmeticType(op, a.Type, b.Type)
	if isNull(a) || isNull(b) {
		out.SQL, out.Nullable = "NULL", true
		if op != "DIV" {
			out.Type = double()
		}
		return out, nil
	}
	switch out.Type.Kind {
	case schemas.Double:
		out.SQL = realArithmetic(name, a, b)
	case schemas.Decimal:
		out.SQL = call(name, a.SQL, b.SQL, itoa(out.Type.Decimals))
	default:
		integerArithmetic(&out, op, name, a, b)
	}
	return out, nil
}

// Divide is a / b where div_precision_increment differs from its default by delta.
func Divide(a, b Operand, delta int) (Operand, error) {
	o, err := Arithmetic("/", a, b)
	tail := ", " + itoa(o.Type.Decimals) + ")" // the scale of the quotient
	if err != nil || o.Type.Kind != schemas.Decimal || !strings.HasSuffix(o.SQL, tail) {
		return o, err
	}
	scale := min(max(o.Type.Decimals+delta, 0), maxScale)
	o.SQL = strings.TrimSuffix(o.SQL, tail) + ", " + itoa(scale) + ")"
	o.Type = decimal(precisionOf(o.Type)-o.Type.Decimals+scale, scale)
	return o, nil
}

// arithmeticType is the result type of numbers of the types a and b.
func arithmeticType(op string, a, b schemas.Type) schemas.Type {
	real := isReal(a) || isReal(b)
	if op == "DIV" {
		return quotientType(a, b)
	}
	if real {
		return realType(op, a, b)
	}
	if op == "/" {
		scale := min(scaleOf(a)+divisionIncrement, maxScale)
		return decimal(precisionOf(a)-scaleOf(a)+scaleOf(b)+scale, scale)
	}
	if a.Kind != schemas.Decimal && b.Kind != schemas.Decimal {
		return integerType(op, a, b)
	}
	whole := max(precisionOf(a)-scaleOf(a), precisionOf(b)-scaleOf(b))
	scale := max(scaleOf(a), scaleOf(b))
	switch op {
	case "*":
		scale = min(scaleOf(a)+scaleOf(b), maxScale)
		return decimal(precisionOf(a)+precisionOf(b), scale)
	case "%":
		return decimal(whole+scale, scale)
	}
	return decimal(whole+scale+1, scale)
}

// realType is a DOUBLE, with a number of decimals if both operands have one.
func realType(op string, a, b schemas.Type) schemas.Type {
	t := double()
	x, y := realScale(a), realScale(b)
	if x < 0 || y < 0 {
		return t
	}
	n := max(x, y)
	switch op {
	case "*":
		n = x + y
	case "/":
		n += divisionIncrement
	}
	if n <= maxScale {
		t.Decimals, t.Length = n, 17+n
	}
	return t
}

// realScale is the number of decimals of a number; -1 where it is not settled.
func realScale(t schemas.Type) int {
	if isReal(t) {
		return t.Decimals
	}
	return scaleOf(t)
}

// quotientType is the type of a DIV b.
func quotientType(a, b schemas.Type) schemas.Type {
	digits := func(t schemas.Type) int {
		if isReal(t) {
			return longestInteger
		}
		return precisionOf(t) - scaleOf(t)
	}
	by := scaleOf(b)
	if isReal(b) {
		by = longestInteger
	}
	t := schemas.Type{Kind: schemas.BigInt, Unsigned: a.Unsigned || b.Unsigned, Length: min(digits(a)+by, longestInteger)}
	if !t.Unsigned {
		t.Length++
	}
	return t
}

// integerType is the type of a op b for integers and + - * %.
func integerType(op string, a, b schemas.Type) schemas.Type {
	pa, pb := precisionOf(a), precisionOf(b)
	unsigned := a.Unsigned || b.Unsigned
	switch op {
	case "*":
		return integerOfPrecision(pa+pb, unsigned)
	case "%":
		return integerOfPrecision(max(pa, pb), a.Unsigned)
	}
	return integerOfPrecision(max(pa, pb)+1, unsigned)
}

func isReal(t schemas.Type) bool { return t.Kind == schemas.Float || t.Kind == schemas.Double }

func scaleOf(t schemas.Type) int {
	if t.Kind == schemas.Decimal {
		return t.Decimals
	}
	return 0
}

// precisionOf is the number of digits that a number of the type may have.
func precisionOf(t schemas.Type) int {
	switch t.Kind {
	case schemas.Decimal:
		return t.Length
	case schemas.TinyInt:
		return 3
	case schemas.SmallInt:
		return 5
	case schemas.MediumInt:
		return 8
	case schemas.Int:
		return 10
	case schemas.Year:
		return 4
	case schemas.BigInt:
		switch {
		case t.Length <= 0 || t.Length > 20:
		case t.Unsigned, t.Spelling != "", t.Length == 1:
			return t.Length
		default:
			return t.Length - 1
		}
		if t.Unsigned {
			return 20
		}
		return 19
	}
	return 20
}

// integerBits bounds the magnitude of an integer: it is below 2^bits, unless a 64 says otherwise.
func integerBits(a Operand) int {
	if a.Constant != nil && a.Constant.Kind() == txn.KindInteger {
		n := a.Constant.Int64()
		if n < 0 {
			n = -(n + 1)
		}
		return bits.Len64(uint64(n)) + 1
	}
	if a.bits > 0 {
		return a.bits
	}
	switch a.Type.Kind {
	case schemas.TinyInt:
		return 8
	case schemas.SmallInt, schemas.Year:
		return 16
	case schemas.MediumInt:
		return 24
	case schemas.Int:
		return 32
	}
	return 64
}

// neverNegative reports whether the integer is known to be 0 or more.
func neverNegative(a Operand) bool {
	return a.natural || a.Type.Unsigned || a.Type.Kind == schemas.Year
}

// integerArithmetic uses SQLite's operators where the result is sure to fit.
func integerArithmetic(out *Operand, op, name string, a, b Operand) {
	la, lb := integerBits(a), integerBits(b)
	need := 64
	natural := neverNegative(a) && neverNegative(b)
	safe := !out.Type.Unsigned || natural
	switch op {
	case "+":
		need = max(la, lb) + 1
	case "-":
		need = max(la, lb) + 1
		safe, natural = !out.Type.Unsigned, false
	case "*":
		need = la + lb
	case "DIV", "%":
		divisor := b.Constant != nil && b.Constant.Kind() == txn.KindInteger && b.Constant.Int64() > 0
		need, safe = la, safe && divisor && lb < 64 && a.Type.Kind != schemas.Decimal
		natural = neverNegative(a)
	}
	if need <= 63 && safe {
		operator := map[string]string{"DIV": "/"}[op]
		if operator == "" {
			operator = op
		}
		out.SQL = "(" + a.SQL + " " + operator + " " + b.SQL + ")"
		out.bits, out.natural = need, natural
		return
	}
	result := resultSigned
	if out.Type.Unsigned {
		result = resultUnsigned
	}
	out.SQL = call(name, a.SQL, b.SQL, itoa(result))
}

// realArithmetic does not use SQLite's operators: a result that leaves the range is an error.
func realArithmetic(name string, a, b Operand) string {
	return call(name, asReal(a), asReal(b), itoa(resultReal))
}

// arithmeticOfParams decides by the storage class of what is bound.
func arithmeticOfParams(op, name string, a, b Operand) (Operand, error) {
	known := b
	if b.Param {
		known = a
	}
	out := Operand{Nullable: true, Coercibility: Numeric, Type: double()}
	if !known.Param {
		n, err := asNumber(known)
		if err != nil {
			return n, err
		}
		out.Type = arithmeticType(op, n.Type, n.Type)
		if a.Param {
			want(a, n.Type)
			b = n
		} else {
			want(b, n.Type)
			a = n
		}
	} else {
		want(a, double())
		want(b, double())
	}
	if !a.Param && isNull(a) || !b.Param && isNull(b) {
		out.SQL, out.Type = "NULL", double()
		return out, nil
	}
	out.SQL = call(name, numberOfParam(a), numberOfParam(b), itoa(resultDynamic))
	return out, nil
}

func numberOfParam(a Operand) string {
	if a.Param {
		return call("marmot_number", a.SQL)
	}
	return a.SQL
}

// Negate is -a.
func Negate(a Operand) (Operand, error) {
	if a.Param {
		ask(a)
		want(a, double())
		return arithmeticOfParams("-", "marmot_subtract", Literal("", txn.Int(0), bigint()), a)
	}
	a, err := asNumber(a)
	if err != nil || isNull(a) {
		return a, err
	}
	if a.Constant != nil {
		if v, t, ok := negatedConstant(*a.Constant, a.Type); ok {
			return Literal("", v, t), nil
		}
	}
	out := Operand{Type: a.Type, Nullable: a.Nullable, Coercibility: Numeric}
	switch {
	case isReal(a.Type):
		out.Type, out.SQL = double(), "(-"+a.SQL+")"
	case a.Type.Kind == schemas.Decimal:
		out.SQL = call("marmot_subtract", "'0'", a.SQL, itoa(a.Type.Decimals))
	case integerBits(a) < 64:
		out.Type, out.SQL, out.bits = integerOfPrecision(precisionOf(a.Type), false), "(-"+a.SQL+")", integerBits(a)
	default:
		out.Type, out.SQL = bigint(), call("marmot_subtract", "0", a.SQL, itoa(resultSigned))
	}
	return out, nil
}

func negatedConstant(v txn.Value, t schemas.Type) (txn.Value, schemas.Type, bool) {
	switch v.Kind() {
	case txn.KindInteger:
		if v.Int64() == math.MinInt64 {
			return v, t, false
		}
		return txn.Int(-v.Int64()), integerOfPrecision(precisionOf(t), false), true
	case txn.KindReal:
		return txn.Real(-v.Float64()), double(), true
	case txn.KindText:
		d, clean := parseDec(v.Bytes())
		if !clean {
			return v, t, false
		}
		n := d.negate()
		if t.Kind != schemas.Decimal {
			if n.fits(false) {
				return n.integerValue(), bigint(), true
			}
			return n.value(), decimal(20, 0), true
		}
		return n.value(), t, true
	}
	return v, t, false
}

// arithmeticFunction is the function behind an operator.
func arithmeticFunction(op string) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		a, b, result := args[0], args[1], int(args[2].Int64())
		if a.IsNull() || b.IsNull() {
			return txn.Null(), nil
		}
		real := a.Kind() == txn.KindReal || b.Kind() == txn.KindReal
		switch {
		case real || result == resultReal:
			return r.realOperation(op, a, b, result)
		case a.Kind() == txn.KindInteger && b.Kind() == txn.KindInteger && result < 0 && op != "/":
			return r.integerOperation(op, a.Int64(), b.Int64(), result)
		}
		return r.decimalOperation(op, a, b, result)
	}
}

func (r *runtime) realOperation(op string, a, b txn.Value, result int) (txn.Value, error) {
	x, y := r.float(a), r.float(b)
	var f float64
	switch op {
	case "+":
		f = x + y
	case "-":
		f = x - y
	case "*":
		f = x * y
	case "/", "DIV", "%":
		if y == 0 {
			return r.divisionByZero(), nil
		}
		if op == "%" {
			f = math.Mod(x, y)
			break
		}
		f = x / y
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return txn.Null(), outOfRange("DOUBLE", expressionText(op, a, b))
	}
	if op != "DIV" {
		return txn.Real(f), nil
	}
	d := decOfFloat(math.Trunc(f)).rescale(0)
	if result != resultUnsigned && result != resultSigned {
		result = resultSigned
	}
	return integerResult(d, result, op, a, b)
}

func (r *runtime) integerOperation(op string, x, y int64, result int) (txn.Value, error) {
	var n int64
	ok := true
	switch op {
	case "+":
		n = x + y
		ok = (n > x) == (y > 0)
	case "-":
		n = x - y
		ok = (n < x) == (y > 0)
	case "*":
		hi, lo := bits.Mul64(absolute(x), absolute(y))
		n = x * y
		ok = hi == 0 && (lo <= math.MaxInt64 || lo == 1<<63 && (x < 0) != (y < 0))
	case "DIV", "%":
		if y == 0 {
			return r.divisionByZero(), nil
		}
		if op == "%" {
			if y == -1 {
				return txn.Int(0), nil
			}
			return txn.Int(x % y), nil
		}
		ok = x != math.MinInt64 || y != -1
		if ok {
			n = x / y
		}
	}
	if ok && (result != resultUnsigned || n >= 0 || op == "-" && r.has(noUnsignedSubtraction)) {
		return txn.Int(n), nil
	}
	return r.decimalOperation(op, txn.Int(x), txn.Int(y), result)
}

func absolute(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

func (r *runtime) decimalOperation(op string, a, b txn.Value, result int) (txn.Value, error) {
	x, y := r.dec(a), r.dec(b)
	if (op == "/" || op == "DIV" || op == "%") && y.sign() == 0 {
		return r.divisionByZero(), nil
	}
	var d dec
	switch op {
	case "+":
		d = x.add(y)
	case "-":
		d = x.add(y.negate())
	case "*":
		d = x.multiply(y)
	case "/":
		scale := result
		if scale < 0 {
			scale = min(x.scale+divisionIncrement, maxScale)
		}
		d = x.divide(y, scale)
	case "DIV":
		return integerResult(x.quotient(y), min(result, resultSigned), op, a, b)
	case "%":
		d = x.remainder(y)
	}
	if result == resultSigned || result == resultUnsigned {
		if result == resultUnsigned && op == "-" && d.sign() < 0 && r.has(noUnsignedSubtraction) {
			result = resultSigned
		}
		return integerResult(d.rescale(0), result, op, a, b)
	}
	if result >= 0 {
		d = d.rescale(result)
	} else if d.scale > maxScale {
		d = d.rescale(maxScale)
	}
	if d.digits() > maxPrecision {
		return txn.Null(), outOfRange("DECIMAL", expressionText(op, a, b))
	}
	return d.value(), nil
}

func integerResult(d dec, result int, op string, a, b txn.Value) (txn.Value, error) {
	kind := "BIGINT"
	if result == resultUnsigned {
		kind = "BIGINT UNSIGNED"
	}
	if !d.fits(result == resultUnsigned) {
		return txn.Null(), outOfRange(kind, expressionText(op, a, b))
	}
	return d.integerValue(), nil
}

func expressionText(op string, a, b txn.Value) string {
	return fmt.Sprintf("(%s %s %s)", numberText(a), op, numberText(b))
}

// numberText is a number as MySQL prints it in an expression, where a minus is an operator.
func numberText(v txn.Value) string {
	if digits, negative := strings.CutPrefix(string(textOf(v)), "-"); negative {
		return "-(" + digits + ")"
	}
	return string(textOf(v))
}

// parseUnsigned reads decimal digits that fit a uint64.
func parseUnsigned(b []byte) (uint64, bool) {
	n, err := strconv.ParseUint(string(b), 10, 64)
	return n, err == nil
}
