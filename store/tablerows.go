package store

import (
	"slices"
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// TableOrder is the order in which InnoDB keeps a table's rows: of its primary key, of the first unique key without NULL and prefixes, or of
// the hidden row id.
type tableOrder struct {
	columns []int // of an image
	left    []string
	right   []string // how a parameter is compared
	unique  bool     // the table has a hidden row id here
}

// uniqueMark begins the cursor of a table in the order of a unique key: earlier releases read such a table by its hidden row id.
const uniqueMark = "unique"

func orderOf(t *schemas.Table) tableOrder {
	index := t.Primary
	if t.Identity == schemas.HiddenRowID {
		if index = clustered(t); index == nil {
			return tableOrder{columns: []int{len(t.Columns)}, left: []string{schemas.HiddenColumn}, right: []string{"?"}}
		}
	}
	o := tableOrder{unique: index != t.Primary}
	for _, p := range index.Parts {
		c := &t.Columns[p.Column]
		left, right := schemas.QuoteSQLite(c.Name), "?"
		if p.Prefix > 0 {
			n := ", 1, " + strconv.Itoa(p.Prefix) + ")"
			left, right = "substr("+left+n, "substr(?"+n
		}
		if collation := c.Type.SQLiteCollation(); collation != "" {
			left += " COLLATE " + collation
		}
		o.columns, o.left, o.right = append(o.columns, p.Column), append(o.left, left), append(o.right, right)
	}
	return o
}

// clustered is the index that InnoDB would keep the rows of a table without primary key by, nil without one.
func clustered(t *schemas.Table) *schemas.Index {
	for _, ix := range t.UniqueIndexes() {
		if !slices.ContainsFunc(ix.Parts, func(p schemas.IndexPart) bool {
			return p.Expression != "" || p.Prefix > 0 || t.Columns[p.Column].Nullable
		}) {
			return ix
		}
	}
	return nil
}

// behind is the condition on rows that come after one, whose cursor is the parameters, each as often as args says.
func (o *tableOrder) behind(cursor []txn.Value) (condition string, args []txn.Value) {
	// a >= ? AND (a > ? OR a = ? AND (b > ? …)): the first part lets SQLite begin in the index where the rows begin.
	var b strings.Builder
	b.WriteString(o.left[0] + " >= " + o.right[0] + " AND (")
	args = append(args, cursor[0])
	for i := range o.left {
		b.WriteString(o.left[i] + " > " + o.right[i])
		args = append(args, cursor[i])
		if i < len(o.left)-1 {
			b.WriteString(" OR " + o.left[i] + " = " + o.right[i] + " AND (")
			args = append(args, cursor[i])
		}
	}
	b.WriteString(strings.Repeat(")", len(o.left)))
	return b.String(), args
}

// rowsFrom is SELECT … FROM of a table's images.
func (b *Branch) rowsFrom(db txn.DatabaseID, t *schemas.Table) string {
	columns := make([]string, 0, len(t.Columns)+1)
	for i := range t.Columns {
		columns = append(columns, schemas.QuoteSQLite(t.Columns[i].Name))
	}
	if t.Identity == schemas.HiddenRowID {
		columns = append(columns, schemas.HiddenColumn)
	}
	return "SELECT " + strings.Join(columns, ", ") + b.from(db, t)
}

func (b *Branch) from(db txn.DatabaseID, t *schemas.Table) string {
	return " FROM " + schemas.QuoteSQLite(b.file(db).schema) + "." + schemas.QuoteSQLite(t.SQLiteName)
}

// RowSpan is a part of a table's rows: those behind the row with the cursor After (nil: from the first), up to that with the cursor Upto (nil: to
// the last), at most Limit (0: all).
type RowSpan struct {
	After, Upto []txn.Value
	Limit       int
}

// cursor is a cursor without its mark, nil if it is of a release that read in another order: then rows come again, and none is missing.
func (o *tableOrder) cursor(c []txn.Value) []txn.Value {
	if !o.unique || c == nil {
		return c
	}
	if len(c) != len(o.columns)+1 || string(c[0].Bytes()) != uniqueMark {
		return nil
	}
	return c[1:]
}

// TableRows hands over the images of a table's rows of a span in the order in which InnoDB would keep them. An image lives until each returns. The branch
// has a snapshot of the database, and t is the definition that fits it.
func (b *Branch) TableRows(db txn.DatabaseID, t *schemas.Table, span RowSpan, each func(image []txn.Value) error) error {
	o := orderOf(t)
	sql := b.rowsFrom(db, t)
	var args []txn.Value
	where := " WHERE "
	if after := o.cursor(span.After); after != nil {
		var condition string
		condition, args = o.behind(after)
		sql += where + condition
		where = " AND "
	}
	if upto := o.cursor(span.Upto); upto != nil {
		condition, more := o.behind(upto)
		sql += where + "NOT (" + condition + ")"
		args = append(args, more...)
	}
	sql += " ORDER BY " + strings.Join(o.left, ", ")
	if span.Limit > 0 {
		sql += " LIMIT " + strconv.Itoa(span.Limit)
	}
	return b.read(sql, each, args...)
}

// TableRow hands over the images of the rows that have the values in some columns.
func (b *Branch) TableRow(db txn.DatabaseID, t *schemas.Table, columns []int, values []txn.Value, each func(image []txn.Value) error) error {
	parts := make([]string, len(columns))
	for i, c := range columns {
		column := &t.Columns[c]
		parts[i] = indexPart(schemas.QuoteSQLite(column.Name), column.Type.SQLiteCollation(), 0)
	}
	return b.read(b.rowsFrom(db, t)+" WHERE "+strings.Join(parts, " AND "), each, values...)
}

// LastRow hands over the image of the last row, if there is one.
func (b *Branch) LastRow(db txn.DatabaseID, t *schemas.Table, each func(image []txn.Value) error) error {
	o := orderOf(t)
	return b.read(b.rowsFrom(db, t)+" ORDER BY "+strings.Join(o.left, " DESC, ")+" DESC LIMIT 1", each)
}

// CountRows returns the number of a table's rows, at most limit (0: all are counted).
func (b *Branch) CountRows(db txn.DatabaseID, t *schemas.Table, limit int64) (n int64, err error) {
	sql := "SELECT count(*)" + b.from(db, t)
	if limit > 0 {
		sql = "SELECT count(*) FROM (SELECT 1" + b.from(db, t) + " LIMIT " + strconv.FormatInt(limit, 10) + ")"
	}
	err = b.read(sql, func(row []txn.Value) error {
		n = row[0].Int64()
		return nil
	})
	return n, err
}

// read runs a query on the snapshot.
func (b *Branch) read(sql string, each func([]txn.Value) error, args ...txn.Value) error {
	reader := b.Reader()
	if err := b.Err(); err != nil {
		return err
	}
	return query(reader, sql, each, args...)
}

// RowCursor returns the place of a row in the order of TableRows. It shares no bytes with the image.
func RowCursor(t *schemas.Table, image []txn.Value) []txn.Value {
	o := orderOf(t)
	cursor := make([]txn.Value, 0, len(o.columns)+1)
	if o.unique {
		cursor = append(cursor, txn.TextString(uniqueMark))
	}
	for _, c := range o.columns {
		cursor = append(cursor, image[c].Clone())
	}
	return cursor
}
