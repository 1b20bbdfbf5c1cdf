package expression

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/txn"
)

// errNative is the error of functions that only MySQL's own dictionary may call.
const errNative = 3566

// nativeFunctions are those that MySQL refuses to everybody, and those that wait for a source which there is none of.
func nativeFunctions() []function {
	const group = "Performance schema, replication and internal"
	var list []function
	for name, args := range map[string]int{"CAN_ACCESS_DATABASE": 1, "CAN_ACCESS_TABLE": 2, "CAN_ACCESS_COLUMN": 3, "CAN_ACCESS_VIEW": 4,
		"GET_DD_CREATE_OPTIONS": 3, "GET_DD_COLUMN_PRIVILEGES": 3, "GET_DD_INDEX_SUB_PART_LENGTH": 5, "INTERNAL_TABLE_ROWS": 7,
		"INTERNAL_DATA_LENGTH": 8, "INTERNAL_AUTO_INCREMENT": 9, "INTERNAL_INDEX_LENGTH": 8, "INTERNAL_AVG_ROW_LENGTH": 8} {
		list = append(list, function{names: strings.ToLower(name), group: group, least: args, most: args, build: func([]Operand) (Operand, error) {
			return Operand{}, mysqlerr.New(errNative, name)
		}})
	}
	nothing := func(*runtime, []txn.Value) (txn.Value, error) { return txn.Null(), nil }
	return append(list,
		function{names: "source_pos_wait", group: group, least: 2, most: 4, args: "r", traits: givesNull | takesNull, result: resultBigint, run: nothing},
		function{names: "master_pos_wait", group: group, least: 2, most: 4, args: "r", traits: givesNull | takesNull, result: resultBigint, run: nothing},
		function{names: "ps_thread_id", group: group, least: 1, most: 1, args: "r", traits: givesNull, result: resultUnsignedInt, run: threadID})
}

// threadID is PS_THREAD_ID: the connection's own number; those of others are not told.
func threadID(r *runtime, args []txn.Value) (txn.Value, error) {
	own, err := connectionID(r, nil)
	if err != nil || r.integer(args[0]) != own.Int64() {
		return txn.Null(), err
	}
	return own, nil
}
