package debezium

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// scanRows emits the rows of a table behind s.After.
func (m *Emitter) scanRows(ctx context.Context, s *scan, v View, def *schemas.Table) error {
	t, err := m.encoder.snapshotTable(def)
	if err != nil {
		return err
	}
	chosen, err := m.choiceOf(def, s.Tables[s.Table], !s.Blocking)
	if err != nil {
		return err
	}
	if chosen.takesAll() {
		if err := m.encoder.inOrder(ctx, v, def, &chosen, s.After); err != nil {
			return err
		}
	}
	source := &snapshotSource{timeUS: m.encoder.now().Truncate(time.Second).UnixMicro(), position: v.Position(), live: s.Blocking}
	put := func(image []txn.Value, last bool) error {
		source.marker = s.marker(last, func() bool { return m.emptyBehind(ctx, s) })
		if err := m.extra(ctx, m.encoder.snapshotRow(source, t, image)); err != nil {
			return err
		}
		s.Rows++
		s.After = cellsOf(chosen.place(v, def, image))
		return m.fill(ctx)
	}
	var held []txn.Value // a row goes out when it is known whether it is the last
	err = m.readRows(ctx, v, def, &chosen, valuesOf(s.After), func(image []txn.Value) error {
		if held != nil {
			if err := put(held, false); err != nil {
				return err
			}
		}
		held = held[:0]
		for _, value := range image {
			held = append(held, value.Clone())
		}
		return nil
	})
	if err == nil && held != nil {
		err = put(held, true)
	}
	var failed *PublishError
	if err != nil && ctx.Err() == nil && v.Ended() && !errors.As(err, &failed) {
		return errNewView
	}
	return err
}

// marker says where in the snapshot the next row of the present table stands.
func (s *scan) marker(last bool, emptyBehind func() bool) string {
	switch {
	case last && (s.Table == len(s.Tables)-1 || emptyBehind()):
		return markLast
	case s.Rows == 0 && s.Table == 0:
		return markFirst
	case last:
		return markLastOfTable
	case s.Rows == 0:
		return markFirstOfTable
	}
	return markTrue
}

// emptyBehind reports whether no table behind the present one has a row, as far as can be seen.
func (m *Emitter) emptyBehind(ctx context.Context, s *scan) bool {
	for _, w := range s.Tables[s.Table+1:] {
		database, name := m.partsOf(w.Name)
		d := m.side.sources.Tables.Catalog().Database(database)
		if d == nil || d.Tables[name] == nil {
			continue
		}
		v := m.side.view
		if m.side.viewOf != d.ID {
			other, err := m.side.sources.Tables.View(ctx, d.ID, 0)
			if err != nil || other == nil {
				return false
			}
			defer other.Close()
			v = other
		}
		def := v.Table(name)
		if def == nil {
			continue
		}
		if n, err := v.Count(ctx, def, 1); err != nil || n > 0 {
			return false
		}
	}
	return true
}

// selectError is a statement of a snapshot's that cannot be run.
type selectError struct{ cause error }

// Error names the cause.
func (e *selectError) Error() string { return "select rows: " + e.cause.Error() }

// Unwrap returns the cause.
func (e *selectError) Unwrap() error { return e.cause }

// filterPage is how many rows of a filtered table are looked up at a time.
const filterPage = 1000

// choice is how the rows of a table are chosen by a statement: by their keys. The zero choice takes all in the table's order.
type choice struct {
	from, filter string
	key          []int // columns that order the rows and find them again
	// Of all rows: the index by which they are read, and by what they are divided into so many parts that are read one by one.
	by    *schemas.Index
	parts *schemas.RowPartition
	count int
}

// divided begins the place of a row in a table that is read partition by partition; the partition's number follows.
const divided = "partition"

// mostLooks bounds how many rows are looked at for a table's order: it is read once for each partition. A larger one comes in the order of its key.
const mostLooks = 1_000_000

// inOrder gives a choice of all rows the order in which MySQL reads the columns that are emitted, behind a place.
func (e *Encoder) inOrder(ctx context.Context, v View, def *schemas.Table, c *choice, after []cell) error {
	visible := def.VisibleColumns()
	wanted := slices.DeleteFunc(slices.Clone(visible), func(i int) bool { return !e.options.Columns.Takes(fullName(def) + "." + def.Columns[i].Name) })
	if len(wanted) == 0 {
		wanted = visible
	}
	c.by = def.ScanIndex(wanted)
	parts := schemas.NewRowPartition(def)
	if parts == nil {
		return nil
	}
	count := def.Partitioning.Total()
	place := valuesOf(after)
	if after == nil {
		n, err := v.Count(ctx, def, int64(mostLooks/count+1))
		if err != nil || n*int64(count) > mostLooks {
			return err
		}
	} else if !isDivided(place) {
		return nil
	}
	c.parts, c.count = parts, count
	return nil
}

func isDivided(place []txn.Value) bool {
	return len(place) > 2 && place[0].Kind() == txn.KindText && string(place[0].Bytes()) == divided && place[1].Kind() == txn.KindInteger
}

// partOf is the partition of an image, the first of one of which it cannot be told.
func (c *choice) partOf(image []txn.Value) int { return min(max(c.parts.Of(image), 0), c.count-1) }

// choiceOf is the choice of a table's rows. scanning: for the initial snapshot, which alone heeds snapshot.select.statement.overrides.
func (m *Emitter) choiceOf(def *schemas.Table, w wantedTable, scanning bool) (choice, error) {
	selects := w.Select
	if selects == "" && scanning {
		selects = m.options().Snapshot.Selects[w.Name]
	}
	if selects == "" && w.Filter == "" && w.Surrogate == "" {
		return choice{}, nil
	}
	c := choice{from: fromClause(def, selects), filter: w.Filter, key: def.KeyColumns()}
	if w.Surrogate != "" {
		at := slices.IndexFunc(def.Columns, func(c schemas.Column) bool { return strings.EqualFold(c.Name, w.Surrogate) })
		if at < 0 {
			return c, &selectError{fmt.Errorf("table %s has no column %s", fullName(def), w.Surrogate)}
		}
		c.key = slices.Concat([]int{at}, slices.DeleteFunc(slices.Clone(c.key), func(k int) bool { return k == at }))
	}
	if c.key == nil {
		return c, &selectError{fmt.Errorf("table %s has no key", fullName(def))}
	}
	return c, nil
}

func (c *choice) takesAll() bool { return c.from == "" }

// readRows reads a table's rows behind a place: all, or those that a condition or statement chooses.
func (m *Emitter) readRows(ctx context.Context, v View, def *schemas.Table, c *choice, after []txn.Value, each func([]txn.Value) error) error {
	if c.takesAll() && c.parts == nil {
		return v.Rows(ctx, def, Span{After: after, By: c.by}, each)
	}
	if c.takesAll() {
		return c.readParts(ctx, v, def, after, each)
	}
	for {
		n, last, err := m.readChosen(ctx, v, def, c, Span{After: after, Limit: filterPage}, each)
		if err != nil || n < filterPage {
			return err
		}
		after = last
	}
}

// readParts reads all rows of a table partition by partition.
func (c *choice) readParts(ctx context.Context, v View, def *schemas.Table, after []txn.Value, each func([]txn.Value) error) error {
	first := 0
	if isDivided(after) {
		first, after = int(after[1].Int64()), after[2:]
	} else {
		after = nil
	}
	for part := first; part < c.count; part++ {
		err := v.Rows(ctx, def, Span{After: after, By: c.by}, func(image []txn.Value) error {
			if c.partOf(image) != part {
				return nil
			}
			return each(image)
		})
		if err != nil {
			return err
		}
		after = nil
	}
	return nil
}

// place is the place behind which reading goes on after a row.
func (c *choice) place(v View, def *schemas.Table, image []txn.Value) []txn.Value {
	if c.takesAll() {
		place := v.Cursor(def, c.by, image)
		if c.parts != nil {
			place = slices.Concat([]txn.Value{txn.TextString(divided), txn.Int(int64(c.partOf(image)))}, place)
		}
		return place
	}
	place := make([]txn.Value, len(c.key))
	for i, column := range c.key {
		place[i] = image[column].Clone()
	}
	return place
}

// fromClause is what a filtered table is read from.
func fromClause(def *schemas.Table, selects string) string {
	if selects != "" {
		return "(" + strings.TrimSuffix(strings.TrimSpace(selects), ";") + ") AS `marmot_snapshot`"
	}
	return schemas.QuoteName(def.Database) + "." + schemas.QuoteName(def.Name)
}

// isSelect reports whether a condition is a whole statement, as the connector's blocking snapshots have it.
func isSelect(filter string) bool {
	words := strings.Fields(filter)
	return len(words) > 0 && strings.EqualFold(words[0], "SELECT")
}

// keyList is the key's columns for a statement.
func (c *choice) keyList(def *schemas.Table, separator string) string {
	names := make([]string, len(c.key))
	for i, column := range c.key {
		names[i] = schemas.QuoteName(def.Columns[column].Name)
	}
	return strings.Join(names, separator)
}

// where is the condition without one on places.
func (c *choice) where() string {
	if c.filter == "" {
		return "TRUE"
	}
	return "(" + c.filter + ")"
}

// readChosen reads the chosen rows of a span, by their keys: which ones is MySQL's SQL to say, what they hold the
// view's. It returns how many keys there were and the place of the last.
func (m *Emitter) readChosen(ctx context.Context, v View, def *schemas.Table, c *choice, span Span, each func([]txn.Value) error) (int, []txn.Value, error) {
	list, where, last := c.keyList(def, ", "), c.where(), span.After
	if span.After != nil {
		where += " AND (" + list + ") > (" + literals(span.After) + ")"
	}
	if span.Upto != nil {
		where += " AND (" + list + ") <= (" + literals(span.Upto) + ")"
	}
	var keys [][]txn.Value
	sql := "SELECT DISTINCT " + list + " FROM " + c.from + " WHERE " + where + " ORDER BY " + list + " LIMIT " + strconv.Itoa(span.Limit)
	err := m.side.sources.Tables.Query(ctx, sql, func(row []txn.Value) error {
		k := make([]txn.Value, len(row))
		for i := range row {
			k[i] = row[i].Clone()
		}
		keys = append(keys, k)
		return nil
	})
	if err != nil {
		if ctx.Err() != nil {
			return 0, nil, ctx.Err()
		}
		return 0, nil, &selectError{err}
	}
	for _, k := range keys {
		if err := v.Row(ctx, def, c.key, k, each); err != nil {
			return 0, nil, err
		}
		last = k
	}
	return len(keys), last, nil
}

// literals spells values as SQL.
func literals(values []txn.Value) string {
	list := make([]string, len(values))
	for i, v := range values {
		switch v.Kind() {
		case txn.KindInteger:
			list[i] = strconv.FormatInt(v.Int64(), 10)
		case txn.KindReal:
			list[i] = strconv.FormatFloat(v.Float64(), 'e', -1, 64)
		case txn.KindText:
			list[i] = quoteText(string(v.Bytes()))
		case txn.KindBlob:
			list[i] = fmt.Sprintf("x'%x'", v.Bytes())
		default:
			list[i] = "NULL"
		}
	}
	return strings.Join(list, ", ")
}

// quoteText spells a text as a literal.
func quoteText(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`, "\x00", `\0`).Replace(text) + "'"
}
