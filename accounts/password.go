package accounts

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	saltBytes      = 20
	passwordRounds = 5 // thousands
	cryptAlphabet  = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// HashPassword makes the verifier that MySQL's caching_sha2_password stores: "$A$005$",
// twenty bytes of salt read from random, and 43 characters of SHA-256 crypt with 5000 rounds.
// An empty password has an empty verifier.
func HashPassword(password string, random io.Reader) ([]byte, error) {
	if password == "" {
		return nil, nil
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("salt of a password: %w", err)
	}
	for i, b := range salt { // seven bits, neither NUL nor the separator, as MySQL does
		b &= 0x7f
		if b == 0 || b == '$' {
			b++
		}
		salt[i] = b
	}
	return fmt.Appendf(nil, "$A$%03X$%s%s", passwordRounds, salt, sha256Crypt([]byte(password), salt, passwordRounds*1000)), nil
}

// errVerifier is a stored verifier that is none.
var errVerifier = errors.New("the stored verifier is not one of caching_sha2_password")

// CheckPassword reports whether password is the one that verifier was made of.
func CheckPassword(verifier []byte, password string) (bool, error) {
	if len(verifier) == 0 {
		return password == "", nil
	}
	if err := CheckVerifier(verifier); err != nil {
		return false, err
	}
	rounds, _ := strconv.ParseUint(string(verifier[3:6]), 16, 16) // CheckVerifier has parsed it
	salt, want := verifier[7:7+saltBytes], verifier[7+saltBytes:]
	return subtle.ConstantTimeCompare(sha256Crypt([]byte(password), salt, int(rounds)*1000), want) == 1, nil
}

// CheckVerifier reports whether verifier has the form that HashPassword gives, as
// CREATE USER … IDENTIFIED WITH caching_sha2_password AS requires. Empty is no password.
func CheckVerifier(verifier []byte) error {
	if len(verifier) == 0 {
		return nil
	}
	if len(verifier) != 7+saltBytes+43 || string(verifier[:3]) != "$A$" || verifier[6] != '$' {
		return errVerifier
	}
	rounds, err := strconv.ParseUint(string(verifier[3:6]), 16, 16)
	if err != nil || rounds == 0 {
		return errVerifier
	}
	return nil
}

// sha256Crypt is Ulrich Drepper's SHA-256 crypt, without its prefix.
func sha256Crypt(password, salt []byte, rounds int) []byte {
	b := sha256.New()
	b.Write(password)
	b.Write(salt)
	b.Write(password)
	alternate := b.Sum(nil)

	a := sha256.New()
	a.Write(password)
	a.Write(salt)
	a.Write(repeatTo(alternate, len(password)))
	for n := len(password); n > 0; n >>= 1 {
		if n&1 != 0 {
			a.Write(alternate)
		} else {
			a.Write(password)
		}
	}
	digest := a.Sum(nil)

	p := sha256.New()
	for range password {
		p.Write(password)
	}
	pBytes := repeatTo(p.Sum(nil), len(password))
	s := sha256.New()
	for range 16 + int(digest[0]) {
		s.Write(salt)
	}
	sBytes := repeatTo(s.Sum(nil), len(salt))

	c := sha256.New()
	for i := range rounds {
		c.Reset()
		cryptRound(c, i, digest, pBytes, sBytes)
		digest = c.Sum(digest[:0])
	}
	return cryptEncode(digest)
}

// cryptRound writes what round i hashes.
func cryptRound(w io.Writer, i int, digest, password, salt []byte) {
	first, last := digest, password
	if i&1 != 0 {
		first, last = password, digest
	}
	_, _ = w.Write(first) // a hash never fails
	if i%3 != 0 {
		_, _ = w.Write(salt)
	}
	if i%7 != 0 {
		_, _ = w.Write(password)
	}
	_, _ = w.Write(last)
}

// repeatTo repeats b up to n bytes.
func repeatTo(b []byte, n int) []byte {
	out := make([]byte, 0, n+len(b))
	for len(out) < n {
		out = append(out, b...)
	}
	return out[:n]
}

// cryptEncode spells a digest in crypt's order and base 64.
func cryptEncode(d []byte) []byte {
	out := make([]byte, 0, 43)
	put := func(v uint32, n int) {
		for range n {
			out = append(out, cryptAlphabet[v&63])
			v >>= 6
		}
	}
	i, j, k := 0, 10, 20
	for range 10 {
		put(uint32(d[i])<<16|uint32(d[j])<<8|uint32(d[k]), 4)
		i, j, k = k+1, i+1, j+1
	}
	put(uint32(d[31])<<8|uint32(d[30]), 3)
	return out
}
