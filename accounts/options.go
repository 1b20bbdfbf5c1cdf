package accounts

import (
	"encoding/json"
	"fmt"
	"slices"

	"marmot/mysqlerr"
)

// userOptions reads what follows the accounts of CREATE USER and ALTER USER.
func (r *reader) userOptions() *userOptions {
	o := &userOptions{}
	if r.accept("DEFAULT", "ROLE") {
		o.any = true
		list := []Name{}
		switch {
		case r.accept("NONE"):
		case r.accept("ALL"):
			o.all = true
		default:
			list = r.accounts()
		}
		o.roles = &list
	}
	if r.accept("REQUIRE") {
		o.any = true
		o.tls = r.tls()
	}
	if r.accept("WITH") {
		o.any = true
		if !r.limit(o) {
			r.wrong()
		}
		for r.limit(o) {
		}
	}
	for r.passwordOption(o) {
		o.any = true
	}
	switch {
	case r.accept("COMMENT"):
		o.any = true
		text, err := json.Marshal(map[string]string{"comment": r.str()})
		if err != nil {
			r.fail(err)
		}
		o.attribute(string(text))
	case r.accept("ATTRIBUTE"):
		o.any = true
		o.attribute(r.str())
	}
	return o
}

func (o *userOptions) attribute(text string) {
	o.change(func(a *Account, _ *work) (err error) {
		a.Attributes, err = mergeAttributes(a.Attributes, text)
		return err
	})
}

func (o *userOptions) change(f func(a *Account, w *work) error) { o.changes = append(o.changes, f) }

// tls reads what follows REQUIRE.
func (r *reader) tls() *TLS {
	switch {
	case r.accept("NONE"):
		return &TLS{}
	case r.accept("SSL"):
		return &TLS{Kind: "ANY"}
	case r.accept("X509"):
		return &TLS{Kind: "X509"}
	}
	t := &TLS{Kind: "SPECIFIED"}
	for first := true; ; first = false {
		and := r.accept("AND")
		switch {
		case r.accept("CIPHER"):
			t.Cipher = r.str()
		case r.accept("ISSUER"):
			t.Issuer = r.str()
		case r.accept("SUBJECT"):
			t.Subject = r.str()
		default:
			if first || and {
				r.wrong()
			}
			return t
		}
	}
}

// limit reads one resource limit.
func (r *reader) limit(o *userOptions) bool {
	set := func(place func(l *Limits) *int64) bool {
		n := r.number()
		o.change(func(a *Account, _ *work) error { *place(&a.Limits) = n; return nil })
		return true
	}
	switch {
	case r.accept("MAX_QUERIES_PER_HOUR"):
		return set(func(l *Limits) *int64 { return &l.Queries })
	case r.accept("MAX_UPDATES_PER_HOUR"):
		return set(func(l *Limits) *int64 { return &l.Updates })
	case r.accept("MAX_CONNECTIONS_PER_HOUR"):
		return set(func(l *Limits) *int64 { return &l.Connections })
	case r.accept("MAX_USER_CONNECTIONS"):
		return set(func(l *Limits) *int64 { return &l.UserConnections })
	}
	return false
}

// days reads the days of an option, of which there may be at most most.
func (r *reader) days(unit string, least, most int64) int64 {
	n := r.number()
	if r.err == nil && (n < least || n > most) {
		r.fail(mysqlerr.Newf(errWrongValue, "Incorrect %s value: '%d'", unit, n))
	}
	return n
}

// passwordOption reads one of the PASSWORD, FAILED_LOGIN_ATTEMPTS and ACCOUNT options.
func (r *reader) passwordOption(o *userOptions) bool {
	p := func(f func(p *PasswordPolicy)) bool {
		o.change(func(a *Account, _ *work) error { f(&a.Password); return nil })
		return true
	}
	switch {
	case r.accept("PASSWORD", "EXPIRE", "DEFAULT"):
		return p(func(p *PasswordPolicy) { p.LifetimeDays = nil })
	case r.accept("PASSWORD", "EXPIRE", "NEVER"):
		return p(func(p *PasswordPolicy) { p.LifetimeDays = new(int64) })
	case r.accept("PASSWORD", "EXPIRE", "INTERVAL"):
		n := r.days("DAY", 1, 65535)
		r.expect("DAY")
		return p(func(p *PasswordPolicy) { p.LifetimeDays = &n })
	case r.accept("PASSWORD", "EXPIRE"):
		return p(func(p *PasswordPolicy) { p.Expired = true })
	case r.accept("PASSWORD", "HISTORY"):
		n := r.countOrDefault("HISTORY")
		return o.remembering(func(p *PasswordPolicy) { p.History = n })
	case r.accept("PASSWORD", "REUSE", "INTERVAL"):
		n := r.countOrDefault("DAY")
		if n != nil {
			r.expect("DAY")
		}
		return o.remembering(func(p *PasswordPolicy) { p.ReuseDays = n })
	case r.accept("PASSWORD", "REQUIRE", "CURRENT"):
		yes, no := true, false
		old := &yes
		switch {
		case r.accept("DEFAULT"):
			old = nil
		case r.accept("OPTIONAL"):
			old = &no
		}
		return p(func(p *PasswordPolicy) { p.RequireOld = old })
	case r.accept("FAILED_LOGIN_ATTEMPTS"):
		n := r.days("FAILED_LOGIN_ATTEMPTS", 0, 32767)
		return p(func(p *PasswordPolicy) { p.FailedLogins = n })
	case r.accept("PASSWORD_LOCK_TIME", "UNBOUNDED"):
		return p(func(p *PasswordPolicy) { p.LockDays = -1 })
	case r.accept("PASSWORD_LOCK_TIME"):
		n := r.days("PASSWORD_LOCK_TIME", 0, 32767)
		return p(func(p *PasswordPolicy) { p.LockDays = n })
	case r.accept("ACCOUNT", "LOCK"):
		o.change(func(a *Account, _ *work) error { a.Locked = true; return nil })
		return true
	case r.accept("ACCOUNT", "UNLOCK"):
		o.change(func(a *Account, _ *work) error { a.Locked = false; return nil })
		return true
	}
	return false
}

// remembering changes how long passwords are remembered; the present one counts from now on.
func (o *userOptions) remembering(f func(p *PasswordPolicy)) bool {
	o.change(func(a *Account, w *work) error {
		f(&a.Password)
		if len(a.Password.Old) == 0 {
			w.remember(a)
		}
		return nil
	})
	return true
}

// countOrDefault reads a number, or DEFAULT, which is nil.
func (r *reader) countOrDefault(unit string) *int64 {
	if r.accept("DEFAULT") {
		return nil
	}
	n := r.days(unit, 0, 65535)
	return &n
}

// apply gives an account the options.
func (o *userOptions) apply(a *Account, w *work) error {
	if o.tls != nil {
		a.TLS = *o.tls
	}
	for _, f := range o.changes {
		if err := f(a, w); err != nil {
			return err
		}
	}
	if o.roles == nil {
		return nil
	}
	if o.all {
		a.Default = nil
		for _, g := range a.Roles {
			a.Default = append(a.Default, g.Role)
		}
		return nil
	}
	known := w.Directory.Find(a.Name) != nil
	for _, n := range *o.roles {
		if w.find(n) == nil {
			return mysqlerr.Newf(errMissingAccount, "Authorization ID %s does not exist.", n)
		}
		switch {
		case a.HasRole(n), slices.Contains(w.Mandatory, n):
		case known:
			return notGranted(n, a.Name)
		default: // CREATE USER grants its default roles
			a.Roles = append(a.Roles, RoleGrant{Role: n})
		}
	}
	a.Default = slices.Clone(*o.roles)
	return nil
}

// notGranted is ER_ROLE_NOT_GRANTED.
func notGranted(role, to Name) error {
	return mysqlerr.Newf(3530, "%s", fmt.Sprintf("%s is not granted to %s", role, to))
}
