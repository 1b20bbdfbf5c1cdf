package session

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"marmot/applier/ledger"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// errorCannotUser is ER_CANNOT_USER, and errorPluginMissing ER_PLUGIN_IS_NOT_LOADED.
const (
	errorCannotUser    = 1396
	errorPluginMissing = 1524
)

// accountStatement carries out CREATE, ALTER, DROP and RENAME USER, SET PASSWORD and GRANT, which are
// about the cluster's accounts and nothing else. It reports false when the statement is another.
func (s *Session) accountStatement(r *run) (done bool, err error) {
	p := &accountParser{words: accountWords(r.text, s.vars.mode)}
	var f func(*Session, *run, *accountParser) error
	switch {
	case p.accept("CREATE", "USER"):
		f = (*Session).createUser
	case p.accept("ALTER", "USER"):
		f = (*Session).alterUser
	case p.accept("DROP", "USER"):
		f = (*Session).dropUser
	case p.accept("RENAME", "USER"):
		f = (*Session).renameUser
	case p.accept("SET", "PASSWORD"):
		f = (*Session).setPassword
	case p.accept("GRANT"):
		f = (*Session).grant
	default:
		return false, nil
	}
	if err := s.commitOpen(r); err != nil {
		return true, err
	}
	if err := f(s, r, p); err != nil {
		return true, err
	}
	return true, s.ok(r, Result{})
}

// accountWord is a token of an account statement: a word or sign, or a quoted text.
type accountWord struct {
	text   string
	quoted bool
}

// accountWords cuts a statement into words, if its first word is one of an account statement's.
func accountWords(text []byte, mode dialect.SQLMode) []accountWord {
	first, _, _ := bytes.Cut(bytes.TrimLeft(text, " \t\r\n"), []byte(" "))
	switch strings.ToUpper(string(first)) {
	case "CREATE", "ALTER", "DROP", "RENAME", "SET", "GRANT":
	default:
		return nil
	}
	var list []accountWord
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			i++
		case c == '\'' || c == '"' || c == '`':
			word, next := quotedWord(text, i, mode&dialect.NoBackslashEscapes == 0 && c != '`')
			list = append(list, accountWord{text: word, quoted: true})
			i = next
		case isNameByte(c):
			from := i
			for i < len(text) && isNameByte(text[i]) {
				i++
			}
			list = append(list, accountWord{text: string(text[from:i])})
		default:
			list = append(list, accountWord{text: string(c)})
			i++
		}
		if len(list) == 2 && !strings.EqualFold(list[1].text, "USER") && !strings.EqualFold(list[1].text, "PASSWORD") && !strings.EqualFold(list[0].text, "GRANT") {
			return nil
		}
	}
	return list
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || c == '.' || c == '%' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// quotedWord reads the text quoted at i and returns the place behind it.
func quotedWord(text []byte, i int, escapes bool) (string, int) {
	quote := text[i]
	var word []byte
	for i++; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && escapes && i+1 < len(text):
			i++
			word = append(word, text[i])
		case c == quote && i+1 < len(text) && text[i+1] == quote:
			i++
			word = append(word, quote)
		case c == quote:
			return string(word), i + 1
		default:
			word = append(word, c)
		}
	}
	return string(word), i
}

// accountParser reads the words from left to right.
type accountParser struct {
	words []accountWord
	at    int
}

func (p *accountParser) end() bool { return p.at >= len(p.words) }

// accept moves past the words if they come next.
func (p *accountParser) accept(words ...string) bool {
	if p.at+len(words) > len(p.words) {
		return false
	}
	for i, w := range words {
		if next := p.words[p.at+i]; next.quoted || !strings.EqualFold(next.text, w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

func (p *accountParser) wrong() error {
	near := ""
	for _, w := range p.words[min(p.at, len(p.words)):] {
		near += w.text + " "
	}
	return mysqlerr.New(mysql.ER_PARSE_ERROR, "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use", strings.TrimSpace(near), 1)
}

// text reads a quoted text.
func (p *accountParser) text() (string, error) {
	if p.end() || !p.words[p.at].quoted {
		return "", p.wrong()
	}
	p.at++
	return p.words[p.at-1].text, nil
}

// account reads 'user'@'host'; without host it is %.
func (p *accountParser) account(s *Session) (user, host string, err error) {
	if p.accept("CURRENT_USER") || p.accept("USER") {
		if p.accept("(") && !p.accept(")") {
			return "", "", p.wrong()
		}
		return s.info.Account.User, s.info.Account.Host, nil
	}
	if p.end() {
		return "", "", p.wrong()
	}
	user, host = p.words[p.at].text, "%"
	p.at++
	if p.accept("@") {
		if p.end() {
			return "", "", p.wrong()
		}
		host = p.words[p.at].text
		p.at++
	}
	return user, host, nil
}

// identification reads IDENTIFIED …; without it the verifier stays as it is given.
func (p *accountParser) identification(s *Session, verifier []byte) ([]byte, error) {
	if !p.accept("IDENTIFIED") {
		return verifier, nil
	}
	if p.accept("WITH") {
		if p.end() {
			return nil, p.wrong()
		}
		if plugin := p.words[p.at].text; !strings.EqualFold(plugin, verifierPlugin) {
			return nil, mysqlerr.Newf(errorPluginMissing, "Plugin '%s' is not loaded", plugin)
		}
		p.at++
	}
	switch {
	case p.accept("BY"):
		password, err := p.text()
		if err != nil {
			return nil, err
		}
		return HashPassword(password, s.engine.options.Random)
	case p.accept("AS"):
		text, err := p.text()
		if err == nil && CheckVerifier([]byte(text)) != nil {
			err = mysqlerr.Newf(1827, "The password hash doesn't have the expected format.")
		}
		return []byte(text), err
	}
	return nil, nil
}

// options reads ACCOUNT LOCK and UNLOCK, and skips other options of accounts, which change nothing here.
func (p *accountParser) options(locked bool) bool {
	for !p.end() && !p.isComma() {
		switch {
		case p.accept("ACCOUNT", "LOCK"):
			locked = true
		case p.accept("ACCOUNT", "UNLOCK"):
			locked = false
		default:
			p.at++
		}
	}
	return locked
}

func (p *accountParser) isComma() bool { return !p.words[p.at].quoted && p.words[p.at].text == "," }

// findAccount returns the account of exactly that name and host.
func (e *Engine) findAccount(user, host string) (found txn.Account, known bool) {
	e.ask(func(l *ledger.Ledger) {
		for _, a := range l.Accounts() {
			if a.User == user && strings.EqualFold(a.Host, host) {
				found, known = a, true
			}
		}
	})
	return found, known
}

// putAccount stores the newest word on an account in the log and waits for its decision.
func (s *Session) putAccount(r *run, user, host string, verifier []byte, locked bool) error {
	statement := fmt.Sprintf("CREATE USER '%s'@'%s'", user, host)
	if locked {
		statement += " ACCOUNT LOCK"
	}
	a := &txn.Account{User: user, Host: host, Statement: statement, Verifier: verifier, Plugin: verifierPlugin}
	return s.sendAccount(r, a)
}

func (s *Session) sendAccount(r *run, a *txn.Account) error {
	s.slot.give()
	if _, err := s.engine.options.Origin.Control(context.WithoutCancel(r.ctx), a); err != nil {
		return fmt.Errorf("account '%s'@'%s': %w", a.User, a.Host, err)
	}
	return nil
}

func cannot(what, user, host string) error {
	return mysqlerr.Newf(errorCannotUser, "Operation %s failed for '%s'@'%s'", what, user, host)
}

func (s *Session) createUser(r *run, p *accountParser) error {
	lenient := p.accept("IF", "NOT", "EXISTS")
	for {
		user, host, err := p.account(s)
		if err != nil {
			return err
		}
		verifier, err := p.identification(s, nil)
		if err != nil {
			return err
		}
		locked := p.options(false)
		_, known := s.engine.findAccount(user, host)
		switch {
		case known && lenient:
			s.Warn(mysqlerr.Newf(3163, "Authorization ID '%s'@'%s' already exists.", user, host))
		case known:
			return cannot("CREATE USER", user, host)
		default:
			if err := s.putAccount(r, user, host, verifier, locked); err != nil {
				return err
			}
		}
		if !p.accept(",") {
			return nil
		}
	}
}

func (s *Session) alterUser(r *run, p *accountParser) error {
	lenient := p.accept("IF", "EXISTS")
	for {
		user, host, err := p.account(s)
		if err != nil {
			return err
		}
		old, known := s.engine.findAccount(user, host)
		verifier, err := p.identification(s, old.Verifier)
		if err != nil {
			return err
		}
		locked := p.options(isLocked(old.Statement))
		switch {
		case known:
			if err := s.putAccount(r, user, host, verifier, locked); err != nil {
				return err
			}
		case lenient:
			s.Warn(mysqlerr.Newf(3162, "Authorization ID '%s'@'%s' does not exist.", user, host))
		default:
			return cannot("ALTER USER", user, host)
		}
		if !p.accept(",") {
			return nil
		}
	}
}

func (s *Session) dropUser(r *run, p *accountParser) error {
	lenient := p.accept("IF", "EXISTS")
	for {
		user, host, err := p.account(s)
		if err != nil {
			return err
		}
		_, known := s.engine.findAccount(user, host)
		switch {
		case known:
			if err := s.sendAccount(r, &txn.Account{User: user, Host: host, Removed: true}); err != nil {
				return err
			}
		case lenient:
			s.Warn(mysqlerr.Newf(3162, "Authorization ID '%s'@'%s' does not exist.", user, host))
		default:
			return cannot("DROP USER", user, host)
		}
		if !p.accept(",") {
			return p.finish()
		}
	}
}

func (p *accountParser) finish() error {
	if !p.end() && !p.accept(";") {
		return p.wrong()
	}
	return nil
}

func (s *Session) renameUser(r *run, p *accountParser) error {
	for {
		user, host, err := p.account(s)
		if err != nil {
			return err
		}
		if !p.accept("TO") {
			return p.wrong()
		}
		newUser, newHost, err := p.account(s)
		if err != nil {
			return err
		}
		old, known := s.engine.findAccount(user, host)
		if _, taken := s.engine.findAccount(newUser, newHost); !known || taken {
			return cannot("RENAME USER", user, host)
		}
		if err := s.putAccount(r, newUser, newHost, old.Verifier, isLocked(old.Statement)); err != nil {
			return err
		}
		if err := s.sendAccount(r, &txn.Account{User: user, Host: host, Removed: true}); err != nil {
			return err
		}
		if !p.accept(",") {
			return p.finish()
		}
	}
}

func (s *Session) setPassword(r *run, p *accountParser) error {
	user, host := s.info.Account.User, s.info.Account.Host
	if p.accept("FOR") {
		var err error
		if user, host, err = p.account(s); err != nil {
			return err
		}
	}
	if !p.accept("=") {
		return p.wrong()
	}
	password, err := p.text()
	if err != nil {
		return err
	}
	old, known := s.engine.findAccount(user, host)
	if !known {
		return mysqlerr.New(mysql.ER_PASSWORD_NO_MATCH)
	}
	verifier, err := HashPassword(password, s.engine.options.Random)
	if err != nil {
		return err
	}
	return s.putAccount(r, user, host, verifier, isLocked(old.Statement))
}

// grant accepts what every account has anyway, all privileges, and says so when less was meant.
func (s *Session) grant(_ *run, p *accountParser) error {
	for !p.end() && !p.accept("TO") {
		p.at++
	}
	for {
		user, host, err := p.account(s)
		if err != nil {
			return err
		}
		if _, known := s.engine.findAccount(user, host); !known {
			return mysqlerr.Newf(1410, "You are not allowed to create a user with GRANT")
		}
		if !p.accept(",") {
			break
		}
	}
	s.Warn(mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "Every account has all privileges; Marmot does not restrict them yet"))
	return nil
}

// isLocked reports whether the stored statement of an account locks it.
func isLocked(statement string) bool { return strings.HasSuffix(statement, "ACCOUNT LOCK") }
