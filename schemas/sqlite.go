package schemas

import (
	"fmt"
	"strings"
)

// QuoteSQLite quotes an identifier for SQLite.
func QuoteSQLite(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// SQLiteType returns the column type that the file declares for t: INTEGER, REAL, TEXT, BLOB,
// or nothing where any affinity would change stored values.
func (t Type) SQLiteType() string {
	switch t.Kind {
	case BigInt:
		if t.Unsigned {
			return "" // 2^63 and more are text, which INTEGER would turn into REAL
		}
		return "INTEGER"
	case TinyInt, SmallInt, MediumInt, Int, Year:
		return "INTEGER"
	case Bit:
		if t.Length > 63 {
			return "BLOB"
		}
		return "INTEGER"
	case Float, Double:
		return "REAL"
	case Binary, VarBinary, TinyBlob, Blob, MediumBlob, LongBlob, Geometry, Vector:
		return "BLOB"
	}
	return "TEXT"
}

// SQLiteCollation returns the collation by which SQLite must compare values of the type, or
// an empty string for SQLite's own BINARY.
func (t Type) SQLiteCollation() string {
	switch t.Kind {
	case Decimal:
		return DecimalCollation
	case Time:
		return TimeCollation
	case Char, VarChar, TinyText, Text, MediumText, LongText, Enum, Set:
		if c := LookupCollation(t.Collation); c != nil && !c.SQLiteBinary() {
			return c.Name
		}
	}
	return ""
}

// IdentityOf says how SQLite finds rows of a table with the columns and primary key of t.
func (t *Table) IdentityOf() RowIdentity {
	if t.Primary == nil {
		return HiddenRowID
	}
	if parts := t.Primary.Parts; len(parts) == 1 && t.Columns[parts[0].Column].Type.SQLiteType() == "INTEGER" {
		return RowIDAlias
	}
	if t.HasFulltext() {
		return UniqueIndex // a full-text index finds rows by SQLite's row id
	}
	for _, p := range t.Primary.Parts {
		if p.Prefix > 0 || t.Columns[p.Column].Type.SQLiteCollation() != "" {
			return UniqueIndex
		}
	}
	return WithoutRowID
}

// Settle sets what follows from the rest of the definition: the identity and the names that
// SQLite knows the table and its indexes by. used reports whether the file has that name for
// something else already (SQLite's names are case-blind and shared by tables and indexes);
// names that are set and free of that are kept, so that a renamed table keeps its indexes.
func (t *Table) Settle(used func(name string) bool) {
	t.Identity = t.IdentityOf()
	own := map[string]bool{}
	taken := func(name string) bool { return used(name) || own[strings.ToLower(name)] }
	claim := func(have, want string) string {
		if have == "" {
			have = FreeSQLiteName(want, taken)
		}
		own[strings.ToLower(have)] = true
		return have
	}
	t.SQLiteName = claim(t.SQLiteName, t.Name)
	if t.Primary != nil {
		if t.Identity == UniqueIndex {
			t.Primary.SQLiteName = claim(t.Primary.SQLiteName, t.SQLiteName+".PRIMARY")
		} else {
			t.Primary.SQLiteName = ""
		}
	}
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if ix.Fulltext {
			ix.SQLiteName = claimFulltext(ix.SQLiteName, t.SQLiteName, ix.Name, taken)
			own[strings.ToLower(ix.SQLiteName)] = true
			continue
		}
		if !ix.inSQLite() {
			ix.SQLiteName = ""
			continue
		}
		ix.SQLiteName = claim(ix.SQLiteName, t.SQLiteName+"."+ix.Name)
	}
}

// FreeSQLiteName returns name, or name with a number behind it if that is taken or reserved.
func FreeSQLiteName(name string, used func(name string) bool) string {
	if strings.HasPrefix(strings.ToLower(name), "sqlite_") || strings.HasPrefix(strings.ToLower(name), "_marmot_") {
		name = "t_" + name
	}
	candidate := name
	for n := 2; used(candidate); n++ {
		candidate = fmt.Sprintf("%s_%d", name, n)
	}
	return candidate
}

// inSQLite reports whether the index is one of SQLite's: a full-text one is a table of its own, and spatial ones
// and those over expressions only the catalog knows.
func (ix *Index) inSQLite() bool {
	if ix.Fulltext || ix.Spatial {
		return false
	}
	for _, p := range ix.Parts {
		if p.Column < 0 {
			return false
		}
	}
	return true
}

// CreateSQLite returns the statements that make the table and its indexes in a file, names
// unqualified. The table must be settled. Files declare neither foreign keys nor checks.
func (t *Table) CreateSQLite() []string {
	list := []string{t.CreateTableSQLite(t.SQLiteName)}
	list = append(list, t.CreateIndexesSQLite()...)
	return append(list, t.CreateFulltextsSQLite()...)
}

// CreateTableSQLite returns the CREATE TABLE alone, under another name.
func (t *Table) CreateTableSQLite(name string) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE " + QuoteSQLite(name) + " (")
	for i := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		c := &t.Columns[i]
		b.WriteString(QuoteSQLite(c.Name))
		if s := c.Type.SQLiteType(); s != "" {
			b.WriteString(" " + s)
		}
		if t.Identity == RowIDAlias && t.Primary.Parts[0].Column == i {
			b.WriteString(" PRIMARY KEY")
		}
		if !c.Nullable {
			b.WriteString(" NOT NULL")
		}
	}
	switch t.Identity {
	case HiddenRowID:
		b.WriteString(", " + HiddenColumn + " INTEGER PRIMARY KEY")
	case WithoutRowID:
		b.WriteString(", PRIMARY KEY (")
		for i, p := range t.Primary.Parts {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(t.partSQLite(p))
		}
		b.WriteString(")")
	}
	b.WriteString(")")
	if t.Identity == WithoutRowID {
		b.WriteString(" WITHOUT ROWID")
	}
	return b.String()
}

// CreateIndexesSQLite returns a CREATE INDEX for each index that is one of SQLite's.
func (t *Table) CreateIndexesSQLite() []string {
	var list []string
	if t.Primary != nil && t.Primary.SQLiteName != "" {
		list = append(list, t.CreateIndexSQLite(t.Primary))
	}
	for i := range t.Indexes {
		if t.Indexes[i].SQLiteName != "" && !t.Indexes[i].Fulltext {
			list = append(list, t.CreateIndexSQLite(&t.Indexes[i]))
		}
	}
	return list
}

// CreateIndexSQLite returns the CREATE INDEX of one index of the table.
func (t *Table) CreateIndexSQLite(ix *Index) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if ix.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX " + QuoteSQLite(ix.SQLiteName) + " ON " + QuoteSQLite(t.SQLiteName) + " (")
	for i, p := range ix.Parts {
		if i > 0 {
			b.WriteString(", ")
		}
		if !ix.Unique {
			p.Prefix = 0 // a whole-column index serves every query that a prefix would
		}
		b.WriteString(t.partSQLite(p))
	}
	b.WriteString(")")
	return b.String()
}

func (t *Table) partSQLite(p IndexPart) string {
	c := &t.Columns[p.Column]
	s := QuoteSQLite(c.Name)
	if p.Prefix > 0 {
		s = fmt.Sprintf("substr(%s, 1, %d)", s, p.Prefix)
	}
	if collation := c.Type.SQLiteCollation(); collation != "" {
		s += " COLLATE " + collation
	}
	if p.Descending {
		s += " DESC"
	}
	return s
}
