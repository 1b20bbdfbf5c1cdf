package debezium

import (
	"fmt"
	"strconv"
	"strings"
)

// setOpen takes a property whose name is not fixed, and reports whether there is such a one.
func (o *Options) setOpen(name, value string) (bool, error) {
	switch {
	case strings.HasPrefix(name, "column.truncate.to."), strings.HasPrefix(name, "column.mask."):
		r, err := parseRewrite(name, value)
		if err == nil {
			o.Rewrites = append(o.Rewrites, r)
		}
		return true, err
	case name == selectOverrides, strings.HasPrefix(name, selectOverrides+"."):
		return true, o.setSelect(name, value)
	case isFormatProperty(name), isTransformProperty(name), namingProperties[name], o.isConverterProperty(name), strings.HasPrefix(name, topicCreation):
		return true, nil // read together when all are known
	}
	return false, nil
}

// parseRewrite reads column.truncate.to.<length>.chars, column.mask.with.<length>.chars,
// column.mask.hash.<algorithm>.with.salt.<salt> and column.mask.hash.v2.….
func parseRewrite(name, value string) (Rewrite, error) {
	columns, err := ParseNameSet(value)
	if err != nil {
		return Rewrite{}, err
	}
	r := Rewrite{Columns: columns}
	if rest, ok := strings.CutPrefix(name, "column.mask.hash."); ok {
		r.Kind = RewriteHash
		rest, r.Version2 = strings.CutPrefix(rest, "v2.")
		algorithm, salt, ok := strings.Cut(rest, ".with.salt.")
		if !ok || salt == "" {
			return r, fmt.Errorf("want column.mask.hash.<algorithm>.with.salt.<salt>")
		}
		if _, ok := hashes[algorithm]; !ok {
			return r, fmt.Errorf("algorithm %q: want MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512", algorithm)
		}
		r.Algorithm, r.Salt = algorithm, salt
		return r, nil
	}
	length, ok := strings.CutPrefix(name, "column.truncate.to.")
	if !ok {
		if length, ok = strings.CutPrefix(name, "column.mask.with."); !ok {
			return r, fmt.Errorf("want column.truncate.to.<length>.chars, column.mask.with.<length>.chars or column.mask.hash.<algorithm>.with.salt.<salt>")
		}
		r.Kind = RewriteMask
	}
	length, ok = strings.CutSuffix(length, ".chars")
	n, err := strconv.ParseUint(length, 10, 31)
	if !ok || err != nil {
		return r, fmt.Errorf("want a length, as in %s.10.chars", strings.TrimSuffix(name[:strings.LastIndex(name, ".")], "."+length))
	}
	r.Length = int(n)
	return r, nil
}
