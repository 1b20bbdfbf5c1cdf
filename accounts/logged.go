package accounts

import "strings"

// logged is the text of a statement as the binary log has it: passwords as verifiers, CURRENT_USER by name where passwords are.
type logged struct {
	lead  string // of what is spelled anew, empty: the text stands as it is
	users []loggedUser
	rest  string // behind the users
}

// loggedUser is an account with what it is identified by.
type loggedUser struct {
	*authentication
	created bool
}

// behind is the text from the word that comes next.
func (r *reader) behind() string {
	if w := r.peek(0); w.start < len(r.text) {
		return string(r.text[w.start:])
	}
	return ""
}

// logs notes how a statement with authentications is spelled; its rest comes next.
func (r *reader) logs(lead string, users []authentication, created bool) {
	l := logged{lead: lead, rest: strings.TrimRight(r.behind(), "; \t\r\n")}
	for i := range users {
		l.users = append(l.users, loggedUser{&users[i], created})
	}
	r.logged = l
}

// text spells the statement, once the accounts are as it leaves them.
func (l *logged) text(w *work, plain string, o Options) string {
	if l.lead == "" {
		return plain
	}
	var b strings.Builder
	b.WriteString(l.lead)
	for i, u := range l.users {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(" " + quotedFor(u.account.User, o) + "@" + quotedFor(u.account.Host, o))
		a := w.find(u.account)
		switch {
		case a == nil:
		case u.discard:
			b.WriteString(" DISCARD OLD PASSWORD")
		case u.given || u.created:
			b.WriteString(" IDENTIFIED WITH " + quotedFor(a.Plugin, o))
			if u.given && a.Plugin != Socket {
				b.WriteString(" AS " + quotedFor(string(a.Verifier), o))
			}
			if u.retain {
				b.WriteString(" RETAIN CURRENT PASSWORD")
			}
		}
	}
	if l.rest != "" {
		b.WriteString(" " + l.rest)
	}
	return b.String()
}

// quotedFor is a string in single quotes, as the session's mode reads it.
func quotedFor(text string, o Options) string {
	pairs := []string{"'", "''"}
	if !o.NoBackslashEscapes {
		pairs = []string{"'", `\'`, `\`, `\\`, "\x00", `\0`, "\n", `\n`, "\r", `\r`, "\x1a", `\Z`}
	}
	return "'" + strings.NewReplacer(pairs...).Replace(text) + "'"
}

// CreateText is the statement that makes an account elsewhere, without its privileges.
func CreateText(a *Account) string {
	return "CREATE USER IF NOT EXISTS " + quotedFor(a.User, Options{}) + "@" + quotedFor(a.Host, Options{}) +
		" IDENTIFIED WITH " + quotedFor(a.Plugin, Options{}) + " AS " + quotedFor(string(a.Verifier), Options{})
}
