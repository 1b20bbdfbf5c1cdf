package dialect

import (
	"marmot/schemas"
)

// routine is a parsed stored program.
type routine struct {
	program *schemas.Program
	mode    SQLMode
	params  []parameter
	returns schemas.Type // of a function
	body    node
	slots   int // values of an activation
	cursors int
	// rows are the slots of NEW's and OLD's first columns in a trigger, -1 if there is no such row.
	newRow, oldRow int
	// changes: a statement of the body, or of what it calls, may write rows or run any statement there is.
	leaves []*leaf
	// answers: a statement of the body gives the client a result set, or may (EXECUTE).
	answers bool
	calls   []*call
	exprs   []*programExpr
	// hasReturn: a function has a RETURN somewhere.
	hasReturn bool
}

// parameter is a parameter of a procedure or function.
type parameter struct {
	mode string // IN, OUT or INOUT
	v    Local
	text string // its type as written
}

// node is a statement of a program.
type node interface{ node() }

// programExpr is an expression of a program.
type programExpr struct {
	text  string
	scope *Locals
}

// The statements of programs that are no statements of SQL.
type (
	// block is BEGIN … END.
	block struct {
		label    string
		vars     []declaration
		cursors  []*cursorDeclaration
		handlers []*handler
		body     []node
	}
	// choice is IF, and CASE without a value.
	choice struct {
		conditions []*programExpr
		bodies     [][]node
		otherwise  []node
		// total: without ELSE it is an error that no condition holds.
		total bool
	}
	// selection is CASE with a value, which is computed once.
	selection struct {
		value  *programExpr
		slot   Local // where the value is kept; Type is set when the value is known
		choice choice
	}
	// loop is LOOP, WHILE and REPEAT.
	loop struct {
		label     string
		condition *programExpr // nil for LOOP
		until     bool         // the condition is looked at behind the body, and ends the loop
		body      []node
	}
	// jump is LEAVE or ITERATE.
	jump struct {
		label string
		again bool
	}
	// giveBack is RETURN.
	giveBack struct{ value *programExpr }
	// assign is SET of variables of the program.
	assign struct {
		target Local
		value  *programExpr
		// useDefault is SET x = DEFAULT, for NEW's columns.
		useDefault bool
	}
	// leaf is a statement of SQL; into are the targets of SELECT … INTO.
	leaf struct {
		text  string
		scope *Locals
		into  []target
		word  string // the first word, in upper case
		// rows: it answers a result set.
		rows bool
	}
	// call is CALL.
	call struct {
		name ObjectName // Database may be empty: the program's own
		args []callArgument
	}
	// openCursor, fetchCursor and closeCursor are OPEN, FETCH and CLOSE.
	openCursor  struct{ cursor *cursorDeclaration }
	fetchCursor struct {
		cursor *cursorDeclaration
		into   []target
	}
	closeCursor struct{ cursor *cursorDeclaration }
	// signal is SIGNAL, or RESIGNAL if again.
	signal struct {
		again     bool
		condition *condition // nil for RESIGNAL without one
		items     []signalItem
	}
	// diagnosticsOf is GET DIAGNOSTICS.
	diagnosticsOf struct {
		stacked bool
		number  *programExpr // of a condition; nil: of the statement
		items   []diagnosticsItem
	}
)

func (*block) node()         {}
func (*choice) node()        {}
func (*selection) node()     {}
func (*loop) node()          {}
func (*jump) node()          {}
func (*giveBack) node()      {}
func (*assign) node()        {}
func (*leaf) node()          {}
func (*call) node()          {}
func (*openCursor) node()    {}
func (*fetchCursor) node()   {}
func (*closeCursor) node()   {}
func (*signal) node()        {}
func (*diagnosticsOf) node() {}

// declaration is DECLARE of variables of one type.
type declaration struct {
	vars  []Local
	value *programExpr // nil: NULL
}

// cursorDeclaration is DECLARE … CURSOR.
type cursorDeclaration struct {
	name   string
	number int // its place among the activation's cursors
	query  *leaf
}

// target is a variable of the program, or a user variable.
type target struct {
	local *Local
	user  string
}

// callArgument is an argument of CALL; target is set if it is a variable.
type callArgument struct {
	value  *programExpr
	target *target
	text   string
}

// condition is what a handler is for, or what SIGNAL raises. Exactly one of the fields is set.
type condition struct {
	code  uint16
	state string // five characters
	class string // SQLWARNING, NOT FOUND or SQLEXCEPTION
}

// handler is DECLARE … HANDLER.
type handler struct {
	exit       bool
	conditions []condition
	body       node
}

// signalItem is one assignment of SIGNAL … SET.
type signalItem struct {
	name  string // in upper case
	value *programExpr
}

// diagnosticsItem is one assignment of GET DIAGNOSTICS.
type diagnosticsItem struct {
	target target
	name   string // in upper case
}
