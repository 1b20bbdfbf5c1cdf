package replay

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
)

// family is the column's type without length and attributes: "INT", "DECIMAL", ….
func (c *column) family() string {
	name, _, _ := strings.Cut(c.Type, " ")
	return name
}

// temporalType tells whether the column's length is the number of its fraction digits.
func (c *column) temporalType() bool {
	switch c.family() {
	case "TIME", "DATETIME", "TIMESTAMP":
		return true
	}
	return false
}

func (c *column) unsigned() bool { return strings.Contains(c.Type, "UNSIGNED") }

// sqliteType is the column's type in the rebuilt file, that of a node's own.
func (c *column) sqliteType() string {
	switch c.family() {
	case "BIGINT", "SERIAL":
		if c.unsigned() || c.family() == "SERIAL" {
			return ""
		}
		return "INTEGER"
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "YEAR", "BOOL", "BOOLEAN":
		return "INTEGER"
	case "FLOAT", "DOUBLE", "REAL":
		return "REAL"
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB":
		return "BLOB"
	case "BIT", "GEOMETRY", "POINT":
		return ""
	}
	return "TEXT"
}

// value turns the JSON of a field into what a node stores: nil, int64, float64, string or []byte.
func (c *column) value(raw json.RawMessage) (any, error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	v, err := c.convert(raw)
	if err != nil {
		return nil, fmt.Errorf("column %s (%s) = %.60s: %w", c.Name, c.Type, raw, err)
	}
	return v, nil
}

func (c *column) convert(raw json.RawMessage) (any, error) {
	switch c.family() {
	case "BOOL", "BOOLEAN":
		return integer(raw), nil
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "YEAR":
		return strconv.ParseInt(string(raw), 10, 64)
	case "BIGINT", "SERIAL":
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if n < 0 && c.sqliteType() == "" {
			return strconv.FormatUint(uint64(n), 10), err
		}
		return n, err
	case "FLOAT":
		f, err := strconv.ParseFloat(string(raw), 32)
		return f, err
	case "DOUBLE", "REAL":
		return strconv.ParseFloat(string(raw), 64)
	case "DECIMAL", "NUMERIC", "FIXED", "DEC":
		return c.decimal(raw)
	case "BIT":
		return c.bits(raw)
	case "DATE", "TIME", "DATETIME":
		n, err := strconv.ParseInt(string(raw), 10, 64)
		return c.temporal(n), err
	case "TIMESTAMP":
		text, err := str(raw)
		return strings.Replace(strings.TrimSuffix(text, "Z"), "T", " ", 1), err
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB":
		return blob(raw)
	case "JSON":
		text, err := str(raw)
		if err != nil {
			return nil, err
		}
		normal, err := schemas.NormalizeJSON(nil, []byte(text))
		return string(normal), err
	}
	return str(raw)
}

func integer(raw json.RawMessage) int64 {
	if string(raw) == "true" || string(raw) == "1" {
		return 1
	}
	return 0
}

func str(raw json.RawMessage) (string, error) {
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

func blob(raw json.RawMessage) ([]byte, error) {
	text, err := str(raw)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}

// decimal reads decimal.handling.mode precise (base64) as well as string.
func (c *column) decimal(raw json.RawMessage) (any, error) {
	b, err := blob(raw)
	if err != nil {
		return str(raw)
	}
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	scale := 0
	if c.Scale != nil {
		scale = *c.Scale
	}
	digits := new(big.Int).Abs(n).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	text := digits
	if scale > 0 {
		text = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if n.Sign() < 0 {
		text = "-" + text
	}
	return text, nil
}

// bits reads a boolean, or little-endian bytes.
func (c *column) bits(raw json.RawMessage) (any, error) {
	if raw[0] != '"' {
		return integer(raw), nil
	}
	b, err := blob(raw)
	if err != nil {
		return nil, err
	}
	if len(b) > 8 {
		return nil, fmt.Errorf("%d bytes, a BIT has 8 at most", len(b))
	}
	if c.Length != nil && *c.Length == 64 {
		out := make([]byte, 8)
		for i := range b {
			out[7-i] = b[i]
		}
		return out, nil
	}
	var n int64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | int64(b[i])
	}
	return n, nil
}

// temporal spells days, milliseconds or microseconds as the column is stored.
func (c *column) temporal(n int64) string {
	digits := 0
	if c.Length != nil {
		digits = *c.Length
	}
	layout := "2006-01-02 15:04:05"
	if digits > 0 {
		layout += "." + strings.Repeat("0", digits)
	}
	switch {
	case c.family() == "DATE":
		return time.Unix(n*86400, 0).UTC().Format("2006-01-02")
	case c.family() == "TIME":
		return timeText(n, digits)
	case digits <= 3:
		return time.UnixMilli(n).UTC().Format(layout)
	}
	return time.UnixMicro(n).UTC().Format(layout)
}

func timeText(micros int64, digits int) string {
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	seconds := micros / 1_000_000
	text := fmt.Sprintf("%s%02d:%02d:%02d", sign, seconds/3600, seconds/60%60, seconds%60)
	if digits > 0 {
		text += "." + fmt.Sprintf("%06d", micros%1_000_000)[:digits]
	}
	return text
}

// defaultValue is what an added column has in rows that were there before.
func (c *column) defaultValue() any {
	if c.Default == nil {
		if c.Optional {
			return nil
		}
		switch c.sqliteType() {
		case "INTEGER", "REAL":
			return int64(0)
		}
		return ""
	}
	switch c.sqliteType() {
	case "INTEGER":
		if n, err := strconv.ParseInt(*c.Default, 10, 64); err == nil {
			return n
		}
	case "REAL":
		if f, err := strconv.ParseFloat(*c.Default, 64); err == nil {
			return f
		}
	}
	return *c.Default
}
