package debezium

import (
	"fmt"
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

// schemaChanges encodes what a DDL changed: one event for each database or table, an op "t"
// event for TRUNCATE, nothing for views and stored programs, as the connector does.
func (e *Encoder) schemaChanges(x *transaction, emit func(Record) error) error {
	ddl := x.c.DDL
	for i := range ddl.Changes {
		change := &ddl.Changes[i]
		if change.Kind == txn.ObjectView || change.Kind == txn.ObjectProgram || followsOnly(ddl, i) {
			continue
		}
		if change.Truncate {
			if err := e.truncate(x, change, emit); err != nil {
				return err
			}
			continue
		}
		if !e.options.SchemaChanges {
			continue
		}
		r, err := e.schemaChange(x, change)
		if err != nil {
			return err
		}
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

// followsOnly reports whether a change is there to raise a table's version alone: the parent of
// a new foreign key, the table of a trigger. The connector knows nothing of it.
func followsOnly(d *txn.DDLBody, i int) bool {
	c := &d.Changes[i]
	return i > 0 && c.Kind == txn.ObjectTable && c.Op == txn.Update && !c.Truncate && len(c.SQLite) == 0 && d.Changes[0].ID != c.ID
}

// truncate is the event of a TRUNCATE TABLE: neither key nor rows.
func (e *Encoder) truncate(x *transaction, change *txn.DefinitionChange, emit func(Record) error) error {
	if e.options.skips("t") {
		return nil
	}
	def, err := definition(change, x.c.Position)
	if err != nil {
		return err
	}
	return emit(e.envelope(x, newTable(def, &e.options), "t", nil, nil, 0, nil, nil))
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

func (e *Encoder) schemaChange(x *transaction, change *txn.DefinitionChange) (Record, error) {
	var tableName any
	changes := []any{}
	if change.Kind == txn.ObjectTable {
		tableName = change.Name
		kind := map[txn.Op]string{txn.Insert: "CREATE", txn.Update: "ALTER", txn.Delete: "DROP"}[change.Op]
		var table any
		if change.Op != txn.Delete {
			def, err := definition(change, x.c.Position)
			if err != nil {
				return Record{}, err
			}
			table = tableOfChange(def)
		}
		changes = append(changes, []any{kind, quotedID(change.Database, change.Name), table})
	}
	value := []any{
		e.source(x, change.Database, tableName, 0, nil, nil), e.now().UnixMilli(),
		change.Database, nil, ddlText(x.c.DDL, change), changes,
	}
	return Record{
		Topic:     topicName(e.options.TopicPrefix),
		Partition: 0,
		Key:       appendMessage(nil, changeKey, []any{change.Database}, &e.options),
		Value:     appendMessage(nil, changeValue, value, &e.options),
		Headers:   e.headers,
	}, nil
}

// ddlText is the statement of one change; a DROP of several tables is written for each.
func ddlText(d *txn.DDLBody, change *txn.DefinitionChange) string {
	if change.Kind == txn.ObjectTable && change.Op == txn.Delete {
		return "DROP TABLE " + schemas.QuoteName(change.Database) + "." + schemas.QuoteName(change.Name)
	}
	return d.Text
}

func tableOfChange(t *schemas.Table) []any {
	visible := t.VisibleColumns()
	keys, columns := []any{}, make([]any, len(visible))
	if t.Primary != nil {
		for _, p := range t.Primary.Parts {
			keys = append(keys, t.Columns[p.Column].Name)
		}
	}
	for n, i := range visible {
		columns[n] = columnOfChange(t, i)
	}
	var charset any
	if t.Charset != "" {
		charset = t.Charset
	}
	return []any{charset, keys, columns, nil}
}

func columnOfChange(t *schemas.Table, i int) []any {
	c := &t.Columns[i]
	name := typeName(c.Type)
	length, scale := lengthAndScale(c.Type)
	var charset, def, members any
	if c.Type.IsText() && c.Type.Charset != "" {
		charset = c.Type.Charset
	}
	switch d := c.Default; {
	case d == nil:
	case d.Now:
		def = "CURRENT_TIMESTAMP"
		if c.Type.Decimals > 0 {
			def = fmt.Sprintf("CURRENT_TIMESTAMP(%d)", c.Type.Decimals)
		}
	case d.Expression == "" && !d.Literal.IsNull():
		def = d.Text
	}
	if c.Type.Kind == schemas.Enum || c.Type.Kind == schemas.Set {
		list := make([]any, len(c.Type.Members))
		for i, m := range c.Type.Members {
			list[i] = "'" + strings.ReplaceAll(m, "'", "''") + "'"
		}
		members = list
	}
	auto := t.AutoIncrement == i
	return []any{c.Name, jdbcType(c.Type), nil, name, name, charset, length, scale, int64(i + 1), c.Nullable, auto, auto, nil, def, members}
}

// typeName is the type as declared, in capitals and without its length.
func typeName(t schemas.Type) string {
	name := t.Spelling
	if name == "" {
		name = strings.ToUpper(t.Name())
	}
	if t.Unsigned && !strings.Contains(name, "UNSIGNED") && name != "SERIAL" {
		name += " UNSIGNED"
	}
	if t.Zerofill {
		name += " ZEROFILL"
	}
	return name
}

// jdbcType is the number of java.sql.Types that the connector gives the type.
func jdbcType(t schemas.Type) int64 {
	switch t.Spelling {
	case "BOOL", "BOOLEAN":
		return 16
	case "NUMERIC":
		return 2
	case "REAL":
		return 7
	case "NCHAR":
		return -15
	}
	switch t.Kind {
	case schemas.TinyInt, schemas.SmallInt:
		return 5
	case schemas.MediumInt, schemas.Int, schemas.Year:
		return 4
	case schemas.BigInt:
		return -5
	case schemas.Bit:
		return -7
	case schemas.Decimal:
		return 3
	case schemas.Float:
		return 6
	case schemas.Double:
		return 8
	case schemas.Char, schemas.Enum, schemas.Set:
		return 1
	case schemas.VarChar, schemas.TinyText, schemas.Text, schemas.MediumText, schemas.LongText:
		return 12
	case schemas.Binary:
		return -2
	case schemas.VarBinary:
		return -3
	case schemas.TinyBlob, schemas.Blob, schemas.MediumBlob, schemas.LongBlob:
		return 2004
	case schemas.Date:
		return 91
	case schemas.Time:
		return 92
	case schemas.DateTime:
		return 93
	case schemas.Timestamp:
		return 2014
	}
	return 1111
}

// lengthAndScale are null where the type has none.
func lengthAndScale(t schemas.Type) (length, scale any) {
	switch t.Kind {
	case schemas.Decimal:
		return int64(t.Length), int64(t.Decimals)
	case schemas.Time, schemas.DateTime, schemas.Timestamp:
		if t.Decimals > 0 {
			return int64(t.Decimals), nil
		}
	case schemas.Enum:
		return int64(1), nil
	case schemas.Set:
		return int64(2*len(t.Members) - 1), nil
	case schemas.Float, schemas.Double:
		if t.Length > 0 && t.Decimals >= 0 {
			return int64(t.Length), int64(t.Decimals)
		}
	default:
		if t.Length > 0 {
			return int64(t.Length), nil
		}
	}
	return nil, nil
}
