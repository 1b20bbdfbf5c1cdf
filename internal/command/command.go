// Package command is what the programs share on the command line: signals, exit codes, and the refusal of words that
// a command does not know.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"marmot/internal/settings"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	Done   = 0
	Failed = 1
	Usage  = 2 // wrong usage or configuration
)

// ErrUsage is wrong usage: a flag, an argument or a command that does not exist, or one that is missing.
var ErrUsage = errors.New("wrong usage")

// Run executes the command that the program was called with and returns its exit code. SIGINT and SIGTERM end the
// command's context; a second one ends the process at once. An error is printed to out behind the program's name.
func Run(root *cobra.Command, out io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return Done
	case errors.Is(err, settings.ErrConfiguration), errors.Is(err, ErrUsage):
		fmt.Fprintf(out, "%s: %v\n", root.Name(), err)
		return Usage
	}
	fmt.Fprintf(out, "%s: %v\n", root.Name(), err)
	return Failed
}

// New builds the root of a command tree. Mistakes in words and flags anywhere below it are ErrUsage and name the
// help that tells more.
func New(use, short, version string, children ...*cobra.Command) *cobra.Command {
	root := &cobra.Command{Use: use, Short: short, Version: version, SilenceUsage: true, SilenceErrors: true}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w; see %s --help", ErrUsage, err, c.CommandPath())
	})
	root.AddCommand(children...)
	refuseArguments(root)
	return root
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
		c.SuggestionsMinimumDistance = 2 // letters that may differ
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "did you mean " + near[0] + "? "
		}
		return fmt.Errorf("%w: %s does not know %q; %ssee %s --help", ErrUsage, c.CommandPath(), args[0], hint, c.CommandPath())
	}
}

// Print prints one line for each configuration key: its name, its default and what it is.
func Print(out io.Writer, keys []settings.Key) {
	for _, k := range keys {
		fmt.Fprintf(out, "%-40s %-20q %s\n", k.Name, k.Default, k.Doc)
	}
}
