package dialect

import (
	"slices"
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// Locals are the variables that a statement of a stored program sees: those declared last come first. It is
// immutable, so that each block adds its own to those of the block around it.
type Locals struct {
	parent *Locals
	local  Local
	key    string // spells all that is visible, for the plan cache
}

// Local is a variable or parameter of a stored program, or a column of NEW or OLD.
type Local struct {
	Name string // NEW.name or OLD.name for the columns of a trigger's row
	Type schemas.Type
	Slot int // its place among the values of the program
	// NotNull: NULL is no value of it, as of a column of NEW.
	NotNull bool
	// Fixed: the program may not set it.
	Fixed bool
}

// with adds a variable.
func (l *Locals) with(v Local) *Locals {
	n := &Locals{parent: l, local: v}
	n.key = strings.ToLower(v.Name) + "\x01" + strconv.Itoa(v.Slot) + v.Type.String() + v.Type.Collation + "\x02"
	if l != nil {
		n.key = l.key + n.key
	}
	return n
}

// find returns the variable of that name, or nil.
func (l *Locals) find(name string) *Local {
	for at := l; at != nil; at = at.parent {
		if strings.EqualFold(at.local.Name, name) {
			return &at.local
		}
	}
	return nil
}

// variableBase is where the numbers of a program's variables begin in the SQL of a compiler.
const variableBase = 1 << 22

// ref is the number of a variable in the SQL of a compiler.
func (v *Local) ref() int { return variableBase + v.Slot }

// operand is the variable in an expression.
func (v *Local) operand() expression.Operand {
	c := schemas.Column{Name: v.Name, Type: v.Type, Nullable: !v.NotNull}
	return columnOperand(&c, "?"+strconv.Itoa(v.ref()))
}

// local finds the variable that a name of a statement stands for. A variable hides a column of its name.
func (k *compiler) local(n *sqlparser.ColName) *Local {
	if k.c.Locals == nil || k.views > 0 {
		return nil
	}
	name := n.Name.String()
	if t := n.Qualifier.Name.String(); t != "" {
		if !n.Qualifier.Qualifier.IsEmpty() || !strings.EqualFold(t, "new") && !strings.EqualFold(t, "old") {
			return nil
		}
		name = t + "." + name
	}
	return k.c.Locals.find(name)
}

// Targets are variables into which the columns of a query's row go. The values are in the variables' stored form, or
// in one that converts to it.
type Targets struct {
	list []Local
	key  string
}

// newTargets makes the targets of a query.
func newTargets(list []Local) *Targets {
	t := &Targets{list: slices.Clone(list)}
	for i, v := range list {
		if row, column, ok := strings.Cut(v.Name, "."); ok && strings.EqualFold(row, "NEW") && v.Type.Kind != 0 {
			v.Name, t.list[i].Name = column, column // as errors name it
		}
		t.key += v.Name + "\x01" + v.Type.String() + v.Type.Collation + "\x02"
	}
	return t
}

// intoTargets makes the query give the values for the context's targets. It tells which of them are in stored form.
func (k *compiler) intoTargets(q *query) ([]bool, error) {
	targets := k.c.Targets.list
	if len(targets) != len(q.columns) {
		return nil, mysqlerr.New(errColumnsInSelect)
	}
	stored := make([]bool, len(targets))
	list := make([]string, len(targets))
	for i, c := range q.columns {
		o := c.operand
		if len(targets) == 1 && o.Constant != nil && q.bare {
			o.SQL = expression.QuoteValue(constantFor(o, targets[i].Type))
		} else {
			o.SQL, o.Constant = outName(i), nil
		}
		if targets[i].Type.Kind == 0 { // a user variable takes any value
			list[i], stored[i] = expression.Local(o).SQL, true
			continue
		}
		list[i], stored[i] = assignSQL(o, targets[i].Type, targets[i].Name)
	}
	q.sql = "SELECT " + strings.Join(list, ", ") + " FROM (" + q.sql + ")"
	return stored, nil
}

// errColumnsInSelect is ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT.
const errColumnsInSelect = 1222

// convertingRun makes a query give its rows in the stored form of the targets.
func convertingRun(run func(Executor, Environment, Binding, func([]txn.Value) error) error, targets []Local, stored []bool) func(Executor, Environment, Binding, func([]txn.Value) error) error {
	return func(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
		return run(x, e, b, func(values []txn.Value) error {
			out := make([]txn.Value, len(values))
			for i, v := range values {
				out[i] = v
				if stored[i] || v.IsNull() {
					continue
				}
				var err error
				if out[i], err = convertFor(e, targets[i], v); err != nil {
					return err
				}
			}
			return row(out)
		})
	}
}
