package fulltext

import (
	"strconv"
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// node is a part of a search: a list of parts, one word, or a phrase.
type node struct {
	operator byte // + - > < ~ or 0
	list     []*node
	isList   bool
	words    []word
	phrase   bool
	prefix   bool // every word that begins like it
	distance int  // of the words of a phrase; 0: they follow each other
}

// maxDepth bounds the parentheses of a search.
const maxDepth = 100

// token kinds of the boolean language; operators are their own bytes.
const (
	tokenEnd    = 0
	tokenTerm   = 't'
	tokenNumber = 'n'
	tokenText   = 'q'
)

// parser reads the boolean language of InnoDB.
type parser struct {
	a     *Analyzer
	text  string
	kind  byte
	value string
	// noOperators: natural language knows words and phrases only.
	noOperators bool
}

const booleanOperators = `()+-<>~@*`

// next reads the next token.
func (p *parser) next() {
	blanks := " \t\r\n%"
	if p.noOperators {
		blanks = " \t\r\n"
	}
	p.text = strings.TrimLeft(p.text, blanks)
	if p.text == "" {
		p.kind, p.value = tokenEnd, ""
		return
	}
	c := p.text[0]
	if c == '"' {
		end := strings.IndexAny(p.text[1:], "\"\n")
		if end >= 0 && p.text[1+end] == '"' {
			p.kind, p.value, p.text = tokenText, p.text[1:1+end], p.text[end+2:]
			return
		}
		p.text = p.text[1:]
		p.next()
		return
	}
	if !p.noOperators && strings.IndexByte(booleanOperators, c) >= 0 {
		p.kind, p.value, p.text = c, string(c), p.text[1:]
		return
	}
	stop := blanks + `"`
	if !p.noOperators {
		stop += booleanOperators
	}
	end := strings.IndexAny(p.text, stop)
	if end < 0 {
		end = len(p.text)
	}
	p.kind, p.value, p.text = tokenTerm, p.text[:end], p.text[end:]
	if strings.Trim(p.value, "0123456789") == "" {
		p.kind = tokenNumber
	}
}

// unexpected is the error of InnoDB's parser at the present token.
func (p *parser) unexpected(expecting string) error {
	name := "'" + string(p.kind) + "'"
	switch p.kind {
	case tokenEnd:
		name = "$end"
	case tokenTerm:
		name = "FTS_TERM"
	case tokenNumber:
		name = "FTS_NUMB"
	case tokenText:
		name = "FTS_TEXT"
	}
	text := "syntax error, unexpected " + name
	if expecting != "" {
		text += ", expecting " + expecting
	}
	return mysqlerr.Newf(mysql.ER_PARSE_ERROR, "%s", text)
}

// parseBoolean reads a search IN BOOLEAN MODE.
func (a *Analyzer) parseBoolean(text string) (*node, error) {
	p := &parser{a: a, text: text}
	p.next()
	root, err := p.list(0)
	if err == nil && p.kind != tokenEnd {
		err = p.unexpected("$end")
	}
	return root, err
}

// parseNatural reads a search in natural language: words, and phrases in quotes.
func (a *Analyzer) parseNatural(text string) (*node, error) {
	p := &parser{a: a, text: text, noOperators: true}
	p.next()
	return p.list(0)
}

// list reads parts up to what cannot begin one.
func (p *parser) list(depth int) (*node, error) {
	n := &node{isList: true}
	if depth > maxDepth {
		return n, mysqlerr.Newf(mysql.ER_PARSE_ERROR, "syntax error, too many parentheses")
	}
	for {
		var operator byte
		switch p.kind {
		case '+', '-', '<', '>', '~':
			operator = p.kind
			p.next()
		}
		part, err := p.part(operator, depth)
		if err != nil {
			return n, err
		}
		if part == nil {
			return n, nil
		}
		n.list = append(n.list, part...)
	}
}

// part reads what an operator may stand before. Without an operator nil is the end of the list.
func (p *parser) part(operator byte, depth int) ([]*node, error) {
	switch p.kind {
	case '(':
		p.next()
		sub, err := p.list(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.kind != ')' {
			return nil, p.unexpected("")
		}
		p.next()
		sub.operator = operator
		return []*node{sub}, nil
	case tokenText:
		return p.phrase(operator)
	case tokenTerm, tokenNumber, '*':
		star := p.kind == '*'
		for p.kind == '*' {
			p.next()
		}
		if p.kind != tokenTerm && p.kind != tokenNumber {
			return nil, p.unexpected("FTS_TERM or FTS_NUMB or '*'")
		}
		return p.term(operator, star), nil
	}
	if operator != 0 {
		return nil, p.unexpected("")
	}
	return nil, nil
}

// term reads a word; punctuation in it makes it several.
func (p *parser) term(operator byte, prefix bool) []*node {
	value := p.value
	words := p.a.split(value)
	p.next()
	for p.kind == '*' {
		prefix = true
		p.next()
	}
	list := []*node{}
	if run := []rune(p.a.fold(value)); p.a.ngram && prefix && len(run) < gramSize {
		return append(list, &node{operator: operator, words: []word{{text: string(run), kept: true}}, prefix: true})
	}
	if p.a.ngram && len(words) > 0 { // a word is the phrase of its pairs
		return append(list, &node{operator: operator, words: words, phrase: len(words) > 1, prefix: prefix && len(words) == 1})
	}
	if operator == '-' && len(words) > 1 {
		return list // InnoDB leaves out no row for several words in one
	}
	for i, w := range words {
		if i > 0 && len([]rune(w.text)) < minWord {
			continue
		}
		list = append(list, &node{operator: operator, words: []word{w}, prefix: prefix && i == len(words)-1})
	}
	return list
}

func (p *parser) phrase(operator byte) ([]*node, error) {
	n := &node{operator: operator, words: p.a.split(p.value), phrase: true}
	p.next()
	if p.kind == '@' && !p.noOperators {
		p.next()
		if p.kind != tokenNumber {
			return nil, p.unexpected("FTS_NUMB")
		}
		d, err := strconv.Atoi(p.value)
		if err != nil {
			return nil, p.unexpected("")
		}
		n.distance = max(d, 1)
		p.next()
	}
	return []*node{n}, nil
}
