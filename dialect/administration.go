package dialect

import (
	"encoding/base64"
	"hash/crc32"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Errors of statements about the server.
const (
	errNoTablespace    = 3510
	errNoComponent     = 3537
	errNoResourceGroup = 3651
	errNoChannel       = 3074
	warnReplicaStopped = 3084
)

// planFlush plans FLUSH: there is nothing to flush, but a lock on tables is a promise. MySQL logs it, unless it is LOCAL or about the binary log.
func planFlush(c *Context, s *textReader) (*Plan, error) {
	local := s.one("LOCAL", "NO_WRITE_TO_BINLOG") != ""
	if s.one("TABLE", "TABLES") != "" {
		return planFlushTables(c, s, local)
	}
	var command Command = NoOperation{}
	s.commas(func() {
		if s.accept("USER_RESOURCES") {
			command = FlushResources{}
			return
		}
		switch s.one("LOGS", "PRIVILEGES", "STATUS", "OPTIMIZER_COSTS", "BINARY", "ENGINE", "ERROR", "GENERAL", "SLOW", "RELAY") {
		case "LOGS":
			local = true
		case "PRIVILEGES", "STATUS", "OPTIMIZER_COSTS":
		case "BINARY":
			local = true
			s.expect("LOGS")
		case "RELAY":
			s.expect("LOGS")
			s.channel()
		case "":
			s.wrong()
		default:
			s.expect("LOGS")
		}
	})
	p, err := commandPlan(s, command)
	if err != nil {
		return nil, err
	}
	p.Commits = true
	if !local {
		p.Logged = s.statementText()
	}
	return p, nil
}

// channel reads FOR CHANNEL; there is none but the one without a name.
func (s *textReader) channel() {
	if !s.accept("FOR", "CHANNEL") {
		return
	}
	if name := s.str(); name != "" && s.err == nil {
		s.fail(mysqlerr.Newf(errNoChannel, "Replica channel '%s' does not exist.", name))
	}
}

// planReset plans RESET behind this word.
func planReset(_ *Context, s *textReader) (*Plan, error) {
	switch {
	case s.accept("PERSIST"):
		r := ResetPersist{IfExists: s.ifExists()}
		if !s.end() || r.IfExists {
			r.Name = strings.ToLower(s.name())
			if s.accept(".") {
				r.Name += "." + strings.ToLower(s.anyName())
			}
		}
		return commandPlan(s, r)
	case s.accept("REPLICA"):
		s.accept("ALL")
		s.channel()
		if s.accept(",") {
			return planReset(nil, s) // a list, which ends with what is refused
		}
		return commandPlan(s, NoOperation{})
	case s.accept("BINARY", "LOGS", "AND", "GTIDS"):
		if s.accept("TO") {
			s.number()
		}
		if err := s.finish(); err != nil {
			return nil, err
		}
		return nil, unsupported("RESET BINARY LOGS AND GTIDS")
	}
	s.wrong()
	return nil, s.err
}

// planReplica plans START, STOP and CHANGE for a replica, which no node is.
func planReplica(verb string) rule {
	return func(_ *Context, s *textReader) (*Plan, error) {
		switch {
		case verb == "CHANGE" && s.accept("REPLICATION"):
			return nil, unsupported("CHANGE REPLICATION")
		case verb == "CHANGE" || !s.is("REPLICA") && !s.is("GROUP_REPLICATION"):
			s.wrong()
			return nil, s.err
		case s.accept("GROUP_REPLICATION"):
			return nil, unsupported(verb + " GROUP_REPLICATION")
		}
		s.at++
		if verb == "START" {
			return nil, mysqlerr.Newf(mysql.ER_BAD_SLAVE, "The server is not configured as replica; fix in config file or with CHANGE REPLICATION SOURCE TO")
		}
		for s.one("SQL_THREAD", "IO_THREAD") != "" {
			s.accept(",")
		}
		s.channel()
		p, err := commandPlan(s, NoOperation{})
		if err == nil {
			p.Warnings = append(p.Warnings, &mysqlerr.Error{Code: warnReplicaStopped, State: mysql.DEFAULT_MYSQL_STATE, Note: true,
				Message: "Replication thread(s) for channel '' are already stopped."})
		}
		return p, err
	}
}

// planPurge plans PURGE BINARY LOGS: the log of the cluster is no list of files.
func planPurge(_ *Context, s *textReader) (*Plan, error) {
	s.expect("BINARY", "LOGS")
	if s.accept("TO") {
		if s.str(); s.err == nil && s.end() {
			return nil, mysqlerr.New(mysql.ER_UNKNOWN_TARGET_BINLOG)
		}
	}
	if s.err == nil && !s.is("BEFORE") {
		s.wrong()
	}
	if s.err != nil {
		return nil, s.err
	}
	return nil, unsupported("PURGE BINARY LOGS BEFORE")
}

// planBinlog plans BINLOG: what is no event is refused by MySQL's words.
func planBinlog(_ *Context, s *textReader) (*Plan, error) {
	text := s.str()
	if err := s.finish(); err != nil {
		return nil, err
	}
	if text == "" {
		return nil, mysqlerr.New(mysql.ER_SYNTAX_ERROR)
	}
	if b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); err != nil || len(b) < 19 {
		return nil, mysqlerr.New(mysql.ER_BASE64_DECODE_ERROR)
	}
	return nil, unsupported("BINLOG")
}

// planUninstall plans UNINSTALL: nothing has been installed.
func planUninstall(_ *Context, s *textReader) (*Plan, error) {
	if s.accept("PLUGIN") {
		name := s.name()
		if err := s.finish(); err != nil {
			return nil, err
		}
		return nil, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "PLUGIN", name)
	}
	s.expect("COMPONENT")
	name := ""
	s.commas(func() {
		if urn := s.str(); name == "" {
			name = urn
		}
	})
	if err := s.finish(); err != nil {
		return nil, err
	}
	return nil, mysqlerr.Newf(errNoComponent, "Component specified by URN '%s' to unload has not been loaded before.", name)
}

// planHelp plans HELP: there are no help tables, so that nothing is found.
func planHelp(_ *Context, s *textReader) (*Plan, error) {
	if t := s.token(); t.kind == tokenString {
		s.str()
	} else {
		s.name()
	}
	p, err := commandPlan(s, NoOperation{Rows: [][]txn.Value{}})
	if err == nil {
		p.Columns = []ResultColumn{{Name: "name", Type: varcharType(64)}, {Name: "is_it_category", Type: varcharType(1)}}
	}
	return p, err
}

// planMissing plans ALTER and DROP of objects of which Marmot has none: the answer is MySQL's for one that is not there.
func planMissing(verb, what string) rule {
	return func(_ *Context, s *textReader) (*Plan, error) {
		quiet := false
		missing := func(e *mysqlerr.Error) (*Plan, error) {
			for !s.end() {
				s.at++
			}
			if s.err != nil {
				return nil, s.err
			}
			if quiet {
				return commandPlan(s, NoOperation{})
			}
			return nil, e
		}
		switch what {
		case "SERVER":
			quiet = verb == "DROP" && s.ifExists()
			return missing(mysqlerr.New(mysql.ER_FOREIGN_SERVER_DOESNT_EXIST, s.name()))
		case "TABLESPACE":
			return missing(mysqlerr.Newf(errNoTablespace, "Tablespace %s doesn't exist.", s.name()))
		case "LOGFILE":
			s.expect("GROUP")
			return missing(mysqlerr.New(mysql.ER_UNKNOWN_STORAGE_ENGINE, "ndb"))
		}
		return missing(mysqlerr.Newf(errNoResourceGroup, "Resource Group '%s' does not exist.", s.name()))
	}
}

// missingObject is the rule for ALTER and DROP of such an object, or nil.
func (s *textReader) missingObject(verb string) rule {
	switch {
	case s.accept("SERVER"):
		return planMissing(verb, "SERVER")
	case s.accept("TABLESPACE"), s.accept("UNDO", "TABLESPACE"):
		return planMissing(verb, "TABLESPACE")
	case s.accept("LOGFILE"):
		return planMissing(verb, "LOGFILE")
	case s.accept("RESOURCE", "GROUP"):
		return planMissing(verb, "RESOURCE")
	}
	return nil
}

// planChecksum plans CHECKSUM TABLE: a sum over the stored rows, whatever their order.
func planChecksum(c *Context, s *textReader) (*Plan, error) {
	if s.one("TABLE", "TABLES") == "" {
		s.wrong()
	}
	names := s.objects()
	quick := s.accept("QUICK")
	if !quick {
		s.accept("EXTENDED")
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	p := &Plan{Columns: []ResultColumn{{Name: "Table", Type: varcharType(128), Nullable: true},
		{Name: "Checksum", Type: schemas.Type{Kind: schemas.BigInt, Length: 21}, Nullable: true}}}
	sums := make([]string, len(names))
	for i, o := range names {
		t := c.Catalog.Table(o.Database, o.Name)
		switch {
		case t != nil:
			p.Tables = append(p.Tables, t)
			p.Databases = append(p.Databases, t.DBID)
			if !quick {
				sums[i] = checksumSQL(t)
			}
		case c.Catalog.View(o.Database, o.Name) != nil:
			p.Warnings = append(p.Warnings, mysqlerr.New(mysql.ER_WRONG_OBJECT, o.Database, o.Name, "BASE TABLE"))
		case c.Catalog.Database(o.Database) == nil && !isVirtualDatabase(o.Database):
			p.Warnings = append(p.Warnings, mysqlerr.New(mysql.ER_BAD_DB_ERROR, o.Database))
		default:
			p.Warnings = append(p.Warnings, mysqlerr.New(mysql.ER_NO_SUCH_TABLE, o.Database, o.Name))
		}
	}
	p.Query = &Query{run: func(x Executor, _ Environment, _ Binding, row func([]txn.Value) error) error {
		for i, o := range names {
			out := []txn.Value{text(o.Database + "." + o.Name), txn.Null()}
			if sums[i] != "" {
				err := x.Query(sums[i], nil, func(values []txn.Value) error { out[1] = values[0].Clone(); return nil })
				if err != nil {
					return sqlError(err)
				}
			}
			if err := row(out); err != nil {
				return err
			}
		}
		return nil
	}}
	return p, nil
}

// rowSum is marmot_row_sum(value, …): a sum over the bytes of a row.
func rowSum(args []txn.Value) (txn.Value, error) {
	return txn.Int(int64(crc32.ChecksumIEEE(expression.AppendRowText(nil, args)))), nil
}

// checksumSQL sums the rows of a table up.
func checksumSQL(t *schemas.Table) string {
	var list []string
	for _, i := range t.VisibleColumns() {
		list = append(list, schemas.QuoteSQLite(t.Columns[i].Name))
	}
	return "SELECT coalesce(sum(marmot_row_sum(" + strings.Join(list, ", ") + ")), 0) % 4294967296 FROM " + tableSQL(t)
}
