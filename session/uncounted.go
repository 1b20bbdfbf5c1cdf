package session

import (
	_ "embed"
	"slices"
	"strings"

	"marmot/dialect"
)

// uncountedNames are the status variables of MySQL that stand for parts that a node has not (buffer pool, key cache, binary log) or does not count
// (handlers, sorts, kinds of statements). Programs look for the names, and calculate with them.
//
//go:embed catalog/status.txt
var uncountedNames string

// withUncounted adds to a list of status variables those that nothing counts, which are 0, and sorts it by name in lower case.
func withUncounted(list []dialect.NameValue) []dialect.NameValue {
	have := make(map[string]bool, len(list))
	for _, one := range list {
		have[one.Name] = true
	}
	for _, name := range strings.Fields(uncountedNames) {
		if !have[name] {
			list = append(list, dialect.NameValue{Name: name, Value: "0"})
		}
	}
	slices.SortStableFunc(list, func(a, b dialect.NameValue) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list
}
