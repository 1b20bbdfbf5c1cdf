package dialect

import (
	"slices"
	"strings"
)

// headWords is how many words at most tell of which kind a statement is.
const headWords = 12

// Preparable reports whether MySQL takes a statement in PREPARE and COM_STMT_PREPARE; those that it does not are error 1295.
func Preparable(sql []byte, mode SQLMode) bool {
	w := head(sql, mode)
	switch w[0] {
	case "USE", "LOCK", "UNLOCK", "BEGIN", "START", "SAVEPOINT", "RELEASE", "CHECK", "HELP", "LOAD", "PREPARE", "EXECUTE", "DEALLOCATE", "GET",
		"SIGNAL", "RESIGNAL", "XA", "HANDLER", "SHUTDOWN":
		return false
	case "ROLLBACK":
		return w[1] != "TO" && w[2] != "TO"
	case "SHOW":
		return w[1] != "WARNINGS" && w[1] != "ERRORS" && w[1] != "COUNT"
	case "CREATE":
		return !slices.Contains([]string{"PROCEDURE", "FUNCTION", "TRIGGER", "ROLE", "RESOURCE"}, object(w[1:]))
	case "DROP":
		return !slices.Contains([]string{"PROCEDURE", "FUNCTION", "TRIGGER", "ROLE", "RESOURCE"}, w[1])
	case "ALTER":
		return !slices.Contains([]string{"PROCEDURE", "FUNCTION", "VIEW", "DATABASE", "SCHEMA", "RESOURCE"}, object(w[1:]))
	}
	return true
}

// head is the first words of a statement in upper case; what is no word is empty.
func head(sql []byte, mode SQLMode) [headWords]string {
	var words [headWords]string
	x := scanner{src: sql, mode: mode}
	for i := range words {
		t := x.next()
		if t.kind == tokenEnd || t.kind == tokenBad {
			break
		}
		if t.kind == tokenWord {
			words[i] = strings.ToUpper(string(sql[t.start:t.end]))
		}
	}
	return words
}

// object is the word of CREATE and ALTER that says what is made or changed: clauses like DEFINER may stand before it.
func object(words []string) string {
	for _, w := range words {
		switch w {
		case "PROCEDURE", "FUNCTION", "TRIGGER", "VIEW", "EVENT", "TABLE", "INDEX", "DATABASE", "SCHEMA", "USER", "ROLE", "RESOURCE", "SERVER", "TABLESPACE":
			return w
		}
	}
	return ""
}
