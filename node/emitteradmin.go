package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"marmot/applier/ledger"
	"marmot/dialect"
	"marmot/session"
	"marmot/txn"
)

// Orders on an emission, as people name them.
const (
	orderPause      = "pause"
	orderResume     = "resume"
	orderReset      = "reset"
	orderResnapshot = "resnapshot"
	orderDrop       = "drop"
	orderSignal     = "signal"
)

// Places that a reset names beside a position.
const (
	resetNow      = "now"
	resetSnapshot = "snapshot"
	resetStart    = "start"
)

const (
	// maxSignalText bounds each part of a signal.
	maxSignalText = 1 << 20
	// maxSignalID bounds the id of a signal, as in the connector's signalling table.
	maxSignalID = 42 * 6
)

// refuse is an error that says what the asker has to mend.
func refuse(format string, args ...any) error {
	return &session.OrderError{Reason: fmt.Sprintf(format, args...)}
}

// control has the log record what becomes of an emission, and returns once that is decided.
func (e *emitters) control(ctx context.Context, name, order string, arguments map[string]string) error {
	bounded, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	actions := map[string]txn.EmissionAction{orderPause: txn.EmissionPause, orderResume: txn.EmissionResume, orderDrop: txn.EmissionDrop}
	if action := actions[order]; action != 0 {
		return e.append(bounded, &txn.EmissionControl{Emission: name, Action: action})
	}
	switch order {
	case orderReset:
		return e.reset(bounded, name, arguments["to"])
	case orderResnapshot:
		return e.resnapshot(bounded, name, arguments["tables"])
	case orderSignal:
		return e.signal(bounded, &txn.EmissionSignal{Emission: name, ID: arguments["id"], Type: arguments["type"], Data: arguments["data"]})
	}
	return refuse("%q is no order: want pause, resume, reset, resnapshot, drop or signal", order)
}

// append appends the record and tells why it was not heeded.
func (e *emitters) append(ctx context.Context, b *txn.EmissionControl) error {
	result, err := e.origin.Control(ctx, b)
	if err != nil {
		return err
	}
	switch d := result.Decision; d.Reason {
	case 0:
		return nil
	case ledger.ReasonUnknown:
		return e.unknown(b.Emission)
	case ledger.ReasonDropped:
		return refuse("emitter %s was dropped; reset it to make it live again", b.Emission)
	case ledger.ReasonFloor:
		return refuse("the log begins at %s, and emitter %s cannot go on behind %s; use a snapshot", d.Against, b.Emission, b.Position)
	default:
		return refuse("emitter %s: %s", b.Emission, d)
	}
}

// unknown names those that there are.
func (e *emitters) unknown(name string) error {
	var names []string
	for _, s := range e.statuses() {
		names = append(names, s.Name)
	}
	return refuse("no emitter %q; there are: %s", name, strings.Join(names, ", "))
}

// reset moves an emission to a position, the log's start, now, or now with a snapshot of all its tables.
func (e *emitters) reset(ctx context.Context, name, to string) error {
	b := &txn.EmissionControl{Emission: name, Action: txn.EmissionReset}
	first, err := e.logStart(ctx)
	if err != nil {
		return fmt.Errorf("where the log begins: %w", err)
	}
	switch to {
	case resetNow, resetSnapshot:
		b.Position = math.MaxInt64
	case resetStart:
		b.Position = first - 1
		e.applier.Ask(func(l *ledger.Ledger) { b.Position = max(b.Position, max(l.TrimFloor(), 1)-1) })
	default:
		p, err := strconv.ParseUint(to, 10, 63)
		if err != nil {
			return refuse("%q: want a position, now, start or snapshot", to)
		}
		b.Position = txn.Position(p)
		if b.Position+1 < first {
			return refuse("the log begins at %s, and emitter %s cannot go on behind %s; use a snapshot", first, name, b.Position)
		}
	}
	if err := e.append(ctx, b); err != nil || to != resetSnapshot {
		return err
	}
	return e.resnapshot(ctx, name, "")
}

// resnapshot has the emission publish the rows of tables again: those whose names fit one of the regular expressions, all without any.
func (e *emitters) resnapshot(ctx context.Context, name, tables string) error {
	collections := splitList(tables)
	kind := "incremental"
	if len(collections) == 0 {
		collections, kind = []string{".*"}, "blocking"
	}
	data, err := json.Marshal(map[string]any{"type": kind, "data-collections": collections})
	if err != nil {
		return err
	}
	return e.signal(ctx, &txn.EmissionSignal{Emission: name, ID: "resnapshot-" + e.applier.Decided().String(), Type: "execute-snapshot", Data: string(data)})
}

// signal appends a signal; of no emission it goes to all.
func (e *emitters) signal(ctx context.Context, b *txn.EmissionSignal) error {
	if b.Emission != "" && !slices.ContainsFunc(e.statuses(), func(s EmitterStatus) bool { return s.Name == b.Emission && s.State != emitterDropped }) {
		return e.unknown(b.Emission)
	}
	if b.Type == "" || len(b.ID) > maxSignalID || len(b.Type) > maxSignalText || len(b.Data) > maxSignalText {
		return refuse("a signal has an id of at most %d bytes, a type, and data of at most %d bytes", maxSignalID, maxSignalText)
	}
	_, err := e.origin.Control(ctx, b)
	return err
}

// serve adds what `marmot emitters` asks for. Who changes emitters has to be on this machine: the port has no password, and where
// admin.allow_insecure lets others reach it they may look only.
func (e *emitters) serve(mux *http.ServeMux) {
	mux.HandleFunc("GET /emitters", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(e.statuses()) // the reader went away
	})
	mux.HandleFunc("POST /emitters/{name}/{order}", func(w http.ResponseWriter, r *http.Request) {
		if reason := foreignRequest(r); reason != "" {
			http.Error(w, reason, http.StatusForbidden)
			return
		}
		arguments := map[string]string{}
		for key, values := range r.URL.Query() {
			arguments[key] = values[0]
		}
		err := e.control(r.Context(), r.PathValue("name"), r.PathValue("order"), arguments)
		var wrong *session.OrderError
		switch {
		case errors.As(err, &wrong):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case err != nil:
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		default:
			fmt.Fprintln(w, "ok")
		}
	})
}

// foreignRequest says why a request may change nothing: it comes from another machine, or from a web page.
func foreignRequest(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return "emitters are changed from the node's own machine, or in SQL with CALL marmot.…: this port has no password"
	}
	if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return "emitters are not changed by web pages"
	}
	return ""
}

// PrintEmitters asks a node's admin port for the emitters and prints them.
func PrintEmitters(ctx context.Context, address string, out io.Writer) error {
	body, err := askAdmin(ctx, http.MethodGet, address, "/emitters")
	if err != nil {
		return err
	}
	var list []EmitterStatus
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("asking %s: the answer is none of a marmot that knows emitters: %w", address, err)
	}
	return printEmitters(list, out)
}

// ControlEmitter has the node at an admin address carry out an order on an emitter.
func ControlEmitter(ctx context.Context, address, name, order string, arguments map[string]string) error {
	query := url.Values{}
	for key, value := range arguments {
		query.Set(key, value)
	}
	_, err := askAdmin(ctx, http.MethodPost, address, "/emitters/"+url.PathEscape(name)+"/"+order+"?"+query.Encode())
	return err
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 20

func askAdmin(ctx context.Context, method, address, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, nil)
	if err != nil {
		return nil, fmt.Errorf("admin address %q: %w", address, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w; is the node running, and is that its admin.listen?", address, err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", address, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the node at %s: %s", address, strings.TrimSpace(string(body)))
	}
	return body, nil
}

// sqlEmitters answers the procedures of the schema marmot.
type sqlEmitters struct{ emitters *emitters }

// List implements session.Emitters.
func (e sqlEmitters) List() []dialect.Emitter {
	var list []dialect.Emitter
	for _, s := range e.emitters.statuses() {
		list = append(list, dialect.Emitter{
			Name: s.Name, State: s.State, Node: s.Node, Position: s.Position, Needs: s.Needs, Lag: s.Lag, LagBytes: s.LagBytes,
			LagSeconds: float64(s.LagMS) / 1000, Delivery: s.Delivery, Target: s.Target, Error: s.Error,
		})
	}
	return list
}

// Order implements session.Emitters.
func (e sqlEmitters) Order(ctx context.Context, emitter, order string, arguments map[string]string) error {
	return e.emitters.control(ctx, emitter, order, arguments)
}
