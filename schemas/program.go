package schemas

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"marmot/txn"
)

// ProgramKind says what a stored program is.
type ProgramKind string

// The kinds of stored programs, in the words of MySQL's statements.
const (
	Procedure ProgramKind = "PROCEDURE"
	Function  ProgramKind = "FUNCTION"
	Trigger   ProgramKind = "TRIGGER"
	Event     ProgramKind = "EVENT"
)

// ProgramKey is the name of a stored program within its database. Each kind has names of its own.
type ProgramKey struct {
	Kind ProgramKind
	Name string // lower case but for triggers, whose names are files' names to MySQL
}

// NewProgramKey makes the key of a name as a client writes it.
func NewProgramKey(kind ProgramKind, name string) ProgramKey {
	if kind != Trigger {
		name = strings.ToLower(name)
	}
	return ProgramKey{kind, name}
}

// Program is the definition of a stored procedure or function, of a trigger or of an event. It is immutable once
// published.
type Program struct {
	ID       txn.TableID    `json:"id,omitempty"`
	Version  txn.Position   `json:"version,omitempty"`
	Database string         `json:"database,omitempty"`
	DBID     txn.DatabaseID `json:"dbid,omitempty"`
	Kind     ProgramKind    `json:"kind,omitempty"`
	Name     string         `json:"name,omitempty"`
	Definer  string         `json:"definer,omitempty"` // user@host
	// Parameters and Returns are the text between the parentheses, and behind RETURNS.
	Parameters string `json:"parameters,omitempty"`
	Returns    string `json:"returns,omitempty"`
	Body       string `json:"body,omitempty"` // as the client wrote it

	Deterministic bool   `json:"deterministic,omitempty"`
	Access        string `json:"access,omitempty"`   // CONTAINS SQL, NO SQL, READS SQL DATA or MODIFIES SQL DATA
	Security      string `json:"security,omitempty"` // DEFINER or INVOKER
	Comment       string `json:"comment,omitempty"`

	// What the session had when it created the program, and the program has when it runs.
	Mode              uint64 `json:"mode"`                   // sql_mode, in the bits of dialect.SQLMode
	Charset           string `json:"charset,omitempty"`      // character_set_client
	Collation         string `json:"collation,omitempty"`    // collation_connection
	DatabaseCollation string `json:"db_collation,omitempty"` // the database's

	CreatedUS int64 `json:"created_us,omitempty"` // origin's clock, µs since 1970
	AlteredUS int64 `json:"altered_us,omitempty"`

	Trigger *TriggerPart `json:"trigger,omitempty"` // set if Kind is Trigger
	Event   *EventPart   `json:"event,omitempty"`   // set if Kind is Event
}

// TriggerPart is what a trigger has besides.
type TriggerPart struct {
	Table txn.TableID `json:"table,omitempty"`
	After bool        `json:"after,omitempty"`
	On    string      `json:"on,omitempty"` // INSERT, UPDATE or DELETE
	// Order is its place among the table's triggers of the same time and event, from 1 on.
	Order int `json:"order,omitempty"`
}

// EventPart is what an event has besides. Times are in µs since 1970, 0 for none.
type EventPart struct {
	AtUS       int64  `json:"at_us,omitempty"` // of a single occurrence
	Every      string `json:"every,omitempty"` // the interval's value, as written: '1:30'
	Unit       string `json:"unit,omitempty"`  // its unit
	StartsUS   int64  `json:"starts_us,omitempty"`
	EndsUS     int64  `json:"ends_us,omitempty"`
	Preserve   bool   `json:"preserve,omitempty"`   // ON COMPLETION PRESERVE
	Status     string `json:"status,omitempty"`     // ENABLED, DISABLED or REPLICA_SIDE_DISABLED
	Zone       string `json:"zone,omitempty"`       // time_zone of the session that created it
	LastRunUS  int64  `json:"last_us,omitempty"`    // start of the last occurrence that was claimed
	Originator uint64 `json:"originator,omitempty"` // server_id of the node that created it
}

// Key returns the program's name within its database.
func (p *Program) Key() ProgramKey { return NewProgramKey(p.Kind, p.Name) }

// EncodeProgram encodes a stored program as JSON.
func EncodeProgram(p *Program) ([]byte, error) { return encode(envelope{Format: Format, Program: p}) }

// DecodeProgram decodes what EncodeProgram made.
func DecodeProgram(b []byte) (*Program, error) {
	e, err := decode(b)
	if err != nil {
		return nil, err
	}
	p := e.Program
	if p == nil {
		return nil, fmt.Errorf("decode definition: not of a stored program: %w", txn.ErrCorrupt)
	}
	known := false
	switch p.Kind {
	case Procedure, Function:
		known = p.Trigger == nil && p.Event == nil
	case Trigger:
		known = p.Trigger != nil && p.Event == nil
	case Event:
		known = p.Event != nil && p.Trigger == nil
	default:
		return nil, fmt.Errorf("decode definition of %q: a stored program of kind %q: %w", p.Name, p.Kind, txn.ErrFuture)
	}
	if !known {
		return nil, fmt.Errorf("decode definition of %s %q: parts of another kind: %w", p.Kind, p.Name, txn.ErrCorrupt)
	}
	return p, nil
}

// Program returns the named stored program, or nil.
func (c *Catalog) Program(kind ProgramKind, database, name string) *Program {
	if d := c.Databases[database]; d != nil {
		return d.Programs[NewProgramKey(kind, name)]
	}
	return nil
}

// SortedPrograms lists the stored programs of a kind by name.
func (d *Database) SortedPrograms(kind ProgramKind) []*Program {
	var list []*Program
	for _, p := range d.Programs {
		if p.Kind == kind {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *Program) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list
}

// TriggersOf lists the triggers of a table in the order in which they are activated.
func (d *Database) TriggersOf(table txn.TableID) []*Program {
	var list []*Program
	for _, p := range d.Programs {
		if p.Kind == Trigger && p.Trigger.Table == table {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *Program) int {
		return cmp.Or(cmp.Compare(triggerEvent(a), triggerEvent(b)), compareBool(a.Trigger.After, b.Trigger.After),
			cmp.Compare(a.Trigger.Order, b.Trigger.Order), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// triggerEvent is the place of a trigger's event in MySQL's order.
func triggerEvent(p *Program) int {
	return slices.Index([]string{"INSERT", "UPDATE", "DELETE"}, p.Trigger.On)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// QuoteAccount spells user@host as `user`@`host`.
func QuoteAccount(account string) string {
	user, host := account, "%"
	if i := strings.LastIndex(account, "@"); i >= 0 {
		user, host = account[:i], account[i+1:]
	}
	return QuoteName(user) + "@" + QuoteName(host)
}

// createsProgram is the beginning of a statement that creates a stored program, up to what is created.
var createsProgram = programPattern("CREATE")

// changesProgram is the same of all statements on stored programs.
var changesProgram = programPattern("(?:CREATE|ALTER|DROP)")

func programPattern(verb string) *regexp.Regexp {
	name := "(?:`(?:[^`]|``)*`|'[^']*'|\"[^\"]*\"|[^\\s@`'\"()]+)"
	return regexp.MustCompile(`(?is)^\s*` + verb + `\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*` + name + `(?:\s*@\s*` + name + `)?\s*(?:\(\s*\)\s*)?)?`)
}

// WithDefiner is a statement on a stored program as MySQL logs it: of one that creates it the beginning is spelled anew, with the definer.
func WithDefiner(text, definer string) string {
	at := createsProgram.FindStringIndex(text)
	if at == nil {
		return text
	}
	return "CREATE DEFINER=" + QuoteAccount(definer) + " " + text[at[1]:]
}

// IsOfEvent reports whether a statement on a stored program is about an event.
func IsOfEvent(text string) bool {
	if at := changesProgram.FindStringIndex(text); at != nil {
		text = text[at[1]:]
	}
	return len(text) > len(Event) && strings.EqualFold(text[:len(Event)], string(Event)) && !isNamePart(text[len(Event)])
}

func isNamePart(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}
