package dialect

import (
	_ "embed"
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

//go:embed catalog/privileges.tsv
var privilegeTable string // privilege, context, comment: those of SHOW PRIVILEGES that Marmot's accounts have

// listings are the forms of SHOW that take LIKE and WHERE, with the columns that MySQL gives them.
func listings() []*listing {
	return append(catalogListings(), serverListings()...)
}

// emptyRows is a listing of what Marmot does not have.
func emptyRows(*schemas.Catalog, Environment, ObjectName, func([]txn.Value) error) error { return nil }

const routineColumns = "Db varchar(64)!, Name varchar(64)!, Type varchar(9)!, Language varchar(64)!, Definer varchar(288)!, Modified timestamp!, " +
	"Created timestamp!, Security_type varchar(7)!, Comment text!, character_set_client varchar(64)!, collation_connection varchar(64)!, " +
	"'Database Collation' varchar(64)!"

func catalogListings() []*listing {
	const columns = "Field varchar(64), Type mediumtext!, Null varchar(3)!, Key varchar(3)!, Default text, Extra varchar(256)"
	return []*listing{
		{name: "databases", columns: "Database varchar(64)!", binary: true, rows: showDatabases},
		{name: "tables", columns: "Tables_in varchar(64)!", binary: true, rows: showTables},
		{name: "full_tables", columns: "Tables_in varchar(64)!, Table_type enum('BASE TABLE','VIEW','SYSTEM VIEW')!", binary: true, rows: showFullTables},
		{name: "table_status", binary: true, rows: showTableStatus,
			columns: "Name varchar(64)!, Engine varchar(64), Version int, Row_format enum('Fixed','Dynamic','Compressed','Redundant','Compact','Paged'), " +
				"Rows bigint unsigned, Avg_row_length bigint unsigned, Data_length bigint unsigned, Max_data_length bigint unsigned, " +
				"Index_length bigint unsigned, Data_free bigint unsigned, Auto_increment bigint unsigned, Create_time timestamp!, Update_time datetime, " +
				"Check_time datetime, Collation varchar(64), Checksum bigint, Create_options varchar(256), Comment text"},
		{name: "columns", columns: columns, rows: showColumns},
		{name: "full_columns", rows: showFullColumns,
			columns: "Field varchar(64), Type mediumtext!, Collation varchar(64), Null varchar(3)!, Key varchar(3)!, Default text, Extra varchar(256), " +
				"Privileges varchar(154), Comment text!"},
		{name: "index", like: 2, rows: showIndex,
			columns: "Table varchar(64)!, Non_unique int!, Key_name varchar(64), Seq_in_index int unsigned!, Column_name varchar(64), " +
				"Collation varchar(1), Cardinality bigint, Sub_part bigint, Packed varbinary(0), Null varchar(3)!, Index_type varchar(11)!, " +
				"Comment varchar(8)!, Index_comment varchar(2048)!, Visible varchar(3)!, Expression longtext"},
		{name: "triggers", rows: showTriggers, like: 2, binary: true,
			columns: "Trigger varchar(64)!, Event varchar(6)!, Table varchar(64)!, Statement longtext!, Timing varchar(6)!, Created timestamp(2)!, " +
				"sql_mode varchar(512)!, Definer varchar(288)!, character_set_client varchar(64)!, collation_connection varchar(64)!, " +
				"'Database Collation' varchar(64)!"},
		{name: "events", rows: showEvents, like: 1,
			columns: "Db varchar(64)!, Name varchar(64)!, Definer varchar(288)!, 'Time zone' varchar(64)!, Type varchar(9)!, 'Execute at' datetime, " +
				"'Interval value' varchar(256), 'Interval field' varchar(18), Starts datetime, Ends datetime, Status varchar(21)!, " +
				"Originator int unsigned!, character_set_client varchar(64)!, collation_connection varchar(64)!, 'Database Collation' varchar(64)!"},
		{name: "procedure_status", rows: showRoutines(schemas.Procedure), like: 1, columns: routineColumns},
		{name: "function_status", rows: showRoutines(schemas.Function), like: 1, columns: routineColumns},
		{name: "open_tables", rows: emptyRows, like: 1, columns: "Database varchar(64)!, Table varchar(64)!, In_use bigint!, Name_locked bigint!"},
	}
}

func serverListings() []*listing {
	const nameValue = "Variable_name varchar(64)!, Value varchar(1024)"
	const process = "Id bigint!, User varchar(32)!, Host varchar(255)!, db varchar(64), Command varchar(16)!, Time int!, State varchar(30), "
	return []*listing{
		{name: "session_variables", columns: nameValue, rows: showNameValues(func(s ServerInfo) []NameValue { return s.Variables("session") })},
		{name: "global_variables", columns: nameValue, rows: showNameValues(func(s ServerInfo) []NameValue { return s.Variables("global") })},
		{name: "status", columns: nameValue, rows: showNameValues(ServerInfo.StatusValues)},
		{name: "processlist", columns: process + "Info varchar(100)", rows: showProcesses(false)},
		{name: "full_processlist", columns: process + "Info longtext", rows: showProcesses(true)},
		{name: "engines", rows: virtualListing(engineRows),
			columns: "Engine varchar(64)!, Support varchar(8)!, Comment varchar(80)!, Transactions varchar(3), XA varchar(3), Savepoints varchar(3)"},
		{name: "charset", rows: showCharsets,
			columns: "Charset varchar(64)!, Description varchar(2048)!, 'Default collation' varchar(64)!, Maxlen int unsigned!"},
		{name: "collation", rows: virtualListing(collationRows),
			columns: "Collation varchar(64)!, Charset varchar(64)!, Id bigint unsigned!, Default varchar(3)!, Compiled varchar(3)!, " +
				"Sortlen int unsigned!, Pad_attribute enum('PAD SPACE','NO PAD')!"},
		{name: "plugins", rows: showPlugins,
			columns: "Name varchar(64)!, Status varchar(10)!, Type varchar(80)!, Library varchar(64), License varchar(80)"},
		{name: "privileges", columns: "Privilege varchar(10)!, Context varchar(15)!, Comment varchar(64)!", rows: showPrivileges},
		{name: "binary_log_status", rows: showBinaryLog,
			columns: "File varchar(512)!, Position bigint unsigned!, Binlog_Do_DB varchar(255)!, Binlog_Ignore_DB varchar(255)!, Executed_Gtid_Set text!"},
		{name: "binary_logs", columns: "Log_name varchar(255)!, File_size bigint unsigned!, Encrypted varchar(3)!", rows: showBinaryLogs},
	}
}

// virtualListing shows the rows of a virtual table.
func virtualListing(rows virtualRows) func(*schemas.Catalog, Environment, ObjectName, func([]txn.Value) error) error {
	return func(c *schemas.Catalog, e Environment, _ ObjectName, row func([]txn.Value) error) error {
		return rows(c, e, row)
	}
}

func showDatabases(c *schemas.Catalog, _ Environment, _ ObjectName, row func([]txn.Value) error) error {
	for _, d := range allDatabases(c) {
		if err := row([]txn.Value{text(d.Name)}); err != nil {
			return err
		}
	}
	return nil
}

// objectsOf lists tables, views and virtual tables of a database by name, with their kinds.
func objectsOf(c *schemas.Catalog, database string) [][2]string {
	var list [][2]string
	if d := c.Database(database); d != nil {
		for _, t := range d.SortedTables() {
			list = append(list, [2]string{t.Name, "BASE TABLE"})
		}
		for _, v := range d.SortedViews() {
			list = append(list, [2]string{v.Name, "VIEW"})
		}
	}
	for _, v := range virtualsOf(database) {
		list = append(list, [2]string{v.Name, v.kind()})
	}
	slices.SortFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

func showTables(c *schemas.Catalog, _ Environment, at ObjectName, row func([]txn.Value) error) error {
	for _, o := range objectsOf(c, at.Database) {
		if err := row([]txn.Value{text(o[0])}); err != nil {
			return err
		}
	}
	return nil
}

func showFullTables(c *schemas.Catalog, _ Environment, at ObjectName, row func([]txn.Value) error) error {
	for _, o := range objectsOf(c, at.Database) {
		if err := row([]txn.Value{text(o[0]), text(o[1])}); err != nil {
			return err
		}
	}
	return nil
}

func showTableStatus(c *schemas.Catalog, e Environment, at ObjectName, row func([]txn.Value) error) error {
	for _, o := range objectsOf(c, at.Database) {
		var status []txn.Value
		if v := lookupVirtual(at.Database, o[0]); v != nil {
			status = v.status()
		}
		if t := c.Table(at.Database, o[0]); t != nil {
			status = tableStatus(e, t)
		} else if v := c.View(at.Database, o[0]); v != nil {
			status = viewStatus(v)
		}
		if err := row(append([]txn.Value{text(o[0])}, status...)); err != nil {
			return err
		}
	}
	return nil
}

// columnsOf describes the columns of a table, view or virtual table.
func columnsOf(c *schemas.Catalog, e Environment, at ObjectName) []catalogColumn {
	if t := c.Table(at.Database, at.Name); t != nil {
		list := tableColumns(t, e.Zone())
		for i := range list {
			if t.Temporary() && list[i].extra == "" {
				list[i].extra = "NULL" // so MySQL shows temporary tables
			}
		}
		return list
	}
	if v := c.View(at.Database, at.Name); v != nil {
		return viewColumns(c, v)
	}
	if v := lookupVirtual(at.Database, at.Name); v != nil {
		return virtualColumns(v)
	}
	return nil
}

func showColumns(c *schemas.Catalog, e Environment, at ObjectName, row func([]txn.Value) error) error {
	for _, x := range columnsOf(c, e, at) {
		if err := row([]txn.Value{text(x.Name), text(x.Type.String()), yes(x.Nullable), text(x.key), x.shown, text(x.extra)}); err != nil {
			return err
		}
	}
	return nil
}

func showFullColumns(c *schemas.Catalog, e Environment, at ObjectName, row func([]txn.Value) error) error {
	for _, x := range columnsOf(c, e, at) {
		if err := row([]txn.Value{text(x.Name), text(x.Type.String()), optional(x.Type.Collation), yes(x.Nullable), text(x.key), x.shown,
			text(x.extra), text(columnPrivileges), text(x.Comment)}); err != nil {
			return err
		}
	}
	return nil
}

func showIndex(c *schemas.Catalog, e Environment, at ObjectName, row func([]txn.Value) error) error {
	t := c.Table(at.Database, at.Name)
	if t == nil {
		return nil
	}
	for _, ix := range allIndexes(t) {
		for _, r := range indexRows(e, t, ix) {
			if err := row([]txn.Value{text(t.Name), r.nonUnique, r.name, r.seq, r.column, r.collation, r.cardinality, r.prefix, txn.Null(),
				r.nullable, r.kind, text(""), r.comment, r.visible, r.expression}); err != nil {
				return err
			}
		}
	}
	return nil
}

func showNameValues(list func(ServerInfo) []NameValue) func(*schemas.Catalog, Environment, ObjectName, func([]txn.Value) error) error {
	return func(_ *schemas.Catalog, e Environment, _ ObjectName, row func([]txn.Value) error) error {
		return nameValueRows(list(server(e)), row)
	}
}

func showProcesses(full bool) func(*schemas.Catalog, Environment, ObjectName, func([]txn.Value) error) error {
	return func(_ *schemas.Catalog, e Environment, _ ObjectName, row func([]txn.Value) error) error {
		for _, p := range server(e).Processes() {
			if err := row(processRow(&p, full)); err != nil {
				return err
			}
		}
		return nil
	}
}

func showCharsets(_ *schemas.Catalog, _ Environment, _ ObjectName, row func([]txn.Value) error) error {
	for _, cs := range schemas.AllCharsets() {
		if err := row([]txn.Value{text(cs.Name), text(cs.Description), text(cs.DefaultCollation), count(cs.MaxLen)}); err != nil {
			return err
		}
	}
	return nil
}

func showPlugins(c *schemas.Catalog, e Environment, _ ObjectName, row func([]txn.Value) error) error {
	return pluginRows(c, e, func(v []txn.Value) error { return row([]txn.Value{v[0], v[2], v[3], txn.Null(), v[9]}) })
}

func showPrivileges(_ *schemas.Catalog, _ Environment, _ ObjectName, row func([]txn.Value) error) error {
	for line := range strings.Lines(privilegeTable) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if err := row([]txn.Value{text(f[0]), text(f[1]), text(f[2])}); err != nil {
			return err
		}
	}
	return nil
}

// executedSet is the GTID set of all that is published.
func executedSet(s ServerInfo) string {
	if p := s.BinaryLog(); p > 0 {
		return s.ClusterUUID().String() + ":1-" + p.String()
	}
	return ""
}

// binaryLogEnd is where the next transaction will be in the binary log.
func binaryLogEnd(s ServerInfo) txn.BinlogPlace {
	if p := s.BinaryLog(); p > 0 {
		return txn.EndOf(p)
	}
	return txn.PlaceOf(1)
}

func showBinaryLog(_ *schemas.Catalog, e Environment, _ ObjectName, row func([]txn.Value) error) error {
	s := server(e)
	end := binaryLogEnd(s)
	return row([]txn.Value{text(end.Name()), unsigned(end.Offset), text(""), text(""), text(executedSet(s))})
}

// showBinaryLogs lists the files that the log still has a part of.
func showBinaryLogs(_ *schemas.Catalog, e Environment, _ ObjectName, row func([]txn.Value) error) error {
	s := server(e)
	end := binaryLogEnd(s)
	first := end.File
	if l, ok := s.(interface{ BinaryLogFirst() txn.Position }); ok {
		if p := l.BinaryLogFirst(); p > 0 {
			first = min(txn.PlaceOf(p).File, end.File)
		}
	}
	for file := first; file <= end.File; file++ {
		place := txn.BinlogPlace{File: file}
		size := end.Offset
		if file < end.File {
			size = txn.EndOf(place.Last()).Offset
		}
		if err := row([]txn.Value{text(place.Name()), unsigned(size), text("No")}); err != nil {
			return err
		}
	}
	return nil
}
