package dialect

import (
	"maps"
	"slices"
	"strings"

	"marmot/dialect/expression"
	"marmot/geometry"
	"marmot/schemas"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// namedAsWritten reports whether MySQL names the result columns of queries on a table of information_schema as
// the query writes them. The others are views over its dictionary, whose columns keep their own names.
func namedAsWritten(table string) bool {
	return slices.Contains(strings.Fields(`
APPLICABLE_ROLES COLLATIONS COLUMN_PRIVILEGES ENABLED_ROLES ENGINES INNODB_BUFFER_PAGE INNODB_BUFFER_PAGE_LRU
INNODB_BUFFER_POOL_STATS INNODB_CACHED_INDEXES INNODB_CMP INNODB_CMPMEM INNODB_CMPMEM_RESET INNODB_CMP_PER_INDEX
INNODB_CMP_PER_INDEX_RESET INNODB_CMP_RESET INNODB_COLUMNS INNODB_FOREIGN INNODB_FT_BEING_DELETED INNODB_FT_CONFIG
INNODB_FT_DEFAULT_STOPWORD INNODB_FT_DELETED INNODB_FT_INDEX_CACHE INNODB_FT_INDEX_TABLE INNODB_INDEXES INNODB_METRICS
INNODB_SESSION_TEMP_TABLESPACES INNODB_TABLES INNODB_TABLESPACES INNODB_TABLESTATS INNODB_TEMP_TABLE_INFO INNODB_TRX
INNODB_VIRTUAL OPTIMIZER_TRACE PLUGINS PROCESSLIST PROFILING ROLE_COLUMN_GRANTS ROLE_ROUTINE_GRANTS ROLE_TABLE_GRANTS
SCHEMA_PRIVILEGES TABLE_PRIVILEGES USER_PRIVILEGES`), table)
}

func schemataExtensionRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, d := range allDatabases(c) {
		if err := row([]txn.Value{text("def"), text(d.Name), text("")}); err != nil {
			return err
		}
	}
	return nil
}

func tablesExtensionRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, d := range allDatabases(c) {
		for _, o := range objectsOf(c, d.Name) {
			if err := row([]txn.Value{text("def"), text(d.Name), text(o[0]), txn.Null(), txn.Null()}); err != nil {
				return err
			}
		}
	}
	return nil
}

func columnsExtensionRows(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return eachObject(c, e.Zone(), func(database, name string, columns []catalogColumn) error {
		for i := range columns {
			if err := row([]txn.Value{text("def"), text(database), text(name), text(columns[i].Name), txn.Null(), txn.Null()}); err != nil {
				return err
			}
		}
		return nil
	})
}

// constraintExtensionRows has the keys, not only the constraints: MySQL's view reads its indexes.
func constraintExtensionRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		for _, ix := range allIndexes(t) {
			if err := row([]txn.Value{text("def"), text(t.Database), text(ix.Name), text(t.Name), txn.Null(), txn.Null()}); err != nil {
				return err
			}
		}
		return nil
	})
}

// viewUsageRows names the base tables and views that each view reads; a view that does not compile reads none.
func viewUsageRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, d := range c.SortedDatabases() {
		for _, v := range d.SortedViews() {
			for _, o := range viewTables(v) {
				if err := row([]txn.Value{text("def"), text(d.Name), text(v.Name), text("def"), text(o.Database), text(o.Name)}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// viewTables lists what a view's query names behind FROM and JOIN, in order of their names.
func viewTables(v *schemas.View) []ObjectName {
	p, err := parse([]byte(v.Select))
	if err != nil {
		return nil
	}
	var list []ObjectName
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if a, ok := n.(*sqlparser.AliasedTableExpr); ok {
			if name, ok := a.Expr.(sqlparser.TableName); ok {
				o := ObjectName{Database: name.Qualifier.String(), Name: name.Name.String()}
				if o.Database != "" && !slices.Contains(list, o) { // without one it is a common table expression
					list = append(list, o)
				}
			}
		}
		return true, nil
	}, p.statement)
	slices.SortFunc(list, func(a, b ObjectName) int {
		return strings.Compare(a.Database+"\x00"+a.Name, b.Database+"\x00"+b.Name)
	})
	return list
}

func geometryColumnRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		for i := range t.Columns {
			k := &t.Columns[i]
			if k.Type.Kind != schemas.Geometry {
				continue
			}
			name, srid := txn.Null(), txn.Null()
			if k.Type.SRID != 0 || k.Type.SRIDGiven {
				system, _ := geometry.LookupSystem(k.Type.SRID)
				name, srid = text(system.Name), txn.Int(int64(k.Type.SRID))
			}
			if err := row([]txn.Value{text("def"), text(t.Database), text(t.Name), text(k.Name), name, srid, text(k.Type.Name())}); err != nil {
				return err
			}
		}
		return nil
	})
}

// threadRows is performance_schema.threads: the connections, whose threads have no numbers of the system's.
func threadRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	columns := lookupVirtual("performance_schema", "threads").Columns
	for _, p := range server(e).Processes() {
		host, _, _ := strings.Cut(p.Host, ":")
		known := map[string]txn.Value{"THREAD_ID": unsigned(p.ID), "NAME": text("thread/sql/one_connection"), "TYPE": text("FOREGROUND"),
			"PROCESSLIST_ID": unsigned(p.ID), "PROCESSLIST_USER": text(p.User), "PROCESSLIST_HOST": text(host),
			"PROCESSLIST_DB": optional(p.Database), "PROCESSLIST_COMMAND": text(p.Command), "PROCESSLIST_TIME": txn.Int(p.Seconds),
			"PROCESSLIST_STATE": optional(p.State), "PROCESSLIST_INFO": optional(p.Info), "INSTRUMENTED": text("NO"), "HISTORY": text("NO"),
			"EXECUTION_ENGINE": text("PRIMARY"), "CONNECTION_TYPE": optional(p.Transport), "CONTROLLED_MEMORY": count(0), "MAX_CONTROLLED_MEMORY": count(0),
			"TOTAL_MEMORY": count(0), "MAX_TOTAL_MEMORY": count(0), "TELEMETRY_ACTIVE": text("NO")}
		values := make([]txn.Value, len(columns))
		for i := range columns {
			values[i] = known[columns[i].Name]
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return nil
}

func referenceSystemRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, s := range geometry.Systems() {
		organization, number := txn.Null(), txn.Null()
		if s.SRID != 0 {
			organization, number = text("EPSG"), txn.Int(int64(s.SRID))
		}
		if err := row([]txn.Value{text(s.Name), txn.Int(int64(s.SRID)), organization, number, text(s.Definition), txn.Null()}); err != nil {
			return err
		}
	}
	return nil
}

func lengthUnitRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	units := expression.LengthUnits()
	for _, name := range slices.Sorted(maps.Keys(units)) {
		if err := row([]txn.Value{text(name), text("LINEAR"), txn.Real(units[name]), text("")}); err != nil {
			return err
		}
	}
	return nil
}
