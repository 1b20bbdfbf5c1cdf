package expression

import (
	"marmot/schemas"
	"marmot/txn"
)

// VariableSort says of a user variable's value what the value itself does not.
type VariableSort uint8

// The sorts. A decimal is text with digits, an unsigned number above the signed ones is text too.
const (
	VariablePlain VariableSort = iota
	VariableDecimal
	VariableUnsigned
)

// SortOfVariable is the sort of a user variable that is set to a value of the type.
func SortOfVariable(t schemas.Type) VariableSort {
	switch {
	case t.Kind == schemas.Decimal:
		return VariableDecimal
	case t.IsInteger() && t.Unsigned:
		return VariableUnsigned
	}
	return VariablePlain
}

// Argument is the sort as that of a value bound to a parameter.
func (s VariableSort) Argument() Argument {
	switch s {
	case VariableDecimal:
		return DecimalArgument
	case VariableUnsigned:
		return UnsignedArgument
	}
	return NoArgument
}

// VariableType is the type of a user variable, which MySQL takes from its value as it is when the statement that names
// the variable is resolved, https://dev.mysql.com/doc/refman/8.4/en/user-variables.html. Kind is 0 for NULL.
func VariableType(kind txn.Kind, sort VariableSort, collation string) schemas.Type {
	switch {
	case kind == txn.KindNull:
		return schemas.Type{}
	case sort == VariableDecimal:
		return decimal(maxPrecision, maxScale)
	case sort == VariableUnsigned:
		return schemas.Type{Kind: schemas.BigInt, Unsigned: true, Length: 21}
	case kind == txn.KindInteger:
		return schemas.Type{Kind: schemas.BigInt, Length: 21}
	}
	return kindType(kind, collation)
}
