package accounts

import (
	"bytes"
	"testing"
)

// The vectors are openssl's (openssl passwd -5 -salt).
func TestSHA256CryptVectors(t *testing.T) {
	for _, v := range []struct{ salt, password, want string }{
		{"saltstring", "Hello world!", "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
		{"abcdefghijklmnop", "a much longer password than one block of SHA-256 holds, really", "gdWHdEk.UbdlQCQbLLSPVQI9YfWqBA0knS5nsmZX9x9"},
		{"x", "y", "O88x.c5Ao7NZzaN9zyegs3CCy.SvzO2.S80Sji5VOk0"},
	} {
		if got := string(sha256Crypt([]byte(v.password), []byte(v.salt), 5000)); got != v.want {
			t.Errorf("crypt(%q) = %s, want %s", v.password, got, v.want)
		}
	}
}

func TestPasswordIsVerifiedByItsVerifierAlone(t *testing.T) {
	random := bytes.NewReader([]byte("\x00$abcdefghijklmnopqrstuvwx"))
	verifier, err := HashPassword("secret", random)
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"secret": true, "Secret": false, "": false} {
		if got, err := CheckPassword(verifier, password); err != nil || got != want {
			t.Errorf("check %q: %v, %v, want %v", password, got, err, want)
		}
	}
	if ok, _ := CheckPassword(nil, ""); !ok {
		t.Error("an account without password refuses the empty password")
	}
	if _, err := CheckPassword([]byte("*94BDCEBE"), "secret"); err == nil {
		t.Error("a verifier of another plugin is accepted")
	}
}
