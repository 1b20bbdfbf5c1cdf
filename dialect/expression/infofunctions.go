package expression

import (
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// infoFunctions tell of the session and the server, and wait.
func infoFunctions() []function {
	const group = "Information"
	about := func(names string, f func(s Session) txn.Value) function {
		return function{names: names, group: group, least: 0, most: 0, build: systemText(names, f), run: sessionFunction(f), traits: givesNull}
	}
	return []function{
		about("database schema", func(s Session) txn.Value {
			if s.Database() == "" {
				return txn.Null()
			}
			return txn.TextString(s.Database())
		}),
		about("user session_user system_user", func(s Session) txn.Value { return txn.TextString(s.User()) }),
		about("current_user", func(s Session) txn.Value { return txn.TextString(s.CurrentUser()) }),
		{names: "current_role", group: group, least: 0, most: 0, args: "r", result: resultText(512),
			run: currentRole},
		{names: "version", group: group, least: 0, most: 0, args: "r", traits: givesNull, result: resultText(60),
			run: func(r *runtime, _ []txn.Value) (txn.Value, error) { return r.variable("version"), nil }},
		{names: "connection_id", group: group, least: 0, most: 0, args: "r", result: resultUnsignedInt, run: connectionID},
		{names: "last_insert_id", group: group, least: 0, most: 1, args: "n", traits: isVolatile | takesNull, result: resultUnsignedInt, run: lastInsertID},
		{names: "row_count", group: group, least: 0, most: 0, args: "r", result: resultBigint, run: rowCount},
		{names: "found_rows", group: group, least: 0, most: 0, args: "r", result: resultBigint, run: foundRows},
		{names: "charset", group: group, least: 1, most: 1, build: func(a []Operand) (Operand, error) { return nameOfText(a[0], true) }},
		{names: "collation", group: group, least: 1, most: 1, build: func(a []Operand) (Operand, error) { return nameOfText(a[0], false) }},
		{names: "coercibility", group: group, least: 1, most: 1, build: coercibilityOf},
		{names: "benchmark", group: group, least: 2, most: 2, args: "nr", traits: takesNull | givesNull | isVolatile, result: resultBigint, run: benchmark},
		{names: "sleep", group: group, least: 1, most: 1, args: "n", traits: takesNull | isVolatile, result: resultBigint, run: sleep},
		{names: "get_lock", group: "Locks", least: 2, most: 2, args: "sn", traits: takesNull | givesNull | isVolatile, result: resultBigint, run: getLock},
		{names: "release_lock", group: "Locks", least: 1, most: 1, args: "s", traits: takesNull | givesNull | isVolatile, result: resultBigint, run: oneLock(Locks.ReleaseLock)},
		{names: "is_free_lock", group: "Locks", least: 1, most: 1, args: "s", traits: takesNull | givesNull | isVolatile, result: resultBigint, run: oneLock(Locks.IsFreeLock)},
		{names: "is_used_lock", group: "Locks", least: 1, most: 1, args: "s", traits: takesNull | givesNull | isVolatile, result: resultUnsignedInt, run: oneLock(Locks.IsUsedLock)},
		{names: "release_all_locks", group: "Locks", least: 0, most: 0, args: "r", traits: isVolatile, result: resultUnsignedInt, run: releaseAllLocks},
		{names: "mysql_query_attribute_string", group: group, least: 1, most: 1, args: "s", traits: givesNull | isVolatile, result: resultText(1024), run: queryAttribute},
		{names: "marmot_outcome", group: group, least: 1, most: 1, args: "s", traits: givesNull | isVolatile, result: resultText(20), run: outcome},
		{names: "icu_version", group: group, least: 0, most: 0, args: "r", result: resultText(10),
			run: func(*runtime, []txn.Value) (txn.Value, error) { return txn.TextString("73.1"), nil }},
		{names: "ps_current_thread_id", group: group, least: 0, most: 0, args: "r", result: resultUnsignedInt, run: connectionID},
		{names: "format_bytes", group: group, least: 1, most: 1, args: "n", result: resultText(10), run: formatBytes},
		{names: "format_pico_time", group: group, least: 1, most: 1, args: "n", result: resultText(10), run: formatPicoTime},
	}
}

// systemText is text of MySQL's system character set, utf8mb3.
func systemText(names string, _ func(s Session) txn.Value) func(args []Operand) (Operand, error) {
	f := function{names: names}
	return func([]Operand) (Operand, error) {
		return Operand{SQL: call(f.sqlName()), Type: text(288, "utf8mb3_general_ci"), Nullable: true, Coercibility: System}, nil
	}
}

func sessionFunction(f func(s Session) txn.Value) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, _ []txn.Value) (txn.Value, error) {
		if r.session == nil {
			return txn.Null(), nil
		}
		return f(r.session), nil
	}
}

func connectionID(r *runtime, _ []txn.Value) (txn.Value, error) {
	if r.session == nil {
		return txn.Int(0), nil
	}
	return unsigned(r.session.ConnectionID()), nil
}

func lastInsertID(r *runtime, args []txn.Value) (txn.Value, error) {
	switch {
	case r.session == nil:
		return txn.Int(0), nil
	case len(args) == 0:
		return unsigned(r.session.LastInsertID()), nil
	case args[0].IsNull():
		r.session.SetLastInsertID(0)
		return args[0], nil
	}
	n := r.bits(args[0])
	r.session.SetLastInsertID(n)
	return unsigned(n), nil
}

func rowCount(r *runtime, _ []txn.Value) (txn.Value, error) {
	if r.session == nil {
		return txn.Int(-1), nil
	}
	return txn.Int(r.session.RowCount()), nil
}

func foundRows(r *runtime, _ []txn.Value) (txn.Value, error) {
	if r.session == nil {
		return txn.Int(0), nil
	}
	return unsigned(r.session.FoundRows()), nil
}

// nameOfText is CHARSET and COLLATION, which follow from the argument's type.
func nameOfText(a Operand, charset bool) (Operand, error) {
	name := strengthOf(a).collation
	if a.Type.IsNumeric() || a.Type.IsTemporal() || a.Type.Kind == schemas.Bit || a.Type.Kind == schemas.Year {
		name = "binary"
	}
	if charset {
		if c := schemas.LookupCollation(name); c != nil {
			name = c.Charset
		}
	}
	v := txn.TextString(name)
	return Operand{SQL: QuoteValue(v), Type: text(64, "utf8mb3_general_ci"), Constant: &v, Coercibility: System}, nil
}

func coercibilityOf(a []Operand) (Operand, error) {
	n := a[0].Coercibility
	if isNull(a[0]) {
		n = Ignorable
	}
	return Literal("", txn.Int(int64(n)), bigint()), nil
}

// benchmark is BENCHMARK(n, expression): SQLite has computed the expression once before the call.
func benchmark(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() || r.integer(args[0]) < 0 {
		return txn.Null(), nil
	}
	return txn.Int(0), nil
}

func notHere(what string) error { return mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, what) }

// maxSleep bounds SLEEP, as a year is long enough.
const maxSleep = 366 * 24 * time.Hour

func sleep(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() || r.float(args[0]) < 0 {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "sleep.")
	}
	w, ok := r.session.(Waits)
	if !ok {
		return txn.Null(), notHere("SLEEP outside a session")
	}
	seconds := min(r.float(args[0]), maxSleep.Seconds())
	interrupted, err := w.Sleep(time.Duration(seconds * float64(time.Second)))
	return boolValue(interrupted), err
}

// lockName reads the name of a lock. Error 3057 for what is no name.
func lockName(v txn.Value) (string, error) {
	name := textOf(v)
	if v.IsNull() || len(name) == 0 || len([]rune(string(name))) > 64 {
		return "", mysqlerr.New(errLockName, string(name))
	}
	return string(name), nil
}

// errLockName is MySQL's "Incorrect user-level lock name".
const errLockName = 3057

func (r *runtime) locks() (Locks, error) {
	if l, ok := r.session.(Locks); ok {
		return l, nil
	}
	return nil, notHere("named locks outside a session")
}

func getLock(r *runtime, args []txn.Value) (txn.Value, error) {
	name, err := lockName(args[0])
	if err != nil {
		return txn.Null(), err
	}
	l, err := r.locks()
	if err != nil {
		return txn.Null(), err
	}
	seconds := r.float(args[1])
	timeout := -time.Second
	if seconds >= 0 {
		timeout = time.Duration(min(seconds, maxSleep.Seconds()) * float64(time.Second))
	}
	return l.GetLock(name, timeout)
}

func oneLock(f func(l Locks, name string) (txn.Value, error)) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		name, err := lockName(args[0])
		if err != nil {
			return txn.Null(), err
		}
		l, err := r.locks()
		if err != nil {
			return txn.Null(), err
		}
		return f(l, name)
	}
}

func releaseAllLocks(r *runtime, _ []txn.Value) (txn.Value, error) {
	l, err := r.locks()
	if err != nil {
		return txn.Null(), err
	}
	return l.ReleaseAllLocks()
}

func outcome(r *runtime, args []txn.Value) (txn.Value, error) {
	o, ok := r.session.(Outcomes)
	if !ok {
		return txn.Null(), notHere("marmot_outcome outside a session")
	}
	return o.Outcome(string(textOf(args[0])))
}

// scaled prints a number with the greatest unit that leaves it at least one.
func scaled(f float64, width int, step []float64, names []string) txn.Value {
	i := 0
	size := f
	if size < 0 {
		size = -size
	}
	for i+1 < len(names) && size >= step[i+1] {
		i++
	}
	if i == 0 {
		return txn.TextString(padLeft(string(textOf(txn.Int(int64(f)))), width) + " " + names[0])
	}
	return txn.TextString(fixed2(f/step[i]) + " " + names[i])
}

func padLeft(s string, width int) string {
	for len(s) < width {
		s = " " + s
	}
	return s
}

func fixed2(f float64) string { return string(decOfFloat(f).rescale(2).append(nil)) }

func formatBytes(r *runtime, args []txn.Value) (txn.Value, error) {
	return scaled(r.float(args[0]), 4, []float64{1, 1 << 10, 1 << 20, 1 << 30, 1 << 40, 1 << 50, 1 << 60},
		[]string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}), nil
}

func formatPicoTime(r *runtime, args []txn.Value) (txn.Value, error) {
	return scaled(r.float(args[0]), 3, []float64{1, 1e3, 1e6, 1e9, 1e12, 6e13, 3.6e15, 8.64e16},
		[]string{"ps", "ns", "us", "ms", "s", "min", "h", "d"}), nil
}

// currentRole lists the active roles.
func currentRole(r *runtime, _ []txn.Value) (txn.Value, error) {
	if s, ok := r.session.(Roles); ok {
		if list := s.CurrentRole(); list != "" {
			return txn.TextString(list), nil
		}
	}
	return txn.TextString("NONE"), nil
}

// queryAttribute is mysql_query_attribute_string(): NULL for one that the client did not send.
func queryAttribute(r *runtime, args []txn.Value) (txn.Value, error) {
	s, ok := r.session.(QueryAttributes)
	if !ok {
		return txn.Null(), nil
	}
	v := s.QueryAttribute(string(textOf(args[0])))
	if v.IsNull() {
		return v, nil
	}
	return txn.Text(textOf(v)), nil
}
