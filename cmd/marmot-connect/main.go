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
	"os/signal"
	"syscall"
	"time"

	"marmot/connect"
	"marmot/connect/replay"
	"marmot/connect/sink"
	"marmot/internal/settings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
const (
	exitFailed = 1
	exitUsage  = 2
)

// version is set by the build.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "marmot-connect:", err)
		if errors.Is(err, settings.ErrConfiguration) || errors.Is(err, errUsage) {
			os.Exit(exitUsage)
		}
		os.Exit(exitFailed)
	}
}

var errUsage = errors.New("wrong usage")

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "marmot-connect",
		Short:         "Carries Debezium events from Kafka topics to files",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w; see %s --help", errUsage, err, c.CommandPath())
	})
	cmd.AddCommand(runCommand(), checkCommand(), keysCommand(), replayCommand())
	refuseArguments(cmd)
	return cmd
}

// refuseArguments makes words that a command does not know wrong usage, with the nearest command if it is one of
// spelling: nothing here takes arguments without a flag.
func refuseArguments(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		refuseArguments(c)
	}
	if cmd.HasSubCommands() {
		cmd.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	cmd.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		hint := ""
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "did you mean " + near[0] + "? "
		}
		return fmt.Errorf("%w: %s does not know %q; %ssee %s --help", errUsage, c.CommandPath(), args[0], hint, c.CommandPath())
	}
}

// configured adds --config and a flag for each key to a command, and returns what loads them.
func configured(cmd *cobra.Command) func() (*settings.Config, error) {
	program := connect.Program()
	program.ReservedEnv = []string{"MARMOT_CONNECT_CONFIG"}
	file := cmd.Flags().String("config", os.Getenv("MARMOT_CONNECT_CONFIG"), "configuration file; default ./connect.toml, then /etc/marmot/connect.toml")
	program.Flags(cmd.Flags())
	return func() (*settings.Config, error) { return program.Load(*file, os.Environ(), cmd.Flags()) }
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
		Run: func(cmd *cobra.Command, _ []string) {
			for _, k := range connect.Program().Keys {
				fmt.Fprintf(cmd.OutOrStdout(), "%-24s %-20q %s\n", k.Name, k.Default, k.Doc)
			}
		},
	}
}

func replayCommand() *cobra.Command {
	var o replay.Options
	cmd := &cobra.Command{
		Use:   "replay --dir DIR --database NAME --sqlite FILE",
		Short: "Rebuild a database from event files into a new SQLite file",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Dir == "" || o.Database == "" || o.SQLite == "" {
				return fmt.Errorf("%w: --dir, --database and --sqlite are required", errUsage)
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
	p, err := connect.New(connect.Options{
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
