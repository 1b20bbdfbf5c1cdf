package conformance

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var (
	generate = flag.String("generate", "", "seeds: 1-9,12: write testdata/random.sql of their scripts; record the area random next")
	explore  = flag.String("explore", "", "seeds: 1-9,12: run the scripts of these seeds on a node and on the MySQL of -record, and tell where they differ")
)

// statementsOfASeed is how many statements follow the tables of one.
const statementsOfASeed = 40

// TestRandomStatements writes scripts of generated statements, or compares them with a MySQL at once. The answers that are recorded are replayed by
// TestAnswers, as those of every area.
//
//	go test ./conformance -run TestRandomStatements -generate 1-30
//	go test ./conformance -run TestAnswers -area random -record root@127.0.0.1:3306
//	go test ./conformance -run TestRandomStatements -explore 100-200 -record root@127.0.0.1:3306
func TestRandomStatements(t *testing.T) {
	switch {
	case *generate != "":
		if err := os.WriteFile("testdata/random.sql", []byte(randomScripts(seedList(t, *generate))), 0o644); err != nil {
			t.Fatal(err)
		}
	case *explore != "":
		exploreSeeds(t)
	default: // a seed is a promise: the same statements wherever it is used
		seeds := []uint64{7, 8}
		if one, two := randomScripts(seeds), randomScripts(seeds); one != two || len(one) < 1000 {
			t.Errorf("two makings of the same seeds differ, or are short: %d bytes and %d", len(one), len(two))
		}
	}
}

func seedList(t *testing.T, text string) (list []uint64) {
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 64)
		last, err2 := strconv.ParseUint(to, 10, 64)
		if err1 != nil || err2 != nil || first > last {
			t.Fatalf("%q: want seeds such as 1-9,12", text)
		}
		for seed := first; seed <= last; seed++ {
			list = append(list, seed)
		}
	}
	return list
}

// randomScripts are the scripts of the seeds.
func randomScripts(seeds []uint64) string {
	var b strings.Builder
	b.WriteString("-- Statements of a grammar, by chance: written by TestRandomStatements -generate, whose seeds are the scripts' names.\n")
	b.WriteString("-- ignore always: length, decimals, charset, flags, table, sizes, names, message, warnings\n")
	for _, seed := range seeds {
		g := newGenerator(seed)
		fmt.Fprintf(&b, "\n-- script: seed %d\n", seed)
		for _, sql := range g.setup() {
			b.WriteString(sql + ";\n")
		}
		for range statementsOfASeed {
			sql := g.statement()
			b.WriteString(sql + ";\n")
			if !strings.HasPrefix(sql, "SELECT") && !strings.HasPrefix(sql, "WITH") {
				table := "t1"
				for _, other := range []string{"t2", "t3"} {
					if strings.Contains(sql, "INTO "+other) || strings.Contains(sql, "UPDATE IGNORE "+other) || strings.Contains(sql, "DELETE FROM "+other) {
						table = other
					}
				}
				b.WriteString("SELECT * FROM " + table + " ORDER BY 1;\n")
			}
		}
	}
	return b.String()
}

// exploreSeeds tells where a node answers otherwise than a MySQL.
func exploreSeeds(t *testing.T) {
	at := strings.LastIndex(*record, "@")
	if at < 0 {
		t.Fatal("-explore needs -record: USER[:PASSWORD]@HOST:PORT")
	}
	judge := server{address: (*record)[at+1:]}
	judge.user, judge.password, _ = strings.Cut((*record)[:at], ":")
	node := startNode(t)
	path := t.TempDir() + "/random.sql"
	if err := os.WriteFile(path, []byte(randomScripts(seedList(t, *explore))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, one := range readScripts(t, path) {
		t.Run(one.name, func(t *testing.T) {
			database := fmt.Sprintf("conf_random_%d", os.Getpid())
			want := play(t, judge, path, one, database)
			got := play(t, node, path, one, database)
			for i, st := range one.statements {
				if text := difference(st, got[i], want[i]); text != "" {
					t.Errorf("%s%s", st.sql, text)
				}
			}
		})
	}
}
