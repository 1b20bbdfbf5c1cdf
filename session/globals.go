package session

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// globals are the global system variables of this node.
type globals struct {
	engine    *Engine
	mu        sync.RWMutex
	values    map[string]setting
	persisted map[string]string // SET PERSIST, kept in system.db
}

// persistedFormat is what is written, and the newest that is read. Format 1 had no number: it is the values alone.
const persistedFormat = 2

// persistedText is what is stored under persistedKey.
type persistedText struct {
	Format int               `json:"format"`
	Values map[string]string `json:"values"`
}

func encodePersisted(values map[string]string) ([]byte, error) {
	return json.Marshal(persistedText{persistedFormat, values})
}

func decodePersisted(b []byte) (map[string]string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return nil, fmt.Errorf("%w: %w", err, txn.ErrCorrupt)
	}
	values := map[string]string{}
	var err error
	if number, ok := fields["format"]; ok { // no variable has this name
		var t persistedText
		if err = json.Unmarshal(number, &t.Format); err == nil && t.Format > persistedFormat {
			return nil, fmt.Errorf("they have format %d, this release reads up to %d; start the release that wrote them, or a later one: %w", t.Format, persistedFormat, txn.ErrFuture)
		}
		if err == nil {
			err = json.Unmarshal(b, &t)
		}
		if err == nil && t.Format != persistedFormat {
			err = fmt.Errorf("format %d", t.Format)
		}
		if t.Values != nil {
			values = t.Values
		}
	} else {
		err = json.Unmarshal(b, &values)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, txn.ErrCorrupt)
	}
	if values == nil { // of null
		values = map[string]string{}
	}
	return values, nil
}

// persistedKey names the persisted variables in the store.
const persistedKey = "session/persisted_variables"

func newGlobals(e *Engine) (*globals, error) {
	g := &globals{engine: e, values: map[string]setting{}, persisted: map[string]string{}}
	for name, text := range e.options.Variables {
		g.values[name] = setting{text: text}
	}
	stored, ok, err := e.options.Store.Meta(persistedKey)
	if err != nil {
		return nil, fmt.Errorf("persisted variables: %w", err)
	}
	if ok {
		if g.persisted, err = decodePersisted(stored); err != nil {
			return nil, fmt.Errorf("persisted variables: %w", err)
		}
	}
	for name, text := range g.persisted {
		g.values[name] = setting{text: text}
	}
	return g, nil
}

// forSession copies the settings that sessions begin with.
func (g *globals) forSession() map[string]setting {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return maps.Clone(g.values)
}

func (g *globals) get(d *dialect.Variable) setting {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if x, ok := g.values[d.Name]; ok {
		return x
	}
	return setting{text: d.Default}
}

// normalize checks a value for a variable. DEFAULT of a session's variable is the global value.
func (g *globals) normalize(d *dialect.Variable, toDefault bool, value txn.Value) (setting, error) {
	if d.ReadOnly {
		return setting{}, mysqlerr.New(mysql.ER_INCORRECT_GLOBAL_LOCAL_VAR, d.Name, "read only")
	}
	if toDefault {
		return g.get(d), nil
	}
	if value.IsNull() && d.Nullable {
		return setting{null: true}, nil
	}
	text, err := d.Normalize(value)
	if err == nil && d.Name == "time_zone" {
		text, err = zoneName(text)
	}
	if err == nil && d.Name == "mandatory_roles" {
		err = checkRoles(text)
	}
	if err == nil {
		text, err = checkConnectionVariable(d.Name, text)
	}
	return setting{text: text}, err
}

// set sets a global variable; sessions that begin later see it. persist keeps it over a restart.
func (g *globals) set(name string, toDefault bool, value txn.Value, persist bool) error {
	d := dialect.LookupVariable(name)
	if d == nil {
		return mysqlerr.New(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, name)
	}
	if d.Scope == dialect.ScopeSession {
		return mysqlerr.Newf(mysql.ER_LOCAL_VARIABLE, "Variable '%s' is a SESSION variable and can't be used with SET GLOBAL", d.Name)
	}
	x := setting{text: d.Default}
	if !toDefault {
		var err error
		if x, err = g.normalize(d, false, value); err != nil {
			return err
		}
	} else if d.ReadOnly {
		return mysqlerr.New(mysql.ER_INCORRECT_GLOBAL_LOCAL_VAR, d.Name, "read only")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if persist {
		kept := maps.Clone(g.persisted)
		kept[d.Name] = x.text
		encoded, err := encodePersisted(kept)
		if err != nil {
			return fmt.Errorf("persist %s: %w", d.Name, err)
		}
		if err := g.engine.options.Store.SetMeta(persistedKey, encoded); err != nil {
			return fmt.Errorf("persist %s: %w", d.Name, err)
		}
		g.persisted = kept
	}
	g.values[d.Name] = x
	return nil
}

// forget drops a persisted value, or all of them if name is empty. It reports whether there was one of that name.
func (g *globals) forget(name string) (known bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	kept := maps.Clone(g.persisted)
	if name == "" {
		clear(kept)
	} else if _, known := kept[name]; !known {
		return false, nil
	}
	delete(kept, name)
	encoded, err := encodePersisted(kept)
	if err == nil {
		err = g.engine.options.Store.SetMeta(persistedKey, encoded)
	}
	if err != nil {
		return true, fmt.Errorf("forget persisted variables: %w", err)
	}
	g.persisted = kept
	return true, nil
}

// SystemVariable returns @@name in the form in which SELECT shows it: switches and whole numbers as numbers.
func (s *Session) SystemVariable(scope, name string) (txn.Value, error) {
	d := dialect.LookupVariable(name)
	if d == nil {
		return txn.Null(), mysqlerr.New(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, name)
	}
	if scope == "global" && d.Scope == dialect.ScopeSession {
		return txn.Null(), mysqlerr.New(mysql.ER_INCORRECT_GLOBAL_LOCAL_VAR, d.Name, "SESSION")
	}
	if x := s.setting(scope, d); x.null {
		return txn.Null(), nil
	}
	text, err := s.variableText(scope, d)
	if err != nil {
		return txn.Null(), err
	}
	return variableValue(d, text), nil
}

func variableValue(d *dialect.Variable, text string) txn.Value {
	switch d.Kind {
	case dialect.VariableBool:
		if text == "ON" {
			return txn.Int(1)
		}
		return txn.Int(0)
	case dialect.VariableInteger, dialect.VariableCount:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return txn.Int(n)
		}
	case dialect.VariableReal:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return txn.Real(f)
		}
	}
	return txn.TextString(text)
}

func (s *Session) setting(scope string, d *dialect.Variable) setting {
	if scope == "global" || d.Scope == dialect.ScopeGlobal {
		return s.engine.globals.get(d)
	}
	return s.vars.get(d.Name)
}

// variableText returns a variable's value as SHOW VARIABLES prints it.
func (s *Session) variableText(scope string, d *dialect.Variable) (string, error) {
	if text, ok := s.liveVariable(d.Name); ok {
		return text, nil
	}
	return s.setting(scope, d).text, nil
}

// liveVariable returns variables that are not settings.
func (s *Session) liveVariable(name string) (string, bool) {
	e := s.engine
	switch name {
	case "version":
		return e.options.Version, true
	case "timestamp":
		return strconv.FormatFloat(float64(s.Now().UnixMicro())/1e6, 'f', 6, 64), true
	case "last_insert_id", "identity":
		return strconv.FormatUint(s.last.insertID, 10), true
	case "warning_count":
		return strconv.Itoa(len(s.last.warnings)), true
	case "error_count":
		return strconv.Itoa(s.last.errors), true
	case "pseudo_thread_id":
		return strconv.FormatUint(s.info.ID, 10), true
	case "server_uuid":
		return e.options.Store.DataUUID().String(), true
	case "gtid_executed":
		c, known := e.options.Store.Cluster()
		if p := e.options.Store.PublishedAll(); known && p > 0 {
			return c.UUID.String() + ":1-" + p.String(), true
		}
		return "", true
	case "gtid_purged":
		c, known := e.options.Store.Cluster()
		if p := e.binlogFirst(); known && p > 1 {
			return c.UUID.String() + ":1-" + (p - 1).String(), true
		}
		return "", true
	case "hostname":
		if x := e.options.Variables["hostname"]; x != "" {
			return x, true
		}
		return string(e.options.Node), true
	case "read_only":
		return "OFF", true
	}
	return "", false
}

// statusValues lists SHOW STATUS, by name.
func (e *Engine) statusValues() []dialect.NameValue {
	c := &e.counts
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	list := []dialect.NameValue{
		{Name: "Com_commit", Value: n(c.commits.Load())},
		{Name: "Com_rollback", Value: n(c.rollbacks.Load())},
		{Name: "Com_select", Value: n(c.reads.Load())},
		{Name: "Connections", Value: n(c.connections.Load())},
		{Name: "Innodb_row_lock_waits", Value: n(c.lockWaits.Load())},
		{Name: "Marmot_applied_position", Value: e.options.Store.PublishedAll().String()},
		{Name: "Marmot_branch_moves", Value: n(c.moves.Load())},
		{Name: "Marmot_conflicts", Value: n(c.conflicts.Load())},
		{Name: "Marmot_ddl", Value: n(c.ddls.Load())},
		{Name: "Marmot_deadlocks", Value: n(c.deadlocks.Load())},
		{Name: "Marmot_fenced_retries", Value: n(c.fencedRetries.Load())},
		{Name: "Marmot_not_committed", Value: n(c.notCommitted.Load())},
		{Name: "Marmot_retries", Value: n(c.retries.Load())},
		{Name: "Marmot_unknown_outcomes", Value: n(c.unknownOutcomes.Load())},
		{Name: "Marmot_unpublished_commits", Value: n(c.unpublished.Load())},
		{Name: "Marmot_writes", Value: n(c.writes.Load())},
		{Name: "Queries", Value: n(c.questions.Load())},
		{Name: "Questions", Value: n(c.questions.Load())},
		{Name: "Threads_connected", Value: strconv.Itoa(e.Sessions())},
		{Name: "Threads_running", Value: strconv.Itoa(len(e.slots.free))},
		{Name: "Uptime", Value: strconv.FormatInt(int64(e.options.Now().Sub(e.started)/time.Second), 10)},
	}
	return list
}
