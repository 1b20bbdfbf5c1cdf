package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// insertRun is one execution of an INSERT.
type insertRun struct {
	*writer
	p *insertPlan
	// pending are finished rows that wait to be written together.
	pending [][]txn.Value
	result  WriteResult
	copies  int // duplicates found
	given   uint64
	// selected belongs to the row that is being written.
	selected []txn.Value
	// ids are AUTO_INCREMENT values at hand, where a row that is not inserted leaves its value to the next.
	ids []uint64
	// block is the number of values that a bulk insert has reserved last.
	block uint64
	// reserved AUTO_INCREMENT values were taken last, from reservedFrom on.
	reservedFrom, reserved uint64
	// lacking are the columns that the statement gives no value.
	lacking map[int]bool
}

// begin makes an execution of the plan.
func (p *insertPlan) begin(x Executor, e Environment, b Binding) insertRun {
	r := insertRun{writer: p.writer(x, e, b, p.ignore), p: p}
	if r.lateNulls = p.fired != nil && len(p.fired.before["INSERT"]) > 0; r.lateNulls {
		r.lacking = map[int]bool{}
		for i := range p.t.Columns {
			r.lacking[i] = !slices.Contains(p.columns, i)
		}
	}
	return r
}

func (p *insertPlan) run(x Executor, e Environment, b Binding) (WriteResult, error) {
	for _, t := range p.triggers {
		if err := x.Trigger(t); err != nil {
			return WriteResult{}, err
		}
	}
	one := p.begin(x, e, b)
	r := &one
	count, err := r.all()
	if err != nil {
		return r.result, err
	}
	if r.result.InsertID == 0 {
		r.result.InsertID = r.given
	}
	if p.multiple || count > 1 {
		r.result.Info = fmt.Sprintf("Records: %d  Duplicates: %d  Warnings: %d", count-r.refused, r.copies, r.warned)
	}
	return r.result, nil
}

// all inserts all rows and counts them: together, or one after the other where each is to see those before it.
func (r *insertRun) all() (count int, err error) {
	if !r.p.rowwise {
		return r.some(0, len(r.p.rows))
	}
	for i := range r.p.rows {
		if _, err := r.some(i, i+1); err != nil {
			return 0, err
		}
	}
	return len(r.p.rows), nil
}

// some inserts the rows from..to of VALUES, or those of another source.
func (r *insertRun) some(from, to int) (count int, err error) {
	rows, err := r.gather(from, to)
	if err != nil {
		for i := range rows {
			r.tell(rows[i].warnings)
		}
		return 0, err
	}
	if err := r.number(rows); err != nil {
		return 0, err
	}
	for i := range rows {
		r.selected = rows[i].selected
		r.tell(rows[i].warnings)
		if err := r.write(rows[i].values, from+i+1, rows[i].id); err != nil {
			if from+i == 0 {
				r.giveBack(err)
			}
			return 0, err
		}
		rows[i] = newRow{}
	}
	if err := r.flush(); err != nil {
		if from == 0 && len(rows) == 1 {
			r.giveBack(err)
		}
		return 0, err
	}
	return len(rows), nil
}

// tell passes on the warnings of a row whose turn it is.
func (r *insertRun) tell(warnings []*mysqlerr.Error) {
	for _, w := range warnings {
		r.e.Warn(w)
	}
}

// giveBack returns the AUTO_INCREMENT values of a statement whose first row was refused before it came to be stored: by a CHECK,
// a view's condition, or a generated column.
func (r *insertRun) giveBack(err error) {
	switch code := mysqlerr.Code(err); {
	case r.reserved == 0, r.fired != nil, r.p.update != nil, code == 0:
	case code == mysql.ER_DUP_ENTRY, code == mysql.ER_NO_REFERENCED_ROW_2, code == mysql.ER_ROW_IS_REFERENCED_2, code == mysql.ER_AUTOINC_READ_FAILED:
	default:
		r.e.ReturnAutoIncrement(r.t, r.reservedFrom, r.reserved)
	}
}

// newRow is a row on its way into the table.
type newRow struct {
	values   []txn.Value // one a column
	selected []txn.Value // of insertPlan.selected
	warnings []*mysqlerr.Error
	id       autoID
}

// autoID says where a row's AUTO_INCREMENT value comes from.
type autoID uint8

const (
	idNone autoID = iota
	idGiven
	idGenerated
)

// gather computes the rows from..to of VALUES, or all of another source, before the first of them is written.
func (r *insertRun) gather(from, to int) ([]newRow, error) {
	p := r.p
	var rows []newRow
	add := func(values []txn.Value, stored []bool, defaults []bool) error {
		r.assign.Row = from + len(rows) + 1
		r.holding = true
		row, err := r.newRow(values, stored, defaults)
		row.warnings, r.held, r.holding = r.held, nil, false
		rows = append(rows, row)
		return err
	}
	r.oneRow = len(p.rows) == 1
	if p.width > 0 {
		literals := r.b.Literals[p.literals:]
		r.oneRow = len(literals) == p.width
		rows = make([]newRow, 0, len(literals)/p.width)
		for len(literals) >= p.width {
			if err := add(p.encode(literals[:p.width]), nil, nil); err != nil {
				return rows, err
			}
			literals = literals[p.width:]
		}
		return rows, nil
	}
	if p.source != nil {
		var list [][]txn.Value
		err := p.source.query.run(r.x, r.e, r.b, func(values []txn.Value) error {
			list = append(list, cloneValues(values))
			return nil
		})
		if err != nil {
			return rows, err
		}
		for _, values := range list {
			values, selected := p.split(values)
			if err := add(values, p.source.stored, nil); err != nil {
				return rows, err
			}
			rows[len(rows)-1].selected = selected
		}
		return rows, nil
	}
	for i := from; i < to; i++ {
		r.assign.Row = i + 1
		values, stored, defaults, err := r.slots(&p.rows[i])
		if err == nil {
			err = add(values, stored, defaults)
		}
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// slots computes the values of one row of VALUES. An expression sees the columns before it.
func (r *insertRun) slots(row *insertRow) (values []txn.Value, stored, defaults []bool, err error) {
	n := len(row.slots)
	values, stored, defaults = make([]txn.Value, n), make([]bool, n), make([]bool, n)
	var before []txn.Value
	if len(row.query) > 0 {
		if before, err = r.blank(); err != nil {
			return nil, nil, nil, err
		}
	}
	for i := range row.slots {
		s := &row.slots[i]
		switch s.kind {
		case slotDefault:
			defaults[i] = true
			continue
		case slotValue:
			values[i] = s.v
		case slotRef:
			values[i] = encoded(r.b.value(s.ref, nil), s.charset)
		case slotExpression:
			err := row.query[s.at].query(r.x, r.b, before, func(v []txn.Value) error {
				values[i] = v[0].Clone()
				return nil
			})
			if err != nil {
				return nil, nil, nil, sqlError(err)
			}
			stored[i] = s.stored
		}
		if before != nil {
			c := &r.t.Columns[r.p.columns[i]]
			if v, _, err := schemas.Convert(c.Type, c.Name, values[i], schemas.Assignment{Zone: r.assign.Zone}); err == nil {
				before[r.p.columns[i]] = v
			}
		}
	}
	return values, stored, defaults, nil
}

// blank is a row of defaults, which expressions see in place of columns that have no value yet.
func (r *insertRun) blank() ([]txn.Value, error) {
	row := make([]txn.Value, len(r.t.Columns))
	for i := range r.t.Columns {
		c := &r.t.Columns[i]
		if d := c.Default; d != nil && d.Expression == "" && !d.Now {
			row[i] = d.Literal
		} else if d == nil && !c.Nullable {
			row[i] = r.implicit(c)
		}
	}
	return row, nil
}

// newRow converts the values that a statement gives and fills in the others, but for
// AUTO_INCREMENT, expression defaults and generated columns.
func (r *insertRun) newRow(values []txn.Value, stored, defaults []bool) (newRow, error) {
	t := r.t
	n := len(t.Columns)
	row := newRow{values: make([]txn.Value, n, n+1)}
	var buf [64]bool
	given := buf[:0]
	if n > len(buf) {
		given = make([]bool, 0, n)
	}
	given = given[:n]
	for i, c := range r.p.columns {
		if defaults != nil && defaults[i] {
			continue
		}
		given[c] = true
		v := values[i]
		if c == t.AutoIncrement && v.IsNull() {
			row.id = idGenerated
			continue
		}
		var err error
		if stored != nil && stored[i] && !v.IsNull() {
			row.values[c] = v
		} else if row.values[c], err = r.convert(c, v); err != nil {
			return row, err
		}
		if c == t.AutoIncrement {
			row.id = idGiven
			if isZero(row.values[c]) && r.e.Mode()&NoAutoValueOnZero == 0 {
				row.id = idGenerated
			}
		}
	}
	for i := range n {
		if given[i] {
			continue
		}
		if i == t.AutoIncrement {
			row.id = idGenerated
			continue
		}
		var err error
		if row.values[i], err = r.defaultValue(i); err != nil {
			return row, err
		}
	}
	for i := range r.defaults {
		if c := r.defaults[i].column; !given[c] {
			if err := r.compute(r.defaults[i:i+1], row.values); err != nil {
				return row, err
			}
		}
	}
	return row, nil
}

func isZero(v txn.Value) bool {
	return v.Kind() == txn.KindInteger && v.Int64() == 0 || v.Kind() == txn.KindReal && v.Float64() == 0
}

// givenID is a value of an AUTO_INCREMENT column that raises the counter: 0 for one that does not.
func givenID(v txn.Value) uint64 {
	switch v.Kind() {
	case txn.KindInteger:
		return uint64(max(v.Int64(), 0))
	case txn.KindText: // above 2^63-1, see schemas.Convert
		if n, err := strconv.ParseUint(string(v.Bytes()), 10, 64); err == nil {
			return n
		}
	}
	return 0
}

// number gives the rows that want one an AUTO_INCREMENT value, runs of them at once, and notes
// the values that were given.
func (r *insertRun) number(rows []newRow) error {
	at := r.t.AutoIncrement
	if at < 0 {
		return nil
	}
	for i := 0; i < len(rows); i++ {
		switch rows[i].id {
		case idGiven:
			if n := givenID(rows[i].values[at]); n > 0 && !r.bulk() {
				r.e.NoteAutoIncrement(r.t, n)
			}
		case idGenerated:
			if r.lateNulls || r.bulk() { // a trigger may give it; values come in blocks
				continue
			}
			run := 1
			for i+run < len(rows) && rows[i+run].id == idGenerated {
				run++
			}
			first, step, err := r.nextValues(uint64(run))
			if err != nil {
				return err
			}
			for j := range run {
				n := first + uint64(j)*step
				if r.p.ignore || r.p.update != nil {
					r.ids = append(r.ids, n)
					continue
				}
				if rows[i+j].values[at], err = r.autoValue(n); err != nil {
					return err
				}
			}
			i += run - 1
		}
	}
	return nil
}

// nextValues gives the first of n new AUTO_INCREMENT values and the step between them: auto_increment_increment, from
// auto_increment_offset on.
func (r *insertRun) nextValues(n uint64) (first, step uint64, err error) {
	setting := func(name string) uint64 {
		v, err := r.e.SystemVariable("session", name)
		if err != nil {
			return 1
		}
		return uint64(max(integerOf(v, 1), 1))
	}
	step = setting("auto_increment_increment")
	if step == 1 {
		first, err = r.e.NextAutoIncrement(r.t, n)
		r.reservedFrom, r.reserved = first, n
		return first, 1, err
	}
	offset := setting("auto_increment_offset")
	if offset > step {
		offset = step // MySQL does not take it then
	}
	if first, err = r.e.NextAutoIncrement(r.t, n*step); err != nil {
		return 0, 0, err
	}
	aligned := first
	if over := (first + step - offset) % step; over > 0 {
		aligned += step - over
		// The values passed over are used up too, so that the next one follows the last by a step.
		if _, err := r.e.NextAutoIncrement(r.t, aligned-first); err != nil {
			return 0, 0, err
		}
	}
	return aligned, step, nil
}

// autoValue is an AUTO_INCREMENT value in the stored form of its column.
func (r *insertRun) autoValue(n uint64) (txn.Value, error) {
	c := &r.t.Columns[r.t.AutoIncrement]
	v, _, err := schemas.Convert(c.Type, c.Name, txn.TextString(uintText(n)), schemas.Assignment{Strict: true})
	if err != nil && !c.Type.Unsigned {
		// The values are used up: the greatest one is tried again, and is there already.
		v, _, err = schemas.Convert(c.Type, c.Name, txn.TextString(uintText(n)), schemas.Assignment{})
	}
	if err != nil {
		return v, mysqlerr.New(mysql.ER_AUTOINC_READ_FAILED)
	}
	return v, nil
}

// write writes one row: at once where duplicates matter, else together with others.
func (r *insertRun) write(row []txn.Value, number int, id autoID) error {
	r.assign.Row = number
	if r.fired != nil {
		var err error
		if id, err = r.beforeInsert(row, id); err != nil {
			return err
		}
	}
	if err := r.refill(row, id); err != nil {
		return err
	}
	if id == idGenerated && len(r.ids) > 0 {
		var err error
		if row[r.t.AutoIncrement], err = r.autoValue(r.ids[0]); err != nil {
			return err
		}
	}
	if err := r.compute(r.generated, row); err != nil {
		return err
	}
	if ok, err := r.kept(r.p.check, row); err != nil || !ok {
		return err
	}
	if r.t.Identity == schemas.HiddenRowID {
		n, err := r.e.NextHiddenRowID()
		if err != nil {
			return err
		}
		row = append(row, txn.Int(n))
	}
	if r.p.replace || r.p.update != nil || r.p.ignore || r.fired != nil {
		return r.single(row, id)
	}
	r.noteID(row, id)
	r.pending = append(r.pending, row)
	if len(r.pending) >= 64 {
		return r.flush()
	}
	return nil
}

// noteID remembers the AUTO_INCREMENT value of a row that is written.
func (r *insertRun) noteID(row []txn.Value, id autoID) {
	at := r.t.AutoIncrement
	if at < 0 {
		return
	}
	if id == idGenerated && len(r.ids) > 0 {
		r.ids = r.ids[1:]
	}
	n := uint64(integerOf(row[at], 0))
	if row[at].Kind() == txn.KindText {
		n, _ = strconv.ParseUint(string(row[at].Bytes()), 10, 64)
	}
	if id == idGenerated && !r.result.GeneratedID {
		r.result.InsertID, r.result.GeneratedID = n, true
	} else if id == idGiven {
		r.given = n
	}
}

// maxBound bounds the values of one statement.
const maxBound = 8000

// flush writes the pending rows, in statements of 64, 8 and 1 rows.
func (r *insertRun) flush() error {
	for len(r.pending) > 0 {
		step, n := 0, 1
		for next := 8; step+1 < batchSteps && len(r.pending) >= next && next*len(r.pending[0]) <= maxBound; next *= 8 {
			step, n = step+1, next
		}
		if err := r.batch(r.pending[:n], step); err != nil {
			return err
		}
		r.pending = r.pending[n:]
	}
	r.pending = r.pending[:0]
	return nil
}

func (r *insertRun) batch(rows [][]txn.Value, step int) error {
	var args []txn.Value
	if len(rows) == 1 {
		args = rows[0]
	} else {
		args = make([]txn.Value, 0, len(rows)*len(rows[0]))
		for _, row := range rows {
			args = append(args, row...)
		}
	}
	if r.insert[step] == "" {
		r.insert[step] = r.insertSQL(len(rows), len(rows[0]))
	}
	_, err := r.x.Exec(r.insert[step], args)
	if err == nil {
		r.result.Affected += uint64(len(rows))
		return nil
	}
	if len(rows) > 1 && isUniqueViolation(sqlError(err)) {
		// One by one, to find the row that failed.
		for _, row := range rows {
			if err := r.batch([][]txn.Value{row}, 0); err != nil {
				return err
			}
		}
		return nil
	}
	return r.failure(err, rows[0], nil)
}

func (p *rowPlan) insertSQL(rows, width int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + p.table + " (" + p.insertColumns + ") VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString("?" + strconv.Itoa(i*width+j+1))
		}
		b.WriteByte(')')
	}
	return b.String()
}
