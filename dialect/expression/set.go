package expression

import (
	"strings"

	"marmot/schemas"
	"marmot/txn"
)

const shownSetCall = "marmot_set_shown("

// ShownSet is a column's operand as its text. Where the empty string is a member of a SET, what is stored is another text.
func ShownSet(a Operand) Operand {
	if a.Type.HasEmptyMember() {
		a.SQL = shownSetCall + a.SQL + ", " + memberList(a.Type) + ")"
	}
	return a
}

// storedSet is a SET as it is stored, if it is a column, otherwise its text.
func storedSet(a Operand) string {
	if rest, ok := strings.CutPrefix(a.SQL, shownSetCall); ok {
		if stored, ok := strings.CutSuffix(rest, ", "+memberList(a.Type)+")"); ok && !strings.Contains(stored, shownSetCall) {
			return stored
		}
	}
	return a.SQL
}

// setNumberSQL is the number of a SET.
func setNumberSQL(a Operand) string {
	return call("marmot_set_number", storedSet(a), memberList(a.Type))
}

// findsMember reports whether a call is FIND_IN_SET of a constant in a SET: it gives the place among the type's members.
func findsMember(f *function, args []Operand) bool {
	return f.names == "find_in_set" && args[1].Type.Kind == schemas.Set && (args[0].Constant != nil || args[0].Param)
}

func memberPlace(f *function, args []Operand) (Operand, error) {
	out, err := f.call(args)
	if err != nil {
		return out, err
	}
	want, err := asText(args[0])
	if err != nil {
		return out, err
	}
	t := schemas.Type{Kind: schemas.Set, Members: args[1].Type.Members, Collation: args[1].Type.Collation}
	out.SQL = call("marmot_set_member", want.SQL, storedSet(args[1]), typeArgument(t))
	return out, nil
}

// setMember is marmot_set_member(text, set, type): the place of a member that the set has, from 1, or 0.
func setMember(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() || args[1].IsNull() {
		return txn.Null(), nil
	}
	t, err := r.types.get(args[2].Bytes())
	if err != nil {
		return txn.Null(), err
	}
	i := schemas.MemberIndex(t, textOf(args[0]))
	bits, ok := schemas.SetBits(*t, args[1].Bytes())
	if i < 0 || !ok || bits&(1<<i) == 0 {
		return txn.Int(0), nil
	}
	return txn.Int(int64(i) + 1), nil
}

// GroupSQL is SQL that groups as MySQL does with a: SETs by their texts.
func GroupSQL(a Operand) string {
	if a.Type.HasEmptyMember() {
		return a.SQL
	}
	return SortSQL(a)
}

// membersOf is the SET whose members a function was given.
func membersOf(list txn.Value) schemas.Type {
	return schemas.Type{Kind: schemas.Set, Members: strings.Split(string(list.Bytes()), memberSeparator)}
}

// setNumber is marmot_set_number(text, members): the bits of a SET, as a REAL.
func setNumber(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	n, ok := schemas.SetBits(membersOf(args[1]), args[0].Bytes())
	if !ok {
		return txn.Real(0), nil
	}
	return txn.Real(float64(n)), nil
}

// setShown is marmot_set_shown(text, members): a stored SET as its text.
func setShown(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	return txn.Text(schemas.ShownSet(membersOf(args[1]), args[0].Bytes())), nil
}
