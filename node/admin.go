package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"sort"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Bounds of how long one request may take to be read or answered.
const (
	adminTimeout   = 10 * time.Second
	profileTimeout = 2 * time.Minute // to be answered, with admin.profiling: a profile is taken meanwhile
)

// MemberStatus is one node in Status.
type MemberStatus struct {
	Node       string `json:"node"`
	Epoch      uint64 `json:"epoch"`
	Version    string `json:"version"`
	MySQL      string `json:"mysql"`
	Admin      string `json:"admin"`
	Applied    uint64 `json:"applied"`
	Lag        uint64 `json:"lag"`        // positions behind the log's end
	SilentMS   int64  `json:"silent_ms"`  // since it was last heard of
	Registered bool   `json:"registered"` // counted by QUORUM and FULL
}

// Status is what /status answers.
type Status struct {
	Node      string `json:"node"`
	Version   string `json:"version"`
	Cluster   string `json:"cluster"`
	UUID      string `json:"uuid"`
	Epoch     uint64 `json:"epoch"`
	Ready     bool   `json:"ready"`
	Reason    string `json:"reason,omitempty"`  // why it is not ready
	Stalled   string `json:"stalled,omitempty"` // why it takes no writes for the time being
	Position  uint64 `json:"position"`          // published in every database
	Decided   uint64 `json:"decided"`
	LogStart  uint64 `json:"log_start"` // first position that the log has
	LogEnd    uint64 `json:"log_end"`
	TrimFloor uint64 `json:"trim_floor"` // the log is or will be given up below it
	// Acknowledged is the position that is on disk in every file.
	Acknowledged  uint64 `json:"acknowledged"`
	Snapshot      uint64 `json:"snapshot,omitempty"` // position of the newest
	SnapshotAgeMS int64  `json:"snapshot_age_ms,omitempty"`

	Databases map[string]uint64 `json:"databases"`
	Emitter   string            `json:"emitter,omitempty"` // node that emits the emission main
	Emitted   uint64            `json:"emitted"`           // its position, when this node is the emitter
	Emitters  []EmitterStatus   `json:"emitters,omitempty"`
	Sessions  int               `json:"sessions"`
	Members   []MemberStatus    `json:"members"`
}

// admin serves health, status and metrics.
type admin struct {
	listener net.Listener
	server   *http.Server
}

// listenAdmin opens the admin port. status is called for each request; ready tells whether
// clients are served; more adds what other parts serve.
func listenAdmin(address string, profiling bool, registry *prometheus.Registry, status func(context.Context) Status, save func(context.Context) savedSnapshot, more ...func(*http.ServeMux)) (*admin, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("admin.listen %s: %w; is another node running there?", address, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /snapshot", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // it takes as long as the files are large
		saved := save(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if saved.Error != "" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_ = json.NewEncoder(w).Encode(saved) // the reader went away
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		s := status(r.Context())
		if !s.Ready {
			http.Error(w, s.Reason, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(status(r.Context())) // the reader went away
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	for _, add := range more {
		add(mux)
	}
	server := &http.Server{Handler: mux, ReadTimeout: adminTimeout, WriteTimeout: adminTimeout}
	if profiling {
		serveProfiles(mux)
		server.WriteTimeout = profileTimeout
	}
	return &admin{listener: listener, server: server}, nil
}

// serveProfiles adds what go tool pprof asks for.
func serveProfiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}

// run serves until ctx ends.
func (a *admin) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = a.server.Close() })
	defer stop()
	if err := a.server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("admin port: %w", err)
	}
	return nil
}

// PrintStatus asks a node's admin port and prints what it says, for people.
func PrintStatus(ctx context.Context, address string, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/status", nil)
	if err != nil {
		return fmt.Errorf("admin address %q: %w", address, err)
	}
	client := http.Client{Timeout: adminTimeout}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking %s: %w; is the node running, and is that its admin.listen?", address, err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	var s Status
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		return fmt.Errorf("asking %s: the answer is no status: %w", address, err)
	}
	return s.print(out)
}

// SaveSnapshot has the node at an admin address save a snapshot, and prints its name.
func SaveSnapshot(ctx context.Context, address string, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/snapshot", nil)
	if err != nil {
		return fmt.Errorf("admin address %q: %w", address, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking %s: %w; is the node running, and is that its admin.listen?", address, err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	var s savedSnapshot
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		return fmt.Errorf("asking %s: the answer is none of a marmot that saves snapshots: %w", address, err)
	}
	if s.Error != "" {
		return fmt.Errorf("the node at %s: %s", address, s.Error)
	}
	fmt.Fprintf(out, "%s: position %d\n", s.Name, s.Position)
	if s.Warning != "" {
		fmt.Fprintf(out, "saved, but: %s\n", s.Warning)
	}
	return nil
}

// print writes the status as two small tables.
func (s *Status) print(out io.Writer) error {
	state := "ready"
	if !s.Ready {
		state = "not ready: " + s.Reason
	}
	fmt.Fprintf(out, "node %s (%s), cluster %s %s, epoch %d: %s\n", s.Node, s.Version, s.Cluster, s.UUID, s.Epoch, state)
	if s.Stalled != "" {
		fmt.Fprintln(out, "no writes for the time being: "+s.Stalled)
	}
	fmt.Fprintf(out, "position %d of %d", s.Position, s.LogEnd)
	switch {
	case s.Emitter == s.Node && s.Emitter != "":
		fmt.Fprintf(out, "; this node emits events, up to %d", s.Emitted)
	case s.Emitter != "":
		fmt.Fprintf(out, "; events are emitted by %s", s.Emitter)
	}
	fmt.Fprintf(out, "\nthe log begins at %d, trim floor %d", s.LogStart, s.TrimFloor)
	if s.Snapshot > 0 {
		fmt.Fprintf(out, "; newest snapshot at %d, %s ago", s.Snapshot, (time.Duration(s.SnapshotAgeMS) * time.Millisecond).Round(time.Second))
	}
	fmt.Fprintf(out, "\n\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "MEMBER\tVERSION\tMYSQL\tADMIN\tAPPLIED\tLAG\tHEARD OF")
	for _, m := range s.Members {
		heard := (time.Duration(m.SilentMS) * time.Millisecond).Round(100 * time.Millisecond)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%s ago\n", m.Node, m.Version, m.MySQL, m.Admin, m.Applied, m.Lag, heard)
	}
	fmt.Fprintln(w, "\nDATABASE\tPOSITION")
	names := make([]string, 0, len(s.Databases))
	for name := range s.Databases {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(w, "%s\t%d\n", name, s.Databases[name])
	}
	return w.Flush()
}
