package session

import (
	"errors"
	"strings"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// rights are what the session's account may do, worked out once for a state of the accounts.
type rights struct {
	set       *accounts.Set
	directory *accounts.Directory
	roles     []accounts.Name // active
	expired   bool            // the password must be changed first
	// definer is the account in whose name a stored program runs, and nil set means the session's own.
	definer *accounts.Set
}

// setUpRights makes the roles active that a login begins with.
func (s *Session) setUpRights() {
	s.rights = rights{expired: s.info.Account.Expired}
	if a := s.engine.directory.get().Find(s.accountName()); a != nil {
		s.rights.roles = s.loginRoles(a)
	}
}

// accountName is the session's account.
func (s *Session) accountName() accounts.Name {
	return accounts.Name{User: s.info.Account.User, Host: s.info.Account.Host}
}

// isInternal reports whether the session is the node's own: it has no account, and may do everything.
func (s *Session) isInternal() bool { return s.info.Account.Host == "" }

// loginRoles are the roles that a login makes active: the default ones, or all.
func (s *Session) loginRoles(a *accounts.Account) []accounts.Name {
	g := s.engine.globals
	if g.isOn("activate_all_roles_on_login") {
		return s.engine.directory.get().Granted(a.Name, g.mandatoryRoles())
	}
	return a.Default
}

// Privileges is what the session may do: what the definer may while a stored program of SQL SECURITY DEFINER runs.
func (s *Session) Privileges() *accounts.Set {
	if s.rights.definer != nil {
		return s.rights.definer
	}
	if s.isInternal() {
		return s.engine.directory.everything
	}
	d := s.engine.directory.get()
	if s.rights.set == nil || !s.rights.set.All() {
		d = s.engine.directory.refresh() // what was granted or taken anywhere in the cluster counts as soon as it is decided here
	}
	if s.rights.set == nil || s.rights.directory != d {
		if d.Find(s.accountName()) == nil && !s.engine.directory.enforced.Load() {
			return s.engine.directory.everything
		}
		mandatory := s.engine.globals.mandatoryRoles()
		granted := d.Granted(s.accountName(), mandatory)
		active := make([]accounts.Name, 0, len(s.rights.roles))
		for _, r := range s.rights.roles { // one that was taken away is active no more
			for _, g := range granted {
				if g == r {
					active = append(active, r)
				}
			}
		}
		s.rights.directory, s.rights.roles, s.rights.set = d, active, d.Set(s.accountName(), active)
	}
	return s.rights.set
}

// who is the user as messages name it.
func (s *Session) who() accounts.Who {
	if d := s.rights.definer; d != nil {
		return accounts.Who{Name: d.Name, Host: d.Name.Host}
	}
	return accounts.Who{Name: s.accountName(), Host: s.info.Host, HasPassword: len(s.info.Account.Verifier) > 0}
}

// definerSet is what a definer, user@host, may do; nil for an account that is not there.
func (s *Session) definerSet(account string) *accounts.Set {
	if account == "" || account == "@" { // made by the node itself
		return s.engine.directory.everything
	}
	set := s.engine.directory.get().Definer(accounts.ParsePlain(account))
	if set == nil { // another node may have created it this moment
		set = s.engine.directory.refresh().Definer(accounts.ParsePlain(account))
	}
	if set == nil && !s.engine.directory.enforced.Load() {
		return s.engine.directory.everything
	}
	return set
}

// AsDefiner lets what follows run with the privileges of a definer, user@host, until restore is called: a stored program, trigger, event
// or view of SQL SECURITY DEFINER. CURRENT_USER() names the definer meanwhile. Error 1449: there is no such account.
func (s *Session) AsDefiner(account string) (restore func(), err error) {
	set := s.definerSet(account)
	if set == nil {
		n := accounts.ParsePlain(account)
		return nil, mysqlerr.New(mysql.ER_NO_SUCH_USER, n.User, n.Host)
	}
	saved := s.rights.definer
	s.rights.definer = set
	return func() { s.rights.definer = saved }, nil
}

// enterDefiner checks that the session may run a stored program, and lets what it holds run with the privileges that its SQL SECURITY says
// until restore is called.
func (s *Session) enterDefiner(p *schemas.Program) (restore func(), err error) {
	if s.isInternal() && s.rights.definer == nil {
		return func() {}, nil
	}
	called := p.Kind == schemas.Procedure || p.Kind == schemas.Function
	if set := s.Privileges(); called && !set.All() {
		if err := set.Check([]accounts.Need{callNeed(p)}, s.who(), s.definerSet); err != nil {
			return nil, err
		}
	}
	if called && strings.EqualFold(p.Security, "INVOKER") {
		return func() {}, nil
	}
	if restore, err = s.AsDefiner(p.Definer); err != nil || !called {
		return restore, err
	}
	if set := s.Privileges(); !set.All() { // the definer has to be one who may call it
		if err := set.Check([]accounts.Need{callNeed(p)}, s.who(), s.definerSet); err != nil {
			restore()
			return nil, err
		}
	}
	return restore, nil
}

// callNeed is what calling a routine needs.
func callNeed(p *schemas.Program) accounts.Need {
	return accounts.Need{Kind: accounts.OnRoutine, Privileges: accounts.Execute, Verb: string(p.Kind), Database: p.Database, Name: p.Name}
}

// authorize refuses a plan that needs more than the session may. It costs an account that may do everything two comparisons.
func (s *Session) authorize(p *dialect.Plan) error {
	if s.rights.expired {
		if err := s.refuseExpired(p); err != nil {
			return err
		}
	}
	if len(p.Needs) == 0 {
		return nil
	}
	set := s.Privileges()
	if set.All() && !p.ForDefiner {
		return nil
	}
	return set.Check(p.Needs, s.who(), s.definerSet)
}

// errMustReset is ER_MUST_CHANGE_PASSWORD.
const errMustReset = 1820

// refuseExpired lets a session whose password has expired do nothing but change it.
func (s *Session) refuseExpired(p *dialect.Plan) error {
	if _, ok := p.Command.(dialect.Set); ok {
		return nil
	}
	return errExpiredPassword()
}

func errExpiredPassword() error {
	return mysqlerr.Newf(errMustReset, "You must reset your password using ALTER USER statement before executing this statement.")
}

// hideFrom gives the error of a plan that was refused to an account that may not know what is there: it is planned once more, and the first
// name that the account has nothing to do with ends that.
func (s *Session) hideFrom(c *dialect.Context, r *run, refused error) error {
	set := s.Privileges()
	if set.All() {
		return refused
	}
	who := s.who()
	c.Hidden = func(database, table, verb string) error {
		if verb == "" {
			if verb = "SELECT"; set.SeesTable(database, table) {
				return nil
			}
		}
		return set.CheckVerb(database, table, verb, who)
	}
	c.Allowed = func(needs []accounts.Need) error { return set.Check(needs, who, s.definerSet) }
	var err error
	if r.prepared {
		_, err = s.engine.options.Planner.Prepare(c, r.text)
	} else {
		_, err = s.engine.options.Planner.Plan(c, r.text)
	}
	if err == nil {
		err = refused
	}
	if kind, name, found := strings.Cut(missingRoutine(err), " "); found {
		database, routine, _ := strings.Cut(name, ".")
		need := accounts.Need{Kind: accounts.OnRoutine, Privileges: accounts.Execute, Verb: kind, Database: database, Name: routine}
		if denied := set.Check([]accounts.Need{need}, who, s.definerSet); denied != nil {
			return denied
		}
	}
	return err
}

// missingRoutine names the routine that error 1305 is about: FUNCTION database.name.
func missingRoutine(err error) string {
	var e *mysqlerr.Error
	if !errors.As(err, &e) || e.Code != mysql.ER_SP_DOES_NOT_EXIST {
		return ""
	}
	name, found := strings.CutSuffix(e.Message, " does not exist")
	if !found || !strings.Contains(name, ".") {
		return ""
	}
	return name
}

// mayUse refuses a database in which the session may do nothing.
func (s *Session) mayUse(database string) error {
	if s.rights.expired {
		return errExpiredPassword()
	}
	if set := s.Privileges(); !set.SeesDatabase(database) {
		who := s.who()
		return mysqlerr.New(mysql.ER_DBACCESS_DENIED_ERROR, who.Name.User, who.Name.Host, database)
	}
	return nil
}

// mayAssign refuses variables that need a privilege.
func (s *Session) mayAssign(v *dialect.SetVariable) error {
	if v.Scope == "user" || v.Scope == "names" {
		return nil
	}
	set := s.Privileges()
	if set.Global()&accounts.Super != 0 || set.Dynamic("SYSTEM_VARIABLES_ADMIN") {
		return nil
	}
	switch v.Scope {
	case "global", "persist":
		return accounts.ServerDenied("SUPER or SYSTEM_VARIABLES_ADMIN")
	}
	switch strings.ToLower(v.Name) {
	case "sql_log_bin", "binlog_format", "binlog_row_image", "binlog_rows_query_log_events", "binlog_row_value_options", "pseudo_thread_id",
		"character_set_filesystem", "original_commit_timestamp", "immediate_server_version", "original_server_version",
		"transaction_write_set_extraction", "binlog_direct_non_transactional_updates", "bulk_insert_buffer_size", "histogram_generation_max_mem_size",
		"internal_tmp_mem_storage_engine", "session_track_gtids", "show_create_table_verbosity":
		if !set.Dynamic("SESSION_VARIABLES_ADMIN") {
			return accounts.ServerDenied("SUPER, SYSTEM_VARIABLES_ADMIN or SESSION_VARIABLES_ADMIN")
		}
	case "gtid_next", "pseudo_slave_mode", "pseudo_replica_mode":
		if !set.Dynamic("SESSION_VARIABLES_ADMIN") && !set.Dynamic("REPLICATION_APPLIER") {
			return accounts.ServerDenied("SUPER, SYSTEM_VARIABLES_ADMIN, SESSION_VARIABLES_ADMIN or REPLICATION_APPLIER")
		}
	}
	return nil
}

// Accounts are those of the cluster, for the catalog.
func (s *Session) Accounts() *accounts.Directory { return s.engine.directory.refresh() }

// Mandatory are the roles that everybody has.
func (s *Session) Mandatory() []accounts.Name { return s.engine.globals.mandatoryRoles() }

// CurrentRole is CURRENT_ROLE().
func (s *Session) CurrentRole() string { return accounts.JoinNames(s.Privileges().Roles) }
