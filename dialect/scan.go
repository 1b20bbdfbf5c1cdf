package dialect

import (
	"strconv"

	"marmot/schemas"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// lookups finds sources of which the condition fixes a whole unique key to values known before
// the statement runs, and notes it in their scans.
func (s *scope) lookups(where sqlparser.Expr) {
	fixed := map[columnKey]func(Binding) (txn.Value, bool){}
	for _, e := range conjuncts(nil, where) {
		s.fix(fixed, e.Left, e.Right)
		s.fix(fixed, e.Right, e.Left)
	}
	if len(fixed) == 0 {
		return
	}
	for _, src := range s.sources {
		if src.table == nil || src.scan < 0 {
			continue
		}
		for _, ix := range src.table.UniqueIndexes() {
			if values, ok := keyValues(src, ix, fixed, foreignCharset(s.k.textType(0).Charset)); ok {
				s.k.scans[src.scan].Index, s.k.scans[src.scan].values = ix, values
				break
			}
		}
	}
}

func (s *scope) fix(fixed map[columnKey]func(Binding) (txn.Value, bool), column, value sqlparser.Expr) {
	n, ok := column.(*sqlparser.ColName)
	if !ok || s.k.local(n) != nil {
		return
	}
	src, i, _, ok, err := s.place(n)
	if !ok || err != nil || src == nil || src.table == nil || src.pads {
		return
	}
	if f := s.k.known(value); f != nil && fixed[columnKey{src, i}] == nil {
		fixed[columnKey{src, i}] = f
	}
}

// known gives the value of an expression that is known before the statement runs, or nil.
func (k *compiler) known(e sqlparser.Expr) func(Binding) (txn.Value, bool) {
	switch e := e.(type) {
	case *sqlparser.ColName:
		if v := k.local(e); v != nil && (v.Type.IsInteger() || v.Type.Kind >= schemas.Char && v.Type.Kind <= schemas.LongText) {
			ref := v.ref()
			return func(b Binding) (txn.Value, bool) { return b.value(ref, nil), true }
		}
	case *sqlparser.Argument:
		ref, class, err := k.reference(e.Name)
		if err != nil || class[0] == 'c' || class[0] == 'r' {
			return nil
		}
		return func(b Binding) (txn.Value, bool) { return b.value(ref, nil), true }
	case *sqlparser.Literal:
		var v txn.Value
		switch e.Type {
		case sqlparser.StrVal:
			v = txn.TextString(e.Val)
		case sqlparser.IntVal:
			n, err := strconv.ParseInt(e.Val, 10, 64)
			if err != nil {
				return nil
			}
			v = txn.Int(n)
		case sqlparser.DecimalVal:
			v = txn.Text(normalDecimal([]byte(e.Val)))
		default:
			return nil
		}
		return func(Binding) (txn.Value, bool) { return v, true }
	case *sqlparser.UnaryExpr:
		inner := k.known(e.Expr)
		if inner == nil || e.Operator != sqlparser.UMinusOp {
			return nil
		}
		return func(b Binding) (txn.Value, bool) {
			v, ok := inner(b)
			return negate(v), ok && v.Kind() == txn.KindInteger
		}
	}
	return nil
}

func keyValues(src *source, ix *schemas.Index, fixed map[columnKey]func(Binding) (txn.Value, bool), charset string) (func(Environment, Binding) ([]txn.Value, error), bool) {
	list := make([]func(Binding) (txn.Value, bool), len(ix.Parts))
	for i, p := range ix.Parts {
		if p.Column < 0 || p.Prefix > 0 || fixed[columnKey{src, p.Column}] == nil {
			return nil, false
		}
		list[i] = fixed[columnKey{src, p.Column}]
	}
	t := src.table
	return func(_ Environment, b Binding) ([]txn.Value, error) {
		values := make([]txn.Value, len(list))
		for i, f := range list {
			v, ok := f(b)
			if !ok {
				return make([]txn.Value, len(list)), nil // NULLs: no single value
			}
			column := &t.Columns[ix.Parts[i].Column].Type
			if charset != "" && column.IsBlob() && !onlyASCII(v.Bytes()) {
				return make([]txn.Value, len(list)), nil // which bytes it has is known to the query
			}
			values[i] = comparedValue(*column, v)
		}
		return values, nil
	}, true
}

// comparedValue is the one stored value of type t that equals v in a comparison, or NULL when
// that is not sure.
func comparedValue(t schemas.Type, v txn.Value) txn.Value {
	plain := false
	switch {
	case t.IsInteger():
		plain = v.Kind() == txn.KindInteger || v.Kind() == txn.KindText
	case t.Kind == schemas.Decimal:
		plain = v.Kind() == txn.KindInteger || v.Kind() == txn.KindText
	case t.Kind >= schemas.Char && t.Kind <= schemas.LongText:
		if v.Kind() == txn.KindText {
			return v
		}
	case t.Kind == schemas.Date, t.Kind == schemas.DateTime:
		plain = v.Kind() == txn.KindText
	case t.IsBlob() && t.Kind != schemas.Binary:
		if v.Kind() == txn.KindText || v.Kind() == txn.KindBlob {
			return txn.Blob(v.Bytes())
		}
	}
	if !plain {
		return txn.Null()
	}
	out, warnings, err := schemas.Convert(t, "", v, schemas.Assignment{Strict: true})
	if err != nil || len(warnings) > 0 {
		return txn.Null()
	}
	if v.Kind() == txn.KindText && t.IsInteger() && !integerText(v.Bytes()) {
		return txn.Null() // 1.5 converts, but equals nothing
	}
	return out
}

func integerText(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	for _, c := range b {
		if !isDigitByte(c) {
			return false
		}
	}
	return len(b) > 0
}
