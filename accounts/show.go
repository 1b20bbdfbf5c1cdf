package accounts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

func (r *reader) showGrants() *Statement {
	who, own := r.current, true
	var using []Name
	if r.accept("FOR") {
		who = r.account()
		own = who == r.current
		if r.accept("USING") {
			using = r.accounts()
		}
	}
	implied := own && using == nil
	return &Statement{Reads: true, run: func(w *work) error {
		if !own && w.Set.Table("mysql", "user")&Select == 0 {
			return TableDenied("SELECT", w.Who, "user")
		}
		a := w.find(who)
		if a == nil {
			return mysqlerr.New(mysql.ER_NONEXISTING_GRANT, who.User, who.Host)
		}
		granted := w.Directory.Granted(who, w.Mandatory)
		for _, n := range using {
			if !slices.Contains(granted, n) {
				return notGranted(n, who)
			}
		}
		if implied {
			using = w.Set.Roles
		}
		w.out.Columns = []string{"Grants for " + who.Plain()}
		for _, line := range w.Directory.Grants(a, using) {
			w.out.Rows = append(w.out.Rows, []string{line})
		}
		return nil
	}}
}

// Grants lists an account's grants as SHOW GRANTS does, those of the roles among them.
func (d *Directory) Grants(a *Account, roles []Name) []string {
	sum := a.clone()
	d.eachRole(roles, sum.join)
	to := " TO " + a.Name.String()
	line := func(p Privilege, all Privilege, on string) string {
		text := "GRANT " + privilegeList(p, all) + " ON " + on + to
		if p&GrantOption != 0 {
			text += " WITH GRANT OPTION"
		}
		return text
	}
	list := append([]string{line(sum.Global, 0, "*.*")}, dynamicLines(sum.Dynamic, to)...)
	sort.Slice(sum.Databases, func(i, j int) bool { return sum.Databases[i].Database < sum.Databases[j].Database })
	for _, g := range sum.Databases {
		list = append(list, line(g.Privileges, AllDatabase, quote(g.Database)+".*"))
	}
	sort.Slice(sum.Tables, func(i, j int) bool {
		x, y := &sum.Tables[i], &sum.Tables[j]
		return x.Database < y.Database || x.Database == y.Database && x.Table < y.Table
	})
	for i := range sum.Tables {
		list = append(list, tableLine(&sum.Tables[i], to))
	}
	sort.Slice(sum.Routines, func(i, j int) bool {
		x, y := &sum.Routines[i], &sum.Routines[j]
		return x.Database < y.Database || x.Database == y.Database && x.Name < y.Name
	})
	for _, function := range [...]bool{false, true} {
		for i := range sum.Routines {
			if g := &sum.Routines[i]; g.Function == function {
				list = append(list, line(g.Privileges, 0, g.Kind()+" "+quote(g.Database)+"."+quote(g.Name)))
			}
		}
	}
	for _, g := range a.Proxies {
		text := "GRANT PROXY ON " + g.Proxied.String() + to
		if g.Grant {
			text += " WITH GRANT OPTION"
		}
		list = append(list, text)
	}
	return append(list, roleLines(a.Roles, to)...)
}

// eachRole calls each with the roles and what was granted to them.
func (d *Directory) eachRole(roles []Name, each func(a *Account)) {
	list := slices.Clone(roles)
	d.walk(roles, func(_ Name, g RoleGrant) bool {
		if !slices.Contains(list, g.Role) {
			list = append(list, g.Role)
		}
		return true
	})
	for _, n := range list {
		if a := d.Find(n); a != nil {
			each(a)
		}
	}
}

// join adds what another account was granted.
func (a *Account) join(b *Account) {
	a.Global |= b.Global
	for n, g := range b.Dynamic {
		a.Dynamic[n] = a.Dynamic[n] || g
	}
	for _, g := range b.Databases {
		a.database(g.Database).Privileges |= g.Privileges
	}
	for _, g := range b.Tables {
		mine := a.table(g.Database, g.Table)
		if mine == nil {
			a.Tables = append(a.Tables, TableGrant{Database: g.Database, Table: g.Table, Columns: map[string]Privilege{}})
			mine = &a.Tables[len(a.Tables)-1]
		}
		mine.Privileges |= g.Privileges
		for c, p := range g.Columns {
			mine.Columns[c] |= p
		}
	}
	for _, g := range b.Routines {
		mine := a.routine(g.Database, g.Name, g.Function)
		if mine == nil {
			a.Routines = append(a.Routines, RoutineGrant{Database: g.Database, Name: g.Name, Function: g.Function})
			mine = &a.Routines[len(a.Routines)-1]
		}
		mine.Privileges |= g.Privileges
	}
}

// privilegeList lists privileges; all of a level are ALL PRIVILEGES, unless all is 0.
func privilegeList(p, all Privilege) string {
	p &^= GrantOption
	switch {
	case p == 0:
		return "USAGE"
	case all != 0 && p == all&^GrantOption:
		return "ALL PRIVILEGES"
	}
	return p.String()
}

func dynamicLines(dynamic map[string]bool, to string) []string {
	var lines []string
	for _, grantable := range [...]bool{false, true} {
		var list []string
		for n, g := range dynamic {
			if g == grantable {
				list = append(list, n)
			}
		}
		if len(list) == 0 {
			continue
		}
		sort.Strings(list)
		text := "GRANT " + strings.Join(list, ",") + " ON *.*" + to
		if grantable {
			text += " WITH GRANT OPTION"
		}
		lines = append(lines, text)
	}
	return lines
}

// tableLine is the grant on one table, with its columns.
func tableLine(g *TableGrant, to string) string {
	var list []string
	columns := make([]string, 0, len(g.Columns))
	for c := range g.Columns {
		columns = append(columns, c)
	}
	sort.Strings(columns)
	whole := g.Privileges &^ GrantOption
	if whole == AllTable&^GrantOption {
		list, whole = []string{"ALL PRIVILEGES"}, 0
	}
	for _, n := range names {
		if whole&n.privilege != 0 {
			list = append(list, n.name)
		}
		var of []string
		for _, c := range columns {
			if g.Columns[c]&n.privilege != 0 {
				of = append(of, quote(c))
			}
		}
		if len(of) > 0 {
			list = append(list, n.name+" ("+strings.Join(of, ", ")+")")
		}
	}
	if len(list) == 0 {
		list = []string{"USAGE"}
	}
	text := "GRANT " + strings.Join(list, ", ") + " ON " + quote(g.Database) + "." + quote(g.Table) + to
	if g.Privileges&GrantOption != 0 {
		text += " WITH GRANT OPTION"
	}
	return text
}

func roleLines(roles []RoleGrant, to string) []string {
	var lines []string
	for _, admin := range [...]bool{false, true} {
		var list []Name
		for _, g := range roles {
			if g.Admin == admin {
				list = append(list, g.Role)
			}
		}
		if len(list) == 0 {
			continue
		}
		slices.SortFunc(list, compareNames)
		text := "GRANT " + JoinNames(list) + to
		if admin {
			text += " WITH ADMIN OPTION"
		}
		lines = append(lines, text)
	}
	return lines
}

// JoinNames lists accounts as CURRENT_ROLE() does.
func JoinNames(list []Name) string {
	var b strings.Builder
	for i, n := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(n.String())
	}
	return b.String()
}

func (r *reader) showCreateUser() *Statement {
	who := r.account()
	return &Statement{Reads: true, run: func(w *work) error {
		if who != w.Who.Name && w.Set.Table("mysql", "user")&Select == 0 {
			return databaseDenied(&Need{Database: "mysql"}, w.Who)
		}
		a := w.find(who)
		if a == nil {
			return cannot("SHOW CREATE USER", []string{who.Quoted()}, "(User account does not exist)")
		}
		w.out.Columns = []string{"CREATE USER for " + who.Plain()}
		w.out.Rows = [][]string{{a.CreateStatement()}}
		return nil
	}}
}

// CreateStatement is what SHOW CREATE USER shows.
func (a *Account) CreateStatement() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE USER %s IDENTIFIED WITH '%s'", a.Name, a.Plugin)
	if len(a.Verifier) > 0 {
		b.WriteString(" AS " + text(string(a.Verifier)))
	}
	if len(a.Default) > 0 {
		list := slices.Clone(a.Default)
		slices.SortFunc(list, compareNames)
		b.WriteString(" DEFAULT ROLE " + JoinNames(list))
	}
	b.WriteString(" REQUIRE " + a.TLS.text())
	b.WriteString(a.Limits.text())
	p := &a.Password
	b.WriteString(" PASSWORD EXPIRE")
	switch {
	case p.Expired:
	case p.LifetimeDays == nil:
		b.WriteString(" DEFAULT")
	case *p.LifetimeDays == 0:
		b.WriteString(" NEVER")
	default:
		fmt.Fprintf(&b, " INTERVAL %d DAY", *p.LifetimeDays)
	}
	if a.Locked {
		b.WriteString(" ACCOUNT LOCK")
	} else {
		b.WriteString(" ACCOUNT UNLOCK")
	}
	b.WriteString(" PASSWORD HISTORY " + numberOrDefault(p.History, "") + " PASSWORD REUSE INTERVAL " + numberOrDefault(p.ReuseDays, " DAY"))
	b.WriteString(" PASSWORD REQUIRE CURRENT")
	switch {
	case p.RequireOld == nil:
		b.WriteString(" DEFAULT")
	case !*p.RequireOld:
		b.WriteString(" OPTIONAL")
	}
	if p.FailedLogins != 0 {
		fmt.Fprintf(&b, " FAILED_LOGIN_ATTEMPTS %d", p.FailedLogins)
	}
	switch {
	case p.LockDays < 0:
		b.WriteString(" PASSWORD_LOCK_TIME UNBOUNDED")
	case p.LockDays > 0:
		fmt.Fprintf(&b, " PASSWORD_LOCK_TIME %d", p.LockDays)
	}
	if attributes := a.AttributeText(); attributes != "" {
		b.WriteString(" ATTRIBUTE " + text(attributes))
	}
	return b.String()
}

// text quotes a text as SHOW CREATE USER does.
func text(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(s) + "'"
}

func numberOrDefault(n *int64, unit string) string {
	if n == nil {
		return "DEFAULT"
	}
	return fmt.Sprintf("%d%s", *n, unit)
}

func (t *TLS) text() string {
	switch t.Kind {
	case "":
		return "NONE"
	case "ANY":
		return "SSL"
	case "X509":
		return "X509"
	}
	var list []string
	for _, x := range [...][2]string{{"SUBJECT", t.Subject}, {"ISSUER", t.Issuer}, {"CIPHER", t.Cipher}} {
		if x[1] != "" {
			list = append(list, x[0]+" "+text(x[1]))
		}
	}
	return strings.Join(list, " ")
}

func (l *Limits) text() string {
	var list []string
	add := func(name string, n int64) {
		if n != 0 {
			list = append(list, fmt.Sprintf("%s %d", name, n))
		}
	}
	add("MAX_QUERIES_PER_HOUR", l.Queries)
	add("MAX_UPDATES_PER_HOUR", l.Updates)
	add("MAX_CONNECTIONS_PER_HOUR", l.Connections)
	add("MAX_USER_CONNECTIONS", l.UserConnections)
	if len(list) == 0 {
		return ""
	}
	return " WITH " + strings.Join(list, " ")
}

// AttributeText is the account's attributes as MySQL prints JSON, or empty.
func (a *Account) AttributeText() string {
	if len(a.Attributes) == 0 {
		return ""
	}
	d := json.NewDecoder(bytes.NewReader(a.Attributes))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return ""
	}
	return PrintJSON(v)
}

// PrintJSON prints a value as MySQL prints JSON: members by the length of their names, then by name.
func PrintJSON(v any) string {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Slice(keys, func(i, j int) bool {
			return len(keys[i]) < len(keys[j]) || len(keys[i]) == len(keys[j]) && keys[i] < keys[j]
		})
		for i, k := range keys {
			keys[i] = PrintJSON(k) + ": " + PrintJSON(v[k])
		}
		return "{" + strings.Join(keys, ", ") + "}"
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i] = PrintJSON(v[i])
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	if raw, ok := v.(json.RawMessage); ok {
		return string(raw) // printed already
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "null"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// UserAttributes is the column User_attributes of mysql.user, or empty.
func (a *Account) UserAttributes() string {
	all := map[string]any{}
	if text := a.AttributeText(); text != "" {
		all["metadata"] = json.RawMessage(text)
	}
	if p := &a.Password; p.FailedLogins != 0 || p.LockDays != 0 {
		all["Password_locking"] = map[string]any{"failed_login_attempts": p.FailedLogins, "password_lock_time_days": p.LockDays}
	}
	if len(a.Password.Secondary) > 0 {
		all["additional_password"] = string(a.Password.Secondary)
	}
	if len(all) == 0 {
		return ""
	}
	return PrintJSON(all)
}
