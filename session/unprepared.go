package session

import (
	"bytes"
	"regexp"
)

// unprepared are the statements that MySQL does not take into the protocol of prepared statements. Drivers that are told so send them as text.
var unprepared = regexp.MustCompile(`(?i)^(?:use\b|begin\s*(?:work\s*)?$|start\s+transaction\b|savepoint\b|release\s+savepoint\b|rollback\s+(?:work\s+)?to\b|` +
	`(?:un)?lock\s+(?:tables?|instance)\b|show\s+(?:warnings|errors|count\s*\(\s*\*\s*\)\s*(?:warnings|errors))\b|` +
	`create\s+(?:definer\s*=\s*\S+(?:\s*@\s*\S+)?\s+)?(?:procedure|function|trigger)\b|create\s+role\b|drop\s+(?:procedure|function|trigger)\b|` +
	`alter\s+(?:procedure|function|view)\b|load\s+(?:data|xml)\b|get\s+(?:current\s+|stacked\s+)?diagnostics\b|(?:re)?signal\b|check\s+tables?\b|help\b|xa\b|handler\b|shutdown\b)`)

// preparable reports whether MySQL prepares a statement.
func preparable(text []byte) bool {
	for {
		text = bytes.TrimLeft(text, " \t\r\n")
		end := -1
		switch {
		case bytes.HasPrefix(text, []byte("/*")) && !bytes.HasPrefix(text, []byte("/*!")) && !bytes.HasPrefix(text, []byte("/*+")):
			if end = bytes.Index(text, []byte("*/")); end >= 0 {
				end += len("*/")
			}
		case bytes.HasPrefix(text, []byte("--")), bytes.HasPrefix(text, []byte("#")):
			end = bytes.IndexByte(text, '\n')
		}
		if end < 0 {
			return !unprepared.Match(text)
		}
		text = text[end:]
	}
}
