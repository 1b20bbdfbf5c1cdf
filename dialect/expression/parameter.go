package expression

import (
	"marmot/schemas"
	"marmot/txn"
)

// Parameter is a parameter of the client in one plan. Its type is that of the value bound, as nothing else says it;
// a plan in which that matters is one for values of these types only.
type Parameter struct {
	// Known: Type is that of the value bound, Kind 0 for NULL. While a statement is prepared nothing is.
	Known bool
	Type  schemas.Type
	// Ref is its number, from 0 on, and Wanted the type of what it is given to; Kind 0 where nothing tells.
	Ref    int
	Wanted schemas.Type
	// Bytes is SQL for the value in the client's own character set.
	Bytes string
	// Asked: the type was asked for, so that the plan depends on it.
	Asked bool
}

// ParameterType is the type of a bound value; Kind 0 of NULL. Strings have no known length.
func ParameterType(kind txn.Kind, collation string) schemas.Type {
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
	a.Param, a.Given, a.Type, a.Nullable = false, nil, t, t.Kind == 0
	switch {
	case t.Kind == 0:
		a.Coercibility = Ignorable
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
