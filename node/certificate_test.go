package node

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOwnCertificate(t *testing.T) {
	now := time.Now()
	own := ownCertificates{dir: filepath.Join(t.TempDir(), "data"), hosts: []string{"db.example", "192.0.2.7", "0.0.0.0", ""}, now: now, random: rand.Reader}
	first, err := own.server()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{caFile: 0o644, certificateFile: 0o644, caKeyFile: 0o600, keyFile: 0o600} {
		info, err := os.Stat(filepath.Join(own.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != want {
			t.Errorf("%s has mode %o, want %o", name, mode, want)
		}
	}
	authority, err := os.ReadFile(filepath.Join(own.dir, caFile))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "db.example", "192.0.2.7"} {
		if _, err := first.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: host}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, step := range []struct {
		name string
		at   time.Time
		lose string // file that is gone
		same bool
	}{
		{"the next start", now.Add(time.Hour), "", true},
		{"expired", now.Add(certificateLife + time.Hour), "", false},
		{"a crash before the certificate was written", now, certificateFile, false},
		{"no key", now, keyFile, false},
		{"a crash before the authority was written", now, caFile, true},
	} {
		own.now = now
		before, err := own.server()
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if step.lose != "" {
			if err := os.Remove(filepath.Join(own.dir, step.lose)); err != nil {
				t.Fatal(err)
			}
		}
		own.now = step.at
		after, err := own.server()
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if same := bytes.Equal(before.Certificate[0], after.Certificate[0]); same != step.same {
			t.Errorf("%s: same certificate: %t, want %t", step.name, same, step.same)
		}
	}
	if err := os.WriteFile(filepath.Join(own.dir, keyFile), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := own.server(); err == nil || !strings.Contains(err.Error(), "remove both") {
		t.Errorf("a key that is none: %v", err)
	}
}

func TestPasswordKeyStays(t *testing.T) {
	own := ownCertificates{dir: t.TempDir(), now: time.Now(), random: rand.Reader}
	first, err := own.passwordKey()
	if err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(own.dir, publicKeyFile)
	want, err := os.ReadFile(public)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(public); err != nil {
		t.Fatal(err)
	}
	again, err := own.passwordKey()
	if err != nil || !again.Equal(first) {
		t.Errorf("another key, error %v", err)
	}
	if got, err := os.ReadFile(public); err != nil || !bytes.Equal(got, want) {
		t.Errorf("public key %q, error %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(own.dir, passwordKeyFile), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := own.passwordKey(); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("a key that is none: %v", err)
	}
}
