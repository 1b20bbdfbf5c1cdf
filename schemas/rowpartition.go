package schemas

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/txn"
)

// RowPartition tells the partition of a row: rows events of the binary log hold rows of one.
type RowPartition struct {
	column int
	dated  bool
	number func(v txn.Value) (n int64, ok bool) // by which rows are divided
	ranges bool
	bounds []int64       // of RANGE; the last partition may have none
	values map[int64]int // of LIST
	count  int64         // of HASH and KEY
	linear bool
	null   int // where NULL belongs, -1 for nowhere
	sub    *RowPartition
	// keys are the columns of KEY.
	keys []keyColumn
	// Of COLUMNS over text: of what type, sorted bounds of RANGE, and the values of LIST, both as sort keys.
	text       *Type
	textBounds []string
	textValues map[string]int
}

// NewRowPartition returns the RowPartition of a table that is divided by an integer or text column, by a date, by the year, the day or the second of one, or
// by the key; nil for all others, whose rows are taken to be in one partition.
func NewRowPartition(def *Table) *RowPartition {
	p := def.Partitioning
	if p == nil {
		return nil
	}
	out := newRowPartition(def, p)
	if out != nil && p.Sub != nil {
		if out.sub = newRowPartition(def, p.Sub); out.sub == nil {
			return nil
		}
	}
	return out
}

func newRowPartition(def *Table, p *Partitioning) *RowPartition {
	out := &RowPartition{linear: p.Linear}
	ok := false
	if p.Method == "KEY" {
		out.count = int64(max(p.Count, len(p.Parts)))
		if ok = out.count > 0 && p.Algorithm == 0 && out.readKeys(def, p); !ok {
			return nil
		}
		return out
	}
	if !out.divide(def, p) {
		return nil
	}
	switch method, _, _ := strings.Cut(p.Method, " "); method {
	case "RANGE":
		out.ranges, ok = true, out.readBounds(p)
	case "LIST":
		out.null = -1
		ok = out.readValues(p)
	case "HASH":
		out.count = int64(max(p.Count, len(p.Parts)))
		ok = out.count > 0
	}
	if !ok {
		return nil
	}
	return out
}

// ofDate are the functions of a date that divide rows.
var ofDate = map[string]func(txn.Value) (int64, bool){"year": yearOf, "to_days": dayOf, "unix_timestamp": secondOf}

// divide finds the column and what of it divides.
func (p *RowPartition) divide(def *Table, from *Partitioning) bool {
	expression := from.Expression
	columns := strings.HasSuffix(from.Method, "COLUMNS")
	if columns && len(from.Columns) == 1 {
		expression = QuoteName(from.Columns[0])
	}
	function, inner, called := strings.Cut(expression, "(")
	if called = called && strings.HasSuffix(inner, ")"); called {
		expression = strings.TrimSuffix(inner, ")")
	}
	p.column = slices.IndexFunc(def.Columns, func(c Column) bool { return QuoteName(c.Name) == expression })
	if p.column < 0 {
		return false
	}
	t := def.Columns[p.column].Type
	p.dated = t.Kind == Date || t.Kind == DateTime
	switch {
	case called:
		function = strings.ToLower(function)
		p.number = ofDate[function]
		return p.number != nil && (p.dated && function != "unix_timestamp" || t.Kind == Timestamp && function == "unix_timestamp")
	case columns && p.dated:
		p.number = digitsOf
		return true
	case columns && t.IsText():
		p.text = &t
		return true
	}
	p.number = integerOf
	return t.IsInteger()
}

func integerOf(v txn.Value) (int64, bool) {
	return v.Int64(), v.Kind() == txn.KindInteger // the others are of 2^63 and more
}

// yearOf reads the year of a stored date.
func yearOf(v txn.Value) (int64, bool) {
	n, err := strconv.ParseInt(string(v.Bytes()[:min(4, len(v.Bytes()))]), 10, 64)
	return n, err == nil
}

// dayZero is TO_DAYS('1970-01-01').
const dayZero = 719528

func dayOf(v txn.Value) (int64, bool) {
	at, err := time.Parse(time.DateOnly, string(v.Bytes()[:min(len(time.DateOnly), len(v.Bytes()))]))
	return (at.Unix()-at.Unix()%86400)/86400 + dayZero, err == nil
}

func secondOf(v txn.Value) (int64, bool) {
	at, err := time.Parse(time.DateTime, string(v.Bytes()[:min(len(time.DateTime), len(v.Bytes()))]))
	if err != nil {
		return 0, true // of zeros
	}
	return at.Unix(), true
}

// digitsOf makes a date a number that sorts as dates do; fractions of seconds are left out.
func digitsOf(v txn.Value) (int64, bool) { return dateDigits(string(v.Bytes())) }

func dateDigits(text string) (int64, bool) {
	const digits = len("20060102150405")
	whole, _, _ := strings.Cut(text, ".")
	whole = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-: ", r) {
			return -1
		}
		return r
	}, whole)
	n, err := strconv.ParseInt(whole+strings.Repeat("0", max(0, digits-len(whole))), 10, 64)
	return n, err == nil && len(whole) <= digits
}

// constant reads a constant by which partitions are bounded.
func constant(text string) (int64, bool) {
	if quoted, ok := strings.CutPrefix(text, "'"); ok {
		quoted = strings.TrimSuffix(quoted, "'")
		n, ok := dateDigits(quoted)
		return n, ok && !strings.Contains(quoted, ".")
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func (p *RowPartition) readBounds(from *Partitioning) bool {
	for i := range from.Parts {
		bound := from.Parts[i].LessThan
		if len(bound) != 1 {
			return false
		}
		if bound[0] == MaxValue {
			continue
		}
		if p.text != nil {
			key, ok := p.textKey(bound[0])
			if !ok {
				return false
			}
			p.textBounds = append(p.textBounds, key)
			continue
		}
		n, ok := constant(bound[0])
		if !ok {
			return false
		}
		p.bounds = append(p.bounds, n)
	}
	return true
}

func (p *RowPartition) readValues(from *Partitioning) bool {
	p.values, p.textValues = map[int64]int{}, map[string]int{}
	for i := range from.Parts {
		for _, in := range from.Parts[i].In {
			if len(in) != 1 {
				return false
			}
			if strings.EqualFold(in[0], "NULL") {
				p.null = i
				continue
			}
			if p.text != nil {
				key, ok := p.textKey(in[0])
				if !ok {
					return false
				}
				p.textValues[key] = i
				continue
			}
			n, ok := constant(in[0])
			if !ok {
				return false
			}
			p.values[n] = i
		}
	}
	return true
}

// Of is the number of the partition of an image, with parts of partitions that of its part among all; -1 without an image, and where it cannot be told.
func (p *RowPartition) Of(image []txn.Value) int {
	if p == nil || image == nil {
		return -1
	}
	n := p.whole(image)
	if p.sub == nil || n < 0 {
		return n
	}
	part := p.sub.whole(image)
	if part < 0 {
		return -1
	}
	return n*int(p.sub.count) + part
}

func (p *RowPartition) whole(image []txn.Value) int {
	if p.keys != nil {
		return p.ofKey(image)
	}
	if image[p.column].IsNull() {
		return p.null
	}
	if p.text != nil {
		return p.ofText(image[p.column])
	}
	n, ok := p.number(image[p.column])
	switch {
	case !ok && p.dated:
		return p.null // TO_DAYS of zeros
	case !ok:
		return -1
	case p.ranges:
		at, found := slices.BinarySearch(p.bounds, n)
		if found {
			at++
		}
		return at
	case p.values != nil:
		if at, ok := p.values[n]; ok {
			return at
		}
		return -1
	}
	if p.linear {
		return p.ofLinear(uint64(n))
	}
	if n %= p.count; n < 0 {
		n = -n
	}
	return int(n)
}
