package binlog

import (
	"regexp"
	"strings"
)

// mysqlCollations are collations of MySQL 8 that MariaDB has under another name.
var mysqlCollations = regexp.MustCompile(`(?i)\butf8mb4_0900_(ai_ci|as_ci|as_cs|bin)\b`)

// forMariaDB spells a definition so that a MariaDB takes it, which lacks the names of MySQL's collations.
func (q *query) forMariaDB() {
	var b strings.Builder
	at := 0
	plain := func(text string) {
		b.WriteString(mysqlCollations.ReplaceAllStringFunc(text, func(name string) string {
			suffix := strings.ToLower(name[len("utf8mb4_0900_"):])
			if suffix == "bin" {
				return "utf8mb4_nopad_bin"
			}
			return "utf8mb4_uca1400_nopad_" + suffix
		}))
	}
	for _, span := range quoted.FindAllStringIndex(q.text, -1) {
		plain(q.text[at:span[0]])
		b.WriteString(q.text[span[0]:span[1]])
		at = span[1]
	}
	plain(q.text[at:])
	q.text = b.String()
}
