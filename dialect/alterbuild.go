package dialect

import (
	"slices"
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// statements returns the SQLite statements that turn the old table into the new one: a few that
// SQLite does in place, or a rebuild into a new table.
func (a *alteration) statements() ([]string, error) {
	if a.fitsInPlace() {
		return a.inPlace(), nil
	}
	return a.rebuild()
}

// fitsInPlace reports whether the rows can stay as they are, but for new columns at the end.
func (a *alteration) fitsInPlace() bool {
	t := a.b.table
	if t.Identity != a.old.Identity || !a.samePrimary() || a.numbersRows() {
		return false
	}
	kept := 0
	for i := range t.Columns {
		old := a.oldColumn(i)
		if old == nil {
			if a.old.Identity == schemas.HiddenRowID || t.Columns[i].Generated != nil || i == t.AutoIncrement || !a.isConstant(&t.Columns[i]) {
				return false
			}
			continue
		}
		if a.columns[i].number != i || !a.sameStorage(old, &t.Columns[i]) {
			return false
		}
		kept++
	}
	return kept == len(a.old.Columns)
}

// samePrimary reports whether the primary key is made of the same columns in the same way.
func (a *alteration) samePrimary() bool {
	p, q := a.old.Primary, a.b.table.Primary
	if p == nil || q == nil {
		return p == q
	}
	if len(p.Parts) != len(q.Parts) {
		return false
	}
	for i, part := range p.Parts {
		other := q.Parts[i]
		if a.columns[other.Column].number != part.Column || other.Prefix != part.Prefix || other.Descending != part.Descending ||
			a.b.table.Columns[other.Column].Type.SQLiteCollation() != a.old.Columns[part.Column].Type.SQLiteCollation() {
			return false
		}
	}
	return true
}

// sameStorage reports whether SQLite keeps values of both columns alike, so that all that are in one
// are right in the other.
func (a *alteration) sameStorage(old, now *schemas.Column) bool {
	if old.Nullable != now.Nullable || old.Type.SQLiteType() != now.Type.SQLiteType() {
		return false
	}
	if (old.Generated == nil) != (now.Generated == nil) || old.Generated != nil && old.Generated.Expression != now.Generated.Expression {
		return false
	}
	return a.converted(old, now) == schemas.QuoteSQLite(old.Name)
}

// converted is the SQL that turns a value of the old column into one of the new.
func (a *alteration) converted(old, now *schemas.Column) string {
	name := schemas.QuoteSQLite(old.Name)
	if equalTypes(&old.Type, &now.Type) {
		return name
	}
	if old.Type.Kind == schemas.Enum && now.Type.Kind == schemas.Enum && !slices.Contains(old.Type.Members, "") {
		// What was no member when it was stored is none of the new ones.
		return "CASE WHEN " + name + " = '' THEN '' ELSE " + a.assigned(expression.Operand{SQL: name, Type: old.Type, Nullable: old.Nullable}, now) + " END"
	}
	return a.assigned(expression.Operand{SQL: name, Type: old.Type, Nullable: old.Nullable}, now)
}

// assigned is SQL for a value as a column takes it. The nodes that run it know no sql_mode: it says by itself whether a
// value that does not fit is cut.
func (a *alteration) assigned(o expression.Operand, c *schemas.Column) string {
	if a.strict() {
		return expression.Assign(o, c.Type, c.Name)
	}
	return expression.AssignLenient(o, c.Type, c.Name)
}

// equalTypes reports whether types differ in nothing but how they are spelled.
func equalTypes(a, b *schemas.Type) bool {
	x, y := *a, *b
	if x.Kind == schemas.Geometry && (x.Name() != y.Name() || x.SRID != y.SRID || x.SRIDGiven != y.SRIDGiven) {
		return false
	}
	return slices.Equal(x.Members, y.Members) && x.Kind == y.Kind && x.Unsigned == y.Unsigned && x.Zerofill == y.Zerofill &&
		x.Length == y.Length && x.Decimals == y.Decimals && x.Charset == y.Charset && x.Collation == y.Collation
}

// isConstant reports whether the rows that are there get one and the same value in a new column.
func (a *alteration) isConstant(c *schemas.Column) bool {
	return c.Default == nil || c.Default.Expression == ""
}

// constant is the value that rows which are there get in a new column.
func (a *alteration) constant(c *schemas.Column) txn.Value {
	d := c.Default
	switch {
	case d != nil && d.Now:
		text := a.d.e.Now().Format("2006-01-02 15:04:05.000000")
		assign := schemas.Assignment{Strict: false, Zone: a.d.e.Zone(), Now: a.d.e.Now()}
		if v, _, err := schemas.Convert(c.Type, c.Name, txn.TextString(text[:len(text)-6+c.Type.Decimals]), assign); err == nil {
			return v.Clone()
		}
	case d != nil && d.Expression == "":
		return d.Literal
	case c.Nullable:
		return txn.Null()
	}
	return implicitDefault(&c.Type)
}

// implicitDefault is the value of a NOT NULL column that has no default.
func implicitDefault(t *schemas.Type) txn.Value {
	switch t.Kind {
	case schemas.Date:
		return text("0000-00-00")
	case schemas.DateTime, schemas.Timestamp:
		return text("0000-00-00 00:00:00" + fraction(t.Decimals))
	case schemas.Time:
		return text("00:00:00" + fraction(t.Decimals))
	case schemas.Enum:
		return text(t.Members[0])
	case schemas.JSON:
		return text("null")
	case schemas.Geometry, schemas.Vector:
		return txn.Blob([]byte{})
	case schemas.Float, schemas.Double:
		return txn.Real(0)
	case schemas.Decimal:
		return text("0" + fraction(t.Decimals))
	case schemas.Binary:
		return txn.Blob(make([]byte, t.Length))
	case schemas.Bit:
		if t.Length > 63 {
			return txn.Blob(make([]byte, 8))
		}
		return txn.Int(0)
	}
	switch {
	case t.IsBlob():
		return txn.Blob([]byte{})
	case t.IsText():
		return text("")
	}
	return txn.Int(0)
}

func fraction(digits int) string {
	if digits == 0 {
		return ""
	}
	return "." + strings.Repeat("0", digits)
}

// inPlace returns the statements of an ALTER that leaves the rows where they are.
func (a *alteration) inPlace() []string {
	t := a.b.table
	table := schemas.QuoteSQLite(a.old.SQLiteName)
	now := *t
	now.SQLiteName = a.old.SQLiteName
	drop, create := a.indexChanges(&now)
	list := append(drop, a.renamesInFile()...)
	for i := range t.Columns {
		c := &t.Columns[i]
		if a.oldColumn(i) != nil {
			continue
		}
		sql := "ALTER TABLE " + table + " ADD COLUMN " + schemas.QuoteSQLite(c.Name)
		if s := c.Type.SQLiteType(); s != "" {
			sql += " " + s
		}
		if !c.Nullable {
			sql += " NOT NULL"
		}
		if v := a.constant(c); !v.IsNull() {
			sql += " DEFAULT " + expression.QuoteValue(v)
		}
		list = append(list, sql)
	}
	return append(list, create...)
}

// renamesInFile renames columns. Where one gets a name that another column has, perhaps in other case, they go by way of third names.
func (a *alteration) renamesInFile() []string {
	table := schemas.QuoteSQLite(a.old.SQLiteName)
	rename := func(from, to string) string {
		return "ALTER TABLE " + table + " RENAME COLUMN " + schemas.QuoteSQLite(from) + " TO " + schemas.QuoteSQLite(to)
	}
	var first, second []string
	for i := range a.b.table.Columns {
		old, to := a.oldColumn(i), a.b.table.Columns[i].Name
		switch {
		case old == nil || old.Name == to:
		case a.old.ColumnIndex(to) >= 0:
			third := "_marmot_renamed_" + strconv.Itoa(i)
			first, second = append(first, rename(old.Name, third)), append(second, rename(third, to))
		default: // which makes way for one that takes the name
			first = append(first, rename(old.Name, to))
		}
	}
	return append(first, second...)
}

// indexChanges compares the indexes that SQLite has with those it needs.
func (a *alteration) indexChanges(now *schemas.Table) (drop, create []string) {
	// SQLite's own indexes follow when columns are renamed.
	before := a.old.Clone()
	for i := range now.Columns {
		if n := a.columns[i].number; n < len(before.Columns) {
			before.Columns[n].Name = now.Columns[i].Name
		}
	}
	have, want := before.CreateIndexesSQLite(), now.CreateIndexesSQLite()
	for _, ix := range allIndexes(before) {
		if ix.SQLiteName != "" && !ix.Fulltext && !slices.Contains(want, before.CreateIndexSQLite(ix)) {
			drop = append(drop, "DROP INDEX "+schemas.QuoteSQLite(ix.SQLiteName))
		}
	}
	for _, sql := range want {
		if !slices.Contains(have, sql) {
			create = append(create, sql)
		}
	}
	dropped, created := fulltextChanges(a.old, before, now)
	return append(dropped, drop...), append(create, created...)
}

// fulltextChanges drops the full-text indexes that are no longer as they were, and makes those that are new. before is the
// old table with its columns' new names.
func fulltextChanges(old, before, now *schemas.Table) (drop, create []string) {
	have := map[string]string{}
	for i := range before.Indexes {
		if ix := &before.Indexes[i]; ix.Fulltext && ix.SQLiteName != "" {
			have[ix.SQLiteName] = strings.Join(before.CreateFulltextSQLite(ix), ";")
		}
	}
	kept := map[string]bool{}
	for i := range now.Indexes {
		ix := &now.Indexes[i]
		if !ix.Fulltext || ix.SQLiteName == "" {
			continue
		}
		list := now.CreateFulltextSQLite(ix)
		if have[ix.SQLiteName] == strings.Join(list, ";") {
			kept[ix.SQLiteName] = true
			continue
		}
		create = append(create, list...)
	}
	for i := range old.Indexes {
		if ix := &old.Indexes[i]; ix.Fulltext && ix.SQLiteName != "" && !kept[ix.SQLiteName] {
			drop = append(drop, old.DropFulltextSQLite(ix)...)
		}
	}
	return drop, create
}

// rebuild returns the statements that copy the rows into a new table and put it in the old one's
// place.
func (a *alteration) rebuild() ([]string, error) {
	t := a.b.table
	source, err := a.source(false)
	if err != nil {
		return nil, err
	}
	temporary := schemas.FreeSQLiteName("rebuild."+a.old.SQLiteName, a.d.usedNames(a.old))
	columns := strings.Join(sqliteColumns(t), ", ")
	now := *t
	now.SQLiteName = a.old.SQLiteName
	list := append(a.old.DropFulltextsSQLite(),
		now.CreateTableSQLite(temporary),
		"INSERT INTO "+schemas.QuoteSQLite(temporary)+" ("+columns+") SELECT "+columns+" FROM ("+source+")",
		"DROP TABLE "+schemas.QuoteSQLite(a.old.SQLiteName),
		"ALTER TABLE "+schemas.QuoteSQLite(temporary)+" RENAME TO "+schemas.QuoteSQLite(a.old.SQLiteName),
	)
	list = append(list, now.CreateIndexesSQLite()...)
	return append(list, now.CreateFulltextsSQLite()...), nil
}

// source is the query of the new table's rows over the old one. Generated columns are computed in
// levels, each from the one below. numbered adds the number of each row, as _n.
func (a *alteration) source(numbered bool) (string, error) {
	t := a.b.table
	var items []string
	var generated []int
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Generated != nil {
			generated = append(generated, i)
			continue
		}
		value, err := a.value(i)
		if err != nil {
			return "", err
		}
		name := schemas.QuoteSQLite(c.Name)
		if i == t.AutoIncrement && a.numbersRows() {
			name = "_raw"
		}
		items = append(items, value+" AS "+name)
	}
	if t.Identity == schemas.HiddenRowID {
		hidden := "row_number() OVER (ORDER BY " + a.oldOrder() + ")"
		if a.old.Identity == schemas.HiddenRowID {
			hidden = schemas.HiddenColumn
		}
		items = append(items, hidden+" AS "+schemas.HiddenColumn)
	}
	if numbered || a.numbersRows() {
		items = append(items, "row_number() OVER (ORDER BY "+a.oldOrder()+") AS _n")
	}
	from := schemas.QuoteSQLite(a.old.SQLiteName)
	if a.from != "" {
		from = a.from
	}
	sql := "SELECT " + strings.Join(items, ", ") + " FROM " + from
	if a.numbersRows() {
		sql = a.numbered(sql, "_raw", "_n")
	}
	for _, i := range generated {
		c := &t.Columns[i]
		operand, err := compileTableExpression(a.d.c, t, c.Generated.Expression)
		if err != nil {
			return "", err
		}
		sql = "SELECT *, " + a.assigned(operand, c) + " AS " + schemas.QuoteSQLite(c.Name) + " FROM (" + sql + ")"
	}
	return sql, nil
}

// value is the SQL of a column's value in the new table, over the old one.
func (a *alteration) value(i int) (string, error) {
	c := &a.b.table.Columns[i]
	if old := a.oldColumn(i); old != nil {
		sql := a.converted(old, c)
		if i == a.b.table.AutoIncrement && a.numbersRows() {
			return sql, nil // NULL says that a number is missing
		}
		if old.Nullable && !c.Nullable && !a.strict() {
			sql = "coalesce(" + sql + ", " + expression.QuoteValue(implicitDefault(&c.Type)) + ")"
		}
		return sql, nil
	}
	if i == a.b.table.AutoIncrement {
		return a.newNumbers(), nil
	}
	if a.isConstant(c) {
		return expression.QuoteValue(a.constant(c)), nil
	}
	tree, err := parseExpression(c.Default.Expression)
	if err != nil {
		return "", err
	}
	if len(referencesOf(tree).functions) > 0 {
		return "", mysqlerr.New(3775)
	}
	operand, err := compileTableExpression(a.d.c, a.old, c.Default.Expression)
	if err != nil {
		return "", err
	}
	return a.assigned(operand, c), nil
}

// oldOrder is an order of the old table's rows that is the same on every node.
func (a *alteration) oldOrder() string {
	if a.old.Primary == nil {
		return schemas.HiddenColumn
	}
	var list []string
	for _, p := range a.old.Primary.Parts {
		c := &a.old.Columns[p.Column]
		s := schemas.QuoteSQLite(c.Name)
		if collation := c.Type.SQLiteCollation(); collation != "" {
			s += " COLLATE " + collation
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}
