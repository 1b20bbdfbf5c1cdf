package accounts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// documentFormat is the newest format of an account's document that this program reads and the one it writes.
const documentFormat = 1

// Plugins of authentication.
const (
	CachingSHA2    = "caching_sha2_password"
	NativePassword = "mysql_native_password"
	// Socket lets in the system user of the node and root through the unix socket.
	Socket = "auth_socket"
)

// Name names an account.
type Name struct {
	User string `json:"user"`
	Host string `json:"host"`
}

// String is the name as MySQL prints it in most messages: `user`@`host`.
func (n Name) String() string { return quote(n.User) + "@" + quote(n.Host) }

// Quoted is the name with single quotes: 'user'@'host'.
func (n Name) Quoted() string { return "'" + n.User + "'@'" + n.Host + "'" }

// Plain is the name without quotes: user@host.
func (n Name) Plain() string { return n.User + "@" + n.Host }

// ParsePlain reads user@host; the last @ parts them.
func ParsePlain(text string) Name {
	i := strings.LastIndexByte(text, '@')
	if i < 0 {
		return Name{User: text, Host: "%"}
	}
	return Name{User: text[:i], Host: text[i+1:]}
}

func quote(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

// compareNames orders accounts by user, then host.
func compareNames(a, b Name) int {
	if c := strings.Compare(a.User, b.User); c != 0 {
		return c
	}
	return strings.Compare(a.Host, b.Host)
}

// DatabaseGrant is what was granted on a database, whose name may be a pattern.
type DatabaseGrant struct {
	Database   string    `json:"database"`
	Privileges Privilege `json:"privileges"`
}

// TableGrant is what was granted on a table and its columns.
type TableGrant struct {
	Database   string               `json:"database"`
	Table      string               `json:"table"`
	Privileges Privilege            `json:"privileges,omitempty"`
	Columns    map[string]Privilege `json:"columns,omitempty"`
	Grantor    string               `json:"grantor,omitempty"`
	AtUS       int64                `json:"at_us,omitempty"`
}

// columnBits is what any column was granted.
func (g *TableGrant) columnBits() (p Privilege) {
	for _, c := range g.Columns {
		p |= c
	}
	return p
}

// RoutineGrant is what was granted on a stored routine.
type RoutineGrant struct {
	Database   string    `json:"database"`
	Name       string    `json:"name"`
	Function   bool      `json:"function,omitempty"`
	Privileges Privilege `json:"privileges"`
	Grantor    string    `json:"grantor,omitempty"`
	AtUS       int64     `json:"at_us,omitempty"`
}

// Kind is FUNCTION or PROCEDURE.
func (g *RoutineGrant) Kind() string {
	if g.Function {
		return "FUNCTION"
	}
	return "PROCEDURE"
}

// RoleGrant is a role that was granted.
type RoleGrant struct {
	Role  Name `json:"role"`
	Admin bool `json:"admin,omitempty"`
}

// ProxyGrant is an account that may be stood for.
type ProxyGrant struct {
	Proxied Name   `json:"proxied"`
	Grant   bool   `json:"grant,omitempty"`
	Grantor string `json:"grantor,omitempty"`
	AtUS    int64  `json:"at_us,omitempty"`
}

// Limits are the resource limits of WITH …; 0 is none.
type Limits struct {
	Queries         int64 `json:"queries,omitempty"`
	Updates         int64 `json:"updates,omitempty"`
	Connections     int64 `json:"connections,omitempty"`
	UserConnections int64 `json:"user_connections,omitempty"`
}

// TLS is what REQUIRE asks of the connection.
type TLS struct {
	Kind    string `json:"kind,omitempty"` // "", ANY, X509 or SPECIFIED
	Cipher  string `json:"cipher,omitempty"`
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
}

// PasswordPolicy is what the PASSWORD options say; nil is DEFAULT.
type PasswordPolicy struct {
	Expired       bool   `json:"expired,omitempty"`
	ChangedUS     int64  `json:"changed_us,omitempty"`
	LifetimeDays  *int64 `json:"lifetime_days,omitempty"` // 0: never
	History       *int64 `json:"history,omitempty"`
	ReuseDays     *int64 `json:"reuse_days,omitempty"`
	RequireOld    *bool  `json:"require_old,omitempty"`
	FailedLogins  int64  `json:"failed_logins,omitempty"`
	LockDays      int64  `json:"lock_days,omitempty"` // -1: unbounded
	SecondaryKind string `json:"secondary_kind,omitempty"`
	// Secondary is the verifier of RETAIN CURRENT PASSWORD.
	Secondary []byte        `json:"secondary,omitempty"`
	Old       []OldPassword `json:"old,omitempty"` // newest first
}

// OldPassword is a verifier that PASSWORD HISTORY remembers.
type OldPassword struct {
	Verifier []byte `json:"verifier"`
	AtUS     int64  `json:"at_us"`
}

// Account is a user or role.
type Account struct {
	Name     `json:"-"`
	Plugin   string `json:"-"`
	Verifier []byte `json:"-"` // of the plugin; empty: no password

	Format     int             `json:"format"`
	Locked     bool            `json:"locked,omitempty"`
	Global     Privilege       `json:"global,omitempty"`
	Dynamic    map[string]bool `json:"dynamic,omitempty"` // true: with GRANT OPTION
	Databases  []DatabaseGrant `json:"databases,omitempty"`
	Tables     []TableGrant    `json:"tables,omitempty"`
	Routines   []RoutineGrant  `json:"routines,omitempty"`
	Roles      []RoleGrant     `json:"roles,omitempty"`
	Default    []Name          `json:"default_roles,omitempty"`
	Proxies    []ProxyGrant    `json:"proxies,omitempty"`
	Limits     Limits          `json:"limits"`
	TLS        TLS             `json:"tls"`
	Password   PasswordPolicy  `json:"password"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
	// unknown: the document is of a newer format.
	unknown bool
}

// Unknown reports whether the account's document is of a newer format: nobody may use it.
func (a *Account) Unknown() bool { return a.unknown }

// Document is the account's text for the log, without its verifier and plugin.
func (a *Account) Document() string {
	own := *a
	own.Format = documentFormat
	text, err := json.Marshal(&own)
	if err != nil { // an attribute that is no JSON was refused when it came in
		panic(fmt.Sprintf("account %s: %v", a.Name, err))
	}
	return string(text)
}

// Decode makes an account of what the log carries. Documents from before there were grants, which are statements, are accounts that
// may do everything.
func Decode(name Name, document, plugin string, verifier []byte) *Account {
	a := &Account{}
	if !strings.HasPrefix(document, "{") {
		a.Locked = strings.HasSuffix(document, "ACCOUNT LOCK")
		a.grantAll()
	} else if err := json.Unmarshal([]byte(document), a); err != nil || a.Format > documentFormat || a.Format < 1 {
		a = &Account{Locked: true, unknown: true}
	}
	a.Name, a.Plugin, a.Verifier = name, plugin, verifier
	if a.Plugin == "" {
		a.Plugin = CachingSHA2
	}
	return a
}

// grantAll gives the account all privileges, with the right to pass them on.
func (a *Account) grantAll() {
	a.Global = AllGlobal
	a.Dynamic = map[string]bool{}
	for _, n := range dynamicNames {
		a.Dynamic[n] = true
	}
	a.Proxies = []ProxyGrant{{Grant: true, Grantor: "boot@"}}
}

// Administrator is an account with all privileges.
func Administrator(name Name, plugin string, verifier []byte, expired bool, now time.Time) *Account {
	a := &Account{Name: name, Plugin: plugin, Verifier: verifier, Password: PasswordPolicy{Expired: expired, ChangedUS: now.UnixMicro()}}
	a.grantAll()
	return a
}

// clone is a deep copy.
func (a *Account) clone() *Account {
	c := *a
	c.Dynamic = map[string]bool{}
	for n, g := range a.Dynamic {
		c.Dynamic[n] = g
	}
	c.Databases = slices.Clone(a.Databases)
	c.Tables = slices.Clone(a.Tables)
	for i := range c.Tables {
		columns := map[string]Privilege{}
		for n, p := range c.Tables[i].Columns {
			columns[n] = p
		}
		c.Tables[i].Columns = columns
	}
	c.Routines = slices.Clone(a.Routines)
	c.Roles = slices.Clone(a.Roles)
	c.Default = slices.Clone(a.Default)
	c.Proxies = slices.Clone(a.Proxies)
	c.Password.Old = slices.Clone(a.Password.Old)
	return &c
}

// database finds or makes the grant on a database.
func (a *Account) database(name string) *DatabaseGrant {
	for i := range a.Databases {
		if a.Databases[i].Database == name {
			return &a.Databases[i]
		}
	}
	a.Databases = append(a.Databases, DatabaseGrant{Database: name})
	return &a.Databases[len(a.Databases)-1]
}

// table finds the grant on a table, or nil.
func (a *Account) table(database, name string) *TableGrant {
	for i := range a.Tables {
		if a.Tables[i].Database == database && a.Tables[i].Table == name {
			return &a.Tables[i]
		}
	}
	return nil
}

// routine finds the grant on a routine, or nil.
func (a *Account) routine(database, name string, function bool) *RoutineGrant {
	for i := range a.Routines {
		g := &a.Routines[i]
		if g.Database == database && strings.EqualFold(g.Name, name) && g.Function == function {
			return g
		}
	}
	return nil
}

// revokeAll takes all privileges away; roles and proxies stay.
func (a *Account) revokeAll() {
	a.Global, a.Dynamic, a.Databases, a.Tables, a.Routines = 0, map[string]bool{}, nil, nil, nil
}

// prune drops grants that hold nothing.
func (a *Account) prune() {
	a.Databases = slices.DeleteFunc(a.Databases, func(g DatabaseGrant) bool { return g.Privileges == 0 })
	for i := range a.Tables {
		for n, p := range a.Tables[i].Columns {
			if p == 0 {
				delete(a.Tables[i].Columns, n)
			}
		}
	}
	a.Tables = slices.DeleteFunc(a.Tables, func(g TableGrant) bool { return g.Privileges == 0 && len(g.Columns) == 0 })
	a.Routines = slices.DeleteFunc(a.Routines, func(g RoutineGrant) bool { return g.Privileges == 0 })
}
