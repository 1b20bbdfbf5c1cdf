package dialect

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// expr compiles an expression that is one value.
func (s *scope) expr(e sqlparser.Expr) (expression.Operand, error) {
	if s.rolledTerm(e) {
		rolled := s.rolled
		s.rolled = nil
		o, err := s.plainExpr(e)
		if s.rolled = rolled; err == nil {
			o = s.rolledNull(o)
		}
		return o, err
	}
	o, err := s.plainExpr(e)
	if _, ok := e.(*sqlparser.Literal); ok {
		s.k.literalBytes += len(o.SQL)
	}
	if err == nil && len(o.SQL) > maxExpression+maxExpressionPerByte*s.k.literalBytes {
		return o, mysqlerr.Newf(errCapacity, "Memory capacity of %d bytes for 'expression' exceeded. Expression is nested too deeply.", maxExpression)
	}
	if err == nil && s.rolled != nil {
		o = s.rolledNull(o)
	}
	return o, err
}

// The text that an expression becomes is bounded by that of its literals. Some functions need an argument more than once, so that
// nesting them doubles the text each time.
const (
	maxExpression        = 16 << 20
	maxExpressionPerByte = 16
)

func (s *scope) plainExpr(e sqlparser.Expr) (expression.Operand, error) {
	switch e := e.(type) {
	case *sqlparser.ColName:
		return s.lookup(e)
	case *sqlparser.Literal:
		return s.literal(e)
	case *sqlparser.Argument:
		return s.k.argument(e.Name)
	case *sqlparser.NullVal:
		return expression.Null(), nil
	case sqlparser.BoolVal:
		n := int64(0)
		if e {
			n = 1
		}
		t := expression.BoolType()
		t.Spelling = "BOOL"
		return expression.Literal("", txn.Int(n), t), nil
	case *sqlparser.AndExpr:
		return s.logicChain("AND", e)
	case *sqlparser.OrExpr:
		return s.logicChain("OR", e)
	case *sqlparser.XorExpr:
		return s.logic("XOR", e.Left, e.Right)
	case *sqlparser.NotExpr:
		return s.unary(e.Expr, expression.Not)
	case *sqlparser.ComparisonExpr:
		return s.comparison(e)
	case *sqlparser.BetweenExpr:
		return s.between(e)
	case *sqlparser.IsExpr:
		return s.is(e)
	case *sqlparser.ExistsExpr:
		return s.exists(e)
	case *sqlparser.BinaryExpr:
		return s.binary(e)
	case *sqlparser.UnaryExpr:
		return s.unaryExpr(e)
	case *sqlparser.Subquery:
		return s.scalarSubquery(e)
	case *sqlparser.CaseExpr:
		return s.caseExpr(e)
	case *sqlparser.CollateExpr:
		return s.unary(e.Expr, func(o expression.Operand) (expression.Operand, error) {
			return expression.Collate(o, e.Collation)
		})
	case *sqlparser.IntroducerExpr:
		return s.introducer(e)
	case *sqlparser.Variable:
		return s.variable(e)
	case *sqlparser.AssignmentExpr:
		return s.assignment(e)
	case sqlparser.ValTuple:
		if len(e) == 1 {
			return s.expr(e[0])
		}
		return expression.Operand{}, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, 1)
	}
	return s.function(e)
}

func (s *scope) exprs(list []sqlparser.Expr) ([]expression.Operand, error) {
	out := make([]expression.Operand, len(list))
	for i, e := range list {
		var err error
		if out[i], err = s.expr(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *scope) unary(e sqlparser.Expr, f func(expression.Operand) (expression.Operand, error)) (expression.Operand, error) {
	o, err := s.expr(e)
	if err != nil {
		return o, err
	}
	return f(o)
}

func (s *scope) logic(op string, left, right sqlparser.Expr) (expression.Operand, error) {
	a, err := s.expr(left)
	if err != nil {
		return a, err
	}
	b, err := s.expr(right)
	if err != nil {
		return b, err
	}
	return expression.Logic(op, a, b)
}

// logicChain compiles a AND b AND c …, or with OR, as a tree that is as low as can be: SQLite bounds its height.
func (s *scope) logicChain(op string, e sqlparser.Expr) (expression.Operand, error) {
	list, err := s.exprs(chainOf(op, e, nil))
	if err != nil {
		return expression.Operand{}, err
	}
	for len(list) > 1 {
		half := list[:0]
		for i := 0; i < len(list); i += 2 {
			o := list[i]
			if i+1 < len(list) {
				if o, err = expression.Logic(op, o, list[i+1]); err != nil {
					return o, err
				}
			}
			half = append(half, o)
		}
		list = half
	}
	return list[0], nil
}

// chainOf appends the terms of a chain of one operator, from left to right.
func chainOf(op string, e sqlparser.Expr, list []sqlparser.Expr) []sqlparser.Expr {
	switch e := e.(type) {
	case *sqlparser.AndExpr:
		if op == "AND" {
			return chainOf(op, e.Right, chainOf(op, e.Left, list))
		}
	case *sqlparser.OrExpr:
		if op == "OR" {
			return chainOf(op, e.Right, chainOf(op, e.Left, list))
		}
	}
	return append(list, e)
}

// literal compiles a literal that the fingerprint kept.
func (s *scope) literal(l *sqlparser.Literal) (expression.Operand, error) {
	switch l.Type {
	case sqlparser.StrVal:
		t := s.k.textType(utf8.RuneCountInString(l.Val))
		return expression.Literal("", txn.TextString(schemas.InSet(t.Charset, l.Val)), t), nil
	case sqlparser.IntVal:
		return integerLiteral(l.Val)
	case sqlparser.DecimalVal:
		text := normalDecimal([]byte(l.Val))
		precision, scale := decimalShape(text)
		return expression.Literal("", txn.Text(text), schemas.Type{Kind: schemas.Decimal, Length: precision, Decimals: scale}), nil
	case sqlparser.FloatVal:
		f, err := strconv.ParseFloat(l.Val, 64)
		if err != nil || math.IsInf(f, 0) {
			return expression.Operand{}, mysqlerr.New(mysql.ER_ILLEGAL_VALUE_FOR_TYPE, "double", l.Val)
		}
		return expression.Literal("", txn.Real(f), schemas.Type{Kind: schemas.Double, Decimals: -1}), nil
	case sqlparser.HexNum, sqlparser.HexVal, sqlparser.BitNum:
		b, err := literalBytes(l)
		if err != nil {
			return expression.Operand{}, err
		}
		return expression.Literal("", txn.Blob(b), schemas.Type{Kind: schemas.VarBinary, Length: len(b)}), nil
	case sqlparser.DateVal, sqlparser.TimeVal, sqlparser.TimestampVal:
		return temporalLiteral(l, s.k.c.Mode)
	}
	return expression.Operand{}, unsupported("literal")
}

func integerLiteral(text string) (expression.Operand, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return expression.Literal("", txn.Int(n), expression.LiteralType(len(text))), nil
	}
	if _, err := strconv.ParseUint(text, 10, 64); err == nil {
		return expression.Literal("", txn.TextString(text), schemas.Type{Kind: schemas.BigInt, Unsigned: true, Length: 20}), nil
	}
	text = string(normalDecimal([]byte(text)))
	return expression.Literal("", txn.TextString(text), schemas.Type{Kind: schemas.Decimal, Length: len(text)}), nil
}

// literalBytes is the value of x'…', 0x… and b'…'.
func literalBytes(l *sqlparser.Literal) ([]byte, error) {
	text := l.Val
	if l.Type == sqlparser.BitNum {
		text = strings.TrimPrefix(text, "0b")
		n, ok := new(big.Int).SetString(text, 2)
		if !ok {
			return []byte{}, nil
		}
		return n.FillBytes(make([]byte, (len(text)+7)/8)), nil
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X")
	if len(text)%2 == 1 {
		text = "0" + text
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, syntaxError([]byte(l.Val), 0)
	}
	return b, nil
}

// temporalLiteral compiles DATE '…', TIME '…' and TIMESTAMP '…'.
func temporalLiteral(l *sqlparser.Literal, mode SQLMode) (expression.Operand, error) {
	t := schemas.Type{Kind: schemas.Date}
	word := "DATE"
	if _, fraction, ok := strings.Cut(l.Val, "."); ok {
		t.Decimals = min(len(fraction), 6)
	}
	switch l.Type {
	case sqlparser.TimeVal:
		t.Kind, word = schemas.Time, "TIME"
	case sqlparser.TimestampVal:
		t.Kind, word = schemas.DateTime, "DATETIME"
	default:
		t.Decimals = 0
	}
	v, _, err := schemas.Convert(t, "", txn.TextString(l.Val), schemas.Assignment{Strict: true, AllowInvalidDates: mode&AllowInvalidDates != 0})
	if err != nil {
		return expression.Operand{}, mysqlerr.New(mysql.ER_WRONG_VALUE, word, l.Val)
	}
	return expression.Literal("", v, t), nil
}

// introducer compiles _charset'…'.
func (s *scope) introducer(e *sqlparser.IntroducerExpr) (expression.Operand, error) {
	name := strings.TrimPrefix(strings.ToLower(e.CharacterSet), "_")
	charset, ok := schemas.LookupCharset(name)
	if !ok {
		return expression.Operand{}, mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, name)
	}
	l, ok := e.Expr.(*sqlparser.Literal)
	if !ok {
		return s.expr(e.Expr)
	}
	b := []byte(l.Val)
	if l.Type != sqlparser.StrVal {
		var err error
		if b, err = literalBytes(l); err != nil {
			return expression.Operand{}, err
		}
	}
	if charset.Name == "binary" {
		return expression.BinaryLiteral(b), nil
	}
	if !schemas.LookupCollation(charset.DefaultCollation).Supported() {
		return expression.Operand{}, unsupported("character set " + charset.Name)
	}
	text, bad := schemas.DecodeText(charset.Name, b)
	if bad != nil && (l.Type != sqlparser.StrVal || charset.Name != "utf8mb4") {
		return expression.Operand{}, schemas.BadText(charset.Name, bad)
	} else if bad != nil { // MalformedLiterals warns of it
		text = b
	}
	t := schemas.Type{Kind: schemas.VarChar, Length: utf8.RuneCount(text), Charset: charset.Name, Collation: charset.DefaultCollation}
	return expression.Literal("", txn.Text(text), t), nil
}

func (s *scope) unaryExpr(e *sqlparser.UnaryExpr) (expression.Operand, error) {
	switch e.Operator {
	case sqlparser.UPlusOp:
		return s.expr(e.Expr)
	case sqlparser.UMinusOp:
		// The least BIGINT is the negative of what is none.
		if l, ok := e.Expr.(*sqlparser.Literal); ok && l.Type == sqlparser.IntVal && l.Val == "9223372036854775808" {
			return expression.Literal("", txn.Int(math.MinInt64), schemas.Type{Kind: schemas.BigInt, Length: 20}), nil
		}
		return s.unary(e.Expr, expression.Negate)
	case sqlparser.TildaOp:
		return s.unary(e.Expr, expression.BitNot)
	case sqlparser.BangOp:
		return s.unary(e.Expr, expression.Not)
	}
	return s.expr(e.Expr)
}

func (s *scope) binary(e *sqlparser.BinaryExpr) (expression.Operand, error) {
	if left, ok := isConcat(e); ok {
		return s.callNode("concat", left, e.Right)
	}
	a, err := s.expr(e.Left)
	if err != nil {
		return a, err
	}
	b, err := s.expr(e.Right)
	if err != nil {
		return b, err
	}
	op := e.Operator.ToString()
	if op == "div" {
		op = "DIV"
	}
	if op == "-" && s.k.c.Mode&NoUnsignedSubtraction != 0 { // the difference is signed then
		a.Type.Unsigned = a.Type.Unsigned && !a.Type.IsInteger()
		b.Type.Unsigned = b.Type.Unsigned && !b.Type.IsInteger()
	}
	var o expression.Operand
	if op == "/" && s.k.c.DivisionDelta != 0 && !s.k.stored { // definitions are the same in every session
		o, err = expression.Divide(a, b, s.k.c.DivisionDelta)
	} else {
		o, err = expression.Arithmetic(op, a, b)
	}
	if err == nil && s.strictDivision {
		switch e.Operator {
		case sqlparser.DivOp, sqlparser.IntDivOp, sqlparser.ModOp:
			return divided(o, a, b)
		}
	}
	return o, err
}

// divided makes a division by zero an error, as it is in strict mode where values are stored. NULL divided by zero is NULL.
func divided(o, dividend, divisor expression.Operand) (expression.Operand, error) {
	zero, err := expression.Compare("=", divisor, expression.Literal("", txn.Int(0), schemas.Type{Kind: schemas.BigInt, Length: 1}))
	if err != nil {
		return o, err
	}
	o.SQL, o.Constant = "CASE WHEN "+expression.Truth(zero)+" AND ("+dividend.SQL+") IS NOT NULL THEN marmot_raise(1365) ELSE "+o.SQL+" END", nil
	return o, nil
}

// concatMark is what || becomes under PIPES_AS_CONCAT; see isConcat.
const concatMark = " ^ :lc0 ^ "

// isConcat recognises what the fingerprint makes of a || b under PIPES_AS_CONCAT: a ^ :lc0 ^ b.
func isConcat(e *sqlparser.BinaryExpr) (sqlparser.Expr, bool) {
	left, ok := e.Left.(*sqlparser.BinaryExpr)
	if !ok || e.Operator != sqlparser.BitXorOp || left.Operator != sqlparser.BitXorOp {
		return nil, false
	}
	a, ok := left.Right.(*sqlparser.Argument)
	return left.Left, ok && a.Name == "lc0"
}

// isSoundsLike recognises what the adapter makes of a SOUNDS LIKE b: a = :lsl0 ^ b.
func isSoundsLike(e *sqlparser.ComparisonExpr) (sqlparser.Expr, bool) {
	right, ok := e.Right.(*sqlparser.BinaryExpr)
	if !ok || e.Operator != sqlparser.EqualOp || right.Operator != sqlparser.BitXorOp {
		return nil, false
	}
	a, ok := right.Left.(*sqlparser.Argument)
	return right.Right, ok && a.Name == "lsl0"
}

func (s *scope) soundsLike(left, right sqlparser.Expr) (expression.Operand, error) {
	a, err := s.callNode("soundex", left)
	if err != nil {
		return a, err
	}
	b, err := s.callNode("soundex", right)
	if err != nil {
		return b, err
	}
	return expression.Compare("=", a, b)
}

// comparison compiles = < > <=> LIKE REGEXP IN, with ANY and ALL, of values and rows.
func (s *scope) comparison(e *sqlparser.ComparisonExpr) (expression.Operand, error) {
	switch e.Operator {
	case sqlparser.InOp, sqlparser.NotInOp:
		return s.in(e)
	case sqlparser.LikeOp, sqlparser.NotLikeOp:
		return s.like(e)
	}
	if e.Modifier != sqlparser.Missing {
		return s.quantified(e)
	}
	if right, ok := isSoundsLike(e); ok {
		return s.soundsLike(e.Left, right)
	}
	if left, ok := rowOf(e.Left); ok {
		return s.compareRows(e, left)
	}
	if q, ok, err := s.rowSubquery(e.Left); ok || err != nil {
		if err != nil {
			return expression.Operand{}, err
		}
		return s.overRow(q, func(row []expression.Operand) (expression.Operand, error) {
			return s.compareRowsOf(compareOp(e.Operator), row, e.Right)
		})
	}
	if _, ok := rowOf(e.Right); ok {
		return expression.Operand{}, mysqlerr.New(mysql.ER_OPERAND_COLUMNS, 1)
	}
	a, err := s.expr(e.Left)
	if err != nil {
		return a, err
	}
	b, err := s.expr(e.Right)
	if err != nil {
		return b, err
	}
	a, b = loose(a, b), loose(b, a)
	switch e.Operator {
	case sqlparser.RegexpOp:
		return expression.Regexp(a, b, false)
	case sqlparser.NotRegexpOp:
		return expression.Regexp(a, b, true)
	}
	return expression.Compare(compareOp(e.Operator), a, b)
}

func compareOp(op sqlparser.ComparisonExprOperator) string {
	if op == sqlparser.NotEqualOp {
		return "<>"
	}
	return op.ToString()
}

func (s *scope) like(e *sqlparser.ComparisonExpr) (expression.Operand, error) {
	list, err := s.exprs([]sqlparser.Expr{e.Left, e.Right})
	if err != nil {
		return expression.Operand{}, err
	}
	var escape *expression.Operand
	if e.Escape != nil {
		o, err := s.expr(e.Escape)
		if err == nil && s.variesBy(e.Escape) {
			err = mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "ESCAPE")
		}
		if err != nil {
			return o, err
		}
		escape = &o
	}
	return expression.Like(list[0], list[1], escape, e.Operator == sqlparser.NotLikeOp)
}

// variesBy reports whether an expression names a column.
func (s *scope) variesBy(e sqlparser.Expr) bool {
	varies := false
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			return false, nil
		case *sqlparser.ColName:
			varies = varies || s.k.local(n) == nil
		}
		return !varies, nil
	}, e)
	return varies
}

func (s *scope) between(e *sqlparser.BetweenExpr) (expression.Operand, error) {
	list, err := s.exprs([]sqlparser.Expr{e.Left, e.From, e.To})
	if err != nil {
		return expression.Operand{}, err
	}
	list[1], list[2] = loose(list[1], list[0]), loose(list[2], list[0])
	return expression.Between(list[0], list[1], list[2], !e.IsBetween)
}

func (s *scope) is(e *sqlparser.IsExpr) (expression.Operand, error) {
	o, err := s.expr(e.Left)
	if err != nil {
		return o, err
	}
	switch e.Right {
	case sqlparser.IsNullOp:
		return expression.IsNull(o, false)
	case sqlparser.IsNotNullOp:
		return expression.IsNull(o, true)
	case sqlparser.IsTrueOp:
		return expression.IsTrue(o, false)
	case sqlparser.IsNotTrueOp:
		return expression.IsTrue(o, true)
	case sqlparser.IsFalseOp:
		return expression.IsFalse(o, false)
	}
	return expression.IsFalse(o, true)
}

func (s *scope) caseExpr(e *sqlparser.CaseExpr) (expression.Operand, error) {
	var subject *expression.Operand
	if e.Expr != nil {
		o, err := s.expr(e.Expr)
		if err != nil {
			return o, err
		}
		subject = &o
	}
	var list [][2]expression.Operand
	for _, w := range e.Whens {
		pair, err := s.exprs([]sqlparser.Expr{w.Cond, w.Val})
		if err != nil {
			return expression.Operand{}, err
		}
		if subject != nil {
			if pair[0], err = expression.CompareCase(*subject, pair[0]); err != nil {
				return expression.Operand{}, err
			}
		}
		list = append(list, [2]expression.Operand{pair[0], pair[1]})
	}
	var otherwise *expression.Operand
	if e.Else != nil {
		o, err := s.expr(e.Else)
		if err != nil {
			return o, err
		}
		otherwise = &o
	}
	return expression.Case(list, otherwise)
}

// loose makes a parameter of unknown type of a string that the fingerprint left out, where it is
// compared with what is no string: the string is then converted, and the other side stays as it is.
func loose(a, other expression.Operand) expression.Operand {
	if other.Type.IsBlob() && foreignCharset(a.Type.Charset) != "" {
		return a // its bytes in its own character set are compared
	}
	if a.Constant == nil && strings.HasPrefix(a.SQL, "?") && a.Type.Kind == schemas.VarChar &&
		other.Type.Kind != 0 && (!other.Type.IsText() || other.Type.Kind == schemas.Enum || other.Type.Kind == schemas.Set) {
		a.Param, a.Literal, a.Type = true, true, schemas.Type{}
	}
	return a
}

// in compiles IN with a list or a subquery.
func (s *scope) in(e *sqlparser.ComparisonExpr) (expression.Operand, error) {
	not := e.Operator == sqlparser.NotInOp
	if q, ok, err := s.rowSubquery(e.Left); ok || err != nil {
		if err != nil {
			return expression.Operand{}, err
		}
		return s.overRow(q, func(row []expression.Operand) (expression.Operand, error) {
			if sub, ok := e.Right.(*sqlparser.Subquery); ok {
				return s.rowInSubquery(row, sub, not)
			}
			list, _ := e.Right.(sqlparser.ValTuple)
			return s.inRowsOf(row, list, not)
		})
	}
	if sub, ok := e.Right.(*sqlparser.Subquery); ok {
		return s.inSubquery(e.Left, sub, not)
	}
	tuple, ok := e.Right.(sqlparser.ValTuple)
	if !ok {
		return expression.Operand{}, unsupported("IN")
	}
	if row, ok := rowOf(e.Left); ok {
		return s.inRows(row, tuple, not)
	}
	a, err := s.expr(e.Left)
	if err != nil {
		return a, err
	}
	list, err := s.exprs(tuple)
	if err != nil {
		return a, err
	}
	for i := range list {
		list[i] = loose(list[i], a)
	}
	return expression.In(a, list, not)
}

// compareLists compares two rows of the same length, from left to right.
func compareLists(op string, a, b []expression.Operand) (expression.Operand, error) {
	switch op {
	case "=", "<=>":
		return foldPairs("AND", op, a, b)
	case "<>":
		return foldPairs("OR", op, a, b)
	}
	strict := op[:1]
	last := len(a) - 1
	out, err := expression.Compare(op, a[last], b[last])
	for i := last - 1; i >= 0 && err == nil; i-- {
		var before, equal expression.Operand
		if before, err = expression.Compare(strict, a[i], b[i]); err != nil {
			break
		}
		if equal, err = expression.Compare("=", a[i], b[i]); err != nil {
			break
		}
		if out, err = expression.Logic("AND", equal, out); err != nil {
			break
		}
		out, err = expression.Logic("OR", before, out)
	}
	return out, err
}

func foldPairs(logic, op string, a, b []expression.Operand) (expression.Operand, error) {
	out, err := expression.Compare(op, a[0], b[0])
	for i := 1; i < len(a) && err == nil; i++ {
		var o expression.Operand
		if o, err = expression.Compare(op, a[i], b[i]); err == nil {
			out, err = expression.Logic(logic, out, o)
		}
	}
	return out, err
}
