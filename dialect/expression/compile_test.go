package expression

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// testSession is a Session with fixed answers, as the recorded MySQL had them where that matters.
type testSession struct {
	warnings  []*mysqlerr.Error
	variables map[string]string
	zone      *time.Location
	lastID    uint64
}

func (s *testSession) Now() time.Time                                  { return time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC) }
func (s *testSession) Zone() *time.Location                            { return s.zone }
func (s *testSession) ConnectionID() uint64                            { return 7 }
func (s *testSession) User() string                                    { return "ann@host" }
func (s *testSession) CurrentUser() string                             { return "ann@%" }
func (s *testSession) Database() string                                { return "shop" }
func (s *testSession) LastInsertID() uint64                            { return s.lastID }
func (s *testSession) SetLastInsertID(id uint64)                       { s.lastID = id }
func (s *testSession) RowCount() int64                                 { return 3 }
func (s *testSession) FoundRows() uint64                               { return 4 }
func (s *testSession) UserVariable(string) txn.Value                   { return txn.Null() }
func (s *testSession) SetUserVariable(string, txn.Value, VariableSort) {}
func (s *testSession) Warn(w *mysqlerr.Error)                          { s.warnings = append(s.warnings, w) }
func (s *testSession) WallClock() time.Time                            { return s.Now() }
func (s *testSession) Sleep(time.Duration) (bool, error)               { return false, nil }
func (s *testSession) SystemVariable(_, name string) (txn.Value, error) {
	if v, ok := s.variables[name]; ok {
		return txn.TextString(v), nil
	}
	return txn.Null(), nil
}

func newTestSession() *testSession {
	return &testSession{zone: time.UTC, variables: map[string]string{"version": "8.4.0-marmot",
		"sql_mode": "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"}}
}

// newConn is a connection with the package's extensions.
func newConn(t testing.TB, state any) *sqlite.Conn {
	t.Helper()
	c, err := sqlite.Open(sqlite.OpenOptions{Path: ":memory:"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Register(Extensions()); err != nil {
		t.Fatal(err)
	}
	c.SetState(state)
	return c
}

// queryRows runs SQL and returns its rows.
func queryRows(c *sqlite.Conn, sql string, args ...txn.Value) ([][]txn.Value, error) {
	s, err := c.Prepare(sql)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, sql)
	}
	defer s.Reset()
	if err := s.Bind(args); err != nil {
		return nil, err
	}
	var rows [][]txn.Value
	for {
		more, err := s.Step()
		if err != nil || !more {
			return rows, err
		}
		row := make([]txn.Value, len(s.Row()))
		for i, v := range s.Row() {
			row[i] = v.Clone()
		}
		rows = append(rows, row)
	}
}

// testCompiler compiles MySQL expressions over the columns of a table.
type testCompiler struct{ columns map[string]schemas.Type }

var testParser = func() *sqlparser.Parser {
	p, err := sqlparser.New(sqlparser.Options{MySQLServerVersion: "8.4.0"})
	if err != nil {
		panic(err)
	}
	return p
}()

func (k *testCompiler) list(exprs ...sqlparser.Expr) ([]Operand, error) {
	var out []Operand
	for _, e := range exprs {
		if e == nil {
			continue
		}
		o, err := k.expr(e)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func (k *testCompiler) call(name string, exprs ...sqlparser.Expr) (Operand, error) {
	args, err := k.list(exprs...)
	if err != nil {
		return Operand{}, err
	}
	return Call(name, args)
}

func (k *testCompiler) expr(e sqlparser.Expr) (Operand, error) {
	switch e := e.(type) {
	case *sqlparser.Literal:
		return literalOperand(e)
	case *sqlparser.NullVal:
		return Null(), nil
	case sqlparser.BoolVal:
		return Literal("", boolValue(bool(e)), BoolType()), nil
	case *sqlparser.ColName:
		t, ok := k.columns[e.Name.String()]
		if !ok {
			return Operand{}, fmt.Errorf("unknown column %s", e.Name)
		}
		return Operand{SQL: `"` + e.Name.String() + `"`, Type: t, Nullable: true, Coercibility: Implicit}, nil
	case *sqlparser.Argument:
		return Operand{SQL: "?" + strings.TrimPrefix(e.Name, "v"), Param: true, Nullable: true}, nil
	case *sqlparser.AndExpr:
		return k.two(e.Left, e.Right, func(a, b Operand) (Operand, error) { return Logic("AND", a, b) })
	case *sqlparser.OrExpr:
		return k.two(e.Left, e.Right, func(a, b Operand) (Operand, error) { return Logic("OR", a, b) })
	case *sqlparser.XorExpr:
		return k.two(e.Left, e.Right, func(a, b Operand) (Operand, error) { return Logic("XOR", a, b) })
	case *sqlparser.NotExpr:
		return k.one(e.Expr, Not)
	case *sqlparser.ComparisonExpr:
		return k.comparison(e)
	case *sqlparser.BetweenExpr:
		list, err := k.list(e.Left, e.From, e.To)
		if err != nil {
			return Operand{}, err
		}
		return Between(list[0], list[1], list[2], !e.IsBetween)
	case *sqlparser.IsExpr:
		return k.is(e)
	case *sqlparser.BinaryExpr:
		if op := e.Operator.ToString(); op == "->" || op == "->>" {
			o, err := k.call("json_extract", e.Left, e.Right)
			if err == nil && op == "->>" {
				return Call("json_unquote", []Operand{o})
			}
			return o, err
		}
		return k.two(e.Left, e.Right, func(a, b Operand) (Operand, error) { return Arithmetic(e.Operator.ToString(), a, b) })
	case *sqlparser.UnaryExpr:
		switch e.Operator {
		case sqlparser.UMinusOp:
			return k.one(e.Expr, Negate)
		case sqlparser.TildaOp:
			return k.one(e.Expr, BitNot)
		case sqlparser.BangOp:
			return k.one(e.Expr, Not)
		}
		return k.expr(e.Expr)
	case *sqlparser.CaseExpr:
		return k.caseExpr(e)
	case *sqlparser.CollateExpr:
		return k.one(e.Expr, func(a Operand) (Operand, error) { return Collate(a, e.Collation) })
	case *sqlparser.IntroducerExpr:
		return k.expr(e.Expr)
	}
	return k.function(e)
}

func literalOperand(l *sqlparser.Literal) (Operand, error) {
	switch l.Type {
	case sqlparser.StrVal:
		return Literal("", txn.TextString(l.Val), text(len([]rune(l.Val)), "")), nil
	case sqlparser.IntVal:
		if n, err := strconv.ParseInt(l.Val, 10, 64); err == nil {
			return Literal("", txn.Int(n), schemas.Type{Kind: schemas.BigInt, Length: len(l.Val)}), nil
		}
		if _, err := strconv.ParseUint(l.Val, 10, 64); err == nil {
			return Literal("", txn.TextString(l.Val), unsignedBigint()), nil
		}
		return Literal("", txn.TextString(l.Val), decimal(len(l.Val), 0)), nil
	case sqlparser.DecimalVal:
		d, _ := parseDec([]byte(l.Val))
		v := d.value()
		return Literal("", v, decimal(len(v.Bytes())-1, d.scale)), nil
	case sqlparser.FloatVal:
		f, _ := strconv.ParseFloat(l.Val, 64)
		return Literal("", txn.Real(f), double()), nil
	case sqlparser.HexVal, sqlparser.HexNum:
		b, err := hex.DecodeString(strings.TrimPrefix(l.Val, "0x"))
		return Literal("", txn.Blob(b), bytesType(len(b))), err
	case sqlparser.BitNum:
		n, err := strconv.ParseUint(strings.TrimPrefix(l.Val, "0b"), 2, 64)
		return Literal("", txn.Blob([]byte{byte(n)}), bytesType(1)), err
	}
	t := map[sqlparser.ValType]schemas.Kind{sqlparser.DateVal: schemas.Date, sqlparser.TimeVal: schemas.Time, sqlparser.TimestampVal: schemas.DateTime}[l.Type]
	return Literal("", txn.TextString(l.Val), schemas.Type{Kind: t}), nil
}

func (k *testCompiler) one(e sqlparser.Expr, f func(Operand) (Operand, error)) (Operand, error) {
	a, err := k.expr(e)
	if err != nil {
		return a, err
	}
	return f(a)
}

func (k *testCompiler) two(x, y sqlparser.Expr, f func(a, b Operand) (Operand, error)) (Operand, error) {
	list, err := k.list(x, y)
	if err != nil {
		return Operand{}, err
	}
	return f(list[0], list[1])
}

func (k *testCompiler) comparison(e *sqlparser.ComparisonExpr) (Operand, error) {
	if tuple, ok := e.Right.(sqlparser.ValTuple); ok {
		a, err := k.expr(e.Left)
		if err != nil {
			return a, err
		}
		list, err := k.list(tuple...)
		if err != nil {
			return a, err
		}
		return In(a, list, e.Operator == sqlparser.NotInOp)
	}
	var escape *Operand
	if e.Escape != nil {
		o, err := k.expr(e.Escape)
		if err != nil {
			return o, err
		}
		escape = &o
	}
	return k.two(e.Left, e.Right, func(a, b Operand) (Operand, error) {
		switch e.Operator {
		case sqlparser.LikeOp, sqlparser.NotLikeOp:
			return Like(a, b, escape, e.Operator == sqlparser.NotLikeOp)
		case sqlparser.RegexpOp, sqlparser.NotRegexpOp:
			return Regexp(a, b, e.Operator == sqlparser.NotRegexpOp)
		}
		return Compare(e.Operator.ToString(), a, b)
	})
}

func (k *testCompiler) is(e *sqlparser.IsExpr) (Operand, error) {
	a, err := k.expr(e.Left)
	if err != nil {
		return a, err
	}
	switch e.Right {
	case sqlparser.IsNullOp, sqlparser.IsNotNullOp:
		return IsNull(a, e.Right == sqlparser.IsNotNullOp)
	case sqlparser.IsTrueOp, sqlparser.IsNotTrueOp:
		return IsTrue(a, e.Right == sqlparser.IsNotTrueOp)
	}
	return IsFalse(a, e.Right == sqlparser.IsNotFalseOp)
}

func (k *testCompiler) caseExpr(e *sqlparser.CaseExpr) (Operand, error) {
	var list [][2]Operand
	for _, w := range e.Whens {
		pair, err := k.list(w.Cond, w.Val)
		if err != nil {
			return Operand{}, err
		}
		if e.Expr != nil {
			subject, err := k.expr(e.Expr)
			if err != nil {
				return subject, err
			}
			if pair[0], err = Compare("=", subject, pair[0]); err != nil {
				return subject, err
			}
		}
		list = append(list, [2]Operand{pair[0], pair[1]})
	}
	if e.Else == nil {
		return Case(list, nil)
	}
	otherwise, err := k.expr(e.Else)
	if err != nil {
		return otherwise, err
	}
	return Case(list, &otherwise)
}

// statement compiles SELECT … and returns the operands of its list and the SQL behind it.
func (k *testCompiler) statement(sql string) ([]Operand, string, error) {
	parsed, err := testParser.Parse(sql)
	if err != nil {
		return nil, "", err
	}
	selected := parsed.(*sqlparser.Select)
	var out []Operand
	for _, item := range selected.SelectExprs.Exprs {
		o, err := k.expr(item.(*sqlparser.AliasedExpr).Expr)
		if err != nil {
			return nil, "", err
		}
		out = append(out, Local(o))
	}
	rest := ""
	if len(k.columns) > 0 {
		rest = " FROM t"
		if selected.Where != nil {
			o, err := k.expr(selected.Where.Expr)
			if err != nil {
				return nil, "", err
			}
			rest += " WHERE " + Truth(o)
		}
		for i, order := range selected.OrderBy {
			o, err := k.expr(order.Expr)
			if err != nil {
				return nil, "", err
			}
			rest += []string{" ORDER BY ", ", "}[min(i, 1)] + SortSQL(o)
		}
	}
	return out, rest, nil
}

// shown is a stored value as the client sees it, with its type before it if that is no string.
func shown(t schemas.Type, v txn.Value) string {
	if v.IsNull() {
		return "NULL"
	}
	b := string(schemas.AppendText(nil, t, v))
	for _, c := range b {
		if c < ' ' || c == math.MaxInt8 || c == '|' {
			return "hex:" + hex.EncodeToString([]byte(b))
		}
	}
	if b == "" || b == "NULL" || strings.HasPrefix(b, " ") || strings.HasSuffix(b, " ") {
		return strconv.Quote(b)
	}
	return b
}
