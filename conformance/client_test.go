package conformance

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
)

// server is where statements go: a node, or the MySQL that answers are recorded from.
type server struct {
	address, user, password string
}

// dial connects as an account; an empty login is the server's own user. The client is one that hands out all that the protocol has: go-sql-driver
// keeps lengths, character sets and the number of warnings for itself.
func (s server) dial(login string) (*client.Conn, error) {
	user, password := s.user, s.password
	if login != "" {
		user, password, _ = strings.Cut(login, ":")
	}
	return client.ConnectWithTimeout(s.address, user, password, "", 10*time.Second, func(c *client.Conn) error {
		c.UnsetCapability(mysql.CLIENT_DEPRECATE_EOF) // with it, this client loses the warnings of a result set
		if err := c.SetCapability(mysql.CLIENT_MULTI_RESULTS); err != nil {
			return err
		}
		return c.SetCollation("utf8mb4_0900_ai_ci")
	})
}

// run sends a statement: as text, or prepared with arguments.
func run(c *client.Conn, sql string, prepared bool, args []any) answer {
	if !prepared {
		var a answer
		results := 0
		_, err := c.ExecuteMultiple(sql, func(r *mysql.Result, err error) {
			one := answerOf(r, err, false)
			if results++; results == 1 {
				a = one
			} else {
				a.More = append(a.More, one)
			}
		})
		if results == 0 {
			return answerOf(nil, err, false)
		}
		return a
	}
	stmt, err := c.Prepare(sql)
	if err != nil {
		return answerOf(nil, err, true)
	}
	r, err := stmt.Execute(args...)
	a := answerOf(r, err, true)
	if err := stmt.Close(); err != nil {
		return answerOf(nil, err, true)
	}
	return a
}

func answerOf(r *mysql.Result, err error, binaryRows bool) answer {
	var refused *mysql.MyError
	switch {
	case errors.As(err, &refused):
		return answer{Errno: int(refused.Code), State: refused.State, Message: refused.Message}
	case err != nil:
		return answer{Errno: -1, Message: err.Error()}
	}
	a := answer{Warnings: int(r.Warnings)}
	if r.Resultset == nil || len(r.Fields) == 0 {
		a.Affected, a.InsertID = r.AffectedRows, r.InsertId
		return a
	}
	for _, f := range r.Fields {
		a.Columns = append(a.Columns, columnOf(f))
	}
	a.Rows = [][]*string{}
	for _, data := range r.RowDatas {
		row := textRow
		if binaryRows {
			row = binaryRow
		}
		a.Rows = append(a.Rows, row(data, r.Fields))
	}
	return a
}

var typeNames = map[uint8]string{
	mysql.MYSQL_TYPE_DECIMAL: "OLD_DECIMAL", mysql.MYSQL_TYPE_TINY: "TINY", mysql.MYSQL_TYPE_SHORT: "SHORT", mysql.MYSQL_TYPE_LONG: "LONG",
	mysql.MYSQL_TYPE_FLOAT: "FLOAT", mysql.MYSQL_TYPE_DOUBLE: "DOUBLE", mysql.MYSQL_TYPE_NULL: "NULL", mysql.MYSQL_TYPE_TIMESTAMP: "TIMESTAMP",
	mysql.MYSQL_TYPE_LONGLONG: "LONGLONG", mysql.MYSQL_TYPE_INT24: "INT24", mysql.MYSQL_TYPE_DATE: "DATE", mysql.MYSQL_TYPE_TIME: "TIME",
	mysql.MYSQL_TYPE_DATETIME: "DATETIME", mysql.MYSQL_TYPE_YEAR: "YEAR", mysql.MYSQL_TYPE_VARCHAR: "VARCHAR", mysql.MYSQL_TYPE_BIT: "BIT",
	mysql.MYSQL_TYPE_JSON: "JSON", mysql.MYSQL_TYPE_NEWDECIMAL: "DECIMAL", mysql.MYSQL_TYPE_ENUM: "ENUM", mysql.MYSQL_TYPE_SET: "SET",
	mysql.MYSQL_TYPE_TINY_BLOB: "TINY_BLOB", mysql.MYSQL_TYPE_MEDIUM_BLOB: "MEDIUM_BLOB", mysql.MYSQL_TYPE_LONG_BLOB: "LONG_BLOB",
	mysql.MYSQL_TYPE_BLOB: "BLOB", mysql.MYSQL_TYPE_VAR_STRING: "VAR_STRING", mysql.MYSQL_TYPE_STRING: "STRING", mysql.MYSQL_TYPE_GEOMETRY: "GEOMETRY",
	mysql.MYSQL_TYPE_VECTOR: "VECTOR",
}

var flagNames = strings.Fields("NOT_NULL PRI_KEY UNIQUE_KEY MULTIPLE_KEY BLOB UNSIGNED ZEROFILL BINARY ENUM AUTO_INCREMENT TIMESTAMP SET " +
	"NO_DEFAULT_VALUE ON_UPDATE_NOW PART_KEY NUM")

func columnOf(f *mysql.Field) column {
	c := column{Name: string(f.Name), Length: f.ColumnLength, Decimals: f.Decimal, Charset: f.Charset, Type: typeNames[f.Type]}
	if c.Type == "" {
		c.Type = strconv.Itoa(int(f.Type))
	}
	if len(f.Table) > 0 || len(f.OrgTable) > 0 {
		c.Table = strings.Join([]string{string(f.Schema), string(f.Table), string(f.OrgTable), string(f.OrgName)}, ".")
	}
	var flags []string
	for i, name := range flagNames {
		if f.Flag&(1<<i) != 0 {
			flags = append(flags, name)
		}
	}
	c.Flags = strings.Join(flags, " ")
	return c
}

// printable makes bytes that are no UTF-8 hexadecimal; JSON would lose them.
func printable(b []byte) *string {
	s := string(b)
	if !utf8.ValidString(s) {
		s = "\x00hex:" + hex.EncodeToString(b)
	}
	return &s
}

func textRow(data []byte, fields []*mysql.Field) []*string {
	row := make([]*string, len(fields))
	for i := range row {
		if len(data) > 0 && data[0] == 0xfb {
			data = data[1:]
			continue
		}
		n, _, size := mysql.LengthEncodedInt(data)
		row[i] = printable(data[size : size+int(n)])
		data = data[size+int(n):]
	}
	return row
}

// binaryRow reads a row of the binary protocol into what the text protocol would have.
func binaryRow(data []byte, fields []*mysql.Field) []*string {
	row := make([]*string, len(fields))
	nulls := data[1 : 1+(len(fields)+9)/8]
	data = data[1+len(nulls):]
	for i, f := range fields {
		if nulls[(i+2)/8]&(1<<((i+2)%8)) != 0 {
			continue
		}
		var text string
		text, data = binaryValue(data, f)
		row[i] = printable([]byte(text))
	}
	return row
}

func binaryValue(data []byte, f *mysql.Field) (string, []byte) {
	unsigned := f.Flag&mysql.UNSIGNED_FLAG != 0
	switch f.Type {
	case mysql.MYSQL_TYPE_TINY:
		return integer(uint64(data[0]), 8, unsigned, f), data[1:]
	case mysql.MYSQL_TYPE_SHORT:
		return integer(uint64(binary.LittleEndian.Uint16(data)), 16, unsigned, f), data[2:]
	case mysql.MYSQL_TYPE_YEAR:
		return fmt.Sprintf("%04d", binary.LittleEndian.Uint16(data)), data[2:]
	case mysql.MYSQL_TYPE_LONG, mysql.MYSQL_TYPE_INT24:
		return integer(uint64(binary.LittleEndian.Uint32(data)), 32, unsigned, f), data[4:]
	case mysql.MYSQL_TYPE_LONGLONG:
		return integer(binary.LittleEndian.Uint64(data), 64, unsigned, f), data[8:]
	case mysql.MYSQL_TYPE_FLOAT:
		return strconv.FormatFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(data))), 'g', -1, 32), data[4:]
	case mysql.MYSQL_TYPE_DOUBLE:
		return strconv.FormatFloat(math.Float64frombits(binary.LittleEndian.Uint64(data)), 'g', -1, 64), data[8:]
	case mysql.MYSQL_TYPE_DATE, mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_TIMESTAMP:
		n := int(data[0])
		return moment(data[1:1+n], f), data[1+n:]
	case mysql.MYSQL_TYPE_TIME:
		n := int(data[0])
		return duration(data[1:1+n], f), data[1+n:]
	}
	n, _, size := mysql.LengthEncodedInt(data)
	return string(data[size : size+int(n)]), data[size+int(n):]
}

func integer(v uint64, bits int, unsigned bool, f *mysql.Field) string {
	if !unsigned {
		return strconv.FormatInt(int64(v)<<(64-bits)>>(64-bits), 10)
	}
	text := strconv.FormatUint(v, 10)
	if f.Flag&mysql.ZEROFILL_FLAG != 0 {
		text = strings.Repeat("0", max(0, int(f.ColumnLength)-len(text))) + text
	}
	return text
}

func fraction(micros []byte, f *mysql.Field) string {
	if f.Decimal == 0 || f.Decimal > 6 {
		return ""
	}
	var n uint32
	if len(micros) == 4 {
		n = binary.LittleEndian.Uint32(micros)
	}
	return "." + fmt.Sprintf("%06d", n)[:f.Decimal]
}

func moment(b []byte, f *mysql.Field) string {
	full := append(slices.Clone(b), make([]byte, 11-len(b))...)
	text := fmt.Sprintf("%04d-%02d-%02d", binary.LittleEndian.Uint16(full), full[2], full[3])
	if f.Type == mysql.MYSQL_TYPE_DATE {
		return text
	}
	return text + fmt.Sprintf(" %02d:%02d:%02d", full[4], full[5], full[6]) + fraction(full[7:], f)
}

func duration(b []byte, f *mysql.Field) string {
	full := append(slices.Clone(b), make([]byte, 12-len(b))...)
	sign := ""
	if full[0] == 1 {
		sign = "-"
	}
	hours := binary.LittleEndian.Uint32(full[1:])*24 + uint32(full[5])
	return sign + fmt.Sprintf("%02d:%02d:%02d", hours, full[6], full[7]) + fraction(full[8:], f)
}
