package dialect

import (
	"marmot/dialect/expression"
	"marmot/schemas"
)

// typedVariable is a user variable and the type that a plan takes it to have.
type typedVariable struct {
	name string
	of   schemas.Type
}

// fits reports whether the user variables have the types that the plan was made for.
func (p *Plan) fits(c *Context) bool {
	for i := range p.variables {
		if c.UserVariables == nil {
			return false
		}
		if now := c.UserVariables.UserVariableType(p.variables[i].name); !equalTypes(&p.variables[i].of, &now) {
			return false
		}
	}
	return true
}

// userVariable compiles @name. A variable that the statement itself sets may have any type.
func (k *compiler) userVariable(name string) expression.Operand {
	o := expression.Operand{SQL: "marmot_variable(" + schemas.QuoteMySQL(name) + ")", Nullable: true, Param: true,
		Type: schemas.Type{Collation: k.textType(0).Collation}, Coercibility: expression.Implicit}
	if k.c.UserVariables == nil || k.p != nil && k.p.assigns {
		return o
	}
	t := k.c.UserVariables.UserVariableType(name)
	k.variables = append(k.variables, typedVariable{name, t})
	if t.Kind != 0 {
		o.Param, o.Type = false, t
	}
	return o
}
