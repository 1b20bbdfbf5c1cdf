package dialect

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// shownBytes is how many bytes of a string MySQL shows where it tells that it could not convert it.
const shownBytes = 6

// comment is a comment as MySQL keeps it, in utf8mb3: characters that this set lacks become question marks, with a warning.
func (b *tableBuilder) comment(text string) string {
	const largest = 0xFFFF
	if !strings.ContainsFunc(text, func(r rune) bool { return r > largest }) {
		return text
	}
	shown := strings.Builder{}
	for i := 0; i < min(len(text), shownBytes); i++ {
		if text[i] >= ' ' && text[i] < utf8.RuneSelf-1 {
			shown.WriteByte(text[i])
		} else {
			fmt.Fprintf(&shown, "\\x%02X", text[i])
		}
	}
	if len(text) > shownBytes {
		shown.WriteString("...")
	}
	b.warnings = append(b.warnings, mysqlerr.Newf(mysql.ER_INVALID_CHARACTER_STRING, "Cannot convert string '%s' from utf8mb4 to utf8mb3", shown.String()))
	return strings.Map(func(r rune) rune {
		if r > largest {
			return '?'
		}
		return r
	}, text)
}
