package dialect

import (
	"slices"
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// jsonTable compiles JSON_TABLE(document, path COLUMNS (…)): a function makes a JSON array of the rows, each a text that json_each
// gives, and from which the columns are read.
func (s *scope) jsonTable(e *sqlparser.JSONTableExpr, before []*source) (relation, error) {
	sight := &scope{k: s.k, parent: s.parent, ctes: s.ctes, clause: "a table function argument", sources: before}
	document, err := sight.expr(e.Expr)
	if err != nil {
		return relation{}, err
	}
	s.correlated = s.correlated || sight.correlated
	if e.Alias.IsEmpty() {
		return relation{}, mysqlerr.New(errTableFunctionAlias)
	}
	src := &source{name: e.Alias.String(), alias: s.k.alias(), scan: -1, written: true}
	table, err := s.jsonTableOf(src, e.Filter, e.Columns)
	if err == nil {
		err = table.Check()
	}
	if err != nil {
		return relation{}, err
	}
	rows, err := table.Rows(document)
	if err != nil {
		return relation{}, err
	}
	return single("json_each("+rows+")", src), nil
}

// jsonTableOf reads the columns under a path, and adds them to the source.
func (s *scope) jsonTableOf(src *source, filter sqlparser.Expr, columns []*sqlparser.JtColumnDefinition) (*expression.JSONTable, error) {
	path, err := s.constantText(filter)
	if err != nil {
		return nil, err
	}
	table := &expression.JSONTable{Path: path}
	add := func(c expression.JSONTableColumn, o expression.Operand) error {
		if slices.ContainsFunc(src.columns, func(x sourceColumn) bool { return strings.EqualFold(x.name, c.Name) }) {
			return mysqlerr.New(mysql.ER_DUP_FIELDNAME, c.Name)
		}
		o.Nullable = true
		o.SQL = "marmot_row_cell(" + src.alias + ".value, " + strconv.Itoa(len(src.columns)) + ")"
		column := namedColumn(c.Name, o)
		column.meta.Table = src.name
		src.columns = append(src.columns, column)
		table.Columns = append(table.Columns, c)
		return nil
	}
	for _, c := range columns {
		switch {
		case c.JtOrdinal != nil:
			o := expression.Operand{Type: schemas.Type{Kind: schemas.BigInt}, Coercibility: expression.Numeric}
			err = add(expression.JSONTableColumn{Name: c.JtOrdinal.Name.String(), Ordinality: true}, o)
		case c.JtPath != nil:
			var column expression.JSONTableColumn
			if column, err = s.jsonPathColumn(c.JtPath); err == nil {
				o := expression.Operand{Type: column.Type, Coercibility: expression.Numeric}
				if column.Type.IsText() || column.Type.IsBlob() {
					o.Coercibility = expression.Implicit
				}
				err = add(column, o)
			}
		default:
			var nested *expression.JSONTable
			if nested, err = s.jsonTableOf(src, c.JtNestedPath.Path, c.JtNestedPath.Columns); err == nil {
				table.Columns = append(table.Columns, expression.JSONTableColumn{Nested: nested})
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return table, nil
}

func namedColumn(name string, o expression.Operand) sourceColumn {
	return sourceColumn{name: name, operand: o, meta: ResultColumn{Name: name, Flags: notNull(o.Nullable)}}
}

// jsonPathColumn reads a column with a path.
func (s *scope) jsonPathColumn(c *sqlparser.JtPathColDef) (expression.JSONTableColumn, error) {
	column := expression.JSONTableColumn{Name: c.Name.String(), Exists: c.JtColExists}
	var err error
	if column.Type, err = s.k.jsonColumnType(c.Type); err != nil {
		return column, err
	}
	if column.Path, err = s.constantText(c.Path); err != nil {
		return column, err
	}
	if column.OnEmpty, err = s.jsonResponse(c.EmptyOnResponse); err != nil {
		return column, err
	}
	column.OnError, err = s.jsonResponse(c.ErrorOnResponse)
	return column, err
}

// jsonResponse reads ON EMPTY and ON ERROR.
func (s *scope) jsonResponse(r *sqlparser.JtOnResponse) (expression.JSONTableDefault, error) {
	var d expression.JSONTableDefault
	var err error
	switch {
	case r == nil:
	case r.ResponseType == sqlparser.ErrorJSONType:
		d.Error = true
	case r.ResponseType == sqlparser.DefaultJSONType:
		d.JSON, err = s.constantText(r.Expr)
	}
	return d, err
}

// constantText is the text of a literal.
func (s *scope) constantText(e sqlparser.Expr) (string, error) {
	if l, ok := e.(*sqlparser.Literal); ok && l.Type == sqlparser.StrVal {
		return l.Val, nil
	}
	return "", unsupported("JSON_TABLE with a computed path")
}

// jsonColumnCollation takes over the character set and collation that a column of JSON_TABLE is given.
func jsonColumnCollation(t *schemas.Type, c *sqlparser.ColumnType) error {
	collation := ""
	if c.Options != nil {
		collation = c.Options.Collate
	}
	charset := c.Charset.Name
	if charset == "" && collation == "" {
		return nil
	}
	if charset == "" {
		co := schemas.LookupCollation(collation)
		if co == nil {
			return mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, collation)
		}
		charset = co.Charset
	}
	var err error
	t.Charset, t.Collation, err = charsetNames(charset, collation)
	return err
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
		for _, m := range c.EnumValues {
			t.Members = append(t.Members, string(unquote([]byte(m), 0)))
		}
		return t, jsonColumnCollation(&t, c)
	case t.Kind == schemas.Decimal && t.Length == 0:
		t.Length = 10
	case t.Kind == schemas.Float || t.Kind == schemas.Double:
		t.Decimals = -1
	case t.Kind == schemas.Time || t.Kind == schemas.DateTime || t.Kind == schemas.Timestamp:
		t.Length, t.Decimals = 0, t.Length
	}
	return t, nil
}
