package schemas

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"marmot/sqlext"

	"vitess.io/vitess/go/mysql/collations"
	"vitess.io/vitess/go/mysql/collations/charset"
	"vitess.io/vitess/go/mysql/collations/colldata"
)

// Collation is one of MySQL's collations. Those that Marmot cannot compare by are listed too,
// for information_schema; Supported tells them apart.
type Collation struct {
	Name    string
	Charset string
	ID      uint16
	Default bool // of its character set
	SortLen int
	// PadSpace: comparison treats the shorter string as if it ended in spaces.
	PadSpace bool
	// Binary: the collation orders by code point or byte, so that case and accents matter.
	Binary bool

	rules colldata.Collation // nil: not supported
	set   charset.Charset    // the text's own character set; rules of Unicode work on UTF-8 whatever it is
	space []byte             // weight of the space, its length is the size of one weight
	ascii *[128]uint16
}

// Charset is one of MySQL's character sets.
type Charset struct {
	Name             string
	DefaultCollation string
	Description      string
	MaxLen           int // bytes of the longest character
}

//go:embed tables/collations.tsv
var collationTable string

//go:embed tables/charsets.tsv
var charsetTable string

// registry holds what is known of collations; it is built once and never written again.
type registry struct {
	all      []*Collation
	byName   map[string]*Collation
	byID     map[uint16]*Collation
	charsets []Charset
	charset  map[string]int
}

// loadRegistry reads the tables of MySQL 9.7 that the package embeds.
var loadRegistry = sync.OnceValue(func() *registry {
	r := &registry{byName: map[string]*Collation{}, byID: map[uint16]*Collation{}, charset: map[string]int{}}
	for line := range strings.Lines(charsetTable) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		n, _ := strconv.Atoi(f[3])
		r.charset[f[0]] = len(r.charsets)
		r.charsets = append(r.charsets, Charset{Name: f[0], DefaultCollation: f[1], Description: f[2], MaxLen: n})
	}
	env := collations.NewEnvironment("8.4.0")
	for line := range strings.Lines(collationTable) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		id, _ := strconv.ParseUint(f[2], 10, 16)
		sortLen, _ := strconv.Atoi(f[5])
		c := &Collation{Name: f[0], Charset: f[1], ID: uint16(id), Default: f[3] == "Yes", SortLen: sortLen,
			PadSpace: f[6] == "PAD SPACE", Binary: strings.HasSuffix(f[0], "_bin") || f[0] == "binary"}
		c.load(env)
		r.all = append(r.all, c)
		r.byName[c.Name] = c
		r.byID[c.ID] = c
	}
	return r
})

// unicodeSets are the character sets of Unicode that are not UTF-8. Their text is kept in UTF-8 like all other, and ordered by the
// collations of utf8mb4 that have the same rules.
var unicodeSets = map[string]charset.Charset{"ucs2": charset.Charset_ucs2{}, "utf16": charset.Charset_utf16{}, "utf16le": charset.Charset_utf16le{},
	"utf32": charset.Charset_utf32{}}

// rulesName is the name of the collation of UTF-8 with the same rules; the name itself for most.
func (c *Collation) rulesName() string {
	if unicodeSets[c.Charset] != nil || c.Name == "gb18030_unicode_520_ci" {
		return "utf8mb4_" + strings.TrimPrefix(c.Name, c.Charset+"_")
	}
	return c.Name
}

// load attaches the rules to c, if there are some for it.
func (c *Collation) load(env *collations.Environment) {
	if rules := newTableCollation(c); rules != nil {
		c.rules, c.set = rules, rules.Charset()
	} else {
		id, ok := env.LookupID(c.rulesName())
		if !ok {
			return
		}
		if c.rules = colldata.Lookup(id); c.rules == nil {
			return
		}
		c.set = c.rules.Charset()
		if set := unicodeSets[c.Charset]; set != nil {
			c.set = set
		} else if c.Name == "gb18030_unicode_520_ci" {
			c.set = multibyteTables()[c.Charset]
		}
	}
	if c.bytewise() {
		c.space = []byte{' '}
	} else {
		c.space = c.rules.WeightString(nil, []byte{' '}, 0)
	}
	c.loadASCII()
}

// loadASCII fills the table of one weight a byte, where one weight a byte is the whole truth: not with several levels of weights,
// nor where a language joins letters, nor where the character set lacks some of ASCII, as swe7 does.
func (c *Collation) loadASCII() {
	unit := len(c.space)
	if unit > 2 {
		return
	}
	if _, ok := c.rules.(*colldata.Collation_utf8mb4_uca_0900); ok && c.Name != "utf8mb4_0900_ai_ci" {
		return
	}
	if _, ok := c.rules.(*colldata.Collation_uca_legacy); ok &&
		!strings.HasSuffix(c.Name, "_unicode_ci") && !strings.HasSuffix(c.Name, "_unicode_520_ci") {
		return
	}
	var table [128]uint16
	for b := range table {
		w := c.appendWeights(nil, []byte{byte(b)})
		switch {
		case len(w) == 0:
		case len(w) != unit:
			return
		case unit == 1:
			table[b] = uint16(w[0]) + 1
		default:
			table[b] = binary.BigEndian.Uint16(w) + 1
		}
	}
	c.ascii = &table
}

// bytewise reports whether the order is that of the UTF-8 bytes, which is that of code points.
func (c *Collation) bytewise() bool {
	if c.Name == "binary" {
		return true
	}
	return c.Binary && c.unicode()
}

// unicode reports whether the rules work on UTF-8.
func (c *Collation) unicode() bool {
	return strings.HasPrefix(c.Charset, "utf") || c.Charset == "ucs2" || c.Name == "gb18030_unicode_520_ci"
}

// Set is the character set of the collation's text; nil if the collation is not supported.
func (c *Collation) Set() charset.Charset { return c.set }

// Unicode reports whether the collation's rules work on UTF-8.
func (c *Collation) Unicode() bool { return c.unicode() }

// LookupCollation returns the collation of that name, in any case, or nil.
func LookupCollation(name string) *Collation {
	r := loadRegistry()
	if c := r.byName[name]; c != nil {
		return c
	}
	name = strings.ToLower(name)
	if rest, ok := strings.CutPrefix(name, "utf8_"); ok {
		name = "utf8mb3_" + rest
	}
	return r.byName[name]
}

// CollationByID returns the collation with MySQL's number id, or nil.
func CollationByID(id uint16) *Collation { return loadRegistry().byID[id] }

// AllCollations lists MySQL's collations by id. The caller must not write to it.
func AllCollations() []*Collation { return loadRegistry().all }

// AllCharsets lists MySQL's character sets by name. The caller must not write to it.
func AllCharsets() []Charset { return loadRegistry().charsets }

// LookupCharset returns the character set of that name, in any case; utf8 is utf8mb3.
func LookupCharset(name string) (Charset, bool) {
	r := loadRegistry()
	name = strings.ToLower(name)
	if name == "utf8" {
		name = "utf8mb3"
	}
	i, ok := r.charset[name]
	if !ok {
		return Charset{}, false
	}
	return r.charsets[i], true
}

// Supported reports whether text can be compared by c and stored in its character set.
func (c *Collation) Supported() bool { return c.rules != nil }

// Rules returns vitess's implementation, for LIKE and case mapping of text in the
// collation's own character set; nil if the collation is not supported.
func (c *Collation) Rules() colldata.Collation { return c.rules }

// SQLiteBinary reports whether the collation's order is SQLite's own BINARY.
func (c *Collation) SQLiteBinary() bool { return c.bytewise() && !c.PadSpace }

// Compare orders two UTF-8 strings; its zero is equality in MySQL.
func (c *Collation) Compare(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	if c.SQLiteBinary() {
		return bytes.Compare(a, b)
	}
	var bufA, bufB [256]byte
	return bytes.Compare(c.AppendKey(bufA[:0], a), c.AppendKey(bufB[:0], b))
}

// AppendKey appends bytes whose order is the collation's order and whose equality is its
// equality. The encoding is not self-delimiting.
func (c *Collation) AppendKey(dst, text []byte) []byte {
	if !c.PadSpace {
		return c.appendWeights(dst, text)
	}
	var buf [256]byte
	return c.appendPadded(dst, c.appendWeights(buf[:0], text))
}

// AppendWeights appends the weights of text as WEIGHT_STRING shows them: unlike in a key,
// spaces at the end have theirs.
func (c *Collation) AppendWeights(dst, text []byte) []byte {
	if c.Name == "utf8mb4_0900_bin" || !c.bytewise() || c.Name == "binary" {
		return c.appendWeights(dst, text)
	}
	for _, r := range string(text) { // the order is that of the bytes, but MySQL shows code points
		if c.Charset != "utf8mb3" && c.Charset != "ucs2" {
			dst = append(dst, byte(r>>16))
		}
		dst = append(dst, byte(r>>8), byte(r))
	}
	return dst
}

// lastOfBMP is U+FFFF.
var lastOfBMP = []byte{0xef, 0xbf, 0xbf}

// appendWeights appends the weights of text, without regard to padding. Text that is not of
// the character set has weights of its own, above all others.
func (c *Collation) appendWeights(dst, text []byte) []byte {
	switch {
	case c.rules == nil || c.bytewise():
		return append(dst, text...)
	case !utf8.Valid(text):
		return append(append(dst, 0xff, 0xff, 0xff), text...)
	case c.unicode():
		if _, legacy := c.rules.(*colldata.Collation_uca_legacy); legacy && !strings.HasSuffix(c.Name, "_520_ci") {
			// The rules lack U+FFFF, which MySQL gives a weight.
			for at := bytes.Index(text, lastOfBMP); at >= 0; at = bytes.Index(text, lastOfBMP) {
				dst = append(c.rules.WeightString(dst, text[:at], 0), 0xfb, 0xc1, 0xff, 0xff)
				text = text[at+len(lastOfBMP):]
			}
		}
		return c.rules.WeightString(dst, text, 0)
	}
	var buf [128]byte
	local, err := charset.ConvertFromUTF8(buf[:0], c.set, text)
	if err != nil {
		return append(append(dst, 0xff, 0xff, 0xff), text...)
	}
	return c.rules.WeightString(dst, local, 0)
}

// Marks behind a run of spaces in a padded key: what follows decides between strings that
// have runs of different lengths, since the shorter one compares as if it went on in spaces.
const (
	runBeforeLess    = 0x01
	runAtEnd         = 0x02
	runBeforeGreater = 0x03
)

// appendPadded rewrites weights so that plain order of the result is the order of strings
// that go on in spaces without end: trailing spaces vanish, a run of spaces becomes one space,
// a mark and the run's length (complemented if what follows is greater than a space).
func (c *Collation) appendPadded(dst, weights []byte) []byte {
	unit := len(c.space)
	for i := 0; i < len(weights); {
		w := weights[i:min(i+unit, len(weights))]
		if !bytes.Equal(w, c.space) {
			dst = append(dst, w...)
			i += unit
			continue
		}
		run := 0
		for i < len(weights) && bytes.Equal(weights[i:min(i+unit, len(weights))], c.space) {
			run++
			i += unit
		}
		if i >= len(weights) {
			break
		}
		dst = append(dst, c.space...)
		if bytes.Compare(weights[i:min(i+unit, len(weights))], c.space) < 0 {
			dst = binary.BigEndian.AppendUint32(append(dst, runBeforeLess), uint32(run))
		} else {
			dst = binary.BigEndian.AppendUint32(append(dst, runBeforeGreater), ^uint32(run))
		}
	}
	return append(append(dst, c.space...), runAtEnd)
}

// Collations lists what SQLite needs: every supported collation of MySQL under its own name,
// and the orders of decimal and time text, DecimalCollation and TimeCollation.
func Collations() []sqlext.Collation {
	list := []sqlext.Collation{
		{Name: DecimalCollation, Compare: CompareDecimalText},
		{Name: TimeCollation, Compare: compareTimeText},
	}
	for _, c := range AllCollations() {
		// "binary" is a name of SQLite's own, which would get every comparison slower.
		if c.Supported() && c.Name != "binary" {
			list = append(list, sqlext.Collation{Name: c.Name, Compare: c.Compare, ASCIIWeights: c.ascii, PadSpace: c.PadSpace})
		}
	}
	return list
}
