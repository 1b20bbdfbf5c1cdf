package schemas

import (
	"fmt"
	"strings"
)

// A full-text index is an FTS5 table without content, named by the index's SQLiteName, with a vocabulary table beside it, and triggers
// that keep both in step with the rows. It is derived data: no row event tells of it, every node makes its own.
//
// The triggers take words out wherever a row goes, and put words in only where a committed row is applied
// (FulltextApplied): as with MySQL, a search sees no uncommitted words, and no row that its transaction has changed.

// The functions that the statements of a full-text index call.
const (
	// FulltextWords turns columns into the words that FTS5 keeps: (collation, parser, column, …).
	FulltextWords = "marmot_fulltext_words"
	// FulltextApplied is true where rows are committed ones.
	FulltextApplied = "marmot_fulltext_applied"
)

// fulltextPrefix begins the names of full-text indexes; no table of a client has such a name.
const fulltextPrefix = "_marmot_fulltext."

// HasFulltext reports whether the table has a full-text index.
func (t *Table) HasFulltext() bool {
	for i := range t.Indexes {
		if t.Indexes[i].Fulltext {
			return true
		}
	}
	return false
}

// claimFulltext is have, or a name that no other table of the file has. It ends in a point, so that no name with the
// suffix of one of FTS5's own tables is another's.
func claimFulltext(have, table, index string, taken func(string) bool) string {
	if have != "" && !taken(have) {
		return have
	}
	base := fulltextPrefix + table + "." + index
	candidate := base + "."
	for n := 2; taken(candidate); n++ {
		candidate = fmt.Sprintf("%s_%d.", base, n)
	}
	return candidate
}

// FulltextVocabulary is the name of the table of an index that lists each occurrence of each word.
func (ix *Index) FulltextVocabulary() string { return ix.SQLiteName + "vocabulary" }

// RowIDSQLite is a name of the row id that no column hides.
func (t *Table) RowIDSQLite() string {
	if t.Identity == HiddenRowID {
		return HiddenColumn
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if t.ColumnIndex(name) < 0 {
			return name
		}
	}
	if t.Identity == RowIDAlias {
		return QuoteSQLite(t.Columns[t.Primary.Parts[0].Column].Name)
	}
	return "rowid"
}

// FulltextCollation is the collation by which the index compares words.
func (t *Table) FulltextCollation(ix *Index) string {
	return t.Columns[ix.Parts[0].Column].Type.Collation
}

// CreateFulltextsSQLite returns the statements that make and fill the table's full-text indexes.
func (t *Table) CreateFulltextsSQLite() []string {
	var list []string
	for i := range t.Indexes {
		if ix := &t.Indexes[i]; ix.Fulltext && ix.SQLiteName != "" {
			list = append(list, t.CreateFulltextSQLite(ix)...)
		}
	}
	return list
}

// DropFulltextsSQLite returns the statements that take the table's full-text indexes away.
func (t *Table) DropFulltextsSQLite() []string {
	var list []string
	for i := range t.Indexes {
		if ix := &t.Indexes[i]; ix.Fulltext && ix.SQLiteName != "" {
			list = append(list, t.DropFulltextSQLite(ix)...)
		}
	}
	return list
}

// CreateFulltextSQLite returns the statements that make one full-text index and fill it from the rows.
func (t *Table) CreateFulltextSQLite(ix *Index) []string {
	name, table, id := QuoteSQLite(ix.SQLiteName), QuoteSQLite(t.SQLiteName), t.RowIDSQLite()
	words := func(row string) string {
		s := FulltextWords + "('" + t.FulltextCollation(ix) + "', '" + strings.ReplaceAll(ix.Parser, "'", "''") + "'"
		for _, p := range ix.Parts {
			s += ", " + row + QuoteSQLite(t.Columns[p.Column].Name)
		}
		return s + ")"
	}
	var changed, columns []string
	watched := ix.Parts
	if t.Identity == RowIDAlias {
		watched = append([]IndexPart{t.Primary.Parts[0]}, watched...)
	}
	for _, p := range watched {
		c := QuoteSQLite(t.Columns[p.Column].Name)
		columns = append(columns, c)
		changed = append(changed, "old."+c+" IS NOT new."+c)
	}
	trigger := func(kind, when, condition string, body ...string) string {
		s := "CREATE TRIGGER " + QuoteSQLite(ix.SQLiteName+kind) + " AFTER " + when + " ON " + table
		if condition != "" {
			s += " WHEN " + condition
		}
		return s + " BEGIN " + strings.Join(body, "; ") + "; END"
	}
	put := "INSERT INTO " + name + " (rowid, words) SELECT new." + id + ", " + words("new.")
	remove := "DELETE FROM " + name + " WHERE rowid = old." + id
	applied := FulltextApplied + "()"
	return []string{
		"CREATE VIRTUAL TABLE " + name + " USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
		"CREATE VIRTUAL TABLE " + QuoteSQLite(ix.FulltextVocabulary()) + " USING fts5vocab(" + name + ", instance)",
		"INSERT INTO " + name + " (rowid, words) SELECT " + id + ", " + words("") + " FROM " + table + " ORDER BY " + id,
		trigger("insert", "INSERT", applied, put),
		trigger("delete", "DELETE", "", remove),
		trigger("update", "UPDATE OF "+strings.Join(columns, ", "), strings.Join(changed, " OR "), remove, put+" WHERE "+applied),
	}
}

// DropFulltextSQLite returns the statements that take one full-text index away.
func (t *Table) DropFulltextSQLite(ix *Index) []string {
	var list []string
	for _, kind := range []string{"insert", "delete", "update"} {
		list = append(list, "DROP TRIGGER "+QuoteSQLite(ix.SQLiteName+kind))
	}
	return append(list, "DROP TABLE "+QuoteSQLite(ix.FulltextVocabulary()), "DROP TABLE "+QuoteSQLite(ix.SQLiteName))
}
