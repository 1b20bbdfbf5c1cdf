package node

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"marmot/internal/stage"

	"github.com/prometheus/client_golang/prometheus"
)

// ask serves an admin port for one request and returns what it answers.
func ask(t *testing.T, profiling bool, registry *prometheus.Registry, path string) (status int, body string) {
	t.Helper()
	a, err := listenAdmin("127.0.0.1:0", profiling, registry, func(context.Context) Status { return Status{} }, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.listener.Addr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestProfilesAreServedOnlyWhenAskedFor(t *testing.T) {
	for profiling, want := range map[bool]int{false: http.StatusNotFound, true: http.StatusOK} {
		if got, _ := ask(t, profiling, prometheus.NewRegistry(), "/debug/pprof/goroutine?debug=1"); got != want {
			t.Errorf("admin.profiling = %v: status %d, want %d", profiling, got, want)
		}
	}
}

func TestStagesAreAmongTheMetrics(t *testing.T) {
	now := time.Duration(0)
	stages := stage.NewRecorder(func() time.Duration { return now })
	start := stages.Now()
	now += 30 * time.Microsecond
	stages.Lap(stage.Plan, start)
	registry := prometheus.NewRegistry()
	registry.MustRegister(stageCollector{stages})
	_, text := ask(t, false, registry, "/metrics")
	for _, want := range []string{
		`marmot_stage_seconds_bucket{stage="plan",le="2.8e-05"} 0`, `marmot_stage_seconds_bucket{stage="plan",le="3.2e-05"} 1`,
		`marmot_stage_seconds_sum{stage="plan"} 3e-05`, `marmot_stage_seconds_count{stage="plan"} 1`, `marmot_stage_seconds_count{stage="batch"} 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("metrics lack %s", want)
		}
	}
}
