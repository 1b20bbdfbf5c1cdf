package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// jsonTable compiles JSON_TABLE(document, path COLUMNS (…)): SQLite's json_each gives a row for each
// element, and each column is computed from the element.
func (s *scope) jsonTable(e *sqlparser.JSONTableExpr, before []*source) (relation, error) {
	sight := &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "a table function argument", sources: before}
	document, err := sight.expr(e.Expr)
	if err != nil {
		return relation{}, err
	}
	if document, err = expression.Cast(document, schemas.Type{Kind: schemas.JSON}); err != nil {
		return relation{}, err
	}
	filter, ok := e.Filter.(*sqlparser.Literal)
	if !ok {
		return relation{}, unsupported("JSON_TABLE with a computed path")
	}
	src := &source{name: e.Alias.String(), alias: s.k.alias(), scan: -1}
	sql, element, err := eachSQL(document.SQL, filter.Val, src.alias)
	if err != nil {
		return relation{}, err
	}
	for _, c := range e.Columns {
		column, err := s.jsonColumn(c, element, src.alias)
		if err != nil {
			return relation{}, err
		}
		column.meta.Table = src.name
		src.columns = append(src.columns, column)
	}
	return single(sql, src), nil
}

// eachSQL is the SQL of a table with a row for each element at the path, and of an element as JSON.
func eachSQL(document, path, alias string) (sql, element string, err error) {
	if list, ok := strings.CutSuffix(path, "[*]"); ok {
		path = list
	} else {
		document = "('[' || (" + document + " -> " + schemas.QuoteMySQL(path) + ") || ']')"
		path = "$"
	}
	if strings.Contains(path, "*") {
		return "", "", unsupported("JSON_TABLE with a path of several wildcards")
	}
	return "json_each(" + document + ", " + schemas.QuoteMySQL(path) + ")", "(" + document + " -> " + alias + ".fullkey)", nil
}

// jsonColumn compiles one column of JSON_TABLE.
func (s *scope) jsonColumn(c *sqlparser.JtColumnDefinition, element, alias string) (sourceColumn, error) {
	switch {
	case c.JtOrdinal != nil:
		o := expression.Operand{SQL: "(" + alias + ".key + 1)", Type: schemas.Type{Kind: schemas.Int, Unsigned: true}, Coercibility: expression.Numeric}
		return namedColumn(c.JtOrdinal.Name.String(), o), nil
	case c.JtPath != nil:
		o, err := s.jsonPath(c.JtPath, expression.Operand{SQL: element, Type: schemas.Type{Kind: schemas.JSON}, Nullable: true, Coercibility: expression.Implicit})
		return namedColumn(c.JtPath.Name.String(), o), err
	}
	return sourceColumn{}, unsupported("JSON_TABLE with NESTED PATH")
}

func namedColumn(name string, o expression.Operand) sourceColumn {
	return sourceColumn{name: name, operand: o, meta: ResultColumn{Name: name, Flags: notNull(o.Nullable)}}
}

func (s *scope) jsonPath(c *sqlparser.JtPathColDef, element expression.Operand) (expression.Operand, error) {
	t, err := s.k.jsonColumnType(c.Type)
	if err != nil {
		return element, err
	}
	path, err := s.expr(c.Path)
	if err != nil {
		return element, err
	}
	if c.JtColExists {
		o, err := expression.Call("json_contains_path", []expression.Operand{element, textConstant("one"), path})
		if err != nil {
			return o, err
		}
		return expression.Cast(o, t)
	}
	name := "json_value"
	if t.Kind == schemas.JSON {
		name = "json_extract"
	}
	o, err := expression.Call(name, []expression.Operand{element, path})
	if err == nil {
		o, err = expression.Cast(o, t)
	}
	if err != nil || c.EmptyOnResponse == nil || c.EmptyOnResponse.ResponseType != sqlparser.DefaultJSONType {
		return o, err
	}
	otherwise, err := s.expr(c.EmptyOnResponse.Expr)
	if err != nil {
		return o, err
	}
	// The default is JSON text.
	if otherwise, err = expression.Cast(otherwise, schemas.Type{Kind: schemas.JSON}); err == nil {
		otherwise, err = expression.Call(name, []expression.Operand{otherwise, textConstant("$")})
	}
	if err == nil {
		otherwise, err = expression.Cast(otherwise, t)
	}
	if err != nil {
		return o, err
	}
	return expression.Call("ifnull", []expression.Operand{o, otherwise})
}

// jsonColumnType is the declared type of a column of JSON_TABLE.
func (k *compiler) jsonColumnType(c *sqlparser.ColumnType) (schemas.Type, error) {
	kind, ok := typeKind(strings.ToUpper(c.Type))
	if !ok {
		return schemas.Type{}, unsupported("JSON_TABLE with " + c.Type)
	}
	t := schemas.Type{Kind: kind, Unsigned: c.Unsigned}
	if c.Length != nil {
		t.Length = *c.Length
	}
	if c.Scale != nil {
		t.Decimals = *c.Scale
	}
	switch {
	case t.IsText():
		text := k.textType(t.Length)
		t.Charset, t.Collation = text.Charset, text.Collation
	case t.Kind == schemas.Decimal && t.Length == 0:
		t.Length = 10
	case t.Kind == schemas.Float || t.Kind == schemas.Double:
		t.Decimals = -1
	case t.Kind == schemas.Time || t.Kind == schemas.DateTime || t.Kind == schemas.Timestamp:
		t.Length, t.Decimals = 0, t.Length
	}
	return t, nil
}
