package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"marmot/internal/command"
	"marmot/node"
)

// emittersCommand lists emitters and changes what becomes of them.
func emittersCommand() *cobra.Command {
	parent := &cobra.Command{Use: "emitters", Short: "List, pause, resume, reset, re-snapshot and drop emitters of events"}
	list := &cobra.Command{Use: "list", Short: "Print each emitter with its state, owner, position, lag and last error"}
	address := adminAddress(list)
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		a, err := address()
		if err != nil {
			return err
		}
		return node.PrintEmitters(cmd.Context(), a, os.Stdout)
	}
	parent.AddCommand(list,
		orderCommand("pause", "Let an emitter emit nothing until it is resumed; the log waits", nil),
		orderCommand("resume", "Let a paused emitter go on", nil),
		orderCommand("reset", "Let an emitter go on at another place of the log, forward or back", map[string]string{
			"to": "position behind which it goes on, start (of the log), now, or snapshot: now, with a snapshot of all its tables"}),
		orderCommand("resnapshot", "Have an emitter publish the rows of tables again", map[string]string{
			"tables": "regular expressions of database.table, separated by commas; empty: all of the emitter's"}),
		orderCommand("drop", "End an emitter that is in no configuration any more: the log does not wait for it; reset makes it live again", nil),
		orderCommand("signal", "Send a signal, as the connector's signalling table takes it", map[string]string{
			"id": "id of the signal", "type": "type of the signal, such as execute-snapshot", "data": "JSON that goes with it"}),
	)
	return parent
}

// orderCommand is a command that names an emitter; arguments are its further flags.
func orderCommand(order, short string, arguments map[string]string) *cobra.Command {
	cmd := &cobra.Command{Use: order, Short: short}
	name := cmd.Flags().String("emitter", "", "name of the emitter; main is the one of [debezium]")
	values := map[string]*string{}
	for argument, doc := range arguments {
		values[argument] = cmd.Flags().String(argument, "", doc)
	}
	address := adminAddress(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *name == "" {
			return fmt.Errorf("%w: name the emitter with --emitter", command.ErrUsage)
		}
		a, err := address()
		if err != nil {
			return err
		}
		given := map[string]string{}
		for argument, value := range values {
			given[argument] = strings.TrimSpace(*value)
		}
		return node.ControlEmitter(cmd.Context(), a, *name, order, given)
	}
	return cmd
}

// adminAddress adds --admin and the configuration's flags, and returns what finds the address.
func adminAddress(cmd *cobra.Command) func() (string, error) {
	admin := cmd.Flags().String("admin", "", "admin address of the node; default: admin.listen of the configuration")
	load := configured(cmd)
	return func() (string, error) {
		if *admin != "" {
			return *admin, nil
		}
		config, err := load()
		if err != nil {
			return "", err
		}
		return config.String("admin.listen"), nil
	}
}
