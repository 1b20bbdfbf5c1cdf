package dialect

import (
	"cmp"
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// lockClause is FOR UPDATE or FOR SHARE of one SELECT. It is about the tables that its FROM names, not about those of
// derived tables, common table expressions and subqueries, which have clauses of their own.
type lockClause struct {
	RowLock
	names []string // of OF; none: all tables
	// view: the SELECT is a view's, and the clause that of the SELECT which reads it.
	view bool
}

// lockOf reads the parser's word for a locking clause.
func lockOf(lock sqlparser.Lock) (l RowLock) {
	switch lock {
	case sqlparser.NoLock:
		return l
	case sqlparser.ShareModeLock, sqlparser.ForShareLock, sqlparser.ForShareLockNoWait, sqlparser.ForShareLockSkipLocked:
		l.Mode = LockShare
	default:
		l.Mode = LockUpdate
	}
	l.NoWait = lock == sqlparser.ForShareLockNoWait || lock == sqlparser.ForUpdateLockNoWait
	l.SkipLocked = lock == sqlparser.ForShareLockSkipLocked || lock == sqlparser.ForUpdateLockSkipLocked
	return l
}

// intoOf is INTO of a statement.
func intoOf(t sqlparser.TableStatement) *sqlparser.SelectInto {
	switch t := t.(type) {
	case *sqlparser.Select:
		return t.Into
	case *sqlparser.Union:
		if t.Into == nil {
			return intoOf(t.Right)
		}
		return t.Into
	}
	return nil
}

// lockLast gives the clause behind a set operation to its last SELECT, the only one that it is about.
func lockLast(t sqlparser.TableStatement, lock sqlparser.Lock) {
	if lock == sqlparser.NoLock {
		return
	}
	switch t := t.(type) {
	case *sqlparser.Select:
		t.Lock = lock
	case *sqlparser.Union:
		t.Lock = lock
	}
}

// locks sets the scope's locking clause.
func (s *scope) locks(t *sqlparser.Select) error {
	if s.viewLock != nil {
		s.lock = *s.viewLock
		return nil
	}
	s.lock = lockClause{RowLock: lockOf(t.Lock)}
	if s.lock.Mode == LockNone {
		return nil
	}
	if n, _ := mark(t); n >= 0 {
		s.lock.names = s.k.p.lockNames[n]
	}
	return nil
}

// of is the mode in which the rows of a table of FROM are locked.
func (l *lockClause) of(name string) LockMode {
	if len(l.names) > 0 && !slices.Contains(l.names, name) {
		return LockNone
	}
	return l.Mode
}

// ofView is the clause of a view's SELECT: that of the query which reads it where MySQL puts the view into that query,
// otherwise none. The view's own clause counts for nothing.
func (l *lockClause) ofView(name string, statement sqlparser.TableStatement) *lockClause {
	inner := &lockClause{view: true}
	if l.of(name) != LockNone && merges(statement) {
		inner.RowLock = l.RowLock
	}
	return inner
}

// lockedSelect is a SELECT with a locking clause, ready to tell the rows that it locks.
type lockedSelect struct {
	lock    RowLock
	queries []lockedQuery
}

// lockedQuery is a companion query: all columns of all rows of the tables.
type lockedQuery struct {
	statement statement
	tables    []*schemas.Table
}

// lockRows compiles the companion queries of a SELECT with a locking clause.
func (c *selecting) lockRows(l *lockable) error {
	if c.lock.Mode == LockNone || l == nil {
		return nil
	}
	for _, name := range c.lock.names {
		i := slices.IndexFunc(l.sources, func(src *source) bool { return src.name == name })
		if i < 0 {
			return mysqlerr.New(errLockedTable, "`"+name+"`")
		}
		if l.sources[i].written {
			return mysqlerr.New(errLockedTwice, "`"+name+"`")
		}
	}
	if c.lock.Mode == LockUpdate && !c.lock.view {
		c.k.needLocks(l.sources)
	}
	one := lockedSelect{lock: c.lock.RowLock}
	var all lockedQuery
	var list []string
	alone := c.correlated
	for _, src := range l.sources {
		alone = alone || src.recursiveOf != nil
		if src.table == nil || c.lock.of(src.name) == LockNone {
			continue
		}
		all.tables = append(all.tables, src.table)
		list = append(list, strings.Join(rowSQL(src), ", "))
		one.queries = append(one.queries, lockedQuery{newStatement("SELECT " + list[len(list)-1] + " FROM " + tableSQL(src.table) + " AS " + src.alias), []*schemas.Table{src.table}})
	}
	if !alone && len(list) > 0 {
		sql := c.definitions() + "SELECT " + strings.Join(list, ", ") + l.from
		if l.where != "" {
			sql += " WHERE " + l.where
		}
		all.statement = newStatement(sql + l.order + l.limit)
		one.queries = []lockedQuery{all}
	}
	// What names columns of a query around it cannot run by itself: then all rows of its tables are locked.
	c.k.locks = append(c.k.locks, one)
	return nil
}

// definitions is WITH of all common table expressions in sight.
func (s *scope) definitions() string {
	var list []*cte
	for _, c := range s.ctes {
		if c.text != "" {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return ""
	}
	slices.SortFunc(list, func(a, b *cte) int { return cmp.Compare(a.number, b.number) })
	texts := make([]string, len(list))
	for i, c := range list {
		texts[i] = c.text
	}
	return "WITH RECURSIVE " + strings.Join(texts, ", ") + " "
}

// lock tells how the query locks rows.
func (k *compiler) lock(p *Query, r queryRun) {
	for i := range k.locks {
		l := &k.locks[i].lock
		p.Lock = max(p.Lock, l.Mode)
		p.NoWait = p.NoWait || l.NoWait
		p.SkipLocked = p.SkipLocked || l.SkipLocked
	}
	if p.Lock != LockNone {
		p.locked = lockedRun{r: r, selects: k.locks}.run
	}
}

// rowSQL lists all stored columns of a base table, the hidden row id last.
func rowSQL(src *source) []string {
	var list []string
	for i := range src.table.Columns {
		list = append(list, src.alias+"."+schemas.QuoteSQLite(src.table.Columns[i].Name))
	}
	if src.table.Identity == schemas.HiddenRowID {
		list = append(list, src.alias+"."+schemas.HiddenColumn)
	}
	return list
}

// lockedRun hands over the rows that a locking read locks.
type lockedRun struct {
	r       queryRun
	selects []lockedSelect
}

func (l lockedRun) run(x Executor, e Environment, b Binding, row func(RowLock, *schemas.Table, []txn.Value) error) error {
	if err := l.r.fill(x, e, b); err != nil {
		return err
	}
	for i := range l.selects {
		one := &l.selects[i]
		hand := func(t *schemas.Table, values []txn.Value) error { return row(one.lock, t, values) }
		for j := range one.queries {
			if err := one.queries[j].run(x, b, hand); err != nil {
				return err
			}
		}
	}
	return nil
}

func (q *lockedQuery) run(x Executor, b Binding, row func(*schemas.Table, []txn.Value) error) error {
	return q.statement.query(x, b, nil, func(values []txn.Value) error {
		for _, t := range q.tables {
			n := len(t.Columns)
			if t.Identity == schemas.HiddenRowID {
				n++
			}
			if present(t, values[:n]) {
				if err := row(t, values[:n]); err != nil {
					return err
				}
			}
			values = values[n:]
		}
		return nil
	})
}

// present tells a row from the NULLs of an outer join.
func present(t *schemas.Table, values []txn.Value) bool {
	if t.Primary == nil {
		return !values[len(values)-1].IsNull()
	}
	return !values[t.Primary.Parts[0].Column].IsNull()
}
