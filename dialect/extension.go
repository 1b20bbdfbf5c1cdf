package dialect

import (
	"math"
	"strconv"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/sqlext"
	"marmot/txn"
)

// statementFunctions are the SQL functions that statements use besides those of expressions.
func statementFunctions() []sqlext.Function {
	return []sqlext.Function{
		{Name: "marmot_raise", Arity: 1, Call: raise},
		{Name: "marmot_limit", Arity: 1, Deterministic: true, Call: limitValue},
		{Name: "marmot_recursion", Arity: 1, CallState: recursion},
		{Name: "marmot_row_text", Arity: -1, Deterministic: true, Call: rowText},
		{Name: "marmot_row_cell", Arity: 2, Deterministic: true, Call: rowCell},
		{Name: "marmot_row_sum", Arity: -1, Deterministic: true, Call: rowSum},
		{Name: "marmot_variable", Arity: 1, CallState: userVariable},
		{Name: "marmot_assign_variable", Arity: 3, CallState: assignVariable},
		{Name: "marmot_foreign_keys", Arity: 0, CallState: foreignKeys},
		{Name: "marmot_program", Arity: -1, CallState: callProgram},
		{Name: "marmot_setting", Arity: 3, CallState: setting},
	}
}

// raise ends the statement with the MySQL error of the given code.
func raise(args []txn.Value) (txn.Value, error) {
	return txn.Null(), mysqlerr.New(uint16(args[0].Int64()))
}

// limitValue checks a value of LIMIT.
func limitValue(args []txn.Value) (txn.Value, error) {
	if v := args[0]; v.Kind() == txn.KindInteger && v.Int64() < 0 {
		return txn.Int(math.MaxInt64), nil // a program's variable, taken as an unsigned number
	}
	return limitBound(args[0])
}

// recursion counts the rounds of a recursive query.
func recursion(state any, args []txn.Value) (txn.Value, error) {
	n := args[0].Int64() + 1
	most := int64(1000)
	if e, ok := state.(Environment); ok {
		if v, err := e.SystemVariable("session", "cte_max_recursion_depth"); err == nil {
			most = integerOf(v, most)
		}
	}
	if n >= most {
		return txn.Null(), mysqlerr.New(errRecursionDepth, most+1)
	}
	return txn.Int(n), nil
}

// integerOf reads an integer that may be text.
func integerOf(v txn.Value, otherwise int64) int64 {
	switch v.Kind() {
	case txn.KindInteger:
		return v.Int64()
	case txn.KindText:
		if n, err := strconv.ParseInt(string(v.Bytes()), 10, 64); err == nil {
			return n
		}
	}
	return otherwise
}

func userVariable(state any, args []txn.Value) (txn.Value, error) {
	if e, ok := state.(Environment); ok {
		return e.UserVariable(string(args[0].Bytes())), nil
	}
	return txn.Null(), nil
}

func assignVariable(state any, args []txn.Value) (txn.Value, error) {
	if e, ok := state.(Environment); ok {
		e.SetUserVariable(string(args[0].Bytes()), args[1].Clone(), expression.VariableSort(args[2].Int64()))
	}
	return args[1], nil
}

// foreignKeys is @@foreign_key_checks. Triggers ask it last, when a check would fail or a cascade
// would act.
func foreignKeys(state any, _ []txn.Value) (txn.Value, error) {
	e, ok := state.(Environment)
	if !ok {
		return txn.Int(1), nil
	}
	v, err := e.SystemVariable("session", "foreign_key_checks")
	if err != nil {
		return txn.Int(1), nil
	}
	if text := string(v.Bytes()); text == "OFF" || text == "0" || v.Kind() == txn.KindInteger && v.Int64() == 0 {
		return txn.Int(0), nil
	}
	return txn.Int(1), nil
}

// setting is @@name in the stored form of the variable's kind: ON is 1.
func setting(state any, args []txn.Value) (txn.Value, error) {
	e, ok := state.(Environment)
	if !ok {
		return txn.Null(), nil
	}
	v, err := e.SystemVariable(string(args[0].Bytes()), string(args[1].Bytes()))
	if err != nil || v.Kind() != txn.KindText {
		return v, err
	}
	text := string(v.Bytes())
	switch VariableKind(args[2].Int64()) {
	case VariableBool:
		if text == "ON" || text == "1" {
			return txn.Int(1), nil
		}
		return txn.Int(0), nil
	case VariableInteger, VariableCount:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return txn.Int(n), nil
		}
	case VariableReal:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return txn.Real(f), nil
		}
	}
	return v, nil
}

func uintText(n uint64) string { return strconv.FormatUint(n, 10) }
