package fulltext

import "sync"

// analyzers keeps an Analyzer for each pair of collation and parser; there are few.
type analyzers struct {
	mutex sync.Mutex
	known map[[2]string]*Analyzer
}

func newAnalyzers() *analyzers { return &analyzers{known: map[[2]string]*Analyzer{}} }

// get returns the analyzer for a collation and a parser.
func (c *analyzers) get(collation, parser string) *Analyzer {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	key := [2]string{collation, parser}
	if a := c.known[key]; a != nil {
		return a
	}
	a := NewAnalyzer(collation, parser)
	c.known[key] = a
	return a
}
