package debezium

import (
	"fmt"
	"regexp"

	"marmot/schemas"
	"marmot/txn"
)

// absentTables are the tables that a DROP TABLE IF EXISTS names and that there were not, as changes: the connector tells of them as of the others.
func (e *Encoder) absentTables(d *txn.DDLBody) []*txn.DefinitionChange {
	if !dropsTables.MatchString(d.Text) {
		return nil
	}
	var list []*txn.DefinitionChange
	for _, n := range d.Named {
		if n.Kind == txn.ObjectTable && (e.options.tellsDatabase(n.Database) || e.options.streamsTable(n.Database, n.Name)) {
			list = append(list, &txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Delete, Database: n.Database, Name: n.Name})
		}
	}
	return list
}

var dropsTables = regexp.MustCompile(`(?is)^(?:/\*!\d*\s*)?DROP\s+TABLES?\b`)

// drops are the events of a DROP TABLE, one for each table that is told. Its source names all of a database that follow each other.
func (e *Encoder) drops(x *transaction, tables []*txn.DefinitionChange, ifExists bool, emit func(Message) error) error {
	verb := "DROP TABLE "
	if ifExists {
		verb += "IF EXISTS "
	}
	for len(tables) > 0 {
		n := 1
		for n < len(tables) && tables[n].Database == tables[0].Database {
			n++
		}
		named := tableSet(tables[:n])
		for _, t := range tables[:n] {
			if !e.options.tellsTable(t.Database, t.Name) {
				continue
			}
			text := verb + schemas.QuoteName(t.Database) + "." + schemas.QuoteName(t.Name)
			if err := emit(e.schemaChange(x, t.Database, named, text, []any{[]any{"DROP", quotedID(t.Database, t.Name), nil}})); err != nil {
				return err
			}
		}
		tables = tables[n:]
	}
	return nil
}

// otherStatement is the event of a statement that changes no table and no database. The connector knows of those that its filter lets through that they are there:
// what IF EXISTS and IF NOT EXISTS had nothing to do for, FLUSH, statements on events, and some on accounts.
func (e *Encoder) otherStatement(x *transaction, emit func(Message) error) error {
	d := x.c.DDL
	text := d.Text
	switch {
	case len(d.Changes) > 0:
		c := &d.Changes[0]
		if c.Kind != txn.ObjectProgram || !schemas.IsOfEvent(text) {
			return nil
		}
		if c.Op != txn.Delete {
			p, err := schemas.DecodeProgram(c.Definition)
			if err != nil {
				return fmt.Errorf("definition of event %s.%s: %w", c.Database, c.Name, err)
			}
			text = schemas.WithDefiner(text, p.Definer)
		}
	case len(d.Named) > 0:
		switch n := d.Named[0]; n.Kind {
		case txn.ObjectDatabase:
			if !e.options.tellsDatabase(n.Database) {
				return nil
			}
			return emit(e.schemaChange(x, n.Database, nil, text, nil))
		case txn.ObjectTable:
			if dropsTables.MatchString(text) {
				return nil
			}
		case txn.ObjectProgram:
			if !schemas.IsOfEvent(text) {
				return nil
			}
		default:
			return nil
		}
	}
	if text == "" || e.options.OnlyCapturedDDL || !e.options.tellsDatabase(d.Database) || text == "FLUSH PRIVILEGES" || filteredStatements.MatchString(text) {
		return nil
	}
	return emit(e.schemaChange(x, d.Database, "", text, nil))
}

// filteredStatements are those of the connector's filter that MySQL logs, but for views and stored programs. At TABLES the connector ends, since it cannot read it.
var filteredStatements = regexp.MustCompile(`(?is)^(?:FLUSH RELAY LOGS.*|(?:GRANT|REVOKE)\s+.*|(?:ANALYZE|OPTIMIZE|REPAIR)\s+(?:NO_WRITE_TO_BINLOG\s+|LOCAL\s+)?TABLES?\s+.*|` +
	`(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:USER|ROLE)\b.*)$`)
