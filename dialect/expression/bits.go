package expression

import (
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// errBitOperand is MySQL's "Binary operands of bitwise operators must be of equal length".
const errBitOperand = 3513

// bitNames are the functions behind the bit operators.
func bitName(op string) string {
	switch op {
	case "&":
		return "marmot_bit_and"
	case "|":
		return "marmot_bit_or"
	case "^":
		return "marmot_bit_xor"
	case "<<":
		return "marmot_shift_left"
	}
	return "marmot_shift_right"
}

// isByteString reports whether bit operations treat a as a string of bytes: a binary string
// that is no hexadecimal literal.
func isByteString(a Operand) bool { return a.Type.IsBlob() && !IsHexLiteral(a) }

// IsHexLiteral tells x'4D' and b'01' from other binary strings: numbers where a number is wanted.
func IsHexLiteral(a Operand) bool {
	return a.Type.IsBlob() && a.Constant != nil && a.Coercibility == Coercible && !a.introduced
}

func bitOperation(op string, a, b Operand) (Operand, error) {
	out := Operand{Type: unsignedBigint(), Nullable: a.Nullable || b.Nullable, Coercibility: Numeric}
	shift := op == "<<" || op == ">>"
	// A hexadecimal literal is a string of bytes beside one.
	if shift && isByteString(a) || !shift && a.Type.IsBlob() && b.Type.IsBlob() && (isByteString(a) || isByteString(b)) {
		out.Type = bytesType(max(a.Type.Length, b.Type.Length))
		if a.Type.IsLarge() {
			out.Type = a.Type
		}
		out.Coercibility = Implicit
		out.SQL = call(bitName(op), a.SQL, b.SQL)
		return out, nil
	}
	ask(a, b)
	if a.Type.IsNumeric() || b.Type.IsNumeric() {
		want(a, bigint())
		want(b, bigint())
	}
	var err error
	if a, err = asNumber(a); err != nil {
		return a, err
	}
	if b, err = asNumber(b); err != nil {
		return b, err
	}
	if isNull(a) || isNull(b) {
		out.SQL, out.Nullable = "NULL", true
		return out, nil
	}
	if nativeBits(op, a, b) {
		out.SQL = "(" + a.SQL + " " + op + " " + b.SQL + ")"
		out.natural = true
		out.bits = max(integerBits(a), integerBits(b))
		return out, nil
	}
	out.SQL = call(bitName(op), numberOfParam(a), numberOfParam(b))
	return out, nil
}

// nativeBits: SQLite's operators work on signed integers, so they serve where no sign can come out.
func nativeBits(op string, a, b Operand) bool {
	if !a.Type.IsInteger() || !b.Type.IsInteger() || integerBits(a) > 63 || integerBits(b) > 63 {
		return false
	}
	switch op {
	case "&":
		return neverNegative(a) || neverNegative(b)
	case "|":
		return neverNegative(a) && neverNegative(b)
	case ">>":
		return neverNegative(a) && b.Constant != nil && neverNegative(b) && b.Constant.Int64() < 64
	}
	return false
}

// BitNot is ~a.
func BitNot(a Operand) (Operand, error) {
	if isByteString(a) {
		return Operand{SQL: call("marmot_bit_not", a.SQL), Type: a.Type, Nullable: a.Nullable, Coercibility: Implicit}, nil
	}
	ask(a)
	n, err := asNumber(a)
	if err != nil {
		return n, err
	}
	return Operand{SQL: call("marmot_bit_not", numberOfParam(n)), Type: unsignedBigint(), Nullable: n.Nullable, Coercibility: Numeric}, nil
}

// bitFunction is the function behind a bit operator. Two blobs are combined byte by byte.
func bitFunction(op string) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		if args[0].IsNull() || len(args) > 1 && args[1].IsNull() {
			return txn.Null(), nil
		}
		if args[0].Kind() == txn.KindBlob {
			return r.byteOperation(op, args)
		}
		x := r.bits(args[0])
		if op == "~" {
			return unsigned(^x), nil
		}
		y := r.bits(args[1])
		switch op {
		case "&":
			x &= y
		case "|":
			x |= y
		case "^":
			x ^= y
		case "<<":
			x <<= min(y, 64)
		case ">>":
			x >>= min(y, 64)
		}
		return unsigned(x), nil
	}
}

func (r *runtime) byteOperation(op string, args []txn.Value) (txn.Value, error) {
	x := args[0].Bytes()
	out := make([]byte, len(x))
	switch op {
	case "~":
		for i := range x {
			out[i] = ^x[i]
		}
		return txn.Blob(out), nil
	case "<<", ">>":
		shiftBytes(out, x, r.bits(args[1]), op == "<<")
		return txn.Blob(out), nil
	}
	y := args[1].Bytes()
	if len(x) != len(y) {
		return txn.Null(), mysqlerr.New(errBitOperand)
	}
	for i := range x {
		switch op {
		case "&":
			out[i] = x[i] & y[i]
		case "|":
			out[i] = x[i] | y[i]
		default:
			out[i] = x[i] ^ y[i]
		}
	}
	return txn.Blob(out), nil
}

// shiftBytes shifts x as one big-endian number of fixed width into out.
func shiftBytes(out, x []byte, n uint64, left bool) {
	if n >= uint64(len(x))*8 {
		return
	}
	whole, part := int(n/8), n%8
	for i := range out {
		if left {
			out[i] = byteAt(x, i+whole)<<part | byte(uint16(byteAt(x, i+whole+1))>>(8-part))
		} else {
			out[i] = byteAt(x, i-whole)>>part | byte(uint16(byteAt(x, i-whole-1))<<(8-part))
		}
	}
}

func byteAt(b []byte, i int) byte {
	if i < 0 || i >= len(b) {
		return 0
	}
	return b[i]
}

// bitAggregateType is the result type of BIT_AND, BIT_OR and BIT_XOR over a.
func bitAggregateType(a Operand) schemas.Type {
	if isByteString(a) {
		return a.Type
	}
	return unsignedBigint()
}
