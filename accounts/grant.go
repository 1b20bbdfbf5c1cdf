package accounts

import (
	"slices"
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

const (
	errUnknownPrivilege = 1149
	errPrivilegeLevel   = 3619
	errGrantAs          = 3835
	errNoRoutineGrant   = 1403
)

// grantLevel is what a GRANT is on.
type grantLevel uint8

const (
	levelGlobal grantLevel = iota
	levelDatabase
	levelTable
	levelRoutine
)

// privilegeChange is GRANT or REVOKE of privileges.
type privilegeChange struct {
	privileges     Privilege
	all            bool // ALL
	dynamic        []string
	columns        map[string]Privilege // by name as written
	level          grantLevel
	database, name string
	function       bool
	users          []Name
	grantable      bool // WITH GRANT OPTION
	revoke         bool
	lenient        bool // IF EXISTS
	ignoreAbsent   bool // IGNORE UNKNOWN USER
	as             bool // AS user
}

func (r *reader) grant() *Statement {
	switch {
	case r.accept("PROXY", "ON"):
		return r.proxy(false)
	case !r.comesOn():
		c := &roleChange{}
		r.list(func() { c.roles = append(c.roles, r.named()) })
		r.expect("TO")
		c.users = r.accounts()
		if r.accept("WITH") {
			r.expect("ADMIN", "OPTION")
			c.admin = true
		}
		return &Statement{run: func(w *work) error { return w.grantRoles(c) }}
	}
	c := r.privileges()
	r.expect("TO")
	c.users = r.accounts()
	if r.accept("WITH") {
		r.expect("GRANT", "OPTION")
		c.grantable = true
	}
	if r.accept("AS") {
		c.as = true
		r.account()
		if r.accept("WITH", "ROLE") {
			r.setRole()
		}
	}
	return &Statement{run: func(w *work) error { return w.changePrivileges(c) }}
}

func (r *reader) revoke() *Statement {
	lenient := r.accept("IF", "EXISTS")
	switch {
	case r.is("ALL", "PRIVILEGES", ",", "GRANT", "OPTION"), r.is("ALL", ",", "GRANT", "OPTION"):
		for !r.accept(",") {
			r.at++
		}
		r.expect("GRANT", "OPTION", "FROM")
		users := r.accounts()
		ignore := r.accept("IGNORE", "UNKNOWN", "USER")
		return &Statement{run: func(w *work) error { return w.revokeAll(users, lenient, ignore) }}
	case r.accept("PROXY", "ON"):
		return r.proxy(true)
	case !r.comesOn():
		c := &roleChange{lenient: lenient}
		r.list(func() { c.roles = append(c.roles, r.named()) })
		r.expect("FROM")
		c.users = r.accounts()
		c.ignoreAbsent = r.accept("IGNORE", "UNKNOWN", "USER")
		return &Statement{run: func(w *work) error { return w.revokeRoles(c) }}
	}
	c := r.privileges()
	c.revoke, c.lenient = true, lenient
	r.expect("FROM")
	c.users = r.accounts()
	c.ignoreAbsent = r.accept("IGNORE", "UNKNOWN", "USER")
	return &Statement{run: func(w *work) error { return w.changePrivileges(c) }}
}

// comesOn reports whether ON comes before TO and FROM: privileges are meant, not roles.
func (r *reader) comesOn() bool {
	for _, w := range r.words[min(r.at, len(r.words)):] {
		if w.quoted != 0 {
			continue
		}
		switch strings.ToUpper(w.text) {
		case "ON":
			return true
		case "TO", "FROM":
			return false
		}
	}
	return false
}

// privileges reads the list of privileges and what they are on.
func (r *reader) privileges() *privilegeChange {
	c := &privilegeChange{columns: map[string]Privilege{}}
	if r.accept("ALL") {
		r.accept("PRIVILEGES")
		c.all = true
	} else {
		r.list(func() { r.privilege(c) })
	}
	r.expect("ON")
	r.level(c)
	return c
}

// privilege reads one privilege, with its columns.
func (r *reader) privilege(c *privilegeChange) {
	p, known := r.static()
	if !known {
		w := r.peek(0)
		if r.end() || w.quoted == 0 && (!isNameByte(w.text[0]) || strings.EqualFold(w.text, "ON")) {
			r.wrong()
			return
		}
		r.at++
		c.dynamic = append(c.dynamic, strings.ToUpper(w.text))
		return
	}
	if !r.is("(") {
		c.privileges |= p
		return
	}
	if p&AllColumn == 0 {
		r.wrong()
		return
	}
	r.expect("(")
	r.list(func() {
		name := r.name()
		c.columns[name] |= p
	})
	r.expect(")")
}

// static reads a static privilege.
func (r *reader) static() (Privilege, bool) {
	if r.accept("USAGE") {
		return 0, true
	}
	if r.accept("GRANT", "OPTION") {
		return GrantOption, true
	}
	best, length := Privilege(0), 0
	for _, n := range names {
		words := strings.Fields(n.name)
		if n.privilege != GrantOption && len(words) > length && r.is(words...) {
			best, length = n.privilege, len(words)
		}
	}
	r.at += length
	return best, length > 0
}

// level reads what the privileges are on.
func (r *reader) level(c *privilegeChange) {
	switch {
	case r.accept("TABLE"):
	case r.accept("FUNCTION"):
		c.level, c.function = levelRoutine, true
	case r.accept("PROCEDURE"):
		c.level = levelRoutine
	}
	routine := c.level == levelRoutine
	switch {
	case r.accept("*", ".", "*"):
		c.level = levelGlobal
	case r.accept("*"):
		c.level, c.database = levelDatabase, ""
	default:
		c.database = r.name()
		switch {
		case r.accept(".", "*"):
			c.level = levelDatabase
		case r.accept("."):
			c.level, c.name = levelTable, r.name()
		default:
			c.level, c.name, c.database = levelTable, c.database, ""
		}
	}
	if routine {
		if c.level != levelTable {
			r.wrong()
		}
		c.level = levelRoutine
	}
}

// changePrivileges checks and carries out GRANT and REVOKE of privileges.
func (w *work) changePrivileges(c *privilegeChange) error {
	if c.level != levelGlobal && c.database == "" {
		if c.database = w.Database; c.database == "" {
			return mysqlerr.New(mysql.ER_NO_DB_ERROR)
		}
	}
	if err := w.legal(c); err != nil {
		return err
	}
	if err := w.mayChange(c); err != nil {
		return err
	}
	if c.level == levelTable && !c.revoke {
		if err := w.tableThere(c); err != nil {
			return err
		}
	}
	if c.level == levelRoutine && !c.revoke && w.Routine != nil && !w.Routine(c.database, c.name, c.function) {
		return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, (&RoutineGrant{Function: c.function}).Kind(), c.name)
	}
	for _, u := range c.users {
		if err := w.changeUser(c, u); err != nil {
			return err
		}
	}
	return nil
}

// changeUser changes what one account holds.
func (w *work) changeUser(c *privilegeChange, u Name) error {
	a := w.edit(u)
	if a == nil {
		switch {
		case c.revoke && c.ignoreAbsent:
			w.warn(absentWarning(u))
			return nil
		case c.revoke:
			return noGrant(c, u)
		}
		return mysqlerr.New(mysql.ER_CANT_CREATE_USER_WITH_GRANT)
	}
	if !c.revoke {
		w.give(c, a)
		return nil
	}
	if err := w.take(c, a); err != nil {
		if !c.lenient {
			return err
		}
		w.warn(err)
	}
	return nil
}

// legal refuses privileges that the level does not have.
func (w *work) legal(c *privilegeChange) error {
	illegal := mysqlerr.New(mysql.ER_ILLEGAL_GRANT_FOR_TABLE)
	if c.as && c.level != levelGlobal {
		return mysqlerr.Newf(errGrantAs, "GRANT ... AS is currently supported only for global privileges.")
	}
	if len(c.dynamic) > 0 {
		if c.level != levelGlobal {
			return mysqlerr.Newf(errPrivilegeLevel, "Illegal privilege level specified for %s", c.dynamic[0])
		}
		for _, d := range c.dynamic {
			if !isDynamic(d) {
				return mysqlerr.Newf(errUnknownPrivilege, "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use")
			}
		}
	}
	switch c.level {
	case levelGlobal:
		if len(c.columns) > 0 {
			return illegal
		}
	case levelDatabase:
		if len(c.columns) > 0 {
			return illegal
		}
		if c.privileges&^AllDatabase != 0 {
			return mysqlerr.New(mysql.ER_WRONG_USAGE, "DB GRANT", "GLOBAL PRIVILEGES")
		}
	case levelTable:
		if c.privileges&^AllTable != 0 {
			return illegal
		}
	case levelRoutine:
		if c.privileges&^AllRoutine != 0 || len(c.columns) > 0 {
			return illegal
		}
	}
	return nil
}

// rights is what the statement gives or takes on the whole of its level.
func (c *privilegeChange) rights() Privilege {
	p := c.privileges
	if c.all {
		p = [...]Privilege{AllGlobal, AllDatabase, AllTable, AllRoutine}[c.level] &^ GrantOption
	}
	if c.grantable {
		p |= GrantOption
	}
	return p
}

// mayChange refuses the statement to those who do not hold what it gives, or may not pass it on.
func (w *work) mayChange(c *privilegeChange) error {
	if c.level != levelGlobal && strings.EqualFold(c.database, "information_schema") {
		return databaseDenied(&Need{Database: "information_schema"}, w.Who)
	}
	wanted := c.rights() | GrantOption
	for _, p := range c.columns {
		wanted |= p
	}
	if c.level != levelGlobal && strings.EqualFold(c.database, "performance_schema") {
		if more := wanted &^ (Select | GrantOption | Drop); c.level == levelTable && more != 0 {
			return TableDenied((more | GrantOption).String(), w.Who, c.name)
		}
	}
	if w.Set.All() {
		return nil
	}
	switch c.level {
	case levelGlobal:
		if (c.privileges != 0 || c.all || len(c.dynamic) == 0) && wanted&^w.Set.global != 0 {
			return AccessDenied(w.Who)
		}
		for _, d := range c.dynamic {
			if grantable := w.Set.dynamic[d]; !grantable && w.Set.global&Super == 0 {
				return ServerDenied("GRANT OPTION")
			}
		}
	case levelDatabase:
		if wanted&^w.Set.Database(c.database) != 0 {
			return databaseDenied(&Need{Database: c.database}, w.Who)
		}
	case levelTable:
		missing := wanted &^ w.Set.Table(c.database, c.name)
		missing &^= w.Set.anyColumn(c.database, c.name) & AllColumn
		if missing != 0 {
			return TableDenied(missing.String(), w.Who, c.name)
		}
	case levelRoutine:
		if missing := wanted &^ w.Set.Routine(c.database, c.name, c.function); missing != 0 {
			return mysqlerr.New(mysql.ER_PROCACCESS_DENIED_ERROR, strings.ToLower(missing.String()), w.Who.Name.User, w.Who.Name.Host, c.database+"."+c.name)
		}
	}
	return nil
}

// tableThere refuses grants on tables and columns that are not there; CREATE may be granted before the table is.
func (w *work) tableThere(c *privilegeChange) error {
	if w.Columns == nil {
		return nil
	}
	columns, there := w.Columns(c.database, c.name)
	if !there {
		if c.rights()&Create != 0 && len(c.columns) == 0 {
			return nil
		}
		return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, c.database, c.name)
	}
	for name, p := range c.columns {
		at := slices.IndexFunc(columns, func(x string) bool { return strings.EqualFold(x, name) })
		if at < 0 {
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, c.name)
		}
		if columns[at] != name {
			delete(c.columns, name)
			c.columns[columns[at]] |= p
		}
	}
	return nil
}

// give adds what GRANT says.
func (w *work) give(c *privilegeChange, a *Account) {
	p, grantor, at := c.rights(), w.Who.Name.Plain(), w.Now.UnixMicro()
	switch c.level {
	case levelGlobal:
		if c.privileges == 0 && len(c.dynamic) > 0 {
			p &^= GrantOption // of dynamic privileges each has its own
		}
		a.Global |= p
		list := c.dynamic
		if c.all {
			list = dynamicNames[:]
		}
		for _, d := range list {
			a.Dynamic[d] = a.Dynamic[d] || c.grantable
		}
	case levelDatabase:
		a.database(c.database).Privileges |= p
	case levelTable:
		g := a.table(c.database, c.name)
		if g == nil {
			a.Tables = append(a.Tables, TableGrant{Database: c.database, Table: c.name, Columns: map[string]Privilege{}})
			g = &a.Tables[len(a.Tables)-1]
		}
		g.Privileges |= p
		for n, bits := range c.columns {
			g.Columns[n] |= bits
		}
		g.Grantor, g.AtUS = grantor, at
	case levelRoutine:
		g := a.routine(c.database, c.name, c.function)
		if g == nil {
			a.Routines = append(a.Routines, RoutineGrant{Database: c.database, Name: c.name, Function: c.function})
			g = &a.Routines[len(a.Routines)-1]
		}
		g.Privileges |= p
		g.Grantor, g.AtUS = grantor, at
	}
}

// noGrant is the error of a REVOKE of what was not granted.
func noGrant(c *privilegeChange, u Name) *mysqlerr.Error {
	switch c.level {
	case levelTable:
		return mysqlerr.New(mysql.ER_NONEXISTING_TABLE_GRANT, u.User, u.Host, c.name)
	case levelRoutine:
		return mysqlerr.Newf(errNoRoutineGrant, "There is no such grant defined for user '%s' on host '%s' on routine '%s'", u.User, u.Host, c.name)
	}
	return mysqlerr.New(mysql.ER_NONEXISTING_GRANT, u.User, u.Host)
}

// take removes what REVOKE says.
func (w *work) take(c *privilegeChange, a *Account) *mysqlerr.Error {
	p := c.rights()
	switch c.level {
	case levelGlobal:
		if c.all { // on everything: what is on a part of it goes too
			a.revokeAll()
			return nil
		}
		a.Global &^= p
		for _, d := range c.dynamic {
			delete(a.Dynamic, d)
		}
		if p&GrantOption != 0 {
			for d := range a.Dynamic {
				a.Dynamic[d] = false
			}
		}
	case levelDatabase:
		at := slices.IndexFunc(a.Databases, func(g DatabaseGrant) bool { return g.Database == c.database })
		if at < 0 {
			return noGrant(c, a.Name)
		}
		a.Databases[at].Privileges &^= p
	case levelTable:
		return takeTable(c, a, p)
	case levelRoutine:
		g := a.routine(c.database, c.name, c.function)
		if g == nil || !c.all && p&^g.Privileges != 0 {
			return noGrant(c, a.Name)
		}
		g.Privileges &^= p
	}
	return nil
}

// takeTable removes privileges on a table; those on all of it go from its columns too.
func takeTable(c *privilegeChange, a *Account, p Privilege) *mysqlerr.Error {
	g := a.table(c.database, c.name)
	if g == nil || !c.all && p&^(g.Privileges|g.columnBits()) != 0 {
		return noGrant(c, a.Name)
	}
	for n, bits := range c.columns {
		if bits&^g.Columns[columnOf(g, n)] != 0 {
			return noGrant(c, a.Name)
		}
	}
	g.Privileges &^= p
	for n := range g.Columns {
		g.Columns[n] &^= p
	}
	for n, bits := range c.columns {
		g.Columns[columnOf(g, n)] &^= bits
	}
	return nil
}

// columnOf finds the column's name as it was granted.
func columnOf(g *TableGrant, name string) string {
	for n := range g.Columns {
		if strings.EqualFold(n, name) {
			return n
		}
	}
	return name
}

// revokeAll is REVOKE ALL PRIVILEGES, GRANT OPTION.
func (w *work) revokeAll(users []Name, lenient, ignore bool) error {
	if err := w.needs(CreateUser, "CREATE USER"); err != nil {
		return err
	}
	absent := false
	for _, u := range users {
		a := w.edit(u)
		switch {
		case a == nil && ignore:
			w.warn(absentWarning(u))
		case a == nil:
			absent = true
		default:
			if err := w.guards(a); err != nil {
				return err
			}
			a.revokeAll()
		}
	}
	if absent {
		err := mysqlerr.New(mysql.ER_REVOKE_GRANTS)
		if !lenient {
			return err
		}
		w.warn(err)
	}
	return nil
}

// proxy reads GRANT and REVOKE PROXY ON behind these words.
func (r *reader) proxy(revoke bool) *Statement {
	proxied := r.proxied()
	if revoke {
		r.expect("FROM")
	} else {
		r.expect("TO")
	}
	users := r.accounts()
	grantable := false
	if !revoke && r.accept("WITH") {
		r.expect("GRANT", "OPTION")
		grantable = true
	}
	if revoke {
		r.accept("IGNORE", "UNKNOWN", "USER")
	}
	return &Statement{run: func(w *work) error {
		if !w.mayProxy(proxied) {
			return mysqlerr.New(mysql.ER_ACCESS_DENIED_NO_PASSWORD_ERROR, w.Who.Name.User, w.Who.Name.Host)
		}
		for _, u := range users {
			if err := w.changeProxy(u, proxied, grantable, revoke); err != nil {
				return err
			}
		}
		return nil
	}}
}

// proxied reads the account that is stood for; ”@” is everybody.
func (r *reader) proxied() Name {
	anybody := r.peek(0).text == "" && r.peek(1).text == "@" && r.peek(2).text == "" && r.peek(2).quoted != 0
	n := r.account()
	if anybody {
		n.Host = ""
	}
	return n
}

func (w *work) mayProxy(proxied Name) bool {
	if w.Set.All() || proxied == w.Who.Name {
		return true
	}
	a := w.find(w.Who.Name)
	return a != nil && slices.ContainsFunc(a.Proxies, func(g ProxyGrant) bool { return g.Grant && (g.Proxied == proxied || g.Proxied == Name{}) })
}

func (w *work) changeProxy(u, proxied Name, grantable, revoke bool) error {
	a := w.edit(u)
	if a == nil {
		if revoke {
			return mysqlerr.New(mysql.ER_NONEXISTING_GRANT, u.User, u.Host)
		}
		return mysqlerr.New(mysql.ER_CANT_CREATE_USER_WITH_GRANT)
	}
	at := slices.IndexFunc(a.Proxies, func(g ProxyGrant) bool { return g.Proxied == proxied })
	switch {
	case revoke && at < 0:
		return mysqlerr.New(mysql.ER_NONEXISTING_GRANT, u.User, u.Host)
	case revoke:
		a.Proxies = slices.Delete(a.Proxies, at, at+1)
		return nil
	case at < 0:
		a.Proxies = append(a.Proxies, ProxyGrant{Proxied: proxied})
		at = len(a.Proxies) - 1
	}
	g := &a.Proxies[at]
	g.Grant, g.Grantor, g.AtUS = g.Grant || grantable, w.Who.Name.Plain(), w.Now.UnixMicro()
	return nil
}
