package expression

import (
	"marmot/schemas"
	"marmot/txn"
)

// Parameter is a parameter of the client in one plan. A plan in which its type matters is one for parameters of these types only.
type Parameter struct {
	// Known: Type is that of the parameter, a string's: one of another type is an operand like any other, and no Param.
	Known bool
	Type  schemas.Type
	// Ref is its number, from 0 on, and Wanted the type of what it is given to; Kind 0 where nothing tells.
	Ref    int
	Wanted schemas.Type
	// Bytes is SQL for the value in the client's own character set.
	Bytes string
	// Asked: the type was asked for, so that the plan depends on it.
	Asked bool
	// Textual: it is taken as a string, so that a string stays as it is, whatever the parameter's type.
	Textual bool
}

// kindType is the type of a value of a storage class; Kind 0 of NULL. Strings have no known length.
func kindType(kind txn.Kind, collation string) schemas.Type {
	switch kind {
	case txn.KindInteger:
		return bigint()
	case txn.KindReal:
		return double()
	case txn.KindText:
		return text(-1, collation)
	case txn.KindBlob:
		return bytesType(-1)
	}
	return schemas.Type{}
}

// Bound is the type of the value of a parameter, and whether it is known. That of a user variable never is.
func Bound(a Operand) (t schemas.Type, known bool) {
	if a.Given == nil {
		return schemas.Type{}, false
	}
	a.Given.Asked = true
	return a.Given.Type, a.Given.Known
}

// ask notes that a plan depends on the types of its parameters among the operands.
func ask(list ...Operand) {
	for _, a := range list {
		if a.Param && a.Given != nil {
			a.Given.Asked = true
		}
	}
}

// want notes that a parameter is used as a value of type t. The first use counts.
func want(a Operand, t schemas.Type) {
	if a.Given != nil && a.Given.Wanted.Kind == 0 {
		a.Given.Wanted = t
	}
}

// resolved is a parameter as a value of the type that is bound.
func resolved(a Operand) Operand {
	if !a.Param {
		return a
	}
	t, known := Bound(a)
	if !known {
		return a
	}
	a.Param, a.Type, a.Nullable = false, t, true
	switch {
	case t.Kind == 0:
		a.Coercibility, a.Given = Ignorable, nil
	case !t.IsText() && !t.IsBlob():
		a.Coercibility = Numeric
	}
	return a
}

// bytesOfParam is SQL for the bytes of a parameter.
func bytesOfParam(a Operand) string {
	if a.Given != nil && a.Given.Bytes != "" {
		return call("marmot_bytes", a.Given.Bytes)
	}
	return call("marmot_bytes", a.SQL)
}

// widest is the type for values of t and of a parameter whose type is not known, so that nothing of that is cut.
func widest(t schemas.Type, collation string) schemas.Type {
	switch {
	case t.Kind == 0:
		return text(-1, collation)
	case t.IsText():
		return text(-1, t.Collation)
	case t.IsBlob():
		return bytesType(-1)
	case t.IsInteger(), t.Kind == schemas.Decimal:
		return decimal(maxPrecision, maxScale)
	case t.Kind == schemas.Float:
		return double()
	case t.IsTemporal() && t.Kind != schemas.Date:
		t.Decimals = 6
	}
	return t
}

// varies reports whether an integer or a user variable is wanted: what comes of it is known only when it runs.
func varies(list []Operand) bool {
	variables, integers := false, false
	for _, a := range list {
		switch {
		case a.Param && a.Given != nil: // it is only described
			return false
		case a.Param:
			variables = true
		case a.Type.IsInteger():
			integers = true
		case !isNull(a):
			return false
		}
	}
	return variables && integers
}

// wantCommon notes that parameters are used as values of the type that the other operands have in common.
func wantCommon(list []Operand) {
	var t schemas.Type
	for _, a := range list {
		switch {
		case a.Param || isNull(a):
		case t.Kind == 0:
			t = a.Type
		default:
			t = unifyTypes(t, a.Type)
		}
	}
	for _, a := range list {
		if a.Param && t.Kind != 0 {
			want(a, t)
		}
	}
}
