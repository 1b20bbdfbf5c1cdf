package fulltext

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"marmot/schemas"
	"marmot/sqlext"
	"marmot/txn"
)

// Limits of InnoDB's defaults: innodb_ft_min_token_size, innodb_ft_max_token_size and ngram_token_size, in characters.
const (
	minWord  = 3
	maxWord  = 84
	gramSize = 2
)

// NgramParser is the name of the parser that indexes pairs of characters.
const NgramParser = "ngram"

// The letters that begin encoded words, and the word between columns.
const (
	indexedMark   = "w"
	passedMark    = "s"
	separatorWord = "x"
)

// stopwords is INFORMATION_SCHEMA.INNODB_FT_DEFAULT_STOPWORD.
const stopwords = "a about an are as at be by com de en for from how i in is it la of on or that the this to was what when where who will with und the www"

// Analyzer turns texts into words under one collation and parser. It is immutable.
type Analyzer struct {
	collation *schemas.Collation
	ngram     bool
	stop      map[string]bool // by key
}

// NewAnalyzer returns the analyzer of a full-text index.
func NewAnalyzer(collation, parser string) *Analyzer {
	a := &Analyzer{collation: schemas.LookupCollation(collation), ngram: strings.EqualFold(parser, NgramParser), stop: map[string]bool{}}
	for w := range strings.FieldsSeq(stopwords) {
		a.stop[a.key(w)] = true
	}
	return a
}

// word is one word of a text.
type word struct {
	text string // in lower case, unless the collation tells bytes apart
	// kept: InnoDB's index has the word.
	kept bool
}

// isWord reports whether a character is part of a word.
func isWord(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// split cuts a text into words.
func (a *Analyzer) split(text string) []word {
	var list []word
	for len(text) > 0 {
		start := strings.IndexFunc(text, isWord)
		if start < 0 {
			break
		}
		text = text[start:]
		end := strings.IndexFunc(text, func(r rune) bool { return !isWord(r) })
		if end < 0 {
			end = len(text)
		}
		if a.ngram {
			list = a.grams(list, text[:end])
		} else {
			w := a.fold(text[:end])
			n := utf8.RuneCountInString(w)
			list = append(list, word{text: w, kept: n >= minWord && n <= maxWord && !a.stop[a.key(w)]})
		}
		text = text[end:]
	}
	return list
}

// fold is a word in lower case; under a binary collation it stays as it is.
func (a *Analyzer) fold(w string) string {
	if a.collation != nil && strings.HasSuffix(a.collation.Name, "_bin") {
		return w
	}
	return strings.ToLower(w)
}

// grams appends the pairs of neighbouring characters; those that hold a stopword are not kept.
func (a *Analyzer) grams(list []word, run string) []word {
	runes := []rune(a.fold(run))
	for i := 0; i+gramSize <= len(runes); i++ {
		list = append(list, word{text: string(runes[i : i+gramSize]), kept: !a.holdsStopword(runes[i : i+gramSize])})
	}
	return list
}

func (a *Analyzer) holdsStopword(runes []rune) bool {
	for from := range runes {
		for to := from + 1; to <= len(runes); to++ {
			if a.stop[a.key(string(runes[from:to]))] {
				return true
			}
		}
	}
	return false
}

// key is the text's weights, character by character, so that the key of a word's beginning begins the word's key.
func (a *Analyzer) key(text string) string {
	if a.collation == nil {
		return hex.EncodeToString([]byte(text))
	}
	var buf []byte
	var runeBuf [utf8.UTFMax]byte
	for _, r := range text {
		buf = a.collation.AppendWeights(buf, runeBuf[:utf8.EncodeRune(runeBuf[:], r)])
	}
	return hex.EncodeToString(buf)
}

// encoded is the word as FTS5 has it.
func (a *Analyzer) encoded(w word) string {
	if w.kept {
		return indexedMark + a.key(w.text)
	}
	return passedMark + a.key(w.text)
}

// Encode is what FTS5 gets for the columns of a row.
func (a *Analyzer) Encode(columns []string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(" " + separatorWord)
		}
		for _, w := range a.split(c) {
			b.WriteByte(' ')
			b.WriteString(a.encoded(w))
		}
	}
	return b.String()
}

// Functions lists the SQL functions that the triggers of full-text indexes call.
func Functions() []sqlext.Function {
	cache := newAnalyzers()
	return []sqlext.Function{
		{Name: schemas.FulltextWords, Arity: -1, Deterministic: true, Call: func(args []txn.Value) (txn.Value, error) {
			a := cache.get(string(args[0].Bytes()), string(args[1].Bytes()))
			var columns []string
			for _, v := range args[2:] {
				columns = append(columns, string(v.Bytes()))
			}
			return txn.TextString(a.Encode(columns)), nil
		}},
		{Name: schemas.FulltextApplied, Arity: 0, CallState: func(state any, _ []txn.Value) (txn.Value, error) {
			if state != nil { // a session works here
				return txn.Int(0), nil
			}
			return txn.Int(1), nil
		}},
	}
}
