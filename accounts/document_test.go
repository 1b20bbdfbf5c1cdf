package accounts

import (
	"os"
	"strings"
	"testing"
	"time"
)

// golden is an account with everything that an account can have.
func golden() *Account {
	days, no := int64(30), false
	a := &Account{Name: Name{"u", "%"}, Plugin: CachingSHA2, Verifier: []byte("v"), Locked: true, Global: Select | GrantOption,
		Dynamic: map[string]bool{"BACKUP_ADMIN": true}, Databases: []DatabaseGrant{{`a\_b`, Insert}},
		Tables:   []TableGrant{{Database: "d", Table: "t", Privileges: Update, Columns: map[string]Privilege{"c": Select}, Grantor: "r@h", AtUS: 5}},
		Routines: []RoutineGrant{{Database: "d", Name: "f", Function: true, Privileges: Execute}},
		Roles:    []RoleGrant{{Role: Name{"r", "%"}, Admin: true}}, Default: []Name{{"r", "%"}}, Proxies: []ProxyGrant{{Proxied: Name{"p", "h"}, Grant: true}},
		Limits: Limits{UserConnections: 3}, TLS: TLS{Kind: "SPECIFIED", Issuer: "i"}, Attributes: []byte(`{"comment":"x"}`)}
	a.Password = PasswordPolicy{Expired: true, ChangedUS: 7, LifetimeDays: &days, History: &days, ReuseDays: &days, RequireOld: &no, FailedLogins: 2, LockDays: -1,
		Secondary: []byte("s"), SecondaryKind: NativePassword, Old: []OldPassword{{[]byte("o"), 3}}}
	return a
}

func TestADocumentKeepsItsFormat(t *testing.T) {
	want, err := os.ReadFile("testdata/account.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := golden().Document() + "\n"; got != string(want) {
		t.Errorf("document\n%swant\n%s", got, want)
	}
	a := Decode(Name{"u", "%"}, string(want), CachingSHA2, []byte("v"))
	if got := a.Document() + "\n"; got != string(want) {
		t.Errorf("read and written again\n%swant\n%s", got, want)
	}
}

func TestOlderAndNewerDocuments(t *testing.T) {
	old := Decode(Name{"u", "%"}, "CREATE USER 'u'@'%' ACCOUNT LOCK", "", nil)
	if !old.Locked || old.Plugin != CachingSHA2 || !NewDirectory([]*Account{old}).Set(old.Name, nil).All() {
		t.Errorf("an account of before: %+v", old)
	}
	newer := Decode(Name{"u", "%"}, strings.Replace(golden().Document(), `"format":1`, `"format":2`, 1), CachingSHA2, nil)
	set := NewDirectory([]*Account{newer}).Set(newer.Name, nil)
	if !newer.Unknown() || !newer.Locked || set.Global() != 0 || set.SeesDatabase("d") {
		t.Errorf("an account of a newer format: %+v", newer)
	}
	st, err := Parse([]byte("ALTER USER u ACCOUNT UNLOCK"), Name{"root", "%"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := NewDirectory([]*Account{newer})
	if _, err := st.Run(Work{Directory: d, Set: Everything(), Now: time.Unix(9, 0)}); err == nil {
		t.Error("an account of a newer format is overwritten")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(golden().Document())
	f.Add("GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION")
	f.Fuzz(func(t *testing.T, text string) {
		a := Decode(Name{"u", "%"}, text, "", nil)
		if !a.Unknown() && strings.HasPrefix(text, "{") {
			b := Decode(a.Name, a.Document(), a.Plugin, nil)
			if b.Document() != a.Document() {
				t.Errorf("%s\nbecomes\n%s", a.Document(), b.Document())
			}
		}
		NewDirectory([]*Account{a}).Set(a.Name, nil)
	})
}

func FuzzParse(f *testing.F) {
	f.Add("CREATE USER a@b IDENTIFIED BY 'x' REQUIRE SSL WITH MAX_USER_CONNECTIONS 1 PASSWORD EXPIRE COMMENT 'c'")
	f.Add("GRANT SELECT (a, b), INSERT ON TABLE d.t TO a, b WITH GRANT OPTION")
	f.Add("REVOKE IF EXISTS ALL PRIVILEGES, GRANT OPTION FROM a IGNORE UNKNOWN USER")
	f.Add("SET DEFAULT ROLE ALL TO a")
	f.Add("/*!80000 SHOW */ GRANTS FOR `a``b`@\"c\" USING d")
	f.Fuzz(func(t *testing.T, text string) {
		Begins([]byte(text))
		Redact(text)
		st, err := Parse([]byte(text), Name{"root", "%"}, Options{})
		if err != nil || st == nil {
			return
		}
		root := Administrator(Name{"root", "%"}, CachingSHA2, nil, false, time.Unix(1, 0))
		d := NewDirectory([]*Account{root, golden()})
		_, _ = st.Run(Work{Directory: d, Set: d.Set(root.Name, nil), Who: Who{Name: root.Name}, Now: time.Unix(9, 0), Random: strings.NewReader(strings.Repeat("aB3!xyz", 999)),
			Login: func(a *Account) []Name { return a.Default }})
	})
}
