package dialect

// blocks follows the text of CREATE TRIGGER, PROCEDURE, FUNCTION and EVENT, in whose blocks a semicolon ends no
// statement. The zero value stands before the first token.
type blocks struct {
	part   part
	kind   string
	parens int
	// stack holds the open blocks; true is a CASE inside an expression.
	stack    []bool
	previous string // the last token, if it is a word, ; or :
}

// part is the part of the statement that has been reached.
type part uint8

const (
	partFirst  part = iota // nothing read
	partKind               // CREATE and what stands before the kind of object
	partHead               // name, parameters, event
	partBody               // characteristics and the beginning of the body
	partBlocks             // inside the body
	partPlain              // there are no blocks
)

// open reports whether the text so far stands inside a block.
func (b *blocks) open() bool { return len(b.stack) > 0 }

// step takes the next token.
func (b *blocks) step(src []byte, t token) {
	if b.part == partPlain {
		return
	}
	word := ""
	switch {
	case t.kind == tokenWord:
		word = lowerWord(src[t.start:t.end])
	case t.kind == tokenOperator && (src[t.start] == ';' || src[t.start] == ':'):
		word = string(src[t.start:t.end])
	}
	switch b.part {
	case partFirst:
		b.part = partPlain
		if word == "create" || word == "alter" {
			b.part = partKind
		}
	case partKind:
		b.object(word)
	case partHead:
		b.head(src, t, word)
	case partBody:
		b.body(word)
	case partBlocks:
		b.inside(word)
	}
	b.previous = word
}

func (b *blocks) object(word string) {
	switch word {
	case "trigger", "procedure", "function", "event":
		b.part, b.kind = partHead, word
	case "table", "view", "database", "schema", "index", "temporary", "user", "role", ";":
		b.part = partPlain
	}
}

func (b *blocks) head(src []byte, t token, word string) {
	switch {
	case b.kind == "trigger" && word == "row", b.kind == "event" && word == "do":
		b.part = partBody
	case b.kind == "trigger", b.kind == "event":
	case t.kind == tokenOperator && src[t.start] == '(':
		b.parens++
	case t.kind == tokenOperator && src[t.start] == ')':
		b.parens--
		if b.parens == 0 {
			b.part = partBody
		}
	}
}

// body looks for the first word of the body: of a block, or of a single statement.
func (b *blocks) body(word string) {
	switch word {
	case "begin", "case", "if", "while", "loop", "repeat":
		b.part, b.stack = partBlocks, append(b.stack, false)
	case "set":
		if b.previous != "character" && b.previous != "returns" {
			b.part = partPlain
		}
	case "select", "insert", "update", "delete", "replace", "return", "call", ";":
		b.part = partPlain
	}
}

func (b *blocks) inside(word string) {
	if len(b.stack) == 0 {
		return
	}
	expression := b.stack[len(b.stack)-1]
	if b.previous == "end" { // END IF and its like
		return
	}
	switch word {
	case "begin":
		b.stack = append(b.stack, false)
	case "case":
		b.stack = append(b.stack, expression || !b.atStatement())
	case "if", "while", "loop", "repeat":
		if !expression && b.atStatement() {
			b.stack = append(b.stack, false)
		}
	case "end":
		b.stack = b.stack[:len(b.stack)-1]
	}
}

// atStatement reports whether a statement begins behind the previous token.
func (b *blocks) atStatement() bool {
	switch b.previous {
	case ";", ":", "begin", "then", "else", "do", "loop", "repeat":
		return true
	}
	return false
}
