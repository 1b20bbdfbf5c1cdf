package command

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"marmot/internal/settings"

	"github.com/spf13/cobra"
)

// program has a command that returns err, and one inside another.
func program(err error) *cobra.Command {
	run := &cobra.Command{Use: "run", RunE: func(*cobra.Command, []string) error { return err }}
	parent := &cobra.Command{Use: "parent"}
	parent.AddCommand(&cobra.Command{Use: "child", Run: func(*cobra.Command, []string) {}})
	return New("program", "does things", "1", run, parent)
}

func TestExitCodesTellUsageFromFailure(t *testing.T) {
	for _, c := range []struct {
		args string
		err  error
		code int
		text string
	}{
		{"run", nil, Done, ""},
		{"run", errors.New("the disk is full"), Failed, "program: the disk is full"},
		{"run", fmt.Errorf("read: %w", settings.ErrConfiguration), Usage, "wrong configuration"},
		{"run --speed 3", nil, Usage, "see program run --help"},
		{"run now", nil, Usage, `does not know "now"`},
		{"rum", nil, Usage, "did you mean run?"},
		{"parent chidl", nil, Usage, "did you mean child?"},
		{"parent child", nil, Done, ""},
	} {
		var out bytes.Buffer
		root := program(c.err)
		root.SetArgs(strings.Fields(c.args))
		root.SetOut(&bytes.Buffer{})
		if code := Run(root, &out); code != c.code || !strings.Contains(out.String(), c.text) {
			t.Errorf("%s: code %d, %q; want %d, %q", c.args, code, out.String(), c.code, c.text)
		}
	}
}

func TestASignalEndsTheContext(t *testing.T) {
	wait := &cobra.Command{Use: "wait", RunE: func(cmd *cobra.Command, _ []string) error {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-cmd.Context().Done()
		return nil
	}}
	root := New("program", "waits", "1", wait)
	root.SetArgs([]string{"wait"})
	if code := Run(root, &bytes.Buffer{}); code != Done {
		t.Errorf("code %d, want %d", code, Done)
	}
}
