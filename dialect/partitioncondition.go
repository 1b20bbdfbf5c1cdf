package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// Partitions are conditions on rows, written in MySQL's SQL and compiled like a CHECK.

const (
	errNoPartitionForValue = 1526 // ER_NO_PARTITION_FOR_GIVEN_VALUE
	errOtherPartition      = 1748 // ER_ROW_DOES_NOT_MATCH_GIVEN_PARTITION_SET
	errUnknownPartition    = 1735 // ER_UNKNOWN_PARTITION
)

// samePartition compares names of partitions.
func samePartition(a, b string) bool { return strings.EqualFold(a, b) }

// partitionPlaces finds partitions by name.
func partitionPlaces(t *schemas.Table, names []string) ([]schemas.Place, error) {
	if t.Partitioning == nil {
		return nil, mysqlerr.New(errPartitionClause)
	}
	var list []schemas.Place
	for _, name := range names {
		at, ok := t.Partitioning.Find(name, samePartition)
		if !ok {
			return nil, mysqlerr.New(errUnknownPartition, name, t.Name)
		}
		list = append(list, at)
	}
	return list, nil
}

// keyColumns are the columns of KEY: those named, else the primary or first unique key's.
func keyColumns(t *schemas.Table, p *schemas.Partitioning) []string {
	if len(p.Columns) > 0 {
		return p.Columns
	}
	var list []string
	if unique := t.UniqueIndexes(); len(unique) > 0 {
		for _, part := range unique[0].Parts {
			list = append(list, t.Columns[part.Column].Name)
		}
	}
	return list
}

// numberText computes the number of a row's partition by HASH or KEY.
func numberText(t *schemas.Table, p *schemas.Partitioning) string {
	n := strconv.Itoa(p.Count)
	if p.Method == "KEY" {
		var list []string
		for _, c := range keyColumns(t, p) {
			list = append(list, schemas.QuoteName(c))
		}
		return "COALESCE(MOD(CRC32(CONCAT_WS(CHAR(0), " + strings.Join(list, ", ") + ")), " + n + "), 0)"
	}
	e := "(" + p.Expression + ")"
	if !p.Linear {
		return "COALESCE(ABS(MOD(" + e + ", " + n + ")), 0)"
	}
	mask := 1
	for mask < p.Count {
		mask *= 2
	}
	mask--
	return fmt.Sprintf("COALESCE(CASE WHEN (%s & %d) >= %s THEN %s & %d ELSE %s & %d END, 0)", e, mask, n, e, mask>>1, e, mask)
}

// conditionText is true for the rows of partition i.
func conditionText(t *schemas.Table, p *schemas.Partitioning, i int) string {
	e := "(" + p.Expression + ")"
	switch p.Method {
	case "RANGE":
		bound := p.Parts[i].LessThan[0]
		var list []string
		if i > 0 {
			list = append(list, e+" >= "+p.Parts[i-1].LessThan[0])
		}
		if bound != schemas.MaxValue {
			upper := e + " < " + bound
			if i == 0 {
				upper = "(" + upper + " OR " + e + " IS NULL)"
			}
			list = append(list, upper)
		}
		if len(list) == 0 {
			return "1 = 1"
		}
		return strings.Join(list, " AND ")
	case "RANGE COLUMNS":
		text := belowText(p.Columns, p.Parts[i].LessThan)
		if i > 0 {
			text += " AND NOT " + belowText(p.Columns, p.Parts[i-1].LessThan)
		}
		return text
	case "LIST", "LIST COLUMNS":
		return listText(p, i)
	}
	return numberText(t, p) + " = " + strconv.Itoa(i)
}

// belowText is true for rows below the bounds. NULL is below everything.
func belowText(columns, bounds []string) string {
	if bounds[0] == schemas.MaxValue {
		return "(1 = 1)"
	}
	c := schemas.QuoteName(columns[0])
	text := "(" + c + " IS NULL OR " + c + " < " + bounds[0]
	if len(columns) > 1 {
		text += " OR " + c + " = " + bounds[0] + " AND " + belowText(columns[1:], bounds[1:])
	}
	return text + ")"
}

func listText(p *schemas.Partitioning, i int) string {
	columns := []string{"(" + p.Expression + ")"}
	if p.Expression == "" {
		columns = nil
		for _, c := range p.Columns {
			columns = append(columns, schemas.QuoteName(c))
		}
	}
	var rows []string
	for _, row := range p.Parts[i].In {
		var list []string
		for j, v := range row {
			if strings.EqualFold(v, "NULL") {
				list = append(list, columns[j]+" IS NULL")
			} else {
				list = append(list, columns[j]+" = "+v)
			}
		}
		rows = append(rows, "("+strings.Join(list, " AND ")+")")
	}
	return "(" + strings.Join(rows, " OR ") + ")"
}

// placeText computes the number of a row's partition; with parts of partitions, of its part among all. NULL is no partition.
func placeText(t *schemas.Table, p *schemas.Partitioning) string {
	text := ""
	switch p.Method {
	case "HASH", "KEY":
		text = numberText(t, p)
	default:
		var b strings.Builder
		b.WriteString("CASE")
		for i := range p.Parts {
			fmt.Fprintf(&b, " WHEN %s THEN %d", conditionText(t, p, i), i)
		}
		b.WriteString(" END")
		text = b.String()
	}
	if p.Sub != nil {
		text = fmt.Sprintf("(%s) * %d + %s", text, p.Sub.Count, numberText(t, p.Sub))
	}
	return text
}

// placesText is true for the rows of some partitions.
func placesText(t *schemas.Table, places []schemas.Place) string {
	p := t.Partitioning
	var list []string
	for _, at := range places {
		text := conditionText(t, p, at.Part)
		if at.Sub >= 0 {
			text += " AND " + numberText(t, p.Sub) + " = " + strconv.Itoa(at.Sub)
		}
		list = append(list, "("+text+")")
	}
	return strings.Join(list, " OR ")
}

// takesAll reports whether every row has a partition.
func takesAll(p *schemas.Partitioning) bool {
	switch p.Method {
	case "RANGE", "RANGE COLUMNS":
		return p.Parts[len(p.Parts)-1].LessThan[0] == schemas.MaxValue
	case "LIST", "LIST COLUMNS":
		return false
	}
	return true
}

// partitionCheck finds the partition of a row at hand.
type partitionCheck struct {
	statement statement
	columns   bool  // of COLUMNS, whose values are in no message
	wanted    []int // numbers of the partitions that the statement names; nil: any
}

// partitionCheck compiles what a row that is written must keep; nil if that is nothing. places are the partitions that the statement names.
func (k *compiler) partitionCheck(t *schemas.Table, places []schemas.Place) (*partitionCheck, error) {
	p := t.Partitioning
	if p == nil || places == nil && takesAll(p) {
		return nil, nil
	}
	c := &partitionCheck{columns: p.Expression == ""}
	value := p.Expression
	if c.columns {
		value = "NULL"
	}
	var list []string
	for _, text := range []string{"(" + value + ")", placeText(t, p)} {
		o, err := k.rowExpression(t, text, local)
		if err != nil {
			return nil, err
		}
		list = append(list, o.SQL)
	}
	c.statement = newStatement("SELECT " + strings.Join(list, ", "))
	subs := max(p.Subs(), 1)
	for _, at := range places {
		for j := range subs {
			if at.Sub < 0 || at.Sub == j {
				c.wanted = append(c.wanted, at.Part*subs+j)
			}
		}
	}
	return c, nil
}

// placed reports whether the row has a partition, of those that the statement names. With IGNORE a row without is left out, with a warning.
func (w *writer) placed(c *partitionCheck, row []txn.Value) (bool, error) {
	if c == nil {
		return true, nil
	}
	var e *mysqlerr.Error
	err := c.statement.query(w.x, w.b, row, func(values []txn.Value) error {
		switch {
		case values[1].IsNull() && c.columns:
			e = mysqlerr.New(errNoPartitionForValue, "from column_list")
		case values[1].IsNull():
			e = mysqlerr.New(errNoPartitionForValue, strings.Trim(values[0].String(), "'"))
		case c.wanted != nil && !slices.Contains(c.wanted, int(integerOf(values[1], 0))):
			e = mysqlerr.New(errOtherPartition)
		}
		return nil
	})
	if err != nil || e == nil {
		return e == nil, sqlError(err)
	}
	if !w.ignore {
		return false, e
	}
	w.warn(e)
	return false, nil
}

// partitionFilter compiles the condition of PARTITION (…) on a table of FROM.
func (k *compiler) partitionFilter(t *schemas.Table, alias string, names []string) (string, error) {
	places, err := partitionPlaces(t, names)
	if err != nil {
		return "", err
	}
	o, err := k.rowExpression(t, placesText(t, places), func(i int) string { return alias + "." + schemas.QuoteSQLite(t.Columns[i].Name) })
	if err != nil {
		return "", err
	}
	return expression.Truth(o), nil
}

// partitionsSQL is the condition of partitions for the bare table in its file.
func partitionsSQL(c *Context, t *schemas.Table, places []schemas.Place) (string, error) {
	o, err := compileTableExpression(c, t, placesText(t, places))
	if err != nil {
		return "", err
	}
	return expression.Truth(o), nil
}

// noPartition is the error of the first row in the file that no partition takes.
func noPartition(c *Context, t *schemas.Table, x Executor) error {
	p := t.Partitioning
	if p == nil || takesAll(p) {
		return nil
	}
	place, err := compileTableExpression(c, t, placeText(t, p))
	if err != nil {
		return err
	}
	value := "NULL"
	if p.Expression != "" {
		o, err := compileTableExpression(c, t, "("+p.Expression+")")
		if err != nil {
			return err
		}
		value = o.SQL
	}
	var found error
	err = x.Query("SELECT "+value+" FROM "+schemas.QuoteSQLite(t.SQLiteName)+" WHERE ("+place.SQL+") IS NULL LIMIT 1", nil, func(v []txn.Value) error {
		text := "from column_list"
		if p.Expression != "" {
			text = v[0].String()
		}
		found = mysqlerr.New(errNoPartitionForValue, text)
		return nil
	})
	if err != nil {
		return err
	}
	return found
}
