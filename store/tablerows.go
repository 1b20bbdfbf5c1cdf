package store

import (
	"slices"
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// TableOrder is the order in which InnoDB keeps a table's rows: of its primary key, of the first unique key without NULL and prefixes, or of
// the hidden row id; or that of a secondary index, to which it adds the columns of the former.
type tableOrder struct {
	columns []int // of an image
	left    []string
	right   []string // how a parameter is compared
	falling []bool   // by left
	mark    string   // what a cursor begins with, to be told from one of another order
}

// uniqueMark begins the cursor of a table in the order of a unique key: earlier releases read such a table by its hidden row id. indexMark and a name begin that of
// an index.
const (
	uniqueMark = "unique"
	indexMark  = "index "
)

// orderOf is the order of an index, or of the rows as they are kept, without regard to what falls in their key.
func orderOf(t *schemas.Table, by *schemas.Index) tableOrder {
	var o tableOrder
	clustered := t.Clustered()
	switch {
	case by != nil:
		o.mark = indexMark + by.Name
		o.add(t, by, true)
		if clustered != nil && clustered != by {
			o.add(t, clustered, true)
		}
	case clustered != nil:
		if clustered != t.Primary {
			o.mark = uniqueMark
		}
		o.add(t, clustered, false)
	}
	if clustered == nil {
		o.columns, o.left = append(o.columns, len(t.Columns)), append(o.left, schemas.HiddenColumn)
		o.right, o.falling = append(o.right, "?"), append(o.falling, false)
	}
	return o
}

func (o *tableOrder) add(t *schemas.Table, index *schemas.Index, falling bool) {
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
		if slices.Contains(o.left, left) {
			continue
		}
		o.columns, o.left = append(o.columns, p.Column), append(o.left, left)
		o.right, o.falling = append(o.right, right), append(o.falling, falling && p.Descending)
	}
}

// list is the order for ORDER BY.
func (o *tableOrder) list() string {
	parts := slices.Clone(o.left)
	for i := range parts {
		if o.falling[i] {
			parts[i] += " DESC"
		}
	}
	return strings.Join(parts, ", ")
}

// behind is the condition on rows that come after one, whose cursor is the parameters, each as often as args says.
func (o *tableOrder) behind(cursor []txn.Value) (condition string, args []txn.Value) {
	// a >= ? AND (a > ? OR a = ? AND (b > ? …)): the first part lets SQLite begin in the index where the rows begin.
	var b strings.Builder
	b.WriteString(o.compared(0, cursor[0], true, &args) + " AND (")
	for i := range o.left {
		b.WriteString(o.compared(i, cursor[i], false, &args))
		if i < len(o.left)-1 {
			if cursor[i].IsNull() {
				b.WriteString(" OR " + o.left[i] + " IS NULL AND (")
				continue
			}
			b.WriteString(" OR " + o.left[i] + " = " + o.right[i] + " AND (")
			args = append(args, cursor[i])
		}
	}
	b.WriteString(strings.Repeat(")", len(o.left)))
	return b.String(), args
}

// compared is the condition on column i to come after a value, or to be it as well. NULL is less than all.
func (o *tableOrder) compared(i int, v txn.Value, same bool, args *[]txn.Value) string {
	left, sign := o.left[i], ">"
	if o.falling[i] {
		sign = "<"
	}
	if same {
		sign += "="
	}
	switch {
	case !v.IsNull():
		*args = append(*args, v)
		condition := left + " " + sign + " " + o.right[i]
		if o.falling[i] {
			condition = "(" + condition + " OR " + left + " IS NULL)"
		}
		return condition
	case same && o.falling[i]:
		return left + " IS NULL"
	case same:
		return "TRUE"
	case o.falling[i]:
		return "FALSE"
	}
	return left + " IS NOT NULL"
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
// the last), at most Limit (0: all), in the order of the index By (nil: as the rows are kept).
type RowSpan struct {
	After, Upto []txn.Value
	By          *schemas.Index
	Limit       int
}

// cursor is a cursor without its mark, nil if it is of a release that read in another order: then rows come again, and none is missing.
func (o *tableOrder) cursor(c []txn.Value) []txn.Value {
	switch {
	case o.mark == "" && len(c) == len(o.columns):
		return c
	case o.mark == "" || len(c) != len(o.columns)+1 || string(c[0].Bytes()) != o.mark:
		return nil
	}
	return c[1:]
}

// TableRows hands over the images of a table's rows of a span in its order. An image lives until each returns. The branch
// has a snapshot of the database, and t is the definition that fits it.
func (b *Branch) TableRows(db txn.DatabaseID, t *schemas.Table, span RowSpan, each func(image []txn.Value) error) error {
	o := orderOf(t, span.By)
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
	sql += " ORDER BY " + o.list()
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
	o := orderOf(t, nil)
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

// RowCursor returns the place of a row in the order of TableRows by an index. It shares no bytes with the image.
func RowCursor(t *schemas.Table, by *schemas.Index, image []txn.Value) []txn.Value {
	o := orderOf(t, by)
	cursor := make([]txn.Value, 0, len(o.columns)+1)
	if o.mark != "" {
		cursor = append(cursor, txn.TextString(o.mark))
	}
	for _, c := range o.columns {
		cursor = append(cursor, image[c].Clone())
	}
	return cursor
}
