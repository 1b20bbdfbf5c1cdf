package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// typeNotBound stands for the type of a parameter that no execution has named; no value can have it.
const typeNotBound = 0xf1

// paramType is a parameter's type as the client binds it.
type paramType struct {
	code     byte
	unsigned bool
}

// execution is what COM_STMT_EXECUTE brings along.
type execution struct {
	values     []txn.Value
	types      []paramType // of the values and the attributes
	names      []string    // of both, where the client sends names
	attributes []session.QueryAttribute
}

// parseParams reads the parameters of COM_STMT_EXECUTE, after the iteration count; n are the statement's, and more are
// query attributes. last is the execution before, whose types stay in force when the client sends no new ones; long[i], if
// not nil, is the value sent by COM_STMT_SEND_LONG_DATA. Values share the payload's bytes.
func parseParams(d *decoder, n int, flags byte, named bool, last execution, long [][]byte) (execution, error) {
	count := n
	if named && (n > 0 || flags&parameterCountAvailable != 0) {
		given := d.lenenc()
		if d.err != nil || given > maxQueryAttributes {
			return execution{}, errMalformed
		}
		if int(given) < n {
			return execution{}, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "COM_STMT_EXECUTE")
		}
		count = int(given)
	}
	if count == 0 {
		return execution{types: last.types, names: last.names}, nil
	}
	e := execution{types: last.types, names: last.names}
	nulls := d.take((count + 7) / 8)
	if d.uint8() == 1 {
		var err error
		if e.types, e.names, err = readTypes(d, count, named); err != nil {
			return execution{}, err
		}
	}
	if e.types == nil {
		// Connector/J sends no types while all that it has bound are NULLs.
		e.types, e.names = make([]paramType, count), make([]string, count)
		for i := range e.types {
			e.types[i].code = typeNotBound
		}
	}
	if d.err != nil || len(e.types) != count || named && len(e.names) != count {
		return execution{}, errMalformed
	}
	values := readValues(d, nulls, e.types, long)
	if d.err != nil {
		return execution{}, d.err
	}
	e.values = values[:n:n]
	if count > n {
		e.attributes = attributesOf(e.names[n:], values[n:])
	}
	return e, nil
}

// sortsOf is what the types say of values beside their storage classes; nil: nothing.
func sortsOf(types []paramType) []dialect.Argument {
	var sorts []dialect.Argument
	for i, t := range types {
		sort := dialect.NoArgument
		switch t.code {
		case mysql.MYSQL_TYPE_TINY, mysql.MYSQL_TYPE_SHORT, mysql.MYSQL_TYPE_LONG, mysql.MYSQL_TYPE_INT24, mysql.MYSQL_TYPE_LONGLONG:
			if t.unsigned {
				sort = dialect.UnsignedArgument
			}
		case mysql.MYSQL_TYPE_DECIMAL, mysql.MYSQL_TYPE_NEWDECIMAL:
			sort = dialect.DecimalArgument
		case mysql.MYSQL_TYPE_DATE, mysql.MYSQL_TYPE_NEWDATE:
			sort = dialect.DateArgument
		case mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_TIMESTAMP, mysql.MYSQL_TYPE_DATETIME2, mysql.MYSQL_TYPE_TIMESTAMP2:
			sort = dialect.DateTimeArgument
		case mysql.MYSQL_TYPE_TIME, mysql.MYSQL_TYPE_TIME2:
			sort = dialect.TimeArgument
		}
		if sort == dialect.NoArgument {
			continue
		}
		if sorts == nil {
			sorts = make([]dialect.Argument, len(types))
		}
		sorts[i] = sort
	}
	return sorts
}

func parseParam(d *decoder, t paramType) txn.Value {
	switch t.code {
	case mysql.MYSQL_TYPE_NULL:
		return txn.Null()
	case mysql.MYSQL_TYPE_TINY:
		if n := d.uint8(); t.unsigned {
			return txn.Int(int64(n))
		} else {
			return txn.Int(int64(int8(n)))
		}
	case mysql.MYSQL_TYPE_SHORT, mysql.MYSQL_TYPE_YEAR:
		if n := d.uint16(); t.unsigned {
			return txn.Int(int64(n))
		} else {
			return txn.Int(int64(int16(n)))
		}
	case mysql.MYSQL_TYPE_LONG, mysql.MYSQL_TYPE_INT24:
		if n := d.uint32(); t.unsigned {
			return txn.Int(int64(n))
		} else {
			return txn.Int(int64(int32(n)))
		}
	case mysql.MYSQL_TYPE_LONGLONG:
		n := d.uint64()
		if t.unsigned && n > math.MaxInt64 {
			return txn.Text(strconv.AppendUint(nil, n, 10))
		}
		return txn.Int(int64(n))
	case mysql.MYSQL_TYPE_FLOAT:
		return txn.Real(float64(math.Float32frombits(d.uint32())))
	case mysql.MYSQL_TYPE_DOUBLE:
		return txn.Real(math.Float64frombits(d.uint64()))
	case mysql.MYSQL_TYPE_DATE, mysql.MYSQL_TYPE_NEWDATE:
		return parseDate(d, false)
	case mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_TIMESTAMP, mysql.MYSQL_TYPE_DATETIME2, mysql.MYSQL_TYPE_TIMESTAMP2:
		return parseDate(d, true)
	case mysql.MYSQL_TYPE_TIME, mysql.MYSQL_TYPE_TIME2:
		return parseTime(d)
	case mysql.MYSQL_TYPE_DECIMAL, mysql.MYSQL_TYPE_NEWDECIMAL, mysql.MYSQL_TYPE_VARCHAR, mysql.MYSQL_TYPE_BIT,
		mysql.MYSQL_TYPE_JSON, mysql.MYSQL_TYPE_ENUM, mysql.MYSQL_TYPE_SET, mysql.MYSQL_TYPE_TINY_BLOB,
		mysql.MYSQL_TYPE_MEDIUM_BLOB, mysql.MYSQL_TYPE_LONG_BLOB, mysql.MYSQL_TYPE_BLOB, mysql.MYSQL_TYPE_VAR_STRING,
		mysql.MYSQL_TYPE_STRING, mysql.MYSQL_TYPE_GEOMETRY, mysql.MYSQL_TYPE_VECTOR:
		return textOrBlob(t.code, d.lenencBytes())
	}
	d.err, d.data = errMalformed, nil
	return txn.Null()
}

// textOrBlob makes a value of bytes: a BLOB of the types that only programs with binary data bind.
func textOrBlob(code byte, b []byte) txn.Value {
	switch code {
	case mysql.MYSQL_TYPE_TINY_BLOB, mysql.MYSQL_TYPE_MEDIUM_BLOB, mysql.MYSQL_TYPE_LONG_BLOB, mysql.MYSQL_TYPE_BLOB,
		mysql.MYSQL_TYPE_BIT, mysql.MYSQL_TYPE_GEOMETRY, mysql.MYSQL_TYPE_VECTOR:
		return txn.Blob(b)
	}
	return txn.Text(b)
}

// parseDate reads a DATE or DATETIME of 0, 4, 7 or 11 bytes.
func parseDate(d *decoder, clock bool) txn.Value {
	b := decoder{data: d.take(int(d.uint8()))}
	var year uint16
	var month, day, hour, minute, second uint8
	var micro uint32
	switch len(b.data) {
	case 0, 4, 7, 11:
	default:
		d.err, d.data = errMalformed, nil
		return txn.Null()
	}
	hasClock, hasMicro := len(b.data) >= 7, len(b.data) == 11
	if len(b.data) >= 4 {
		year, month, day = b.uint16(), b.uint8(), b.uint8()
	}
	if hasClock {
		hour, minute, second = b.uint8(), b.uint8(), b.uint8()
	}
	if hasMicro {
		micro = b.uint32()
	}
	text := fmt.Appendf(nil, "%04d-%02d-%02d", year, month, day)
	if clock || hasClock {
		text = fmt.Appendf(text, " %02d:%02d:%02d", hour, minute, second)
	}
	if hasMicro {
		text = fmt.Appendf(text, ".%06d", micro%1_000_000)
	}
	return txn.Text(text)
}

// parseTime reads a TIME of 0, 8 or 12 bytes.
func parseTime(d *decoder) txn.Value {
	b := decoder{data: d.take(int(d.uint8()))}
	switch len(b.data) {
	case 0:
		return txn.TextString("00:00:00")
	case 8, 12:
	default:
		d.err, d.data = errMalformed, nil
		return txn.Null()
	}
	var text []byte
	hasMicro := len(b.data) == 12
	if b.uint8() != 0 {
		text = append(text, '-')
	}
	hours := uint64(b.uint32()) * 24
	hours += uint64(b.uint8())
	text = fmt.Appendf(text, "%02d:%02d:%02d", hours, b.uint8(), b.uint8())
	if hasMicro {
		text = fmt.Appendf(text, ".%06d", b.uint32()%1_000_000)
	}
	return txn.Text(text)
}

// readExecute reads the head of COM_STMT_EXECUTE.
func readExecute(d *decoder) (id uint32, flags byte) {
	id = d.uint32()
	flags = d.uint8()
	d.uint32() // iteration count, always 1
	return id, flags
}

// appendParamDefinition appends the definition of a ? parameter: its type is not known.
func appendParamDefinition(b []byte) []byte {
	b = appendLenencString(b, "def")
	b = append(b, 0, 0, 0, 1, '?', 0, 0x0c)
	b = binary.LittleEndian.AppendUint16(b, binaryCollation)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = append(b, mysql.MYSQL_TYPE_VAR_STRING)
	b = binary.LittleEndian.AppendUint16(b, mysql.BINARY_FLAG)
	return append(b, 0, 0, 0)
}
