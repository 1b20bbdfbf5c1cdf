package accounts

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Directory is all accounts at one moment. It is immutable, but for the sets of definers that it keeps.
type Directory struct {
	list   []*Account // by name
	byName map[Name]*Account
	logins []*Account // in the order in which a login is compared with them

	mu   sync.Mutex
	sets map[string]*Set // of definers
}

// maxKeptSets bounds the sets of definers that a directory keeps.
const maxKeptSets = 1000

// NewDirectory makes the directory of accounts, which it keeps.
func NewDirectory(list []*Account) *Directory {
	d := &Directory{list: slices.Clone(list), byName: map[Name]*Account{}, sets: map[string]*Set{}}
	slices.SortFunc(d.list, func(a, b *Account) int { return compareNames(a.Name, b.Name) })
	for _, a := range d.list {
		d.byName[a.Name] = a
	}
	d.logins = slices.Clone(d.list)
	slices.SortStableFunc(d.logins, func(a, b *Account) int {
		return cmp.Or(cmp.Compare(hostRank(b.Host), hostRank(a.Host)), cmp.Compare(named(b), named(a)))
	})
	return d
}

// named is 1 for an account with a user's name, 0 for an anonymous one.
func named(a *Account) int { return min(len(a.User), 1) }

// Accounts lists the accounts by name. Nothing of it may be changed.
func (d *Directory) Accounts() []*Account { return d.list }

// Find returns the account of exactly that name, or nil. Hosts are compared without case.
func (d *Directory) Find(n Name) *Account {
	n.Host = strings.ToLower(n.Host)
	return d.byName[n]
}

// Lookup finds the account of a login: the first whose host covers the client's and whose user is the client's, or anybody.
// Accounts are compared in MySQL's order: by how much their host says, and named ones before anonymous ones. Those of auth_socket are
// only there for logins over the unix socket, so that root can have one for it and one for TCP.
func (d *Directory) Lookup(user, host string, socket bool) *Account {
	for _, a := range d.logins {
		if a.Plugin == Socket && !socket {
			continue
		}
		if (a.User == user || a.User == "") && CoversHost(a.Host, host) {
			return a
		}
	}
	return nil
}

// Reaches reports whether role was granted to the account, directly or through other roles.
func (d *Directory) Reaches(from, role Name) bool {
	return d.walk([]Name{from}, func(_ Name, g RoleGrant) bool { return g.Role != role })
}

// walk calls each with all role grants that the accounts have, those of roles too; each ends it by false. It reports whether it was ended.
func (d *Directory) walk(from []Name, each func(grantee Name, g RoleGrant) bool) bool {
	seen := map[Name]bool{}
	for queue := slices.Clone(from); len(queue) > 0; queue = queue[1:] {
		a := d.Find(queue[0])
		if a == nil || seen[a.Name] {
			continue
		}
		seen[a.Name] = true
		for _, g := range a.Roles {
			if !each(a.Name, g) {
				return true
			}
			queue = append(queue, g.Role)
		}
	}
	return false
}

// IsRole reports whether the account was granted to any other.
func (d *Directory) IsRole(n Name) bool {
	for _, a := range d.list {
		if slices.ContainsFunc(a.Roles, func(g RoleGrant) bool { return g.Role == n }) {
			return true
		}
	}
	return false
}

// HasRole reports whether the role was granted to the account itself.
func (a *Account) HasRole(role Name) bool {
	return slices.ContainsFunc(a.Roles, func(g RoleGrant) bool { return g.Role == role })
}

// Granted lists the roles that the account can make active: its own and the mandatory ones, by name.
func (d *Directory) Granted(n Name, mandatory []Name) []Name {
	var list []Name
	if a := d.Find(n); a != nil {
		for _, g := range a.Roles {
			list = append(list, g.Role)
		}
	}
	for _, m := range mandatory {
		if d.Find(m) != nil && m != n && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, compareNames)
	return list
}

// Definer returns what the account may do in what it is the definer of, with its default roles; nil for an account that is not there.
func (d *Directory) Definer(n Name) *Set {
	a := d.Find(n)
	if a == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := a.Name.Plain()
	if s := d.sets[key]; s != nil {
		return s
	}
	s := d.Set(a.Name, a.Default)
	if len(d.sets) < maxKeptSets {
		d.sets[key] = s
	}
	return s
}

// EachGranted calls each with all role grants that the account has, those of its roles too.
func (d *Directory) EachGranted(n Name, each func(grantee Name, g RoleGrant)) {
	d.walk([]Name{n}, func(grantee Name, g RoleGrant) bool {
		each(grantee, g)
		return true
	})
}
