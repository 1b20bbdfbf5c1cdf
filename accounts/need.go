package accounts

import (
	"strings"
	"time"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// epoch is the time of what has none.
var epoch = time.Unix(0, 0)

// NeedKind says what a need is about.
type NeedKind uint8

// The kinds of needs.
const (
	// OnTable: all of Privileges on a table, of which some may be held on the Columns only.
	OnTable NeedKind = iota
	// OneOnTable: one of Privileges on a table, or any at all if there are none; Verb is the error's word.
	OneOnTable
	// OnDatabase: all of Privileges on a database.
	OnDatabase
	// AnyOnDatabase: anything in a database.
	AnyOnDatabase
	// OnServer: one of Privileges on everything, or one of Dynamic; Verb is how the error names them. Without Verb it is error 1045.
	OnServer
	// OnRoutine: all of Privileges on a stored routine; Verb is FUNCTION or PROCEDURE.
	OnRoutine
)

// ColumnNeed is a privilege on a column of a table.
type ColumnNeed struct {
	Column    string
	Privilege Privilege
	// Whole: the statement names all columns at once, and the error is about the table.
	Whole bool
}

// Need is one thing that a statement needs.
type Need struct {
	Kind           NeedKind
	Privileges     Privilege
	Dynamic        []string
	Verb           string
	Database, Name string
	Columns        []ColumnNeed
	// Definer is the account, user@host, that must hold it in place of the session's; empty: the session's.
	Definer string
	// View is the view, database and name, through which the table is reached.
	View [2]string
	// Any, with Verb ANY: one of these, on the table and on each column, in place of what else the need says.
	Any Privilege
	// Shown is the table as the error names it, if not by Name.
	Shown string
	// TableOnly: what is held on columns only does not count.
	TableOnly bool
	// Explains: the error is that of EXPLAIN of a view.
	Explains bool
	// ClientHost: error 1044 names the client's host in place of the account's.
	ClientHost bool
}

// Who is the user as messages name it.
type Who struct {
	Name        Name   // account
	Host        string // the client's
	HasPassword bool
}

// Check compares a session's set with what a statement needs, and answers with MySQL's error for the first that is
// missing. What is about columns comes last. definer finds the sets of other accounts.
func (s *Set) Check(needs []Need, who Who, definer func(account string) *Set) error {
	for _, columns := range [...]bool{false, true} {
		for i := range needs {
			n := &needs[i]
			if s.all && n.Definer == "" {
				continue
			}
			if err := s.checkOne(n, who, definer, columns); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Set) checkOne(n *Need, who Who, definer func(string) *Set, columns bool) error {
	set := s
	if n.Definer != "" {
		if set = definer(n.Definer); set == nil {
			d := ParsePlain(n.Definer)
			if s.global&Super == 0 && !s.Dynamic("SET_ANY_DEFINER") {
				return AccessDenied(who)
			}
			return mysqlerr.New(mysql.ER_NO_SUCH_USER, d.User, d.Host)
		}
		if set.all {
			return nil
		}
	}
	var err error
	if columns {
		err = set.checkColumns(n, who)
	} else {
		err = set.checkNeed(n, who)
	}
	if err != nil && n.View[1] != "" {
		return mysqlerr.New(mysql.ER_VIEW_INVALID, n.View[0], n.View[1]).Wrap(err)
	}
	return err
}

// checkNeed is the part of a need that is not about columns.
func (s *Set) checkNeed(n *Need, who Who) error {
	switch n.Kind {
	case OnTable:
		return s.checkTable(n, who)
	case OneOnTable:
		held := s.Table(n.Database, n.Name)
		if !n.TableOnly {
			held |= s.anyColumn(n.Database, n.Name)
		}
		wanted := n.Privileges
		if wanted == 0 {
			wanted = AllTable
		}
		if held&wanted != 0 || IsWorldReadable(n.Database, n.Name) {
			return nil
		}
		return TableDenied(n.Verb, who, n.Name)
	case OnDatabase:
		if s.Database(n.Database)&n.Privileges != n.Privileges {
			return databaseDenied(n, who)
		}
	case AnyOnDatabase:
		if !s.SeesDatabase(n.Database) {
			return databaseDenied(n, who)
		}
	case OnServer:
		return s.checkServer(n, who)
	case OnRoutine:
		missing := n.Privileges &^ s.Routine(n.Database, n.Name, n.Verb == "FUNCTION")
		if missing != 0 {
			return mysqlerr.New(mysql.ER_PROCACCESS_DENIED_ERROR, strings.ToLower(missing.String()), who.Name.User, who.Name.Host, n.Database+"."+n.Name)
		}
	}
	return nil
}

func databaseDenied(n *Need, who Who) error {
	host := who.Name.Host
	if n.ClientHost {
		host = who.Host
	}
	return mysqlerr.New(mysql.ER_DBACCESS_DENIED_ERROR, who.Name.User, host, n.Database)
}

// TableDenied is error 1142.
func TableDenied(verb string, who Who, table string) error {
	return mysqlerr.New(mysql.ER_TABLEACCESS_DENIED_ERROR, verb, who.Name.User, who.Host, table)
}

func (s *Set) checkServer(n *Need, who Who) error {
	if n.Privileges&s.global != 0 {
		return nil
	}
	for _, d := range n.Dynamic {
		if s.Dynamic(d) {
			return nil
		}
	}
	if n.Verb == "" {
		return AccessDenied(who)
	}
	return ServerDenied(n.Verb)
}

// AccessDenied is error 1045 of somebody who is logged in.
func AccessDenied(who Who) error {
	using := "NO"
	if who.HasPassword {
		using = "YES"
	}
	return mysqlerr.New(mysql.ER_ACCESS_DENIED_ERROR, who.Name.User, who.Name.Host, using)
}

// ServerDenied is error 1227.
func ServerDenied(verb string) error {
	return mysqlerr.New(mysql.ER_SPECIFIC_ACCESS_DENIED_ERROR, verb)
}

// checkTable compares what is held on the table with what is wanted; columns can make up for what is missing.
func (s *Set) checkTable(n *Need, who Who) error {
	if n.Any != 0 {
		return s.checkAny(n, who)
	}
	missing := n.Privileges &^ s.Table(n.Database, n.Name)
	if missing == 0 {
		return nil
	}
	missing &^= s.anyColumn(n.Database, n.Name) & AllColumn
	if missing == 0 || missing == Select && IsWorldReadable(n.Database, n.Name) {
		return nil
	}
	verb := missing.String()
	if n.Verb != "" {
		verb = n.Verb
	}
	if n.Explains {
		return mysqlerr.New(mysql.ER_VIEW_NO_EXPLAIN)
	}
	table := n.Name
	if n.Shown != "" {
		table = n.Shown
	}
	return TableDenied(verb, who, table)
}

// checkAny is the check of a table that a view is made of.
func (s *Set) checkAny(n *Need, who Who) error {
	if (s.Table(n.Database, n.Name)|s.anyColumn(n.Database, n.Name))&n.Any != 0 || IsWorldReadable(n.Database, n.Name) {
		return nil
	}
	who.Host = who.Name.Host
	return TableDenied(n.Verb, who, n.Name)
}

// checkColumns looks at each column that is named.
func (s *Set) checkColumns(n *Need, who Who) error {
	if n.Kind != OnTable || len(n.Columns) == 0 {
		return nil
	}
	held := s.Table(n.Database, n.Name)
	for _, c := range n.Columns {
		if held&c.Privilege == c.Privilege || IsWorldReadable(n.Database, n.Name) {
			continue
		}
		held := s.Column(n.Database, n.Name, c.Column)
		if held&c.Privilege == c.Privilege || held&n.Any != 0 {
			continue
		}
		verb := c.Privilege.String()
		if n.Any != 0 {
			verb = n.Verb
		}
		if c.Whole {
			return TableDenied(verb, who, n.Name)
		}
		return mysqlerr.New(mysql.ER_COLUMNACCESS_DENIED_ERROR, verb, who.Name.User, who.Host, c.Column, n.Name)
	}
	return nil
}

// IsWorldReadable reports whether everybody may read a table of the catalog.
func IsWorldReadable(database, table string) bool {
	switch strings.ToLower(database) {
	case "information_schema":
		return true
	case "performance_schema":
		switch strings.ToLower(table) {
		case "global_variables", "session_variables", "global_status", "session_status", "session_account_connect_attrs", "processlist":
			return true
		}
	}
	return false
}

// CheckVerb refuses a table on which the set does not hold what the verb names, on all of it or on columns.
func (s *Set) CheckVerb(database, table, verb string, who Who) error {
	p := Privilege(0)
	for _, n := range names {
		for _, v := range strings.Split(verb, ", ") {
			if v == n.name {
				p |= n.privilege
			}
		}
	}
	return s.checkTable(&Need{Kind: OnTable, Privileges: p, Database: database, Name: table}, who)
}
