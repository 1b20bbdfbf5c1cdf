package dialect

import (
	"math"
	"strconv"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// want notes that parameter ref is given to what is of type t. The first to want it counts.
func (k *compiler) want(ref int, t schemas.Type) {
	if k.wanted == nil {
		k.wanted = map[int]schemas.Type{}
	}
	if _, have := k.wanted[ref]; !have {
		k.wanted[ref] = t
	}
}

// limit notes that parameter ref stands in LIMIT.
func (k *compiler) limit(ref int) {
	k.limits = append(k.limits, ref)
	k.want(ref, schemas.Type{Kind: schemas.BigInt, Unsigned: true})
}

// parameters are the types that PREPARE tells of the first n parameters: some programs bind their values by them.
func (k *compiler) parameters(n int) []schemas.Type {
	if n == 0 {
		return nil
	}
	for _, g := range k.given {
		if g.Wanted.Kind != 0 {
			k.want(g.Ref, g.Wanted)
		}
	}
	list := make([]schemas.Type, n)
	for i := range list {
		list[i] = k.parameterType(k.wanted[i])
	}
	return list
}

// parameterType is what MySQL makes of the type that a parameter is given to: the widest of its kind.
func (k *compiler) parameterType(t schemas.Type) schemas.Type {
	switch {
	case t.IsInteger():
		return schemas.Type{Kind: schemas.BigInt, Unsigned: t.Unsigned}
	case t.Kind == schemas.Decimal:
		return schemas.Type{Kind: schemas.Decimal, Length: maxDigits, Decimals: maxDecimals}
	case t.Kind == schemas.Float, t.Kind == schemas.Double:
		return schemas.Type{Kind: schemas.Double, Decimals: -1}
	case t.Kind == schemas.Bit:
		return schemas.Type{Kind: schemas.Bit, Length: 64}
	case t.Kind == schemas.Timestamp, t.Kind == schemas.DateTime:
		return schemas.Type{Kind: schemas.DateTime, Decimals: 6}
	case t.Kind == schemas.Time:
		return schemas.Type{Kind: schemas.Time, Decimals: 6}
	case t.Kind == schemas.Date, t.Kind == schemas.Year, t.Kind == schemas.JSON, t.Kind == schemas.Geometry:
		return t
	case t.Kind == schemas.VarBinary, t.Kind == schemas.Binary:
		return schemas.Type{Kind: schemas.VarBinary, Length: maxRowBytes}
	case t.IsBlob():
		return schemas.Type{Kind: schemas.LongBlob}
	case t.Kind == schemas.TinyText, t.Kind == schemas.Text, t.Kind == schemas.MediumText, t.Kind == schemas.LongText:
		text := k.textType(0)
		text.Kind = schemas.LongText
		return text
	}
	return k.textType(maxRowBytes / 4)
}

// The digits that a DECIMAL may have, and those of them behind the point.
const maxDigits, maxDecimals = 65, 30

// LimitArguments makes integers of the values that the plan takes for LIMIT, as EXECUTE does (text) or COM_STMT_EXECUTE.
func (p *Plan) LimitArguments(args []txn.Value, text bool) error {
	for _, ref := range p.limits {
		if ref >= len(args) {
			continue
		}
		convert := limitBound
		if text {
			convert = limitOfVariable
		}
		v, err := convert(args[ref])
		if err != nil {
			return err
		}
		args[ref] = v
	}
	return nil
}

// Limits reports whether LIMIT takes a parameter.
func (p *Plan) Limits() bool { return len(p.limits) > 0 }

// limitOfVariable is the value of a user variable for LIMIT: an integer or NULL.
func limitOfVariable(v txn.Value) (txn.Value, error) {
	switch v.Kind() {
	case txn.KindNull:
		return txn.Int(0), nil
	case txn.KindInteger:
		if v.Int64() < 0 {
			return v, mysqlerr.New(mysql.ER_DATA_OUT_OF_RANGE, "unsigned integer", "EXECUTE")
		}
		return v, nil
	case txn.KindText:
		if n, err := strconv.ParseUint(string(v.Bytes()), 10, 64); err == nil && n > math.MaxInt64 {
			return txn.Int(math.MaxInt64), nil
		}
	}
	return v, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "EXECUTE")
}

// limitBound is a value that a client has bound for LIMIT: of a string the digits that it begins with, as an unsigned number.
func limitBound(v txn.Value) (txn.Value, error) {
	switch v.Kind() {
	case txn.KindNull:
		return txn.Int(0), nil
	case txn.KindInteger:
		if v.Int64() < 0 {
			return v, mysqlerr.New(mysql.ER_DATA_OUT_OF_RANGE, "SIGNED INTEGER", "mysqld_stmt_execute")
		}
		return v, nil
	case txn.KindText, txn.KindBlob:
		s := strings.TrimLeft(string(v.Bytes()), " \t\n\v\f\r")
		negative := strings.HasPrefix(s, "-")
		s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		if end == 0 {
			return txn.Int(0), nil
		}
		n, err := strconv.ParseInt(s[:end], 10, 64)
		if err != nil || negative && n > 0 {
			n = math.MaxInt64
		}
		return txn.Int(n), nil
	}
	return v, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "mysqld_stmt_execute")
}
