package fulltext

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// Mode is how a search string is read.
type Mode uint8

// The modes of MATCH … AGAINST.
const (
	Natural Mode = iota
	Expansion
	Boolean
)

// Index is what a search asks of a full-text index. Words are encoded.
type Index interface {
	// Documents counts the table's rows.
	Documents() (int64, error)
	// Occurrences tells where each row has a word, or, with prefix, each word that begins so; in ascending order by word,
	// row and place.
	Occurrences(word string, prefix bool, each func(word string, doc, place int64)) error
	// Texts hands over the indexed columns of rows.
	Texts(docs []int64, each func(columns []string)) error
}

// Hit is a row that a search finds, and its relevance.
type Hit struct {
	Doc  int64
	Rank float64
}

// frequency is one word of a search: in how many rows it is, and how often in each.
type frequency struct {
	rows   int64
	once   int64 // rows counted for one mention
	counts map[int64]int64
}

// found is a row on its way through a search.
type found struct {
	rank  float32
	words []int // places in searcher.words, ascending
}

func (f *found) add(w int) {
	if at, have := slices.BinarySearch(f.words, w); !have {
		f.words = slices.Insert(f.words, at, w)
	}
}

// change moves a rank up or down within [-1, 1], as > and < and ~ do.
func (f *found) change(by float32) { f.rank = max(min(f.rank+by, 1), -1) }

// searcher is one search.
type searcher struct {
	a     *Analyzer
	index Index
	words []*frequency
	known map[string]int
}

// Search finds rows in the order of their relevance.
func (a *Analyzer) Search(index Index, mode Mode, text string) ([]Hit, error) {
	s := &searcher{a: a, index: index, known: map[string]int{}}
	parse := a.parseNatural
	if mode == Boolean {
		parse = a.parseBoolean
	}
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	rows, err := s.list(root)
	if err == nil && mode == Expansion {
		err = s.expand(rows)
	}
	if err != nil {
		return nil, err
	}
	return s.rank(rows)
}

// rank adds up the weights of the words of each row: frequency times the square of the inverse document frequency,
// in single precision like InnoDB's.
func (s *searcher) rank(rows map[int64]*found) ([]Hit, error) {
	total, err := s.index.Documents()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	inverse := make([]float64, len(s.words))
	for i, w := range s.words {
		switch w.rows {
		case 0:
		case total:
			inverse[i] = math.Log10(1.0001)
		default:
			inverse[i] = math.Log10(float64(total) / float64(w.rows))
		}
	}
	list := make([]Hit, 0, len(rows))
	for doc, f := range rows {
		rank := f.rank
		for _, w := range f.words {
			weight := float64(s.words[w].counts[doc]) * inverse[w]
			rank += float32(weight * inverse[w])
		}
		list = append(list, Hit{doc, float64(rank)})
	}
	slices.SortFunc(list, func(a, b Hit) int {
		if a.Rank != b.Rank {
			if a.Rank > b.Rank {
				return -1
			}
			return 1
		}
		return int(min(max(a.Doc-b.Doc, -1), 1))
	})
	return list, nil
}

// list evaluates the parts of a list: first the words that may be there, then those that must, then those that must not.
func (s *searcher) list(n *node) (map[int64]*found, error) {
	rows := map[int64]*found{}
	must := false
	for _, pass := range []func(*node) bool{
		func(p *node) bool { return p.operator != '+' && p.operator != '-' },
		func(p *node) bool { return p.operator == '+' && p.isList },
		func(p *node) bool { return p.operator == '+' && !p.isList },
		func(p *node) bool { return p.operator == '-' },
	} {
		for _, part := range n.list {
			if !pass(part) {
				continue
			}
			own, err := s.part(part)
			if err != nil {
				return nil, err
			}
			rows = merge(rows, own, part.operator, must)
			must = must || part.operator == '+'
		}
	}
	return rows, nil
}

// merge joins the rows of a part to those before it. must: a + came before.
func merge(rows, own map[int64]*found, operator byte, must bool) map[int64]*found {
	switch operator {
	case '-':
		for doc := range own {
			delete(rows, doc)
		}
		return rows
	case '+':
		both := map[int64]*found{}
		for doc, f := range own {
			have := rows[doc]
			switch {
			case have != nil:
				for _, w := range f.words {
					have.add(w)
				}
				both[doc] = have
			case !must:
				both[doc] = f
			}
		}
		return both
	}
	for doc, f := range own {
		have := rows[doc]
		if have == nil {
			if operator == '~' {
				continue
			}
			have = &found{rank: f.rank}
			rows[doc] = have
		}
		for _, w := range f.words {
			have.add(w)
		}
		switch operator {
		case '>':
			have.change(1)
		case '<', '~':
			have.change(-1)
		}
	}
	return rows
}

// part finds the rows of one part.
func (s *searcher) part(n *node) (map[int64]*found, error) {
	switch {
	case n.isList:
		return s.list(n)
	case n.phrase:
		return s.phrase(n)
	}
	rows := map[int64]*found{}
	i, err := s.word(n.words[0], n.prefix)
	if err != nil || i < 0 {
		return rows, err
	}
	for doc := range s.words[i].counts {
		rows[doc] = &found{words: []int{i}}
	}
	return rows, nil
}

// word looks a word up and returns its place in words; -1 if no index has it.
func (s *searcher) word(w word, prefix bool) (int, error) {
	if !w.kept && !prefix {
		return -1, nil
	}
	key := indexedMark + s.a.key(w.text)
	name := key
	if prefix {
		name += "*"
	}
	if i, ok := s.known[name]; ok { // InnoDB counts the rows once for each time that the word is named
		s.words[i].rows += s.words[i].once
		return i, nil
	}
	f := &frequency{counts: map[int64]int64{}}
	var lastWord string
	var lastDoc int64
	counting := false
	err := s.index.Occurrences(key, prefix, func(word string, doc, _ int64) {
		if f.rows == 0 || doc != lastDoc || word != lastWord {
			f.rows++
			lastDoc, lastWord = doc, word
			counting = f.counts[doc] == 0 // of several words with one beginning the first counts
		}
		if counting {
			f.counts[doc]++
		}
	})
	f.once = f.rows
	s.words = append(s.words, f)
	s.known[name] = len(s.words) - 1
	return len(s.words) - 1, err
}

// phrase finds the rows that have the words of a phrase side by side, or near each other.
func (s *searcher) phrase(n *node) (map[int64]*found, error) {
	rows := map[int64]*found{}
	var kept []int
	for _, w := range n.words {
		i, err := s.word(w, false)
		if err != nil {
			return nil, err
		}
		if i >= 0 {
			kept = append(kept, i)
		}
	}
	if len(kept) == 0 {
		return rows, nil
	}
	if len(kept) == 1 { // InnoDB then looks at no other word
		for doc := range s.words[kept[0]].counts {
			rows[doc] = &found{words: kept}
		}
		return rows, nil
	}
	places := make([]map[int64][]int64, 0, len(n.words))
	for _, w := range n.words {
		if n.distance > 0 && !w.kept {
			continue
		}
		p := map[int64][]int64{}
		if err := s.index.Occurrences(s.a.encoded(w), false, func(_ string, doc, place int64) { p[doc] = append(p[doc], place) }); err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	if n.distance > 0 {
		if err := s.joinColumns(places); err != nil {
			return nil, err
		}
	}
	for doc := range places[0] {
		if near(places, doc, int64(n.distance)) {
			f := &found{}
			for _, i := range kept {
				f.add(i)
			}
			rows[doc] = f
		}
	}
	return rows, nil
}

// joinColumns moves places as if nothing stood between columns.
func (s *searcher) joinColumns(places []map[int64][]int64) error {
	separators := map[int64][]int64{}
	err := s.index.Occurrences(separatorWord, false, func(_ string, doc, place int64) {
		if len(places[0][doc]) > 0 {
			separators[doc] = append(separators[doc], place)
		}
	})
	for _, p := range places {
		for doc, list := range separators {
			for i, place := range p[doc] {
				before, _ := slices.BinarySearch(list, place)
				p[doc][i] = place - int64(before)
			}
		}
	}
	return err
}

// near reports whether a row has the words in order, one behind the other, or, with a distance, all of them
// within that many words.
func near(places []map[int64][]int64, doc, distance int64) bool {
	if distance > 0 {
		for _, p := range places {
			for _, first := range p[doc] {
				if within(places, doc, first, first+distance) {
					return true
				}
			}
		}
		return false
	}
	for _, first := range places[0][doc] {
		whole := true
		for i := 1; i < len(places) && whole; i++ {
			_, whole = slices.BinarySearch(places[i][doc], first+int64(i))
		}
		if whole {
			return true
		}
	}
	return false
}

// within reports whether a row has each word between two places.
func within(places []map[int64][]int64, doc, low, high int64) bool {
	for _, p := range places {
		at, _ := slices.BinarySearch(p[doc], low)
		if at == len(p[doc]) || p[doc][at] >= high {
			return false
		}
	}
	return true
}

// expand adds the rows that share a word with those found.
func (s *searcher) expand(rows map[int64]*found) error {
	docs := slices.Sorted(maps.Keys(rows))
	seen := map[string]bool{}
	var more []word
	err := s.index.Texts(docs, func(columns []string) {
		for _, w := range s.a.split(strings.Join(columns, "\n")) {
			key := s.a.key(w.text)
			if _, known := s.known[indexedMark+key]; w.kept && !seen[key] && !known {
				seen[key] = true
				more = append(more, w)
			}
		}
	})
	if err != nil {
		return err
	}
	slices.SortFunc(more, func(v, w word) int { return strings.Compare(s.a.key(v.text), s.a.key(w.text)) })
	for _, w := range more {
		own, err := s.part(&node{words: []word{w}})
		if err != nil {
			return err
		}
		merge(rows, own, 0, false)
	}
	return nil
}
