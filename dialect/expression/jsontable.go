package expression

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Errors of JSON_TABLE.
const (
	errJSONTableMissing = 3665
	errJSONTableScalar  = 3666
	errJSONTableRange   = 3669
	errJSONTableCast    = 3156
)

// JSONTable is what JSON_TABLE makes of a document: a row for each value at the path.
type JSONTable struct {
	Path    string
	Columns []JSONTableColumn
}

// JSONTableColumn is one column of JSON_TABLE, or with Nested the columns of a NESTED PATH.
type JSONTableColumn struct {
	Name       string           `json:",omitempty"`
	Type       schemas.Type     `json:",omitzero"`
	Ordinality bool             `json:",omitempty"`
	Exists     bool             `json:",omitempty"`
	Path       string           `json:",omitempty"`
	OnEmpty    JSONTableDefault `json:",omitzero"`
	OnError    JSONTableDefault `json:",omitzero"`
	Nested     *JSONTable       `json:",omitempty"`
}

// JSONTableDefault says what a column has where there is no value for it: NULL unless told otherwise.
type JSONTableDefault struct {
	Error bool   `json:",omitempty"`
	JSON  string `json:",omitempty"` // JSON text of DEFAULT
}

// Check finds what is wrong with the paths and defaults before any document is read.
func (t *JSONTable) Check() error {
	_, err := newTabler(&runtime{}, t)
	return err
}

// Rows is the SQL of a JSON array with the rows of the document, each a text of marmot_row_text.
func (t *JSONTable) Rows(document Operand) (string, error) {
	spec, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sql := document.SQL
	if document.Type.Kind != schemas.JSON && !document.Type.IsText() && document.Type.Kind != 0 && !document.Param {
		sql = "marmot_not_json(" + sql + ")"
	}
	return "marmot_json_table(" + sql + ", " + QuoteValue(txn.Text(spec)) + ")", nil
}

// tabler makes rows of one JSON_TABLE, or of one NESTED PATH in it.
type tabler struct {
	r       *runtime
	path    path
	columns []tableColumn
	width   int
}

type tableColumn struct {
	*JSONTableColumn
	at               int // cell of the row
	path             path
	onEmpty, onError *txn.Value // values of DEFAULT
	nested           *tabler
}

// newTabler compiles t for documents of r's statement.
func newTabler(r *runtime, t *JSONTable) (*tabler, error) {
	root := &tabler{r: r}
	err := root.compile(t, 0)
	return root, err
}

// compile lets the cells of t's columns begin at the given one.
func (b *tabler) compile(t *JSONTable, first int) (err error) {
	if b.path, err = parsePath(txn.TextString(t.Path)); err != nil {
		return err
	}
	b.width = first
	for i := range t.Columns {
		c := tableColumn{JSONTableColumn: &t.Columns[i], at: b.width}
		switch {
		case c.Nested != nil:
			c.nested = &tabler{r: b.r}
			if err := c.nested.compile(c.Nested, b.width); err != nil {
				return err
			}
			b.width = c.nested.width
		case c.Ordinality:
			b.width++
		default:
			b.width++
			if c.path, err = parsePath(txn.TextString(c.Path)); err != nil {
				return err
			}
			if c.onEmpty, err = b.preset(&c, c.OnEmpty.JSON); err != nil {
				return err
			}
			if c.onError, err = b.preset(&c, c.OnError.JSON); err != nil {
				return err
			}
		}
		b.columns = append(b.columns, c)
	}
	return nil
}

// preset is the value of a DEFAULT.
func (b *tabler) preset(c *tableColumn, text string) (*txn.Value, error) {
	if text == "" {
		return nil, nil
	}
	d, err := document(txn.TextString(text), 1, "JSON_TABLE")
	if err != nil {
		return nil, err
	}
	v, err := b.converted(c, d)
	return &v, err
}

// rows emits the rows of a value; row holds the cells that stand already.
func (b *tabler) rows(n *node, row []txn.Value, emit func(row []txn.Value) error) (int, error) {
	found := b.path.find(n, nil)
	for i, item := range found {
		if err := b.row(item, i+1, row, emit); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// row emits what comes of one match: as many rows as the nested paths give, and at least one.
func (b *tabler) row(item *node, number int, before []txn.Value, emit func(row []txn.Value) error) error {
	row := make([]txn.Value, len(before))
	copy(row, before)
	for i := range b.columns {
		c := &b.columns[i]
		var err error
		switch {
		case c.nested != nil:
			continue
		case c.Ordinality:
			row[c.at] = txn.Int(int64(number))
		default:
			row[c.at], err = b.cell(c, item)
		}
		if err != nil {
			return err
		}
	}
	total := 0
	for i := range b.columns {
		if nested := b.columns[i].nested; nested != nil {
			n, err := nested.rows(item, row, emit)
			if err != nil {
				return err
			}
			total += n
		}
	}
	if total > 0 {
		return nil
	}
	return emit(row)
}

// cell is the value of one column.
func (b *tabler) cell(c *tableColumn, item *node) (txn.Value, error) {
	found := c.path.find(item, nil)
	if c.Exists {
		exists := &node{kind: jsonNumber, text: []byte("0")}
		if len(found) > 0 {
			exists.text = []byte("1")
		}
		return b.converted(c, exists)
	}
	if len(found) == 0 {
		return response(&c.OnEmpty, c.onEmpty, mysqlerr.New(errJSONTableMissing, c.Name))
	}
	value := found[0]
	if len(found) > 1 {
		value = &node{kind: jsonArray, items: found}
	}
	v, err := b.converted(c, value)
	if err != nil {
		return response(&c.OnError, c.onError, err)
	}
	return v, nil
}

func response(d *JSONTableDefault, preset *txn.Value, err error) (txn.Value, error) {
	switch {
	case d.Error:
		return txn.Null(), err
	case preset != nil:
		return *preset, nil
	}
	return txn.Null(), nil
}

// converted is a JSON value as the column has it.
func (b *tabler) converted(c *tableColumn, n *node) (txn.Value, error) {
	var v txn.Value
	switch {
	case n.kind == jsonNull:
		return txn.Null(), nil
	case c.Type.Kind == schemas.JSON:
		return n.value(), nil
	case n.kind == jsonArray, n.kind == jsonObject:
		return txn.Null(), mysqlerr.New(errJSONTableScalar, c.Name)
	case c.Type.IsTemporal() && c.Type.Kind != schemas.Year && n.kind != jsonString:
		return txn.Null(), mysqlerr.New(errJSONTableCast, castWord(c.Type), c.Name, 1)
	case n.kind == jsonBool && !c.Type.IsText() && !c.Type.IsBlob():
		v = txn.Int(int64(5 - len(n.text))) // "true" has four letters, "false" five
	case n.kind == jsonNumber && !c.Type.IsText() && !c.Type.IsBlob():
		v = b.number(n)
	default:
		v = txn.Text(n.text)
	}
	assign := schemas.Assignment{Strict: true, Zone: b.r.zone(), Now: b.r.now()}
	out, _, err := schemas.Convert(c.Type, c.Name, v, assign)
	if err == nil {
		return out.Clone(), nil
	}
	if code := mysqlerr.Code(err); code == mysql.ER_WARN_DATA_OUT_OF_RANGE || code == mysql.ER_DATA_TOO_LONG {
		return txn.Null(), mysqlerr.New(errJSONTableRange, c.Name)
	}
	return txn.Null(), mysqlerr.New(errJSONTableCast, castWord(c.Type), c.Name, 1)
}

func (b *tabler) number(n *node) txn.Value {
	if n.isInteger() {
		if i, err := strconv.ParseInt(string(n.text), 10, 64); err == nil {
			return txn.Int(i)
		}
		if _, err := strconv.ParseUint(string(n.text), 10, 64); err == nil {
			return txn.Text(n.text)
		}
	}
	return txn.Real(b.r.jsonFloat(n))
}

// castWord names a type in error 3156.
func castWord(t schemas.Type) string {
	switch {
	case t.IsInteger():
		return "INTEGER"
	case t.Kind == schemas.Float, t.Kind == schemas.Double:
		return "DOUBLE"
	case t.Kind == schemas.Date, t.Kind == schemas.Time, t.Kind == schemas.DateTime, t.Kind == schemas.Timestamp:
		return "DATE/TIME/DATETIME/TIMESTAMP"
	case t.Kind == schemas.Decimal:
		return "DECIMAL"
	}
	return "CHAR"
}

// jsonTableFunction is marmot_json_table(document, spec): see JSONTable.Rows.
func jsonTableFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.TextString("[]"), nil
	}
	doc, err := document(args[0], 1, "json_table")
	if err != nil {
		return txn.Null(), err
	}
	var spec JSONTable
	if err := json.Unmarshal(args[1].Bytes(), &spec); err != nil {
		return txn.Null(), err
	}
	b, err := newTabler(r, &spec)
	if err != nil {
		return txn.Null(), err
	}
	out := []byte{'['}
	_, err = b.rows(doc, make([]txn.Value, b.width), func(row []txn.Value) error {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(AppendRowText(append(out, '"'), row), '"')
		if len(out) > maxTableBytes {
			return mysqlerr.New(mysql.ER_OUT_OF_RESOURCES)
		}
		return nil
	})
	if err != nil {
		return txn.Null(), err
	}
	return txn.Text(append(out, ']')), nil
}

// maxTableBytes bounds the rows of one document: nested paths give far more than it has.
const maxTableBytes = 256 << 20

// AppendRowText appends the values of a row as one text of ASCII characters, which needs no escapes in JSON.
func AppendRowText(b []byte, row []txn.Value) []byte {
	for _, v := range row {
		switch v.Kind() {
		case txn.KindInteger:
			b = strconv.AppendInt(append(b, 'i'), v.Int64(), 10)
		case txn.KindReal:
			b = strconv.AppendUint(append(b, 'r'), math.Float64bits(v.Float64()), 16)
		case txn.KindText:
			b = base64.StdEncoding.AppendEncode(append(b, 't'), v.Bytes())
		case txn.KindBlob:
			b = base64.StdEncoding.AppendEncode(append(b, 'b'), v.Bytes())
		default:
			b = append(b, 'n')
		}
		b = append(b, ',')
	}
	return b
}
