package debezium

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// isTransformProperty reports whether a property belongs to the transforms.
func isTransformProperty(name string) bool {
	for _, p := range []string{"transforms", "predicates"} {
		if name == p || strings.HasPrefix(name, p+".") {
			return true
		}
	}
	return false
}

// parseTransforms reads transforms and predicates with what lies below them.
func (o *Options) parseTransforms(given map[string]string) error {
	predicates := map[string]*PredicateOptions{}
	for _, name := range splitList(given["predicates"]) {
		p := &PredicateOptions{Name: name, Properties: below(given, "predicates."+name+".")}
		p.Type = p.Properties["type"]
		delete(p.Properties, "type")
		if _, err := newPredicate(p); err != nil {
			return err
		}
		predicates[name] = p
	}
	named := map[string]bool{}
	for _, name := range splitList(given["transforms"]) {
		prefix := "transforms." + name + "."
		t := TransformOptions{Name: name, Properties: below(given, prefix)}
		if named[name] {
			return &PropertyError{"transforms", given["transforms"], "has " + name + " twice"}
		}
		named[name] = true
		t.Type = t.Properties["type"]
		if p, ok := t.Properties["predicate"]; ok {
			if t.Predicate = predicates[p]; t.Predicate == nil {
				return &PropertyError{prefix + "predicate", p, "predicates does not have it"}
			}
		}
		if n, ok := t.Properties["negate"]; ok {
			var err error
			if t.Negate, err = parseFlag(n); err != nil {
				return &PropertyError{prefix + "negate", n, err.Error()}
			}
			if t.Predicate == nil {
				return &PropertyError{prefix + "negate", n, "there is no predicate"}
			}
		}
		for _, own := range []string{"type", "predicate", "negate"} {
			delete(t.Properties, own)
		}
		o.Transforms = append(o.Transforms, t)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		family, rest, _ := strings.Cut(name, ".")
		alias, _, below := strings.Cut(rest, ".")
		if below && (family == "transforms" && !named[alias] || family == "predicates" && predicates[alias] == nil) {
			return &PropertyError{name, given[name], family + " does not have " + alias}
		}
	}
	_, err := NewTransforms(o.Transforms, nil)
	return err
}

// propertyReader reads the properties of a transform or a predicate, and remembers the first that is wrong and those that nobody
// asked for.
type propertyReader struct {
	prefix string
	given  map[string]string
	asked  map[string]bool
	err    error
}

func newPropertyReader(prefix string, given map[string]string) *propertyReader {
	return &propertyReader{prefix: prefix, given: given, asked: map[string]bool{}}
}

// fail remembers what is wrong with a property.
func (p *propertyReader) fail(name, reason string) {
	if p.err == nil {
		p.err = &PropertyError{p.prefix + name, p.given[name], reason}
	}
}

// finish returns what was wrong, or a property that there is not.
func (p *propertyReader) finish() error {
	for _, name := range slices.Sorted(maps.Keys(p.given)) {
		if !p.asked[name] {
			p.fail(name, "no such property of it")
		}
	}
	return p.err
}

func (p *propertyReader) has(name string) bool {
	p.asked[name] = true
	_, ok := p.given[name]
	return ok
}

func (p *propertyReader) text(name, def string) string {
	if !p.has(name) {
		return def
	}
	return p.given[name]
}

// required is a text that must be there.
func (p *propertyReader) required(name string) string {
	text := p.text(name, "")
	if text == "" {
		p.fail(name, "must not be empty")
	}
	return text
}

func (p *propertyReader) flag(name string, def bool) bool {
	if !p.has(name) {
		return def
	}
	b, err := parseFlag(strings.TrimSpace(p.given[name]))
	if err != nil {
		p.fail(name, err.Error())
	}
	return b
}

// number is a whole number of 32 bits.
func (p *propertyReader) number(name string, def int) int {
	if !p.has(name) {
		return def
	}
	n, err := strconv.ParseInt(strings.TrimSpace(p.given[name]), 10, 32)
	if err != nil {
		p.fail(name, "want a number")
	}
	return int(n)
}

func (p *propertyReader) word(name, def string, values ...string) string {
	given := strings.TrimSpace(p.text(name, def))
	for _, v := range values {
		if strings.EqualFold(v, given) {
			return v
		}
	}
	p.fail(name, "want "+strings.Join(values, ", "))
	return def
}

// list is separated by commas.
func (p *propertyReader) list(name string) []string { return splitList(p.text(name, "")) }

// pattern is a regular expression of Java's; nil if it is empty and not required.
func (p *propertyReader) pattern(name, def string, required bool) *javaPattern {
	text := p.text(name, def)
	if text == "" {
		if required {
			p.fail(name, "must not be empty")
		}
		return nil
	}
	pattern, err := compileJava(text)
	if err != nil {
		p.fail(name, err.Error())
		return nil
	}
	return pattern
}

// replacement is what replaces a match of pattern.
func (p *propertyReader) replacement(name, def string, pattern *javaPattern) string {
	text := p.text(name, def)
	if pattern == nil {
		return text
	}
	if err := pattern.check(text); err != nil {
		p.fail(name, err.Error())
	}
	return text
}

// unavailable refuses a value of a property other than the one that is here.
func (p *propertyReader) unavailable(name, only, reason string) {
	if p.has(name) && !strings.EqualFold(p.given[name], only) {
		p.fail(name, fmt.Sprintf("want %s: %s", only, reason))
	}
}
