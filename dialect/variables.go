package dialect

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

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
	Min      int64    // of VariableInteger and VariableCount
	Max      uint64   // likewise; 0: no limit
	Words    []string // of VariableEnum and VariableSet; empty: any
	Nullable bool     // SET … = NULL is allowed
}

//go:embed catalog/variables.tsv
var variableTable string

// variableRegistry holds the variables by name; it is built once and never written again.
type variableRegistry struct {
	list   []Variable
	byName map[string]*Variable
}

// loadVariables reads the table: name, scope, kind, flags, least, greatest, words, default. It was
// taken from MySQL and tells what concerns Marmot otherwise.
var loadVariables = sync.OnceValue(func() *variableRegistry {
	scopes := map[string]Scope{"both": ScopeBoth, "global": ScopeGlobal, "session": ScopeSession}
	kinds := map[string]VariableKind{"text": VariableText, "bool": VariableBool, "integer": VariableInteger, "count": VariableCount,
		"real": VariableReal, "enum": VariableEnum, "set": VariableSet}
	r := &variableRegistry{byName: map[string]*Variable{}}
	for line := range strings.Lines(variableTable) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		v := Variable{Name: f[0], Scope: scopes[f[1]], Kind: kinds[f[2]], Default: f[7],
			ReadOnly: strings.Contains(f[3], "ro"), Nullable: strings.Contains(f[3], "null")}
		v.Min, _ = strconv.ParseInt(f[4], 10, 64) // empty is 0
		v.Max, _ = strconv.ParseUint(f[5], 10, 64)
		if f[6] != "" {
			v.Words = strings.Split(f[6], ",")
		}
		r.list = append(r.list, v)
	}
	for i := range r.list {
		r.byName[r.list[i].Name] = &r.list[i]
	}
	return r
})

// Variables lists the system variables by name.
func Variables() []Variable { return slices.Clone(loadVariables().list) }

// LookupVariable returns the system variable of that name, in any case, or nil.
func LookupVariable(name string) *Variable {
	r := loadVariables()
	if v := r.byName[name]; v != nil {
		return v
	}
	return r.byName[strings.ToLower(name)]
}

// Normalize turns a value of SET into the form in which SHOW VARIABLES prints it.
// Errors are MySQL's: 1231 for a wrong value, 1232 for a wrong type, 1238 for a variable
// that cannot be set. Numbers out of range are cut to it, as MySQL does.
func (v *Variable) Normalize(value txn.Value) (string, error) {
	if v.ReadOnly {
		return "", mysqlerr.New(mysql.ER_INCORRECT_GLOBAL_LOCAL_VAR, v.Name, "read only")
	}
	if value.IsNull() {
		if v.Nullable {
			return "", nil
		}
		if v.Kind == VariableInteger || v.Kind == VariableCount || v.Kind == VariableReal {
			return "", v.wrongType()
		}
		return "", v.wrongValue("NULL")
	}
	switch v.Kind {
	case VariableBool:
		return v.boolean(value)
	case VariableInteger, VariableCount:
		return v.integer(value)
	case VariableReal:
		return v.real(value)
	case VariableEnum:
		return v.enum(value)
	case VariableSet:
		return v.set(value)
	}
	return v.text(value)
}

func (v *Variable) wrongValue(text string) error {
	return mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_VAR, v.Name, text)
}

func (v *Variable) wrongType() error { return mysqlerr.New(mysql.ER_WRONG_TYPE_FOR_VAR, v.Name) }

// plainText spells a value as text.
func plainText(v txn.Value) string {
	return string(schemas.AppendText(nil, schemas.Type{Kind: schemas.Double, Decimals: -1}, v))
}

func (v *Variable) boolean(value txn.Value) (string, error) {
	if value.Kind() == txn.KindReal {
		return "", v.wrongType()
	}
	switch text := plainText(value); strings.ToUpper(text) {
	case "1", "ON", "TRUE":
		return "ON", nil
	case "0", "OFF", "FALSE":
		return "OFF", nil
	default:
		return "", v.wrongValue(text)
	}
}

func (v *Variable) integer(value txn.Value) (string, error) {
	text := plainText(value)
	if value.Kind() == txn.KindReal || value.Kind() == txn.KindBlob {
		return "", v.wrongType()
	}
	if value.Kind() == txn.KindInteger {
		n := value.Int64()
		if n < v.Min {
			return strconv.FormatInt(v.Min, 10), nil
		}
		if v.Max != 0 && n > 0 && uint64(n) > v.Max {
			return strconv.FormatUint(v.Max, 10), nil
		}
		return strconv.FormatInt(max(n-n%v.unit(), v.Min), 10), nil
	}
	// A BIGINT UNSIGNED of 2^63 and more is text; other text is no number here.
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < 1<<63 {
		return "", v.wrongType()
	}
	if v.Max != 0 && n > v.Max {
		n = v.Max
	}
	return strconv.FormatUint(n, 10), nil
}

func (v *Variable) real(value txn.Value) (string, error) {
	f, err := strconv.ParseFloat(plainText(value), 64)
	if err != nil {
		return "", v.wrongType()
	}
	least, greatest := v.limits()
	f = min(max(f, least), greatest)
	return strconv.FormatFloat(f, 'f', 6, 64), nil
}

func (v *Variable) enum(value txn.Value) (string, error) {
	text := plainText(value)
	if value.Kind() == txn.KindInteger {
		if n := value.Int64(); n >= 0 && n < int64(len(v.Words)) {
			return v.Words[n], nil
		}
		return "", v.wrongValue(text)
	}
	for _, w := range v.Words {
		if strings.EqualFold(w, text) {
			return w, nil
		}
	}
	return "", v.wrongValue(text)
}

// set handles sql_mode, the optimizer's switches and lists of words.
func (v *Variable) set(value txn.Value) (string, error) {
	text := plainText(value)
	switch {
	case v.Name == "sql_mode" && value.Kind() == txn.KindInteger:
		if n := value.Int64(); n < 0 || n >= 1<<33 {
			return "", v.wrongValue(text)
		}
		return modeOfNumber(uint64(value.Int64())).String(), nil
	case v.Name == "sql_mode":
		m, err := ParseSQLMode(text)
		return m.String(), err
	case strings.Contains(v.Default, "=o"):
		return v.switches(text)
	}
	var list []string
	for w := range strings.SplitSeq(text, ",") {
		w = strings.TrimSpace(w)
		i := slices.IndexFunc(v.Words, func(x string) bool { return strings.EqualFold(x, w) })
		if w != "" && i < 0 && len(v.Words) > 0 {
			return "", v.wrongValue(text)
		}
		if i >= 0 {
			w = v.Words[i]
		}
		list = append(list, w)
	}
	return strings.Join(list, ","), nil
}

// switches merges name=on|off|default, … into the default.
func (v *Variable) switches(text string) (string, error) {
	list := strings.Split(v.Default, ",")
	for change := range strings.SplitSeq(text, ",") {
		name, state, _ := strings.Cut(strings.ToLower(strings.TrimSpace(change)), "=")
		if name == "" || name == "default" && state == "" {
			continue
		}
		i := slices.IndexFunc(list, func(x string) bool { return strings.HasPrefix(x, name+"=") })
		if i < 0 || state != "on" && state != "off" && state != "default" {
			return "", v.wrongValue(text)
		}
		if state != "default" {
			list[i] = name + "=" + state
		}
	}
	return strings.Join(list, ","), nil
}

// text checks the strings that must name something.
func (v *Variable) text(value txn.Value) (string, error) {
	text := plainText(value)
	switch {
	case strings.HasPrefix(v.Name, "character_set_"):
		if c := charsetNumber(value); c != nil {
			return c.Charset, nil
		}
		cs, ok := schemas.LookupCharset(text)
		if !ok {
			return "", mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, text)
		}
		if v.Name == "character_set_client" && (cs.Name == "ucs2" || strings.HasPrefix(cs.Name, "utf16") || cs.Name == "utf32") {
			return "", v.wrongValue(cs.Name)
		}
		return cs.Name, nil
	case strings.HasPrefix(v.Name, "collation_"), v.Name == "default_collation_for_utf8mb4":
		if c := charsetNumber(value); c != nil {
			return c.Name, nil
		}
		co := schemas.LookupCollation(text)
		if co == nil {
			return "", mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, text)
		}
		if v.Name == "default_collation_for_utf8mb4" && co.Name != "utf8mb4_0900_ai_ci" && co.Name != "utf8mb4_general_ci" {
			return "", mysqlerr.Newf(3721, "Invalid default collation %s: utf8mb4_0900_ai_ci or utf8mb4_general_ci expected", co.Name)
		}
		return co.Name, nil
	case v.Name == "lc_time_names", v.Name == "lc_messages":
		return localeName(value)
	case strings.HasSuffix(v.Name, "storage_engine"):
		name := engineName(text)
		if name == "" {
			return "", mysqlerr.New(mysql.ER_UNKNOWN_STORAGE_ENGINE, text)
		}
		return name, nil
	case value.Kind() == txn.KindInteger || value.Kind() == txn.KindReal:
		return "", v.wrongType()
	}
	return text, nil
}

// charsetNumber returns the collation that a number stands for, or nil.
func charsetNumber(value txn.Value) *schemas.Collation {
	if n := value.Int64(); value.Kind() == txn.KindInteger && n > 0 && n < 1<<16 {
		return schemas.CollationByID(uint16(n))
	}
	return nil
}
