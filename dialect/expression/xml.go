package expression

import (
	"fmt"
	"strings"

	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// xmlFunctions are ExtractValue and UpdateXML.
func xmlFunctions() []function {
	const group = "Miscellaneous"
	return []function{
		{names: "extractvalue", group: group, least: 2, most: 2, args: "ts", traits: givesNull, result: resultLongText, run: extractValue},
		{names: "updatexml", group: group, least: 3, most: 3, args: "tst", traits: givesNull, result: resultLongText, run: updateXML},
	}
}

// xmlKind is the kind of a node.
type xmlKind uint8

const (
	xmlRoot xmlKind = iota
	xmlElement
	xmlAttribute
	xmlText
)

// xmlNode is a node of a document, in its order; start and end are where it stands in the text.
type xmlNode struct {
	kind       xmlKind
	name       string
	value      string // of attributes and texts
	parent     *xmlNode
	children   []*xmlNode // attributes, elements and texts
	start, end int
	number     int
}

// texts are the texts that stand directly in a node.
func (n *xmlNode) texts() []string {
	if n.kind == xmlAttribute || n.kind == xmlText {
		return []string{n.value}
	}
	var list []string
	for _, c := range n.children {
		if c.kind == xmlText {
			list = append(list, c.value)
		}
	}
	return list
}

// xmlParser reads MySQL's XML: no entities, no check of document types.
type xmlParser struct {
	text  string
	at    int
	count int
	wrong string
}

// maxXMLDepth bounds elements within elements.
const maxXMLDepth = 1000

// parseXML reads a document; wrong says what is not well-formed, in MySQL's words.
func parseXML(text string) (root *xmlNode, wrong string) {
	p := &xmlParser{text: text}
	root = &xmlNode{kind: xmlRoot, end: len(text)}
	at := root
	depth := 0
	for p.at < len(p.text) && p.wrong == "" {
		rest := p.text[p.at:]
		switch {
		case strings.HasPrefix(rest, "<!--"):
			p.skip("-->")
		case strings.HasPrefix(rest, "<![CDATA["):
			start := p.at
			p.skip("]]>")
			if p.wrong == "" {
				p.add(at, &xmlNode{kind: xmlText, value: p.text[start+9 : p.at-3], start: start, end: p.at})
			}
		case strings.HasPrefix(rest, "<?"):
			p.skip("?>")
		case strings.HasPrefix(rest, "<!"):
			p.skip(">")
		case strings.HasPrefix(rest, "</"):
			at = p.close(at)
			depth--
		case rest[0] == '<':
			var empty bool
			next := p.open(at, &empty)
			if depth++; empty {
				depth--
				next.end = p.at
			} else {
				at = next
			}
			if depth > maxXMLDepth {
				p.fail("too many nested elements")
			}
		default:
			end := strings.IndexByte(rest, '<')
			if end < 0 {
				end = len(rest)
			}
			p.add(at, &xmlNode{kind: xmlText, value: rest[:end], start: p.at, end: p.at + end})
			p.at += end
		}
	}
	if p.wrong == "" && at != root {
		p.fail("unexpected END-OF-INPUT")
	}
	return root, p.wrong
}

func (p *xmlParser) add(parent, n *xmlNode) {
	p.count++
	n.parent, n.number = parent, p.count
	parent.children = append(parent.children, n)
}

func (p *xmlParser) fail(what string) {
	if p.wrong == "" {
		before := p.text[:min(p.at, len(p.text))]
		p.wrong = fmt.Sprintf("parse error at line %d pos %d: %s", 1+strings.Count(before, "\n"), len(before)-strings.LastIndexByte(before, '\n')-1, what)
	}
}

func (p *xmlParser) skip(end string) {
	n := strings.Index(p.text[p.at:], end)
	if n < 0 {
		p.at = len(p.text)
		p.fail("unexpected END-OF-INPUT")
		return
	}
	p.at += n + len(end)
}

func (p *xmlParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *xmlParser) name() string {
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n=<>/\"'", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[start:p.at]
}

// open reads a start tag.
func (p *xmlParser) open(parent *xmlNode, empty *bool) *xmlNode {
	n := &xmlNode{kind: xmlElement, start: p.at}
	p.at++
	n.name = p.name()
	p.add(parent, n)
	if n.name == "" {
		p.fail("unknown token unexpected (ident or '/' wanted)")
	}
	for p.wrong == "" {
		p.space()
		rest := p.text[p.at:]
		switch {
		case rest == "":
			p.fail("unexpected END-OF-INPUT ('>' wanted)")
		case strings.HasPrefix(rest, "/>"):
			p.at += 2
			*empty = true
			return n
		case rest[0] == '>':
			p.at++
			return n
		default:
			p.attribute(n)
		}
	}
	return n
}

func (p *xmlParser) attribute(n *xmlNode) {
	a := &xmlNode{kind: xmlAttribute, start: p.at}
	a.name = p.name()
	if a.name == "" {
		p.fail("unexpected token ('>' wanted)")
		return
	}
	p.space()
	if p.at < len(p.text) && p.text[p.at] == '=' {
		p.at++
		p.space()
		if p.at < len(p.text) && (p.text[p.at] == '"' || p.text[p.at] == '\'') {
			start := p.at + 1
			n := strings.IndexByte(p.text[start:], p.text[p.at])
			if n < 0 {
				p.fail("unexpected END-OF-INPUT")
				return
			}
			a.value, p.at = p.text[start:start+n], start+n+1
		} else {
			a.value = p.name()
		}
	}
	a.end = p.at
	p.add(n, a)
}

// close reads an end tag and returns the element around.
func (p *xmlParser) close(n *xmlNode) *xmlNode {
	p.at += 2
	name := p.name()
	if n.parent == nil || name != n.name {
		wanted := "END-OF-INPUT"
		if n.parent != nil {
			wanted = "'</" + n.name + ">'"
		}
		p.fail("'</" + name + ">' unexpected (" + wanted + " wanted)")
		return n
	}
	p.space()
	if p.at >= len(p.text) || p.text[p.at] != '>' {
		p.fail("unexpected END-OF-INPUT ('>' wanted)")
		return n
	}
	p.at++
	n.end = p.at
	return n.parent
}

// document reads an argument as XML; what is not well-formed is a warning and NULL.
func (r *runtime) xml(v txn.Value) *xmlNode {
	root, wrong := parseXML(string(textOf(v)))
	if wrong == "" {
		return root
	}
	r.note(mysqlerr.Newf(errWrongValue, "Incorrect XML value: '%s'", wrong))
	return nil
}

func extractValue(r *runtime, args []txn.Value) (txn.Value, error) {
	path, err := parseXPath(string(textOf(args[1])))
	if err != nil {
		return txn.Null(), err
	}
	root := r.xml(args[0])
	if root == nil {
		return txn.Null(), nil
	}
	v := path.eval(xpathContext{node: root, position: 1, size: 1})
	if !v.isNodes {
		return txn.TextString(v.string()), nil
	}
	var list []string
	for _, n := range v.nodes {
		list = append(list, n.texts()...)
	}
	return txn.TextString(strings.Join(list, " ")), nil
}

// updateXML replaces the one node that a path finds; no or several nodes leave the text as it is.
func updateXML(r *runtime, args []txn.Value) (txn.Value, error) {
	path, err := parseXPath(string(textOf(args[1])))
	if err != nil {
		return txn.Null(), err
	}
	root := r.xml(args[0])
	if root == nil {
		return txn.Null(), nil
	}
	v := path.eval(xpathContext{node: root, position: 1, size: 1})
	text := string(textOf(args[0]))
	if !v.isNodes {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "UpdateXML")
	}
	if len(v.nodes) != 1 || v.nodes[0].kind == xmlRoot {
		return txn.TextString(text), nil
	}
	n := v.nodes[0]
	if n.kind == xmlText && n.parent.kind == xmlElement { // MySQL takes the text's element away too
		n = n.parent
	}
	return txn.TextString(text[:n.start] + string(textOf(args[2])) + text[n.end:]), nil
}
