package dialect

import (
	"fmt"
	"slices"
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

// systemContents says which tables of mysql, performance_schema and sys have rows besides those about accounts. What the others would
// tell of, instruments, statistics of statements and files, logs in tables, Marmot does not have: they are empty.
func systemContents() map[virtualKey]virtualRows {
	const my, ps, sys = "mysql", "performance_schema", "sys"
	m := map[virtualKey]virtualRows{
		{my, "gtid_executed"}:      executedRows,
		{my, "innodb_table_stats"}: tableStatisticRows,

		{ps, "users"}:               clientRows("users", func(p *Process) []string { return []string{p.User} }),
		{ps, "hosts"}:               clientRows("hosts", func(p *Process) []string { return []string{hostOf(p)} }),
		{ps, "accounts"}:            clientRows("accounts", func(p *Process) []string { return []string{p.User, hostOf(p)} }),
		{ps, "variables_info"}:      variableInfoRows,
		{ps, "variables_by_thread"}: ownThreadRows(func(s ServerInfo) []NameValue { return s.Variables("session") }),
		{ps, "status_by_thread"}:    ownThreadRows(ServerInfo.StatusValues),
		{ps, "log_status"}:          logStatusRows,
		{ps, "setup_consumers"}:     consumerRows,

		{sys, "version"}:                       systemVersionRows,
		{sys, "sys_config"}:                    systemConfigRows,
		{sys, "metrics"}:                       metricRows,
		{sys, "schema_object_overview"}:        objectOverviewRows,
		{sys, "schema_auto_increment_columns"}: autoIncrementRows,
		{sys, "schema_redundant_indexes"}:      redundantIndexRows,
		{sys, "x$schema_flattened_keys"}:       flattenedKeyRows,
	}
	for _, prefix := range []string{"", "x$"} {
		for _, name := range []string{"processlist", "session"} {
			m[virtualKey{sys, prefix + name}] = systemProcessRows(prefix + name)
		}
		m[virtualKey{sys, prefix + "user_summary"}] = summaryRows(prefix+"user_summary", "user", func(p *Process) string { return p.User })
		m[virtualKey{sys, prefix + "host_summary"}] = summaryRows(prefix+"host_summary", "host", hostOf)
	}
	return m
}

// hostOf is the host of a client without its port.
func hostOf(p *Process) string {
	if i := strings.LastIndexByte(p.Host, ':'); i > 0 {
		return p.Host[:i]
	}
	return p.Host
}

// clientGroup is how many connections there are of one kind.
type clientGroup struct {
	names []string
	of    []*Process
}

// clientGroups groups the connections by names.
func clientGroups(e Environment, names func(p *Process) []string) []*clientGroup {
	var list []*clientGroup
	processes := server(e).Processes()
	for i := range processes {
		p := &processes[i]
		n := names(p)
		at := slices.IndexFunc(list, func(g *clientGroup) bool { return slices.Equal(g.names, n) })
		if at < 0 {
			at, list = len(list), append(list, &clientGroup{names: n})
		}
		list[at].of = append(list[at].of, p)
	}
	slices.SortFunc(list, func(a, b *clientGroup) int { return slices.Compare(a.names, b.names) })
	return list
}

// clientRows is performance_schema.users and its like. Connections that have ended are not counted.
func clientRows(table string, names func(p *Process) []string) virtualRows {
	return func(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		for _, g := range clientGroups(e, names) {
			var values []txn.Value
			for _, n := range g.names {
				values = append(values, optional(n))
			}
			values = append(values, count(len(g.of)), count(len(g.of)), count(0), count(0))
			if err := row(values); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
		}
		return nil
	}
}

// ownThreadRows are the names and values of the session's own thread; other sessions' are their own.
func ownThreadRows(list func(s ServerInfo) []NameValue) virtualRows {
	return func(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		for _, v := range list(server(e)) {
			if err := row([]txn.Value{unsigned(e.ConnectionID()), text(v.Name), text(v.Value)}); err != nil {
				return err
			}
		}
		return nil
	}
}

func variableInfoRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, v := range server(e).Variables("global") {
		if err := row([]txn.Value{text(v.Name), text("COMPILED"), text(""), text("0"), text("0"), txn.Null(), txn.Null(), txn.Null()}); err != nil {
			return err
		}
	}
	return nil
}

// executedRows is mysql.gtid_executed: the positions of the log are the numbers of its GTIDs.
func executedRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	last := server(e).BinaryLog()
	if last == 0 {
		return nil
	}
	return row([]txn.Value{text(server(e).ClusterUUID().String()), count(1), unsigned(uint64(last)), text("")})
}

func logStatusRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	id, last, end := server(e).ClusterUUID().String(), uint64(server(e).BinaryLog()), binaryLogEnd(server(e))
	local := fmt.Sprintf(`{"gtid_executed": "%s:1-%d", "binary_log_file": "%s", "binary_log_position": %d}`, id, last, end.Name(), end.Offset)
	return row([]txn.Value{text(id), text(local), text(`{"channels": []}`), text(fmt.Sprintf(`{"InnoDB": {"LSN": %d, "LSN_checkpoint": %d}}`, last, last))})
}

// consumerRows is performance_schema.setup_consumers: nothing is instrumented.
func consumerRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for name := range strings.FieldsSeq(`events_stages_current events_stages_history events_stages_history_long events_statements_cpu
events_statements_current events_statements_history events_statements_history_long events_transactions_current events_transactions_history
events_transactions_history_long events_waits_current events_waits_history events_waits_history_long global_instrumentation
thread_instrumentation statements_digest`) {
		if err := row([]txn.Value{text(name), text("NO")}); err != nil {
			return err
		}
	}
	return nil
}

// tableStatisticRows is mysql.innodb_table_stats: how many rows the tables have, as far as is known without counting.
func tableStatisticRows(c *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return eachTable(c, func(t *schemas.Table) error {
		return row([]txn.Value{text(t.Database), text(t.Name), createdText(t.CreatedUS), txn.Int(server(e).TableRows(t)), count(1), count(len(t.Indexes))})
	})
}

// systemVersion is the version of the sys schema whose views these are like.
const systemVersion = "2.1.3"

func systemVersionRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	return row([]txn.Value{text(systemVersion), text(server(e).Version())})
}

// systemConfigRows is sys.sys_config with the values that MySQL begins with; nobody changes them.
func systemConfigRows(_ *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	for _, v := range []NameValue{{"diagnostics.allow_i_s_tables", "OFF"}, {"diagnostics.include_raw", "OFF"}, {"ps_thread_trx_info.max_length", "65535"},
		{"statement_performance_analyzer.limit", "100"}, {"statement_performance_analyzer.view", ""}, {"statement_truncate_len", "64"}} {
		if err := row([]txn.Value{text(v.Name), optional(v.Value), createdText(0), txn.Null()}); err != nil {
			return err
		}
	}
	return nil
}

func metricRows(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
	for _, v := range server(e).StatusValues() {
		if err := row([]txn.Value{text(strings.ToLower(v.Name)), text(v.Value), text("Global Status"), text("YES")}); err != nil {
			return err
		}
	}
	return nil
}

// statementLength is how much of a statement sys.processlist shows (statement_truncate_len).
const statementLength = 64

// shortStatement is a statement as sys.format_statement shows it.
func shortStatement(sql string) string {
	runes := []rune(strings.ReplaceAll(sql, "\n", " "))
	if len(runes) <= statementLength {
		return string(runes)
	}
	half := statementLength/2 - 2
	return string(runes[:half]) + " ... " + string(runes[len(runes)-half:])
}

// systemProcessRows is sys.processlist and sys.session, which are the same here: all threads are clients'.
func systemProcessRows(table string) virtualRows {
	return func(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		v := lookupVirtual("sys", table)
		for _, p := range server(e).Processes() {
			statement := p.Info
			if !strings.HasPrefix(table, "x$") {
				statement = shortStatement(statement)
			}
			known := map[string]txn.Value{"thd_id": unsigned(p.ID), "conn_id": unsigned(p.ID), "user": text(p.User + "@" + hostOf(&p)),
				"db": optional(p.Database), "command": text(p.Command), "state": optional(p.State), "time": txn.Int(p.Seconds),
				"current_statement": optional(statement), "execution_engine": text("PRIMARY"), "full_scan": text("NO")}
			for _, a := range p.Attributes {
				switch a.Name {
				case "_pid":
					known["pid"] = text(a.Value)
				case "program_name":
					known["program_name"] = text(a.Value)
				}
			}
			if err := row(namedRow(v, known)); err != nil {
				return err
			}
		}
		return nil
	}
}

// summaryRows is sys.user_summary and sys.host_summary: only connections are counted.
func summaryRows(table, column string, name func(p *Process) string) virtualRows {
	return func(_ *schemas.Catalog, e Environment, row func([]txn.Value) error) error {
		v := lookupVirtual("sys", table)
		for _, g := range clientGroups(e, func(p *Process) []string { return []string{name(p)} }) {
			others := map[string]bool{}
			for _, p := range g.of {
				if column == "user" {
					others[hostOf(p)] = true
				} else {
					others[p.User] = true
				}
			}
			known := map[string]txn.Value{column: optional(g.names[0]), "current_connections": text(fmt.Sprint(len(g.of))),
				"total_connections": text(fmt.Sprint(len(g.of))), "unique_hosts": count(len(others)), "unique_users": count(len(others))}
			if err := row(namedRow(v, known)); err != nil {
				return err
			}
		}
		return nil
	}
}
