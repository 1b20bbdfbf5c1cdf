package simulation

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// Versions of the rules that the two releases of a rolling upgrade support. The newer rules decide as the older do: what is
// simulated is the change.
const (
	oldRules = txn.NewestRules
	newRules = txn.NewestRules + 1
)

// raiseRules asks for the newer rules and tells whether they are in force.
func (w *world) raiseRules(ctx context.Context, r *run) (bool, error) {
	var settings txn.Settings
	r.applier.Ask(func(l *ledger.Ledger) { settings = l.Settings() })
	settings.Rules = newRules
	result, err := r.origin.Control(ctx, &txn.SettingsChange{Settings: settings})
	return result.Decision.Taken, err
}

// noteRules checks that rules rise when all registered runs support them, and only then.
func (w *world) noteRules(n *node, r *run, read *log.Read, d ledger.Decision) {
	change, ok := read.Record.Body.(*txn.SettingsChange)
	if !ok || d.Verdict != txn.Commit {
		return
	}
	able := true
	r.applier.Ask(func(l *ledger.Ledger) {
		for _, run := range l.Epochs() {
			able = able && run.Rules >= change.Settings.Rules
		}
	})
	if d.Taken != able {
		w.broken(equalNodes, "rules %d at %s on %s: %s, all members support them: %v", change.Settings.Rules, read.Position, n.id, d, able)
	}
	if d.Taken {
		w.struck("rules that rise")
	}
}

// TestRulesRollWhileEverybodyWrites upgrades a cluster node by node. Neither writes nor DDL stand still at any step.
func TestRulesRollWhileEverybodyWrites(t *testing.T) {
	w := newSQLWorld(t, 1)
	defer w.stop()
	raise := func(want bool) {
		t.Helper()
		w.eventually("ask for rules", func(r *run) error {
			taken, err := w.raiseRules(r.ctx, r)
			if err == nil && taken != want {
				t.Errorf("rules %d: taken %v, want %v", newRules, taken, want)
			}
			return err
		})
	}
	upgrade := func(n *node) {
		n.rules = newRules
		w.restart(n)
	}
	raise(false)
	w.resume()
	upgrade(w.nodes[0])
	raise(false)
	w.resume()
	upgrade(w.nodes[1])
	raise(false)
	w.resume()

	old := w.nodes[2]
	if err := old.end(old.present(), false); err != nil {
		t.Fatal(err)
	}
	raise(false) // it is down, and a member all the same
	w.eventually("remove a member", func(r *run) error {
		_, err := r.origin.Control(r.ctx, &txn.MemberChange{Node: old.id, Removed: true})
		return err
	})
	raise(true)
	w.resume()
	for range 2 { // once that it meets the record, once that it knows it from its files
		if err := w.startRefused(old); !errors.Is(err, txn.ErrFuture) {
			t.Errorf("a node of the old release under the new rules ended with %v", err)
		}
		w.resume()
	}
	old.rules = newRules
	if err := old.start(); err != nil {
		t.Fatal(err)
	}
	w.heal()
	w.resume()
	w.rest()
	w.checkSQL()
}

// restart ends the node in good order and starts it again.
func (w *world) restart(n *node) {
	if err := n.end(n.present(), false); err != nil {
		w.broken(survival, "%v", err)
	}
	if err := n.start(); err != nil {
		w.broken(survival, "restart %s: %v", n.id, err)
	}
	w.heal()
}

// startRefused starts a node that must not come up, and returns what it ends with.
func (w *world) startRefused(n *node) error {
	if err := n.start(); err != nil {
		return err
	}
	r := n.present()
	return w.endedBy(n, r)
}

// endedBy waits until a run ends by itself, without having served, and returns why.
func (w *world) endedBy(n *node, r *run) error {
	select {
	case err := <-r.ended:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.run = nil
		r.cancel()
		if closed := r.store.Close(); closed != nil {
			w.broken(survival, "close %s: %v", n.id, closed)
		}
		return err
	case <-time.After(resumeLimit):
		return fmt.Errorf("node %s goes on", n.id)
	}
}
