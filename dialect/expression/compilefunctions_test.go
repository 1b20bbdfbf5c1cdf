package expression

import (
	"fmt"
	"strings"

	"marmot/schemas"
	"marmot/txn"

	"vitess.io/vitess/go/vt/sqlparser"
)

// function compiles the nodes of vitess's parser that are functions.
func (k *testCompiler) function(e sqlparser.Expr) (Operand, error) {
	switch e := e.(type) {
	case *sqlparser.FuncExpr:
		if e.Name.EqualString("get_format") {
			return k.one(e.Exprs[1], func(a Operand) (Operand, error) {
				return Call("get_format", []Operand{textOperand(e.Exprs[0].(*sqlparser.ColName).Name.String()), a})
			})
		}
		return k.call(e.Name.Lowered(), e.Exprs...)
	case *sqlparser.CurTimeFuncExpr:
		if e.Fsp == 0 {
			return Call(e.Name.Lowered(), nil)
		}
		return Call(e.Name.Lowered(), []Operand{Literal("", txn.Int(int64(e.Fsp)), bigint())})
	case *sqlparser.SubstrExpr:
		return k.call("substring", e.Name, e.From, e.To)
	case *sqlparser.InsertExpr:
		return k.call("insert", e.Str, e.Pos, e.Len, e.NewStr)
	case *sqlparser.LocateExpr:
		return k.call("locate", e.SubStr, e.Str, e.Pos)
	case *sqlparser.CharExpr:
		return k.call("char", e.Exprs...)
	case *sqlparser.IntervalFuncExpr:
		return k.call("interval", append([]sqlparser.Expr{e.Expr}, e.Exprs...)...)
	case *sqlparser.WeightStringFuncExpr:
		return k.call("weight_string", e.Expr)
	case *sqlparser.TrimFuncExpr:
		name := map[sqlparser.TrimType]string{sqlparser.LeadingTrimType: "trim_leading", sqlparser.TrailingTrimType: "trim_trailing"}[e.Type]
		switch {
		case e.TrimFuncType == sqlparser.LTrimType:
			name = "ltrim"
		case e.TrimFuncType == sqlparser.RTrimType:
			name = "rtrim"
		case name == "":
			name = "trim"
		}
		return k.call(name, e.StringArg, e.TrimArg)
	case *sqlparser.CastExpr:
		return k.cast(e.Expr, e.Type)
	case *sqlparser.ConvertExpr:
		return k.cast(e.Expr, e.Type)
	case *sqlparser.ConvertUsingExpr:
		a, err := k.expr(e.Expr)
		if err != nil {
			return a, err
		}
		cs, _ := schemas.LookupCharset(e.Type)
		return Cast(a, schemas.Type{Kind: schemas.VarChar, Charset: cs.Name, Collation: cs.DefaultCollation})
	case *sqlparser.TimestampDiffExpr:
		list, err := k.list(e.Expr1, e.Expr2)
		if err != nil {
			return Operand{}, err
		}
		return Call("timestampdiff", append([]Operand{textOperand(e.Unit.ToString())}, list...))
	case *sqlparser.ExtractFuncExpr:
		return k.one(e.Expr, func(a Operand) (Operand, error) { return Extract(e.IntervalType.ToString(), a) })
	case *sqlparser.IntervalDateExpr:
		return k.interval(e)
	}
	return k.otherFunction(e)
}

func textOperand(s string) Operand { return Literal("", txn.TextString(s), text(len(s), "")) }

func (k *testCompiler) interval(e *sqlparser.IntervalDateExpr) (Operand, error) {
	unit := e.Unit.ToString()
	if e.Unit == sqlparser.IntervalNone {
		unit = "day"
	}
	add := true
	switch e.Syntax {
	case sqlparser.IntervalDateExprDateSub, sqlparser.IntervalDateExprSubdate, sqlparser.IntervalDateExprBinarySub:
		add = false
	}
	return k.two(e.Date, e.Interval, func(a, b Operand) (Operand, error) { return Interval(add, a, b, unit) })
}

func (k *testCompiler) cast(e sqlparser.Expr, to *sqlparser.ConvertType) (Operand, error) {
	t := schemas.Type{}
	if to.Length != nil {
		t.Length = *to.Length
	}
	switch strings.ToLower(to.Type) {
	case "signed":
		t = bigint()
	case "unsigned":
		t = unsignedBigint()
	case "char":
		t.Kind = schemas.VarChar
	case "binary":
		t.Kind = schemas.Binary
		if t.Length == 0 {
			t.Kind = schemas.LongBlob
		}
	case "date":
		t.Kind = schemas.Date
	case "time":
		t = schemas.Type{Kind: schemas.Time, Decimals: t.Length}
	case "datetime":
		t = schemas.Type{Kind: schemas.DateTime, Decimals: t.Length}
	case "year":
		t.Kind = schemas.Year
	case "json":
		t.Kind = schemas.JSON
	case "double", "real":
		t = double()
	case "float":
		t = schemas.Type{Kind: schemas.Float, Decimals: -1}
	case "decimal":
		t.Kind = schemas.Decimal
		if t.Length == 0 {
			t.Length = 10
		}
		if to.Scale != nil {
			t.Decimals = *to.Scale
		}
	default:
		return Operand{}, fmt.Errorf("cast to %s", to.Type)
	}
	return k.one(e, func(a Operand) (Operand, error) { return Cast(a, t) })
}

func (k *testCompiler) otherFunction(e sqlparser.Expr) (Operand, error) {
	params := func(doc sqlparser.Expr, list []*sqlparser.JSONObjectParam) []sqlparser.Expr {
		var out []sqlparser.Expr
		if doc != nil {
			out = append(out, doc)
		}
		for _, p := range list {
			out = append(out, p.Key, p.Value)
		}
		return out
	}
	join := func(list []sqlparser.Expr, first ...sqlparser.Expr) []sqlparser.Expr { return append(first, list...) }
	switch e := e.(type) {
	case *sqlparser.RegexpLikeExpr:
		return k.call("regexp_like", e.Expr, e.Pattern, e.MatchType)
	case *sqlparser.RegexpInstrExpr:
		return k.call("regexp_instr", e.Expr, e.Pattern, e.Position, e.Occurrence, e.ReturnOption, e.MatchType)
	case *sqlparser.RegexpSubstrExpr:
		return k.call("regexp_substr", e.Expr, e.Pattern, e.Position, e.Occurrence, e.MatchType)
	case *sqlparser.RegexpReplaceExpr:
		return k.call("regexp_replace", e.Expr, e.Pattern, e.Repl, e.Position, e.Occurrence, e.MatchType)
	case *sqlparser.JSONExtractExpr:
		return k.call("json_extract", join(e.PathList, e.JSONDoc)...)
	case *sqlparser.JSONUnquoteExpr:
		return k.call("json_unquote", e.JSONValue)
	case *sqlparser.JSONQuoteExpr:
		return k.call("json_quote", e.StringArg)
	case *sqlparser.JSONArrayExpr:
		return k.call("json_array", e.Params...)
	case *sqlparser.JSONObjectExpr:
		return k.call("json_object", params(nil, e.Params)...)
	case *sqlparser.JSONContainsExpr:
		return k.call("json_contains", join(e.PathList, e.Target, e.Candidate)...)
	case *sqlparser.JSONContainsPathExpr:
		return k.call("json_contains_path", join(e.PathList, e.JSONDoc, e.OneOrAll)...)
	case *sqlparser.JSONKeysExpr:
		return k.call("json_keys", e.JSONDoc, e.Path)
	case *sqlparser.JSONOverlapsExpr:
		return k.call("json_overlaps", e.JSONDoc1, e.JSONDoc2)
	case *sqlparser.JSONSearchExpr:
		return k.call("json_search", join(e.PathList, e.JSONDoc, e.OneOrAll, e.SearchStr, e.EscapeChar)...)
	case *sqlparser.JSONAttributesExpr:
		return k.call(e.Type.ToString(), e.JSONDoc, e.Path)
	case *sqlparser.JSONValueModifierExpr:
		return k.call(e.Type.ToString(), params(e.JSONDoc, e.Params)...)
	case *sqlparser.JSONValueMergeExpr:
		return k.call(e.Type.ToString(), join(e.JSONDocList, e.JSONDoc)...)
	case *sqlparser.JSONRemoveExpr:
		return k.call("json_remove", join(e.PathList, e.JSONDoc)...)
	case *sqlparser.JSONPrettyExpr:
		return k.call("json_pretty", e.JSONVal)
	case *sqlparser.JSONValueExpr:
		return k.call("json_value", e.JSONDoc, e.Path)
	case *sqlparser.JSONSchemaValidFuncExpr:
		return k.call("json_schema_valid", e.Schema, e.Document)
	case *sqlparser.MemberOfExpr:
		return k.call("member of", e.Value, e.JSONArr)
	}
	return k.aggregate(e)
}

// aggregate compiles aggregates and what is left.
func (k *testCompiler) aggregate(e sqlparser.Expr) (Operand, error) {
	switch e := e.(type) {
	case *sqlparser.GTIDFuncExpr:
		return k.call(e.Type.ToString(), e.Set1, e.Set2)
	case *sqlparser.ExtractValueExpr:
		return k.call("extractvalue", e.Fragment, e.XPathExpr)
	case *sqlparser.UpdateXMLExpr:
		return k.call("updatexml", e.Target, e.XPathExpr, e.NewXML)
	case *sqlparser.AnyValue:
		return k.one(e.Arg, func(a Operand) (Operand, error) { return Aggregate("any_value", []Operand{a}, AggregateOptions{}) })
	case *sqlparser.CountStar:
		return Aggregate("count", nil, AggregateOptions{})
	case *sqlparser.GroupConcatExpr:
		return k.groupConcat(e)
	}
	if a, ok := e.(sqlparser.AggrFunc); ok {
		args, err := k.list(a.GetArgs()...)
		if err != nil {
			return Operand{}, err
		}
		distinct := false
		if d, ok := e.(sqlparser.DistinctableAggr); ok {
			distinct = d.IsDistinct()
		}
		return Aggregate(a.AggrName(), args, AggregateOptions{Distinct: distinct})
	}
	return Operand{}, fmt.Errorf("test compiler: %T", e)
}

func (k *testCompiler) groupConcat(e *sqlparser.GroupConcatExpr) (Operand, error) {
	args, err := k.list(e.Exprs...)
	if err != nil {
		return Operand{}, err
	}
	o := AggregateOptions{Distinct: e.Distinct}
	for _, order := range e.OrderBy {
		by, err := k.expr(order.Expr)
		if err != nil {
			return by, err
		}
		sql := SortSQL(by)
		if order.Direction == sqlparser.DescOrder {
			sql += " DESC"
		}
		o.OrderBy = append(o.OrderBy, sql)
	}
	if s := strings.TrimSpace(e.Separator); s != "" {
		o.Separator = strings.Trim(strings.TrimPrefix(s, "separator "), "'")
	}
	return Aggregate("group_concat", args, o)
}
