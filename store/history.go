package store

import (
	"fmt"
	"sync"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// versioned names one version of one definition.
type versioned struct {
	kind    txn.ObjectKind
	id      uint64
	version txn.Position
}

// historyRow is a row of the schema history.
type historyRow struct {
	versioned
	database   txn.DatabaseID
	definition []byte
}

// maxCachedVersions bounds the decoded definitions kept in memory; when it is reached all are dropped.
const maxCachedVersions = 4096

// history answers from system.db, and keeps what it decoded.
type history struct {
	system *system
	mutex  sync.RWMutex
	cached map[versioned]*schemas.Table
}

// History returns every version of every definition.
func (s *Store) History() schemas.History { return s.history }

// TableAt returns the definition of table with exactly this version.
func (h *history) TableAt(table txn.TableID, version txn.Position) (*schemas.Table, error) {
	key := versioned{txn.ObjectTable, uint64(table), version}
	h.mutex.RLock()
	t := h.cached[key]
	h.mutex.RUnlock()
	if t != nil {
		return t, nil
	}
	definition, err := h.load(key)
	if err != nil {
		return nil, err
	}
	if definition == nil {
		return nil, fmt.Errorf("version %s of table %d: %w", version, table, schemas.ErrNoVersion)
	}
	t, err = schemas.DecodeTable(definition)
	if err != nil {
		return nil, fmt.Errorf("schema history, version %s of table %d: %w", version, table, err)
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if len(h.cached) >= maxCachedVersions {
		h.cached = map[versioned]*schemas.Table{}
	}
	h.cached[key] = t
	return t, nil
}

// TableUpTo returns the newest version of a table that is not after at, nil if there is none.
func (h *history) TableUpTo(table txn.TableID, at txn.Position) (*schemas.Table, error) {
	var found txn.Position
	err := h.system.do(func(c *sqlite.Conn) error {
		return query(c, "SELECT max(version) FROM history WHERE kind = ? AND id = ? AND version <= ?", func(row []txn.Value) error {
			found = toPosition(row[0])
			return nil
		}, txn.Int(int64(txn.ObjectTable)), txn.Int(int64(table)), position(at))
	})
	if err != nil || found == 0 {
		return nil, err
	}
	return h.TableAt(table, found)
}

func (h *history) load(key versioned) (definition []byte, err error) {
	err = h.system.do(func(c *sqlite.Conn) error {
		return query(c, "SELECT definition FROM history WHERE kind = ? AND id = ? AND version = ?", func(row []txn.Value) error {
			definition = append([]byte{}, row[0].Bytes()...)
			return nil
		}, txn.Int(int64(key.kind)), txn.Int(int64(key.id)), position(key.version))
	})
	return definition, err
}

// save adds versions, durably: a file must never have a definition that the history could lose.
func (h *history) save(rows []historyRow) error {
	if len(rows) == 0 {
		return nil
	}
	return h.system.durably(func(c *sqlite.Conn) error { return insertHistory(c, rows) })
}

func insertHistory(c *sqlite.Conn, rows []historyRow) error {
	for i := range rows {
		r := &rows[i]
		err := run(c, "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?)",
			txn.Int(int64(r.kind)), txn.Int(int64(r.id)), position(r.version), txn.Int(int64(r.database)), txn.Blob(r.definition))
		if err != nil {
			return err
		}
	}
	return nil
}

// heal adds the versions that a file has and the history lacks (system.db was restored or
// replaced). The versions in between come back when the log is replayed.
func (h *history) heal(rows []historyRow) error {
	var missing []historyRow
	for _, r := range rows {
		definition, err := h.load(r.versioned)
		if err != nil {
			return err
		}
		if definition == nil {
			missing = append(missing, r)
		}
	}
	return h.save(missing)
}
