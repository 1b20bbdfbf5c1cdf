package debezium

import (
	"regexp"
	"strings"
)

// The connector rewrites a statement before it parses it, and tells what it has rewritten: strings between double quotes get single ones, and some words that
// became reserved with MySQL 8 get backquotes where they are names.

// windowWords are those words.
const windowWords = `CUME_DIST|DENSE_RANK|FIRST_VALUE|JSON_TABLE|LAG|LAST_VALUE|LEAD|NTH_VALUE|NTILE|PERCENT_RANK|RANK|ROW_NUMBER`

// windowNames are the places where such a word is a name.
var windowNames = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`(?i)\b(CREATE\s+TABLE|ALTER\s+TABLE|DROP\s+TABLE|FROM|JOIN|LEFT\s+JOIN|RIGHT\s+JOIN|INNER\s+JOIN|OUTER\s+JOIN|INTO)\s+(` + windowWords + `)\b`), "$1 `$2`"},
	{regexp.MustCompile(`(?i)\b(` + windowWords + `)\s+((?:VAR)?CHAR|INT|BIGINT|DECIMAL|NUMERIC|FLOAT|DOUBLE|JSON|TEXT|BLOB|DATE|DATETIME|TIMESTAMP|TIME|YEAR|ENUM|SET|BINARY|VARBINARY|BIT|BOOL|BOOLEAN)\b`), "`$1` $2"},
	{regexp.MustCompile(`(?i)\b(` + windowWords + `)\s*:`), "`$1`:"},
}

// normalizedText is a statement as the connector tells it.
func normalizedText(text string) string {
	var b strings.Builder
	plain := 0 // where what is neither comment, string nor quoted name begins
	for at := 0; at < len(text); {
		n, kind := lexeme(text[at:])
		if kind == lexemeSpace || n == 1 {
			at += n
			continue
		}
		b.WriteString(withWindowNames(text[plain:at]))
		part := text[at : at+n]
		if part[0] == '"' && part[n-1] == '"' {
			part = inSingleQuotes(part)
		}
		b.WriteString(part)
		at += n
		plain = at
	}
	if plain == 0 {
		return withWindowNames(text)
	}
	b.WriteString(withWindowNames(text[plain:]))
	return b.String()
}

func withWindowNames(text string) string {
	for _, p := range windowNames {
		text = p.pattern.ReplaceAllString(text, p.with)
	}
	return text
}
