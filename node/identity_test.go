package node

import (
	"context"
	"errors"
	"strings"
	"testing"

	"marmot/internal/settings"
	"marmot/log"
	"marmot/log/memory"
	"marmot/store"
	"marmot/txn"
)

// files is a data directory and the configuration of a node that has it, with a log in Kafka's place.
type files struct {
	t      *testing.T
	config *settings.Config
	store  *store.Store
}

func newFiles(t *testing.T) *files {
	t.Helper()
	dir := t.TempDir()
	c, err := load(t, "", nil, "--data.dir", dir, "--log.kind", "kafka", "--log.brokers", "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	f := &files{t: t, config: c}
	f.open()
	t.Cleanup(func() { f.store.Close() })
	return f
}

func (f *files) open() {
	f.t.Helper()
	s, err := store.Open(store.Options{Dir: f.config.String("data.dir")})
	if err != nil {
		f.t.Fatal(err)
	}
	f.store = s
}

// start opens the files afresh and does what a node does first with its log.
func (f *files) start(l log.Log) (log.Genesis, error) {
	f.t.Helper()
	f.store.Close()
	f.open()
	return genesis(f.t.Context(), f.config, l, f.store)
}

func (f *files) refused(l log.Log, sentinel error, words ...string) {
	f.t.Helper()
	_, err := f.start(l)
	if err == nil {
		f.t.Fatal("the log was accepted")
	}
	if sentinel != nil && !errors.Is(err, sentinel) {
		f.t.Errorf("%q is not %q", err, sentinel)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			f.t.Errorf("%q does not say %q", err, w)
		}
	}
}

func newLog(ctx context.Context, t *testing.T, l *memory.Log, g log.Genesis) {
	t.Helper()
	if _, err := log.Init(ctx, l, g, "n1", 1, "test"); err != nil {
		t.Fatal(err)
	}
}

func TestALogThatWasCreatedAnewIsItsOwnErrorAtStart(t *testing.T) {
	f := newFiles(t)
	l := memory.New(memory.Options{Partitions: 2})
	newLog(t.Context(), t, l, log.Genesis{Cluster: txn.UUID{1}})
	for range 2 {
		if _, err := f.start(l); err != nil {
			t.Fatal(err)
		}
	}
	l.Recreate()
	f.refused(l, log.ErrRecreated, "data.dir", "marmot log init --from")
	newLog(t.Context(), t, l, log.Genesis{Cluster: txn.UUID{1}}) // somebody mirrored it, or made it by hand
	f.refused(l, log.ErrRecreated, "data.dir")
}

func TestALogOfAnotherClusterIsRefusedByName(t *testing.T) {
	f := newFiles(t)
	l := memory.New(memory.Options{Partitions: 2})
	newLog(t.Context(), t, l, log.Genesis{Cluster: txn.UUID{1}})
	if _, err := f.start(l); err != nil {
		t.Fatal(err)
	}
	l.Recreate()
	newLog(t.Context(), t, l, log.Genesis{Cluster: txn.UUID{2}})
	f.refused(l, nil, "holds cluster "+txn.UUID{1}.String(), "belongs to cluster "+txn.UUID{2}.String(), "empty data.dir")
}

func TestAHistoryMayMoveToAnotherLog(t *testing.T) {
	f := newFiles(t)
	first, second := memory.New(memory.Options{Partitions: 2, Seed: 1}), memory.New(memory.Options{Partitions: 2, Seed: 2})
	newLog(t.Context(), t, first, log.Genesis{Cluster: txn.UUID{1}})
	if _, err := f.start(first); err != nil {
		t.Fatal(err)
	}
	decided := store.Decided{Last: 1, Chain: txn.ChainHash{7}}
	if err := f.store.SaveDecided(decided); err != nil {
		t.Fatal(err)
	}
	newLog(t.Context(), t, second, log.Genesis{Cluster: txn.UUID{1}, Generation: 2, Base: 1, PreviousHash: decided.Chain})
	for range 2 {
		if g, err := f.start(second); err != nil || g.Generation != 2 {
			t.Fatalf("generation %d, %v", g.Generation, err)
		}
	}
	f.refused(first, nil, "generation 2", "name that one")
	second.Recreate()
	f.refused(second, log.ErrRecreated)
}
