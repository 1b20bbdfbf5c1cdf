package session

import (
	"fmt"
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// view is V once C has moved on: the snapshot that the first plain read fixed, plus what the
// transaction has written. A nil view stands for V that is C.
type view struct {
	session *Session
	branch  *store.Branch
	catalog *schemas.Catalog
	rules   *catalogRules
	at      txn.Position
	lost    bool // it cannot show what the transaction has written
}

// accept shows the view what a statement has written. Where others have changed the row since the
// view's snapshot, the row as the transaction left it takes the place of the older one, as in InnoDB.
func (v *view) accept(events []txn.RowEvent) error {
	if v == nil || len(events) == 0 || v.lost {
		return nil
	}
	if err := v.join(events); err != nil || v.lost {
		return err
	}
	conn := v.branch.Conn()
	if err := conn.Exec("SAVEPOINT own"); err != nil {
		return err
	}
	if v.branch.Replay(events, v.catalog) == nil {
		return conn.Exec("RELEASE own")
	}
	if err := conn.Exec("ROLLBACK TO own"); err != nil {
		return err
	}
	for i := range events {
		e, err := v.adapt(events[i])
		if err != nil {
			return err
		}
		if e.Op != 0 && v.branch.Replay([]txn.RowEvent{e}, v.catalog) != nil {
			v.lost = true // an old row of another has the value of one of its unique keys
			break
		}
	}
	return conn.Exec("RELEASE own")
}

// join makes the databases of the events part of the view.
func (v *view) join(events []txn.RowEvent) error {
	var ids []txn.DatabaseID
	for i := range events {
		table, err := v.rules.table(events[i].Table)
		if err != nil {
			v.lost = true // it did not exist
			return nil
		}
		if !slices.Contains(ids, table.DBID) {
			ids = append(ids, table.DBID)
		}
	}
	if err := v.branch.Use(ids...); err != nil {
		return fmt.Errorf("attach databases: %w", err)
	}
	v.lost = !fits(v.branch, v.catalog, ids)
	return nil
}

// adapt makes the event fit the row that the view has; without Op there is nothing to do.
func (v *view) adapt(e txn.RowEvent) (txn.RowEvent, error) {
	table, err := v.rules.table(e.Table)
	if err != nil || table.Version != e.Version {
		v.lost = true // the definition has changed since
		return txn.RowEvent{}, nil
	}
	key := e.Before
	if key == nil {
		key = e.After
	}
	present, err := v.row(table, key)
	if err != nil {
		return e, err
	}
	switch {
	case present == nil && e.After == nil:
		return txn.RowEvent{}, nil
	case present == nil:
		e.Op, e.Before = txn.Insert, nil
	case e.After == nil:
		e.Op, e.Before = txn.Delete, present
	default:
		e.Op, e.Before = txn.Update, present
	}
	return e, nil
}

// row returns the view's row with the key of the given one, or nil.
func (v *view) row(t *schemas.Table, key []txn.Value) ([]txn.Value, error) {
	database := databaseByID(v.catalog, t.DBID)
	if database == nil {
		return nil, fmt.Errorf("database %d is not in the view's catalog", t.DBID)
	}
	var columns, conditions []string
	var args []txn.Value
	for i := range t.Columns {
		columns = append(columns, schemas.QuoteSQLite(t.Columns[i].Name))
	}
	if t.Primary == nil {
		columns = append(columns, schemas.HiddenColumn)
		conditions, args = []string{schemas.HiddenColumn + " = ?"}, key[len(t.Columns):]
	} else {
		for _, p := range t.Primary.Parts {
			condition := schemas.QuoteSQLite(t.Columns[p.Column].Name)
			if c := t.Columns[p.Column].Type.SQLiteCollation(); c != "" {
				condition += " COLLATE " + c
			}
			conditions = append(conditions, condition+" = ?")
			args = append(args, key[p.Column])
		}
	}
	sql := fmt.Sprintf("SELECT %s FROM %s.%s WHERE %s", strings.Join(columns, ", "), database.Alias, schemas.QuoteSQLite(t.SQLiteName), strings.Join(conditions, " AND "))
	var row []txn.Value
	x := &executor{session: v.session, conn: v.branch.Conn(), branch: v.branch}
	err := x.Query(sql, args, func(values []txn.Value) error {
		row = make([]txn.Value, len(values))
		for i := range values {
			row[i] = values[i].Clone()
		}
		return nil
	})
	return row, err
}

func (v *view) savepoint(name string) error {
	if v == nil {
		return nil
	}
	return v.branch.Conn().Exec("SAVEPOINT " + name)
}

func (v *view) rollbackTo(name string) error {
	if v == nil {
		return nil
	}
	return v.branch.Conn().Exec("ROLLBACK TO " + name)
}

func (v *view) close() {
	if conn := v.branch.Conn(); conn.InTransaction() {
		_ = conn.Exec("ROLLBACK") // the branch drops its pages with the next snapshot in any case
	}
	v.branch.Close()
}
