package debezium

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

var (
	changeKey = &Schema{Kind: KindStruct, Name: "io.debezium.connector.mysql.SchemaChangeKey", Version: 1,
		Fields: []Field{{"databaseName", &Schema{Kind: KindString}}}}
	changeColumn = &Schema{Kind: KindStruct, Name: "io.debezium.connector.schema.Column", Version: 1, Fields: []Field{
		{"name", &Schema{Kind: KindString}},
		{"jdbcType", &Schema{Kind: KindInt32}},
		{"nativeType", &Schema{Kind: KindInt32, Optional: true}},
		{"typeName", &Schema{Kind: KindString}},
		{"typeExpression", &Schema{Kind: KindString, Optional: true}},
		{"charsetName", &Schema{Kind: KindString, Optional: true}},
		{"length", &Schema{Kind: KindInt32, Optional: true}},
		{"scale", &Schema{Kind: KindInt32, Optional: true}},
		{"position", &Schema{Kind: KindInt32}},
		{"optional", &Schema{Kind: KindBoolean, Optional: true}},
		{"autoIncremented", &Schema{Kind: KindBoolean, Optional: true}},
		{"generated", &Schema{Kind: KindBoolean, Optional: true}},
		{"comment", &Schema{Kind: KindString, Optional: true}},
		{"defaultValueExpression", &Schema{Kind: KindString, Optional: true}},
		{"enumValues", &Schema{Kind: KindArray, Optional: true, Items: &Schema{Kind: KindString}}},
	}}
	changeTable = &Schema{Kind: KindStruct, Optional: true, Name: "io.debezium.connector.schema.Table", Version: 1, Fields: []Field{
		{"defaultCharsetName", &Schema{Kind: KindString, Optional: true}},
		{"primaryKeyColumnNames", &Schema{Kind: KindArray, Optional: true, Items: &Schema{Kind: KindString}}},
		{"columns", &Schema{Kind: KindArray, Items: changeColumn}},
		{"comment", &Schema{Kind: KindString, Optional: true}},
	}}
	changeEntry = &Schema{Kind: KindStruct, Name: "io.debezium.connector.schema.Change", Version: 1, Fields: []Field{
		{"type", &Schema{Kind: KindString}}, {"id", &Schema{Kind: KindString}}, {"table", changeTable}}}
	changeValue = &Schema{Kind: KindStruct, Name: "io.debezium.connector.mysql.SchemaChangeValue", Version: 1, Fields: []Field{
		{"source", sourceSchema()},
		{"ts_ms", &Schema{Kind: KindInt64}},
		{"databaseName", &Schema{Kind: KindString, Optional: true}},
		{"schemaName", &Schema{Kind: KindString, Optional: true}},
		{"ddl", &Schema{Kind: KindString, Optional: true}},
		{"tableChanges", &Schema{Kind: KindArray, Items: changeEntry}},
	}}
)

// schemaChanges encodes what a DDL changed: events of the topic <prefix> for databases and tables, an op "t" event for
// TRUNCATE, nothing for views and stored programs but events, as the connector does.
func (e *Encoder) schemaChanges(x *transaction, emit func(Message) error) error {
	ddl := x.c.DDL
	words := statementWords(ddl.Text)
	index := len(words) > 1 && (words[0] == "DROP" && words[1] == "INDEX" ||
		words[0] == "CREATE" && words[1] != "TABLE" && slices.Contains(words[1:min(4, len(words))], "INDEX"))
	var tables []*txn.DefinitionChange
	told := false // or none of them is
	for i := range ddl.Changes {
		change := &ddl.Changes[i]
		switch {
		case change.Kind == txn.ObjectView || change.Kind == txn.ObjectProgram || followsOnly(ddl, i) || ddl.Leaves(i):
		case change.Kind == txn.ObjectDatabase:
			if err := e.databaseChange(x, change, emit); err != nil {
				return err
			}
		case change.Truncate:
			if err := e.truncate(x, change, emit); err != nil {
				return err
			}
		case index && change.Kind == txn.ObjectTable:
			return e.indexChange(x, change, words, emit)
		case e.options.tellsDatabase(change.Database) || e.options.streamsTable(change.Database, change.Name):
			told = told || e.options.tellsTable(change.Database, change.Name)
			tables = append(tables, change)
		}
	}
	if !e.options.SchemaChanges {
		return nil
	}
	for _, absent := range e.absentTables(ddl) {
		told = told || e.options.tellsTable(absent.Database, absent.Name)
		tables = append(tables, absent)
	}
	switch {
	case len(tables) == 0:
		return e.otherStatement(x, emit)
	case !told:
		return nil
	}
	return e.tableChanges(x, tables, words, emit)
}

// followsOnly reports whether a change is there to raise a table's version alone: the parent of
// a new foreign key, the table of a trigger. The connector knows nothing of it.
func followsOnly(d *txn.DDLBody, i int) bool {
	c := &d.Changes[i]
	return i > 0 && c.Kind == txn.ObjectTable && c.Op == txn.Update && !c.Truncate && len(c.SQLite) == 0 && d.Changes[0].ID != c.ID
}

// truncate is the event of a TRUNCATE TABLE: neither key nor rows.
func (e *Encoder) truncate(x *transaction, change *txn.DefinitionChange, emit func(Message) error) error {
	if e.options.skips("t") || !e.options.streamsTable(change.Database, change.Name) {
		return nil
	}
	def, err := definition(change, x.c.Position)
	if err != nil {
		return err
	}
	if def, err = e.spelled(def, txn.TableID(change.ID), x.c.Position); err != nil {
		return err
	}
	return emit(e.envelope(x, newTable(def, &e.options), "t", nil, nil, e.lastRow, Datum{}, nil))
}

// definition decodes the table that a change leaves behind.
func definition(change *txn.DefinitionChange, at txn.Position) (*schemas.Table, error) {
	def, err := schemas.DecodeTable(change.Definition)
	if err != nil {
		return nil, fmt.Errorf("definition of %s.%s: %w", change.Database, change.Name, err)
	}
	def.Database, def.Name, def.Version = change.Database, change.Name, at
	return def, nil
}

// databaseChange is the event of CREATE, ALTER and DROP DATABASE. The connector knows that the second is there, and nothing more.
func (e *Encoder) databaseChange(x *transaction, change *txn.DefinitionChange, emit func(Message) error) error {
	o := &e.options
	alters := change.Op == txn.Update
	if !o.SchemaChanges || !o.tellsDatabase(change.Name) || o.OnlyCapturedDDL && (alters || !o.takesDatabase(change.Name)) {
		return nil
	}
	if alters {
		return emit(e.schemaChange(x, change.Name, "", x.c.DDL.Text, nil))
	}
	return emit(e.schemaChange(x, change.Name, nil, statementText(x.c.DDL.Text), nil))
}

// tableChanges are the events of a statement on tables: one for each table of a DROP and each pair of a RENAME, else one.
func (e *Encoder) tableChanges(x *transaction, tables []*txn.DefinitionChange, words []string, emit func(Message) error) error {
	first := tables[0]
	starts := func(list ...string) bool { return len(words) >= len(list) && slices.Equal(words[:len(list)], list) }
	switch {
	case starts("RENAME"):
		return e.renames(x, tables, emit)
	case first.Op == txn.Delete:
		return e.drops(x, tables, len(words) > 3 && words[2] == "IF" && words[3] == "EXISTS", emit)
	}
	if !e.options.tellsTable(first.Database, first.Name) {
		return nil
	}
	entry, err := e.changedTable(x, first)
	if err != nil {
		return err
	}
	return emit(e.schemaChange(x, first.Database, first.Name, statementText(x.c.DDL.Text), []any{entry}))
}

// indexChange is the event of CREATE and DROP INDEX. The connector knows that the statement is there, in the session's database, and nothing of indexes, but
// for a unique one that gives the table a key.
func (e *Encoder) indexChange(x *transaction, change *txn.DefinitionChange, words []string, emit func(Message) error) error {
	o := &e.options
	if !o.SchemaChanges || o.OnlyCapturedDDL {
		return nil
	}
	def, err := definition(change, x.c.Position)
	if err != nil {
		return err
	}
	if words[1] == "UNIQUE" && o.streamsTable(change.Database, change.Name) && def.Read != nil && def.Read.KeyComes {
		entry, err := e.changedTable(x, change)
		if err != nil {
			return err
		}
		_, text, _ := strings.Cut(statementText(x.c.DDL.Text), " ")
		return emit(e.schemaChange(x, change.Database, change.Name, strings.TrimSpace(text), []any{entry}))
	}
	database := x.c.DDL.Database
	if database == "" {
		database = change.Database
	}
	if !o.tellsDatabase(database) {
		return nil
	}
	return emit(e.schemaChange(x, database, "", x.c.DDL.Text, nil))
}

// changedTable is the entry of a table that there is after the statement.
func (e *Encoder) changedTable(x *transaction, change *txn.DefinitionChange) ([]any, error) {
	def, err := definition(change, x.c.Position)
	if err != nil {
		return nil, err
	}
	if def, err = e.spelled(def, txn.TableID(change.ID), x.c.Position); err != nil {
		return nil, err
	}
	kind := "ALTER"
	if change.Op == txn.Insert && !change.Comes() {
		kind = "CREATE"
	}
	return []any{kind, quotedID(change.Database, change.Name), e.tableOfChange(def)}, nil
}

// renames parts RENAME TABLE a TO b, … into its pairs. The tables are looked up as they are at the end: one that only passed
// through a name has none.
func (e *Encoder) renames(x *transaction, tables []*txn.DefinitionChange, emit func(Message) error) error {
	pairs := renamePairs(statementText(x.c.DDL.Text))
	for len(pairs) > 0 { // those into one database that follow each other know of each other
		n := 1
		into, _ := pairs[0].to(x.c.DDL.Database)
		for ; n < len(pairs); n++ {
			if database, _ := pairs[n].to(x.c.DDL.Database); database != into {
				break
			}
		}
		if err := e.renamesInto(x, into, pairs[:n], tables, emit); err != nil {
			return err
		}
		pairs = pairs[n:]
	}
	return nil
}

func (e *Encoder) renamesInto(x *transaction, database string, pairs []renamePair, tables []*txn.DefinitionChange, emit func(Message) error) error {
	set := map[string]string{} // new names by id
	for _, p := range pairs {
		_, name := p.to(database)
		set[database+"."+name] = name
	}
	ids := slices.Collect(maps.Keys(set))
	javaOrder(ids)
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = set[id]
	}
	for _, p := range pairs {
		_, name := p.to(database)
		if !e.options.tellsTable(database, name) && e.options.tellsTable(p.from(x.c.DDL.Database)) {
			continue // of a table that the connector knows, and does not tell of under this name
		}
		var entries []any
		for _, change := range tables {
			if change.Database == database && change.Name == name && e.options.tellsTable(database, name) {
				entry, err := e.changedTable(x, change)
				if err != nil {
					return err
				}
				entries = append(entries, entry)
			}
		}
		if err := emit(e.schemaChange(x, database, strings.Join(names, ","), "RENAME TABLE "+p.text, entries)); err != nil {
			return err
		}
	}
	return nil
}

// tableSet joins the names of tables as the connector does, in the order of Java's HashSet.
func tableSet(tables []*txn.DefinitionChange) string {
	byID := map[string]string{}
	ids := make([]string, len(tables))
	for i, t := range tables {
		ids[i] = t.Database + "." + t.Name
		byID[ids[i]] = t.Name
	}
	javaOrder(ids)
	for i := range ids {
		ids[i] = byID[ids[i]]
	}
	return strings.Join(ids, ",")
}

// schemaChange is a record of the topic <prefix>.
func (e *Encoder) schemaChange(x *transaction, database string, table any, ddl string, entries []any) Message {
	if entries == nil {
		entries = []any{}
	}
	var thread any
	if createsFromQuery(ddl) {
		thread = int64(x.c.ConnectionID)
	}
	source := e.source(x, database, table, e.lastRow, thread, nil)
	return Message{
		Topic:   e.options.topicName(e.options.TopicPrefix),
		Key:     Datum{changeKey, []any{database}},
		Value:   Datum{changeValue, []any{source, e.now().UnixMilli(), database, nil, normalizedText(ddl), entries}},
		Headers: e.headers,
	}
}

// createsFromQuery reports whether a DDL is what is logged for CREATE TABLE … SELECT, whose thread the connector knows: it is part of a
// transaction with the rows.
func createsFromQuery(ddl string) bool {
	return strings.HasPrefix(ddl, "CREATE TABLE ") && strings.Contains(ddl, "\n) START TRANSACTION")
}

// tableOfChange is a definition as schema changes tell it.
func (e *Encoder) tableOfChange(t *schemas.Table) []any {
	visible := t.VisibleColumns()
	keys, columns := []any{}, make([]any, len(visible))
	for _, i := range t.ReadKey() {
		keys = append(keys, t.Columns[i].Name)
	}
	for n, i := range visible {
		columns[n] = e.columnOfChange(t, i)
	}
	var charset, comment any
	if name := t.ReadCharset(); name != "" {
		charset = name
	}
	if e.options.SchemaComments && (t.Comment != "" || t.Read != nil && t.Read.EmptyComment) && !(t.Read != nil && t.Read.NoComment) {
		comment = commentText(t.Comment)
	}
	return []any{charset, keys, columns, comment}
}

func (e *Encoder) columnOfChange(t *schemas.Table, i int) []any {
	c := &t.Columns[i]
	kind := c.Type
	name := typeName(kind)
	length, scale := lengthAndScale(kind)
	charset := charsetName(kind)
	if charset != nil && !c.CharsetGiven && t.Read != nil && t.Read.Charset != "" && !isNational(kind) && !isCharacterBinary(kind) {
		charset = t.Read.Charset
	}
	var comment, members any
	if read := c.ReadComment(); e.options.SchemaComments && read != "" {
		comment = commentText(read)
	}
	if len(kind.Members) > 0 {
		list := make([]any, len(kind.Members))
		for i, text := range memberTexts(kind) {
			list[i] = "'" + text + "'"
		}
		members = list
	}
	// The connector takes ON UPDATE CURRENT_TIMESTAMP for generated, as it does AUTO_INCREMENT.
	auto := (t.AutoIncrement == i || c.OnUpdateNow) && !c.Listed
	return []any{c.Name, jdbcType(kind), nil, name, name, charset, length, scale, int64(i + 1), c.ReadNullable(), auto, auto, comment, defaultText(c), members}
}
