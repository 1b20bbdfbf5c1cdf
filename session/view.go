package session

import (
	"fmt"

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
	at      txn.Position
}

// accept shows the view what a statement has written.
func (v *view) accept(events []txn.RowEvent) error {
	if v == nil || len(events) == 0 {
		return nil
	}
	if err := v.branch.Replay(events, v.catalog); err != nil {
		return fmt.Errorf("own changes in the transaction's view: %w", err)
	}
	return nil
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
