package node

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"

	"github.com/prometheus/client_golang/prometheus"
)

// States of an emitter.
const (
	emitterEmitting = "emitting" // it publishes, or has nothing to publish
	emitterStalled  = "stalled"  // something waits, and nothing has been published for stalledAfter
	emitterFailed   = "failed"   // it ended with an error and is tried again
	emitterPaused   = "paused"
	emitterDropped  = "dropped"
	emitterUnowned  = "unowned" // no node emits it; the log waits
)

// stalledAfter is how long nothing is published while something waits before an emitter counts as stalled.
const stalledAfter = 10 * time.Second

// maxShownError bounds the text of an error that members tell each other.
const maxShownError = 300

// EmitterStatus is what is known of one emission.
type EmitterStatus struct {
	Name       string `json:"name"`
	State      string `json:"state"`
	Node       string `json:"node,omitempty"` // that owns it
	Position   uint64 `json:"position"`       // up to which everything is published
	Needs      uint64 `json:"needs"`          // the log is not needed up to here
	Lag        uint64 `json:"lag"`            // positions that wait
	LagBytes   uint64 `json:"lag_bytes"`      // about how large they are
	LagMS      int64  `json:"lag_ms"`         // since the first of them was committed
	Records    uint64 `json:"records"`        // published by the node since it started
	Retries    uint64 `json:"retries"`
	Refused    uint64 `json:"refused"` // events that became dead letters or were left out
	Delivery   string `json:"delivery,omitempty"`
	Target     string `json:"target,omitempty"`
	Error      string `json:"error,omitempty"` // the last, if nothing succeeded since
	ErrorAgeMS int64  `json:"error_age_ms,omitempty"`
}

// word is what this node tells the others of the emissions that it owns.
func (e *emitters) word() string {
	if e.members == nil || e.members.topic == nil || len(e.list) == 0 {
		return ""
	}
	var own []EmitterStatus
	for _, one := range e.list {
		if v := one.look(); v.epoch == e.epoch() && v.epoch != 0 {
			own = append(own, e.own(one, v))
		}
	}
	if own == nil {
		return ""
	}
	text, err := json.Marshal(own)
	if err != nil {
		return ""
	}
	return string(text)
}

// own tells of an emission that this node owns.
func (e *emitters) own(one *emission, v view) EmitterStatus {
	now := time.Now()
	decided := e.applier.Decided()
	s := EmitterStatus{
		Name: one.name, Node: string(e.node), Needs: uint64(v.state.Needs), Position: uint64(v.state.Needs),
		Records: one.records.Load(), Retries: one.retries.Load(), Refused: one.refused.Load(), Delivery: one.config.delivery, Target: one.config.target(),
	}
	if one.known.Load() {
		s.Position = one.emitted.Load()
		if needs, known := one.needs(); known {
			s.Needs = uint64(needs)
		}
	}
	if uint64(decided) > s.Position {
		s.Lag, s.LagBytes = uint64(decided)-s.Position, e.meter.between(txn.Position(s.Position), decided)
		if w, found := e.meter.waiting(one.name); found && w.us > 0 {
			s.LagMS = max(now.Sub(time.UnixMicro(w.us)).Milliseconds(), 0)
		}
	}
	f := one.failure.Load()
	if f != nil {
		s.Error, s.ErrorAgeMS = f.text[:min(len(f.text), maxShownError)], now.Sub(f.at).Milliseconds()
	}
	switch {
	case v.state.Dropped:
		s.State = emitterDropped
	case v.state.Paused:
		s.State = emitterPaused
	case one.stopped():
		s.State = emitterFailed
	case s.Lag > 0 && now.Sub(time.UnixMicro(one.movedUS.Load())) >= stalledAfter:
		s.State = emitterStalled
		if s.Error == "" {
			s.Error = "nothing is published: the brokers do not answer"
		}
	default:
		s.State = emitterEmitting
	}
	return s
}

// statuses tells of all emissions: those that the log knows and those of this node's configuration. What other nodes own is as
// they said a second ago.
func (e *emitters) statuses() []EmitterStatus {
	if e.applier == nil {
		return nil
	}
	views := map[string]view{}
	e.applier.Ask(func(l *ledger.Ledger) {
		for _, s := range l.Emissions() {
			v := view{state: s}
			v.epoch, v.node = l.Emitter(s.Name)
			views[s.Name] = v
		}
	})
	for _, one := range e.list {
		if _, found := views[one.name]; !found {
			views[one.name] = view{state: ledger.Emission{Name: one.name}}
		}
	}
	heard := e.heard()
	decided := uint64(e.applier.Decided())
	var list []EmitterStatus
	for _, name := range slices.Sorted(maps.Keys(views)) {
		v := views[name]
		one := e.named(name)
		if one != nil && v.epoch != 0 && v.epoch == e.epoch() {
			list = append(list, e.own(one, v))
			continue
		}
		s, found := heard[name]
		if !found || s.Node != string(v.node) {
			s = EmitterStatus{Name: name, Position: uint64(v.state.Needs), Needs: uint64(v.state.Needs), State: emitterEmitting}
			if decided > s.Position && !v.state.Dropped {
				s.Lag, s.LagBytes = decided-s.Position, e.meter.between(txn.Position(s.Position), txn.Position(decided))
			}
			if one != nil {
				s.Delivery, s.Target = one.config.delivery, one.config.target()
			}
		}
		s.Node = string(v.node)
		switch {
		case v.state.Dropped:
			s.State = emitterDropped
		case v.state.Paused:
			s.State = emitterPaused
		case v.epoch == 0:
			s.State = emitterUnowned
		}
		list = append(list, s)
	}
	return list
}

// heard returns what other members said of their emissions.
func (e *emitters) heard() map[string]EmitterStatus {
	found := map[string]EmitterStatus{}
	for _, word := range e.members.words() {
		var list []EmitterStatus
		if word.Node == e.node || word.Emitters == "" || json.Unmarshal([]byte(word.Emitters), &list) != nil {
			continue // of another release, if it cannot be read
		}
		for _, s := range list {
			if s.Node == string(word.Node) {
				found[s.Name] = s
			}
		}
	}
	return found
}

// words returns the last word of every member.
func (m *members) words() []log.Member {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.list)
}

// fill writes what a status tells of emissions.
func (e *emitters) fill(status *Status) {
	status.Emitters = e.statuses()
	for _, s := range status.Emitters {
		if s.Name == mainEmission {
			status.Emitter = s.Node
			if s.Node == string(e.node) {
				status.Emitted = s.Position
			}
		}
	}
}

// emitterStatuses returns them once the node serves.
func (s *server) emitterStatuses() []EmitterStatus {
	if s.engine.Load() == nil {
		return nil
	}
	return s.emitters.statuses()
}

// serveEmitters adds what `marmot emitters` asks for, once the node serves.
func (s *server) serveEmitters(mux *http.ServeMux) {
	inner := http.NewServeMux()
	s.emitters.serve(inner)
	mux.HandleFunc("/emitters", s.whenReady(inner))
	mux.HandleFunc("/emitters/", s.whenReady(inner))
}

// whenReady answers for a node that does not serve yet.
func (s *server) whenReady(inner http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.engine.Load() == nil {
			http.Error(w, "the node does not serve yet", http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(w, r)
	}
}

// printEmitters writes a table for people.
func printEmitters(list []EmitterStatus, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "EMITTER\tSTATE\tNODE\tPOSITION\tLAG\tBYTES\tBEHIND\tDELIVERY\tTO\tERROR")
	for _, s := range list {
		behind := (time.Duration(s.LagMS) * time.Millisecond).Round(100 * time.Millisecond)
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", s.Name, s.State, s.Node, s.Position, s.Lag, s.LagBytes, behind, s.Delivery, s.Target, s.Error)
	}
	return w.Flush()
}

// emitterCollector tells Prometheus of each emission.
type emitterCollector struct{ statuses func() []EmitterStatus }

// emitterMetric is one of an emission's.
type emitterMetric struct {
	name, help string
	kind       prometheus.ValueType
	value      func(s EmitterStatus) float64
}

func emitterMetrics() []emitterMetric {
	in := func(states ...string) func(EmitterStatus) float64 {
		return func(s EmitterStatus) float64 {
			if slices.Contains(states, s.State) {
				return 1
			}
			return 0
		}
	}
	gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
	return []emitterMetric{
		{"marmot_emitter_position", "Position up to which the events are published.", gauge, func(s EmitterStatus) float64 { return float64(s.Position) }},
		{"marmot_emitter_needed_position", "Position up to which the emitter needs nothing of the log; the log keeps what comes after.", gauge, func(s EmitterStatus) float64 { return float64(s.Needs) }},
		{"marmot_emitter_lag_positions", "Positions of the log whose events are not published.", gauge, func(s EmitterStatus) float64 { return float64(s.Lag) }},
		{"marmot_emitter_lag_bytes", "About how many bytes of the log wait to be published.", gauge, func(s EmitterStatus) float64 { return float64(s.LagBytes) }},
		{"marmot_emitter_lag_seconds", "Time since the first commit that is not published.", gauge, func(s EmitterStatus) float64 { return float64(s.LagMS) / 1000 }},
		{"marmot_emitter_records_total", "Records that the owner has published since it started.", counter, func(s EmitterStatus) float64 { return float64(s.Records) }},
		{"marmot_emitter_retries_total", "Times that publishing failed and was tried again.", counter, func(s EmitterStatus) float64 { return float64(s.Retries) }},
		{"marmot_emitter_refused_events_total", "Events that became dead letters or were left out, as errors.tolerance = all says.", counter, func(s EmitterStatus) float64 { return float64(s.Refused) }},
		{"marmot_emitter_paused", "1 while the emitter is paused.", gauge, in(emitterPaused)},
		{"marmot_emitter_stalled", "1 while events wait and none are published: its Kafka is away, it fails, or no node runs it. The log is not trimmed meanwhile.", gauge,
			in(emitterStalled, emitterFailed, emitterUnowned)},
		{"marmot_emitter_unowned", "1 while no node runs the emitter; if it is in no configuration any more, drop it.", gauge, in(emitterUnowned)},
	}
}

func (m *emitterMetric) description() *prometheus.Desc {
	return prometheus.NewDesc(m.name, m.help, []string{"emitter", "node"}, nil)
}

// Describe implements prometheus.Collector.
func (emitterCollector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, m := range emitterMetrics() {
		descriptions <- m.description()
	}
}

// Collect implements prometheus.Collector.
func (c emitterCollector) Collect(metrics chan<- prometheus.Metric) {
	list := c.statuses()
	for _, m := range emitterMetrics() {
		for _, s := range list {
			if s.State != emitterDropped {
				metrics <- prometheus.MustNewConstMetric(m.description(), m.kind, m.value(s), s.Name, s.Node)
			}
		}
	}
}
