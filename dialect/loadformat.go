package dialect

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/charset"
)

// fileFormat is what FIELDS and LINES say of a text file, for LOAD DATA and SELECT … INTO OUTFILE.
type fileFormat struct {
	charset    string // of the file; empty: UTF-8
	fieldEnd   []byte
	lineStart  []byte
	lineEnd    []byte
	enclosed   []byte // no or one byte
	optionally bool
	escape     []byte // no or one byte
}

// fileFormat reads [CHARACTER SET name] [FIELDS …] [LINES …].
func (s *textReader) fileFormat() fileFormat {
	f := fileFormat{fieldEnd: []byte("\t"), lineEnd: []byte("\n"), escape: []byte(`\`)}
	if s.is("CHARACTER", "SET") || s.is("CHARSET") || s.is("CHAR", "SET") {
		name := s.charset()
		c, ok := schemas.LookupCharset(name)
		if !ok {
			s.fail(mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, name))
		}
		f.charset = c.Name
	}
	if s.one("FIELDS", "COLUMNS") != "" {
		s.fieldFormat(&f)
	}
	if s.accept("LINES") {
		given := false
		for s.err == nil && (s.is("STARTING") || s.is("TERMINATED")) {
			given = true
			target := &f.lineEnd
			if s.one("STARTING", "TERMINATED") == "STARTING" {
				target = &f.lineStart
			}
			s.expect("BY")
			*target = s.bytes()
		}
		if !given {
			s.wrong()
		}
	}
	if s.err == nil && (len(f.enclosed) > 1 || len(f.escape) > 1) {
		s.fail(mysqlerr.New(mysql.ER_WRONG_FIELD_TERMINATORS))
	}
	return f
}

func (s *textReader) fieldFormat(f *fileFormat) {
	given := false
	for s.err == nil {
		switch {
		case s.accept("TERMINATED", "BY"):
			f.fieldEnd = s.bytes()
		case s.accept("OPTIONALLY", "ENCLOSED", "BY"):
			f.enclosed, f.optionally = s.bytes(), true
		case s.accept("ENCLOSED", "BY"):
			f.enclosed = s.bytes()
		case s.accept("ESCAPED", "BY"):
			f.escape = s.bytes()
		default:
			if !given {
				s.wrong()
			}
			return
		}
		given = true
	}
}

// bytes reads a string, hexadecimal or binary literal.
func (s *textReader) bytes() []byte {
	t := s.token()
	if t.kind == tokenString {
		return []byte(s.str())
	}
	if v, ok := hexLiteral(s.raw(t)); ok {
		s.at++
		return v
	}
	s.wrong()
	return nil
}

// hexLiteral reads 0x41 and x'41'.
func hexLiteral(text string) ([]byte, bool) {
	digits := ""
	switch {
	case len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'):
		digits = text[2:]
	case len(text) > 3 && (text[0] == 'x' || text[0] == 'X') && text[1] == '\'':
		digits = text[2 : len(text)-1]
	default:
		return nil, false
	}
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	out := make([]byte, len(digits)/2)
	for i := range out {
		high, low := hexDigit(digits[2*i]), hexDigit(digits[2*i+1])
		if high < 0 || low < 0 {
			return nil, false
		}
		out[i] = byte(high<<4 | low)
	}
	return out, true
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// foreignText returns what converts text of a character set, or nil when it is UTF-8 as it stands.
func foreignText(name string) charset.Charset {
	switch name {
	case "", "utf8mb4", "utf8mb3", "binary", "ascii":
		return nil
	}
	c, ok := schemas.LookupCharset(name)
	if !ok {
		return nil
	}
	if d := schemas.LookupCollation(c.DefaultCollation); d != nil && d.Supported() {
		return d.Set()
	}
	return nil
}

// maxFieldBytes bounds one field of a file that is loaded.
const maxFieldBytes = 64 << 20

// errFieldTooLarge is what a field above maxFieldBytes ends with.
var errFieldTooLarge = mysqlerr.Newf(mysql.ER_NET_PACKET_TOO_LARGE, "A field of the file is larger than %d bytes", maxFieldBytes)

// field is one value of a line.
type field struct {
	text []byte // valid until the next one is read
	null bool
}

// fieldReader cuts a file into lines and fields, as MySQL's READ_INFO does. Its memory is that of one field.
type fieldReader struct {
	fileFormat
	in      *bufio.Reader
	convert charset.Charset
	text    []byte
	ended   bool // the line's last field has been read
}

func newFieldReader(f fileFormat, in io.Reader) *fieldReader {
	return &fieldReader{fileFormat: f, in: bufio.NewReaderSize(in, 64<<10), convert: foreignText(f.charset)}
}

// at passes the text if it is next.
func (r *fieldReader) at(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	next, _ := r.in.Peek(len(text)) // a shorter rest does not match; reading it tells of errors
	if !bytes.Equal(next, text) {
		return false
	}
	_, _ = r.in.Discard(len(text)) // it is in the buffer
	return true
}

// atEnd passes the end of a line. Without one of its own, a line ends where a field does.
func (r *fieldReader) atEnd() bool { return r.at(r.lineEnd) }

// next begins the next line; false at the end of the file.
func (r *fieldReader) next() (bool, error) {
	r.ended = false
	for len(r.lineStart) > 0 && !r.at(r.lineStart) {
		if _, err := r.in.ReadByte(); err != nil {
			return false, ignoreEnd(err)
		}
	}
	_, err := r.in.Peek(1)
	return err == nil, ignoreEnd(err)
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// skip passes one line whatever is in it; false at the end of the file.
func (r *fieldReader) skip() (bool, error) {
	for {
		if r.atEnd() {
			return true, nil
		}
		if _, err := r.in.ReadByte(); err != nil {
			return false, ignoreEnd(err)
		}
	}
}

// field reads the next field of the line; false when there is none.
func (r *fieldReader) field() (field, bool, error) {
	if r.ended {
		return field{}, false, nil
	}
	r.text = r.text[:0]
	quoted := r.at(r.enclosed)
	null := false
	for {
		if len(r.text) > maxFieldBytes {
			return field{}, false, errFieldTooLarge
		}
		if !quoted && r.fieldOver() {
			break
		}
		c, err := r.in.ReadByte()
		if err != nil {
			if err = ignoreEnd(err); err != nil {
				return field{}, false, err
			}
			r.ended = true
			break
		}
		switch {
		case quoted && c == r.enclosed[0]:
			if r.at(r.enclosed) {
				r.text = append(r.text, c)
				continue
			}
			if r.fieldOver() || r.endOfFile() {
				return r.found(null, true)
			}
		case len(r.escape) > 0 && c == r.escape[0]:
			escaped, err := r.in.ReadByte()
			if err != nil {
				break
			}
			null = escaped == 'N' && len(r.text) == 0
			c = unescaped(escaped)
		}
		r.text = append(r.text, c)
	}
	return r.found(null, quoted)
}

// fieldOver passes the end of a field, or of the line.
func (r *fieldReader) fieldOver() bool {
	if r.at(r.fieldEnd) {
		r.ended = len(r.lineEnd) == 0
		return true
	}
	r.ended = r.atEnd()
	return r.ended
}

func (r *fieldReader) endOfFile() bool {
	_, err := r.in.Peek(1)
	r.ended = err != nil
	return r.ended
}

func (r *fieldReader) found(null, quoted bool) (field, bool, error) {
	f := field{text: r.text, null: null && len(r.text) == 1}
	if !quoted && len(r.enclosed) > 0 && string(r.text) == "NULL" {
		f.null = true
	}
	if r.convert != nil && !f.null {
		text, err := charset.Convert(nil, charset.Charset_utf8mb4{}, f.text, r.convert)
		if err == nil {
			f.text = text
		}
	}
	return f, true, nil
}

// unescaped is what a character behind the escape character means.
func unescaped(c byte) byte {
	switch c {
	case '0':
		return 0
	case 'b':
		return '\b'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'Z':
		return 26
	}
	return c
}
