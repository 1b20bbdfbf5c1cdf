package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// function compiles what looks like a call. Those that the parser gives nodes of their own
// become calls by MySQL's names.
func (s *scope) function(e sqlparser.Expr) (expression.Operand, error) {
	if a, ok := e.(sqlparser.AggrFunc); ok {
		return s.aggregate(a)
	}
	if w, ok := e.(sqlparser.WindowFunc); ok {
		return s.windowFunction(w)
	}
	switch e := e.(type) {
	case *sqlparser.FuncExpr:
		return s.namedFunction(e)
	case *sqlparser.CurTimeFuncExpr:
		return s.now(e)
	case *sqlparser.CastExpr:
		return s.cast(e.Expr, e.Type)
	case *sqlparser.ConvertExpr:
		return s.cast(e.Expr, e.Type)
	case *sqlparser.ConvertUsingExpr:
		return s.convertUsing(e)
	case *sqlparser.IntervalDateExpr:
		return s.interval(e)
	case *sqlparser.ExtractFuncExpr:
		return s.unary(e.Expr, func(o expression.Operand) (expression.Operand, error) {
			return expression.Extract(strings.ToUpper(e.IntervalType.ToString()), o)
		})
	case *sqlparser.TimestampDiffExpr:
		return s.callUnit("timestampdiff", e.Unit.ToString(), e.Expr1, e.Expr2)
	case *sqlparser.ValuesFuncExpr:
		return s.valuesOf(e)
	case *sqlparser.Default:
		return s.defaultOf(e)
	case *sqlparser.TrimFuncExpr:
		return s.trim(e)
	case *sqlparser.LockingFunc:
		s.k.volatile = true
		return s.callNode(e.Type.ToString(), e.Name, e.Timeout)
	case *sqlparser.MatchExpr:
		return s.match(e)
	}
	return s.functionNode(e)
}

// call compiles arguments and calls a function; nil arguments are left out.
func (s *scope) callNode(name string, args ...sqlparser.Expr) (expression.Operand, error) {
	var list []expression.Operand
	for _, a := range args {
		if a == nil {
			continue
		}
		o, err := s.expr(a)
		if err != nil {
			return o, err
		}
		list = append(list, o)
	}
	return expression.Call(name, list)
}

// callUnit calls a function whose first argument is a unit of time.
func (s *scope) callUnit(name, unit string, args ...sqlparser.Expr) (expression.Operand, error) {
	list, err := s.exprs(args)
	if err != nil {
		return expression.Operand{}, err
	}
	first := textConstant(strings.ToUpper(unit))
	return expression.Call(name, append([]expression.Operand{first}, list...))
}

func textConstant(text string) expression.Operand {
	return expression.Literal("", txn.TextString(text), schemas.Type{Kind: schemas.VarChar, Length: len(text), Charset: "utf8mb4", Collation: expression.DefaultCollation})
}

// functionNode compiles the nodes that are plain calls under their own names.
func (s *scope) functionNode(e sqlparser.Expr) (expression.Operand, error) {
	switch e := e.(type) {
	case *sqlparser.SubstrExpr:
		return s.callNode("substring", e.Name, e.From, e.To)
	case *sqlparser.InsertExpr:
		return s.callNode("insert", e.Str, e.Pos, e.Len, e.NewStr)
	case *sqlparser.LocateExpr:
		return s.callNode("locate", e.SubStr, e.Str, e.Pos)
	case *sqlparser.CharExpr:
		return s.char(e)
	case *sqlparser.IntervalFuncExpr:
		return s.callNode("interval", append([]sqlparser.Expr{e.Expr}, e.Exprs...)...)
	case *sqlparser.WeightStringFuncExpr:
		return s.weightString(e)
	case *sqlparser.RegexpLikeExpr:
		return s.callNode("regexp_like", e.Expr, e.Pattern, e.MatchType)
	case *sqlparser.RegexpInstrExpr:
		return s.callNode("regexp_instr", e.Expr, e.Pattern, e.Position, e.Occurrence, e.ReturnOption, e.MatchType)
	case *sqlparser.RegexpSubstrExpr:
		return s.callNode("regexp_substr", e.Expr, e.Pattern, e.Position, e.Occurrence, e.MatchType)
	case *sqlparser.RegexpReplaceExpr:
		return s.callNode("regexp_replace", e.Expr, e.Pattern, e.Repl, e.Position, e.Occurrence, e.MatchType)
	case *sqlparser.PerformanceSchemaFuncExpr:
		return s.callNode(e.Type.ToString(), e.Argument)
	case *sqlparser.GTIDFuncExpr:
		return s.callNode(e.Type.ToString(), e.Set1, e.Set2, e.Timeout, e.Channel)
	case *sqlparser.ExtractValueExpr:
		return s.callNode("extractvalue", e.Fragment, e.XPathExpr)
	case *sqlparser.UpdateXMLExpr:
		return s.callNode("updatexml", e.Target, e.XPathExpr, e.NewXML)
	}
	return s.jsonNode(e)
}

// jsonNode compiles the JSON functions.
func (s *scope) jsonNode(e sqlparser.Expr) (expression.Operand, error) {
	with := func(first []sqlparser.Expr, rest ...sqlparser.Expr) []sqlparser.Expr { return append(first, rest...) }
	one := func(list ...sqlparser.Expr) []sqlparser.Expr { return list }
	switch e := e.(type) {
	case *sqlparser.JSONExtractExpr:
		return s.callNode("json_extract", with(one(e.JSONDoc), e.PathList...)...)
	case *sqlparser.JSONUnquoteExpr:
		return s.callNode("json_unquote", e.JSONValue)
	case *sqlparser.JSONQuoteExpr:
		return s.callNode("json_quote", e.StringArg)
	case *sqlparser.JSONArrayExpr:
		return s.callNode("json_array", e.Params...)
	case *sqlparser.JSONObjectExpr:
		return s.callNode("json_object", pairs(nil, e.Params)...)
	case *sqlparser.JSONContainsExpr:
		return s.callNode("json_contains", with(one(e.Target, e.Candidate), e.PathList...)...)
	case *sqlparser.JSONContainsPathExpr:
		return s.callNode("json_contains_path", with(one(e.JSONDoc, e.OneOrAll), e.PathList...)...)
	case *sqlparser.JSONKeysExpr:
		return s.callNode("json_keys", e.JSONDoc, e.Path)
	case *sqlparser.JSONOverlapsExpr:
		return s.callNode("json_overlaps", e.JSONDoc1, e.JSONDoc2)
	case *sqlparser.JSONSearchExpr:
		return s.jsonSearch(e)
	case *sqlparser.JSONAttributesExpr:
		return s.callNode(e.Type.ToString(), e.JSONDoc, e.Path)
	case *sqlparser.JSONValueModifierExpr:
		return s.callNode(e.Type.ToString(), pairs(one(e.JSONDoc), e.Params)...)
	case *sqlparser.JSONValueMergeExpr:
		return s.callNode(e.Type.ToString(), with(one(e.JSONDoc), e.JSONDocList...)...)
	case *sqlparser.JSONRemoveExpr:
		return s.callNode("json_remove", with(one(e.JSONDoc), e.PathList...)...)
	case *sqlparser.JSONPrettyExpr:
		return s.callNode("json_pretty", e.JSONVal)
	case *sqlparser.JSONStorageSizeExpr:
		return s.callNode("json_storage_size", e.JSONVal)
	case *sqlparser.JSONStorageFreeExpr:
		return s.callNode("json_storage_free", e.JSONVal)
	case *sqlparser.JSONSchemaValidFuncExpr:
		return s.callNode("json_schema_valid", e.Schema, e.Document)
	case *sqlparser.JSONSchemaValidationReportFuncExpr:
		return s.callNode("json_schema_validation_report", e.Schema, e.Document)
	case *sqlparser.MemberOfExpr:
		return s.callNode("member of", e.Value, e.JSONArr)
	case *sqlparser.JSONValueExpr:
		return s.jsonValue(e)
	}
	if o, ok, err := s.spatialNode(e); ok {
		return o, err
	}
	return expression.Operand{}, unsupported(sqlparser.String(e))
}

func pairs(list []sqlparser.Expr, params []*sqlparser.JSONObjectParam) []sqlparser.Expr {
	for _, p := range params {
		list = append(list, p.Key, p.Value)
	}
	return list
}

func (s *scope) jsonSearch(e *sqlparser.JSONSearchExpr) (expression.Operand, error) {
	escape := e.EscapeChar
	if escape == nil && len(e.PathList) > 0 {
		escape = &sqlparser.NullVal{}
	}
	return s.callNode("json_search", append([]sqlparser.Expr{e.JSONDoc, e.OneOrAll, e.SearchStr, escape}, e.PathList...)...)
}

// jsonValue is JSON_VALUE(doc, path [RETURNING type]).
func (s *scope) jsonValue(e *sqlparser.JSONValueExpr) (expression.Operand, error) {
	if e.EmptyOnResponse != nil || e.ErrorOnResponse != nil {
		return expression.Operand{}, unsupported("JSON_VALUE … ON EMPTY, ON ERROR")
	}
	o, err := s.callNode("json_value", e.JSONDoc, e.Path)
	if err != nil || e.ReturningType == nil {
		return o, err
	}
	t, err := s.k.convertType(e.ReturningType)
	if err != nil {
		return o, err
	}
	return expression.Cast(o, t)
}

// namedFunction compiles a call by name.
func (s *scope) namedFunction(e *sqlparser.FuncExpr) (expression.Operand, error) {
	name := e.Name.Lowered()
	if !e.Qualifier.IsEmpty() || !expression.IsFunction(name) {
		if o, found, err := s.storedFunction(e); found {
			return o, err
		}
	}
	if !e.Qualifier.IsEmpty() {
		return expression.Operand{}, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", e.Qualifier.String()+"."+e.Name.String())
	}
	switch name {
	case "grouping":
		return s.grouping(e)
	case "st_collect":
		return s.collect(e)
	case "get_format":
		if n, ok := e.Exprs[0].(*sqlparser.ColName); ok && len(e.Exprs) == 2 {
			return s.callUnit(name, n.Name.String(), e.Exprs[1])
		}
	case "last_insert_id":
		s.k.setsID = s.k.setsID || len(e.Exprs) > 0
		s.k.volatile = s.k.volatile || len(e.Exprs) > 0
	case "get_lock", "release_lock", "release_all_locks", "sleep":
		s.k.volatile = true
	}
	args, err := s.exprs(e.Exprs)
	if err != nil {
		return expression.Operand{}, err
	}
	call := expression.Call
	if s.k.c.Locale != "" && !s.k.stored && expression.IsLocalized(name) {
		call = func(name string, args []expression.Operand) (expression.Operand, error) {
			return expression.CallLocalized(name, s.k.c.Locale, args)
		}
	}
	if name == "rand" && len(args) == 1 && s.constant(e.Exprs[0]) {
		s.k.randoms++
		call = func(_ string, args []expression.Operand) (expression.Operand, error) {
			return expression.RandomSeries(args, s.k.randoms)
		}
	}
	o, err := call(name, args)
	if mysqlerr.Code(err) == mysql.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT {
		return o, mysqlerr.New(mysql.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, e.Name.String())
	}
	if mysqlerr.Code(err) == mysql.ER_SP_DOES_NOT_EXIST && s.k.c.Database != "" {
		return o, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", s.k.c.Database+"."+e.Name.String())
	}
	if c := schemas.LookupCollation(s.k.c.Collation); !s.k.stored && c != nil && c.Charset == "utf8mb4" && expression.MakesText(name, o) {
		o.Type.Collation = c.Name // what a function makes of no other text is the connection's
	}
	return o, err
}

// constant reports whether an expression has one value in all rows.
func (s *scope) constant(e sqlparser.Expr) bool {
	constant := !s.variesBy(e)
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			constant = false
		case *sqlparser.FuncExpr:
			constant = constant && !n.Name.EqualString("rand") && n.Qualifier.IsEmpty() && expression.IsFunction(n.Name.Lowered())
		}
		return constant, nil
	}, e)
	return constant
}

// now compiles NOW(), CURRENT_TIMESTAMP and their like, with their precision.
func (s *scope) now(e *sqlparser.CurTimeFuncExpr) (expression.Operand, error) {
	var args []expression.Operand
	if e.Fsp > 0 {
		args = append(args, expression.Literal("", txn.Int(int64(e.Fsp)), schemas.Type{Kind: schemas.BigInt, Length: 1}))
	}
	return expression.Call(e.Name.Lowered(), args)
}

func (s *scope) interval(e *sqlparser.IntervalDateExpr) (expression.Operand, error) {
	list, err := s.exprs([]sqlparser.Expr{e.Date, e.Interval})
	if err != nil {
		return expression.Operand{}, err
	}
	add := true
	switch e.Syntax {
	case sqlparser.IntervalDateExprDateSub, sqlparser.IntervalDateExprSubdate, sqlparser.IntervalDateExprBinarySub:
		add = false
	}
	unit := strings.ToUpper(e.Unit.ToString())
	if e.Unit == 0 { // ADDDATE(date, days)
		unit = "DAY"
	}
	return expression.Interval(add, list[0], list[1], unit)
}

func (s *scope) trim(e *sqlparser.TrimFuncExpr) (expression.Operand, error) {
	name := "trim"
	switch e.TrimFuncType {
	case sqlparser.LTrimType:
		name = "ltrim"
	case sqlparser.RTrimType:
		name = "rtrim"
	}
	if name == "trim" {
		switch e.Type {
		case sqlparser.LeadingTrimType:
			name = "trim_leading"
		case sqlparser.TrailingTrimType:
			name = "trim_trailing"
		}
	}
	return s.callNode(name, e.StringArg, e.TrimArg)
}

func (s *scope) char(e *sqlparser.CharExpr) (expression.Operand, error) {
	o, err := s.callNode("char", e.Exprs...)
	if err != nil || e.Charset == "" {
		return o, err
	}
	o, err = s.toCharset(o, e.Charset)
	o.Coercibility = expression.Coercible
	return o, err
}

func (s *scope) convertUsing(e *sqlparser.ConvertUsingExpr) (expression.Operand, error) {
	o, err := s.expr(e.Expr)
	if err != nil {
		return o, err
	}
	return s.toCharset(o, e.Type)
}

// toCharset is CONVERT(… USING charset).
func (s *scope) toCharset(o expression.Operand, name string) (expression.Operand, error) {
	charset, ok := schemas.LookupCharset(name)
	if !ok {
		return o, mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, name)
	}
	if charset.Name == "binary" {
		return expression.ExplicitCast(o, schemas.Type{Kind: schemas.VarBinary, Length: -1})
	}
	if !schemas.LookupCollation(charset.DefaultCollation).Supported() {
		return o, unsupported("character set " + charset.Name)
	}
	return expression.ExplicitCast(o, schemas.Type{Kind: schemas.VarChar, Length: -1, Charset: charset.Name, Collation: charset.DefaultCollation})
}

func (s *scope) weightString(e *sqlparser.WeightStringFuncExpr) (expression.Operand, error) {
	o, err := s.expr(e.Expr)
	if err == nil && e.As != nil {
		var t schemas.Type
		if t, err = s.k.convertType(e.As); err == nil {
			o, err = expression.Cast(o, t)
		}
	}
	if err != nil {
		return o, err
	}
	return expression.Call("weight_string", []expression.Operand{o})
}

func (s *scope) cast(e sqlparser.Expr, to *sqlparser.ConvertType) (expression.Operand, error) {
	o, err := s.expr(e)
	if err != nil {
		return o, err
	}
	t, err := s.k.convertType(to)
	if err != nil {
		return o, err
	}
	return expression.ExplicitCast(o, t)
}

// convertType is the type of CAST and CONVERT. A length of -1 is "as long as the value".
func (k *compiler) convertType(c *sqlparser.ConvertType) (schemas.Type, error) {
	length, scale := -1, 0
	if c.Length != nil {
		length = *c.Length
	}
	if c.Scale != nil {
		scale = *c.Scale
	}
	switch strings.ToLower(c.Type) {
	case "signed", "signed integer":
		return schemas.Type{Kind: schemas.BigInt, Length: 21}, nil
	case "unsigned", "unsigned integer":
		return schemas.Type{Kind: schemas.BigInt, Unsigned: true, Length: 21}, nil
	case "decimal":
		if length < 0 {
			length = 10
		}
		if scale > length {
			return schemas.Type{}, mysqlerr.New(mysql.ER_M_BIGGER_THAN_D, "")
		}
		if length > 65 {
			return schemas.Type{}, mysqlerr.New(mysql.ER_TOO_BIG_PRECISION, length, "CAST", 65)
		}
		if length == 0 {
			length = 10
		}
		return schemas.Type{Kind: schemas.Decimal, Length: length, Decimals: scale}, nil
	case "float":
		if length > 24 {
			return schemas.Type{Kind: schemas.Double, Decimals: -1}, nil
		}
		return schemas.Type{Kind: schemas.Float, Decimals: -1}, nil
	case "real":
		if k.c.Mode&RealAsFloat != 0 {
			return schemas.Type{Kind: schemas.Float, Decimals: -1}, nil
		}
		return schemas.Type{Kind: schemas.Double, Decimals: -1}, nil
	case "double":
		return schemas.Type{Kind: schemas.Double, Decimals: -1}, nil
	case "date":
		return schemas.Type{Kind: schemas.Date}, nil
	case "datetime":
		if length > 6 {
			return schemas.Type{}, tooPrecise(length, "CAST", 6)
		}
		return schemas.Type{Kind: schemas.DateTime, Decimals: max(length, 0)}, nil
	case "time":
		if length == precisionOfYear {
			return schemas.Type{Kind: schemas.Year}, nil
		}
		if length > 6 {
			return schemas.Type{}, tooPrecise(length, "CAST", 6)
		}
		return schemas.Type{Kind: schemas.Time, Decimals: max(length, 0)}, nil
	case "year":
		return schemas.Type{Kind: schemas.Year}, nil
	case "json":
		return schemas.Type{Kind: schemas.JSON}, nil
	case "binary":
		return schemas.Type{Kind: schemas.VarBinary, Length: length}, nil
	case "char", "nchar":
		return k.charType(c, length)
	}
	return schemas.Type{}, unsupported("CAST … AS " + c.Type)
}

func (k *compiler) charType(c *sqlparser.ConvertType, length int) (schemas.Type, error) {
	t := k.textType(length)
	if c.Charset.Name != "" {
		charset, ok := schemas.LookupCharset(c.Charset.Name)
		if !ok {
			return t, mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, c.Charset.Name)
		}
		if charset.Name == "binary" {
			return schemas.Type{Kind: schemas.VarBinary, Length: length}, nil
		}
		if !schemas.LookupCollation(charset.DefaultCollation).Supported() {
			return t, unsupported("character set " + charset.Name)
		}
		t.Charset, t.Collation = charset.Name, charset.DefaultCollation
	}
	if c.Charset.Binary {
		t.Collation = t.Charset + "_bin"
	}
	return t, nil
}

// valuesOf is VALUES(column) in ON DUPLICATE KEY UPDATE; elsewhere it is NULL.
func (s *scope) valuesOf(e *sqlparser.ValuesFuncExpr) (expression.Operand, error) {
	for at := s; at != nil; at = at.parent {
		if at.values != nil {
			return at.values(e.Name.Name.String())
		}
	}
	return expression.Null(), nil
}

func (s *scope) defaultOf(e *sqlparser.Default) (expression.Operand, error) {
	for at := s; at != nil; at = at.parent {
		if at.defaults != nil {
			return at.defaults(e.ColName)
		}
	}
	for _, src := range s.sources {
		if i := src.find(e.ColName); i >= 0 && src.table != nil && e.ColName != "" {
			return s.k.defaultOperand(src.table, i)
		}
	}
	return expression.Operand{}, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, e.ColName, s.clause)
}

// defaultOperand is a column's default as an expression.
func (k *compiler) defaultOperand(t *schemas.Table, i int) (expression.Operand, error) {
	c := &t.Columns[i]
	switch {
	case c.Default == nil && (!c.Nullable || c.NoDefault):
		return expression.Operand{}, mysqlerr.New(mysql.ER_NO_DEFAULT_FOR_FIELD, c.Name)
	case c.Default == nil:
		return expression.Null(), nil
	case c.Default.Now:
		return expression.Call("now", []expression.Operand{expression.Literal("", txn.Int(int64(c.Type.Decimals)), schemas.Type{Kind: schemas.BigInt, Length: 1})})
	case c.Default.Expression != "":
		return k.rowExpression(t, c.Default.Expression, func(i int) string { return schemas.QuoteSQLite(t.Columns[i].Name) })
	}
	return expression.Literal("", c.Default.Literal, c.Type), nil
}

// variableCall begins the SQL of a user variable.
const variableCall = "marmot_variable('"

// variable compiles @x and @@x.
func (s *scope) variable(v *sqlparser.Variable) (expression.Operand, error) {
	name := v.Name.Lowered()
	if v.Scope == sqlparser.VariableScope {
		return s.k.userVariable(userVariableName(v.Name.String())), nil
	}
	known := LookupVariable(name)
	if known == nil {
		return expression.Operand{}, mysqlerr.New(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, v.Name.String())
	}
	scope := "session"
	if v.Scope == sqlparser.GlobalScope || known.Scope == ScopeGlobal {
		scope = "global"
	}
	o := expression.Operand{SQL: "marmot_setting('" + scope + "', '" + known.Name + "', " + strconv.Itoa(int(known.Kind)) + ")", Nullable: true, Coercibility: expression.System}
	switch known.Kind {
	case VariableBool, VariableInteger:
		o.Type, o.Coercibility = schemas.Type{Kind: schemas.BigInt, Length: 21}, expression.Numeric
	case VariableCount:
		o.Type, o.Coercibility = schemas.Type{Kind: schemas.BigInt, Unsigned: true, Length: 21}, expression.Numeric
	case VariableReal:
		o.Type, o.Coercibility = schemas.Type{Kind: schemas.Double, Length: 23, Decimals: 6}, expression.Numeric
	default:
		o.Type = s.k.textType(1024)
	}
	return o, nil
}

// assignment compiles @x := expression.
func (s *scope) assignment(e *sqlparser.AssignmentExpr) (expression.Operand, error) {
	v, ok := e.Left.(*sqlparser.Variable)
	if !ok || v.Scope != sqlparser.VariableScope {
		return expression.Operand{}, syntaxError([]byte(sqlparser.String(e)), 0)
	}
	o, err := s.expr(e.Right)
	if err != nil {
		return o, err
	}
	s.k.volatile = true
	o = expression.Local(o)
	sort := strconv.Itoa(int(expression.SortOfVariable(o.Type)))
	o.SQL, o.Constant = "marmot_assign_variable("+schemas.QuoteMySQL(userVariableName(v.Name.String()))+", "+o.SQL+", "+sort+")", nil
	return o, nil
}
