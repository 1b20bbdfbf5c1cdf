package dialect

import (
	"strings"

	"marmot/accounts"
)

// show reads what a form of SHOW needs behind this word.
func (n *wordNeeds) show() {
	s := n.s
	s.accept("EXTENDED")
	s.accept("FULL")
	switch {
	case s.accept("TABLES"), s.accept("TABLE", "STATUS"), s.accept("TRIGGERS"):
		n.inDatabase(0)
	case s.accept("EVENTS"):
		n.inDatabase(accounts.Event)
	case s.accept("COLUMNS"), s.accept("FIELDS"), s.accept("INDEX"), s.accept("INDEXES"), s.accept("KEYS"):
		n.fromTable()
	case s.accept("CREATE"):
		n.showCreate()
	case s.is("ENGINE"):
		n.onServer(accounts.Process, "PROCESS")
	case s.is("BINARY", "LOG"), s.is("BINARY", "LOGS"), s.is("REPLICA", "STATUS"):
		n.onServer(accounts.Super|accounts.ReplicationClient, "SUPER, REPLICATION CLIENT")
	case s.is("REPLICAS"), s.is("BINLOG"), s.is("RELAYLOG"):
		n.onServer(accounts.ReplicationSlave, "REPLICATION SLAVE")
	}
}

// inDatabase reads an optional FROM database, in which the statement needs p or anything.
func (n *wordNeeds) inDatabase(p accounts.Privilege) {
	name, ok := n.s.from()
	if !ok {
		name = n.c.Database
	}
	if name == "" || n.c.Catalog.Database(name) == nil && !isVirtualDatabase(name) {
		return
	}
	if p != 0 {
		n.onDatabase(name, p)
		return
	}
	n.add(accounts.Need{Kind: accounts.AnyOnDatabase, Database: name})
}

// fromTable reads FROM table [FROM database].
func (n *wordNeeds) fromTable() {
	s := n.s
	if s.one("FROM", "IN") == "" {
		return
	}
	own := *n.c
	if own.Database == "" {
		own.Database = "\x00"
	}
	s.c = &own
	o := s.object()
	s.c = n.c
	if name, ok := s.from(); ok {
		o.Database = name
	}
	if o.Database != "\x00" {
		n.anyOn(o, "SELECT")
	}
}

// anyOn needs anything at all on a table.
func (n *wordNeeds) anyOn(o ObjectName, verb string) {
	n.add(accounts.Need{Kind: accounts.OneOnTable, Verb: verb, Database: o.Database, Name: o.Name})
}

func (n *wordNeeds) showCreate() {
	s := n.s
	switch {
	case s.accept("DATABASE"), s.accept("SCHEMA"):
		s.ifNotExists()
		n.add(accounts.Need{Kind: accounts.AnyOnDatabase, Database: s.name(), ClientHost: true})
	case s.is("TABLE"), s.is("VIEW"):
		view := s.accept("VIEW")
		s.accept("TABLE")
		o := s.object()
		if n.c.Catalog.View(o.Database, o.Name) != nil || view {
			n.onTable(o, accounts.Select)
			n.onTable(o, accounts.ShowView)
			return
		}
		n.add(accounts.Need{Kind: accounts.OneOnTable, Verb: "SHOW", Database: o.Database, Name: o.Name, TableOnly: true})
	case s.accept("EVENT"):
		n.onDatabase(s.object().Database, accounts.Event)
	}
}

// describe reads DESCRIBE table, or EXPLAIN of a statement, whose views must be shown to the one who asks.
func (n *wordNeeds) describe() {
	s := n.s
	if !s.explains() {
		n.anyOn(s.object(), "SELECT")
		return
	}
	for !s.end() && !s.is("(") {
		switch strings.ToUpper(s.raw(s.token())) {
		case "SELECT", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE", "TABLE", "VALUES":
			n.explained(s.rest())
			return
		}
		s.at++
	}
	n.explained(s.rest())
}

// explained adds what the statement behind EXPLAIN needs.
func (n *wordNeeds) explained(text string) {
	own := *n.c
	own.Mode &^= ANSIQuotes
	p, err := parse([]byte(text))
	if err != nil {
		return
	}
	plan, err := planStatement(&own, p, text, 0)
	if err != nil {
		return
	}
	for i := range plan.Needs {
		need := plan.Needs[i]
		n.add(need)
		if need.Definer == "" && need.View[1] == "" && n.c.Catalog.View(need.Database, need.Name) != nil {
			n.add(accounts.Need{Kind: accounts.OnTable, Privileges: accounts.ShowView, Database: need.Database, Name: need.Name, Explains: true})
		}
	}
}
