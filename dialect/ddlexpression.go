package dialect

import (
	"strings"

	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// parseExpression parses one expression.
func parseExpression(text string) (sqlparser.Expr, error) {
	p, err := parse([]byte("SELECT (" + text + ")"))
	if err != nil {
		return nil, err
	}
	if sel, ok := p.statement.(*sqlparser.Select); ok && len(sel.SelectExprs.Exprs) == 1 {
		if a, ok := sel.SelectExprs.Exprs[0].(*sqlparser.AliasedExpr); ok {
			return a.Expr, nil
		}
	}
	return nil, syntaxError([]byte(text), 0)
}

// parseColumns parses an expression over a table's own columns. MySQL pays no heed to what qualifies their names, and does not keep it.
// Definitions are UTF-8; what is none is refused, as it would be kept otherwise than it is written.
func parseColumns(text string) (sqlparser.Expr, error) {
	if at := firstMalformed([]byte(text), "utf8mb4"); at >= 0 {
		return nil, schemas.BadText("utf8mb4", []byte(text[at:]))
	}
	tree, err := parseExpression(text)
	if err != nil {
		return nil, err
	}
	return tree, sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if c, ok := n.(*sqlparser.ColName); ok {
			c.Qualifier = sqlparser.TableName{}
		}
		return true, nil
	}, tree)
}

// printer writes trees in the spelling in which MySQL keeps expressions and views.
type printer struct {
	charset string // introducer of strings, or empty
	// column prints a column otherwise than it is written, or returns ""; special prints a node and
	// reports whether it did. Either may be nil.
	column  func(*sqlparser.ColName) string
	special func(*sqlparser.TrackedBuffer, sqlparser.SQLNode) bool
}

// expressionText prints an expression as SHOW CREATE TABLE does: names quoted, functions and
// keywords in lower case, every operation in parentheses. charset is written before strings.
func expressionText(e sqlparser.Expr, charset string) string {
	p := &printer{charset: charset}
	return p.print(e)
}

func (p *printer) print(n sqlparser.SQLNode) string {
	b := sqlparser.NewTrackedBuffer(p.format)
	b.Myprintf("%v", n)
	return b.String()
}

func (p *printer) format(b *sqlparser.TrackedBuffer, n sqlparser.SQLNode) {
	if p.special != nil && p.special(b, n) {
		return
	}
	switch e := n.(type) {
	case *sqlparser.ColName:
		b.WriteString(p.columnText(e))
	case sqlparser.IdentifierCI:
		b.WriteString(schemas.QuoteName(e.String()))
	case sqlparser.IdentifierCS:
		b.WriteString(schemas.QuoteName(e.String()))
	case *sqlparser.NullVal:
		b.WriteString("NULL")
	case *sqlparser.Literal:
		p.literal(b, e)
	case *sqlparser.IntroducerExpr:
		p.introducer(b, e)
	case *sqlparser.BinaryExpr:
		p.binary(b, e)
	case *sqlparser.UnaryExpr:
		p.unary(b, e)
	case *sqlparser.ComparisonExpr:
		p.comparison(b, e)
	case *sqlparser.AndExpr, *sqlparser.OrExpr:
		b.WriteString("(" + p.chain(n) + ")")
	case *sqlparser.XorExpr:
		b.WriteString("(" + p.condition(e.Left) + " xor " + p.condition(e.Right) + ")")
	case *sqlparser.NotExpr:
		b.WriteString(p.negation(e.Expr))
	case *sqlparser.BetweenExpr:
		word := "between"
		if !e.IsBetween {
			word = "not between"
		}
		b.Myprintf("(%v "+word+" %v and %v)", e.Left, e.From, e.To)
	case *sqlparser.IsExpr:
		left := p.print(e.Left)
		if e.Right != sqlparser.IsNullOp && e.Right != sqlparser.IsNotNullOp {
			left = p.condition(e.Left)
		}
		b.WriteString("(" + left + " " + e.Right.ToString() + ")")
	default:
		p.formatCall(b, n)
	}
}

// formatCall prints what looks like a function, and leaves the rest to the parser's own form.
func (p *printer) formatCall(b *sqlparser.TrackedBuffer, n sqlparser.SQLNode) {
	switch e := n.(type) {
	case *sqlparser.FuncExpr:
		if e.Name.Lowered() == "date" && len(e.Exprs) == 1 && e.Qualifier.IsEmpty() {
			b.Myprintf("cast(%v as date)", e.Exprs[0])
			return
		}
		p.call(b, functionName(e.Name.Lowered()), e.Exprs...)
	case *sqlparser.CountStar:
		b.WriteString("count(0)")
		if e.OverClause != nil {
			b.Myprintf(" %v", e.OverClause)
		}
	case *sqlparser.Count:
		b.WriteString("count(")
		if e.Distinct {
			b.WriteString("distinct ")
		}
		for i, x := range e.Args {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(p.print(x))
		}
		b.WriteString(")")
		if e.OverClause != nil {
			b.Myprintf(" %v", e.OverClause)
		}
	case *sqlparser.CharExpr:
		if e.Charset != "" {
			n.Format(b)
			return
		}
		p.call(b, "char", e.Exprs...)
	case *sqlparser.SubstrExpr:
		p.call(b, "substr", e.Name, e.From, e.To)
	case *sqlparser.CurTimeFuncExpr:
		b.WriteString(functionName(e.Name.Lowered()) + "(")
		if e.Fsp > 0 {
			b.Myprintf("%d", e.Fsp)
		}
		b.WriteString(")")
	case *sqlparser.JSONExtractExpr:
		p.call(b, "json_extract", append([]sqlparser.Expr{e.JSONDoc}, e.PathList...)...)
	case *sqlparser.JSONUnquoteExpr:
		p.call(b, "json_unquote", e.JSONValue)
	case *sqlparser.JSONArrayExpr:
		p.call(b, "json_array", e.Params...)
	case *sqlparser.JSONObjectExpr:
		var list []sqlparser.Expr
		for _, m := range e.Params {
			list = append(list, m.Key, m.Value)
		}
		p.call(b, "json_object", list...)
	case *sqlparser.IntervalDateExpr:
		sign := "+"
		if e.Syntax == sqlparser.IntervalDateExprDateSub || e.Syntax == sqlparser.IntervalDateExprSubdate || e.Syntax == sqlparser.IntervalDateExprBinarySub {
			sign = "-"
		}
		b.Myprintf("(%v "+sign+" interval %v "+e.Unit.ToString()+")", e.Date, e.Interval)
	case *sqlparser.CaseExpr:
		p.caseOf(b, e)
	case *sqlparser.CastExpr:
		p.cast(b, e.Expr, e.Type, e.Array)
	case *sqlparser.ConvertExpr:
		p.cast(b, e.Expr, e.Type, false)
	case *sqlparser.CollateExpr:
		b.Myprintf("(%v collate "+e.Collation+")", e.Expr)
	default:
		if e, ok := n.(sqlparser.Expr); ok {
			if name, args := spatialCall(e); name != "" {
				p.call(b, spatialName(name), args...)
				return
			}
		}
		n.Format(b)
	}
}

func (p *printer) columnText(e *sqlparser.ColName) string {
	if p.column != nil {
		if s := p.column(e); s != "" {
			return s
		}
	}
	s := schemas.QuoteName(e.Name.String())
	if !e.Qualifier.Name.IsEmpty() {
		s = schemas.QuoteName(e.Qualifier.Name.String()) + "." + s
	}
	return s
}

func (p *printer) literal(b *sqlparser.TrackedBuffer, e *sqlparser.Literal) {
	switch e.Type {
	case sqlparser.StrVal:
		if p.charset != "" {
			b.WriteString("_" + p.charset)
		}
		b.WriteString(escapeText(e.Val))
	case sqlparser.HexVal:
		b.WriteString("0x" + e.Val)
	default:
		e.Format(b)
	}
}

// escapeText quotes a string as MySQL prints it inside expressions.
func escapeText(s string) string {
	r := strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\x1a", `\Z`)
	return "'" + r.Replace(s) + "'"
}

func (p *printer) introducer(b *sqlparser.TrackedBuffer, e *sqlparser.IntroducerExpr) {
	b.WriteString(strings.ToLower(e.CharacterSet))
	if l, ok := e.Expr.(*sqlparser.Literal); ok && l.Type == sqlparser.StrVal {
		b.WriteString(escapeText(l.Val))
		return
	}
	b.Myprintf(" %v", e.Expr)
}

func (p *printer) call(b *sqlparser.TrackedBuffer, name string, list ...sqlparser.Expr) {
	b.WriteString(name + "(")
	first := true
	for _, a := range list {
		if a == nil {
			continue
		}
		if !first {
			b.WriteString(",")
		}
		first = false
		b.Myprintf("%v", a)
	}
	b.WriteString(")")
}

// functionName gives the name under which MySQL prints a function that has several.
func functionName(name string) string {
	switch name {
	case "substring", "mid":
		return "substr"
	case "ucase":
		return "upper"
	case "lcase":
		return "lower"
	case "power":
		return "pow"
	case "character_length":
		return "char_length"
	case "octet_length":
		return "length"
	case "day":
		return "dayofmonth"
	case "current_timestamp", "localtime", "localtimestamp":
		return "now"
	case "current_date":
		return "curdate"
	case "current_time":
		return "curtime"
	case "schema":
		return "database"
	case "sha":
		return "sha"
	}
	return name
}

func (p *printer) binary(b *sqlparser.TrackedBuffer, e *sqlparser.BinaryExpr) {
	if left, ok := isConcat(e); ok {
		b.Myprintf("concat(%v,%v)", left, e.Right)
		return
	}
	op := e.Operator.ToString()
	if e.Operator == sqlparser.IntDivOp {
		op = "DIV"
	}
	b.Myprintf("(%v ", e.Left)
	b.WriteString(op)
	b.Myprintf(" %v)", e.Right)
}

func (p *printer) unary(b *sqlparser.TrackedBuffer, e *sqlparser.UnaryExpr) {
	if l, ok := e.Expr.(*sqlparser.Literal); ok && e.Operator == sqlparser.UMinusOp && l.Type != sqlparser.StrVal {
		b.WriteString("-" + l.Val)
		return
	}
	switch e.Operator {
	case sqlparser.UPlusOp:
		b.Myprintf("%v", e.Expr)
	case sqlparser.UMinusOp:
		b.Myprintf("-(%v)", e.Expr)
	case sqlparser.TildaOp:
		b.Myprintf("~(%v)", e.Expr)
	case sqlparser.BangOp:
		b.WriteString(p.negation(e.Expr))
	default:
		e.Format(b)
	}
}

func (p *printer) comparison(b *sqlparser.TrackedBuffer, e *sqlparser.ComparisonExpr) {
	op := e.Operator.ToString()
	switch e.Operator {
	case sqlparser.NotEqualOp:
		op = "<>"
	case sqlparser.NotLikeOp:
		b.WriteString("(not(" + p.print(&sqlparser.ComparisonExpr{Operator: sqlparser.LikeOp, Left: e.Left, Right: e.Right, Escape: e.Escape}) + "))")
		return
	case sqlparser.RegexpOp, sqlparser.NotRegexpOp:
		call := "regexp_like(" + p.print(e.Left) + "," + p.print(e.Right) + ")"
		if e.Operator == sqlparser.NotRegexpOp {
			call = "(not(" + call + "))"
		}
		b.WriteString(call)
		return
	}
	if q, ok := e.Right.(*sqlparser.Subquery); ok && (e.Modifier != sqlparser.Missing || e.Operator == sqlparser.InOp || e.Operator == sqlparser.NotInOp) {
		b.WriteString(p.print(e.Left) + " " + quantified(e) + " " + p.print(q))
		return
	}
	b.Myprintf("(%v ", e.Left)
	b.WriteString(op + " ")
	if list, ok := e.Right.(sqlparser.ValTuple); ok {
		p.call(b, "", list...)
	} else {
		b.Myprintf("%v", e.Right)
	}
	if e.Escape != nil {
		b.Myprintf(" escape %v", e.Escape)
	}
	b.WriteString(")")
}

// quantified is the operator of a comparison with the rows of a subquery, as MySQL names it.
func quantified(e *sqlparser.ComparisonExpr) string {
	op := e.Operator.ToString()
	switch {
	case e.Modifier == sqlparser.Missing:
	case e.Modifier == sqlparser.Any && e.Operator == sqlparser.EqualOp:
		op = "in"
	case e.Modifier == sqlparser.All && e.Operator == sqlparser.NotEqualOp:
		op = "not in"
	default:
		if e.Operator == sqlparser.NotEqualOp {
			op = "<>"
		}
		op += map[sqlparser.ComparisonModifier]string{sqlparser.Any: " any", sqlparser.All: " all"}[e.Modifier]
	}
	return op
}

// chain prints a run of ANDs or of ORs without parentheses between.
func (p *printer) chain(n sqlparser.SQLNode) string {
	switch e := n.(type) {
	case *sqlparser.AndExpr:
		return p.link(e.Left, " and ", e.Right, func(x sqlparser.Expr) bool { _, ok := x.(*sqlparser.AndExpr); return ok })
	case *sqlparser.OrExpr:
		return p.link(e.Left, " or ", e.Right, func(x sqlparser.Expr) bool { _, ok := x.(*sqlparser.OrExpr); return ok })
	}
	return p.print(n)
}

func (p *printer) link(left sqlparser.Expr, op string, right sqlparser.Expr, same func(sqlparser.Expr) bool) string {
	side := func(x sqlparser.Expr) string {
		if same(x) {
			return p.chain(x)
		}
		return p.condition(x)
	}
	return side(left) + op + side(right)
}

// condition prints an operand of AND, OR, XOR: what is no condition is compared with 0.
func (p *printer) condition(e sqlparser.Expr) string {
	switch e.(type) {
	case *sqlparser.ColName, *sqlparser.BinaryExpr, *sqlparser.SubstrExpr, *sqlparser.CaseExpr:
		return "(0 <> " + p.print(e) + ")"
	}
	return p.print(e)
}

// negation prints NOT e, pushed into comparisons as MySQL does.
func (p *printer) negation(e sqlparser.Expr) string {
	switch x := e.(type) {
	case *sqlparser.ComparisonExpr:
		inverse := map[sqlparser.ComparisonExprOperator]sqlparser.ComparisonExprOperator{
			sqlparser.EqualOp: sqlparser.NotEqualOp, sqlparser.NotEqualOp: sqlparser.EqualOp,
			sqlparser.LessThanOp: sqlparser.GreaterEqualOp, sqlparser.GreaterEqualOp: sqlparser.LessThanOp,
			sqlparser.GreaterThanOp: sqlparser.LessEqualOp, sqlparser.LessEqualOp: sqlparser.GreaterThanOp,
			sqlparser.InOp: sqlparser.NotInOp, sqlparser.NotInOp: sqlparser.InOp,
		}
		if op, ok := inverse[x.Operator]; ok {
			modifier := map[sqlparser.ComparisonModifier]sqlparser.ComparisonModifier{sqlparser.Any: sqlparser.All, sqlparser.All: sqlparser.Any}[x.Modifier]
			return p.print(&sqlparser.ComparisonExpr{Operator: op, Modifier: modifier, Left: x.Left, Right: x.Right, Escape: x.Escape})
		}
		switch x.Operator {
		case sqlparser.NotLikeOp:
			return p.print(&sqlparser.ComparisonExpr{Operator: sqlparser.LikeOp, Left: x.Left, Right: x.Right, Escape: x.Escape})
		case sqlparser.NotRegexpOp:
			return p.print(&sqlparser.ComparisonExpr{Operator: sqlparser.RegexpOp, Left: x.Left, Right: x.Right})
		}
	case *sqlparser.BetweenExpr:
		return p.print(&sqlparser.BetweenExpr{IsBetween: !x.IsBetween, Left: x.Left, From: x.From, To: x.To})
	case *sqlparser.IsExpr:
		switch x.Right {
		case sqlparser.IsNullOp:
			return p.print(&sqlparser.IsExpr{Left: x.Left, Right: sqlparser.IsNotNullOp})
		case sqlparser.IsNotNullOp:
			return p.print(&sqlparser.IsExpr{Left: x.Left, Right: sqlparser.IsNullOp})
		}
	case *sqlparser.AndExpr:
		return "(" + p.negation(x.Left) + " or " + p.negation(x.Right) + ")"
	case *sqlparser.OrExpr:
		return "(" + p.negation(x.Left) + " and " + p.negation(x.Right) + ")"
	case *sqlparser.ExistsExpr:
		return "(not " + p.print(x) + ")"
	case *sqlparser.ColName, *sqlparser.BinaryExpr:
		return "(0 = " + p.print(e) + ")"
	}
	return "(not(" + p.print(e) + "))"
}

func (p *printer) caseOf(b *sqlparser.TrackedBuffer, e *sqlparser.CaseExpr) {
	b.WriteString("(case ")
	if e.Expr != nil {
		b.Myprintf("%v ", e.Expr)
	}
	for _, w := range e.Whens {
		b.Myprintf("when %v then %v ", w.Cond, w.Val)
	}
	if e.Else != nil {
		b.Myprintf("else %v ", e.Else)
	}
	b.WriteString("end)")
}

func (p *printer) cast(b *sqlparser.TrackedBuffer, e sqlparser.Expr, t *sqlparser.ConvertType, array bool) {
	b.Myprintf("cast(%v as ", e)
	if t.Length != nil && *t.Length == precisionOfYear && strings.EqualFold(t.Type, "time") {
		b.WriteString("year)")
		return
	}
	b.WriteString(strings.ToLower(t.Type))
	if t.Length != nil {
		b.Myprintf("(%d", *t.Length)
		if t.Scale != nil {
			b.Myprintf(",%d", *t.Scale)
		}
		b.WriteString(")")
	}
	if strings.EqualFold(t.Type, "char") {
		charset := t.Charset.Name
		if charset == "" {
			charset = "utf8mb4"
		}
		b.WriteString(" charset " + charset)
	}
	if array {
		b.WriteString(" array")
	}
	b.WriteString(")")
}
