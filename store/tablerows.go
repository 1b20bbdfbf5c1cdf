package store

import (
	"strconv"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// TableOrder is the order in which a table keeps its rows: of its primary key, or of the hidden row id.
type tableOrder struct {
	columns []int // of an image
	left    []string
	right   []string // how a parameter is compared
}

func orderOf(t *schemas.Table) tableOrder {
	if t.Identity == schemas.HiddenRowID {
		return tableOrder{[]int{len(t.Columns)}, []string{schemas.HiddenColumn}, []string{"?"}}
	}
	var o tableOrder
	for _, p := range t.Primary.Parts {
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

// TableRows hands over the images of a table's rows in the order in which the table keeps them: those after the row with
// the cursor (nil: all), at most limit (0: all). An image lives until each returns. The branch has a snapshot of the database, and t
// is the definition that fits it.
func (b *Branch) TableRows(db txn.DatabaseID, t *schemas.Table, after []txn.Value, limit int, each func(image []txn.Value) error) error {
	o := orderOf(t)
	sql := b.rowsFrom(db, t)
	var args []txn.Value
	if after != nil {
		var condition string
		condition, args = o.behind(after)
		sql += " WHERE " + condition
	}
	sql += " ORDER BY " + strings.Join(o.left, ", ")
	if limit > 0 {
		sql += " LIMIT " + strconv.Itoa(limit)
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
	cursor := make([]txn.Value, len(o.columns))
	for i, c := range o.columns {
		cursor[i] = image[c].Clone()
	}
	return cursor
}
