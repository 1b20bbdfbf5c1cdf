package accounts

import (
	"crypto/sha1" //nolint:gosec // mysql_native_password is made of it
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Verifier makes what an account stores of a password for a plugin.
func Verifier(plugin, password string, random io.Reader) ([]byte, error) {
	switch plugin {
	case NativePassword:
		if password == "" {
			return nil, nil
		}
		return []byte("*" + strings.ToUpper(hex.EncodeToString(nativeDigest(password)))), nil
	case Socket:
		return nil, nil
	}
	return HashPassword(password, random)
}

// nativeDigest is SHA1(SHA1(password)).
func nativeDigest(password string) []byte {
	once := sha1.Sum([]byte(password)) //nolint:gosec // as above
	twice := sha1.Sum(once[:])         //nolint:gosec // as above
	return twice[:]
}

// errNativeHash is a stored verifier of mysql_native_password that is none.
var errNativeHash = errors.New("the stored verifier is not one of mysql_native_password")

// NativeDigest reads the digest that mysql_native_password stores: "*" and 40 hexadecimal digits.
func NativeDigest(verifier []byte) ([]byte, error) {
	if len(verifier) != 41 || verifier[0] != '*' {
		return nil, errNativeHash
	}
	digest, err := hex.DecodeString(string(verifier[1:]))
	if err != nil {
		return nil, errNativeHash
	}
	return digest, nil
}

// CheckHash reports whether a verifier has its plugin's form.
func CheckHash(plugin string, verifier []byte) error {
	if plugin == NativePassword && len(verifier) > 0 {
		_, err := NativeDigest(verifier)
		return err
	}
	if plugin == Socket {
		return nil
	}
	return CheckVerifier(verifier)
}

// Check reports whether the password is the one that the plugin's verifier was made of.
func Check(plugin string, verifier []byte, password string) (bool, error) {
	switch plugin {
	case NativePassword:
		if len(verifier) == 0 {
			return password == "", nil
		}
		digest, err := NativeDigest(verifier)
		if err != nil {
			return false, err
		}
		return subtle.ConstantTimeCompare(digest, nativeDigest(password)) == 1, nil
	case Socket:
		return false, nil
	}
	return CheckPassword(verifier, password)
}

// randomPasswordBytes is the length of generated passwords, MySQL's default.
const randomPasswordBytes = 20

// passwordAlphabet are the characters of generated passwords.
const passwordAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#%^&*()-_=+[]{};:,.<>/?|~"

// RandomPassword makes a password with a small and a capital letter, a digit and a sign in it.
func RandomPassword(random io.Reader) (string, error) {
	const upper, digits, signs = 26, 52, 62 // where they begin
	b := make([]byte, randomPasswordBytes)
	for range 1000 {
		if err := drawLetters(b, random); err != nil {
			return "", err
		}
		kinds := 0
		for _, c := range b {
			switch i := strings.IndexByte(passwordAlphabet, c); {
			case i < upper:
				kinds |= 1
			case i < digits:
				kinds |= 2
			case i < signs:
				kinds |= 4
			default:
				kinds |= 8
			}
		}
		if kinds == 15 {
			return string(b), nil
		}
	}
	return "", errors.New("random password: the source of randomness repeats itself")
}

// drawLetters fills b with characters that are equally likely.
func drawLetters(b []byte, random io.Reader) error {
	var one [1]byte
	limit := 256 / len(passwordAlphabet) * len(passwordAlphabet)
	for i := 0; i < len(b); {
		if _, err := io.ReadFull(random, one[:]); err != nil {
			return fmt.Errorf("random password: %w", err)
		}
		if n := int(one[0]); n < limit {
			b[i] = passwordAlphabet[n%len(passwordAlphabet)]
			i++
		}
	}
	return nil
}
