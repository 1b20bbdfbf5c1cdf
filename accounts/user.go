package accounts

import (
	"encoding/json"
	"fmt"
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// MySQL's codes for accounts that go-mysql has no name for.
const (
	errCannotUser       = 1396
	errPluginMissing    = 1524
	errWrongValue       = 1525
	errBadHash          = 1827
	errMissingAccount   = 3162
	errKnownAccount     = 3163
	errHistory          = 3638
	errIncorrectCurrent = 3891
	errCurrentNeeded    = 3892
	errCurrentOfOthers  = 3893
	errSecondaryEmpty   = 3878
	errBadAttribute     = 3982
	errDefinerOf        = 4006
)

// authentication is what IDENTIFIED … says of one account.
type authentication struct {
	account  Name
	given    bool
	plugin   string
	password *string
	hash     *string
	random   bool
	replace  *string
	retain   bool
	discard  bool
}

// userOptions are the options behind the accounts; each is applied to all of them.
type userOptions struct {
	tls     *TLS
	changes []func(a *Account, w *work) error
	roles   *[]Name
	all     bool // DEFAULT ROLE ALL
	any     bool // something was given
}

// authenticated reads an account and its IDENTIFIED …; only ALTER USER knows of passwords that are there.
func (r *reader) authenticated(alters bool) authentication {
	a := authentication{account: r.account()}
	switch {
	case r.accept("IDENTIFIED"):
		a.given = true
		if r.accept("WITH") {
			w := r.peek(0)
			if r.end() {
				r.wrong()
			}
			r.at++
			a.plugin = w.text
		}
		r.credentials(&a)
		if alters {
			r.replaced(&a)
		}
	case alters && r.accept("DISCARD", "OLD", "PASSWORD"):
		a.discard = true
	}
	return a
}

func (r *reader) credentials(a *authentication) {
	switch {
	case r.accept("BY", "RANDOM", "PASSWORD"):
		a.random = true
	case r.accept("BY"):
		p := r.str()
		a.password = &p
	case a.plugin != "" && r.accept("AS"):
		w := r.peek(0)
		if w.quoted == 0 && strings.HasPrefix(strings.ToLower(w.text), "0x") { // hexadecimal, as SHOW CREATE USER can print it
			r.at++
			p := unhex(w.text[2:])
			a.hash = &p
		} else {
			p := r.str()
			a.hash = &p
		}
	case a.plugin == "":
		r.wrong()
	}
}

// replaced reads what becomes of the password that is there.
func (r *reader) replaced(a *authentication) {
	if r.accept("REPLACE") {
		p := r.str()
		a.replace = &p
	}
	a.retain = r.accept("RETAIN", "CURRENT", "PASSWORD")
}

func unhex(text string) string {
	b := make([]byte, len(text)/2)
	if _, err := fmt.Sscanf(text, "%x", &b); err != nil {
		return ""
	}
	return string(b)
}

func (r *reader) createUser() *Statement {
	lenient := r.accept("IF", "NOT", "EXISTS")
	var users []authentication
	r.list(func() { users = append(users, r.authenticated(false)) })
	r.logs(map[bool]string{true: "CREATE USER IF NOT EXISTS", false: "CREATE USER"}[lenient], users, true)
	o := r.userOptions()
	return &Statement{run: func(w *work) error { return w.createUsers(users, o, lenient) }}
}

func (w *work) createUsers(users []authentication, o *userOptions, lenient bool) error {
	if err := w.needs(CreateUser, "CREATE USER"); err != nil {
		return err
	}
	var failed []string
	for _, u := range users {
		if w.find(u.account) != nil {
			if lenient {
				w.warn(mysqlerr.Newf(errKnownAccount, "Authorization ID %s already exists.", u.account.Quoted()))
				continue
			}
			failed = append(failed, u.account.Quoted())
			continue
		}
		a := w.put(&Account{Name: u.account, Plugin: CachingSHA2, Dynamic: map[string]bool{}})
		if err := w.authenticate(a, &u); err != nil {
			return err
		}
		if err := o.apply(a, w); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return cannot("CREATE USER", failed, "(User account already exists)")
	}
	w.generated()
	return nil
}

// generated gives the random passwords their columns.
func (w *work) generated() {
	if len(w.out.Rows) > 0 {
		w.out.Columns = []string{"user", "host", "generated password", "auth_factor"}
	}
}

// cannot is error 1396 for the accounts that are meant.
func cannot(what string, accounts []string, why string) error {
	text := fmt.Sprintf("Operation %s failed for %s", what, strings.Join(accounts, ","))
	if why != "" {
		text += " " + why
	}
	return mysqlerr.Newf(errCannotUser, "%s", text)
}

// authenticate gives an account its plugin and verifier.
func (w *work) authenticate(a *Account, u *authentication) error {
	if !u.given {
		a.Password.ChangedUS = w.Now.UnixMicro()
		return nil
	}
	plugin := u.plugin
	switch strings.ToLower(plugin) {
	case "":
		plugin = a.Plugin
		if plugin == Socket {
			plugin = CachingSHA2
		}
	case CachingSHA2, NativePassword, Socket:
		plugin = strings.ToLower(plugin)
	default:
		return mysqlerr.Newf(errPluginMissing, "Plugin '%s' is not loaded", plugin)
	}
	old, oldPlugin := a.Verifier, a.Plugin
	var verifier []byte
	var err error
	switch {
	case u.random:
		var password string
		if password, err = RandomPassword(w.Random); err == nil {
			w.out.Rows = append(w.out.Rows, []string{a.User, a.Host, password, "1"})
			verifier, err = Verifier(plugin, password, w.Random)
		}
	case u.password != nil:
		if err = w.history(a, plugin, *u.password); err == nil {
			verifier, err = Verifier(plugin, *u.password, w.Random)
		}
	case u.hash != nil:
		verifier = []byte(*u.hash)
		if CheckHash(plugin, verifier) != nil {
			err = mysqlerr.Newf(errBadHash, "The password hash doesn't have the expected format.")
		}
	}
	if err != nil {
		return err
	}
	p := &a.Password
	p.Secondary, p.SecondaryKind = nil, ""
	if u.retain {
		if len(verifier) == 0 || len(old) == 0 {
			return mysqlerr.Newf(errSecondaryEmpty, "Empty password can not be retained as second password for user '%s'@'%s'.", a.User, a.Host)
		}
		p.Secondary, p.SecondaryKind = old, oldPlugin
	}
	a.Plugin, a.Verifier = plugin, verifier
	p.ChangedUS, p.Expired = w.Now.UnixMicro(), false
	w.remember(a)
	return nil
}

// history refuses a password that PASSWORD HISTORY or REUSE INTERVAL forbids.
func (w *work) history(a *Account, plugin, password string) error {
	p := &a.Password
	if password == "" || p.History == nil && p.ReuseDays == nil {
		return nil
	}
	for i, old := range p.Old {
		recent := p.History != nil && int64(i) < *p.History
		young := p.ReuseDays != nil && *p.ReuseDays > 0 && old.AtUS > w.Now.AddDate(0, 0, -int(*p.ReuseDays)).UnixMicro()
		if ok, err := Check(plugin, old.Verifier, password); (recent || young) && err == nil && ok {
			return mysqlerr.Newf(errHistory, "Cannot use these credentials for '%s' because they contradict the password history policy", a.Plain())
		}
	}
	return nil
}

// maxOldPasswords bounds what is remembered of an account's passwords.
const maxOldPasswords = 1000

// remember adds the account's verifier to its history.
func (w *work) remember(a *Account) {
	p := &a.Password
	if len(a.Verifier) == 0 || p.History == nil && p.ReuseDays == nil {
		p.Old = nil
		return
	}
	p.Old = append([]OldPassword{{Verifier: a.Verifier, AtUS: w.Now.UnixMicro()}}, p.Old...)
	if len(p.Old) > maxOldPasswords {
		p.Old = p.Old[:maxOldPasswords]
	}
}

func (r *reader) alterUser() *Statement {
	lenient := r.accept("IF", "EXISTS")
	own := r.is("USER", "(")
	var users []authentication
	r.list(func() { users = append(users, r.authenticated(true)) })
	if own && !users[0].given && !users[0].discard && r.err == nil {
		r.wrong() // USER() takes IDENTIFIED only
	}
	r.logs(map[bool]string{true: "ALTER USER IF EXISTS", false: "ALTER USER"}[lenient], users, false)
	o := &userOptions{}
	if !own {
		o = r.userOptions()
	}
	self := len(users) == 1 && users[0].account == r.current && !o.any && (users[0].given || users[0].discard)
	return &Statement{Expired: self && users[0].given, run: func(w *work) error { return w.alterUsers(users, o, lenient) }}
}

func (w *work) alterUsers(users []authentication, o *userOptions, lenient bool) error {
	for _, u := range users {
		if u.account == w.Who.Name && !o.any {
			continue
		}
		if err := w.needs(CreateUser, "CREATE USER"); err != nil {
			return err
		}
		if err := w.guards(w.find(u.account)); err != nil {
			return err
		}
	}
	var failed []string
	for _, u := range users {
		a := w.edit(u.account)
		if a == nil {
			if lenient {
				w.warn(mysqlerr.Newf(errMissingAccount, "Authorization ID %s does not exist.", u.account.Quoted()))
				continue
			}
			failed = append(failed, u.account.Quoted())
			continue
		}
		if err := w.alterUser(a, &u, o); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return cannot("ALTER USER", failed, "(User account does not exist)")
	}
	w.generated()
	return nil
}

func (w *work) alterUser(a *Account, u *authentication, o *userOptions) error {
	if u.discard || u.retain {
		if err := w.needs(CreateUser, "CREATE USER or APPLICATION_PASSWORD_ADMIN", "APPLICATION_PASSWORD_ADMIN"); err != nil {
			return err
		}
	}
	if u.discard {
		a.Password.Secondary, a.Password.SecondaryKind = nil, ""
	}
	if err := w.current(a, u.replace, u.given && u.hash == nil); err != nil {
		return err
	}
	if u.given {
		if err := w.authenticate(a, u); err != nil {
			return err
		}
		w.out.Password = w.out.Password || a.Name == w.Who.Name
	}
	return o.apply(a, w)
}

// current checks REPLACE, and that it is there where the policy asks for it.
func (w *work) current(a *Account, replace *string, changes bool) error {
	own := a.Name == w.Who.Name
	switch {
	case replace != nil && !own:
		return mysqlerr.Newf(errCurrentOfOthers, "Do not specify the current password while changing it for other users.")
	case replace != nil:
		if ok, err := Check(a.Plugin, a.Verifier, *replace); err != nil || !ok {
			return mysqlerr.Newf(errIncorrectCurrent, "Incorrect current password. Specify the correct password which has to be replaced.")
		}
	case changes && own && a.Password.RequireOld != nil && *a.Password.RequireOld && w.Set.global&CreateUser == 0 && len(a.Verifier) > 0:
		return mysqlerr.Newf(errCurrentNeeded, "Current password needs to be specified in the REPLACE clause in order to change it.")
	}
	return nil
}

// dropAccounts reads DROP USER and DROP ROLE.
func (r *reader) dropAccounts(what string, p Privilege, verb string) *Statement {
	lenient := r.accept("IF", "EXISTS")
	names := r.accounts()
	return &Statement{run: func(w *work) error {
		if err := w.needs(p, verb); err != nil {
			return err
		}
		return w.dropNames(what, names, lenient)
	}}
}

func (w *work) dropNames(what string, names []Name, lenient bool) error {
	var failed []string
	for _, n := range names {
		a := w.find(n)
		switch {
		case a != nil:
			if err := w.guards(a); err != nil {
				return err
			}
			if w.Definer != nil {
				if kind := w.Definer(n); kind != "" {
					text := fmt.Sprintf("Operation %s failed for %s as it is referenced as a definer account in a %s.", what, n.Quoted(), kind)
					if w.Set.global&Super == 0 && !w.Set.Dynamic("ALLOW_NONEXISTENT_DEFINER") {
						return mysqlerr.Newf(errDefinerOf, "%s", text)
					}
					w.warn(mysqlerr.Newf(4005, "User %s is referenced as a definer account in a %s.", n.Quoted(), kind))
				}
			}
			w.remove(n)
		case lenient:
			w.warn(mysqlerr.Newf(errMissingAccount, "Authorization ID %s does not exist.", n.Quoted()))
		default:
			failed = append(failed, n.Quoted())
		}
	}
	if len(failed) > 0 {
		return cannot(what, failed, "(User account does not exist)")
	}
	w.forget(names)
	return nil
}

// forget takes dropped accounts out of the grants of others.
func (w *work) forget(names []Name) {
	gone := map[Name]bool{}
	for _, n := range names {
		gone[n] = true
	}
	for _, other := range w.Directory.list {
		if gone[other.Name] || !refersTo(other, gone) {
			continue
		}
		a := w.edit(other.Name)
		a.dropRoles(func(n Name) bool { return gone[n] })
	}
}

func refersTo(a *Account, names map[Name]bool) bool {
	for _, g := range a.Roles {
		if names[g.Role] {
			return true
		}
	}
	for _, n := range a.Default {
		if names[n] {
			return true
		}
	}
	return false
}

func (r *reader) renameUser() *Statement {
	type rename struct{ from, to Name }
	var list []rename
	r.list(func() {
		from := r.account()
		r.expect("TO")
		list = append(list, rename{from, r.account()})
	})
	return &Statement{run: func(w *work) error {
		if err := w.needs(CreateUser, "CREATE USER"); err != nil {
			return err
		}
		var failed []string
		for _, x := range list {
			a := w.find(x.from)
			if err := w.guards(a); err != nil {
				return err
			}
			if a == nil || w.find(x.to) != nil {
				failed = append(failed, x.from.Quoted())
				continue
			}
			w.rename(a, x.to)
		}
		if len(failed) > 0 {
			return cannot("RENAME USER", failed, "")
		}
		return nil
	}}
}

// rename gives an account another name, in the grants of others too.
func (w *work) rename(a *Account, to Name) {
	from := a.Name
	c := a.clone()
	c.Name = to
	w.put(c)
	w.remove(from)
	gone := map[Name]bool{from: true}
	for _, other := range w.Directory.list {
		if other.Name == from || !refersTo(other, gone) {
			continue
		}
		b := w.edit(other.Name)
		for i := range b.Roles {
			if b.Roles[i].Role == from {
				b.Roles[i].Role = to
			}
		}
		for i := range b.Default {
			if b.Default[i] == from {
				b.Default[i] = to
			}
		}
	}
}

func (r *reader) setPassword() *Statement {
	u := authentication{account: r.current, given: true}
	if r.accept("FOR") {
		u.account = r.account()
	}
	if r.accept("TO", "RANDOM") {
		u.random = true
	} else {
		r.expect("=")
		p := r.str()
		u.password = &p
	}
	r.replaced(&u)
	r.logs("ALTER USER", []authentication{u}, false)
	return &Statement{Expired: u.account == r.current, run: func(w *work) error {
		if u.account != w.Who.Name {
			if w.Set.Database("mysql")&Update == 0 {
				return databaseDenied(&Need{Database: "mysql"}, w.Who)
			}
			if err := w.guards(w.find(u.account)); err != nil {
				return err
			}
		}
		a := w.edit(u.account)
		if a == nil {
			return mysqlerr.New(mysql.ER_PASSWORD_NO_MATCH)
		}
		err := w.alterUser(a, &u, &userOptions{})
		w.generated()
		return err
	}}
}

// mergeAttributes joins new attributes into the old ones, as JSON_MERGE_PATCH does at the top level.
func mergeAttributes(old json.RawMessage, patch string) (json.RawMessage, error) {
	merged, change := map[string]any{}, map[string]any{}
	if len(old) > 0 {
		if err := json.Unmarshal(old, &merged); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal([]byte(patch), &change); err != nil || change == nil {
		return nil, mysqlerr.Newf(errBadAttribute, "The user attribute must be a valid JSON object")
	}
	for k, v := range change {
		if v == nil {
			delete(merged, k)
		} else {
			merged[k] = v
		}
	}
	if len(merged) == 0 {
		return nil, nil
	}
	return json.Marshal(merged)
}
