package dialect

import (
	"errors"
	"slices"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// rowCheck is a query that must find nothing, and the error for the row if it does.
type rowCheck struct {
	sql string
	err func(row []txn.Value) error
}

// errFound ends a query at its first row.
var errFound = errors.New("found")

func (r *rowCheck) run(x Executor) error {
	var wrong error
	err := x.Query(r.sql, nil, func(row []txn.Value) error {
		wrong = r.err(row)
		return errFound
	})
	if wrong != nil {
		return wrong
	}
	return err
}

// checks returns the check of the alteration's rows: before it, those that SQLite would refuse with
// words of its own; behind it, those that SQLite does not look at.
func (a *alteration) checks() func(x Executor, before bool) error {
	out := a.d.out
	return func(x Executor, before bool) error {
		list, err := a.before()
		if !before {
			list, err = a.behind()
		}
		if err != nil {
			return err
		}
		for i := range list {
			if err := list[i].run(x); err != nil {
				return err
			}
		}
		if !before {
			return nil
		}
		if a.copies() {
			query := "SELECT count(*) FROM " + schemas.QuoteSQLite(a.old.SQLiteName)
			if err := x.Query(query, nil, func(row []txn.Value) error { out.Affected = uint64(row[0].Int64()); return nil }); err != nil {
				return err
			}
		}
		return a.noteAutoIncrement(x, out)
	}
}

// copies reports whether MySQL would copy the rows, which it then counts as affected.
func (a *alteration) copies() bool {
	if c := a.spec.partition; len(a.spec.order) > 0 || a.old.Temporary() || a.spec.how.algorithm == "COPY" || c != nil && (c.verb == partitionBy || c.verb == partitionRemove) {
		return true
	}
	if a.b.table.Primary == nil && a.old.Primary != nil && !a.addsCandidate() || a.b.table.Engine != a.old.Engine || a.changesHidden() || a.constrains() || a.numbersRows() {
		return true
	}
	for i := range a.b.table.Columns {
		old, now := a.oldColumn(i), &a.b.table.Columns[i]
		if old == nil || equalTypes(&old.Type, &now.Type) || old.Type.Kind >= schemas.Enum && grows(&old.Type, &now.Type) {
			continue
		}
		longer := old.Type
		longer.Length = now.Type.Length
		if old.Type.Kind != schemas.VarChar || now.Type.Length < old.Type.Length || !equalTypes(&longer, &now.Type) {
			return true
		}
	}
	return false
}

// addsCandidate reports whether the statement adds a unique index that stands for a primary key.
func (a *alteration) addsCandidate() bool {
	return slices.ContainsFunc(a.b.table.UniqueIndexes(), func(ix *schemas.Index) bool {
		return a.old.Index(ix.Name) == nil &&
			!slices.ContainsFunc(ix.Parts, func(p schemas.IndexPart) bool { return p.Column < 0 || a.b.table.Columns[p.Column].Nullable })
	})
}

// constrains reports whether the rows have to stand a constraint that they did not before: MySQL copies them to find out.
func (a *alteration) constrains() bool {
	if !a.d.c.NoForeignKeys && slices.ContainsFunc(a.b.table.ForeignKeys, func(k schemas.ForeignKey) bool {
		return !slices.ContainsFunc(a.old.ForeignKeys, func(o schemas.ForeignKey) bool { return o.Name == k.Name })
	}) {
		return true
	}
	return slices.ContainsFunc(a.b.table.Checks, func(k schemas.Check) bool {
		return k.Enforced && !slices.ContainsFunc(a.old.Checks, func(o schemas.Check) bool { return o.Enforced && o.Name == k.Name })
	})
}

// before lists the checks of the old state: NULLs where none may be, duplicates of unique keys.
func (a *alteration) before() ([]rowCheck, error) {
	t := a.b.table
	var list []rowCheck
	for i := range t.Columns {
		old := a.oldColumn(i)
		if old == nil || t.Columns[i].Nullable || !old.Nullable || !a.strict() || t.Columns[i].Generated != nil || i == t.AutoIncrement {
			continue
		}
		list = append(list, a.nulls(old, &t.Columns[i]))
	}
	if err := a.zeroDates(&list); err != nil {
		return nil, err
	}
	source, err := a.source(true)
	if err != nil {
		return nil, err
	}
	for _, ix := range t.UniqueIndexes() {
		if a.uniqueBefore(ix) {
			continue
		}
		list = append(list, a.duplicates(ix, source))
	}
	return list, nil
}

// nulls finds a NULL in a column that becomes NOT NULL. MySQL has two words for it: one where it copies
// the rows into another type, one where it only looks.
func (a *alteration) nulls(old, now *schemas.Column) rowCheck {
	return rowCheck{
		sql: "SELECT n FROM (SELECT row_number() OVER (ORDER BY " + a.oldOrder() + ") AS n, " + schemas.QuoteSQLite(old.Name) + " AS v FROM " +
			schemas.QuoteSQLite(a.old.SQLiteName) + ") WHERE v IS NULL ORDER BY n LIMIT 1",
		err: func(row []txn.Value) error {
			if equalTypes(&old.Type, &now.Type) {
				return mysqlerr.New(mysql.ER_INVALID_USE_OF_NULL)
			}
			return mysqlerr.New(mysql.WARN_DATA_TRUNCATED, now.Name, row[0].Int64())
		}}
}

// zeroDates refuses a new NOT NULL date without default where rows would get the zero date.
func (a *alteration) zeroDates(list *[]rowCheck) error {
	if !a.strict() || a.d.c.Mode&NoZeroDate == 0 {
		return nil
	}
	for i := range a.b.table.Columns {
		c := &a.b.table.Columns[i]
		if a.oldColumn(i) != nil || c.Nullable || c.Default != nil || c.Generated != nil {
			continue
		}
		if c.Type.Kind != schemas.Date && c.Type.Kind != schemas.DateTime {
			continue
		}
		zero := string(implicitDefault(&c.Type).Bytes())
		*list = append(*list, rowCheck{sql: "SELECT 1 FROM " + schemas.QuoteSQLite(a.old.SQLiteName) + " LIMIT 1",
			err: func([]txn.Value) error {
				return mysqlerr.Newf(mysql.ER_TRUNCATED_WRONG_VALUE, "Incorrect %s value: '%s' for column '%s' at row 1",
					c.Type.Name(), zero, c.Name)
			}})
	}
	return nil
}

// uniqueBefore reports whether the old table had the same unique index over the same values.
func (a *alteration) uniqueBefore(ix *schemas.Index) bool {
	return slices.ContainsFunc(a.old.UniqueIndexes(), func(old *schemas.Index) bool {
		if len(old.Parts) > len(ix.Parts) {
			return false
		}
		// Fewer columns being unique already is more than is asked.
		for i, p := range old.Parts {
			q := ix.Parts[i]
			if q.Column < 0 || q.Column == a.b.table.AutoIncrement && a.numbersRows() || a.columns[q.Column].number != p.Column || p.Prefix != q.Prefix ||
				!equalTypes(&a.old.Columns[p.Column].Type, &a.b.table.Columns[q.Column].Type) {
				return false
			}
			if a.b.table.Columns[q.Column].Generated != nil {
				return false
			}
		}
		return true
	})
}

// duplicates finds two rows with one value of a unique index.
func (a *alteration) duplicates(ix *schemas.Index, source string) rowCheck {
	t := a.b.table
	var columns, groups, present []string
	for _, p := range ix.Parts {
		c := &t.Columns[p.Column]
		s := schemas.QuoteSQLite(c.Name)
		present = append(present, s+" IS NOT NULL")
		if p.Prefix > 0 {
			s = "substr(" + s + ", 1, " + uintText(uint64(p.Prefix)) + ")"
		}
		columns = append(columns, s)
		if collation := c.Type.SQLiteCollation(); collation != "" {
			s += " COLLATE " + collation
		}
		groups = append(groups, s)
	}
	return rowCheck{
		// The columns beside max() are those of its row: the last one of the group.
		sql: "SELECT " + strings.Join(columns, ", ") + ", max(_n) AS _last FROM (" + source + ") WHERE " +
			strings.Join(present, " AND ") + " GROUP BY " + strings.Join(groups, ", ") + " HAVING count(*) > 1 ORDER BY _last LIMIT 1",
		err: func(row []txn.Value) error {
			var parts []string
			for i, p := range ix.Parts {
				parts = append(parts, string(schemas.AppendText(nil, t.Columns[p.Column].Type, row[i])))
			}
			if ix.Parts[0].Column == t.AutoIncrement && a.copies() {
				return mysqlerr.Newf(mysql.ER_DUP_ENTRY, "ALTER TABLE causes auto_increment resequencing, resulting in duplicate entry '%s' for key '%s.%s'",
					strings.Join(parts, "-"), t.Name, ix.Name)
			}
			return mysqlerr.New(mysql.ER_DUP_ENTRY, strings.Join(parts, "-"), t.Name+"."+ix.Name)
		}}
}

// behind lists the checks of the new state: CHECK constraints and foreign keys that are new.
func (a *alteration) behind() ([]rowCheck, error) {
	t := a.b.table
	var list []rowCheck
	for i := range t.Checks {
		k := &t.Checks[i]
		if !k.Enforced || slices.ContainsFunc(a.old.Checks, func(o schemas.Check) bool {
			return o.Enforced && o.Expression == k.Expression && !a.changesValues()
		}) {
			continue
		}
		operand, err := compileTableExpression(a.d.c, t, k.Expression)
		if err != nil {
			return nil, err
		}
		name := k.Name
		list = append(list, rowCheck{
			sql: "SELECT 1 FROM " + schemas.QuoteSQLite(t.SQLiteName) + " WHERE NOT (" + expression.Truth(operand) + ") LIMIT 1",
			err: func([]txn.Value) error { return mysqlerr.New(3819, name) }})
	}
	if a.d.c.NoForeignKeys {
		return list, nil
	}
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		known := slices.ContainsFunc(a.old.ForeignKeys, func(o schemas.ForeignKey) bool { return o.Name == fk.Name })
		if known && !a.changesValues() {
			continue
		}
		if parent := a.parentAfter(fk); parent != nil {
			list = append(list, orphans(t, fk, parent))
		}
	}
	return list, nil
}

// changesValues reports whether columns were converted.
func (a *alteration) changesValues() bool {
	for i := range a.b.table.Columns {
		if old := a.oldColumn(i); old != nil && a.converted(old, &a.b.table.Columns[i]) != schemas.QuoteSQLite(old.Name) {
			return true
		}
	}
	return false
}

func (a *alteration) parentAfter(fk *schemas.ForeignKey) *schemas.Table {
	if fk.ReferencedTable == a.b.table.Name && fk.ReferencedDatabase == a.b.table.Database {
		return a.b.table
	}
	return a.d.table(ObjectName{fk.ReferencedDatabase, fk.ReferencedTable})
}

// orphans finds a row of the child that has no parent.
func orphans(t *schemas.Table, fk *schemas.ForeignKey, parent *schemas.Table) rowCheck {
	var present, equal []string
	for i, c := range fk.Columns {
		p := parent.ColumnIndex(fk.ReferencedColumns[i])
		child := "c." + schemas.QuoteSQLite(t.Columns[c].Name)
		present = append(present, child+" IS NOT NULL")
		match := "p." + schemas.QuoteSQLite(parent.Columns[p].Name) + " = " + child
		if collation := parent.Columns[p].Type.SQLiteCollation(); collation != "" {
			match += " COLLATE " + collation
		}
		equal = append(equal, match)
	}
	parents := schemas.QuoteSQLite(parent.SQLiteName)
	if parent.DBID != t.DBID {
		parents = tableSQL(parent)
	}
	text := strings.Builder{}
	writeForeignKey(&text, t, fk)
	message := "Cannot add or update a child row: a foreign key constraint fails (" + schemas.QuoteName(t.Database) + "." +
		schemas.QuoteName(t.Name) + ", " + text.String() + ")"
	return rowCheck{
		sql: "SELECT 1 FROM " + schemas.QuoteSQLite(t.SQLiteName) + " AS c WHERE " + strings.Join(present, " AND ") +
			" AND NOT EXISTS (SELECT 1 FROM " + parents + " AS p WHERE " + strings.Join(equal, " AND ") + ") LIMIT 1",
		err: func([]txn.Value) error { return mysqlerr.Newf(mysql.ER_NO_REFERENCED_ROW_2, "%s", message) }}
}

// noteAutoIncrement lets the counter of a new AUTO_INCREMENT column, and one that the statement sets, go on behind the values that
// the rows have or get: the definition that is about to be sent carries where it starts.
func (a *alteration) noteAutoIncrement(x Executor, out *Resolution) error {
	t := a.b.table
	kept := t.AutoIncrement >= 0 && a.old.AutoIncrement >= 0 && a.columns[t.AutoIncrement].number == a.old.AutoIncrement
	if t.AutoIncrement < 0 || kept && !a.setsCounter() {
		return nil
	}
	query := "SELECT max(" + schemas.QuoteSQLite(t.Columns[t.AutoIncrement].Name) + ") FROM ("
	source, err := a.source(false)
	if err != nil {
		return err
	}
	most := txn.Null()
	if err := x.Query(query+source+")", nil, func(row []txn.Value) error { most = row[0].Clone(); return nil }); err != nil {
		return err
	}
	next := max(t.AutoIncrementStart, 1)
	if !most.IsNull() && most.Int64() >= 0 {
		next = max(next, uint64(most.Int64())+1)
	}
	out.Counters = map[txn.TableID]uint64{t.ID: next}
	if next == max(t.AutoIncrementStart, 1) {
		return nil
	}
	for i := range out.Body.Changes {
		c := &out.Body.Changes[i]
		if c.ID != uint64(t.ID) || c.Kind != txn.ObjectTable || c.Op == txn.Delete {
			continue
		}
		changed, err := schemas.DecodeTable(c.Definition)
		if err != nil {
			return err
		}
		changed.AutoIncrementStart = next
		if c.Definition, err = schemas.EncodeTable(changed); err != nil {
			return err
		}
	}
	return nil
}

// setsCounter reports whether the statement says AUTO_INCREMENT = n; 0 says nothing.
func (a *alteration) setsCounter() bool {
	return slices.ContainsFunc(a.spec.add.options, func(o optionSpec) bool { return o.name == "AUTO_INCREMENT" }) && a.b.table.AutoIncrementStart > 0
}
