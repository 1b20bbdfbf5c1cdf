package schemas

import (
	"slices"
	"strings"
)

// Reading is what the Debezium connector takes a table for where that is not what the definition says: it follows the statements, and does not look at all
// that they do.
type Reading struct {
	// Key are the columns of the key, if KeyRead: a unique index that comes while no key is known, if its columns are NOT NULL by then, or that a new
	// column of CREATE TABLE carries. Neither dropping it nor letting its columns be NULL changes that.
	Key     []string `json:"key,omitempty"`
	KeyRead bool     `json:"key_read,omitempty"`
	// KeyComes: CREATE UNIQUE INDEX made this version, and gave the table its key. KeyUntold: no other statement has come since.
	KeyComes  bool `json:"key_comes,omitempty"`
	KeyUntold bool `json:"key_untold,omitempty"`
	// Charset is the default character set, if it is not the table's: that of ALTER TABLE … DEFAULT CHARACTER SET and of COLLATE goes by unseen.
	Charset string `json:"charset,omitempty"`
	// NoComment: the table's comment goes by unseen, as in CREATE TABLE … LIKE.
	NoComment bool `json:"no_comment,omitempty"`
	// EmptyComment: a statement said COMMENT ''.
	EmptyComment bool `json:"empty_comment,omitempty"`
}

// KeyColumns returns the columns of the primary key, else of the first unique index without a nullable column, else nil.
func (t *Table) KeyColumns() []int {
	for _, ix := range t.UniqueIndexes() {
		list := make([]int, 0, len(ix.Parts))
		for _, p := range ix.Parts {
			if p.Expression != "" || t.Columns[p.Column].Nullable {
				list = nil
				break
			}
			list = append(list, p.Column)
		}
		if list != nil {
			return list
		}
	}
	return nil
}

// ReadKey returns the columns of the key as the table is read.
func (t *Table) ReadKey() []int {
	if t.Read == nil || !t.Read.KeyRead {
		return t.KeyColumns()
	}
	var list []int
	for _, name := range t.Read.Key {
		if i := slices.IndexFunc(t.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) }); i >= 0 {
			list = append(list, i)
		}
	}
	return list
}

// ReadKeyNames are the names of ReadKey's columns.
func (t *Table) ReadKeyNames() []string { return t.columnNames(t.ReadKey()) }

func (t *Table) columnNames(columns []int) []string {
	var names []string
	for _, i := range columns {
		names = append(names, t.Columns[i].Name)
	}
	return names
}

// ReadCharset is the default character set as the table is read.
func (t *Table) ReadCharset() string {
	if t.Read != nil && t.Read.Charset != "" {
		return t.Read.Charset
	}
	return t.Charset
}

// ReadComment is the column's comment as it is read: CHANGE without a comment leaves the old.
func (c *Column) ReadComment() string {
	switch d := c.Type.Declared; {
	case c.Listed:
		return ""
	case c.Comment == "" && d != nil:
		return d.Comment
	}
	return c.Comment
}

// ReadNullable reports whether the column takes NULL, as it is read.
func (c *Column) ReadNullable() bool {
	return c.Nullable || c.Type.Declared != nil && c.Type.Declared.Nullable
}

// SetReading keeps what of a reading the definition does not say itself.
func (t *Table) SetReading(key []string, r Reading) {
	r.Key, r.KeyRead = nil, false
	if !slices.Equal(key, t.columnNames(t.KeyColumns())) {
		r.Key, r.KeyRead = key, true
	}
	if r.Charset == t.Charset {
		r.Charset = ""
	}
	t.Read = nil
	if r.KeyRead || r.KeyUntold || r.Charset != "" || r.NoComment || r.EmptyComment {
		t.Read = &r
	}
}
