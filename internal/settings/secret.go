package settings

import "strings"

// shown is what is shown of a value: nothing of a secret, and of an address not its user.
func (p *Program) shown(name, value string) string {
	if value != "" && p.secret(name) {
		return "…"
	}
	return userOfAddress.ReplaceAllString(value, "://…@")
}

// secretWords open, or are in, the names of settings whose values are secrets.
var secretWords = []string{"password", "secret", "user.info", "jaas", "auth.token", "keystore.key"}

// secret reports whether the value of a key must not be shown. Of a key that does not exist a word that is nearly one of those is enough: it is
// misspelt. A file's name is none.
func (p *Program) secret(name string) bool {
	for _, k := range p.Keys {
		if strings.EqualFold(k.Name, name) {
			return k.Secret
		}
	}
	name = strings.ToLower(name)
	if strings.HasSuffix(name, "file") || strings.HasSuffix(name, ".location") {
		return false
	}
	for _, word := range secretWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '_' || r == '-' }) {
		if editDistance(part, "password") <= 2 || editDistance(part, "secret") <= 2 {
			return true
		}
	}
	return strings.Contains(name, "passw")
}
