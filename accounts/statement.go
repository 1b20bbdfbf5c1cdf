package accounts

import (
	"io"
	"slices"
	"time"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Statement is a statement on accounts, parsed.
type Statement struct {
	// Reads: it changes no account and ends no transaction (SHOW GRANTS, SET ROLE, …).
	Reads bool
	// Expired: it is for sessions too whose password has expired.
	Expired bool

	run     func(w *work) error
	plain   string // as the client wrote it; empty: nobody did
	logged  logged
	options Options
}

// Work is what a statement is worked out on.
type Work struct {
	Directory *Directory
	Set       *Set
	Who       Who
	Now       time.Time
	Random    io.Reader
	Database  string // default database, or empty
	Mandatory []Name // roles that everybody has
	// Login returns what SET ROLE DEFAULT makes active.
	Login func(a *Account) []Name
	// Columns lists the columns of a table or view; false if it is not there.
	Columns func(database, table string) ([]string, bool)
	// Routine reports whether there is such a stored routine.
	Routine func(database, name string, function bool) bool
	// Definer tells what objects name the account as their definer, or "".
	Definer func(n Name) string
}

// Outcome is what became of a statement.
type Outcome struct {
	Changed  []*Account
	Removed  []Name
	Warnings []*mysqlerr.Error
	// Columns and Rows answer the client, if there are columns.
	Columns []string
	Rows    [][]string
	// Roles are the active roles from now on, if RolesSet.
	Roles    []Name
	RolesSet bool
	// Password: the session's own password was changed, and is no longer expired.
	Password bool
	// Text is the statement as the binary log has it, passwords as verifiers; empty of what no statement asked for.
	Text string
}

// Parse reads a statement of which Begins is true. It returns nil when it is none on accounts after all.
func Parse(text []byte, current Name, o Options) (*Statement, error) {
	r := &reader{text: text, words: split(text, o), options: o, current: current}
	st := r.statement()
	if st == nil {
		return nil, nil
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	st.plain, st.logged, st.options = string(text), r.logged, o
	return st, nil
}

func (r *reader) statement() *Statement {
	switch {
	case r.accept("CREATE", "USER"):
		return r.createUser()
	case r.accept("ALTER", "USER"):
		return r.alterUser()
	case r.accept("DROP", "USER"):
		return r.dropAccounts("DROP USER", CreateUser, "CREATE USER")
	case r.accept("RENAME", "USER"):
		return r.renameUser()
	case r.accept("SET", "PASSWORD"):
		return r.setPassword()
	case r.accept("CREATE", "ROLE"):
		return r.createRole()
	case r.accept("DROP", "ROLE"):
		return r.dropAccounts("DROP ROLE", CreateUser|DropRole, "CREATE USER, DROP ROLE")
	case r.accept("SET", "DEFAULT", "ROLE"):
		return r.setDefaultRole()
	case r.accept("SET", "ROLE"):
		return r.setRole()
	case r.accept("GRANT"):
		return r.grant()
	case r.accept("REVOKE"):
		return r.revoke()
	case r.accept("SHOW", "GRANTS"):
		return r.showGrants()
	case r.accept("SHOW", "CREATE", "USER"):
		return r.showCreateUser()
	}
	return nil
}

// Run works the statement out. It changes nothing: the outcome says what is to be changed.
func (st *Statement) Run(w Work) (*Outcome, error) {
	x := &work{Work: w, out: &Outcome{}, drafts: map[Name]*Account{}}
	if err := st.run(x); err != nil {
		return nil, err
	}
	for _, n := range x.order {
		if a := x.drafts[n]; a != nil {
			if a.unknown {
				return nil, mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "Account %s was written by a newer Marmot; change it there", n)
			}
			a.prune()
			x.out.Changed = append(x.out.Changed, a)
		}
	}
	x.out.Text = st.logged.text(x, st.plain, st.options)
	return x.out, nil
}

// work is one run of a statement.
type work struct {
	Work
	out    *Outcome
	drafts map[Name]*Account // accounts as the statement leaves them; nil: removed
	order  []Name
}

// find returns the account as it is so far, or nil.
func (w *work) find(n Name) *Account {
	if a, known := w.drafts[n]; known {
		return a
	}
	return w.Directory.Find(n)
}

// edit returns an account that may be changed, or nil.
func (w *work) edit(n Name) *Account {
	if a, known := w.drafts[n]; known {
		return a
	}
	a := w.Directory.Find(n)
	if a == nil {
		return nil
	}
	return w.put(a.clone())
}

// put adds a new state of an account.
func (w *work) put(a *Account) *Account {
	if !slices.Contains(w.order, a.Name) {
		w.order = append(w.order, a.Name)
	}
	w.drafts[a.Name] = a
	return a
}

func (w *work) remove(n Name) {
	w.drafts[n] = nil
	w.out.Removed = append(w.out.Removed, n)
}

func (w *work) warn(e *mysqlerr.Error) { w.out.Warnings = append(w.out.Warnings, e) }

// needs refuses the statement to those who hold none of p and of the dynamic privileges.
func (w *work) needs(p Privilege, verb string, dynamic ...string) error {
	return w.Set.checkServer(&Need{Kind: OnServer, Privileges: p, Verb: verb, Dynamic: dynamic}, w.Who)
}

// guards refuses to change an account with SYSTEM_USER to those without.
func (w *work) guards(a *Account) error {
	if a == nil || w.Set.Dynamic("SYSTEM_USER") {
		return nil
	}
	if _, system := a.Dynamic["SYSTEM_USER"]; system {
		return ServerDenied("SYSTEM_USER")
	}
	return nil
}
