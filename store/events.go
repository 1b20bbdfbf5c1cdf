package store

import (
	"fmt"
	"strings"
	"sync"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// catalogIndex finds tables by the names that SQLite knows them by. It is built from one catalog.
type catalogIndex struct {
	catalog *schemas.Catalog
	schemas map[string]*schemas.Database // by alias

	mutex  sync.Mutex
	tables map[schemaTable]*binlogTable // those that were asked for
}

type schemaTable struct{ schema, table string }

// indexOf returns the index of a catalog. Sessions that use the same one share it.
func (s *Store) indexOf(c *schemas.Catalog) *catalogIndex {
	if x := s.index.Load(); x != nil && x.catalog == c {
		return x
	}
	if x := s.privateIndex.Load(); x != nil && x.catalog == c {
		return x
	}
	x := &catalogIndex{catalog: c, schemas: map[string]*schemas.Database{}, tables: map[schemaTable]*binlogTable{}}
	for _, d := range c.Databases {
		x.schemas[d.Alias] = d
	}
	if c.Private != nil {
		x.schemas[c.Private.Alias] = c.Private
		s.privateIndex.Store(x)
		return x
	}
	s.index.Store(x)
	return x
}

// table returns the rules of the table that SQLite calls by these names, or nil.
func (x *catalogIndex) table(schema, name string) *binlogTable {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	key := schemaTable{schema, name}
	if t := x.tables[key]; t != nil {
		return t
	}
	d := x.schemas[schema]
	if d == nil {
		return nil
	}
	for _, t := range d.Tables {
		if strings.EqualFold(t.SQLiteName, name) {
			b := newBinlogTable(x.catalog, t)
			x.tables[key] = b
			return b
		}
	}
	return nil
}

// Events returns what one statement did since the mark taken before it, as MySQL's binlog would
// hold it. Ordinals are the caller's to set. matched lists the rows that DML found and left as they
// were, as updates with equal images: they give keys, but no events. TEMP tables give nothing. c is
// the catalog the statement was planned with.
func (b *Branch) Events(from int, c *schemas.Catalog) (events, matched []txn.RowEvent, err error) {
	b.wake()
	if err := b.Err(); err != nil {
		return nil, nil, err
	}
	index := b.store.indexOf(c)
	var rows []captured
	var memory arena
	err = b.inner.Captured(from, func(r sqlite.Row) error {
		if r.Alias == "temp" {
			return nil
		}
		schema := r.Alias
		if schema == "main" && b.main != nil {
			schema = b.main.alias
		}
		t := index.table(schema, r.Table)
		if t == nil {
			return fmt.Errorf("captured row of %s.%s, which the catalog does not have", r.Alias, r.Table)
		}
		order, err := b.layout(r.Alias, t.Table)
		if err != nil {
			return err
		}
		row := captured{table: t, op: r.Op, depth: r.Depth}
		if row.before, err = memory.image(t.Table, r.Old, order); err != nil {
			return err
		}
		if row.after, err = memory.image(t.Table, r.New, order); err != nil {
			return err
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("row events: %w", err)
	}
	events, matched = binlogForm(rows)
	return events, matched, nil
}

// layouts remembers for each table version in which order SQLite has its columns: ALTER TABLE may
// have added some behind the hidden row id.
type layouts struct {
	mutex  sync.RWMutex
	orders map[versioned][]int
}

// maxLayouts bounds the layouts kept; when it is reached all are dropped.
const maxLayouts = 4096

// layout returns, for each column of the definition and the hidden row id, its place in SQLite's
// table, or nil when they are in the same order.
func (b *Branch) layout(schema string, t *schemas.Table) ([]int, error) {
	l := &b.store.layouts
	key := versioned{txn.ObjectTable, uint64(t.ID), t.Version}
	lasting := b.main == nil && t.ID != 0 // a DDL being validated changes the table privately
	if lasting {
		l.mutex.RLock()
		order, ok := l.orders[key]
		l.mutex.RUnlock()
		if ok {
			return order, nil
		}
	}
	order, err := readLayout(b.Conn(), schema, t)
	if err != nil || !lasting {
		return order, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.orders == nil || len(l.orders) >= maxLayouts {
		l.orders = map[versioned][]int{}
	}
	l.orders[key] = order
	return order, nil
}

func readLayout(c *sqlite.Conn, schema string, t *schemas.Table) ([]int, error) {
	places := map[string]int{}
	err := query(c, "PRAGMA "+schemas.QuoteSQLite(schema)+".table_info("+schemas.QuoteSQLite(t.SQLiteName)+")", func(row []txn.Value) error {
		places[asciiLower(string(row[1].Bytes()))] = int(row[0].Int64())
		return nil
	})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(t.Columns)+1)
	for i := range t.Columns {
		names = append(names, t.Columns[i].Name)
	}
	if t.Identity == schemas.HiddenRowID {
		names = append(names, schemas.HiddenColumn)
	}
	order := make([]int, len(names))
	same := len(places) == len(names)
	for i, n := range names {
		place, ok := places[asciiLower(n)]
		if !ok {
			return nil, fmt.Errorf("table %s.%s of the file has no column %s", schema, t.SQLiteName, n)
		}
		order[i] = place
		same = same && place == i
	}
	if same {
		return nil, nil
	}
	return order, nil
}

// asciiLower folds case as SQLite does for names.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// arena holds copies of values: captured rows live only while they are handed over. Its blocks grow with the
// statement, since most statements change one row.
type arena struct {
	bytes  []byte
	values []txn.Value
	// sizes of the next blocks
	nextBytes, nextValues int
}

// The largest blocks of an arena, and the first one of bytes.
const (
	arenaBytes      = 4096
	arenaValues     = 256
	arenaFirstBytes = 256
)

// image copies a captured image in the order of the definition.
func (a *arena) image(t *schemas.Table, image []txn.Value, order []int) ([]txn.Value, error) {
	if image == nil {
		return nil, nil
	}
	n := len(t.Columns)
	if t.Identity == schemas.HiddenRowID {
		n++
	}
	if len(image) < n {
		return nil, fmt.Errorf("captured row of %q has %d values, want %d", t.Name, len(image), n)
	}
	if len(a.values) < n {
		a.values = make([]txn.Value, max(n, a.nextValues))
		a.nextValues = min(4*max(n, a.nextValues), arenaValues)
	}
	row := a.values[:n:n]
	a.values = a.values[n:]
	for i := range row {
		place := i
		if order != nil {
			place = order[i]
		}
		row[i] = a.copy(image[place])
		if i < len(t.Columns) && row[i].Kind() == txn.KindInteger && t.Columns[i].Type.SQLiteType() == "REAL" {
			row[i] = txn.Real(float64(row[i].Int64())) // how SQLite keeps whole numbers in REAL columns, and reads them
		}
	}
	return row, nil
}

func (a *arena) copy(v txn.Value) txn.Value {
	b := v.Bytes()
	if v.Kind() != txn.KindText && v.Kind() != txn.KindBlob {
		return v
	}
	if len(a.bytes) < len(b) {
		a.bytes = make([]byte, max(len(b), a.nextBytes, arenaFirstBytes))
		a.nextBytes = min(4*max(a.nextBytes, arenaFirstBytes), arenaBytes)
	}
	own := a.bytes[:len(b):len(b)]
	a.bytes = a.bytes[len(b):]
	copy(own, b)
	if v.Kind() == txn.KindText {
		return txn.Text(own)
	}
	return txn.Blob(own)
}
