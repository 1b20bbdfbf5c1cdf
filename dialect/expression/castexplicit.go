package expression

import "marmot/schemas"

// ExplicitCast is CAST(a AS t) as a statement writes it: as Cast, and BINARY(n) is padded. Text, times and documents may be
// NULL, since a value that cannot be converted is.
func ExplicitCast(a Operand, t schemas.Type) (Operand, error) {
	if t.Kind == schemas.VarBinary && t.Length >= 0 && !isNull(a) {
		return castPadded(a, t)
	}
	switch t.Kind {
	case schemas.Date:
		a = asRead(a, readsCastDate)
	case schemas.DateTime:
		a = asRead(a, readsCastDateTime)
	case schemas.Time:
		a = asRead(a, readsTime)
	}
	o, err := Cast(a, t)
	if err != nil {
		return o, err
	}
	switch {
	case t.IsText(), t.IsBlob(), t.IsTemporal(), t.Kind == schemas.Year, t.Kind == schemas.JSON:
		o.Nullable = true
	}
	if t.Kind == schemas.JSON || t.IsText() || t.IsBlob() { // whatever the operand's was
		o.Coercibility = Implicit
	}
	return o, nil
}

// castPadded is CAST(a AS BINARY(n)): what is shorter gets zero bytes at its end.
func castPadded(a Operand, t schemas.Type) (Operand, error) {
	whole, err := Cast(a, schemas.Type{Kind: schemas.VarBinary, Length: -1})
	if err != nil {
		return whole, err
	}
	whole.SQL = call("marmot_cast_binary", whole.SQL, itoa(t.Length))
	whole.Type, whole.Nullable, whole.Constant, whole.Coercibility = t, true, nil, Implicit
	return whole, nil
}
