package session

import (
	"fmt"
	"sync"

	"marmot/schemas"
	"marmot/txn"
)

// ruleCache keeps the key rules of the newest catalogs, for all sessions.
type ruleCache struct {
	mu     sync.Mutex
	newest *catalogRules
}

// catalogRules are the key rules of the tables of one catalog, made as they are needed.
type catalogRules struct {
	catalog *schemas.Catalog
	tables  map[txn.TableID]*schemas.Table
	rules   sync.Map // txn.TableID → *schemas.KeyRules
}

// of returns the rules under the catalog.
func (c *ruleCache) of(catalog *schemas.Catalog) *catalogRules {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.newest != nil && c.newest.catalog == catalog {
		return c.newest
	}
	r := &catalogRules{catalog: catalog, tables: map[txn.TableID]*schemas.Table{}}
	for _, d := range catalog.Databases {
		for _, t := range d.Tables {
			r.tables[t.ID] = t
		}
	}
	if catalog.Private != nil { // its session keeps the rules
		for _, t := range catalog.Private.Tables {
			r.tables[t.ID] = t
		}
		return r
	}
	if c.newest == nil || c.newest.catalog.Position <= catalog.Position {
		c.newest = r
	}
	return r
}

func (r *catalogRules) table(id txn.TableID) (*schemas.Table, error) {
	if t := r.tables[id]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("table %d is not in the catalog of position %d", id, r.catalog.Position)
}

func (r *catalogRules) of(t *schemas.Table) *schemas.KeyRules {
	if k, ok := r.rules.Load(t.ID); ok {
		return k.(*schemas.KeyRules)
	}
	k, _ := r.rules.LoadOrStore(t.ID, schemas.NewKeyRules(r.catalog, t))
	return k.(*schemas.KeyRules)
}

// row adds the keys of a row that the statement changed, or only matched.
func (f *footprint) row(rules *catalogRules, e *txn.RowEvent, changed bool) error {
	table, err := rules.table(e.Table)
	if err != nil {
		return err
	}
	if table.Temporary() {
		return nil
	}
	if touch := f.touch(table); changed {
		touch.writes = true
	}
	f.keys = rules.of(table).Append(f.keys, e, 0)
	return nil
}
