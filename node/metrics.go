package node

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"marmot/applier"
	"marmot/applier/ledger"
	"marmot/internal/stage"
	"marmot/log"
	"marmot/txn"
	"marmot/wire"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics is the one place of the server that knows Prometheus. Parts tell events; gauges read
// live state when they are scraped.
type metrics struct {
	registry    *prometheus.Registry
	decisions   *prometheus.CounterVec
	foreign     prometheus.Counter
	applied     prometheus.Counter
	batches     prometheus.Counter
	quarantined prometheus.Gauge
	stalled     prometheus.Gauge
	logUnsafe   prometheus.Gauge
	logins      *prometheus.CounterVec
	stages      *stage.Recorder
}

func newMetrics(s *server) *metrics {
	start := time.Now()
	m := &metrics{
		registry:    prometheus.NewRegistry(),
		decisions:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "marmot_decisions_total", Help: "Records of the log by verdict and reason."}, []string{"verdict", "reason"}),
		foreign:     prometheus.NewCounter(prometheus.CounterOpts{Name: "marmot_foreign_records_total", Help: "Records of the log that another program wrote."}),
		applied:     prometheus.NewCounter(prometheus.CounterOpts{Name: "marmot_applied_records_total", Help: "Committed records applied to a database."}),
		batches:     prometheus.NewCounter(prometheus.CounterOpts{Name: "marmot_applied_batches_total", Help: "SQLite transactions of the applier."}),
		quarantined: prometheus.NewGauge(prometheus.GaugeOpts{Name: "marmot_quarantined_databases", Help: "Databases whose applying has stopped because a change did not fit."}),
		stalled:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "marmot_disk_full", Help: "1 while applying waits for room on the disk."}),
		logUnsafe:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "marmot_log_unsafe", Help: "1 when a setting of the log endangers committed data."}),
		logins:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "marmot_connections_total", Help: "Client connections by result."}, []string{"result"}),
		stages:      stage.NewRecorder(func() time.Duration { return time.Since(start) }),
	}
	m.registry.MustRegister(m.decisions, m.foreign, m.applied, m.batches, m.quarantined, m.stalled, m.logUnsafe, m.logins, stageCollector{m.stages},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.gauge("marmot_position", "Position published in every database.", func() float64 { return float64(s.applier.Applied()) }, s)
	m.gauge("marmot_decided_position", "Last position decided.", func() float64 { return float64(s.applier.Decided()) }, s)
	m.gauge("marmot_sessions", "Sessions of clients.", func() float64 { return float64(s.engine.Load().Sessions()) }, s)
	m.keeperGauges(s)
	m.registry.MustRegister(emitterCollector{s.emitterStatuses})
	return m
}

// keeperGauges tell how much of the log is kept, and of snapshots.
func (m *metrics) keeperGauges(s *server) {
	m.gauge("marmot_log_start_position", "First position that the log has.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), adminTimeout/2)
		defer cancel()
		start, _, err := s.log.Bounds(ctx, log.Order)
		if err != nil {
			return math.NaN()
		}
		return float64(s.genesis.Position(start))
	}, s)
	m.gauge("marmot_trim_floor_position", "Position below which the log is or will be given up.", func() float64 { return float64(s.keeper.floor()) }, s)
	m.gauge("marmot_acknowledged_position", "Position that is on disk in every file.", func() float64 { return float64(s.keeper.acknowledged.Load()) }, s)
	m.gauge("marmot_snapshot_position", "Position of the newest verified snapshot.", func() float64 { return float64(s.keeper.saved.Load()) }, s)
	m.gauge("marmot_snapshot_age_seconds", "Age of the newest verified snapshot.", func() float64 {
		if s.keeper.saved.Load() == 0 {
			return math.NaN()
		}
		return time.Since(time.UnixMicro(s.keeper.savedUS.Load())).Seconds()
	}, s)
	m.gauge("marmot_snapshot_failures", "Rounds of saving and trimming that failed.", func() float64 { return float64(s.keeper.failures.Load()) }, s)
}

// gauge registers a gauge that reads live state once the node serves; before, it is zero.
func (m *metrics) gauge(name, help string, read func() float64, s *server) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		if s.engine.Load() == nil {
			return 0
		}
		return read()
	}))
}

// stageCollector tells Prometheus what a stage.Recorder has counted.
type stageCollector struct{ stages *stage.Recorder }

// stageDescription describes the histograms of stages.
func stageDescription() *prometheus.Desc {
	return prometheus.NewDesc("marmot_stage_seconds", "Time that commands spent in each stage of their way.", []string{"stage"}, nil)
}

// Describe implements prometheus.Collector.
func (stageCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- stageDescription()
}

// Collect implements prometheus.Collector.
func (c stageCollector) Collect(metrics chan<- prometheus.Metric) {
	description := stageDescription()
	for _, s := range stage.All() {
		h := c.stages.Histogram(s)
		metrics <- prometheus.MustNewConstHistogram(description, h.Count, h.Sum.Seconds(), h.Cumulative, s.String())
	}
}

func (m *metrics) applierEvents(logger *slog.Logger) applier.Events {
	var first sync.Once
	return applier.Events{
		Decided: func(_ *log.Read, d ledger.Decision) {
			reason := ""
			if d.Verdict != txn.Commit {
				reason = d.Reason.String()
			}
			m.decisions.WithLabelValues(d.Verdict.String(), reason).Inc()
		},
		Foreign: func(p txn.Position) {
			m.foreign.Inc()
			first.Do(func() {
				logger.Warn("another program writes into the log; such records are counted and passed over", "position", p)
			})
		},
		Applied: func(_ txn.DatabaseID, _ txn.Position, records int) {
			m.applied.Add(float64(records))
			m.batches.Inc()
		},
		Quarantined: func(_ txn.DatabaseID, err error) {
			if err != nil {
				m.quarantined.Inc()
			} else {
				m.quarantined.Dec()
			}
		},
		Stalled: func(err error) {
			m.stalled.Set(0)
			if err != nil {
				m.stalled.Set(1)
			}
		},
	}
}

func (m *metrics) wireEvents(logger *slog.Logger) wire.Events {
	return wire.Events{
		Connected: func(string, string) { m.logins.WithLabelValues("accepted").Inc() },
		Refused: func(address string, err error) {
			m.logins.WithLabelValues("refused").Inc()
			logger.Info("client refused", "address", address, "error", err, "cause", errors.Unwrap(err))
		},
		Panicked: func(address string, err error) {
			logger.Error("a client's command panicked, its connection ends", "address", address, "error", err)
		},
	}
}
