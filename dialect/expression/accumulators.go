package expression

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/sqlext"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// aggregates are SQLite's aggregates that emitted SQL calls.
func aggregates() []sqlext.Aggregate {
	list := []sqlext.Aggregate{
		{Name: "marmot_sum", Arity: 1, New: func() sqlext.Accumulator { return &sumDecimal{} }},
		{Name: "marmot_sum_real", Arity: 1, New: func() sqlext.Accumulator { return &sumReal{} }},
		{Name: "marmot_avg_real", Arity: 1, New: func() sqlext.Accumulator { return &sumReal{average: true} }},
		{Name: "marmot_moments", Arity: 1, New: func() sqlext.Accumulator { return &moments{} }},
		{Name: "marmot_collect", Arity: 1, New: func() sqlext.Accumulator { return &collection{name: spatial{&runtime{}, "st_collect"}} }},
		{Name: "marmot_strings", Arity: 1, New: func() sqlext.Accumulator { return &valueList{} }},
		{Name: "marmot_json_items", Arity: 1, New: func() sqlext.Accumulator { return &valueList{nulls: true} }},
		{Name: "marmot_json_pairs", Arity: 2, New: func() sqlext.Accumulator { return &valueList{nulls: true} }},
		{Name: "marmot_json_min", Arity: 1, New: func() sqlext.Accumulator { return &jsonExtreme{sign: -1} }},
		{Name: "marmot_json_max", Arity: 1, New: func() sqlext.Accumulator { return &jsonExtreme{sign: 1} }},
	}
	for _, op := range []string{"and", "or", "xor"} {
		list = append(list,
			sqlext.Aggregate{Name: "marmot_bit_" + op + "_of", Arity: 1, New: func() sqlext.Accumulator { return &bitCounter{op: op} }},
			sqlext.Aggregate{Name: "marmot_bit_" + op + "_bytes", Arity: 1, New: func() sqlext.Accumulator { return &byteFold{op: op} }})
	}
	return list
}

// sumDecimal adds integers and decimals exactly; the result is decimal text of the greatest scale.
type sumDecimal struct {
	sum   dec
	count int
}

func (s *sumDecimal) Step(args []txn.Value) error {
	if args[0].IsNull() {
		return nil
	}
	r := &runtime{}
	s.sum = s.sum.add(r.dec(args[0]))
	s.count++
	return nil
}

func (s *sumDecimal) Inverse(args []txn.Value) error {
	if args[0].IsNull() {
		return nil
	}
	r := &runtime{}
	s.sum = s.sum.add(r.dec(args[0]).negate())
	s.count--
	return nil
}

func (s *sumDecimal) Value() (txn.Value, error) {
	if s.count == 0 {
		return txn.Null(), nil
	}
	if s.sum.digits() > maxPrecision {
		return txn.Null(), outOfRange("DECIMAL", "sum")
	}
	return s.sum.value(), nil
}

// sumReal adds doubles in the order of the rows, as MySQL does, without compensation. A window
// that moves takes values out again.
type sumReal struct {
	sum     float64
	count   int
	average bool
}

func (s *sumReal) Step(args []txn.Value) error {
	if !args[0].IsNull() {
		s.sum += (&runtime{}).float(args[0])
		s.count++
	}
	return nil
}

func (s *sumReal) Inverse(args []txn.Value) error {
	if !args[0].IsNull() {
		s.sum -= (&runtime{}).float(args[0])
		s.count--
	}
	return nil
}

func (s *sumReal) Value() (txn.Value, error) {
	switch {
	case s.count == 0:
		return txn.Null(), nil
	case math.IsInf(s.sum, 0) || math.IsNaN(s.sum):
		return txn.Null(), outOfRange("DOUBLE", "sum")
	case s.average:
		return txn.Real(s.sum / float64(s.count)), nil
	}
	return txn.Real(s.sum), nil
}

// moments gathers count, mean and sum of squared distances by Welford's method, as MySQL does. Its
// value is three numbers in a blob for marmot_variance.
type moments struct {
	count   float64
	mean    float64
	squares float64
}

func (m *moments) Step(args []txn.Value) error {
	if args[0].IsNull() {
		return nil
	}
	x := (&runtime{}).float(args[0])
	m.count++
	before := m.mean
	m.mean += (x - before) / m.count
	m.squares += (x - before) * (x - m.mean)
	return nil
}

func (m *moments) Inverse(args []txn.Value) error {
	if args[0].IsNull() {
		return nil
	}
	x := (&runtime{}).float(args[0])
	m.count--
	if m.count == 0 {
		*m = moments{}
		return nil
	}
	before := m.mean
	m.mean -= (x - before) / m.count
	m.squares = max(m.squares-(x-before)*(x-m.mean), 0)
	return nil
}

func (m *moments) Value() (txn.Value, error) {
	b := make([]byte, 0, 16)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(m.count))
	return txn.Blob(binary.BigEndian.AppendUint64(b, math.Float64bits(m.squares))), nil
}

// varianceFunction is marmot_variance(moments, sample, root).
func varianceFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	b := args[0].Bytes()
	if len(b) != 16 {
		return txn.Null(), nil
	}
	count := math.Float64frombits(binary.BigEndian.Uint64(b))
	variance := math.Float64frombits(binary.BigEndian.Uint64(b[8:]))
	count -= float64(args[1].Int64())
	if count <= 0 {
		return txn.Null(), nil
	}
	variance /= count
	if args[2].Int64() == 1 {
		variance = math.Sqrt(variance)
	}
	return txn.Real(variance), nil
}

// maxGroupBytes bounds what GROUP_CONCAT and JSON_ARRAYAGG gather for one group.
const maxGroupBytes = 1 << 30

// valueList gathers strings for a function that sees the session: each as its length and bytes,
// one byte ahead telling NULL from text. Without nulls, NULLs are left out.
type valueList struct {
	nulls bool
	rows  [][]byte
	bytes int
}

func (l *valueList) Step(args []txn.Value) error {
	if !l.nulls && args[0].IsNull() {
		return nil
	}
	row := appendStrings(nil, args)
	if l.bytes += len(row); l.bytes > maxGroupBytes {
		return mysqlerr.New(mysql.ER_OUT_OF_RESOURCES)
	}
	l.rows = append(l.rows, row)
	return nil
}

func appendStrings(dst []byte, args []txn.Value) []byte {
	for _, a := range args {
		if a.IsNull() {
			dst = append(dst, 0)
			continue
		}
		b := textOf(a)
		dst = binary.AppendUvarint(append(dst, 1), uint64(len(b)))
		dst = append(dst, b...)
	}
	return dst
}

func (l *valueList) Inverse(args []txn.Value) error {
	if !l.nulls && args[0].IsNull() || len(l.rows) == 0 {
		return nil
	}
	l.bytes -= len(l.rows[0])
	l.rows = l.rows[1:]
	return nil
}

func (l *valueList) Value() (txn.Value, error) {
	if len(l.rows) == 0 {
		return txn.Null(), nil
	}
	return txn.Blob(slices.Concat(l.rows...)), nil
}

// readStrings undoes appendStrings.
func readStrings(b []byte) ([]txn.Value, error) {
	var list []txn.Value
	for len(b) > 0 {
		if b[0] == 0 {
			list, b = append(list, txn.Null()), b[1:]
			continue
		}
		n, width := binary.Uvarint(b[1:])
		if width <= 0 || n > uint64(len(b)-1-width) {
			return nil, fmt.Errorf("list of strings: cut short")
		}
		b = b[1+width:]
		list, b = append(list, txn.Text(b[:n])), b[n:]
	}
	return list, nil
}

// joinFunction is marmot_join(strings, separator): cut at group_concat_max_len, with warning 1260.
func joinFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	list, err := readStrings(args[0].Bytes())
	if err != nil {
		return txn.Null(), err
	}
	limit := maxGroupBytes
	if v := r.variable("group_concat_max_len"); !v.IsNull() {
		if n := r.dec(v).rescale(0); n.big == nil {
			limit = int(min(n.small, maxGroupBytes))
		}
	}
	var out []byte
	for i, v := range list {
		if i > 0 {
			out = append(out, args[1].Bytes()...)
		}
		out = append(out, v.Bytes()...)
		if len(out) > limit {
			r.warn(mysqlerr.New(mysql.ER_CUT_VALUE_GROUP_CONCAT, i+1))
			return txn.Text(wholeRunes(out[:limit])), nil
		}
	}
	return txn.Text(out), nil
}

// wholeRunes drops a character that was cut in the middle.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-4; i-- {
		if b[i] < 0x80 {
			return b[:i+1]
		}
		if b[i] >= 0xc0 {
			if want := 2 + btoi(b[i] >= 0xe0) + btoi(b[i] >= 0xf0); i+want == len(b) {
				return b
			}
			return b[:i]
		}
	}
	return b
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// jsonCollect is marmot_json_collect(values, 'array' or 'object').
func jsonCollect(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	list, err := readStrings(args[0].Bytes())
	if err != nil {
		return txn.Null(), err
	}
	if string(args[1].Bytes()) == "array" {
		return jsonArrayOf(r, list)
	}
	return jsonObjectOf(r, list)
}

// tupleFunction is marmot_tuple(…): one blob for several values, NULL if one is.
func tupleFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	var out []byte
	for _, a := range args {
		if a.IsNull() {
			return a, nil
		}
		out = appendStrings(out, []txn.Value{a})
	}
	return txn.Blob(out), nil
}

// weightFunction is marmot_weight(text, collation): bytes that are equal where the texts are.
func weightFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return args[0], nil
	}
	c := schemas.LookupCollation(string(args[1].Bytes()))
	if c == nil {
		return txn.Null(), mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, string(args[1].Bytes()))
	}
	return txn.Blob(c.AppendKey(nil, textOf(args[0]))), nil
}

// bitCounter is BIT_AND, BIT_OR and BIT_XOR: it counts the ones in each place, so that a window can
// take values out.
type bitCounter struct {
	op    string
	rows  int64
	count [64]int64
}

func (c *bitCounter) change(v txn.Value, by int64) error {
	if v.IsNull() {
		return nil
	}
	n := (&runtime{}).bits(v)
	c.rows += by
	for i := range c.count {
		if n&(1<<i) != 0 {
			c.count[i] += by
		}
	}
	return nil
}

func (c *bitCounter) Step(args []txn.Value) error    { return c.change(args[0], 1) }
func (c *bitCounter) Inverse(args []txn.Value) error { return c.change(args[0], -1) }

func (c *bitCounter) Value() (txn.Value, error) {
	var n uint64
	for i, ones := range c.count {
		set := ones > 0
		switch c.op {
		case "and":
			set = ones == c.rows
		case "xor":
			set = ones%2 == 1
		}
		if set {
			n |= 1 << i
		}
	}
	return unsigned(n), nil
}

// byteFold is the same over binary strings of equal length, which it keeps for windows.
type byteFold struct {
	op   string
	rows [][]byte
}

func (f *byteFold) Step(args []txn.Value) error {
	if args[0].IsNull() {
		return nil
	}
	b := slices.Clone(args[0].Bytes())
	if len(f.rows) > 0 && len(f.rows[0]) != len(b) {
		return mysqlerr.New(errBitOperand)
	}
	f.rows = append(f.rows, b)
	return nil
}

func (f *byteFold) Inverse(args []txn.Value) error {
	if !args[0].IsNull() && len(f.rows) > 0 {
		f.rows = f.rows[1:]
	}
	return nil
}

func (f *byteFold) Value() (txn.Value, error) {
	if len(f.rows) == 0 {
		return txn.Blob(nil), nil
	}
	out := slices.Clone(f.rows[0])
	for _, row := range f.rows[1:] {
		for i := range out {
			switch f.op {
			case "and":
				out[i] &= row[i]
			case "or":
				out[i] |= row[i]
			default:
				out[i] ^= row[i]
			}
		}
	}
	return txn.Blob(out), nil
}

// jsonExtreme is MIN and MAX of JSON values.
type jsonExtreme struct {
	sign  int
	nodes []*node
}

func (e *jsonExtreme) Step(args []txn.Value) error {
	if !args[0].IsNull() {
		e.nodes = append(e.nodes, valueNode(args[0].Clone()))
	}
	return nil
}

func (e *jsonExtreme) Inverse(args []txn.Value) error {
	if !args[0].IsNull() && len(e.nodes) > 0 {
		e.nodes = e.nodes[1:]
	}
	return nil
}

func (e *jsonExtreme) Value() (txn.Value, error) {
	if len(e.nodes) == 0 {
		return txn.Null(), nil
	}
	best := e.nodes[0]
	for _, n := range e.nodes[1:] {
		if compareNodes(n, best)*e.sign > 0 {
			best = n
		}
	}
	return best.value(), nil
}
