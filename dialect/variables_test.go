package dialect

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"marmot/mysqlerr"
	"marmot/txn"
)

func TestVariablesHaveDefaultsOfTheirKind(t *testing.T) {
	list := Variables()
	if len(list) < 500 || !slices.IsSortedFunc(list, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) }) {
		t.Fatalf("%d variables, sorted or not", len(list))
	}
	for _, v := range list {
		if v.ReadOnly || v.Default == "" {
			continue
		}
		value := txn.TextString(v.Default)
		if v.Kind == VariableInteger || v.Kind == VariableCount {
			if n, err := strconv.ParseInt(v.Default, 10, 64); err == nil {
				value = txn.Int(n)
			}
		}
		got, err := v.Normalize(value)
		if err != nil || got != v.Default {
			t.Errorf("%s: default %q becomes %q, %v", v.Name, v.Default, got, err)
		}
	}
}

func TestSettingVariablesIsCheckedAsInMySQL(t *testing.T) {
	for _, c := range []struct {
		name  string
		value txn.Value
		want  string
		code  uint16
	}{
		{"AutoCommit", txn.Int(1), "ON", 0},
		{"autocommit", txn.TextString("off"), "OFF", 0},
		{"autocommit", txn.Int(2), "", 1231},
		{"autocommit", txn.Null(), "", 1231},
		{"wait_timeout", txn.TextString("5"), "", 1232},
		{"wait_timeout", txn.Int(0), "1", 0},
		{"wait_timeout", txn.Int(1 << 40), "31536000", 0},
		{"wait_timeout", txn.Real(1.5), "", 1232},
		{"sql_select_limit", txn.TextString("18446744073709551615"), "18446744073709551615", 0},
		{"version", txn.TextString("9"), "", 1238},
		{"transaction_isolation", txn.TextString("read-committed"), "READ-COMMITTED", 0},
		{"transaction_isolation", txn.TextString("snapshot"), "", 1231},
		{"character_set_client", txn.TextString("UTF8"), "utf8mb3", 0},
		{"character_set_client", txn.TextString("utf16"), "", 1231},
		{"character_set_results", txn.Null(), "", 0},
		{"character_set_client", txn.TextString("klingon"), "", 1115},
		{"collation_connection", txn.TextString("klingon_ci"), "", 1273},
		{"collation_connection", txn.Int(45), "utf8mb4_general_ci", 0},
		{"default_storage_engine", txn.TextString("innodb"), "InnoDB", 0},
		{"default_storage_engine", txn.TextString("paper"), "", 1286},
		{"sql_mode", txn.TextString("ANSI"), "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY,ANSI", 0},
		{"sql_mode", txn.TextString("strict_all_tables, "), "STRICT_ALL_TABLES", 0},
		{"sql_mode", txn.Int(1 << 22), "STRICT_ALL_TABLES", 0},
		{"sql_mode", txn.TextString("LAX"), "", 1231},
		{"binlog_format", txn.Int(2), "ROW", 0},
		{"optimizer_switch", txn.TextString("paper=on"), "", 1231},
	} {
		v := LookupVariable(c.name)
		if v == nil {
			t.Errorf("%s is unknown", c.name)
			continue
		}
		if got, err := v.Normalize(c.value); got != c.want || mysqlerr.Code(err) != c.code {
			t.Errorf("%s = %v: got %q, %v; want %q, code %d", c.name, c.value, got, err, c.want, c.code)
		}
	}
	if LookupVariable("nosuch") != nil {
		t.Error("nosuch is known")
	}
}

func TestSwitchesAreMergedIntoTheDefault(t *testing.T) {
	got, err := LookupVariable("optimizer_switch").Normalize(txn.TextString("mrr=off,index_merge=default"))
	if err != nil || !strings.Contains(got, ",mrr=off,") || !strings.HasPrefix(got, "index_merge=on,") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestModesPrintAsTheyAreRead(t *testing.T) {
	if got := DefaultSQLMode.String(); got != LookupVariable("sql_mode").Default {
		t.Errorf("default mode prints as %s", got)
	}
	m, err := ParseSQLMode("TRADITIONAL")
	if want := "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,TRADITIONAL,NO_ENGINE_SUBSTITUTION"; err != nil || m.String() != want {
		t.Errorf("got %s, %v", m, err)
	}
}
