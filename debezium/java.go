package debezium

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
)

// javaHash is String.hashCode.
func javaHash(text string) uint32 {
	var h uint32
	for _, u := range utf16.Encode([]rune(text)) {
		h = 31*h + uint32(u)
	}
	return h
}

// javaOrder puts texts into the order in which Java's HashMap and HashSet hand them out, whose table doubles from 16 places
// on whenever it is three quarters full. Texts that share a place keep their order.
func javaOrder(texts []string) {
	places := uint32(16)
	for uint32(len(texts)) > places/4*3 {
		places *= 2
	}
	slices.SortStableFunc(texts, func(a, b string) int {
		x, y := javaHash(a), javaHash(b)
		return cmp.Compare((x^x>>16)&(places-1), (y^y>>16)&(places-1))
	})
}

// renamePair is one pair of a RENAME TABLE, as written.
type renamePair struct{ text, source, target string }

// to parts the new name; def is the session's database.
func (p renamePair) to(def string) (database, name string) { return tableName(p.target, def) }

// from parts the old name.
func (p renamePair) from(def string) (database, name string) { return tableName(p.source, def) }

func tableName(text, def string) (database, name string) {
	parts := quotedParts(text)
	if len(parts) == 1 {
		return def, parts[0]
	}
	return parts[0], parts[1]
}

// renamePairs parts the text of a RENAME TABLE.
func renamePairs(text string) []renamePair {
	fields := strings.Fields(text)
	if len(fields) < 2 {
		return nil
	}
	rest := strings.TrimSpace(text[strings.Index(strings.ToUpper(text), strings.ToUpper(fields[1]))+len(fields[1]):])
	var pairs []renamePair
	for _, pair := range splitOutside(strings.TrimSuffix(rest, ";"), ',') {
		pair = strings.TrimSpace(pair)
		at := strings.LastIndex(strings.ToUpper(maskQuoted(pair)), " TO ")
		if at < 0 {
			continue
		}
		pairs = append(pairs, renamePair{pair, strings.TrimSpace(pair[:at]), strings.TrimSpace(pair[at+4:])})
	}
	return pairs
}

// quotedParts reads a.b, with backticks or without.
func quotedParts(name string) []string {
	parts := splitOutside(name, '.')
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if len(p) > 1 && p[0] == '`' {
			p = strings.ReplaceAll(p[1:len(p)-1], "``", "`")
		}
		parts[i] = p
	}
	return parts
}

// splitOutside parts text at a sign outside backticks.
func splitOutside(text string, sign byte) []string {
	var parts []string
	masked, from := maskQuoted(text), 0
	for i := range len(masked) {
		if masked[i] == sign {
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// maskQuoted replaces what stands within backticks, byte for byte.
func maskQuoted(text string) string {
	b, quoted := []byte(text), false
	for i, c := range b {
		switch {
		case c == '`':
			quoted = !quoted
		case quoted:
			b[i] = '_'
		}
	}
	return string(b)
}
