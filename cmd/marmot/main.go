// Command marmot is the server: one node of a Marmot cluster, and the tools that go with it.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"marmot/internal/command"
	"marmot/internal/settings"
	"marmot/node"
)

func main() {
	root := command.New("marmot", "A distributed SQL database that speaks MySQL and emits Debezium events", node.Version,
		serverCommand(), logCommand(), statusCommand(), configCommand())
	os.Exit(command.Run(root, os.Stderr))
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
		Run:   func(cmd *cobra.Command, _ []string) { command.Print(cmd.OutOrStdout(), node.Keys()) },
	}
	parent.AddCommand(check, keys)
	return parent
}
