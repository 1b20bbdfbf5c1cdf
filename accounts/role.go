package accounts

import (
	"slices"

	"marmot/mysqlerr"
)

const (
	errUnknownID     = 3523
	errMandatoryRole = 3628
	errRoleLoop      = 4027
)

func unknownID(n Name) *mysqlerr.Error {
	return mysqlerr.Newf(errUnknownID, "Unknown authorization ID %s", n)
}

// dropRoles takes roles out of what the account was granted.
func (a *Account) dropRoles(gone func(n Name) bool) {
	a.Roles = slices.DeleteFunc(a.Roles, func(g RoleGrant) bool { return gone(g.Role) })
	a.Default = slices.DeleteFunc(a.Default, gone)
}

func (r *reader) createRole() *Statement {
	lenient := r.accept("IF", "NOT", "EXISTS")
	var names []Name
	r.list(func() { names = append(names, r.named()) })
	return &Statement{run: func(w *work) error {
		if err := w.needs(CreateUser|CreateRole, "CREATE USER, CREATE ROLE"); err != nil {
			return err
		}
		var failed []string
		for _, n := range names {
			switch {
			case w.find(n) == nil:
				w.put(&Account{Name: n, Plugin: CachingSHA2, Locked: true, Dynamic: map[string]bool{},
					Password: PasswordPolicy{Expired: true, ChangedUS: w.Now.UnixMicro()}})
			case lenient:
				w.warn(mysqlerr.Newf(errKnownAccount, "Authorization ID %s already exists.", n.Quoted()))
			default:
				failed = append(failed, n.Quoted())
			}
		}
		if len(failed) > 0 {
			return cannot("CREATE ROLE", failed, "(User account already exists)")
		}
		return nil
	}}
}

// roleChange is GRANT or REVOKE of roles.
type roleChange struct {
	roles, users          []Name
	admin                 bool
	lenient, ignoreAbsent bool
}

// mayGrant refuses to pass roles on to those who may not.
func (w *work) mayGrant(roles []Name) error {
	if w.Set.global&Super != 0 || w.Set.Dynamic("ROLE_ADMIN") {
		return nil
	}
	for _, n := range roles {
		admin := false
		w.Directory.walk(append([]Name{w.Who.Name}, w.Set.Roles...), func(_ Name, g RoleGrant) bool {
			admin = admin || g.Role == n && g.Admin
			return !admin
		})
		if !admin {
			return ServerDenied("WITH ADMIN, ROLE_ADMIN, SUPER")
		}
	}
	return nil
}

func (w *work) grantRoles(c *roleChange) error {
	if err := w.mayGrant(c.roles); err != nil {
		return err
	}
	for _, list := range [][]Name{c.roles, c.users} {
		for _, n := range list {
			if w.find(n) == nil {
				return unknownID(n)
			}
		}
	}
	for _, u := range c.users {
		a := w.edit(u)
		for _, n := range c.roles {
			if n == u || w.Directory.Reaches(n, u) {
				return mysqlerr.Newf(errRoleLoop, "User account %s is directly or indirectly granted to the role %s. The GRANT would create a loop", u, n)
			}
			at := slices.IndexFunc(a.Roles, func(g RoleGrant) bool { return g.Role == n })
			if at < 0 {
				a.Roles = append(a.Roles, RoleGrant{Role: n})
				at = len(a.Roles) - 1
			}
			a.Roles[at].Admin = a.Roles[at].Admin || c.admin
		}
	}
	return nil
}

func (w *work) revokeRoles(c *roleChange) error {
	if err := w.mayGrant(c.roles); err != nil {
		return err
	}
	var known []Name
	for _, n := range c.roles {
		switch {
		case w.find(n) == nil && c.lenient:
			w.warn(unknownID(n))
		case w.find(n) == nil:
			return unknownID(n)
		case slices.Contains(w.Mandatory, n):
			return mysqlerr.Newf(errMandatoryRole, "The role %s is a mandatory role and can't be revoked or dropped. The restriction can be lifted by excluding the role identifier from the global variable mandatory_roles.", n)
		default:
			known = append(known, n)
		}
	}
	for _, u := range c.users {
		a := w.edit(u)
		switch {
		case a == nil && c.ignoreAbsent:
			w.warn(absentWarning(u))
		case a == nil:
			return unknownID(u)
		default:
			a.dropRoles(func(n Name) bool { return slices.Contains(known, n) })
		}
	}
	return nil
}

func absentWarning(n Name) *mysqlerr.Error {
	return mysqlerr.Newf(errMissingAccount, "Authorization ID %s does not exist.", n.User)
}

func (r *reader) setDefaultRole() *Statement {
	all, none := r.accept("ALL"), r.accept("NONE")
	var roles, users []Name
	if !all && !none {
		r.list(func() { roles = append(roles, r.named()) })
	}
	r.expect("TO")
	r.list(func() {
		if r.is("CURRENT_USER") {
			r.wrong()
		}
		users = append(users, r.named())
	})
	return &Statement{run: func(w *work) error {
		for _, u := range users {
			if u == w.Who.Name || w.Set.Database("mysql")&Update != 0 {
				continue
			}
			if err := w.needs(CreateUser, "CREATE USER"); err != nil {
				return err
			}
		}
		for _, u := range users {
			if err := w.defaultRoles(u, roles, all); err != nil {
				return err
			}
		}
		return nil
	}}
}

func (w *work) defaultRoles(u Name, roles []Name, all bool) error {
	a := w.edit(u)
	for _, n := range roles {
		if a == nil || !a.HasRole(n) && !slices.Contains(w.Mandatory, n) {
			return notGranted(n, u)
		}
	}
	if a == nil {
		return unknownID(u)
	}
	if a.Default = slices.Clone(roles); all {
		a.Default = w.Directory.Granted(u, w.Mandatory)
	}
	return nil
}

func (r *reader) setRole() *Statement {
	var list []Name
	kind := ""
	switch {
	case r.accept("DEFAULT"):
		kind = "DEFAULT"
	case r.accept("NONE"):
		kind = "NONE"
	case r.accept("ALL"):
		kind = "ALL"
		if r.accept("EXCEPT") {
			r.list(func() { list = append(list, r.named()) })
		}
	default:
		r.list(func() { list = append(list, r.named()) })
	}
	return &Statement{Reads: true, run: func(w *work) error {
		own := w.Who.Name
		granted := w.Directory.Granted(own, w.Mandatory)
		w.out.RolesSet = true
		switch kind {
		case "DEFAULT":
			if a := w.find(own); a != nil {
				w.out.Roles = w.Login(a)
			}
		case "ALL":
			w.out.Roles = slices.DeleteFunc(granted, func(n Name) bool { return slices.Contains(list, n) })
		case "":
			for _, n := range list {
				if !slices.Contains(granted, n) {
					return notGranted(n, own)
				}
			}
			w.out.Roles = list
			slices.SortFunc(w.out.Roles, compareNames)
		}
		return nil
	}}
}

// ParseRoles reads a list of roles, as mandatory_roles holds it.
func ParseRoles(text []byte) ([]Name, error) {
	r := &reader{text: text, words: split(text, Options{})}
	if r.end() {
		return nil, nil
	}
	var list []Name
	r.list(func() { list = append(list, r.named()) })
	return list, r.finish()
}
