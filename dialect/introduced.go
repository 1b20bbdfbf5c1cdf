package dialect

import (
	"bytes"
	"encoding/hex"

	"marmot/schemas"
)

// IntroducedBytes puts the strings that a character set introduces (_binary'…', _latin1'…') in base 16 where they are not ASCII: their
// bytes are those that the client sent, whatever its own character set, from which the statement has still to be converted.
// The character set of sql is one in which no byte of a longer character is ASCII.
func IntroducedBytes(sql []byte, mode SQLMode) []byte {
	if !bytes.ContainsRune(sql, '_') || onlyASCII(sql) {
		return sql
	}
	s := scanner{src: sql, mode: mode}
	var out []byte
	done := 0
	introduced := false
	for {
		t := s.next()
		if t.kind == tokenEnd || t.kind == tokenBad {
			break
		}
		if t.kind == tokenString && introduced && !onlyASCII(sql[t.start:t.end]) {
			out = append(append(out, sql[done:t.start]...), " x'"...)
			out = append(hex.AppendEncode(out, unquote(sql[t.start:t.end], mode)), '\'')
			done = t.end
		}
		introduced = t.kind == tokenWord && isIntroducer(sql[t.start:t.end])
	}
	if done == 0 {
		return sql
	}
	return append(out, sql[done:]...)
}

func onlyASCII(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r >= 0x80 })
}

// isIntroducer reports whether a word is _ and the name of a character set.
func isIntroducer(word []byte) bool {
	if len(word) < 2 || word[0] != '_' {
		return false
	}
	_, known := schemas.LookupCharset(lowerWord(word[1:]))
	return known
}
