package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"marmot/txn"
)

// Format is the version of the JSON of definitions, in files, logs and history.
const Format = 1

// envelope is what every encoded definition looks like: exactly one of the objects is set.
type envelope struct {
	Format   int       `json:"format"`
	Table    *Table    `json:"table,omitempty"`
	View     *View     `json:"view,omitempty"`
	Database *Database `json:"database,omitempty"`
	Program  *Program  `json:"program,omitempty"`
}

// EncodeTable encodes a definition as JSON. Equal definitions give equal bytes. One that DecodeTable would refuse is refused here,
// as a record that no node can read must not get into the log.
func EncodeTable(t *Table) ([]byte, error) {
	if err := t.validate(); err != nil {
		return nil, fmt.Errorf("encode definition of table %q: %w", t.Name, err)
	}
	return encode(envelope{Format: Format, Table: t})
}

// EncodeView encodes a view as JSON.
func EncodeView(v *View) ([]byte, error) { return encode(envelope{Format: Format, View: v}) }

// EncodeDatabase encodes a database, without its tables and views, as JSON.
func EncodeDatabase(d *Database) ([]byte, error) {
	return encode(envelope{Format: Format, Database: d})
}

func encode(e envelope) ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode definition: %w", err)
	}
	return b, nil
}

// DecodeTable decodes what EncodeTable made. A definition inside a DDL does not know its
// version yet, nor a new one its id: whoever knows the position sets ID, Version and DBID.
func DecodeTable(b []byte) (*Table, error) {
	e, err := decode(b)
	if err != nil {
		return nil, err
	}
	if e.Table == nil {
		return nil, fmt.Errorf("decode definition: not of a table: %w", txn.ErrCorrupt)
	}
	if err := e.Table.known(); err != nil {
		return nil, fmt.Errorf("decode definition of table %q: %w: %w", e.Table.Name, err, txn.ErrFuture)
	}
	if err := e.Table.validate(); err != nil {
		return nil, fmt.Errorf("decode definition of table %q: %w: %w", e.Table.Name, err, txn.ErrCorrupt)
	}
	return e.Table, nil
}

// DecodeView decodes what EncodeView made.
func DecodeView(b []byte) (*View, error) {
	e, err := decode(b)
	if err != nil {
		return nil, err
	}
	if e.View == nil {
		return nil, fmt.Errorf("decode definition: not of a view: %w", txn.ErrCorrupt)
	}
	return e.View, nil
}

// DecodeDatabase decodes what EncodeDatabase made.
func DecodeDatabase(b []byte) (*Database, error) {
	e, err := decode(b)
	if err != nil {
		return nil, err
	}
	if e.Database == nil {
		return nil, fmt.Errorf("decode definition: not of a database: %w", txn.ErrCorrupt)
	}
	return e.Database, nil
}

func decode(b []byte) (envelope, error) {
	var e envelope
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return e, fmt.Errorf("decode definition: %w: %w", err, txn.ErrCorrupt)
	}
	if version.Format != Format {
		return e, fmt.Errorf("decode definition: format %d, this release reads %d; start the release that wrote it, or a later one: %w", version.Format, Format, txn.ErrFuture)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return e, fmt.Errorf("decode definition: %w: %w", err, txn.ErrCorrupt)
	}
	return e, nil
}

// known checks that this release has heard of what the definition is made of.
func (t *Table) known() error {
	if t.Identity > HiddenRowID {
		return fmt.Errorf("rows are identified in way %d", t.Identity)
	}
	for i := range t.Columns {
		if k := t.Columns[i].Type.Kind; k > Vector {
			return fmt.Errorf("column %q is of type %d", t.Columns[i].Name, k)
		}
	}
	return nil
}

// validate checks that every column number names a column, and what else code relies on that reads values.
func (t *Table) validate() error {
	if t.Identity != 0 && (t.Identity == HiddenRowID) != (t.Primary == nil) {
		return fmt.Errorf("rows are identified in way %d, and there is a primary key: %v", t.Identity, t.Primary != nil)
	}
	for i := range t.Columns {
		if err := t.Columns[i].Type.validate(); err != nil {
			return fmt.Errorf("column %q: %w", t.Columns[i].Name, err)
		}
	}
	if t.AutoIncrement < -1 || t.AutoIncrement >= len(t.Columns) {
		return fmt.Errorf("auto_increment column %d of %d", t.AutoIncrement, len(t.Columns))
	}
	check := func(ix *Index, least int) error {
		for _, p := range ix.Parts {
			if p.Column < least || p.Column >= len(t.Columns) || p.Prefix < 0 {
				return fmt.Errorf("index %q: column %d of %d", ix.Name, p.Column, len(t.Columns))
			}
		}
		return nil
	}
	if t.Primary != nil {
		if err := check(t.Primary, 0); err != nil {
			return err
		}
		if len(t.Primary.Parts) == 0 {
			return fmt.Errorf("primary key without columns")
		}
	}
	for i := range t.Indexes {
		if err := check(&t.Indexes[i], -1); err != nil {
			return err
		}
	}
	for _, fk := range t.ForeignKeys {
		if len(fk.Columns) == 0 || len(fk.Columns) != len(fk.ReferencedColumns) {
			return fmt.Errorf("foreign key %q: %d columns refer to %d", fk.Name, len(fk.Columns), len(fk.ReferencedColumns))
		}
		for _, c := range fk.Columns {
			if c < 0 || c >= len(t.Columns) {
				return fmt.Errorf("foreign key %q: column %d of %d", fk.Name, c, len(t.Columns))
			}
		}
	}
	return nil
}

// validate checks length and decimals, which bound loops and buffers.
func (t *Type) validate() error {
	length, decimals := math.MaxInt32, 0
	switch t.Kind {
	case Decimal:
		length, decimals = 65, 30
	case Float, Double:
		length, decimals = 255, 30
	case Date, Time, DateTime, Timestamp:
		decimals = 6
	case Bit:
		length = 64
	}
	least := 0
	if t.Kind == Float || t.Kind == Double {
		least = -1
	}
	if t.Length < 0 || t.Length > length || t.Decimals < least || t.Decimals > decimals {
		return fmt.Errorf("type %d of length %d with %d decimals", t.Kind, t.Length, t.Decimals)
	}
	return nil
}

// storedValue is the JSON form of a stored value: exactly one field is set, none for NULL.
type storedValue struct {
	Integer string  `json:"integer,omitempty"`
	Real    string  `json:"real,omitempty"` // bits, in hexadecimal
	Text    *string `json:"text,omitempty"`
	Blob    *[]byte `json:"blob,omitempty"`
}

// defaultJSON is the JSON form of a Default.
type defaultJSON struct {
	Literal    *storedValue `json:"literal,omitempty"`
	Text       string       `json:"text,omitempty"`
	Written    string       `json:"written,omitempty"`
	Now        bool         `json:"now,omitempty"`
	Expression string       `json:"expression,omitempty"`
}

// MarshalJSON implements json.Marshaler, for the literal.
func (d *Default) MarshalJSON() ([]byte, error) {
	j := defaultJSON{Text: d.Text, Written: d.Written, Now: d.Now, Expression: d.Expression}
	switch v := d.Literal; v.Kind() {
	case txn.KindInteger:
		j.Literal = &storedValue{Integer: strconv.FormatInt(v.Int64(), 10)}
	case txn.KindReal:
		j.Literal = &storedValue{Real: strconv.FormatUint(math.Float64bits(v.Float64()), 16)}
	case txn.KindText:
		s := string(v.Bytes())
		j.Literal = &storedValue{Text: &s}
	case txn.KindBlob:
		b := append([]byte{}, v.Bytes()...)
		j.Literal = &storedValue{Blob: &b}
	}
	return json.Marshal(j)
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Default) UnmarshalJSON(b []byte) error {
	var j defaultJSON
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return err
	}
	*d = Default{Text: j.Text, Written: j.Written, Now: j.Now, Expression: j.Expression}
	switch l := j.Literal; {
	case l == nil:
	case l.Integer != "":
		n, err := strconv.ParseInt(l.Integer, 10, 64)
		if err != nil {
			return err
		}
		d.Literal = txn.Int(n)
	case l.Real != "":
		n, err := strconv.ParseUint(l.Real, 16, 64)
		if err != nil {
			return err
		}
		d.Literal = txn.Real(math.Float64frombits(n))
	case l.Text != nil:
		d.Literal = txn.TextString(*l.Text)
	case l.Blob != nil:
		d.Literal = txn.Blob(*l.Blob)
	}
	return nil
}
