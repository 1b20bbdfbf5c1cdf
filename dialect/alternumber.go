package dialect

import (
	"fmt"

	"marmot/schemas"
)

// autoSeries is the series that AUTO_INCREMENT values are of: offset, offset + step, …
type autoSeries struct{ step, offset int64 }

// autoSeries is the session's series. MySQL does not take an offset above the step.
func (a *alteration) autoSeries() autoSeries {
	setting := func(name string) int64 {
		v, err := a.d.e.SystemVariable("session", name)
		if err != nil {
			return 1
		}
		return max(integerOf(v, 1), 1)
	}
	s := autoSeries{step: setting("auto_increment_increment"), offset: setting("auto_increment_offset")}
	if s.offset > s.step {
		s.offset = s.step
	}
	return s
}

// next is the first value of the series that is not below v.
func (s autoSeries) next(v int64) int64 {
	if v <= s.offset {
		return s.offset
	}
	return s.offset + (v-s.offset+s.step-1)/s.step*s.step
}

// autoStart is where the numbers of rows begin that get one.
func (a *alteration) autoStart() int64 {
	if a.old.AutoIncrementStart != a.b.table.AutoIncrementStart {
		return int64(max(a.b.table.AutoIncrementStart, 1))
	}
	return 1
}

// newNumbers is the SQL of a new AUTO_INCREMENT column. Where InnoDB changes the table in place, the first number is the one of the series that follows
// the start, also where the start is of the series.
func (a *alteration) newNumbers() string {
	s, start := a.autoSeries(), a.autoStart()
	first := s.next(start)
	if s.step > 1 && !a.copies() {
		offset := s.offset % s.step
		first = (max(start, offset)-min(start, offset))/s.step*s.step + s.step + offset
	}
	return fmt.Sprintf("%d + %d * (row_number() OVER (ORDER BY %s) - 1)", first, s.step, a.oldOrder())
}

// numbersRows reports whether a column that stays becomes AUTO_INCREMENT: MySQL then copies the rows, and those with NULL or 0 get numbers.
func (a *alteration) numbersRows() bool {
	i := a.b.table.AutoIncrement
	return i >= 0 && a.oldColumn(i) != nil && a.columns[i].number != a.old.AutoIncrement
}

// numbered is the query source with numbers in the AUTO_INCREMENT column where its rows have NULL or 0 (only NULL under NO_AUTO_VALUE_ON_ZERO).
// As in an INSERT of all rows in their old order, a number is one above the greatest value before it. source calls the values that
// are there raw, and the place of each row at.
func (a *alteration) numbered(source, raw, at string) string {
	c := &a.b.table.Columns[a.b.table.AutoIncrement]
	s := a.autoSeries()
	missing := "ifnull(" + raw + ", 0) = 0"
	if a.d.c.Mode&NoAutoValueOnZero != 0 {
		missing = raw + " IS NULL"
	}
	window := " OVER (ORDER BY " + at + " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
	// How many numbers were given before the row; then the index in the series that follows the greatest value, if none had been given.
	source = "SELECT *, " + missing + " AS _missing, count(*) FILTER (WHERE " + missing + ")" + window + " AS _given FROM (" + source + ")"
	index := fmt.Sprintf("CASE WHEN %[1]s < %[2]d THEN 0 ELSE (%[1]s - %[2]d) / %[3]d + 1 END", raw, s.offset, s.step)
	begin := (s.next(a.autoStart()) - s.offset) / s.step
	source = "SELECT *, max(CASE WHEN NOT _missing THEN " + index + " - _given END)" + window + " AS _above FROM (" + source + ")"
	number := fmt.Sprintf("min(%d + %d * (_given + max(ifnull(_above, %d), %d)), %d)", s.offset, s.step, begin, begin, mostOf(&c.Type))
	return "SELECT *, CASE WHEN _missing THEN " + number + " ELSE " + raw + " END AS " + schemas.QuoteSQLite(c.Name) + " FROM (" + source + ")"
}

// mostOf is the greatest value of an integer type that an int64 holds.
func mostOf(t *schemas.Type) int64 {
	bits := map[schemas.Kind]uint{schemas.TinyInt: 8, schemas.SmallInt: 16, schemas.MediumInt: 24, schemas.Int: 32}[t.Kind]
	switch {
	case bits == 0:
		return 1<<63 - 1
	case t.Unsigned:
		return 1<<bits - 1
	}
	return 1<<(bits-1) - 1
}
