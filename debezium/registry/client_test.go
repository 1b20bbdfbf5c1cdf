package registry

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"marmot/internal/credentials"
	"marmot/internal/kafkatest"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

func TestSchemasOfOneFormAreFound(t *testing.T) {
	base := `{"type":"record","name":"a.b.E","fields":[{"name":"v","type":["null",{"type":"record","name":"V","fields":[{"name":"i","type":"int"}]}]},{"name":"w","type":["null","V"]}]}`
	for text, want := range map[string]bool{
		base: true,
		`{"type":"record","name":"E","namespace":"a.b","doc":"d","fields":[{"name":"v","default":null,"type":["null",{"type":"record","name":"a.b.V","fields":[{"name":"i","type":{"type":"int","x":1}}]}]},{"name":"w","type":["null","a.b.V"]}]}`: true,
		strings.Replace(base, `"int"`, `"long"`, 1):                                          false,
		strings.Replace(base, `"w"`, `"x"`, 1):                                               false,
		strings.Replace(base, `["null","V"]`, `["V","null"]`, 1):                             false,
		strings.Replace(base, `"a.b.E"`, `"a.c.E"`, 1):                                       false,
		strings.Replace(base, `"type":"int"}`, `"type":"int"},{"name":"j","type":"int"}`, 1): false,
		`{`: false,
	} {
		if got := sameForm(Avro, base, text); got != want {
			t.Errorf("%v of %s, want %v", got, text, want)
		}
	}
}

// TestTheRegistrysCertificateIsVerified: by the authorities given, and by name unless any will do.
func TestTheRegistrysCertificateIsVerified(t *testing.T) {
	fake := srfake.New()
	defer fake.Close()
	server := httptest.NewTLSServer(fake.Handler())
	defer server.Close()
	authority := credentials.Secret(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(authority), 0o600); err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // the certificate has 127.0.0.1 and example.com
	for name, c := range map[string]struct {
		url string
		tls TLS
		ok  bool
	}{
		"unknown authority":           {server.URL, TLS{}, false},
		"authority":                   {server.URL, TLS{Authorities: authority}, true},
		"authority from a file":       {server.URL, TLS{AuthoritiesFile: file}, true},
		"no such file":                {server.URL, TLS{AuthoritiesFile: file + "x"}, false},
		"another name":                {other, TLS{Authorities: authority}, false},
		"any name":                    {other, TLS{Authorities: authority, AnyName: true}, true},
		"any name, unknown authority": {other, TLS{AnyName: true}, false},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(Options{URLs: []*url.URL{u}, TLS: c.tls}).ID(t.Context(), Register, "s", Avro, `"string"`)
		var refused *RefusedError
		if (err == nil) != c.ok || errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAClientsCertificateAndPasswordAreRenewed: what is written anew is used for the next question.
func TestAClientsCertificateAndPasswordAreRenewed(t *testing.T) {
	fake := srfake.New()
	defer fake.Close()
	authority := kafkatest.NewAuthority(t, "authority")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "anna" || password != "right" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fake.Handler().ServeHTTP(w, r)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Pair("registry", time.Hour)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authority.Pool()}
	server.StartTLS()
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ca := kafkatest.Write(t, filepath.Join(dir, "ca.pem"), authority.PEM)
	mine, password := filepath.Join(dir, "mine.pem"), filepath.Join(dir, "login")
	put := func(valid time.Duration, login string) {
		certificate, key := authority.Issue("anna", valid)
		kafkatest.Write(t, mine, append(certificate, key...))
		kafkatest.Write(t, password, []byte(login+"\n"))
	}
	client := New(Options{URLs: []*url.URL{u}, UserInfo: credentials.Secret("${directory:" + dir + ":login}"), TLS: TLS{AuthoritiesFile: ca, CertificateFile: mine}})
	for _, step := range []struct {
		valid       time.Duration
		login, want string
	}{{-time.Minute, "anna:right", "has expired"}, {time.Hour, "anna:wrong", "wants another login: see basic.auth.user.info"}, {time.Hour, "anna", "want user:password"}, {time.Hour, "anna:right", ""}} {
		put(step.valid, step.login)
		_, err := client.ID(t.Context(), Register, "s", Avro, `"string"`)
		if step.want == "" && err != nil || step.want != "" && (err == nil || !strings.Contains(err.Error(), step.want)) {
			t.Errorf("%s: %v, want %q", step.login, err, step.want)
		}
		if err != nil && (strings.Contains(err.Error(), "right") || strings.Contains(err.Error(), "wrong")) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

// TestARefusalIsRememberedForAWhile: each event of a table whose schema is refused would ask the registry else.
func TestARefusalIsRememberedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		client := New(Options{})
		var err error
		if client.made, err = client.options.TLS.Fingerprint("", ""); err != nil {
			t.Fatal(err)
		}
		client.registry, err = sr.NewClient(sr.HTTPClient(&http.Client{Transport: answers(func(*http.Request) *http.Response {
			asked++
			if asked == 3 {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"id":7}`))}
			}
			return &http.Response{StatusCode: 409, Body: io.NopCloser(strings.NewReader(`{"error_code":409,"message":"incompatible"}`))}
		})}))
		if err != nil {
			t.Fatal(err)
		}
		ask := func() (ID, error) { return client.ID(t.Context(), Register, "s", Avro, `"string"`) }
		for wanted := 1; wanted <= 2; wanted++ {
			for range 5 {
				var refused *RefusedError
				if _, err := ask(); !errors.As(err, &refused) || asked != wanted {
					t.Fatalf("asked %d times, want %d: %v", asked, wanted, err)
				}
			}
			time.Sleep(refusedFor)
		}
		if id, err := ask(); id != 7 || err != nil || asked != 3 {
			t.Errorf("what is no longer refused: %d, %v, asked %d times", id, err, asked)
		}
	})
}

type answers func(*http.Request) *http.Response

// RoundTrip implements http.RoundTripper.
func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }
