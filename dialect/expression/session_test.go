package expression

import (
	"testing"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// TestTimestampsAreInTheSessionsZone stores in UTC, compares by the stored value and shows local time.
func TestTimestampsAreInTheSessionsZone(t *testing.T) {
	session := newTestSession()
	session.zone = time.FixedZone("", 2*3600)
	conn := newConn(t, session)
	ts := schemas.Type{Kind: schemas.Timestamp}
	if err := conn.Exec(`CREATE TABLE t (ts TEXT)`); err != nil {
		t.Fatal(err)
	}
	stored := Assign(Literal("", txn.TextString("2024-06-01 01:30:00"), text(19, "")), ts, "ts")
	if err := conn.Exec(`INSERT INTO t VALUES (` + stored + `)`); err != nil {
		t.Fatal(err)
	}
	k := &testCompiler{columns: map[string]schemas.Type{"ts": ts}}
	for _, c := range []struct{ sql, want string }{
		{"SELECT ts FROM t", "2024-06-01 01:30:00"},
		{"SELECT HOUR(ts) FROM t", "1"},
		{"SELECT DATE(ts) FROM t", "2024-06-01"},
		{"SELECT UNIX_TIMESTAMP(ts) FROM t", "1717198200"},
		{"SELECT UNIX_TIMESTAMP('2024-06-01 01:30:00') FROM t", "1717198200"},
		{"SELECT ts = '2024-06-01 01:30:00' FROM t", "1"},
		{"SELECT ts > '2024-06-01' FROM t", "1"},
		{"SELECT ts = TIMESTAMP '2024-06-01 01:30:00' FROM t", "1"},
		{"SELECT ts + INTERVAL 1 HOUR FROM t", "2024-06-01 02:30:00"},
		{"SELECT CONCAT(ts) FROM t", "2024-06-01 01:30:00"},
		{"SELECT COALESCE(ts, NULL) FROM t", "2024-06-01 01:30:00"},
		{"SELECT IFNULL(ts, NOW()) FROM t", "2024-06-01 01:30:00"},
		{"SELECT MAX(ts) FROM t", "2024-06-01 01:30:00"},
		{"SELECT FROM_UNIXTIME(1717198200) FROM t", "2024-06-01 01:30:00"},
		{"SELECT ts + 0 FROM t", "20240601013000"},
	} {
		operands, rest, err := k.statement(c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		rows, err := queryRows(conn, "SELECT "+operands[0].SQL+rest)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := shown(operands[0].Type, rows[0][0]); got != c.want {
			t.Errorf("%s: %s, want %s", c.sql, got, c.want)
		}
	}
	// What the query leaves in UTC is the stored text.
	rows, err := queryRows(conn, "SELECT ts FROM t")
	if err != nil || string(rows[0][0].Bytes()) != "2024-05-31 23:30:00" {
		t.Errorf("stored %v, %v", rows, err)
	}
}

// TestWarningsReachTheSession checks code and text of warnings.
func TestWarningsReachTheSession(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT '3 apples' * 2":           "ERROR 1292 (22007): Truncated incorrect DOUBLE value: '3 apples'",
		"SELECT 5 / 0":                    "ERROR 1365 (22012): Division by 0",
		"SELECT DATE('bad')":              "ERROR 1292 (22007): Truncated incorrect date value: 'bad'",
		"SELECT CAST('12abc' AS SIGNED)":  "ERROR 1292 (22007): Truncated incorrect INTEGER value: '12abc'",
		"SELECT LN(0)":                    "ERROR 3020 (2201E): Invalid argument for logarithm",
		"SELECT STR_TO_DATE('bad', '%Y')": "ERROR 1411 (HY000): Incorrect datetime value: 'bad' for function str_to_date",
	} {
		session := newTestSession()
		conn := newConn(t, session)
		operands, _, err := (&testCompiler{}).statement(sql)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := queryRows(conn, "SELECT "+operands[0].SQL); err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if len(session.warnings) != 1 || session.warnings[0].Error() != want {
			t.Errorf("%s: warnings %v, want %s", sql, session.warnings, want)
		}
	}
}

type strictSession struct{ *testSession }

func (strictSession) StrictWrite() bool { return true }

// "…in strict mode, … an error occurs": what only warns in SELECT ends INSERT and UPDATE.
func TestStrictWritesFailWhereSelectsWarn(t *testing.T) {
	conn := newConn(t, strictSession{newTestSession()})
	for sql, want := range map[string]uint16{"SELECT 5 / 0": 1365, "SELECT '3 apples' * 2": 1292, "SELECT CAST('x' AS DATE)": 1292} {
		operands, _, err := (&testCompiler{}).statement(sql)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := queryRows(conn, "SELECT "+operands[0].SQL); mysqlerr.Code(err) != want {
			t.Errorf("%s: %v, want %d", sql, err, want)
		}
	}
}

// TestWindowFunctions runs aggregates and window functions over frames that move.
func TestWindowFunctions(t *testing.T) {
	conn := newConn(t, newTestSession())
	k := fillTable(t, conn)
	column := func(name string) Operand {
		return Operand{SQL: `"` + name + `"`, Type: k.columns[name], Nullable: true, Coercibility: Implicit}
	}
	const frame = "OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
	for _, c := range []struct {
		name, column, want string
	}{
		{"sum", "dec", "1.10 3.30 1.70 -0.50"}, {"sum", "i", "10 30 40 20"}, {"avg", "i", "10.0000 15.0000 20.0000 20.0000"}, {"count", "i", "1 2 2 1"},
		{"max", "v", "Abc äbc zoe zoe"}, {"bit_or", "i", "10 30 20 20"}, {"json_arrayagg", "i", "[10] [10, 20] [20, 20] [20, null]"}, {"std", "i", "0 5 0 0"}, {"sum", "d", "0.1 0.30000000000000004 0.5 0.3"},
	} {
		o, err := Aggregate(c.name, []Operand{column(c.column)}, AggregateOptions{Window: frame})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := queryRows(conn, "SELECT "+o.SQL+" FROM t ORDER BY id")
		if err != nil {
			t.Errorf("%s: %v", o.SQL, err)
			continue
		}
		got := ""
		for i, r := range rows {
			if i > 0 {
				got += " "
			}
			got += shown(o.Type, r[0])
		}
		if got != c.want {
			t.Errorf("%s(%s): %s, want %s", c.name, c.column, got, c.want)
		}
	}
	for _, name := range []string{"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "first_value", "last_value", "nth_value"} {
		args := []Operand{}
		switch name {
		case "ntile":
			args = append(args, Literal("", txn.Int(2), bigint()))
		case "lag", "lead", "first_value", "last_value":
			args = append(args, column("v"))
		case "nth_value":
			args = append(args, column("v"), Literal("", txn.Int(2), bigint()))
		}
		o, err := WindowFunction(name, args)
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := queryRows(conn, "SELECT "+o.SQL+" OVER (ORDER BY id) FROM t"); err != nil || len(rows) != 4 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
