package schemas

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/charset"
)

// plainText returns the text of a value as MySQL makes a string of it.
func plainText(v txn.Value) []byte {
	switch v.Kind() {
	case txn.KindInteger:
		return strconv.AppendInt(nil, v.Int64(), 10)
	case txn.KindReal:
		return AppendFloat(nil, Type{Kind: Double, Decimals: -1}, v.Float64())
	}
	return v.Bytes()
}

// MaxBytes is the greatest length of a TEXT or BLOB type in bytes, or 0 for other types.
func (t Type) MaxBytes() int {
	switch t.Kind {
	case TinyText, TinyBlob:
		return 255
	case Text, Blob:
		return 65535
	case MediumText, MediumBlob:
		return 1<<24 - 1
	case LongText, LongBlob, JSON:
		return math.MaxUint32
	}
	return 0
}

func (c *conversion) text(v txn.Value) (txn.Value, error) {
	text := plainText(v)
	if v.Kind() == txn.KindBlob || !utf8.Valid(text) {
		text = c.ownBytes(text)
	}
	text, err := c.checkCharset(text)
	if err != nil {
		return v, err
	}
	switch c.t.Kind {
	case Char, VarChar:
		return c.fitCharacters(text)
	}
	if len(text) > c.t.MaxBytes() {
		err := c.tooLong()
		text = text[:c.t.MaxBytes()]
		for len(text) > 0 && !utf8.Valid(text[max(0, len(text)-4):]) && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
		return txn.Text(text), err
	}
	return txn.Text(text), nil
}

func (c *conversion) fitCharacters(text []byte) (txn.Value, error) {
	if len(text) > c.t.Length {
		if cut := cutRunes(text, c.t.Length); len(cut) < len(text) {
			if len(bytes.TrimRight(text[len(cut):], " ")) > 0 {
				if err := c.tooLong(); err != nil {
					return txn.Null(), err
				}
			} else if c.t.Kind == VarChar {
				c.note(c.truncated())
			}
			text = cut
		}
	}
	if c.t.Kind == Char {
		text = bytes.TrimRight(text, " ")
	}
	return txn.Text(text), nil
}

// checkCharset refuses, or outside strict mode cuts, text that is not UTF-8 or has characters
// that the column's character set lacks.
func (c *conversion) checkCharset(text []byte) ([]byte, error) {
	if isASCII(text) {
		return text, nil
	}
	bad := firstInvalid(text)
	if bad < 0 {
		bad = c.firstForeign(text)
	}
	if bad < 0 {
		return text, nil
	}
	e := mysqlerr.New(mysql.ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, "string", hexEscape(text[bad:]), c.column, c.Row)
	if err := c.trouble(e); err != nil {
		return nil, err
	}
	if utf8.Valid(text) {
		return c.replaceForeign(text), nil
	}
	return text[:bad], nil
}

func isASCII(b []byte) bool {
	for _, x := range b {
		if x >= 0x80 {
			return false
		}
	}
	return true
}

func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// firstForeign returns the place of the first character outside the character set, or -1.
func (c *conversion) firstForeign(text []byte) int {
	for i, r := range string(text) {
		if !InCharset(c.t.Charset, r) {
			return i
		}
	}
	return -1
}

func (c *conversion) replaceForeign(text []byte) []byte {
	return []byte(strings.Map(func(r rune) rune {
		if InCharset(c.t.Charset, r) {
			return r
		}
		return '?'
	}, string(text)))
}

// InCharset reports whether MySQL's character set has the character.
func InCharset(name string, r rune) bool {
	switch name {
	case "utf8mb4", "":
		return true
	case "utf8mb3":
		return r <= 0xffff
	case "ascii":
		return r < 0x80
	}
	cs, ok := LookupCharset(name)
	if !ok {
		return true
	}
	collation := LookupCollation(cs.DefaultCollation)
	if collation == nil || collation.rules == nil {
		return true
	}
	var buf [8]byte
	_, err := charset.ConvertFromUTF8(buf[:0], collation.set, []byte(string(r)))
	return err == nil
}

// hexEscape prints up to six bytes as MySQL's message on strings does: \xE6\x97\xA5...
func hexEscape(b []byte) string {
	var out strings.Builder
	for i, x := range b {
		if i == 6 {
			out.WriteString("...")
			break
		}
		if x >= 0x20 && x < 0x7f {
			out.WriteByte(x)
		} else {
			out.WriteString(`\x` + strings.ToUpper(hex.EncodeToString([]byte{x})))
		}
	}
	return out.String()
}

func (c *conversion) binary(v txn.Value) (txn.Value, error) {
	b := plainText(v)
	most := c.t.MaxBytes()
	if most == 0 {
		most = c.t.Length
	}
	if len(b) > most {
		if err := c.tooLong(); err != nil {
			return v, err
		}
		b = b[:most]
	}
	if c.t.Kind == Binary && len(b) < c.t.Length {
		b = append(append(make([]byte, 0, c.t.Length), b...), make([]byte, c.t.Length-len(b))...)
	}
	return txn.Blob(b), nil
}

// MemberIndex finds a member by the type's collation; -1 if absent.
func MemberIndex(t *Type, text []byte) int {
	for i, m := range t.Members {
		if m == string(text) {
			return i
		}
	}
	collation := LookupCollation(t.Collation)
	if collation == nil {
		return -1
	}
	for i, m := range t.Members {
		if collation.Compare([]byte(m), text) == 0 {
			return i
		}
	}
	return -1
}

func (c *conversion) enum(v txn.Value) (txn.Value, error) {
	n := int64(-1)
	switch v.Kind() {
	case txn.KindInteger:
		n = v.Int64()
	case txn.KindReal:
		n = int64(v.Float64())
	default:
		text := v.Bytes()
		if i := MemberIndex(c.t, bytes.TrimRight(text, " ")); i >= 0 {
			return txn.TextString(c.t.Members[i]), nil
		}
		if u, ok := parseUnsigned(text); ok && u > 0 && u <= uint64(len(c.t.Members)) {
			n = int64(u)
		}
	}
	if n >= 1 && n <= int64(len(c.t.Members)) {
		return txn.TextString(c.t.Members[n-1]), nil
	}
	return txn.TextString(""), c.trouble(c.truncated())
}

func (c *conversion) set(v txn.Value) (txn.Value, error) {
	all := uint64(math.MaxUint64)
	if len(c.t.Members) < 64 {
		all = 1<<len(c.t.Members) - 1
	}
	switch v.Kind() {
	case txn.KindInteger, txn.KindReal:
		n := uint64(v.Int64())
		if v.Kind() == txn.KindReal {
			n = uint64(int64(v.Float64()))
		}
		var err error
		if n&^all != 0 {
			err = c.trouble(c.truncated())
		}
		return txn.TextString(SetText(*c.t, n&all)), err
	}
	rest := bytes.TrimRight(v.Bytes(), " ")
	var bits uint64
	bad := len(rest) == 0 && len(v.Bytes()) > 0
	for more := len(rest) > 0; more; {
		var one []byte
		one, rest, more = bytes.Cut(rest, []byte{','})
		if i := MemberIndex(c.t, one); i >= 0 {
			bits |= 1 << i
		} else {
			bad = true
		}
	}
	if !bad {
		return txn.TextString(SetText(*c.t, bits)), nil
	}
	if u, ok := parseUnsigned(v.Bytes()); ok && bits == 0 && u&^all == 0 {
		return txn.TextString(SetText(*c.t, u)), nil
	}
	return txn.TextString(SetText(*c.t, bits)), c.trouble(c.truncated())
}

func (c *conversion) json(v txn.Value) (txn.Value, error) {
	text := plainText(v)
	switch v.Kind() {
	case txn.KindBlob:
		return v, mysqlerr.New(errInvalidJSONCharset, "binary")
	case txn.KindInteger, txn.KindReal:
		return v, mysqlerr.New(errInvalidJSON, "not a JSON text, may need CAST", 0, shortColumn(c.Table, c.column))
	}
	out, err := NormalizeJSON(nil, text)
	if err != nil {
		var e *JSONError
		if !errors.As(err, &e) || e.Reason == ErrJSONDepth {
			return v, mysqlerr.New(errJSONDepth)
		}
		return v, mysqlerr.New(errInvalidJSON, e.Reason, e.Offset, shortColumn(c.Table, c.column))
	}
	return txn.Text(out), nil
}

// Codes of MySQL 8 that go-mysql has no name for.
const (
	errInvalidJSON        = 3140
	errInvalidJSONCharset = 3144
	errJSONDepth          = 3157
)

func shortColumn(table, column string) string {
	if table == "" {
		return column
	}
	return table + "." + column
}
