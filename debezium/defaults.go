package debezium

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"marmot/schemas"
	"marmot/txn"
)

// The connector reads a default as the text of a statement, with rules of its own: what MySQL takes for a date or a number it may not.

// defaultText is the expression of a literal default, with quotes as the statement has them.
func defaultText(c *schemas.Column) any {
	switch d := c.Default; {
	case d == nil || d.Expression != "" && !d.Now:
		return nil
	case d.Now:
		return "1970-01-01 00:00:00"
	case d.Literal.IsNull():
		return nil
	default:
		text, written := writtenDefault(c)
		switch {
		case !written && c.Type.IsText():
			beyond := func(r rune) bool { return r > 0xffff }
			if c.Type.Spelling == "" && strings.IndexFunc(text, beyond) >= 0 {
				return shownInHex([]byte(text))
			}
			return literalText(text)
		case introduced.MatchString(text):
			return text
		case c.Type.IsText() && text == d.Text:
			return singleQuoted(text)
		case c.Type.IsText() && bitText(text) == text:
			return singleQuoted(text)
		}
		return bitText(text)
	}
}

// introduced is a string with a word in front: N'…', DATE '…'. The connector takes all of that for the default.
var introduced = regexp.MustCompile(`^(?i:N|DATE|TIME|TIMESTAMP)'(?s:[^'\\]|''|\\.)*'$`)

// writtenDefault is a literal default as the statement has it, which written says, or as SHOW CREATE TABLE does.
func writtenDefault(c *schemas.Column) (text string, written bool) {
	shown := c.Type.Spelling == ""
	switch {
	case shown && c.Type.IsBlob():
		b := c.Default.Literal.Bytes()
		if !utf8.Valid(b) {
			return "0x" + strings.ToUpper(hex.EncodeToString(b)), true
		}
		return strings.ReplaceAll(string(b), "\x00", `\0`), true
	case !shown && c.Default.Written != "":
		return c.Default.Written, true
	}
	return c.Default.Text, false
}

// shownInHex is what the connector makes of text that SHOW CREATE TABLE prints in hexadecimal: characters beyond the first plane.
func shownInHex(b []byte) string { return bitText("0x" + strings.ToUpper(hex.EncodeToString(b))) }

// literalText is text as it stands between single quotes in SHOW CREATE TABLE.
func literalText(text string) string { return escapes.Replace(text) }

var escapes = strings.NewReplacer("'", "''", `\`, `\\`, "\n", `\n`, "\r", `\r`, "\x00", `\0`)

// commentText is a comment as the connector tells it: between its quotes, but with the quotes inside doubled.
func commentText(comment string) string { return literalText(comment) }

// singleQuoted doubles single quotes that stand alone: text between double quotes is put between single ones before it is read.
func singleQuoted(text string) string {
	if !strings.Contains(text, "'") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		b.WriteByte(text[i])
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '\'':
			if i+1 < len(text) && text[i+1] == '\'' {
				i++
			}
			b.WriteByte('\'')
		}
	}
	return b.String()
}

// bitText takes the digits out of b'101', x'1F' and 0x1F. The connector cuts two characters off in front and one behind, even if
// that is no quote.
func bitText(text string) string {
	for _, prefix := range []string{"b'", "B'", "x'", "X'", "0x", "0b"} {
		if inner, ok := strings.CutPrefix(text, prefix); ok && inner != "" {
			return inner[:len(inner)-1]
		}
	}
	return text
}

// writtenDefault is a literal default as the connector reads its text; known is false where that is what MySQL reads.
func (c *column) writtenDefault(def *schemas.Column) (data any, known bool) {
	t := def.Type
	text, _ := defaultText(def).(string)
	if !t.IsText() {
		text = strings.TrimSpace(text)
	}
	none := func() (any, bool) {
		if def.Nullable {
			return nil, true
		}
		return c.zero, true
	}
	switch {
	case t.IsText():
		return text, true
	case t.Kind == schemas.Bit && c.schema.Kind == KindBytes:
		n, err := strconv.ParseUint(text, 2, 64)
		if err != nil {
			return nil, true
		}
		data, _ := c.convert(txn.Int(int64(n)))
		return data, true
	case t.IsInteger() && text != def.Default.Text && bitText(def.Default.Written) != def.Default.Written:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, true
		}
		return c.convert(txn.Int(n))
	case c.schema.Kind == KindFloat64 && (t.Kind == schemas.Float || t.Kind == schemas.Double):
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, true
		}
		return f, true
	case t.Kind == schemas.Timestamp && def.Default.Text != "":
		// It is taken as it is written, whatever the time zone, with all digits that the type has.
		data, ok := c.convert(txn.TextString(withFraction(def.Default.Text, t.Decimals)))
		return data, ok
	case t.Kind == schemas.Date && !defaultDate.MatchString(text), t.Kind == schemas.DateTime && !defaultDateTime.MatchString(text):
		return none()
	case t.Kind == schemas.Time && !defaultTime.MatchString(text):
		return nil, true
	case t.Kind == schemas.DateTime:
		if data, ok := c.defaultClock(text); ok {
			return data, true
		}
		return none()
	}
	return nil, false
}

// The forms of dates and times that the connector reads in a default.
var (
	defaultDate     = regexp.MustCompile(`^\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d{0,9})?)?)?$`)
	defaultDateTime = defaultDate
	defaultTime     = regexp.MustCompile(`^(\d*-\d*-\d* )?-?\d+:\d+(:\d+(\.\d*)?)?$`)
)

// defaultClock converts the default of a DATETIME, with digits that the type would round away.
func (c *column) defaultClock(text string) (any, bool) {
	date, clock, _ := strings.Cut(text, " ")
	if clock == "" {
		clock = "00:00:00"
	}
	if strings.Count(clock, ":") == 1 {
		clock += ":00"
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return nil, false
	}
	convert := c.convert
	if c.read != nil {
		convert = c.read
	}
	return convert(txn.TextString(date + " " + clock))
}

// withFraction gives a timestamp so many digits behind the point.
func withFraction(text string, digits int) string {
	whole, fraction, _ := strings.Cut(text, ".")
	if digits == 0 {
		return whole
	}
	return whole + "." + (fraction + strings.Repeat("0", digits))[:digits]
}
