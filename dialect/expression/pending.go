package expression

import (
	"marmot/schemas"
	"marmot/sqlext"
)

func Arithmetic(op string, a, b Operand) (Operand, error)                 { panic("not built yet") }
func Negate(a Operand) (Operand, error)                                   { panic("not built yet") }
func BitNot(a Operand) (Operand, error)                                   { panic("not built yet") }
func Not(a Operand) (Operand, error)                                      { panic("not built yet") }
func Logic(op string, a, b Operand) (Operand, error)                      { panic("not built yet") }
func Compare(op string, a, b Operand) (Operand, error)                    { panic("not built yet") }
func In(a Operand, list []Operand, not bool) (Operand, error)             { panic("not built yet") }
func Between(a, low, high Operand, not bool) (Operand, error)             { panic("not built yet") }
func Like(a, pattern Operand, escape *Operand, not bool) (Operand, error) { panic("not built yet") }
func Regexp(a, pattern Operand, not bool) (Operand, error)                { panic("not built yet") }
func IsNull(a Operand, not bool) (Operand, error)                         { panic("not built yet") }
func IsTrue(a Operand, not bool) (Operand, error)                         { panic("not built yet") }
func IsFalse(a Operand, not bool) (Operand, error)                        { panic("not built yet") }
func Case(whenThen [][2]Operand, otherwise *Operand) (Operand, error)     { panic("not built yet") }
func Cast(a Operand, t schemas.Type) (Operand, error)                     { panic("not built yet") }
func Assign(a Operand, t schemas.Type, column string) string              { panic("not built yet") }
func Call(name string, args []Operand) (Operand, error)                   { panic("not built yet") }
func Interval(add bool, date, amount Operand, unit string) (Operand, error) {
	panic("not built yet")
}
func Extract(unit string, a Operand) (Operand, error) { panic("not built yet") }
func Truth(a Operand) string                          { panic("not built yet") }
func SortSQL(a Operand) string                        { panic("not built yet") }
func Unify(list []Operand) (schemas.Type, error)      { panic("not built yet") }
func Extensions() sqlext.Set                          { panic("not built yet") }
func Local(a Operand) Operand                         { panic("not built yet") }

// AggregateOptions are what stands in and behind an aggregate's parentheses besides arguments.
type AggregateOptions struct {
	Distinct bool
	OrderBy  []string
	// Separator of GROUP_CONCAT; HasSeparator tells an empty one from none.
	Separator    string
	HasSeparator bool
	// Window is the text OVER (…), or empty.
	Window string
}

func Aggregate(name string, args []Operand, o AggregateOptions) (Operand, error) {
	panic("not built yet")
}
func WindowFunction(name string, args []Operand) (Operand, error) {
	panic("not built yet")
}

const maxPrecision = 65

func asText(a Operand) (Operand, error) { panic("not built yet") }
