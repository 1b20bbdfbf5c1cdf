package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"marmot/mysqlerr"
	"marmot/sqlext"
	"marmot/txn"
)

// sum is an aggregate over integers that refuses 13.
type sum struct{ total, rows int64 }

func (s *sum) Step(args []txn.Value) error {
	if args[0].Int64() == 13 {
		return mysqlerr.New(1690, "BIGINT", "13")
	}
	s.total, s.rows = s.total+args[0].Int64(), s.rows+1
	return nil
}

func (s *sum) Inverse(args []txn.Value) error {
	s.total, s.rows = s.total-args[0].Int64(), s.rows-1
	return nil
}

func (s *sum) Value() (txn.Value, error) {
	return txn.TextString(fmt.Sprintf("%d/%d", s.total, s.rows)), nil
}

// testSet holds one of everything; nested functions use c.
func testSet(c *Conn) sqlext.Set {
	return sqlext.Set{
		Functions: []sqlext.Function{
			{Name: "echo", Arity: 1, Deterministic: true, Call: func(a []txn.Value) (txn.Value, error) { return a[0], nil }},
			{Name: "joined", Arity: -1, Call: func(a []txn.Value) (txn.Value, error) { return txn.TextString(fmt.Sprint(a)), nil }},
			{Name: "refuse", Arity: 1, Call: func(a []txn.Value) (txn.Value, error) {
				return txn.Null(), fmt.Errorf("refuse: %w", mysqlerr.New(1048, string(a[0].Bytes())))
			}},
			{Name: "blow", Arity: 0, Call: func([]txn.Value) (txn.Value, error) { panic("blown") }},
			{Name: "who", Arity: 0, CallState: func(state any, _ []txn.Value) (txn.Value, error) {
				name, _ := state.(string)
				return txn.TextString(name), nil
			}},
			{Name: "run", Arity: 1, Call: func(a []txn.Value) (txn.Value, error) {
				text, err := query(c, string(a[0].Bytes()))
				return txn.TextString(strings.TrimSpace(text)), err
			}},
			{Name: "deep", Arity: 1, Call: func(a []txn.Value) (txn.Value, error) {
				_, err := query(c, "SELECT deep(?)", txn.Int(a[0].Int64()+1))
				return txn.Null(), err
			}},
		},
		Aggregates: []sqlext.Aggregate{{Name: "total_of", Arity: 1, New: func() sqlext.Accumulator { return &sum{} }}},
	}
}

func TestFunctionsOfGo(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a)")
	must(t, c.Register(testSet(c)))
	want(t, c, "SELECT echo(NULL), echo(1), echo(1.5), echo('x'), echo(x'00ff'), echo(''), typeof(echo(zeroblob(0)))", "NULL|1|1.5|x|x'00ff'||blob")
	big := strings.Repeat("0123456789", 30000)
	want(t, c, "SELECT echo(?)", big, txn.TextString(big))
	want(t, c, "SELECT joined(), joined(1,'a'), length(joined(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20))", "[]|[1 'a']|52")
	want(t, c, "SELECT who()", "")
	c.SetState("ann")
	want(t, c, "SELECT who()", "ann")
	want(t, c, "SELECT run('SELECT run(''SELECT echo(4)'') + 1') + 1", "6")
	if len(c.extend.groups) != len(c.extend.freeSlots) || c.extend.depth != 0 {
		t.Errorf("left behind: %d groups, depth %d", len(c.extend.groups), c.extend.depth)
	}
}

func TestErrorOfAFunctionIsTheCause(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1)")
	must(t, c.Register(testSet(c)))
	for _, sql := range []string{"SELECT refuse('col')", "INSERT INTO t SELECT 5 UNION ALL SELECT refuse('col')", "SELECT run('SELECT refuse(''col'')')",
		"SELECT 1 UNION ALL SELECT refuse('col')"} {
		_, err := query(c, sql)
		var mine *mysqlerr.Error
		var e *Error
		if !errors.As(err, &mine) || mine.Code != 1048 || !errors.As(err, &e) || e.Cause == nil {
			t.Errorf("%s: %#v", sql, err)
		}
	}
	want(t, c, "SELECT count(*) FROM t", "1")
	_, err := query(c, "INSERT INTO t VALUES(1)")
	var e *Error
	if !errors.As(err, &e) || e.Cause != nil {
		t.Errorf("a later error has the cause of an earlier one: %#v", err)
	}
	_, err = query(c, "SELECT run('INSERT INTO t VALUES(1)')")
	if !errors.As(err, &e) || !errors.As(e.Cause, &e) || e.ExtendedCode() != 2067 {
		t.Errorf("error of a nested statement: %v", err)
	}
	if _, err = query(c, "SELECT deep(1)"); !errors.Is(err, errFunctionDepth) {
		t.Errorf("endless nesting: %.200v", err)
	}
}

func TestPanicOfACallbackIsAnError(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(a); INSERT INTO t VALUES('é'),('è')")
	must(t, c.Register(testSet(c)))
	must(t, c.Register(sqlext.Set{Collations: []sqlext.Collation{{Name: "broken", Compare: func(a, b []byte) int { panic("broken order") }}}}))
	wantError(t, c, "SELECT blow()", "blown")
	wantError(t, c, "SELECT a FROM t ORDER BY a COLLATE broken", "broken order")
	c.SetProgress(10, func() bool { panic("no progress") })
	_, err := query(c, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 1000) SELECT count(*) FROM n")
	var e *Error
	if !IsInterrupt(err) || !errors.As(err, &e) || e.Cause == nil || !strings.Contains(e.Cause.Error(), "no progress") {
		t.Errorf("panic of a progress function: %v", err)
	}
	c.SetProgress(0, nil)
	want(t, c, "SELECT count(*) FROM t", "2")
}

func TestAggregatesOfGo(t *testing.T) {
	c := newMemory(t, "CREATE TABLE t(g, a); INSERT INTO t VALUES(1,1),(1,2),(2,10),(3,4),(3,5)")
	must(t, c.Register(testSet(c)))
	want(t, c, "SELECT g, total_of(a) FROM t GROUP BY g ORDER BY g", "1|3/2\n2|10/1\n3|9/2")
	want(t, c, "SELECT total_of(a), total_of(a) FROM t WHERE a>100", "0/0|0/0")
	want(t, c, "SELECT total_of(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t", "1/1\n3/2\n6/2\n9/2\n15/2")
	must(t, c.Exec("INSERT INTO t VALUES(1,13)"))
	_, err := query(c, "SELECT g, total_of(a) FROM t GROUP BY g")
	if mysqlerr.Code(err) != 1690 {
		t.Errorf("error of an aggregate: %v", err)
	}
	if n, free := len(c.extend.groups), len(c.extend.freeSlots); n != free {
		t.Errorf("%d of %d groups were given back", free, n)
	}
}

// foldedCollation compares without regard to ASCII case; with weights it must agree with Go.
func foldedCollation(padSpace bool, asked *int) sqlext.Collation {
	var weights [128]uint16
	for i := range weights {
		weights[i] = uint16(bytes.ToLower([]byte{byte(i)})[0]) + 1
	}
	weights[1] = 0 // ignored
	compare := func(a, b []byte) int {
		*asked++
		return compareFolded(a, b, padSpace)
	}
	return sqlext.Collation{Name: fmt.Sprintf("folded_%v", padSpace), Compare: compare, ASCIIWeights: &weights, PadSpace: padSpace}
}

func compareFolded(a, b []byte, padSpace bool) int {
	a, b = bytes.ToLower(bytes.ReplaceAll(a, []byte{1}, nil)), bytes.ToLower(bytes.ReplaceAll(b, []byte{1}, nil))
	for padSpace && len(a) != len(b) {
		if len(a) < len(b) {
			a = append(a, ' ')
		} else {
			b = append(b, ' ')
		}
	}
	return bytes.Compare(a, b)
}

func TestCollationsCompareASCIIInC(t *testing.T) {
	c := newMemory(t, "")
	asked := 0
	must(t, c.Register(sqlext.Set{Collations: []sqlext.Collation{foldedCollation(false, &asked), foldedCollation(true, &asked)}}))
	want(t, c, "SELECT 'abC'='ABc' COLLATE folded_false, 'a'='a ' COLLATE folded_false, 'a'='A  ' COLLATE folded_true, "+
		"'a'||char(1)||'b'='ab' COLLATE folded_false, 'a'||char(9)<'a' COLLATE folded_true, 'a'<'a!' COLLATE folded_true", "1|0|1|1|1|1")
	if asked != 0 {
		t.Errorf("Go was asked %d times about ASCII", asked)
	}
	want(t, c, "SELECT 'Ü'='ü' COLLATE folded_false", "1")
	if asked != 1 {
		t.Errorf("Go was asked %d times about Ü", asked)
	}
	random := rand.New(rand.NewSource(4))
	alphabet := "aAbB \x01\t!~"
	for range 3000 {
		a, b := make([]byte, random.Intn(12)), make([]byte, random.Intn(12))
		for i := range a {
			a[i] = alphabet[random.Intn(len(alphabet))]
		}
		for i := range b {
			b[i] = alphabet[random.Intn(len(alphabet))]
		}
		for _, pad := range []bool{false, true} {
			order := compareFolded(a, b, pad)
			want(t, c, fmt.Sprintf("SELECT (?1<?2 COLLATE folded_%v) - (?1>?2 COLLATE folded_%v)", pad, pad), fmt.Sprint(-order), txn.Text(a), txn.Text(b))
		}
	}
}

func TestIndexOfACollationIsUsed(t *testing.T) {
	c := newMemory(t, "")
	asked := 0
	must(t, c.Register(sqlext.Set{Collations: []sqlext.Collation{foldedCollation(false, &asked)}}))
	must(t, c.Exec("CREATE TABLE t(a TEXT); CREATE UNIQUE INDEX u ON t(a COLLATE folded_false); INSERT INTO t VALUES('Ann'),('bob')"))
	wantError(t, c, "INSERT INTO t VALUES('ANN')", "UNIQUE constraint failed")
	want(t, c, "SELECT a FROM t WHERE a COLLATE folded_false = 'BOB'", "bob")
}
