package expression

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"marmot/schemas"
	"marmot/txn"
)

// hexOf is HEX: of a number its value, of anything else its bytes.
func hexOf(args []Operand) (Operand, error) {
	out := Operand{Nullable: args[0].Nullable || args[0].Param, Coercibility: Coercible}
	if args[0].Type.IsNumeric() || args[0].Type.Kind == schemas.Year || args[0].Type.Kind == schemas.Bit {
		n, err := asNumber(args[0])
		function := "marmot_in_base16"
		if !args[0].Type.IsInteger() && args[0].Type.Kind != schemas.Year && args[0].Type.Kind != schemas.Bit {
			function = "marmot_real_in_base16"
		}
		out.SQL, out.Type = call(function, n.SQL), text(16, "")
		return out, err
	}
	if args[0].Param {
		out.SQL, out.Type = call("marmot_in_base16", args[0].SQL), text(-1, "")
		return out, nil
	}
	sql, err := asBytes(args[0])
	out.SQL, out.Type = call("hex", sql), text(hexLength(args[0].Type), "")
	if out.Nullable {
		out.SQL = "(CASE WHEN " + args[0].SQL + " IS NOT NULL THEN " + out.SQL + " END)"
	}
	return out, err
}

func unhex(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b)%2 == 1 {
		b = append([]byte{'0'}, b...)
	}
	out := make([]byte, len(b)/2)
	if _, err := hex.Decode(out, b); err != nil {
		r.incorrect("string", textOf(args[0]))
		return txn.Null(), nil
	}
	return txn.Blob(out), nil
}

func inBase(base int) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		if args[0].IsNull() {
			return txn.Null(), nil
		}
		if base == 16 && args[0].Kind() != txn.KindInteger && args[0].Kind() != txn.KindReal {
			if _, clean := parseDec(args[0].Bytes()); !clean {
				return txn.TextString(strings.ToUpper(hex.EncodeToString(args[0].Bytes()))), nil
			}
		}
		return txn.TextString(strings.ToUpper(strconv.FormatUint(r.bits(args[0]), base))), nil
	}
}

// hexLength is the greatest length of HEX of a value of type t: two characters for each byte that MySQL allows for, which for TEXT and BLOB are
// four times as many as there can be. It is -1 if that is unknown or too much.
func hexLength(t schemas.Type) int {
	n, width := textLength(t), 1
	if set, ok := schemas.LookupCharset(t.Charset); ok && t.IsText() {
		width = set.MaxLen
	}
	switch t.Kind {
	case schemas.Text, schemas.Blob:
		n = 4 * 65535
	case schemas.MediumText, schemas.MediumBlob, schemas.LongText, schemas.LongBlob, schemas.JSON, schemas.Geometry, schemas.Vector:
		return -1
	}
	return max(2*n*width, -1)
}

// realInBase16 is HEX of a number with a fraction, as a signed integer.
func realInBase16(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	n := math.RoundToEven(args[0].Float64())
	if args[0].Kind() != txn.KindReal {
		n = math.Round(r.float(args[0]))
	}
	if n >= math.MaxInt64 {
		return txn.TextString("7FFFFFFFFFFFFFFF"), nil
	}
	if args[0].Kind() != txn.KindReal {
		return txn.TextString(strings.ToUpper(strconv.FormatUint(r.bits(args[0]), 16))), nil
	}
	return txn.TextString(strings.ToUpper(strconv.FormatUint(uint64(int64(max(n, math.MinInt64))), 16))), nil
}

// conv is CONV(n, from, to): a number of one base in another; a negative base means signed.
func conv(r *runtime, args []txn.Value) (txn.Value, error) {
	from, to := r.integer(args[1]), r.integer(args[2])
	if a := max(from, -from); a < 2 || a > 36 {
		return txn.Null(), nil
	}
	if a := max(to, -to); a < 2 || a > 36 {
		return txn.Null(), nil
	}
	b := bytes.TrimLeft(textOf(args[0]), " \t\n")
	negative := len(b) > 0 && b[0] == '-'
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	n := new(big.Int)
	base := big.NewInt(max(from, -from))
	for _, c := range b {
		d := digitValue(c)
		if d < 0 || int64(d) >= base.Int64() {
			break
		}
		n.Add(n.Mul(n, base), big.NewInt(int64(d)))
		if n.BitLen() > 70 {
			break
		}
	}
	value := ^uint64(0)
	if n.IsUint64() {
		value = n.Uint64()
	}
	if negative {
		value = -value
	}
	if to < 0 {
		return txn.TextString(strings.ToUpper(strconv.FormatInt(int64(value), int(-to)))), nil
	}
	return txn.TextString(strings.ToUpper(strconv.FormatUint(value, int(to)))), nil
}

func digitValue(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return -1
}

// format is FORMAT(n, digits[, locale]): with the thousands separated.
func format(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() || args[1].IsNull() {
		return txn.Null(), nil
	}
	digits := int(min(max(r.integer(args[1]), 0), maxScale))
	d := r.dec(args[0]).rescale(digits)
	text := string(d.append(nil))
	group, point := ",", "."
	if len(args) > 2 && !args[2].IsNull() {
		group, point = separators(string(textOf(args[2])))
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, found := strings.Cut(text, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteByte(whole[i])
	}
	if found {
		b.WriteString(point + fraction)
	}
	return txn.TextString(b.String()), nil
}

// separators are the marks between thousands and before the fraction in a locale.
func separators(locale string) (group, point string) {
	language, _, _ := strings.Cut(strings.ToLower(locale), "_")
	switch language {
	case "de", "da", "es", "id", "it", "nl", "tr", "el", "is", "ro", "sl", "hr", "eu", "ca", "gl", "fo":
		if strings.HasSuffix(strings.ToUpper(locale), "_CH") {
			return "'", "."
		}
		return ".", ","
	case "fr", "pt", "ru", "uk", "cs", "sk", "pl", "fi", "sv", "nb", "no", "hu", "bg", "et", "lt", "lv":
		if language == "ru" || language == "bg" {
			return ".", ","
		}
		return "", ","
	}
	return ",", "."
}

func quote(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.TextString("NULL"), nil
	}
	out := []byte{'\''}
	for _, c := range textOf(args[0]) {
		switch c {
		case '\'', '\\':
			out = append(out, '\\', c)
		case 0:
			out = append(out, '\\', '0')
		case 26:
			out = append(out, '\\', 'Z')
		default:
			out = append(out, c)
		}
	}
	return str(args[0], append(out, '\'')), nil
}

func soundex(r *runtime, args []txn.Value) (txn.Value, error) {
	const codes = "01230120022455012623010202"
	var out []byte
	last := byte(0)
	for _, c := range strings.ToUpper(string(textOf(args[0]))) {
		if !unicode.IsLetter(c) {
			continue
		}
		code := byte('0')
		if c >= 'A' && c <= 'Z' {
			code = codes[c-'A']
		}
		if len(out) == 0 {
			out = utf8.AppendRune(out, c)
			last = code
			continue
		}
		if code != '0' && code != last { // equal ones count once, vowels between them or not
			out = append(out, code)
			last = code
		}
	}
	for len(out) > 0 && utf8.RuneCount(out) < 4 {
		out = append(out, '0')
	}
	return txn.Text(out), nil
}

func toBase64(r *runtime, args []txn.Value) (txn.Value, error) {
	s := base64.StdEncoding.EncodeToString(textOf(args[0]))
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return txn.TextString(out.String() + s), nil
}

func fromBase64(r *runtime, args []txn.Value) (txn.Value, error) {
	plain := bytes.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, textOf(args[0]))
	out, err := base64.StdEncoding.DecodeString(string(plain))
	if err != nil {
		return txn.Null(), nil
	}
	return txn.Blob(out), nil
}

func makeSet(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() {
		return txn.Null(), nil
	}
	n := r.bits(args[0])
	var list [][]byte
	for i, a := range args[1:] {
		if i < 64 && n&(1<<i) != 0 && !a.IsNull() {
			list = append(list, textOf(a))
		}
	}
	return txn.Text(bytes.Join(list, []byte{','})), nil
}

func exportSet(r *runtime, args []txn.Value) (txn.Value, error) {
	n, sep, count := r.bits(args[0]), []byte{','}, int64(64)
	if len(args) > 3 {
		sep = textOf(args[3])
	}
	if len(args) > 4 {
		if count = r.integer(args[4]); count < 0 || count > 64 {
			count = 64
		}
	}
	var out []byte
	for i := range count {
		if i > 0 {
			out = append(out, sep...)
		}
		if n&(1<<i) != 0 {
			out = append(out, textOf(args[1])...)
		} else {
			out = append(out, textOf(args[2])...)
		}
		if len(out) > maxPacket {
			return r.tooLong("export_set")
		}
	}
	return txn.Text(out), nil
}

// weightString is the sort weights of a string; its bytes are Marmot's, only their order is MySQL's.
func weightString(r *runtime, args []txn.Value) (txn.Value, error) {
	c := schemas.LookupCollation(string(args[1].Bytes()))
	if c == nil || args[0].Kind() == txn.KindBlob {
		return txn.Blob(textOf(args[0])), nil
	}
	return txn.Blob(c.AppendWeights(nil, textOf(args[0]))), nil
}

// loadFile is LOAD_FILE. Marmot gives clients no file of its host, as MySQL does not under an empty
// secure_file_priv: NULL.
func loadFile(r *runtime, args []txn.Value) (txn.Value, error) { return txn.Null(), nil }
