package accounts

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"
)

// TestStatementsAreLoggedWithVerifiers: no password stands in the text, and whoever executes it elsewhere gets the same accounts.
func TestStatementsAreLoggedWithVerifiers(t *testing.T) {
	verifier := func(name Name, out *Outcome) string {
		for _, a := range out.Changed {
			if a.Name == name {
				return quotedFor(string(a.Verifier), Options{})
			}
		}
		return "''"
	}
	u, root := Name{"u", "%"}, Name{"root", "%"}
	there := &Account{Name: u, Plugin: CachingSHA2, Verifier: []byte("$A$005$old"), Dynamic: map[string]bool{}}
	for _, c := range []struct{ text, want string }{
		{"create user n identified by 'secret' password expire;", "CREATE USER 'n'@'%' IDENTIFIED WITH 'caching_sha2_password' AS {n} password expire"},
		{"CREATE USER IF NOT EXISTS n, `m`@h IDENTIFIED BY 'secret' REQUIRE SSL",
			"CREATE USER IF NOT EXISTS 'n'@'%' IDENTIFIED WITH 'caching_sha2_password', 'm'@'h' IDENTIFIED WITH 'caching_sha2_password' AS {m@h} REQUIRE SSL"},
		{"CREATE USER IF NOT EXISTS u IDENTIFIED BY 'secret', n", "CREATE USER IF NOT EXISTS 'u'@'%' IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$old', 'n'@'%' IDENTIFIED WITH 'caching_sha2_password'"},
		{"CREATE USER n IDENTIFIED BY RANDOM PASSWORD COMMENT 'it''s'", "CREATE USER 'n'@'%' IDENTIFIED WITH 'caching_sha2_password' AS {n} COMMENT 'it''s'"},
		{"alter user u identified by 'secret' retain current password", "ALTER USER 'u'@'%' IDENTIFIED WITH 'caching_sha2_password' AS {u} RETAIN CURRENT PASSWORD"},
		{"ALTER USER CURRENT_USER() IDENTIFIED BY 'secret'", "ALTER USER 'root'@'%' IDENTIFIED WITH 'caching_sha2_password' AS {root}"},
		{"ALTER USER IF EXISTS u ACCOUNT LOCK", "ALTER USER IF EXISTS 'u'@'%' ACCOUNT LOCK"},
		{"ALTER USER u DISCARD OLD PASSWORD", "ALTER USER 'u'@'%' DISCARD OLD PASSWORD"},
		{"SET PASSWORD FOR u = 'secret'", "ALTER USER 'u'@'%' IDENTIFIED WITH 'caching_sha2_password' AS {u}"},
		{"SET PASSWORD = 'secret'", "ALTER USER 'root'@'%' IDENTIFIED WITH 'caching_sha2_password' AS {root}"},
		{"GRANT SELECT ON a.* TO u", "GRANT SELECT ON a.* TO u"},
		{"DROP USER u", "DROP USER u"},
		{"CREATE ROLE r", "CREATE ROLE r"},
	} {
		st, err := Parse([]byte(c.text), root, Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		own := &Account{Name: root, Plugin: CachingSHA2, Verifier: []byte("r"), Dynamic: map[string]bool{}}
		copied := *there
		out, err := st.Run(Work{Directory: NewDirectory([]*Account{&copied, own}), Set: Everything(), Who: Who{Name: root}, Now: time.Unix(9, 0), Random: rand.Reader})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		want := strings.NewReplacer("{n}", verifier(Name{"n", "%"}, out), "{m@h}", verifier(Name{"m", "h"}, out), "{u}", verifier(u, out), "{root}", verifier(root, out)).Replace(c.want)
		if out.Text != want || strings.Contains(out.Text, "secret") {
			t.Errorf("%s\ngot  %q\nwant %q", c.text, out.Text, want)
		}
		if _, err := Parse([]byte(out.Text), root, Options{}); err != nil {
			t.Errorf("%s: %v", out.Text, err)
		}
	}
	for o, want := range map[Options]string{{}: `'a\'b\\c\nd'`, {NoBackslashEscapes: true}: "'a''b\\c\nd'"} {
		if got := quotedFor("a'b\\c\nd", o); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
