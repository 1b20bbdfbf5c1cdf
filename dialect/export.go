package dialect

import (
	"bufio"
	"bytes"

	"marmot/accounts"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/charset"
)

// exportSpec is INTO OUTFILE or INTO DUMPFILE as written.
type exportSpec struct {
	file   string
	dump   bool
	format fileFormat
}

// planExport plans SELECT … INTO OUTFILE and DUMPFILE, which the parser knows at few places. It reports false when the text is none of them.
func planExport(c *Context, text string) (*Plan, error, bool) { //nolint:revive // the bool says whether the other two mean anything
	b := []byte(text)
	if !containsFold(b, "outfile") && !containsFold(b, "dumpfile") {
		return nil, nil, false
	}
	s := newTextReader(c, text)
	first := s.first()
	if first != "SELECT" && first != "WITH" && first != "TABLE" && first != "VALUES" && !s.is("(") {
		return nil, nil, false
	}
	for ; !s.end(); s.at++ {
		if s.is("INTO", "OUTFILE") || s.is("INTO", "DUMPFILE") {
			break
		}
	}
	if s.end() {
		return nil, nil, false
	}
	from := s.at
	x := exportSpec{dump: s.is("INTO", "DUMPFILE")}
	s.at += 2
	x.file = s.str()
	if !x.dump {
		x.format = s.fileFormat()
	}
	if s.err != nil {
		return nil, s.err, true
	}
	p, err := planSelectText(c, s.text(0, from)+" "+s.text(s.at, len(s.list)-1))
	if err != nil {
		return nil, err, true
	}
	x.into(p)
	return p, nil, true
}

func containsFold(text []byte, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i]|0x20 == word[0] && bytes.EqualFold(text[i:i+len(word)], []byte(word)) {
			return true
		}
	}
	return false
}

// into sends the rows of a plan to the file.
func (x *exportSpec) into(p *Plan) {
	columns, run := p.Columns, p.Query.run
	p.need([]accounts.Need{serverNeed(accounts.File, "FILE")})
	p.Columns, p.HasSideEffects, p.Query.Exports = nil, true, true
	p.Query.run = func(ex Executor, e Environment, b Binding, row func([]txn.Value) error) error {
		files, ok := e.(Files)
		if !ok {
			return unsupported("SELECT … INTO OUTFILE")
		}
		f, err := files.CreateFile(x.file)
		if err != nil {
			return err
		}
		w := &exportWriter{exportSpec: x, out: bufio.NewWriterSize(f, 64<<10), columns: columns, convert: foreignText(x.format.charset), zone: e}
		err = run(ex, e, b, func(values []txn.Value) error {
			if err := w.write(values); err != nil {
				return err
			}
			return row(nil)
		})
		if err == nil {
			err = w.out.Flush()
		}
		if err != nil {
			f.Remove()
			return err
		}
		return f.Keep()
	}
}

// exportWriter writes rows as text.
type exportWriter struct {
	*exportSpec
	out     *bufio.Writer
	columns []ResultColumn
	convert charset.Charset
	zone    Environment
	rows    int
	text    []byte
	line    []byte
}

func (w *exportWriter) write(values []txn.Value) error {
	w.rows++
	if w.dump {
		return w.dumpRow(values)
	}
	w.line = append(w.line[:0], w.format.lineStart...)
	for i, v := range values {
		if i > 0 {
			w.line = append(w.line, w.format.fieldEnd...)
		}
		w.field(w.columns[i].Type, v)
	}
	w.line = append(w.line, w.format.lineEnd...)
	_, err := w.out.Write(w.line)
	return err
}

func (w *exportWriter) dumpRow(values []txn.Value) error {
	if w.rows > 1 {
		return mysqlerr.New(mysql.ER_TOO_MANY_ROWS)
	}
	for i, v := range values {
		if _, err := w.out.Write(schemas.AppendText(nil, w.columns[i].Type, v)); err != nil {
			return err
		}
	}
	return nil
}

// field appends one value.
func (w *exportWriter) field(t schemas.Type, v txn.Value) {
	f := &w.format
	if v.IsNull() {
		switch {
		case len(f.escape) > 0:
			w.line = append(append(w.line, f.escape[0]), 'N')
		default:
			w.line = append(w.line, "NULL"...)
		}
		return
	}
	text := t.IsText() || t.IsBlob() || t.IsTemporal() || t.Kind == schemas.JSON || t.Kind == schemas.Bit || t.Kind == schemas.Geometry
	enclose := len(f.enclosed) > 0 && (text || !f.optionally)
	if enclose {
		w.line = append(w.line, f.enclosed[0])
	}
	w.text = schemas.AppendText(w.text[:0], t, v)
	if w.convert != nil && t.IsText() {
		if out, err := charset.ConvertFromUTF8(nil, w.convert, w.text); err == nil {
			w.text = out
		}
	}
	for _, c := range w.text {
		w.appendByte(c, enclose)
	}
	if enclose {
		w.line = append(w.line, f.enclosed[0])
	}
}

// appendByte escapes what a reader would take for an end.
func (w *exportWriter) appendByte(c byte, enclosed bool) {
	f := &w.format
	if len(f.escape) == 0 {
		if enclosed && c == f.enclosed[0] {
			w.line = append(w.line, c)
		}
		w.line = append(w.line, c)
		return
	}
	switch {
	case c == 0:
		w.line = append(w.line, f.escape[0], '0')
		return
	case c == f.escape[0],
		len(f.enclosed) > 0 && c == f.enclosed[0],
		len(f.enclosed) == 0 && len(f.fieldEnd) > 0 && c == f.fieldEnd[0],
		len(f.lineEnd) > 0 && c == f.lineEnd[0]:
		w.line = append(w.line, f.escape[0])
	}
	w.line = append(w.line, c)
}
