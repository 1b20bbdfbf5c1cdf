// Command marmot-connect carries Debezium events from Kafka topics to a sink.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"marmot/connect"
	"marmot/connect/replay"
	"marmot/connect/sink"
	"marmot/internal/command"
	"marmot/internal/kafkaclient"
	"marmot/internal/settings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// version is set by the build.
var version = "unknown"

func main() {
	root := command.New("marmot-connect", "Carries Debezium events from Kafka topics to files", version,
		runCommand(), checkCommand(), keysCommand(), replayCommand())
	os.Exit(command.Run(root, os.Stderr))
}

// configured adds --config and a flag for each key to a command, and returns what loads them.
func configured(cmd *cobra.Command) func() (*settings.Config, error) {
	file := cmd.Flags().String("config", os.Getenv("MARMOT_CONNECT_CONFIG"), "configuration file; default ./connect.toml, then /etc/marmot/connect.toml")
	connect.Program().Flags(cmd.Flags())
	return func() (*settings.Config, error) { return connect.LoadConfig(*file, os.Environ(), cmd.Flags()) }
}

func runCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "run", Short: "Carry events until told to stop"}
	load := configured(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := load()
		if err != nil {
			return err
		}
		return run(cmd.Context(), config)
	}
	return cmd
}

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Print the effective configuration with the source of each value, and try the sink",
	}
	load := configured(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := load()
		if err != nil {
			return err
		}
		for _, line := range config.Effective() {
			fmt.Fprintln(cmd.OutOrStdout(), line)
		}
		security, err := connect.Security(config)
		if err != nil {
			return err
		}
		if err := kafkaclient.Refused(config, security.CheckFiles()); err != nil {
			return err
		}
		s, err := connect.NewSink(config)
		if err != nil {
			return err
		}
		return s.Close(cmd.Context())
	}
	return cmd
}

func keysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "List all configuration keys with their defaults",
		Run:   func(cmd *cobra.Command, _ []string) { command.Print(cmd.OutOrStdout(), connect.Program().Keys) },
	}
}

func replayCommand() *cobra.Command {
	var o replay.Options
	cmd := &cobra.Command{
		Use:   "replay --dir DIR --database NAME --sqlite FILE",
		Short: "Rebuild a database from event files into a new SQLite file",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Dir == "" || o.Database == "" || o.SQLite == "" {
				return fmt.Errorf("%w: --dir, --database and --sqlite are required", command.ErrUsage)
			}
			result, err := replay.Run(cmd.Context(), o)
			if err != nil {
				return fmt.Errorf("replay: %w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d tables from %d schema changes and %d row events\n", result.Tables, result.Changes, result.Rows)
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Dir, "dir", "", "folder of the file sink")
	cmd.Flags().StringVar(&o.Database, "database", "", "database to rebuild")
	cmd.Flags().StringVar(&o.SQLite, "sqlite", "", "SQLite file to make")
	return cmd
}

// run wires sink, pipeline and admin port.
func run(ctx context.Context, c *settings.Config) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.String("log_level"))); err != nil {
		return c.Bad("log_level", err.Error())
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	s, err := connect.NewSink(c)
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	security, err := connect.Security(c)
	if err != nil {
		return err
	}
	p, err := connect.New(connect.Options{
		Security:      security,
		Brokers:       c.List("kafka.brokers"),
		Group:         c.String("kafka.group"),
		Prefix:        c.String("topics.prefix"),
		FlushInterval: c.Duration("sink.flush_interval"),
		Sink:          s,
		Events:        listen(logger, registry),
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	if address := c.String("admin.listen"); address != "" {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("admin.listen = %q: %w", address, err)
		}
		group.Go(func() error { return serveAdmin(ctx, l, registry) })
	}
	logger.Info("carrying events", "brokers", c.String("kafka.brokers"), "prefix", c.String("topics.prefix"), "sink", c.String("sink.kind"), "dir", c.String("sink.dir"))
	group.Go(func() error { return p.Run(ctx) })
	return group.Wait()
}

// listen feeds log and metrics from the pipeline's events.
func listen(logger *slog.Logger, registry *prometheus.Registry) connect.Events {
	stored := prometheus.NewCounter(prometheus.CounterOpts{Name: "marmot_connect_records_total", Help: "Records that the sink has taken."})
	assigned := prometheus.NewGauge(prometheus.GaugeOpts{Name: "marmot_connect_partitions", Help: "Partitions assigned now."})
	waits := prometheus.NewCounter(prometheus.CounterOpts{Name: "marmot_connect_waits_total", Help: "Times that the sink or a broker could not be used."})
	registry.MustRegister(stored, assigned, waits, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return connect.Events{
		Assigned: func(p sink.Partition, next int64) {
			assigned.Inc()
			logger.Info("partition assigned", "topic", p.Topic, "partition", p.ID, "next", next)
		},
		Revoked: func(p sink.Partition) {
			assigned.Dec()
			logger.Info("partition revoked", "topic", p.Topic, "partition", p.ID)
		},
		Stored: func(n int) { stored.Add(float64(n)) },
		Waiting: func(err error) {
			waits.Inc()
			logger.Warn("waiting", "error", err)
		},
	}
}

// adminTimeout bounds how long one request may take to be read or answered.
const adminTimeout = 10 * time.Second

func serveAdmin(ctx context.Context, l net.Listener, registry *prometheus.Registry) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadTimeout: adminTimeout, WriteTimeout: adminTimeout}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("admin port: %w", err)
	}
	return nil
}
