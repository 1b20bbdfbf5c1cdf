package dialect

import (
	"slices"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// Argument is the type of a parameter or of a value that is bound to one.
type Argument = expression.Argument

// What the storage class of a bound value does not say of it; NoArgument where it says all.
const (
	NoArgument       = expression.NoArgument
	UnsignedArgument = expression.UnsignedArgument
	DecimalArgument  = expression.DecimalArgument
	DateArgument     = expression.DateArgument
	DateTimeArgument = expression.DateTimeArgument
	TimeArgument     = expression.TimeArgument
)

// Arguments are the types of a prepared statement's parameters. They are those that PREPARE found until values of other types are
// bound; then the statement is prepared for these.
type Arguments struct {
	derived, now []Argument
}

// NewArguments begins with the types that PREPARE tells of n parameters; those beyond the list are strings.
func NewArguments(n int, types []schemas.Type) Arguments {
	a := Arguments{derived: make([]Argument, n)}
	for i := range a.derived {
		a.derived[i] = expression.TextArgument
		if i < len(types) {
			a.derived[i] = expression.ArgumentOf(types[i])
		}
	}
	a.now = slices.Clone(a.derived)
	return a
}

// Derived are the types that PREPARE found.
func (a *Arguments) Derived() []Argument { return a.derived }

// Bind takes the values of an execution, and tells the types to plan it with. sorts may be nil.
func (a *Arguments) Bind(values []txn.Value, sorts []Argument) []Argument {
	given := make([]Argument, len(values))
	fit := true
	for i, v := range values {
		sort := NoArgument
		if i < len(sorts) {
			sort = sorts[i]
		}
		given[i] = expression.ArgumentOfValue(v, sort)
		fit = fit && a.now[i].Takes(given[i]) && !a.now[i].Narrows(v)
	}
	if !fit {
		for i, v := range values {
			switch {
			case given[i] != NoArgument && given[i] != expression.TextArgument:
				a.now[i] = given[i]
			case a.now[i].Narrows(v):
				a.now[i] = expression.DecimalArgument
			default:
				a.now[i] = a.derived[i]
			}
		}
	}
	for i := range given {
		given[i] = a.now[i].As(given[i])
	}
	return given
}

// assignedParameter is a parameter that is the value of a column of type t.
type assignedParameter struct {
	ref int
	t   schemas.Type
}

// assign notes that parameter ref is the value of a column of type t, if it matters then of what type its value is.
func (k *compiler) assign(ref int, t schemas.Type) {
	if !t.IsText() && !t.IsBlob() {
		k.assigned = append(k.assigned, assignedParameter{ref, t})
	}
}

// assignArguments makes of dates, times and decimals that are bound what a column takes them for.
func (p *Plan) assignArguments(values []txn.Value, types []Argument) []txn.Value {
	out := values
	for _, a := range p.assigned {
		if a.ref >= len(types) || types[a.ref] < UnsignedArgument {
			continue
		}
		made := types[a.ref].Assigned(values[a.ref], a.t)
		if made.Equal(values[a.ref]) {
			continue
		}
		if &out[0] == &values[0] {
			out = slices.Clone(values)
		}
		out[a.ref] = made
	}
	return out
}

// Typed reports whether the plan is for parameters of certain types.
func (p *Plan) Typed() bool { return p.typed }

func (p *Plan) isAssigned(ref int) bool {
	return slices.ContainsFunc(p.assigned, func(a assignedParameter) bool { return a.ref == ref })
}

// Argue makes of the values that are bound those of the types that the plan was made for; warn hears of what is none.
func (p *Plan) Argue(values []txn.Value, types []Argument, warn func(*mysqlerr.Error)) []txn.Value {
	values = p.assignArguments(values, types)
	if !p.typed {
		return values
	}
	out := values
	for i, v := range values {
		if slices.Contains(p.limits, i) || p.isAssigned(i) {
			continue
		}
		made, warning := types[i].Argue(v, slices.Contains(p.textual, i))
		if warning != nil {
			warn(warning)
		}
		if made.Equal(v) {
			continue
		}
		if &out[0] == &values[0] {
			out = slices.Clone(values)
		}
		out[i] = made
	}
	return out
}
