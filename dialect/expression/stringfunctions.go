package expression

import (
	"bytes"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/charset"
	"vitess.io/vitess/go/mysql/collations/colldata"
)

// maxPacket bounds what functions may build out of less: max_allowed_packet's default.
const maxPacket = 64 << 20

func stringFunctions() []function {
	const group = "String"
	return []function{
		{names: "concat", group: group, least: 1, most: -1, args: "t", result: resultJoined, run: concat},
		{names: "concat_ws", group: group, least: 2, most: -1, args: "t", traits: takesNull | givesNull, result: resultSeparated, run: concatSeparated},
		{names: "length octet_length", group: group, least: 1, most: 1, args: "b", result: resultBigint, run: byteLength},
		{names: "bit_length", group: group, least: 1, most: 1, args: "b", result: resultBigint, run: bitLength},
		{names: "char_length character_length", group: group, least: 1, most: 1, args: "t", result: resultBigint, run: charLength},
		{names: "upper ucase", group: group, least: 1, most: 1, args: "t", traits: isCollated, result: resultLikeFirst(1), run: changeCase(unicode.ToUpper)},
		{names: "lower lcase", group: group, least: 1, most: 1, args: "t", traits: isCollated, result: resultLikeFirst(1), run: changeCase(unicode.ToLower)},
		{names: "left", group: group, least: 2, most: 2, args: "tn", result: resultLikeFirst(1), run: left},
		{names: "right", group: group, least: 2, most: 2, args: "tn", result: resultLikeFirst(1), run: right},
		{names: "substring substr mid", group: group, least: 2, most: 3, args: "tnn", result: resultLikeFirst(1), run: substring},
		{names: "substring_index", group: group, least: 3, most: 3, args: "ttn", traits: isCollated, result: resultLikeFirst(1), run: substringIndex},
		{names: "trim trim_both", group: group, least: 1, most: 2, args: "t", result: resultLikeFirst(1), run: trim(true, true)},
		{names: "ltrim trim_leading", group: group, least: 1, most: 2, args: "t", result: resultLikeFirst(1), run: trim(true, false)},
		{names: "rtrim trim_trailing", group: group, least: 1, most: 2, args: "t", result: resultLikeFirst(1), run: trim(false, true)},
		{names: "lpad", group: group, least: 3, most: 3, args: "tnt", traits: givesNull, result: resultPadded, run: pad("lpad", true)},
		{names: "rpad", group: group, least: 3, most: 3, args: "tnt", traits: givesNull, result: resultPadded, run: pad("rpad", false)},
		{names: "replace", group: group, least: 3, most: 3, args: "t", result: resultReplaced, run: replace},
		{names: "repeat", group: group, least: 2, most: 2, args: "tn", traits: givesNull, result: resultRepeated, run: repeat},
		{names: "reverse", group: group, least: 1, most: 1, args: "t", result: resultLikeFirst(1), run: reverse},
		{names: "space", group: group, least: 1, most: 1, args: "n", traits: givesNull, result: resultSpaces, run: space},
		{names: "insert", group: group, least: 4, most: 4, args: "tnnt", result: resultInserted, run: insert},
		{names: "ascii", group: group, least: 1, most: 1, args: "b", result: resultBigint, run: ascii},
		{names: "ord", group: group, least: 1, most: 1, build: ordOperand, run: ord},
		{names: "char", group: group, least: 1, most: -1, args: "n", traits: takesNull, result: resultChar, run: char},
		{names: "hex", group: group, least: 1, most: 1, build: hexOf},
		{names: "unhex", group: group, least: 1, most: 1, args: "s", traits: givesNull, result: resultUnhexed, run: unhex},
		{names: "bin", group: group, least: 1, most: 1, args: "n", result: resultText(64), run: inBase(2)},
		{names: "oct", group: group, least: 1, most: 1, args: "n", result: resultText(64), run: inBase(8)},
		{names: "conv", group: group, least: 3, most: 3, args: "snn", traits: givesNull, result: resultText(64), run: conv},
		{names: "format", group: group, least: 2, most: 3, args: "rns", traits: takesNull | givesNull, result: resultText(67), run: format},
		{names: "quote", group: group, least: 1, most: 1, args: "t", traits: takesNull, result: resultQuoted, run: quote},
		{names: "soundex", group: group, least: 1, most: 1, args: "t", result: resultLikeFirst(1), run: soundex},
		{names: "to_base64", group: group, least: 1, most: 1, args: "b", result: resultBase64, run: toBase64},
		{names: "from_base64", group: group, least: 1, most: 1, args: "s", traits: givesNull, result: resultUnhexed, run: fromBase64},
		{names: "make_set", group: group, least: 2, most: -1, args: "nt", traits: takesNull | givesNull, result: resultJoined, run: makeSet},
		{names: "export_set", group: group, least: 3, most: 5, args: "ntttn", result: resultText(1024), run: exportSet},
		{names: "weight_string", group: group, least: 1, most: 1, args: "t", traits: isCollated, result: resultBytes(65535), run: weightString},
		{names: "load_file", group: group, least: 1, most: 1, args: "s", traits: givesNull, result: resultBytes(-1), run: loadFile},
	}
}

func resultSeparated(args []Operand) schemas.Type {
	t := resultJoined(args[1:])
	if n := textLength(args[0].Type); t.Length > 0 && n >= 0 {
		return text(t.Length+n*(len(args)-2), "")
	}
	return t
}

func constantInt(a Operand) (int, bool) {
	if a.Constant == nil || a.Constant.Kind() != txn.KindInteger {
		return 0, false
	}
	return int(a.Constant.Int64()), true
}

func resultPadded(args []Operand) schemas.Type {
	if n, ok := constantInt(args[1]); ok {
		return text(max(n, 0), "")
	}
	return text(-1, "")
}

func resultRepeated(args []Operand) schemas.Type {
	n, ok := constantInt(args[1])
	if length := textLength(args[0].Type); ok && length >= 0 && n >= 0 && n < maxPacket {
		return text(length*n, "")
	}
	return text(-1, "")
}

func resultSpaces(args []Operand) schemas.Type {
	if n, ok := constantInt(args[0]); ok {
		return text(max(n, 0), "")
	}
	return text(-1, "")
}

func resultReplaced(args []Operand) schemas.Type {
	from, to, length := textLength(args[1].Type), textLength(args[2].Type), textLength(args[0].Type)
	if length < 0 || to < 0 {
		return text(-1, "")
	}
	if to > max(from, 1) {
		length *= to
	}
	return text(length, "")
}

func resultInserted(args []Operand) schemas.Type { return resultJoined([]Operand{args[0], args[3]}) }

func resultChar(args []Operand) schemas.Type { return bytesType(4 * len(args)) }

func resultUnhexed(args []Operand) schemas.Type { return bytesType(textLength(args[0].Type)) }

func resultQuoted(args []Operand) schemas.Type {
	n := textLength(args[0].Type)
	if n >= 0 {
		n = n*2 + 4
	}
	return text(n, "")
}

func resultBase64(args []Operand) schemas.Type {
	n := textLength(args[0].Type)
	if n > 0 {
		n = (n*4+2)/3*4 + n/14
	}
	return text(n, "")
}

// str makes a string value of the class of like: bytes stay bytes.
func str(like txn.Value, b []byte) txn.Value {
	if like.Kind() == txn.KindBlob {
		return txn.Blob(b)
	}
	return txn.Text(b)
}

// runes counts the characters of a string; a byte string has as many as bytes.
func runes(v txn.Value, b []byte) int {
	if v.Kind() == txn.KindBlob {
		return len(b)
	}
	return utf8.RuneCount(b)
}

// cutAt splits a string behind n characters.
func cutAt(v txn.Value, b []byte, n int) (head, tail []byte) {
	switch {
	case n <= 0:
		return nil, b
	case n >= len(b):
		return b, nil
	case v.Kind() == txn.KindBlob:
		return b[:n], b[n:]
	}
	head = firstRunes(b, n)
	return head, b[len(head):]
}

// tooLong is the value of a function whose result would have more than maxPacket bytes: NULL, with a warning.
func (r *runtime) tooLong(name string) (txn.Value, error) {
	r.warn(mysqlerr.New(mysql.ER_WARN_ALLOWED_PACKET_OVERFLOWED, name, maxPacket))
	return txn.Null(), nil
}

func concat(r *runtime, args []txn.Value) (txn.Value, error) {
	n := 0
	for _, a := range args {
		n += len(a.Bytes())
	}
	if n > maxPacket {
		return r.tooLong("concat")
	}
	out := make([]byte, 0, n+16)
	for _, a := range args {
		out = append(out, textOf(a)...)
	}
	return txn.Text(out), nil
}

func concatSeparated(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	var out []byte
	first := true
	for _, a := range args[1:] {
		if a.IsNull() {
			continue
		}
		if !first {
			out = append(out, textOf(args[0])...)
		}
		first = false
		if out = append(out, textOf(a)...); len(out) > maxPacket {
			return r.tooLong("concat_ws")
		}
	}
	return txn.Text(out), nil
}

func byteLength(r *runtime, args []txn.Value) (txn.Value, error) {
	return txn.Int(int64(len(textOf(args[0])))), nil
}

func bitLength(r *runtime, args []txn.Value) (txn.Value, error) {
	return txn.Int(int64(len(textOf(args[0])) * 8)), nil
}

func charLength(r *runtime, args []txn.Value) (txn.Value, error) {
	return txn.Int(int64(runes(args[0], textOf(args[0])))), nil
}

func changeCase(change func(rune) rune) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		if args[0].Kind() == txn.KindBlob {
			return args[0], nil
		}
		b := textOf(args[0])
		c := schemas.LookupCollation(string(args[len(args)-1].Bytes()))
		if c == nil || len(args) < 2 || isUTF8(schemas.Type{Charset: c.Charset}) || utf8.RuneCount(b) == len(b) && c.Charset != "latin5" {
			return txn.Text(bytes.Map(change, b)), nil
		}
		return txn.Text(caseOfSet(c, change, b)), nil
	}
}

// caseOfSet maps text of a character set that is not UTF-8, as the set's own tables do.
func caseOfSet(c *schemas.Collation, change func(rune) rune, b []byte) []byte {
	upper := change('a') == 'A'
	if c.Charset == "latin5" {
		if upper {
			return bytes.ToUpperSpecial(unicode.TurkishCase, b)
		}
		return bytes.ToLowerSpecial(unicode.TurkishCase, b)
	}
	if rules, ok := c.Rules().(colldata.CaseAwareCollation); ok && !c.Unicode() { // a set of single bytes
		if local, err := charset.ConvertFromUTF8(nil, c.Set(), b); err == nil {
			mapped := rules.ToLower(nil, local)
			if upper {
				mapped = rules.ToUpper(nil, local)
			}
			if out, err := charset.Convert(nil, charset.Charset_utf8mb4{}, mapped, c.Set()); err == nil {
				return out
			}
		}
	}
	return bytes.Map(func(r rune) rune {
		if to := change(r); schemas.InCharset(c.Charset, to) {
			return to
		}
		return r // the character set lacks the other one
	}, b)
}

func left(r *runtime, args []txn.Value) (txn.Value, error) {
	head, _ := cutAt(args[0], textOf(args[0]), clampInt(r.integer(args[1])))
	return str(args[0], head), nil
}

func clampInt(n int64) int { return int(min(max(n, -1<<40), 1<<40)) }

func right(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	n := clampInt(r.integer(args[1]))
	if n <= 0 {
		return str(args[0], nil), nil
	}
	_, tail := cutAt(args[0], b, runes(args[0], b)-n)
	return str(args[0], tail), nil
}

func substring(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	from := clampInt(r.integer(args[1]))
	count := 1 << 40
	if len(args) > 2 {
		count = clampInt(r.integer(args[2]))
	}
	if from < 0 {
		from += runes(args[0], b) + 1
		if from < 1 {
			return str(args[0], nil), nil
		}
	}
	if from == 0 || count <= 0 {
		return str(args[0], nil), nil
	}
	_, tail := cutAt(args[0], b, from-1)
	head, _ := cutAt(args[0], tail, count)
	return str(args[0], head), nil
}

func substringIndex(r *runtime, args []txn.Value) (txn.Value, error) {
	b, sep := textOf(args[0]), textOf(args[1])
	n := clampInt(r.integer(args[2]))
	if len(b) == 0 || len(sep) == 0 || n == 0 {
		return str(args[0], nil), nil
	}
	var places []int
	for at := 0; at <= len(b); {
		i := bytes.Index(b[at:], sep)
		if i < 0 {
			break
		}
		places = append(places, at+i)
		at += i + len(sep)
	}
	switch {
	case n > 0 && n <= len(places):
		return str(args[0], b[:places[n-1]]), nil
	case n < 0 && -n <= len(places):
		return str(args[0], b[places[len(places)+n]+len(sep):]), nil
	}
	return str(args[0], b), nil
}

func trim(leading, trailing bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		b, remove := textOf(args[0]), []byte{' '}
		if len(args) > 1 {
			remove = textOf(args[1])
		}
		if len(remove) == 0 {
			return str(args[0], b), nil
		}
		for leading && bytes.HasPrefix(b, remove) {
			b = b[len(remove):]
		}
		for trailing && bytes.HasSuffix(b, remove) {
			b = b[:len(b)-len(remove)]
		}
		return str(args[0], b), nil
	}
}

func pad(name string, atLeft bool) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		b, filler := textOf(args[0]), textOf(args[2])
		want, have := clampInt(r.integer(args[1])), runes(args[0], b)
		switch {
		case want < 0:
			return txn.Null(), nil
		case want <= have:
			head, _ := cutAt(args[0], b, want)
			return str(args[0], head), nil
		case len(filler) == 0:
			return str(args[0], b), nil
		}
		missing, width := want-have, runes(args[2], filler)
		if want > maxPacket || len(b)+missing/width*len(filler) > maxPacket {
			return r.tooLong(name)
		}
		fill := bytes.Repeat(filler, missing/width)
		part, _ := cutAt(args[2], filler, missing%width)
		fill = append(fill, part...)
		if atLeft {
			return str(args[0], append(fill, b...)), nil
		}
		return str(args[0], append(append(make([]byte, 0, len(b)+len(fill)), b...), fill...)), nil
	}
}

func replace(r *runtime, args []txn.Value) (txn.Value, error) {
	text, from, to := textOf(args[0]), textOf(args[1]), textOf(args[2])
	if len(from) == 0 {
		return args[0], nil
	}
	if len(to) > len(from) && len(text)+bytes.Count(text, from)*(len(to)-len(from)) > maxPacket {
		return r.tooLong("replace")
	}
	return str(args[0], bytes.ReplaceAll(text, from, to)), nil
}

func repeat(r *runtime, args []txn.Value) (txn.Value, error) {
	b, n := textOf(args[0]), clampInt(r.integer(args[1]))
	if n <= 0 || len(b) == 0 {
		return str(args[0], nil), nil
	}
	if n > maxPacket/len(b) {
		return r.tooLong("repeat")
	}
	return str(args[0], bytes.Repeat(b, n)), nil
}

func reverse(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	out := make([]byte, len(b))
	at := len(b)
	for i := 0; i < len(b); {
		size := 1
		if args[0].Kind() != txn.KindBlob {
			_, size = utf8.DecodeRune(b[i:])
		}
		at -= size
		copy(out[at:], b[i:i+size])
		i += size
	}
	return str(args[0], out), nil
}

func space(r *runtime, args []txn.Value) (txn.Value, error) {
	return repeat(r, []txn.Value{txn.TextString(" "), args[0]})
}

func insert(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	from, count, length := clampInt(r.integer(args[1])), clampInt(r.integer(args[2])), runes(args[0], b)
	if from < 1 || from > length {
		return args[0], nil
	}
	if count < 0 || count > length-from+1 {
		count = length - from + 1
	}
	head, rest := cutAt(args[0], b, from-1)
	_, tail := cutAt(args[0], rest, count)
	out := append(append(append([]byte(nil), head...), textOf(args[3])...), tail...)
	return str(args[0], out), nil
}

func ascii(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b) == 0 {
		return txn.Int(0), nil
	}
	return txn.Int(int64(b[0])), nil
}

// ordOperand is ORD: of the first character's bytes in its own character set.
func ordOperand(args []Operand) (Operand, error) {
	out := Operand{Type: bigint(), Nullable: args[0].Nullable || args[0].Param, Coercibility: Numeric}
	a, err := asText(args[0])
	out.SQL = a.SQL
	if err == nil && a.Type.IsText() && !isUTF8(a.Type) && !isNull(a) {
		out.SQL = call("marmot_encode", call("substr", a.SQL, "1", "1"), quoteText(a.Type.Charset))
	}
	if out.SQL != a.SQL {
		out.SQL = call("marmot_ord", out.SQL, "1")
	} else {
		out.SQL = call("marmot_ord", out.SQL)
	}
	return out, err
}

func ord(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b) == 0 {
		return txn.Int(0), nil
	}
	size := 1
	switch {
	case len(args) > 1: // the bytes of one character
		size = min(len(b), 4)
	case args[0].Kind() != txn.KindBlob:
		_, size = utf8.DecodeRune(b)
	}
	var n int64
	for _, c := range b[:size] {
		n = n<<8 | int64(c)
	}
	return txn.Int(n), nil
}

func char(r *runtime, args []txn.Value) (txn.Value, error) {
	var out []byte
	for _, a := range args {
		if a.IsNull() {
			continue
		}
		n := uint32(r.bits(a))
		width := max((bits.Len32(n)+7)/8, 1)
		for i := width - 1; i >= 0; i-- {
			out = append(out, byte(n>>(8*i)))
		}
	}
	return txn.Blob(out), nil
}
