package debezium

import (
	"slices"
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// rowPartitioner tells the partition of a row: rows events of the binlog hold rows of one partition.
type rowPartitioner struct {
	column int
	year   bool // of the column's date
	ranges bool
	bounds []int64       // of RANGE; the last partition may have none
	values map[int64]int // of LIST
	count  int64         // of HASH
}

// newRowPartitioner returns the rowPartitioner of a table that is divided by an integer column, or by the year of a date; nil for all others,
// whose rows are taken to be in one partition.
func newRowPartitioner(def *schemas.Table) *rowPartitioner {
	p := def.Partitioning
	if p == nil || p.Sub != nil || p.Linear {
		return nil
	}
	expression := p.Expression
	if strings.HasSuffix(p.Method, "COLUMNS") && len(p.Columns) == 1 {
		expression = schemas.QuoteName(p.Columns[0])
	}
	out := &rowPartitioner{}
	if inner, ok := strings.CutPrefix(strings.ToLower(expression), "year("); ok && strings.HasSuffix(inner, ")") {
		expression, out.year = expression[len("year("):len(expression)-1], true
	}
	out.column = slices.IndexFunc(def.Columns, func(c schemas.Column) bool { return schemas.QuoteName(c.Name) == expression })
	if out.column < 0 {
		return nil
	}
	switch t := def.Columns[out.column].Type; {
	case out.year && t.Kind != schemas.Date && t.Kind != schemas.DateTime, !out.year && !t.IsInteger():
		return nil
	}
	ok := false
	switch method, _, _ := strings.Cut(p.Method, " "); method {
	case "RANGE":
		out.ranges, ok = true, out.readBounds(p)
	case "LIST":
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

func (p *rowPartitioner) readBounds(from *schemas.Partitioning) bool {
	for i := range from.Parts {
		bound := from.Parts[i].LessThan
		if len(bound) != 1 {
			return false
		}
		if bound[0] == schemas.MaxValue {
			continue
		}
		n, err := strconv.ParseInt(bound[0], 10, 64)
		if err != nil {
			return false
		}
		p.bounds = append(p.bounds, n)
	}
	return true
}

func (p *rowPartitioner) readValues(from *schemas.Partitioning) bool {
	values := map[int64]int{}
	for i := range from.Parts {
		for _, in := range from.Parts[i].In {
			if len(in) != 1 {
				return false
			}
			if n, err := strconv.ParseInt(in[0], 10, 64); err == nil {
				values[n] = i
			} else if !strings.EqualFold(in[0], "NULL") {
				return false
			}
		}
	}
	p.values = values
	return true
}

// of is the number of the partition of an image; -1 without an image, and for NULL in a list.
func (p *rowPartitioner) of(image []txn.Value) int {
	if p == nil || image == nil {
		return -1
	}
	v := image[p.column]
	if v.IsNull() {
		if p.values != nil {
			return -1
		}
		return 0
	}
	var n int64
	switch {
	case p.year:
		n, _ = strconv.ParseInt(string(v.Bytes()[:min(4, len(v.Bytes()))]), 10, 64) // the stored form begins with four digits
	case v.Kind() == txn.KindInteger:
		n = v.Int64()
	default:
		return -1 // of 2^63 and more
	}
	switch {
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
	if n %= p.count; n < 0 {
		n = -n
	}
	return int(n)
}
