package simulation

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// invariant is one of what must always hold.
type invariant int

// The invariants, numbered as in ARCHITECTURE.md.
const (
	equalNodes invariant = iota + 1
	toldOutcomes
	firstCommitterWins
	freshReads
	exactEvents
	survival
)

// sentences say what each invariant says.
var sentences = map[invariant]string{
	equalNodes:   "Two nodes at the same position have the same ledger state, and files with equal contents.",
	toldOutcomes: "A client that got OK finds its transaction in every later state of every node; one that got *not committed* finds it in none.",
	firstCommitterWins: "First committer wins: no lost update, no duplicate unique value, no orphan child, no fractured read; " +
		"bank totals constant at every snapshot.",
	freshReads:  "STRONG reads are linearizable; SESSION reads see the session's own writes on any node.",
	exactEvents: "Debezium topics replayed from the start rebuild each table exactly; each committed row event appears once, in order.",
	survival:    "Killing, pausing, partitioning any process at any time breaks none of these; after healing, writes resume without a person.",
}

// String is the number and the sentence.
func (i invariant) String() string { return fmt.Sprintf("invariant %d (%s)", i, sentences[i]) }

// broken fails the simulation: it says which invariant does not hold, for which seed, and how to see it again.
func (w *world) broken(i invariant, format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("%s is broken\nseed %d: %s\nrepeat with: %s", i, w.seed, fmt.Sprintf(format, args...), w.repeat())
}

// fatal ends the simulation: it cannot go on, which "writes resume without a person" forbids.
func (w *world) fatal(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s is broken\nseed %d: %s\nrepeat with: %s", survival, w.seed, fmt.Sprintf(format, args...), w.repeat())
}

// repeat is the command that runs the seed again.
func (w *world) repeat() string {
	name, _, _ := strings.Cut(w.t.Name(), "/")
	return fmt.Sprintf("make simulate SEED=%d TEST=%s TRANSACTIONS=%d REPEAT=20", w.seed, name, *load)
}

// The invariants are those that ARCHITECTURE.md promises, word by word.
func TestInvariantsAreThoseOfTheArchitecture(t *testing.T) {
	document, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(document), "\n## Invariants\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !found {
		t.Fatal("ARCHITECTURE.md has no section of the invariants")
	}
	var want []string
	for i := equalNodes; i <= survival; i++ {
		want = append(want, fmt.Sprintf("%d. %s", i, sentences[i]))
	}
	if got := strings.TrimSpace(section); got != strings.Join(want, "\n") {
		t.Errorf("ARCHITECTURE.md says\n%s\nthe simulation checks\n%s", got, strings.Join(want, "\n"))
	}
}
