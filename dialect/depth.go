package dialect

import (
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

const (
	// maxDepth bounds what the tree of a statement may come to, in the weights below: every pass over the tree calls itself, and
	// a Go stack that is used up ends the process.
	maxDepth = 16_000
	// chainWeight is that of operators that bind weakly, whose long chains programs do write; nestWeight that of everything else
	// that nests.
	chainWeight, nestWeight = 1, 4
	// maxSelects is how many SELECTs may stand in one another, as in MySQL.
	maxSelects = 64
	// errTooHighNesting is ER_TOO_HIGH_LEVEL_OF_NESTING_FOR_SELECT.
	errTooHighNesting = 1473
	// errCapacity is ER_CAPACITY_EXCEEDED.
	errCapacity = 3170
)

// chainWords bind weaker than what stands between them.
var chainWords = map[string]bool{"and": true, "or": true, "xor": true, "union": true, "except": true, "intersect": true, "join": true}

// bracketWords are open until an END, whatever stands behind them.
var bracketWords = map[string]bool{"case": true, "begin": true, "if": true, "loop": true, "while": true, "repeat": true}

// nestingWords are operators that are words.
var nestingWords = map[string]bool{"not": true, "collate": true, "div": true, "mod": true, "is": true, "in": true, "like": true, "between": true,
	"regexp": true, "rlike": true, "binary": true, "interval": true, "sounds": true, "member": true}

// level is what stands between a pair of parentheses.
type level struct {
	chain   int  // weight of the chain since the last comma
	here    int  // weight of the operators since the chain's last link
	inner   int  // of the deepest parentheses since then
	link    int  // of the chain's deepest link before
	deepest int  // of the parts between commas before
	selects bool // it holds a SELECT of its own
}

// next begins another link of the chain.
func (l *level) next() {
	l.link = max(l.link, l.here+l.inner)
	l.here, l.inner = 0, 0
}

// end closes the part between two commas.
func (l *level) end() {
	l.next()
	l.deepest = max(l.deepest, l.chain+l.link)
	l.chain, l.link = 0, 0
}

// depth measures a text as it is read.
type depth struct {
	levels  []level
	sum     int // of the weights of what is open
	selects int // in one another
}

// word takes a word.
func (d *depth) word(w string) {
	top := &d.levels[len(d.levels)-1]
	switch {
	case chainWords[w]:
		d.link()
	case bracketWords[w]:
		top.chain += nestWeight
		d.sum += nestWeight
	case nestingWords[w]:
		d.nest()
	case w == "select" && !top.selects:
		top.selects = true
		d.selects++
	}
}

func (d *depth) nest() {
	d.levels[len(d.levels)-1].here += nestWeight
	d.sum += nestWeight
}

func (d *depth) link() {
	top := &d.levels[len(d.levels)-1]
	d.sum += chainWeight - top.here
	top.next()
	top.chain += chainWeight
}

// operator takes a token of punctuation.
func (d *depth) operator(c byte) {
	top := &d.levels[len(d.levels)-1]
	switch c {
	case '(':
		d.levels = append(d.levels, level{})
		d.sum += nestWeight
	case ')':
		if len(d.levels) == 1 {
			return // the parser will tell
		}
		d.sum -= nestWeight + top.here + top.chain
		top.end()
		if top.selects {
			d.selects--
		}
		outer := &d.levels[len(d.levels)-2]
		outer.inner = max(outer.inner, top.deepest+nestWeight)
		d.levels = d.levels[:len(d.levels)-1]
	case ',', ';':
		d.sum -= top.here + top.chain
		top.end()
	case '|', '&':
		d.link()
	case '.', '{', '}':
	default:
		d.nest()
	}
}

// check refuses what has become too deep.
func (d *depth) check() error {
	top := &d.levels[len(d.levels)-1]
	if d.sum > maxDepth || top.chain+max(top.link, top.here+top.inner) > maxDepth {
		return mysqlerr.Newf(mysql.ER_STACK_OVERRUN_NEED_MORE, "Thread stack overrun: the statement is nested too deeply")
	}
	if d.selects > maxSelects {
		return mysqlerr.Newf(errTooHighNesting, "Too high level of nesting for select")
	}
	return nil
}

// checkDepth refuses a text whose tree would be too deep. It looks at the tokens only, and takes every operator for one inside
// the other unless a comma or a weaker operator stands between them.
func checkDepth(text []byte) error {
	if len(text) < maxSelects*len("(select") { // too short to be any of it
		return nil
	}
	d := depth{levels: []level{{}}}
	s := scanner{src: text}
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		switch t.kind {
		case tokenWord:
			d.word(lowerWord(text[t.start:t.end]))
		case tokenOperator:
			d.operator(text[t.start])
		}
		if err := d.check(); err != nil {
			return err
		}
	}
	return nil
}
