package node

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"marmot/txn"

	"github.com/prometheus/client_golang/prometheus"
)

// TestEmittersAreListedAndChangedOverTheAdminPort as `marmot emitters` does it.
func TestEmittersAreListedAndChangedOverTheAdminPort(t *testing.T) {
	l, g, where := newEmissionWorld(t)
	n := startEmitting(t, l, g, where, "a")
	n.createDatabase("one")
	where.until(t, "the event", func() bool { return len(where.topics) == 1 })
	all := &emitters{list: []*emission{n.emission}, applier: n.applier, members: n.members, origin: n.origin, node: "a", epoch: n.epoch, logger: n.logger, log: l, genesis: g}
	a, err := listenAdmin("127.0.0.1:0", false, prometheus.NewRegistry(), func(context.Context) Status { return Status{} }, nil, all.serve)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- a.run(ctx) }()
	defer func() {
		stop()
		<-ended
	}()
	address := a.listener.Addr().String()
	shows := func(want string) {
		t.Helper()
		var out bytes.Buffer
		if err := PrintEmitters(ctx, address, &out); err != nil || !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("%v, %q is not in\n%s", err, want, out.String())
		}
	}
	shows("EMITTER STATE NODE POSITION LAG BYTES BEHIND DELIVERY TO ERROR main emitting a")
	order := func(name, order, argument, value, want string) {
		t.Helper()
		err := ControlEmitter(ctx, address, name, order, map[string]string{argument: value})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s %s=%s: %v, want %q", order, argument, value, err, want)
		}
	}
	order("main", "pause", "", "", "")
	shows("main paused a")
	order("main", "resume", "", "", "")
	order("other", "pause", "", "", `no emitter "other"; there are: main`)
	order("main", "reset", "to", "soon", `"soon": want a position, now, start or snapshot`)
	order("main", "flee", "", "", `"flee" is no order`)
	order("main", "signal", "type", "", "a signal has an id")
	order("other", "signal", "type", "log", "no emitter")
	order("main", "reset", "to", "start", "")
	where.until(t, "the event again", func() bool { return len(where.topics) == 2 })
	trim(t, n)
	order("main", "reset", "to", "1", "cannot go on behind 1; use a snapshot")
	order("main", "resnapshot", "tables", "shop.a,shop.b", "")
	if s := lastSignal(t, n, all); s == nil || s.Emission != "main" || s.Type != "execute-snapshot" || s.Data != `{"data-collections":["shop.a","shop.b"],"type":"incremental"}` {
		t.Errorf("the signal is %+v", s)
	}
	order("main", "reset", "to", "snapshot", "")
	if s := lastSignal(t, n, all); s == nil || s.Data != `{"data-collections":[".*"],"type":"blocking"}` {
		t.Errorf("the signal is %+v", s)
	}
	order("main", "drop", "", "", "")
	shows("main dropped")
	order("main", "resume", "", "", "reset it to make it live again")
}

// trim has the log forget its first positions.
func trim(t *testing.T, n *emitting) {
	t.Helper()
	if r, err := n.origin.Control(t.Context(), &txn.TrimFloor{Floor: 3}); err != nil || !r.Decision.Taken {
		t.Fatalf("%s, %v", r.Decision, err)
	}
}

// lastSignal returns the last record of the log, if it is a signal.
func lastSignal(t *testing.T, n *emitting, all *emitters) *txn.EmissionSignal {
	t.Helper()
	for p := n.applier.Decided(); p > all.genesis.Base; p-- {
		entries, err := all.log.Read(t.Context(), -1, all.genesis.Offset(p), 1)
		if err != nil {
			t.Fatal(err)
		}
		r, err := txn.DecodeRecord(entries[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := r.Body.(*txn.EmissionSignal); ok {
			return s
		}
	}
	return nil
}

// TestOthersMayLookAtEmittersOnly: the admin port has no password.
func TestOthersMayLookAtEmittersOnly(t *testing.T) {
	mux := http.NewServeMux()
	(&emitters{}).serve(mux)
	for _, c := range []struct {
		from, header string
		want         int
	}{{"10.0.0.1:99", "", http.StatusForbidden}, {"[2001:db8::1]:99", "", http.StatusForbidden}, {"127.0.0.1:99", "Origin", http.StatusForbidden}, {"nobody", "", http.StatusForbidden}} {
		r := httptest.NewRequest(http.MethodPost, "/emitters/main/pause", nil)
		r.RemoteAddr = c.from
		if c.header != "" {
			r.Header.Set(c.header, "http://elsewhere")
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("from %s %s: %d %s", c.from, c.header, w.Code, w.Body)
		}
	}
}
