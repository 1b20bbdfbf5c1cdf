package debezium

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// patternTimeout bounds one match: Java's patterns are matched with backtracking.
const patternTimeout = 250 * time.Millisecond

// NameSet is a list of Java's regular expressions for names such as database.table. Each is matched against the whole
// name, without regard to case, as the connector does. It is immutable.
type NameSet struct {
	patterns []*regexp2.Regexp
}

// ParseNameSet reads expressions that are separated by commas; a backslash before a comma keeps it. Empty text gives nil,
// which matches nothing.
func ParseNameSet(text string) (*NameSet, error) {
	var s NameSet
	for _, part := range splitList(text) {
		p, err := regexp2.Compile("^(?:"+part+")$", regexp2.IgnoreCase)
		if err != nil {
			return nil, fmt.Errorf("%q is no regular expression: %w", part, err)
		}
		p.MatchTimeout = patternTimeout
		s.patterns = append(s.patterns, p)
	}
	if len(s.patterns) == 0 {
		return nil, nil
	}
	return &s, nil
}

// splitList parts text at commas that no backslash precedes, and leaves out blanks around the parts.
func splitList(text string) []string {
	var parts []string
	var part strings.Builder
	add := func() {
		if p := strings.TrimSpace(part.String()); p != "" {
			parts = append(parts, p)
		}
		part.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == ',':
			part.WriteByte(',')
			i++
		case text[i] == ',':
			add()
		default:
			part.WriteByte(text[i])
		}
	}
	add()
	return parts
}

// Has reports whether one of the expressions matches the whole name. A nil set has nothing, nor does one whose expression
// takes too long.
func (s *NameSet) Has(name string) bool { return s.has(name, false) }

// has is Has with the answer of an expression that takes too long. What hides values and leaves things out has to hide and
// leave out then.
func (s *NameSet) has(name string, undecided bool) bool {
	if s == nil {
		return false
	}
	for _, p := range s.patterns {
		ok, err := p.MatchString(name)
		if ok || err != nil && undecided {
			return true
		}
	}
	return false
}

// index is the place of the first expression that matches the whole name, -1 without one.
func (s *NameSet) index(name string) int {
	if s == nil {
		return -1
	}
	return slices.IndexFunc(s.patterns, func(p *regexp2.Regexp) bool {
		ok, err := p.MatchString(name)
		return ok && err == nil
	})
}

// Filter takes the names of Include, or all but those of Exclude. The zero Filter takes all.
type Filter struct{ Include, Exclude *NameSet }

// Takes reports whether a name passes.
func (f Filter) Takes(name string) bool {
	if f.Include != nil {
		return f.Include.Has(name)
	}
	return !f.Exclude.has(name, true)
}

// IsZero reports whether the filter takes everything.
func (f Filter) IsZero() bool { return f.Include == nil && f.Exclude == nil }

// builtin are the databases of MySQL itself.
var builtin = map[string]bool{"mysql": true, "sys": true, "performance_schema": true, "information_schema": true}

// takesDatabase reports whether anything of a database may be emitted.
func (o *Options) takesDatabase(name string) bool {
	return o.Databases.Takes(name) && !(o.ExcludeBuiltin && builtin[strings.ToLower(name)])
}

// takesTable reports whether the rows of a table are emitted.
func (o *Options) takesTable(database, name string) bool {
	return o.takesDatabase(database) && o.Tables.Takes(database+"."+name)
}

// streamsTable reports whether the changes of a table are emitted: those of the signalling table always are.
func (o *Options) streamsTable(database, name string) bool {
	return o.takesTable(database, name) || o.isSignalTable(database, name)
}

func (o *Options) isSignalTable(database, name string) bool {
	signals, table := o.Signals.table()
	return table != "" && database == signals && name == table
}

// tellsTable reports whether the schema changes of a table are emitted: of all, if nothing else is said.
func (o *Options) tellsTable(database, name string) bool {
	return o.streamsTable(database, name) || !o.OnlyCapturedDDL && o.tellsDatabase(database)
}

// tellsDatabase reports whether the schema changes of a database are emitted: of all, if nothing else is said.
func (o *Options) tellsDatabase(name string) bool {
	return o.takesDatabase(name) || !o.OnlyCapturedDatabasesDDL && !(o.ExcludeBuiltin && builtin[strings.ToLower(name)])
}

// MessageKey is one column of message.key.columns: an expression for database.table.column. Those before it come first in the key.
type MessageKey struct {
	Column *NameSet
}

// parseMessageKeys reads "inventory.customers:pk1,pk2;(.*).purchaseorders:pk3".
func parseMessageKeys(text string) ([]MessageKey, error) {
	var keys []MessageKey
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		table, names, ok := strings.Cut(part, ":")
		columns := strings.Split(names, ",")
		wrong := func(column string) bool { return strings.TrimSpace(column) == "" || strings.Contains(column, ":") }
		if !ok || strings.TrimSpace(table) == "" || slices.ContainsFunc(columns, wrong) {
			return nil, fmt.Errorf("%q: want database.table:column,… and a semicolon between tables", part)
		}
		for _, column := range columns {
			set, err := ParseNameSet(strings.TrimSpace(table) + "." + strings.TrimSpace(column))
			if err != nil {
				return nil, err
			}
			keys = append(keys, MessageKey{set})
		}
	}
	return keys, nil
}

// RewriteKind is a way to hide values.
type RewriteKind uint8

// The ways.
const (
	RewriteTruncate RewriteKind = iota // column.truncate.to.<length>.chars
	RewriteMask                        // column.mask.with.<length>.chars
	RewriteHash                        // column.mask.hash[.v2].<algorithm>.with.salt.<salt>
)

// Rewrite hides the values of text columns.
type Rewrite struct {
	Kind      RewriteKind
	Columns   *NameSet // of database.table.column
	Length    int      // of truncate and mask
	Algorithm string   // of hash, by Java's name: SHA-256
	Salt      string
	Version2  bool // hash.v2: of the value's UTF-8 bytes; else of its serialised Java object
}
