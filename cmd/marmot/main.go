// Command marmot is the server: one node of a Marmot cluster, and the tools that go with it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"marmot/internal/settings"
	"marmot/node"
)

// Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "marmot:", err)
		if errors.Is(err, settings.ErrConfiguration) || errors.Is(err, errUsage) {
			os.Exit(exitUsage)
		}
		os.Exit(exitFailed)
	}
}

var errUsage = errors.New("wrong usage")

// root builds the command tree.
func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "marmot",
		Short:         "A distributed SQL database that speaks MySQL and emits Debezium events",
		Version:       node.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w; see %s --help", errUsage, err, c.CommandPath())
	})
	cmd.AddCommand(serverCommand(), logCommand(), statusCommand(), configCommand())
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
	file := cmd.Flags().String("config", os.Getenv("MARMOT_CONFIG"), "configuration file; default ./marmot.toml, then /etc/marmot/marmot.toml")
	node.Program().Flags(cmd.Flags())
	return func() (*settings.Config, error) { return node.LoadConfig(*file, os.Environ(), cmd.Flags()) }
}

func serverCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "server",
		Short: "Run one node until it is told to stop",
	}
	load := configured(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := load()
		if err != nil {
			return err
		}
		logger := node.NewLogger(config, os.Stderr)
		return node.Serve(cmd.Context(), config, node.ServeOptions{
			Logger:       logger,
			RootPassword: os.Getenv("MARMOT_ROOT_PASSWORD"),
			Announce:     os.Stdout,
		})
	}
	return cmd
}

func logCommand() *cobra.Command {
	parent := &cobra.Command{Use: "log", Short: "Create the shared log, or move a history to another one"}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Create the topics and write the genesis record",
	}
	load := configured(cmd)
	ifMissing := cmd.Flags().Bool("if-missing", false, "succeed when the log is there already")
	from := cmd.Flags().String("from", "", "data directory whose history the new log goes on with (the node must be stopped)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := load()
		if err != nil {
			return err
		}
		return node.InitLog(cmd.Context(), config, node.InitOptions{IfMissing: *ifMissing, From: *from, Out: os.Stdout})
	}
	parent.AddCommand(cmd)
	return parent
}

func statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print members, positions and lag, as a node sees them",
	}
	admin := cmd.Flags().String("admin", "", "admin address of the node; default: admin.listen of the configuration")
	load := configured(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		address := *admin
		if address == "" {
			config, err := load()
			if err != nil {
				return err
			}
			address = config.String("admin.listen")
		}
		return node.PrintStatus(cmd.Context(), address, os.Stdout)
	}
	return cmd
}

func configCommand() *cobra.Command {
	parent := &cobra.Command{Use: "config", Short: "Show configuration keys and values"}
	check := &cobra.Command{
		Use:   "check",
		Short: "Print the effective configuration with the source of each value, or say what is wrong with it",
	}
	load := configured(check)
	check.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := load()
		if err != nil {
			return err
		}
		for _, line := range config.Effective() {
			fmt.Fprintln(cmd.OutOrStdout(), line)
		}
		return nil
	}
	keys := &cobra.Command{
		Use:   "keys",
		Short: "List all configuration keys with their defaults",
		Run: func(cmd *cobra.Command, _ []string) {
			for _, k := range node.Keys() {
				fmt.Fprintf(cmd.OutOrStdout(), "%-40s %-20q %s\n", k.Name, k.Default, k.Doc)
			}
		},
	}
	parent.AddCommand(check, keys)
	return parent
}
