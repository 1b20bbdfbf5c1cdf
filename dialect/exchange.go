package dialect

import (
	"slices"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// ALTER TABLE … EXCHANGE PARTITION swaps the rows of a partition with those of a table. Partitions are conditions on the rows of one
// SQLite table, so the rows move; where the other table lies in another database, by way of tables that the record's moves fill.

const (
	errRowOfOtherPartition = 1737 // ER_ROW_DOES_NOT_MATCH_PARTITION
	errNotSubpartition     = 1734 // ER_PARTITION_INSTEAD_OF_SUBPARTITION
)

// exchange is EXCHANGE PARTITION being worked out.
type exchange struct {
	d           *definition
	part, other *schemas.Table
	condition   string // SQLite's, true for the rows of the partition
}

// exchangePartition reads EXCHANGE PARTITION behind these words. Nothing may follow.
func (s *textReader) exchangePartition(c *partitionChange) {
	c.verb, c.names = partitionExchange, []string{s.name()}
	s.expect("WITH")
	s.expect("TABLE")
	c.other = s.object()
	if !s.accept("WITH", "VALIDATION") {
		s.accept("WITHOUT", "VALIDATION")
	}
	if s.err == nil && !s.end() {
		s.wrong()
	}
}

func (d *definition) exchange(name ObjectName, c *partitionChange) error {
	if _, err := d.database(c.other.Database); err != nil && isVirtualDatabase(c.other.Database) {
		return err
	}
	if name == c.other {
		return mysqlerr.New(mysql.ER_NONUNIQ_TABLE, name.Name)
	}
	x := &exchange{d: d}
	for _, side := range [...]struct {
		name  ObjectName
		table **schemas.Table
	}{{name, &x.part}, {c.other, &x.other}} {
		t := d.table(side.name)
		switch {
		case t == nil && d.c.Catalog.Database(side.name.Database) == nil:
			return mysqlerr.New(mysql.ER_BAD_DB_ERROR, side.name.Database)
		case t == nil && d.view(side.name) != nil:
			return mysqlerr.New(mysql.ER_CHECK_NO_SUCH_TABLE)
		case t == nil:
			return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, side.name.Database, side.name.Name)
		}
		*side.table = t
	}
	if err := x.allowed(c.names[0]); err != nil {
		return err
	}
	if err := x.sameDefinition(); err != nil {
		return err
	}
	if err := x.sameOptions(c.names[0]); err != nil {
		return err
	}
	return x.change()
}

// allowed checks what kinds of tables the two are, and finds the partition.
func (x *exchange) allowed(name string) error {
	switch {
	case x.part.Partitioning == nil:
		return mysqlerr.New(mysql.ER_PARTITION_MGMT_ON_NONPARTITIONED)
	case x.other.Partitioning != nil:
		return mysqlerr.New(mysql.ER_PARTITION_EXCHANGE_PART_TABLE, x.other.Name)
	case x.other.Engine != x.part.Engine:
		return mysqlerr.New(mysql.ER_MIX_HANDLER_ERROR)
	case x.other.Temporary():
		return mysqlerr.New(mysql.ER_PARTITION_EXCHANGE_TEMP_TABLE, x.other.Name)
	case len(x.other.ForeignKeys) > 0, len(x.d.referencing(ObjectName{x.other.Database, x.other.Name})) > 0:
		return mysqlerr.New(mysql.ER_PARTITION_EXCHANGE_FOREIGN_KEY, x.other.Name)
	}
	places, err := partitionPlaces(x.part, []string{name})
	if err != nil {
		return err
	}
	if x.part.Partitioning.Subs() > 0 && places[0].Sub < 0 {
		return mysqlerr.New(errNotSubpartition)
	}
	x.condition, err = partitionsSQL(x.d.c, x.part, places)
	return err
}

// sameDefinition refuses tables whose columns or indexes differ. Defaults, comments and what is visible may.
func (x *exchange) sameDefinition() error {
	different := mysqlerr.New(mysql.ER_TABLES_DIFFERENT_METADATA)
	p, t := x.part, x.other
	if len(p.Columns) != len(t.Columns) || len(p.Indexes) != len(t.Indexes) || (p.Primary == nil) != (t.Primary == nil) {
		return different
	}
	for i := range p.Columns {
		a, b := &p.Columns[i], &t.Columns[i]
		if (a.Generated == nil) != (b.Generated == nil) || a.Generated != nil && a.Generated.Stored != b.Generated.Stored {
			return mysqlerr.New(3106, "Exchanging partitions for non-generated columns")
		}
		if !strings.EqualFold(a.Name, b.Name) || !equalTypes(&a.Type, &b.Type) || a.Nullable != b.Nullable || a.Hidden != b.Hidden ||
			a.Generated != nil && a.Generated.Expression != b.Generated.Expression {
			return different
		}
	}
	if p.AutoIncrement != t.AutoIncrement {
		return different
	}
	for _, a := range allIndexes(p) {
		if b := t.Index(a.Name); b == nil || b.Name != a.Name || !sameIndex(a, b) {
			return different
		}
	}
	return nil
}

// sameIndex compares what two indexes are of, not in which order.
func sameIndex(a, b *schemas.Index) bool {
	return a.Unique == b.Unique && a.Fulltext == b.Fulltext && a.Spatial == b.Spatial && a.Parser == b.Parser &&
		slices.EqualFunc(a.Parts, b.Parts, func(x, y schemas.IndexPart) bool {
			return x.Column == y.Column && x.Prefix == y.Prefix && x.Expression == y.Expression
		})
}

// sameOptions compares options of the tables, and of the partition where it has its own.
func (x *exchange) sameOptions(name string) error {
	differs := func(what string) error { return mysqlerr.New(mysql.ER_PARTITION_EXCHANGE_DIFFERENT_OPTION, what) }
	for _, o := range [...]string{"PACK_KEYS", "CHECKSUM", "DELAY_KEY_WRITE"} {
		if tableOption(x.part.Options, o) != tableOption(x.other.Options, o) {
			return differs("TABLE OPTION")
		}
	}
	if rowFormat(x.part) != rowFormat(x.other) {
		return differs("ROW_FORMAT")
	}
	if tableOption(x.part.Options, "AVG_ROW_LENGTH") != tableOption(x.other.Options, "AVG_ROW_LENGTH") {
		return differs("AVG_ROW_LENGTH")
	}
	if x.part.Collation != x.other.Collation {
		return differs("CHARACTER SET")
	}
	at, _ := x.part.Partitioning.Find(name, samePartition)
	own := x.part.Partitioning.Parts[at.Part]
	if at.Sub >= 0 && at.Sub < len(own.Subs) {
		own = own.Subs[at.Sub]
	}
	for _, o := range [...]string{"MAX_ROWS", "MIN_ROWS"} {
		if tableOption(own.Options, o) != tableOption(x.other.Options, o) {
			return differs(o)
		}
	}
	return nil
}

// tableOption is the value of an option; one of zero is none.
func tableOption(list []schemas.Option, name string) string {
	for _, o := range list {
		if o.Name == name && o.Value != "0" {
			return o.Value
		}
	}
	return ""
}

// rowFormat is the row format that InnoDB would use.
func rowFormat(t *schemas.Table) string {
	format := tableOption(t.Options, "ROW_FORMAT")
	switch {
	case format != "":
		return format
	case tableOption(t.Options, "KEY_BLOCK_SIZE") != "":
		return "COMPRESSED"
	}
	return "DYNAMIC"
}

// change adds the new versions of both tables, and what swaps the rows.
func (x *exchange) change() error {
	d, p, t := x.d, x.part, x.other
	next := p.Clone()
	if t.AutoIncrement >= 0 {
		if n := server(d.e).AutoIncrement(t); n > server(d.e).AutoIncrement(p) {
			next.AutoIncrementStart = n
			d.out.Counters = map[txn.TableID]uint64{p.ID: n}
		}
	}
	d.out.Check = x.check
	part, other := schemas.QuoteSQLite(p.SQLiteName), schemas.QuoteSQLite(t.SQLiteName)
	away := "DELETE FROM " + part + " WHERE " + x.condition
	taken := schemas.QuoteSQLite(movedTable(p))
	if p.DBID == t.DBID {
		return x.update(next, []string{
			p.CreateTableSQLite(movedTable(p)),
			x.fill(taken, part, x.condition),
			away,
			x.put(part, other),
			"DELETE FROM " + other,
			x.put(other, taken),
			"DROP TABLE " + taken,
		}, nil)
	}
	d.out.Trial = &Trial{Database: p.DBID}
	d.out.Beside = append(d.out.Beside, t.DBID)
	d.move(p, t.DBID, t.CreateTableSQLite(movedTable(p)), x.fill(taken, fromSQL(p), x.condition))
	came := schemas.QuoteSQLite(movedTable(t))
	d.move(t, p.DBID, p.CreateTableSQLite(movedTable(t)), x.fill(came, fromSQL(t), ""))
	return x.update(next,
		[]string{away, x.put(part, came), "DROP TABLE " + came},
		[]string{"DELETE FROM " + other, x.put(other, taken), "DROP TABLE " + taken})
}

func (x *exchange) update(next *schemas.Table, sqlite, beside []string) error {
	if err := x.d.update(x.part, next, sqlite); err != nil {
		return err
	}
	return x.d.update(x.other, x.other, beside)
}

// fill copies rows into an empty table.
func (x *exchange) fill(to, from, condition string) string {
	columns := strings.Join(sqliteColumns(x.part), ", ")
	sql := "INSERT INTO " + to + " (" + columns + ") SELECT " + columns + " FROM " + from
	if condition != "" {
		sql += " WHERE " + condition
	}
	return sql
}

// put copies rows into one of the two tables. Hidden row ids stay, unless one is taken: ALTER TABLE numbers rows from 1. Then all
// go behind those that are there.
func (x *exchange) put(to, from string) string {
	columns := sqliteColumns(x.part)
	names := strings.Join(columns, ", ")
	if x.part.Identity == schemas.HiddenRowID {
		h := schemas.HiddenColumn
		columns[len(columns)-1] = "CASE WHEN EXISTS (SELECT 1 FROM " + to + " AS a JOIN " + from + " AS b ON a." + h + " = b." + h + ") THEN (SELECT max(" + h + ") FROM " + to +
			") + row_number() OVER (ORDER BY " + h + ") ELSE " + h + " END"
	}
	return "INSERT INTO " + to + " (" + names + ") SELECT " + strings.Join(columns, ", ") + " FROM " + from
}

// check refuses rows that do not belong where they are to go. MySQL would take rows of another partition WITHOUT VALIDATION, and then not
// find them; here a partition is where its rows belong.
func (x *exchange) check(run Executor, before bool) error {
	if !before {
		return nil
	}
	other := schemas.QuoteSQLite(x.other.SQLiteName)
	if x.other.DBID != x.part.DBID {
		other = tableSQL(x.other)
	}
	list := []rowCheck{{
		sql: "SELECT 1 FROM " + other + " WHERE (" + x.condition + ") IS NOT TRUE LIMIT 1",
		err: func([]txn.Value) error { return mysqlerr.New(errRowOfOtherPartition) }}}
	for _, side := range [...]struct {
		table       *schemas.Table
		rows, where string
	}{{x.part, other, ""}, {x.other, schemas.QuoteSQLite(x.part.SQLiteName), "(" + x.condition + ") AND "}} {
		for i := range side.table.Checks {
			k := &side.table.Checks[i]
			if !k.Enforced {
				continue
			}
			o, err := compileTableExpression(x.d.c, side.table, k.Expression)
			if err != nil {
				return err
			}
			list = append(list, rowCheck{sql: "SELECT 1 FROM " + side.rows + " WHERE " + side.where + "NOT (" + expression.Truth(o) + ") LIMIT 1",
				err: func([]txn.Value) error { return mysqlerr.New(3819, k.Name) }})
		}
	}
	for i := range list {
		if err := list[i].run(run); err != nil {
			return err
		}
	}
	return nil
}
