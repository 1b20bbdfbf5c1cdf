package dialect

import (
	"strconv"
	"strings"

	"marmot/schemas"

	"vitess.io/vitess/go/vt/sqlparser"
)

// jsonTableSource is a JSON_TABLE of a view's FROM.
func (v *viewPrinter) jsonTableSource(t *sqlparser.JSONTableExpr) viewSource {
	return viewSource{alias: t.Alias.String(), qualified: schemas.QuoteName(t.Alias.String()), columns: jsonTableColumns(nil, t.Columns)}
}

// jsonTableColumns appends the names of the columns.
func jsonTableColumns(list []string, columns []*sqlparser.JtColumnDefinition) []string {
	for _, c := range columns {
		switch {
		case c.JtOrdinal != nil:
			list = append(list, c.JtOrdinal.Name.String())
		case c.JtPath != nil:
			list = append(list, c.JtPath.Name.String())
		default:
			list = jsonTableColumns(list, c.JtNestedPath.Columns)
		}
	}
	return list
}

// jsonTableText prints a JSON_TABLE as MySQL does.
func (v *viewPrinter) jsonTableText(t *sqlparser.JSONTableExpr) string {
	return "json_table(" + v.printer().print(t.Expr) + ", " + literalText(t.Filter) + " " + jsonColumnsText(t.Columns) + ") " + schemas.QuoteName(t.Alias.String())
}

func literalText(e sqlparser.Expr) string {
	if l, ok := e.(*sqlparser.Literal); ok {
		return schemas.QuoteMySQL(l.Val)
	}
	return sqlparser.String(e)
}

func jsonColumnsText(columns []*sqlparser.JtColumnDefinition) string {
	var list []string
	for _, c := range columns {
		switch {
		case c.JtOrdinal != nil:
			list = append(list, schemas.QuoteName(c.JtOrdinal.Name.String())+" for ordinality")
		case c.JtPath != nil:
			list = append(list, jsonPathText(c.JtPath))
		default:
			list = append(list, "nested path "+literalText(c.JtNestedPath.Path)+" "+jsonColumnsText(c.JtNestedPath.Columns))
		}
	}
	return "columns (" + strings.Join(list, ", ") + ")"
}

func jsonPathText(c *sqlparser.JtPathColDef) string {
	var b strings.Builder
	b.WriteString(schemas.QuoteName(c.Name.String()) + " " + strings.ToLower(c.Type.Type))
	switch {
	case c.Type.Length != nil && c.Type.Scale != nil:
		b.WriteString("(" + strconv.Itoa(*c.Type.Length) + "," + strconv.Itoa(*c.Type.Scale) + ")")
	case c.Type.Length != nil:
		b.WriteString("(" + strconv.Itoa(*c.Type.Length) + ")")
	case len(c.Type.EnumValues) > 0:
		b.WriteString("(" + strings.Join(c.Type.EnumValues, ",") + ")")
	}
	if c.Type.Unsigned {
		b.WriteString(" unsigned")
	}
	if c.Type.Charset.Name != "" {
		b.WriteString(" character set " + c.Type.Charset.Name)
	}
	if c.Type.Options != nil && c.Type.Options.Collate != "" {
		b.WriteString(" collate " + c.Type.Options.Collate)
	}
	if c.JtColExists {
		b.WriteString(" exists")
	}
	b.WriteString(" path " + literalText(c.Path))
	response := func(r *sqlparser.JtOnResponse, when string) {
		switch {
		case r == nil:
			return
		case r.ResponseType == sqlparser.ErrorJSONType:
			b.WriteString(" error")
		case r.ResponseType == sqlparser.DefaultJSONType:
			b.WriteString(" default " + literalText(r.Expr))
		default:
			b.WriteString(" null")
		}
		b.WriteString(" on " + when)
	}
	response(c.EmptyOnResponse, "empty")
	response(c.ErrorOnResponse, "error")
	return b.String()
}
