package expression

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// errVector is data that is no vector.
const errVector = 6138

// maxDimensions is the most numbers that a vector has.
const maxDimensions = 16383

// vectorFunctions are the functions of the type VECTOR, which is stored as its numbers in single precision, little-endian.
func vectorFunctions() []function {
	const group = "Vector"
	return []function{
		{names: "string_to_vector to_vector", group: group, least: 1, most: 1, args: "s", traits: givesNull,
			result: func([]Operand) schemas.Type { return schemas.Type{Kind: schemas.Vector, Length: maxDimensions} }, run: stringToVector},
		{names: "vector_to_string from_vector", group: group, least: 1, most: 1, args: "r", traits: givesNull, result: resultLongText, run: vectorToString},
		{names: "vector_dim", group: group, least: 1, most: 1, args: "r", traits: givesNull, result: resultBigint, run: vectorDimension},
	}
}

func stringToVector(_ *runtime, args []txn.Value) (txn.Value, error) {
	text := string(textOf(args[0]))
	wrong := mysqlerr.New(errVector, text)
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !ok || !closed {
		return txn.Null(), wrong
	}
	var b []byte
	for item := range strings.SplitSeq(inner, ",") {
		f, err := strconv.ParseFloat(strings.TrimSpace(item), 32)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(item, "xXpP_") || len(b) >= 4*maxDimensions {
			return txn.Null(), wrong
		}
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(f)))
	}
	return txn.Blob(b), nil
}

// vectorOf is the bytes of a vector; false if they are none.
func vectorOf(v txn.Value) ([]byte, bool) {
	b := v.Bytes()
	return b, v.Kind() == txn.KindBlob && len(b) > 0 && len(b)%4 == 0 && len(b) <= 4*maxDimensions
}

func vectorToString(_ *runtime, args []txn.Value) (txn.Value, error) {
	b, ok := vectorOf(args[0])
	if !ok {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "from_vector")
	}
	out := []byte{'['}
	for ; len(b) > 0; b = b[4:] {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = strconv.AppendFloat(out, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), 'e', 5, 64)
	}
	return txn.Text(append(out, ']')), nil
}

func vectorDimension(_ *runtime, args []txn.Value) (txn.Value, error) {
	b, ok := vectorOf(args[0])
	if !ok {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "vector_dim")
	}
	return txn.Int(int64(len(b) / 4)), nil
}
