package debezium

import (
	"crypto"
	_ "crypto/md5"    // by name, from column.mask.hash
	_ "crypto/sha1"   // likewise
	_ "crypto/sha256" // likewise
	_ "crypto/sha512" // likewise
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"marmot/schemas"
	"marmot/txn"
)

// hashes are Java's names of message digests.
var hashes = map[string]crypto.Hash{"MD5": crypto.MD5, "SHA-1": crypto.SHA1, "SHA-224": crypto.SHA224, "SHA-256": crypto.SHA256,
	"SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512, "SHA-512/224": crypto.SHA512_224, "SHA-512/256": crypto.SHA512_256}

// apply returns the column with its values hidden, and the parameter that says so, which any type gets.
func (r *Rewrite) apply(c column, t schemas.Type) column {
	var hide func(string) string
	length, _ := lengthAndScale(t)
	declared, hasLength := length.(int64)
	schema := *c.schema
	switch r.Kind {
	case RewriteTruncate:
		if hasLength && declared <= int64(r.Length) {
			return c
		}
		schema.Parameters = append(slices.Clone(schema.Parameters), Parameter{"truncateLength", strconv.Itoa(r.Length)})
		hide = func(text string) string { return firstRunes(text, r.Length) }
	case RewriteMask:
		schema.Parameters = append(slices.Clone(schema.Parameters), Parameter{"masked", "true"})
		mask := strings.Repeat("*", r.Length)
		hide = func(string) string { return mask }
	case RewriteHash:
		schema.Parameters = append(slices.Clone(schema.Parameters), Parameter{"masked", "true"})
		hide = func(text string) string {
			if text = r.hash(text); declared > 0 {
				text = firstRunes(text, int(declared))
			}
			return text
		}
	}
	c.schema = &schema
	if r.Kind != RewriteTruncate && !isCharacter(t) {
		return c
	}
	hidden := func(convert func(txn.Value) (any, bool)) func(txn.Value) (any, bool) {
		return func(v txn.Value) (any, bool) {
			data, ok := convert(v)
			switch value := data.(type) {
			case string:
				data = hide(value)
			case []byte:
				if schema.Name == "" && r.Kind == RewriteTruncate && len(value) > r.Length {
					data = value[:r.Length]
				}
			}
			return data, ok
		}
	}
	c.convert = hidden(c.convert)
	if c.read != nil {
		c.read = hidden(c.read)
	}
	if r.Kind == RewriteMask {
		c.null = hide("")
	}
	return c
}

// isCharacter reports whether the connector takes the type for characters.
func isCharacter(t schemas.Type) bool {
	switch jdbcType(t) {
	case 1, 12, -15, -9:
		return true
	}
	return false
}

// firstRunes cuts text to so many characters.
func firstRunes(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return text[:at]
}

// hash is the digest of salt and text in hexadecimal. Version 1 takes the text as Java serialises it.
func (r *Rewrite) hash(text string) string {
	h := hashes[r.Algorithm].New()
	_, _ = h.Write([]byte(r.Salt)) // a hash does not fail
	if !r.Version2 {
		_, _ = h.Write(serialized(text))
	} else {
		_, _ = h.Write([]byte(text))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// serialized is what java.io.ObjectOutputStream writes of a String: a header, a tag, the length and modified UTF-8. See the
// Java Object Serialization Specification, 6.4.2.
func serialized(text string) []byte {
	var body []byte
	for _, r := range text {
		switch {
		case r == 0:
			body = append(body, 0xc0, 0x80)
		case r > 0xffff: // two surrogates of three bytes each
			r -= 0x10000
			body = appendUnit(appendUnit(body, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			body = utf8.AppendRune(body, r)
		}
	}
	b := []byte{0xac, 0xed, 0, 5}
	if len(body) <= 0xffff {
		return append(binary.BigEndian.AppendUint16(append(b, 0x74), uint16(len(body))), body...)
	}
	return append(binary.BigEndian.AppendUint64(append(b, 0x7c), uint64(len(body))), body...)
}

func appendUnit(b []byte, u rune) []byte {
	return append(b, 0xe0|byte(u>>12), 0x80|byte(u>>6&0x3f), 0x80|byte(u&0x3f))
}
