// Command marmot is the server: one node of a Marmot cluster, and the tools that go with it.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"marmot/debezium"
	"marmot/internal/command"
	"marmot/internal/settings"
	"marmot/node"
)

func main() {
	root := command.New("marmot", "A distributed SQL database that speaks MySQL and emits Debezium events", node.Version,
		serverCommand(), logCommand(), statusCommand(), snapshotCommand(), restoreCommand(), configCommand(), debeziumCommand(), emittersCommand())
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
			Terminal:     isTerminal(os.Stdout),
		})
	}
	return cmd
}

// isTerminal reports whether people read what is written to the file, and nobody keeps it.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
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

func snapshotCommand() *cobra.Command {
	parent := &cobra.Command{Use: "snapshot", Short: "Save, list and verify copies of a node's files"}
	save := &cobra.Command{Use: "save", Short: "Have the running node save a snapshot into its snapshot.dir"}
	admin := save.Flags().String("admin", "", "admin address of the node; default: admin.listen of the configuration")
	loadSave := configured(save)
	save.RunE = func(cmd *cobra.Command, _ []string) error {
		address := *admin
		if address == "" {
			config, err := loadSave()
			if err != nil {
				return err
			}
			address = config.String("admin.listen")
		}
		return node.SaveSnapshot(cmd.Context(), address, os.Stdout)
	}
	list := &cobra.Command{Use: "list", Short: "List the snapshots in snapshot.dir"}
	loadList := configured(list)
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := loadList()
		if err != nil {
			return err
		}
		return node.ListSnapshots(cmd.Context(), config, os.Stdout)
	}
	verify := &cobra.Command{Use: "verify", Short: "Read all of a snapshot and say whether it is good"}
	name := verify.Flags().String("name", "", "snapshot in snapshot.dir; default: each of them")
	loadVerify := configured(verify)
	verify.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := loadVerify()
		if err != nil {
			return err
		}
		return node.VerifySnapshots(cmd.Context(), config, *name, os.Stdout)
	}
	parent.AddCommand(save, list, verify)
	return parent
}

func restoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Make an empty data directory of a snapshot",
	}
	load := configured(cmd)
	from := cmd.Flags().String("from", "", "directory of a snapshot, or of several: then the newest good one is taken")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := load()
		if err != nil {
			return err
		}
		if *from == "" {
			return fmt.Errorf("%w: name the snapshot with --from", command.ErrUsage)
		}
		return node.Restore(cmd.Context(), config, node.RestoreOptions{From: *from, Out: os.Stdout})
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
		return node.CheckFiles(config)
	}
	keys := &cobra.Command{
		Use:   "keys",
		Short: "List all configuration keys with their defaults",
		Run: func(cmd *cobra.Command, _ []string) {
			command.Print(cmd.OutOrStdout(), append(node.Keys(), node.EmitterKeys()...))
		},
	}
	parent.AddCommand(check, keys)
	return parent
}

func debeziumCommand() *cobra.Command {
	parent := &cobra.Command{Use: "debezium", Short: "Take over the configuration of a Debezium connector"}
	imports := &cobra.Command{
		Use:   "import",
		Short: "Print what a connector's JSON is in Marmot's configuration, and which of its properties have no meaning here",
	}
	file := imports.Flags().String("file", "/dev/stdin", "JSON of the connector, as Kafka Connect takes it")
	emitter := imports.Flags().String("emitter", "", "name of the emitter that it becomes: a table [emitters.NAME]; empty: main, [debezium]")
	imports.RunE = func(cmd *cobra.Command, _ []string) error {
		text, err := os.ReadFile(*file)
		if err != nil {
			return err
		}
		toml, refused, err := debezium.Import(text)
		if err != nil {
			return fmt.Errorf("%s: %w", *file, err)
		}
		if *emitter != "" {
			toml = strings.Replace(toml, "[debezium]", "[emitters."+*emitter+"]", 1)
		}
		fmt.Fprint(cmd.OutOrStdout(), toml)
		if refused > 0 {
			return fmt.Errorf("%d properties are not taken over; the comments at the end say why", refused)
		}
		return nil
	}
	parent.AddCommand(imports)
	return parent
}
