package debezium

import "strings"

// statementText is the part of a DDL's text that the connector tells: from the first token to the last, without comments and the marks of version
// comments before and behind. Strings in double quotes, which its grammar has not, have become such in single ones.
func statementText(ddl string) string {
	var b strings.Builder
	end := 0 // of the last token in b
	for at := 0; at < len(ddl); {
		n, kind := lexeme(ddl[at:])
		text := ddl[at : at+n]
		at += n
		if kind != lexemeToken && end == 0 {
			continue
		}
		if kind == lexemeToken && text[0] == '"' {
			text = inSingleQuotes(text)
		}
		b.WriteString(text)
		if kind == lexemeToken {
			end = b.Len()
		}
	}
	return b.String()[:end]
}

// statementWords returns the words of a DDL in capitals, without comments and what is in quotes.
func statementWords(ddl string) []string {
	var b strings.Builder
	for at := 0; at < len(ddl); {
		n, kind := lexeme(ddl[at:])
		switch text := ddl[at : at+n]; {
		case kind == lexemeComment:
			b.WriteByte(' ')
		case kind == lexemeToken && strings.ContainsRune("'\"`", rune(text[0])):
			b.WriteString(" ? ")
		default:
			b.WriteString(text)
		}
		at += n
	}
	return strings.Fields(strings.ToUpper(b.String()))
}

type lexemeKind uint8

const (
	lexemeToken lexemeKind = iota
	lexemeSpace
	lexemeComment // a comment, or one of the marks that enclose a version comment
)

// lexeme is the length of what stands at the head of a text: a comment, white space or the end of a statement, a string or quoted name, a single sign.
func lexeme(s string) (int, lexemeKind) {
	line := func() int {
		if n := strings.IndexByte(s, '\n'); n >= 0 {
			return n
		}
		return len(s)
	}
	switch {
	case strings.HasPrefix(s, "/*!"):
		n := 3
		for n < min(len(s), 9) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		return n, lexemeComment
	case strings.HasPrefix(s, "/*"):
		if n := strings.Index(s[2:], "*/"); n >= 0 {
			return n + 4, lexemeComment
		}
		return len(s), lexemeComment
	case strings.HasPrefix(s, "*/"):
		return 2, lexemeComment
	case s[0] == '#', s == "--", strings.HasPrefix(s, "--") && s[2] <= ' ':
		return line(), lexemeComment
	case strings.IndexByte(" \t\r\n\v\f;", s[0]) >= 0:
		return 1, lexemeSpace
	case strings.IndexByte("'\"`", s[0]) >= 0:
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] == '\\' && s[0] != '`':
				i++
			case s[i] == s[0] && i+1 < len(s) && s[i+1] == s[0]:
				i++
			case s[i] == s[0]:
				return i + 1, lexemeToken
			}
		}
		return len(s), lexemeToken
	}
	return 1, lexemeToken
}

// inSingleQuotes makes a string in double quotes one in single quotes as the connector does: quotes in it are doubled, and all else stays.
func inSingleQuotes(text string) string {
	return "'" + strings.ReplaceAll(strings.TrimSuffix(text[1:], `"`), "'", "''") + "'"
}
