package debezium

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// transformTimeout bounds one match of a transform. What takes longer is an error of the event, so that a node whose processors are busy must not come near it.
const transformTimeout = 10 * time.Second

// javaPattern is a regular expression of java.util.regex with the names of its groups. It is immutable.
type javaPattern struct {
	whole, first *regexp2.Regexp
	groups       int
	names        map[string]int
}

// compileJava compiles an expression. Java numbers named groups like the others, so their names are taken out.
func compileJava(text string) (*javaPattern, error) {
	p := &javaPattern{names: map[string]int{}}
	plain, err := p.number(text)
	if err != nil {
		return nil, err
	}
	if p.whole, err = regexp2.Compile(`\A(?:`+plain+`)\z`, regexp2.None); err == nil {
		p.first, err = regexp2.Compile(plain, regexp2.None)
	}
	if err != nil {
		return nil, fmt.Errorf("no regular expression: %w", err)
	}
	p.whole.MatchTimeout, p.first.MatchTimeout = transformTimeout, transformTimeout
	return p, nil
}

// number counts the groups of an expression and returns it with plain groups in place of named ones.
func (p *javaPattern) number(text string) (string, error) {
	var b strings.Builder
	class := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text):
			b.WriteByte(c)
			i++
			c = text[i]
		case c == '[':
			class++
		case c == ']' && class > 0:
			class--
		case c == '(' && class == 0 && strings.HasPrefix(text[i:], "(?<") && i+3 < len(text) && text[i+3] != '=' && text[i+3] != '!':
			name, _, ok := strings.Cut(text[i+3:], ">")
			if !ok || p.names[name] != 0 {
				return "", fmt.Errorf("group %q: want a name that is closed, and once", name)
			}
			p.groups++
			p.names[name] = p.groups
			i += len("?<") + len(name) + len(">")
		case c == '(' && class == 0 && !strings.HasPrefix(text[i:], "(?"):
			p.groups++
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// matches reports whether the whole text fits.
func (p *javaPattern) matches(text string) (bool, error) { return p.whole.MatchString(text) }

// replace is Java's replaceFirst of a text that fits as a whole; false of one that does not.
func (p *javaPattern) replace(text, replacement string) (string, bool, error) {
	ok, err := p.whole.MatchString(text)
	if err != nil || !ok {
		return "", false, err
	}
	m, err := p.first.FindStringMatch(text)
	if err != nil || m == nil {
		return "", false, err
	}
	runes := []rune(text)
	middle, err := p.expand(replacement, func(group int) string {
		if g := m.GroupByNumber(group); g != nil {
			return g.String()
		}
		return ""
	})
	return string(runes[:m.Index]) + middle + string(runes[m.Index+m.Length:]), true, err
}

// check says what is wrong with a replacement.
func (p *javaPattern) check(replacement string) error {
	_, err := p.expand(replacement, func(int) string { return "" })
	return err
}

// expand writes a replacement: $1, ${name}, and a backslash before what stands for itself.
func (p *javaPattern) expand(replacement string, group func(int) string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		switch {
		case c == '\\':
			if i++; i == len(replacement) {
				return "", fmt.Errorf("the character to be escaped is missing")
			}
			b.WriteByte(replacement[i])
		case c != '$':
			b.WriteByte(c)
		case strings.HasPrefix(replacement[i:], "${"):
			name, _, ok := strings.Cut(replacement[i+2:], "}")
			if !ok || p.names[name] == 0 {
				return "", fmt.Errorf("no group with name {%s}", name)
			}
			b.WriteString(group(p.names[name]))
			i += len(name) + 2
		default:
			n, digits := p.groupNumber(replacement[i+1:])
			if digits == 0 || n > p.groups {
				return "", fmt.Errorf("$ must be followed by the number of a group; there are %d", p.groups)
			}
			b.WriteString(group(n))
			i += digits
		}
	}
	return b.String(), nil
}

// groupNumber reads as many digits as there are groups for, at least one.
func (p *javaPattern) groupNumber(text string) (n, digits int) {
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		next, err := strconv.Atoi(text[:digits+1])
		if err != nil || digits > 0 && next > p.groups {
			break
		}
		n = next
		digits++
	}
	return n, digits
}
