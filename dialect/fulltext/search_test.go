package fulltext

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rowsIndex is an index over texts in memory.
type rowsIndex struct {
	a    *Analyzer
	rows [][]string
}

func (r rowsIndex) Documents() (int64, error) { return int64(len(r.rows)), nil }

func (r rowsIndex) Occurrences(word string, prefix bool, each func(string, int64, int64)) error {
	found := map[string][][2]int64{}
	for doc, row := range r.rows {
		for place, w := range strings.Fields(r.a.Encode(row)) {
			if w == word || prefix && strings.HasPrefix(w, word) {
				found[w] = append(found[w], [2]int64{int64(doc + 1), int64(place)})
			}
		}
	}
	var words []string
	for w := range found {
		words = append(words, w)
	}
	slices.Sort(words)
	for _, w := range words {
		for _, at := range found[w] {
			each(w, at[0], at[1])
		}
	}
	return nil
}

func (r rowsIndex) Texts(docs []int64, each func([]string)) error {
	for _, d := range docs {
		each(r.rows[d-1])
	}
	return nil
}

// articles are those of MySQL's manual; the answers below are MySQL 9.7's.
var articles = [][]string{{"MySQL Tutorial", "DBMS stands for DataBase ..."}, {"How To Use MySQL Well", "After you went through a ..."},
	{"Optimizing MySQL", "In this tutorial, we show ..."}, {"1001 MySQL Tricks", "1. Never run mysqld as root. 2. ..."},
	{"MySQL vs. YourSQL", "In the following database comparison ..."}, {"MySQL Security", "When configured properly, MySQL ..."}}

const all = "1.885928302414186e-09"

func TestSearchFindsWhatMySQLFinds(t *testing.T) {
	once := "2=" + all + " 4=" + all
	for _, c := range []struct {
		mode       Mode
		text, want string
	}{
		{Natural, "database", "1=0.22764469683170319 5=0.22764469683170319"},
		{Natural, "tutorial tutorial", "1=0.031008131802082062 3=0.031008131802082062"},
		{Natural, `"tutorial mysql"`, ""},
		{Natural, "the", ""},
		{Natural, "", ""},
		{Expansion, "database", "5=2.0442028045654297 1=1.6663280725479126 3=0.22764469683170319 6=3.771856604828372e-09 " + once},
		{Boolean, "+mysql tutorial", "1=0.22764469683170319 3=0.22764469683170319 6=3.771856604828372e-09 " + once + " 5=" + all},
		{Boolean, "+mysql -mysql", ""},
		{Boolean, "-mysql", ""},
		{Boolean, "+mysql +(>tutorial <database)", "3=1.227644681930542 1=0.45528939366340637 5=-0.772355318069458"},
		{Boolean, "mysql ~tutorial", "6=3.771856604828372e-09 " + once + " 5=" + all + " 1=-0.772355318069458 3=-0.772355318069458"},
		{Boolean, "-mysql.tutorial database", "1=0.22764469683170319 5=0.22764469683170319"},
		{Boolean, "tut*", "1=0.22764469683170319 3=0.22764469683170319"},
		{Boolean, "run mysqld*", "4=1.2110387086868286"},
		{Boolean, `"mysql tutorial"`, "1=0.22764469683170319"},
		{Boolean, `"tutorial dbms"`, ""},
		{Boolean, `"tutorial dbms"@2`, "1=0.8331640362739563"},
		{Boolean, `"following comparison"@2`, ""},
		{Boolean, `"following comparison"@3`, "5=1.2110387086868286"},
		{Boolean, `"this tutorial"`, "1=0.22764469683170319 3=0.22764469683170319"},
		{Boolean, "+", "syntax error, unexpected $end"},
		{Boolean, "++mysql", "syntax error, unexpected '+'"},
		{Boolean, "mysql)", "syntax error, unexpected ')', expecting $end"},
		{Boolean, "(mysql", "syntax error, unexpected $end"},
		{Boolean, "*", "syntax error, unexpected $end, expecting FTS_TERM or FTS_NUMB or '*'"},
		{Boolean, "mysql @", "syntax error, unexpected '@', expecting $end"},
	} {
		a := NewAnalyzer("utf8mb4_0900_ai_ci", "")
		hits, err := a.Search(rowsIndex{a, articles}, c.mode, c.text)
		var got []string
		for _, h := range hits {
			got = append(got, strconv.FormatInt(h.Doc, 10)+"="+strconv.FormatFloat(h.Rank, 'g', -1, 64))
		}
		if err != nil {
			got = []string{err.Error()[strings.Index(err.Error(), "syntax"):]}
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%q: %s, want %s", c.text, text, c.want)
		}
	}
}

func TestPairsOfCharacters(t *testing.T) {
	a := NewAnalyzer("utf8mb4_0900_ai_ci", "ngram")
	rows := rowsIndex{a, [][]string{{"数据库管理"}, {"データベース"}, {"hello world"}, {"hold"}}}
	for text, want := range map[string]int{"数据": 1, "数据库": 1, "ベース": 1, "hello": 1, "h*": 2} {
		if hits, err := a.Search(rows, Boolean, text); err != nil || len(hits) != want {
			t.Errorf("%q finds %v, %v", text, hits, err)
		}
	}
}

// FuzzSearch: no search string ends in anything but rows or an error of syntax.
func FuzzSearch(f *testing.F) {
	f.Add(`+mysql -(>tutorial "a b"@3) x*`)
	a := NewAnalyzer("utf8mb4_0900_ai_ci", "")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := a.Search(rowsIndex{a, articles}, Boolean, text); err != nil && !strings.Contains(err.Error(), "syntax error") {
			t.Error(err)
		}
	})
}
