package dialect

import (
	_ "embed"
	"maps"
	"strings"
	"sync"

	"marmot/schemas"
	"marmot/txn"
)

//go:embed catalog/infoschema.tsv
var infoSchemaTable string

//go:embed catalog/system.tsv
var systemTable string

//go:embed catalog/keywords.tsv
var keywordTable string

// virtualRows hands the rows of a virtual table to row.
type virtualRows func(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error

// virtualKey names a virtual table in lower case.
type virtualKey struct{ database, name string }

// virtualRegistry holds the virtual tables; it is built once and never written again.
type virtualRegistry struct {
	list   []*virtualTable
	byName map[virtualKey]*virtualTable
}

// systemFields is how many fields a line about a column has.
const systemFields = 9

// buildVirtuals reads the columns of MySQL's catalog tables: database, table, column, type,
// YES if nullable, collation; for the databases mysql, performance_schema and sys key, default (\N: none) and extra too. A table whose rows Marmot has no notion of is empty.
func buildVirtuals() *virtualRegistry {
	r := &virtualRegistry{byName: map[virtualKey]*virtualTable{}}
	rows := virtualContents()
	maps.Copy(rows, accountContents())
	maps.Copy(rows, systemContents())
	for line := range strings.Lines(infoSchemaTable + systemTable) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		for len(f) < systemFields { // empty ones at the end are left out
			f = append(f, "")
		}
		key := virtualKey{f[0], strings.ToLower(f[1])}
		v := r.byName[key]
		if v == nil {
			v = &virtualTable{Database: f[0], Name: f[1], Rows: rows[key]}
			if v.Rows == nil {
				v.Rows = noRows
			}
			r.byName[key] = v
			r.list = append(r.list, v)
		}
		v.Columns = append(v.Columns, schemas.Column{Name: f[2], Type: catalogType(f[3], f[5]), Nullable: f[4] == "YES"})
		v.shown = append(v.shown, shownColumn{key: f[6], fallback: f[7], extra: f[8]})
	}
	for _, l := range listings() {
		v := l.table()
		r.byName[virtualKey{v.Database, strings.ToLower(v.Name)}] = v
	}
	return r
}

// virtuals holds the registry once it is built. A sync.OnceValue will not do: some rows are
// made by planning queries, which look tables up here.
var virtuals struct {
	once     sync.Once
	registry *virtualRegistry
}

func loadVirtuals() *virtualRegistry {
	virtuals.once.Do(func() { virtuals.registry = buildVirtuals() })
	return virtuals.registry
}

func noRows(*schemas.Catalog, Environment, func([]txn.Value) error) error { return nil }

// lookupVirtual returns the table of information_schema, performance_schema or mysql of that
// name, or nil. Names of these databases and tables are compared without case, as MySQL does.
func lookupVirtual(database, name string) *virtualTable {
	return loadVirtuals().byName[virtualKey{strings.ToLower(database), strings.ToLower(name)}]
}

// catalogType reads a type in MySQL's words, for a column of a catalog table; collation is
// that of text, empty for the usual one.
func catalogType(text, collation string) schemas.Type {
	if collation == "" {
		collation = "utf8mb4_0900_ai_ci"
		if strings.HasPrefix(text, "varchar") || strings.HasPrefix(text, "enum") || strings.HasPrefix(text, "set") || strings.HasSuffix(text, "text") {
			collation = "utf8mb3_general_ci"
		}
	}
	if schemas.LookupCollation(collation) == nil || !schemas.LookupCollation(collation).Supported() {
		collation = "utf8mb3_general_ci"
	}
	if text == "varchar(65535)" { // too long for a column of a real table
		return schemas.Type{Kind: schemas.VarChar, Length: 1<<16 - 1, Charset: schemas.LookupCollation(collation).Charset, Collation: collation}
	}
	s := newTextReader(&Context{}, text)
	w := s.columnType()
	b := &tableBuilder{c: s.c, s: s, table: &schemas.Table{Charset: schemas.LookupCollation(collation).Charset, Collation: collation}}
	t, _, err := b.typeOf("", &w)
	if s.err != nil || err != nil {
		return textType(schemas.LongText) // the table's types are all readable: a test reads each
	}
	return t
}

// resultType is the type that results have of a column of the catalog, where MySQL's view over its dictionary gives another than it declares.
func resultType(v *virtualTable, c *schemas.Column) schemas.Type {
	switch v.Database + "." + v.Name + "." + c.Name {
	case "information_schema.COLUMNS.NUMERIC_PRECISION", "information_schema.COLUMNS.NUMERIC_SCALE":
		return schemas.Type{Kind: schemas.Int, Unsigned: true}
	case "information_schema.PARTITIONS.PARTITION_ORDINAL_POSITION", "information_schema.PARTITIONS.SUBPARTITION_ORDINAL_POSITION":
		return schemas.Type{Kind: schemas.BigInt, Unsigned: true}
	case "information_schema.TABLES.VERSION", "information_schema.STATISTICS.NON_UNIQUE":
		return schemas.Type{Kind: schemas.BigInt}
	}
	return c.Type
}

// varcharType and textType are types of result columns.
func varcharType(length int) schemas.Type {
	return schemas.Type{Kind: schemas.VarChar, Length: length, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
}

func textType(kind schemas.Kind) schemas.Type {
	return schemas.Type{Kind: kind, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
}

// virtualContents says which tables have rows.
func virtualContents() map[virtualKey]virtualRows {
	const is, ps = "information_schema", "performance_schema"
	return map[virtualKey]virtualRows{
		{is, "schemata"}:                              schemataRows,
		{is, "tables"}:                                tablesRows,
		{is, "columns"}:                               columnsRows,
		{is, "statistics"}:                            statisticsRows,
		{is, "key_column_usage"}:                      keyUsageRows,
		{is, "table_constraints"}:                     constraintRows,
		{is, "referential_constraints"}:               referentialRows,
		{is, "check_constraints"}:                     checkRows,
		{is, "routines"}:                              routineRows,
		{is, "parameters"}:                            parameterRows,
		{is, "triggers"}:                              triggerRows,
		{is, "events"}:                                eventRows,
		{is, "views"}:                                 viewsRows,
		{is, "partitions"}:                            partitionsRows,
		{is, "character_sets"}:                        charsetRows,
		{is, "collations"}:                            collationRows,
		{is, "collation_character_set_applicability"}: applicabilityRows,
		{is, "engines"}:                               engineRows,
		{is, "processlist"}:                           processRows,
		{is, "plugins"}:                               pluginRows,
		{is, "keywords"}:                              keywordRows,
		{ps, "global_variables"}:                      variableRows("global"),
		{ps, "session_variables"}:                     variableRows("session"),
		{ps, "global_status"}:                         statusRows,
		{ps, "session_status"}:                        statusRows,
		{ps, "processlist"}:                           performanceProcessRows,
		{ps, "threads"}:                               threadRows,
		{ps, "session_connect_attrs"}:                 attributeRows(false),
		{ps, "session_account_connect_attrs"}:         attributeRows(true),
		{is, "schemata_extensions"}:                   schemataExtensionRows,
		{is, "tables_extensions"}:                     tablesExtensionRows,
		{is, "columns_extensions"}:                    columnsExtensionRows,
		{is, "table_constraints_extensions"}:          constraintExtensionRows,
		{is, "view_table_usage"}:                      viewUsageRows,
		{is, "st_geometry_columns"}:                   geometryColumnRows,
		{is, "st_spatial_reference_systems"}:          referenceSystemRows,
		{is, "st_units_of_measure"}:                   lengthUnitRows,
	}
}

// Shorthands for the values of catalog rows.

func text(s string) txn.Value { return txn.TextString(s) }

func count(n int) txn.Value { return txn.Int(int64(n)) }

// optional is NULL for an empty string.
func optional(s string) txn.Value {
	if s == "" {
		return txn.Null()
	}
	return txn.TextString(s)
}

// yes is YES or NO.
func yes(b bool) txn.Value {
	if b {
		return text("YES")
	}
	return text("NO")
}

// systemDatabases are the databases without files, in order.
func systemDatabases() []*schemas.Database {
	return []*schemas.Database{
		{Name: "information_schema", Charset: "utf8mb3", Collation: "utf8mb3_general_ci"},
		{Name: "mysql", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"},
		{Name: "performance_schema", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"},
		{Name: "sys", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"},
	}
}

// allDatabases lists all databases by name, those without files too.
func allDatabases(c *schemas.Catalog) []*schemas.Database {
	list := append(c.SortedDatabases(), systemDatabases()...)
	sortDatabases(list)
	return list
}
