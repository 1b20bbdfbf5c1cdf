package node

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"marmot/debezium"
	"marmot/txn"
)

func TestEmittersAreConfiguredSideBySide(t *testing.T) {
	c, err := load(t, `
log.kind = "kafka"
log.brokers = "a:1,b:2"
cluster.name = "shop"
[debezium]
"table.include.list" = "shop.*"
[emitters.audit]
delivery = "at_least_once"
"topic.prefix" = "audit"
"topic.partitions" = 4
"key.converter.schemas.enable" = true
[emitters.far]
brokers = ["c:3"]
"topic.replication" = "1"
[emitters.off]
enabled = false
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := emitterConfigs(c)
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	main, audit, far := list[0], list[1], list[2]
	if main.name != "main" || main.target() != "a:1,b:2" || main.delivery != exactlyOnce || main.options.TopicPrefix != "shop" || main.options.Tables.Include == nil {
		t.Errorf("main is %+v", main)
	}
	if audit.name != "audit" || audit.target() != main.target() || audit.delivery != atLeastOnce || audit.partitions != 4 || audit.replication != 3 ||
		audit.options.Formats.Key.Properties["schemas.enable"] != "true" || audit.options.Tables.Include != nil {
		t.Errorf("audit is %+v", audit)
	}
	if far.target() != "c:3" || far.replication != 1 || far.options.TopicPrefix != "shop-far" {
		t.Errorf("far is %+v", far)
	}
}

func TestEmittersThatCannotRunTogetherAreRefused(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"an unknown property", "[emitters.a]\n\"topic.prefx\" = \"x\"", "emitters.a.topic.prefx"},
		{"an unknown key", "[emitters.a]\nbroker = \"x\"", "emitters.a.broker"},
		{"no table", "[emitters]\na = 1", "want a table [emitters.NAME]"},
		{"main", "[emitters.main]\nenabled = true", "not main"},
		{"a wrong name", "[emitters.\"a b\"]\nenabled = true", "want a table [emitters.NAME]"},
		{"a wrong delivery", "[emitters.a]\ndelivery = \"twice\"", "exactly_once or at_least_once"},
		{"wrong partitions", "[emitters.a]\n\"topic.partitions\" = 0", "from 1 to 1024"},
		{"the same prefix", "[emitters.a]\n\"topic.prefix\" = \"marmot\"", "topics could be those of emitter main"},
		{"a prefix in another", "[emitters.a]\n\"topic.prefix\" = \"marmot.x\"", "topics could be those of emitter main"},
		{"the same prefix of two", "[emitters.a]\n\"topic.prefix\" = \"x\"\n[emitters.b]\n\"topic.prefix\" = \"x\"", "emitters.b.topic.prefix"},
	} {
		_, err := load(t, c.file, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := load(t, "[emitters.a]\n\"topic.prefix\" = \"marmot\"\nbrokers = \"far:9092\"", nil); err != nil {
		t.Errorf("the same prefix in another Kafka: %v", err)
	}
}

// order appends an order on the emission.
func (n *emitting) order(b txn.EmissionControl) {
	n.t.Helper()
	b.Emission = n.name
	result, err := n.origin.Control(n.t.Context(), &b)
	if err != nil || !result.Decision.Taken {
		n.t.Fatalf("%+v: %s, %v", b, result.Decision, err)
	}
}

// eventually waits until f is true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s: nothing happens", what)
		}
	}
}

func TestAPausedEmissionEmitsNothingUntilItIsResumed(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	n := startEmitting(t, l, g, where, "a")
	n.createDatabase("one")
	where.until(t, "the first event", func() bool { return len(where.topics) == 1 })
	n.order(txn.EmissionControl{Action: txn.EmissionPause})
	eventually(t, "the emitter to rest", func() bool { return !n.emitting.Load() })
	n.createDatabase("two")
	eventually(t, "what it needs to stand in the log", func() bool { return n.look().state.Needs > 1 })
	if v := n.look(); v.epoch != n.epoch() || !v.state.Paused {
		t.Errorf("the ledger has %+v", v)
	}
	where.mu.Lock()
	if len(where.topics) != 1 {
		t.Errorf("%d events are out", len(where.topics))
	}
	where.mu.Unlock()
	n.order(txn.EmissionControl{Action: txn.EmissionResume})
	where.until(t, "the second event", func() bool { return len(where.topics) == 2 })
}

func TestAResetGoesBackOnceAndADropEnds(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	n := startEmitting(t, l, g, where, "a")
	n.createDatabase("one")
	n.createDatabase("two")
	where.until(t, "two events", func() bool { return len(where.topics) == 2 })
	n.order(txn.EmissionControl{Action: txn.EmissionReset, Position: g.Base + 1})
	where.until(t, "both again", func() bool { return len(where.topics) == 4 })
	n.createDatabase("three")
	where.until(t, "the fifth event", func() bool { return len(where.topics) == 5 && where.progress.Reset == n.look().state.ResetAt })

	n.order(txn.EmissionControl{Action: txn.EmissionDrop})
	eventually(t, "the emitter to end", func() bool { return !n.emitting.Load() })
	n.createDatabase("four")
	n.order(txn.EmissionControl{Action: txn.EmissionReset, Position: txn.Position(1 << 40)}) // now
	n.createDatabase("five")
	where.until(t, "the event after the reset", func() bool { return len(where.topics) == 6 })
	if v := n.look(); v.epoch != n.epoch() || v.state.Dropped {
		t.Errorf("the ledger has %+v", v)
	}
}

// TestAnEmissionThatFailsHoldsUpNoOther: one whose events cannot be published waits, with its failure told; another goes on.
func TestAnEmissionThatFailsHoldsUpNoOther(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	_, _, elsewhere := newEmissionWorld(t)
	var broken atomic.Bool
	broken.Store(true)
	n := startEmitting(t, l, g, where, "a")
	other := startEmission(t, l, g, "b", "audit", &fakePublisher{place: elsewhere, fail: func() error {
		if broken.Load() {
			return errors.New("the cellar is flooded")
		}
		return nil
	}})
	n.createDatabase("one")
	where.until(t, "the event of main", func() bool { return len(where.topics) == 1 })
	eventually(t, "the failure of audit", func() bool {
		f := other.failure.Load()
		return f != nil && strings.Contains(f.text, "the cellar is flooded") && other.retries.Load() > 0
	})
	if !other.look().registered {
		t.Error("the log does not wait for audit")
	}
	n.createDatabase("two")
	where.until(t, "the second event of main", func() bool { return len(where.topics) == 2 })
	broken.Store(false)
	elsewhere.until(t, "the events of audit", func() bool { return len(elsewhere.topics) == 2 })
	eventually(t, "the failure to be over", func() bool { return other.failure.Load() == nil })
}

// TestAnEmissionStaysStoppedUntilItHasPassedTheEventThatStoppedIt: each try begins before it, and the alert must not come and go.
func TestAnEmissionStaysStoppedUntilItHasPassedTheEventThatStoppedIt(t *testing.T) {
	now := time.UnixMicro(1)
	var s emissionState
	s.began(now)
	s.published(4, 1, now)
	s.failed(fmt.Errorf("events of 7: %w", &debezium.EventError{Position: 7, Cause: errors.New("poison")}), now)
	s.ended()
	for range 2 {
		if !s.stopped() {
			t.Error("it is not stopped")
		}
		s.began(now) // a try
		s.published(6, 0, now)
	}
	if s.published(7, 1, now); s.stopped() || s.failure.Load() != nil {
		t.Error("it is stopped behind the event")
	}
	s.failed(errors.New("the cellar is flooded"), now)
	if s.stopped() {
		t.Error("an emitter that tries is stopped")
	}
	if s.ended(); !s.stopped() {
		t.Error("one that has ended is not")
	}
	s.began(now)
	if s.published(7, 0, now); s.failure.Load() != nil {
		t.Error("a success leaves the failure")
	}
}

// TestWhatIsNeededBoundsTheTrimming: by the least of all emissions, owned or not, that were not dropped.
func TestWhatIsNeededBoundsTheTrimming(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	n := startEmitting(t, l, g, where, "a")
	all := &emitters{list: []*emission{n.emission}, applier: n.applier, members: n.members, origin: n.origin, node: "a", epoch: n.epoch, logger: n.logger, log: l, genesis: g}
	n.createDatabase("one")
	where.until(t, "the event", func() bool { return len(where.topics) == 1 })
	eventually(t, "the emission alone to be what bounds", func() bool {
		p, mine := all.trimBound()
		return mine && p == txn.Position(n.emitted.Load()) && p > 1
	})
	take := func(b txn.Body) {
		t.Helper()
		if result, err := n.origin.Control(t.Context(), b); err != nil || !result.Decision.Taken {
			t.Fatalf("%+v: %s, %v", b, result.Decision, err)
		}
	}
	take(&txn.EmissionOwner{Emission: "audit"})
	take(&txn.EmissionControl{Emission: "audit", Action: txn.EmissionNeeds, Position: 2})
	take(&txn.EmissionControl{Emission: "audit", Action: txn.EmissionRelease})
	if p, mine := all.trimBound(); !mine || p != 2 {
		t.Errorf("with an emission that nobody runs: %s, %v", p, mine)
	}
	var state string
	for _, s := range all.statuses() {
		state += s.Name + " " + s.State + ","
	}
	if state != "audit unowned,main emitting," {
		t.Errorf("the emitters are %s", state)
	}
	take(&txn.EmissionControl{Emission: "audit", Action: txn.EmissionDrop})
	eventually(t, "the dropped one to bound nothing", func() bool {
		p, mine := all.trimBound()
		return mine && p == txn.Position(n.emitted.Load())
	})
}

// TestANodeThatStopsHandsItsEmissionsOver at once, without others having to wait for its silence.
func TestANodeThatStopsHandsItsEmissionsOver(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	first := startEmitting(t, l, g, where, "a")
	first.createDatabase("one")
	where.until(t, "the first event", func() bool { return len(where.topics) == 1 })
	second := startEmitting(t, l, g, where, "b")
	all := &emitters{list: []*emission{first.emission}, applier: first.applier, members: first.members, origin: first.origin, node: "a", epoch: first.epoch,
		logger: first.logger, stop: first.halt, done: first.halted}
	all.release(t.Context())
	where.until(t, "the second node to take over", func() bool { return where.owner == second.publisher })
	if !second.members.alive("a", first.epoch()) {
		t.Error("the second node has waited until the first was taken for dead")
	}
	second.createDatabase("two")
	where.until(t, "the second event", func() bool { return len(where.topics) == 2 })
	if !first.members.alive("a", first.epoch()) {
		t.Error("the first node is taken for dead")
	}
}

func TestTheMeterKnowsHowLargeTheLogIsBehindAPosition(t *testing.T) {
	m := &logMeter{}
	grow := func(p txn.Position, bytes uint64) {
		m.bytes.Add(bytes)
		m.sample(p)
	}
	grow(100, 0)
	grow(110, 1000)
	grow(120, 3000)
	for from, want := range map[txn.Position]uint64{120: 0, 110: 3000, 115: 1500, 100: 4000, 105: 3500, 20: 20000, 130: 0} {
		if got := m.between(from, 120); got != want {
			t.Errorf("from %s: %d bytes, want %d", from, got, want)
		}
	}
	for p := range txn.Position(3 * maxSamples) {
		grow(121+p, 1)
	}
	if len(m.samples) > maxSamples || m.between(110, 130) == 0 {
		t.Errorf("%d samples", len(m.samples))
	}
}
