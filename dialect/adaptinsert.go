package dialect

// insertColumns follows the list of columns of INSERT and REPLACE, where MySQL takes names of three parts and the parser of two.
type insertColumns struct {
	over bool // the list cannot come any more
	open bool
	// at is where the present name begins in what has been written, second where its second part does.
	at, second int
	dots       int
}

// token takes the next token; level counts the parentheses around it. It returns out as it shall be.
func (c *insertColumns) token(t token, src []byte, out []byte, first string, level int) []byte {
	if c.over || first != "insert" && first != "replace" {
		return out
	}
	if t.kind == tokenWord {
		switch lowerWord(src) {
		case "values", "value", "select", "set", "with", "table":
			c.over = true
		}
		return out
	}
	if t.kind != tokenOperator {
		return out
	}
	switch src[0] {
	case '(':
		c.open, c.at, c.dots = level == 0, len(out), 0
	case ')':
		c.open = false
	case ',':
		c.at, c.dots = len(out), 0
	case '.':
		if c.dots++; c.dots == 1 {
			c.second = len(out)
		} else if c.open && c.dots == 2 {
			out = append(append(out[:c.at], ' '), out[c.second:]...)
		}
	}
	return out
}
