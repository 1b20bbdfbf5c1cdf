package expression

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// xpathValue is a set of nodes, or a number, a text or a truth value.
type xpathValue struct {
	nodes   []*xmlNode
	isNodes bool
	text    string
	number  float64
	kind    byte // n, s, b
}

func xpathNumber(f float64) xpathValue { return xpathValue{number: f, kind: 'n'} }
func xpathString(s string) xpathValue  { return xpathValue{text: s, kind: 's'} }
func xpathBool(b bool) xpathValue {
	if b {
		return xpathValue{number: 1, kind: 'b'}
	}
	return xpathValue{kind: 'b'}
}

func (v xpathValue) string() string {
	switch {
	case v.isNodes:
		var b strings.Builder
		for _, n := range v.nodes {
			b.WriteString(strings.Join(n.texts(), ""))
		}
		return b.String()
	case v.kind == 's':
		return v.text
	}
	return string(schemas.AppendFloat(nil, schemas.Type{Kind: schemas.Double, Decimals: -1}, v.number))
}

func (v xpathValue) float() float64 {
	if v.isNodes || v.kind == 's' {
		f, _ := parseFloat([]byte(v.string()))
		return f
	}
	return v.number
}

func (v xpathValue) truth() bool {
	switch {
	case v.isNodes:
		return len(v.nodes) > 0
	case v.kind == 's':
		return v.text != ""
	}
	return v.number != 0
}

// xpathContext is where an expression is evaluated.
type xpathContext struct {
	node           *xmlNode
	position, size int
}

// xpath is a compiled expression.
type xpath struct {
	eval func(c xpathContext) xpathValue
}

// xpathStep is one step of a path.
type xpathStep struct {
	axis, test string
	predicates []xpath
}

type xpathParser struct {
	rest  string
	err   error
	depth int
}

// parseXPath compiles an expression of MySQL's XPath.
func parseXPath(text string) (xpath, error) {
	p := &xpathParser{rest: text}
	x := p.binary(0)
	p.space()
	if p.err == nil && p.rest != "" {
		p.fail()
	}
	return x, p.err
}

func (p *xpathParser) fail() {
	if p.err == nil {
		near := p.rest
		if len(near) > 32 {
			near = near[:32]
		}
		p.err = mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "XPATH syntax error: '%s'", near)
	}
}

func (p *xpathParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *xpathParser) accept(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, s)
	if ok && p.err == nil {
		p.rest = rest
	}
	return ok && p.err == nil
}

// word passes a word that is not part of a longer one.
func (p *xpathParser) word(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, s)
	if !ok || nameLength(rest) > 0 || p.err != nil {
		return false
	}
	p.rest = rest
	return true
}

func nameLength(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] == '-' || s[n] == '.' || s[n] >= '0' && s[n] <= '9' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || s[n] >= utf8.RuneSelf) {
		n++
	}
	return n
}

// xpathOperators are the operators by level, the loosest first.
var xpathOperators = [][]string{{"or"}, {"and"}, {"!=", "="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "div", "mod"}}

const maxXPathDepth = 200

func (p *xpathParser) binary(level int) xpath {
	if p.depth++; p.depth > maxXPathDepth {
		p.fail()
	}
	defer func() { p.depth-- }()
	if level == len(xpathOperators) {
		return p.unary()
	}
	left := p.binary(level + 1)
	for p.err == nil {
		op := ""
		for _, o := range xpathOperators[level] {
			letters := o[0] >= 'a'
			if letters && p.word(o) || !letters && p.accept(o) {
				op = o
				break
			}
		}
		if op == "" {
			break
		}
		a, b := left, p.binary(level+1)
		left = xpath{func(c xpathContext) xpathValue { return xpathOperate(op, a.eval(c), b.eval(c)) }}
	}
	return left
}

func xpathOperate(op string, a, b xpathValue) xpathValue {
	switch op {
	case "or":
		return xpathBool(a.truth() || b.truth())
	case "and":
		return xpathBool(a.truth() && b.truth())
	case "+":
		return xpathNumber(a.float() + b.float())
	case "-":
		return xpathNumber(a.float() - b.float())
	case "*":
		return xpathNumber(a.float() * b.float())
	case "div":
		return xpathNumber(math.Trunc(a.float() / b.float()))
	case "mod":
		return xpathNumber(math.Mod(a.float(), b.float()))
	}
	return xpathBool(xpathCompare(op, a, b))
}

// xpathCompare compares; a set of nodes holds if one of its nodes does.
func xpathCompare(op string, a, b xpathValue) bool {
	each := func(v xpathValue) []xpathValue {
		if !v.isNodes {
			return []xpathValue{v}
		}
		var list []xpathValue
		for _, n := range v.nodes {
			for _, t := range n.texts() {
				list = append(list, xpathString(t))
			}
		}
		return list
	}
	for _, x := range each(a) {
		for _, y := range each(b) {
			c := 0
			if x.kind == 's' && y.kind == 's' {
				c = schemas.LookupCollation(DefaultCollation).Compare([]byte(x.text), []byte(y.text))
			} else if f, g := x.float(), y.float(); f < g {
				c = -1
			} else if f > g {
				c = 1
			}
			if holds := map[string]bool{"=": c == 0, "!=": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}; holds[op] {
				return true
			}
		}
	}
	return false
}

func (p *xpathParser) unary() xpath {
	if p.accept("-") {
		x := p.unary()
		return xpath{func(c xpathContext) xpathValue { return xpathNumber(-x.eval(c).float()) }}
	}
	left := p.primary()
	for p.err == nil && p.accept("|") {
		a, b := left, p.primary()
		left = xpath{func(c xpathContext) xpathValue {
			return xpathNodes(append(slices.Clone(a.eval(c).nodes), b.eval(c).nodes...))
		}}
	}
	return left
}

// xpathNodes is a set of nodes in the order of the document.
func xpathNodes(list []*xmlNode) xpathValue {
	slices.SortFunc(list, func(a, b *xmlNode) int { return a.number - b.number })
	return xpathValue{nodes: slices.Compact(list), isNodes: true}
}

func (p *xpathParser) primary() xpath {
	p.space()
	switch {
	case p.err != nil || p.rest == "":
		p.fail()
	case p.rest[0] == '"' || p.rest[0] == '\'':
		end := strings.IndexByte(p.rest[1:], p.rest[0])
		if end < 0 {
			p.fail()
			break
		}
		s := p.rest[1 : 1+end]
		p.rest = p.rest[end+2:]
		return xpath{func(xpathContext) xpathValue { return xpathString(s) }}
	case p.rest[0] >= '0' && p.rest[0] <= '9':
		n := strings.IndexFunc(p.rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if n < 0 {
			n = len(p.rest)
		}
		f, err := strconv.ParseFloat(p.rest[:n], 64)
		if err != nil {
			p.fail()
		}
		p.rest = p.rest[n:]
		return xpath{func(xpathContext) xpathValue { return xpathNumber(f) }}
	case p.rest[0] == '(':
		p.rest = p.rest[1:]
		x := p.binary(0)
		if !p.accept(")") {
			p.fail()
		}
		return x
	default:
		n := nameLength(p.rest)
		if after := strings.TrimLeft(p.rest[n:], " \t\r\n"); n > 0 && strings.HasPrefix(after, "(") && !xpathNodeTest(p.rest[:n]) {
			return p.call(p.rest[:n])
		}
		return p.path()
	}
	return xpath{func(xpathContext) xpathValue { return xpathValue{} }}
}

func xpathNodeTest(name string) bool { return name == "text" || name == "node" || name == "comment" }

// path reads a location path.
func (p *xpathParser) path() xpath {
	var steps []xpathStep
	absolute := false
	if p.accept("//") {
		absolute = true
		steps = append(steps, xpathStep{axis: "descendant-or-self", test: "node()"})
	} else if p.accept("/") {
		absolute = true
	}
	if p.space(); !absolute || p.rest != "" {
		steps = append(steps, p.step())
	}
	for p.err == nil {
		if p.accept("//") {
			steps = append(steps, xpathStep{axis: "descendant-or-self", test: "node()"})
		} else if !p.accept("/") {
			break
		}
		steps = append(steps, p.step())
	}
	return xpath{func(c xpathContext) xpathValue {
		at := c.node
		for absolute && at.parent != nil {
			at = at.parent
		}
		nodes := []*xmlNode{at}
		for i := range steps {
			var next []*xmlNode
			for _, n := range nodes {
				next = append(next, steps[i].from(n)...)
			}
			nodes = xpathNodes(next).nodes
		}
		return xpathNodes(nodes)
	}}
}

func (p *xpathParser) step() xpathStep {
	s := xpathStep{axis: "child"}
	switch {
	case p.accept(".."):
		s.axis, s.test = "parent", "node()"
	case p.accept("."):
		s.axis, s.test = "self", "node()"
	default:
		if p.accept("@") {
			s.axis = "attribute"
		} else if n := nameLength(p.rest); n > 0 && strings.HasPrefix(p.rest[n:], "::") {
			s.axis = p.rest[:n]
			if !slices.Contains(xpathAxes, s.axis) {
				p.fail()
			}
			p.rest = p.rest[n+2:]
		}
		if p.accept("*") {
			s.test = "*"
			break
		}
		n := nameLength(p.rest)
		if n == 0 {
			p.fail()
			break
		}
		s.test = p.rest[:n]
		p.rest = p.rest[n:]
		if strings.HasPrefix(p.rest, ":") && !strings.HasPrefix(p.rest, "::") {
			m := nameLength(p.rest[1:])
			s.test += p.rest[:1+m]
			p.rest = p.rest[1+m:]
		}
		if xpathNodeTest(s.test) && p.accept("(") {
			if !p.accept(")") {
				p.fail()
			}
			s.test += "()"
		}
	}
	for p.err == nil && p.accept("[") {
		s.predicates = append(s.predicates, p.binary(0))
		if !p.accept("]") {
			p.fail()
		}
	}
	return s
}

var xpathAxes = []string{"ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self", "following",
	"following-sibling", "parent", "preceding", "preceding-sibling", "self"}

// from are the nodes that a step finds from one node.
func (s *xpathStep) from(n *xmlNode) []*xmlNode {
	var found []*xmlNode
	for _, c := range axisNodes(s.axis, n) {
		if s.fits(c) {
			found = append(found, c)
		}
	}
	for _, predicate := range s.predicates {
		var kept []*xmlNode
		for i, c := range found {
			v := predicate.eval(xpathContext{node: c, position: i + 1, size: len(found)})
			if v.kind == 'n' && !v.isNodes && v.number == float64(i+1) || (v.kind != 'n' || v.isNodes) && v.truth() {
				kept = append(kept, c)
			}
		}
		found = kept
	}
	return found
}

func (s *xpathStep) fits(n *xmlNode) bool {
	switch s.test {
	case "node()":
		return true
	case "text()":
		return n.kind == xmlText
	case "comment()":
		return false
	}
	kind := xmlElement
	if s.axis == "attribute" {
		kind = xmlAttribute
	}
	return n.kind == kind && (s.test == "*" || n.name == s.test)
}

// axisNodes lists the nodes of an axis. Those of siblings, and what follows and precedes, MySQL reads and finds nothing on.
func axisNodes(axis string, n *xmlNode) []*xmlNode {
	var list []*xmlNode
	switch axis {
	case "self":
		return []*xmlNode{n}
	case "parent":
		if n.parent != nil {
			list = append(list, n.parent)
		}
	case "ancestor", "ancestor-or-self":
		if axis == "ancestor" {
			n = n.parent
		}
		for ; n != nil; n = n.parent {
			list = append(list, n)
		}
	case "child", "attribute":
		for _, c := range n.children {
			if (c.kind == xmlAttribute) == (axis == "attribute") {
				list = append(list, c)
			}
		}
	case "descendant", "descendant-or-self":
		if axis == "descendant-or-self" {
			list = append(list, n)
		}
		for _, c := range n.children {
			if c.kind != xmlAttribute {
				list = append(list, axisNodes("descendant-or-self", c)...)
			}
		}
	}
	return list
}

// xpathFunctions are MySQL's, with the numbers of arguments.
var xpathFunctions = map[string][2]int{"boolean": {1, 1}, "ceiling": {1, 1}, "concat": {2, 255}, "contains": {2, 2}, "count": {1, 1}, "false": {0, 0},
	"floor": {1, 1}, "last": {0, 0}, "not": {1, 1}, "number": {0, 1}, "position": {0, 0}, "round": {1, 1}, "string-length": {0, 1},
	"substring": {2, 3}, "sum": {1, 1}, "true": {0, 0}}

// call reads a call of a function.
func (p *xpathParser) call(name string) xpath {
	limits, known := xpathFunctions[name]
	p.rest = p.rest[len(name):]
	if !known {
		p.fail()
		return xpath{}
	}
	p.accept("(")
	var args []xpath
	for p.err == nil && !p.accept(")") {
		if len(args) > 0 && !p.accept(",") {
			p.fail()
			break
		}
		args = append(args, p.binary(0))
	}
	if len(args) < limits[0] || len(args) > limits[1] {
		p.fail()
	}
	return xpath{func(c xpathContext) xpathValue {
		values := make([]xpathValue, len(args))
		for i := range args {
			values[i] = args[i].eval(c)
		}
		if len(values) == 0 && limits[1] == 1 {
			values = []xpathValue{{nodes: []*xmlNode{c.node}, isNodes: true}}
		}
		return xpathCall(name, c, values)
	}}
}

func xpathCall(name string, c xpathContext, v []xpathValue) xpathValue {
	switch name {
	case "last":
		return xpathNumber(float64(c.size))
	case "position":
		return xpathNumber(float64(c.position))
	case "true", "false":
		return xpathBool(name == "true")
	case "not":
		return xpathBool(!v[0].truth())
	case "boolean":
		return xpathBool(v[0].truth())
	case "count":
		return xpathNumber(float64(len(v[0].nodes)))
	case "number":
		return xpathNumber(v[0].float())
	case "floor":
		return xpathNumber(math.Floor(v[0].float()))
	case "ceiling":
		return xpathNumber(math.Ceil(v[0].float()))
	case "round":
		return xpathNumber(math.Round(v[0].float()))
	case "sum":
		sum := 0.0
		for _, n := range v[0].nodes {
			sum += xpathString(strings.Join(n.texts(), "")).float()
		}
		return xpathNumber(sum)
	case "contains":
		return xpathBool(strings.Contains(strings.ToLower(v[0].string()), strings.ToLower(v[1].string())))
	case "string-length":
		return xpathNumber(float64(utf8.RuneCountInString(v[0].string())))
	case "substring":
		return xpathString(xpathSubstring(v))
	}
	var b strings.Builder // concat
	for _, x := range v {
		b.WriteString(x.string())
	}
	return xpathString(b.String())
}

// xpathSubstring is substring(text, from, length), counted from 1.
func xpathSubstring(v []xpathValue) string {
	runes := []rune(v[0].string())
	from := int(v[1].float()) - 1
	if from < 0 || from >= len(runes) {
		return ""
	}
	runes = runes[from:]
	if len(v) == 3 {
		runes = runes[:max(0, min(len(runes), int(v[2].float())))]
	}
	return string(runes)
}
