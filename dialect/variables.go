package dialect

import "marmot/txn"

// Scope says where a system variable has a value.
type Scope uint8

// The scopes of system variables.
const (
	ScopeBoth    Scope = iota // a global value, and one of each session that begins as the global one
	ScopeGlobal               // a global value only
	ScopeSession              // a value of each session only
)

// VariableKind is the type of a system variable's values.
type VariableKind uint8

// The kinds of system variables.
const (
	VariableText    VariableKind = iota // any string
	VariableBool                        // ON or OFF
	VariableInteger                     // a signed integer
	VariableCount                       // an unsigned integer
	VariableReal                        // a number with fraction
	VariableEnum                        // one of a list of words
	VariableSet                         // any of a list of words, joined by commas
)

// Variable describes a system variable.
type Variable struct {
	Name     string // lower case
	Default  string // in the form of SHOW VARIABLES
	Scope    Scope
	ReadOnly bool
	Kind     VariableKind
	Min, Max int64    // of VariableInteger and VariableCount; both 0: no limits
	Words    []string // of VariableEnum and VariableSet
	Nullable bool     // SET … = NULL is allowed
}

// Variables lists the system variables by name.
func Variables() []Variable { panic("not built yet") }

// LookupVariable returns the system variable of that name, in any case, or nil.
func LookupVariable(name string) *Variable { panic("not built yet") }

// Normalize turns a value of SET into the form in which SHOW VARIABLES prints it.
// Errors are MySQL's: 1231 for a wrong value, 1232 for a wrong type, 1238 for a variable
// that cannot be set.
func (v *Variable) Normalize(value txn.Value) (string, error) { panic("not built yet") }

// ParseSQLMode reads a value of sql_mode. Error 1231 names the part that is no mode.
func ParseSQLMode(text string) (SQLMode, error) { panic("not built yet") }

// String prints the modes as @@sql_mode does.
func (m SQLMode) String() string { panic("not built yet") }
