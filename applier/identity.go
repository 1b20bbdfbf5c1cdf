package applier

import (
	"fmt"

	"marmot/schemas"
	"marmot/txn"
)

// hiddenTables are the tables of one record that have a hidden row id: in the log their rows carry the branch's
// numbers, which the record's position maps. nil: none has.
type hiddenTables map[txn.TableID]bool

func (h hiddenTables) has(id txn.TableID) bool { return h[id] }

// hiddenTables looks up the tables that a record writes: those that a DDL creates or changes in its own
// body, which is in force for its rows, the others in the history. unknown judges the error of a look-up.
func (a *Applier) hiddenTables(t *txn.Transaction, body *txn.DDLBody, unknown func(error) error) (hiddenTables, error) {
	var hidden hiddenTables
	note := func(id txn.TableID, table *schemas.Table) {
		if table.Identity != schemas.HiddenRowID {
			return
		}
		if hidden == nil {
			hidden = hiddenTables{}
		}
		hidden[id] = true
	}
	own, err := ownTables(t, body)
	if err != nil {
		return nil, err
	}
	for id, table := range own {
		note(id, table)
	}
	for i := range t.Tables {
		use := &t.Tables[i]
		if !use.Writes || own[use.Table] != nil {
			continue
		}
		table, err := a.o.Store.History().TableAt(use.Table, use.Version)
		if err == nil {
			note(use.Table, table)
			continue
		}
		if err := unknown(err); err != nil {
			return nil, err
		}
	}
	return hidden, nil
}

// ownTables decodes the definitions that a DDL with rows brings along. One that it creates has the id 0 in
// them.
func ownTables(t *txn.Transaction, body *txn.DDLBody) (map[txn.TableID]*schemas.Table, error) {
	if body == nil || t.Events == 0 {
		return nil, nil
	}
	own := map[txn.TableID]*schemas.Table{}
	for i := range body.Changes {
		c := &body.Changes[i]
		if c.Kind != txn.ObjectTable || c.Op == txn.Delete {
			continue
		}
		table, err := schemas.DecodeTable(c.Definition)
		if err != nil {
			return nil, &unfitError{fmt.Errorf("definition of table %q: %w", c.Name, err)}
		}
		own[txn.TableID(c.ID)] = table
	}
	return own, nil
}
