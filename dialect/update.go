package dialect

import (
	"fmt"
	"slices"
	"strings"

	"marmot/accounts"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// updatePlan is a compiled UPDATE: a query that finds the rows and computes the new values, and
// the tables to write.
type updatePlan struct {
	find     queryRun
	targets  []*updateTarget
	ignore   bool
	found    bool // CLIENT_FOUND_ROWS
	joined   bool // a row may be found several times
	triggers []TempTrigger
}

// updateTarget is one table of an UPDATE.
type updateTarget struct {
	*rowPlan
	source *source
	// columns are those that may change; fetched the columns of the old row that the query gives
	// behind the identity.
	columns, fetched []int
	assignments      []updateAssignment
	// width is how many values of the query are the target's; offset the first.
	offset, width int
	// view is the view through which the table is changed, or nil; check its WITH CHECK OPTION.
	view  *source
	check *viewCheck
}

// updateAssignment is one assignment; its value is a slot, or the query's value at a place.
type updateAssignment struct {
	column int
	slot   slot // slotExpression: the place is behind the fetched columns
}

// planUpdate plans UPDATE.
func (k *compiler) planUpdate(t *sqlparser.Update) (*Plan, error) {
	if t.Limit != nil && t.Limit.Offset != nil {
		return nil, errOffset
	}
	c := selecting{scope: &scope{k: k, clause: "field list", opens: true}, t: &sqlparser.Select{With: t.With, From: t.TableExprs, Where: t.Where, OrderBy: t.OrderBy, Limit: t.Limit}}
	k.changes, k.several = accounts.Update, !oneTable(t.TableExprs)
	if err := c.head(); err != nil {
		return nil, err
	}
	p := &updatePlan{ignore: bool(t.Ignore), found: k.c.FoundRows, joined: c.tables() > 1}
	if err := c.updateTargets(p, t); err != nil {
		return nil, err
	}
	if len(c.sources) > 1 && t.OrderBy != nil {
		return nil, mysqlerr.New(mysql.ER_WRONG_USAGE, "UPDATE", "ORDER BY")
	}
	if len(c.sources) > 1 && t.Limit != nil {
		return nil, mysqlerr.New(mysql.ER_WRONG_USAGE, "UPDATE", "LIMIT")
	}
	for _, target := range p.targets {
		k.targets = append(k.targets, targetTable{table: target.t, name: target.source.name})
	}
	c.strictDivision = k.c.Mode&ErrorForDivisionByZero != 0 && k.strict(p.ignore)
	if err := c.updateValues(p, t); err != nil {
		return nil, err
	}
	for _, step := range []func() error{c.where, c.order, c.limit} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	p.find = queryRun{main: newStatement(c.query(false).sql), virtuals: k.virtuals, matches: k.matches, catalog: k.c.Catalog}
	w := &Write{Lenient: p.ignore || p.joined, Unkeyed: c.unkeyed(), run: k.reporting(p.run)}
	for _, target := range p.targets {
		w.Targets = append(w.Targets, target.t)
		k.scans[target.source.scan].Target = true
		reached, triggers, err := k.reachable(target.t, eventUpdate)
		if err != nil {
			return nil, err
		}
		w.Reachable = append(w.Reachable, reached...)
		p.triggers = append(p.triggers, triggers...)
	}
	w.Scans = k.scans
	return k.finish(&Plan{Write: w}), nil
}

// updateTargets finds the tables that the assignments name.
func (c *selecting) updateTargets(p *updatePlan, t *sqlparser.Update) error {
	for _, e := range t.Exprs {
		src, i, _, ok, err := c.place(e.Name)
		if err != nil {
			return err
		}
		if !ok {
			return c.unknown(e.Name)
		}
		c.k.changesTable(src, accounts.Update, len(c.sources) == 1)
		c.k.needsColumn(src, i, accounts.Update, false)
		at, err := src.writable(i)
		if err != nil {
			return err
		}
		if src.opened != nil {
			c.k.changesTable(at.source, accounts.Update, true)
			c.k.needsColumn(at.source, at.column, accounts.Update, false)
		}
		target, err := c.updateTarget(p, at.source)
		if err != nil {
			return err
		}
		if err := target.through(c, src); err != nil {
			return err
		}
		target.columns = addInt(target.columns, at.column)
	}
	if err := c.keysTwice(p); err != nil {
		return err
	}
	return p.oneTable()
}

// keysTwice refuses to change a table under two names if one of them changes its primary key or what partitions it.
func (c *selecting) keysTwice(p *updatePlan) error {
	for _, first := range c.sources {
		for _, base := range first.bases() {
			a := p.target(base)
			if a == nil {
				continue
			}
			for _, b := range p.targets {
				if a.source == b.source || a.t.Database != b.t.Database || a.t.Name != b.t.Name || !a.changesPlace() && !b.changesPlace() {
					continue
				}
				return mysqlerr.New(mysql.ER_MULTI_UPDATE_KEY_CONFLICT, a.name(), b.name())
			}
		}
	}
	return nil
}

// target is the target that is the given table of FROM, or nil.
func (p *updatePlan) target(src *source) *updateTarget {
	for _, t := range p.targets {
		if t.source == src {
			return t
		}
	}
	return nil
}

// name is what the statement calls the table, or the view through which it is changed.
func (t *updateTarget) name() string {
	if t.view != nil {
		return t.view.name
	}
	return t.source.name
}

// changesPlace reports whether the target's primary key is changed, or a column that its partitions depend on.
func (t *updateTarget) changesPlace() bool {
	var parts []string
	if t.t.Partitioning != nil {
		parts = partitionColumns(t.t)
	}
	primary := t.t.Index("PRIMARY")
	for _, column := range t.columns {
		if primary != nil && slices.ContainsFunc(primary.Parts, func(part schemas.IndexPart) bool { return part.Column == column }) {
			return true
		}
		if slices.ContainsFunc(parts, func(name string) bool { return strings.EqualFold(name, t.t.Columns[column].Name) }) {
			return true
		}
	}
	return false
}

// partitionsOf lists the partitions to which FROM restricts the table.
func (c *selecting) partitionsOf() []string {
	for _, e := range c.t.From {
		if a, ok := e.(*sqlparser.AliasedTableExpr); ok && len(a.Partitions) > 0 && len(c.t.From) == 1 && len(c.sources) == 1 {
			return partitionList(a.Partitions)
		}
	}
	return nil
}

// through notes the view by which the target is named.
func (t *updateTarget) through(c *selecting, src *source) (err error) {
	if src.opened == nil || t.view == src {
		return nil
	}
	t.view = src
	t.check, err = c.k.viewCheck(src.opened.view)
	return err
}

// oneTable refuses to change several tables through one view.
func (p *updatePlan) oneTable() error {
	for i, a := range p.targets {
		for _, b := range p.targets[:i] {
			if a.view != nil && a.view == b.view {
				return mysqlerr.New(mysql.ER_VIEW_MULTIUPDATE, a.view.opened.view.Database, a.view.opened.view.Name)
			}
		}
	}
	return nil
}

// tables counts the tables that FROM names, those of opened views included.
func (c *selecting) tables() int {
	n := 0
	for _, src := range c.sources {
		n += len(src.bases())
	}
	return n
}

func (c *selecting) updateTarget(p *updatePlan, src *source) (*updateTarget, error) {
	for _, have := range p.targets {
		if have.source == src {
			return have, nil
		}
	}
	rows, err := c.k.newRowPlan(src.table)
	if err != nil {
		return nil, err
	}
	if names := c.partitionsOf(); names != nil {
		places, err := partitionPlaces(src.table, names)
		if err != nil {
			return nil, err
		}
		if rows.partition, err = c.k.partitionCheck(src.table, places); err != nil {
			return nil, err
		}
	}
	target := &updateTarget{rowPlan: rows, source: src}
	p.targets = append(p.targets, target)
	return target, nil
}

// updateValues compiles the select list: for each target its identity, its old values, and the
// new values that are no constants.
func (c *selecting) updateValues(p *updatePlan, t *sqlparser.Update) error {
	assigned := map[*source][]updateAssignment{}
	values := map[*source][]string{}
	exprs, first, err := c.firstTable(t.Exprs)
	if err != nil {
		return err
	}
	for _, e := range exprs {
		seen, at, _, _, _ := c.place(e.Name)
		base, err := seen.writable(at)
		if err != nil {
			return err
		}
		src, i := base.source, base.column
		a, sql, err := c.updateValue(src, i, e.Expr)
		if err != nil {
			return err
		}
		if sql != "" {
			a.slot.at = len(values[src])
			values[src] = append(values[src], sql)
		}
		assigned[src] = append(assigned[src], a)
		if len(p.targets) == 1 || src == first {
			c.assume(src, i, &seen.columns[at], e.Expr)
		}
	}
	for _, target := range p.targets {
		target.columns = target.alsoChanged(target.columns)
		target.assignments = assigned[target.source]
		for i := range target.t.Columns {
			target.fetched = append(target.fetched, i)
		}
		target.offset = len(c.items)
		list := append(target.rowColumns(target.source.alias), values[target.source]...)
		for _, sql := range list {
			c.items = append(c.items, outColumn{operand: expression.Operand{SQL: sql, Nullable: true}})
		}
		target.width = len(list)
	}
	c.forget()
	return nil
}

// firstTable puts the assignments to the first table of FROM before those to others, as MySQL carries them out: it changes that table's
// row while it reads, and the values for the other tables are of the changed row.
func (c *selecting) firstTable(exprs sqlparser.UpdateExprs) (sqlparser.UpdateExprs, *source, error) {
	bases := c.sources[0].bases()
	if len(bases) != 1 {
		return exprs, nil, nil
	}
	var own, others sqlparser.UpdateExprs
	for _, e := range exprs {
		seen, at, _, _, _ := c.place(e.Name)
		base, err := seen.writable(at)
		if err != nil {
			return nil, nil, err
		}
		if base.source == bases[0] {
			own = append(own, e)
		} else {
			others = append(others, e)
		}
	}
	return append(own, others...), bases[0], nil
}

// updateValue compiles one assignment. sql is empty for a constant.
func (c *selecting) updateValue(src *source, i int, e sqlparser.Expr) (a updateAssignment, sql string, err error) {
	column := &src.table.Columns[i]
	a.column = i
	if d, ok := e.(*sqlparser.Default); ok && (d.ColName == "" || strings.EqualFold(d.ColName, column.Name)) {
		return a, "", nil
	}
	if column.Generated != nil {
		return a, "", generatedError(src.table, i)
	}
	if arg, ok := e.(*sqlparser.Argument); ok {
		a.slot.kind = slotRef
		ref, _, err := c.k.reference(arg.Name)
		if ref < rawBase {
			c.k.want(ref, column.Type)
			c.k.assign(ref, column.Type)
		}
		a.slot.ref, a.slot.charset = rawFor(column.Type, ref), c.k.literalCharset(column.Type, ref)
		return a, "", err
	}
	c.clause = "field list"
	o, err := c.expr(e)
	if err != nil {
		return a, "", err
	}
	if o.Constant != nil && keepsType(o.Type, column.Type) {
		a.slot = slot{kind: slotValue, v: constantFor(o, column.Type)}
		return a, "", nil
	}
	a.slot.kind = slotExpression
	sql, a.slot.stored = assignSQL(o, column.Type, column.Name)
	return a, sql, nil
}

// assume makes later assignments of a single-table UPDATE see the new value of a column.
func (c *selecting) assume(src *source, i int, column *sourceColumn, e sqlparser.Expr) {
	var o expression.Operand
	var err error
	if d, ok := e.(*sqlparser.Default); ok && d.ColName == "" {
		o, err = c.k.defaultOperand(src.table, i)
	} else {
		o, err = c.expr(e)
	}
	if err != nil {
		return
	}
	if c.before == nil {
		c.before = map[*sourceColumn]expression.Operand{}
	}
	if _, ok := c.before[column]; !ok {
		c.before[column] = column.operand
	}
	column.operand.SQL = expression.Assign(o, src.table.Columns[i].Type, src.table.Columns[i].Name)
}

// forget takes assume back: WHERE and ORDER BY see the old values.
func (c *selecting) forget() {
	for column, o := range c.before {
		column.operand = o
	}
	c.before = nil
}

// foundRow is a row that UPDATE or DELETE found, with what the query computed for it.
type foundRow struct {
	storedRow
	computed []txn.Value
}

func (p *updatePlan) run(x Executor, e Environment, b Binding) (WriteResult, error) {
	for _, t := range p.triggers {
		if err := x.Trigger(t); err != nil {
			return WriteResult{}, err
		}
	}
	rows := make([][]foundRow, len(p.targets))
	seen := make([]map[string]bool, len(p.targets))
	err := p.find.run(x, e, b, func(values []txn.Value) error {
		for i, target := range p.targets {
			if p.joined && seen[i] == nil {
				seen[i] = map[string]bool{}
			}
			if row, ok := target.found(values, seen[i]); ok {
				rows[i] = append(rows[i], row)
			}
		}
		return nil
	})
	if err != nil {
		return WriteResult{}, err
	}
	result := WriteResult{}
	matched, changed, warned := 0, 0, 0
	for i, target := range p.targets {
		u := &updateRun{writer: target.writer(x, e, b, p.ignore), target: target}
		u.lateNulls = u.fired != nil && len(u.fired.before["UPDATE"]) > 0
		for j := range rows[i] {
			u.assign.Row = j + 1
			if err := u.row(&rows[i][j]); err != nil {
				return result, err
			}
		}
		matched, changed, warned = matched+len(rows[i]), changed+u.changed, warned+u.warned
	}
	result.Affected = uint64(changed)
	if p.found {
		result.Affected = uint64(matched)
	}
	result.Info = fmt.Sprintf("Rows matched: %d  Changed: %d  Warnings: %d", matched, changed, warned)
	return result, nil
}

// found reads a target's values; a row of NULLs of an outer join is none, and a row that a join
// gives several times counts once.
func (t *updateTarget) found(values []txn.Value, seen map[string]bool) (foundRow, bool) {
	values = values[t.offset : t.offset+t.width]
	if values[0].IsNull() {
		return foundRow{}, false
	}
	n := len(t.identity)
	if seen != nil {
		key := identityKey(values[:n])
		if seen[key] {
			return foundRow{}, false
		}
		seen[key] = true
	}
	row := foundRow{storedRow: t.split(values)}
	row.computed = cloneValues(values[n+len(t.t.Columns):])
	return row, true
}

// identityKey is a row's identity as a map's key.
func identityKey(values []txn.Value) string {
	var b strings.Builder
	for _, v := range values {
		text := v.String()
		fmt.Fprintf(&b, "%d:%s", len(text), text)
	}
	return b.String()
}

// updateRun writes the rows of one target.
type updateRun struct {
	*writer
	target  *updateTarget
	changed int
}

func (u *updateRun) row(r *foundRow) error {
	row := append([]txn.Value{}, r.values...)
	for i := range u.target.assignments {
		a := &u.target.assignments[i]
		var v txn.Value
		var err error
		if a.slot.kind == slotExpression {
			v = r.computed[a.slot.at]
			if !a.slot.stored || v.IsNull() {
				v, err = u.convert(a.column, v)
			}
		} else {
			v, err = u.assigned(&assignment{column: a.column, slot: a.slot, inserted: -1}, r.values)
		}
		if err != nil {
			return err
		}
		row[a.column] = v
	}
	changed, err := u.completed(r.values, row)
	if err != nil {
		return err
	}
	if ok, err := u.kept(u.target.check, row); err != nil || !ok {
		return err
	}
	warned := u.warned
	if err := u.guarded(func() error { return u.update(&r.storedRow, u.writable(u.target.columns), row) }); err != nil {
		return err
	}
	if u.fired != nil && (u.warned == warned || !u.ignore) {
		if err := u.afterRow("UPDATE", r.values, row); err != nil {
			return err
		}
	}
	if changed && (u.warned == warned || !u.ignore) {
		u.changed++
		u.noteChangedID(r.values, row, changed)
	}
	return nil
}
