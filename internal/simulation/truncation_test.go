package simulation

import (
	"errors"
	"testing"

	"marmot/log"
)

// A log that lost records that a node has read is not the log it was: the node stops with an error that says so, whether it runs
// or starts, and whether others have written in the place of what is lost.
func TestATruncatedLogStopsTheNode(t *testing.T) {
	end := func(w *world) int64 {
		_, end, err := w.log.Bounds(t.Context(), log.Order)
		if err != nil {
			t.Fatal(err)
		}
		return end
	}
	stopped := func(w *world, n *node) {
		if err := n.end(n.present(), false); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		cause error
		lose  func(w *world) error // returns what node 2 ends with
	}{
		{"while it runs", log.ErrTruncated, func(w *world) error {
			stopped(w, w.nodes[0])
			stopped(w, w.nodes[1])
			w.log.Truncate(log.Order, end(w)-2)
			return w.endedBy(w.nodes[2], w.nodes[2].present())
		}},
		{"while it is down", log.ErrTruncated, func(w *world) error {
			for _, n := range w.nodes {
				stopped(w, n)
			}
			w.log.Truncate(log.Order, end(w)-2)
			return w.startRefused(w.nodes[2])
		}},
		{"and others have written on", log.ErrDiverged, func(w *world) error {
			for _, n := range w.nodes {
				stopped(w, n)
			}
			last := end(w)
			w.log.Truncate(log.Order, last-2)
			for end(w) < last+2 {
				if _, err := log.AppendWait(t.Context(), w.log, log.Order, []byte("written by nobody who had read the rest")); err != nil {
					t.Fatal(err)
				}
			}
			return w.startRefused(w.nodes[2])
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newSQLWorld(t, 3)
			defer w.stop()
			w.resume()
			w.heal()
			if err := test.lose(w); !errors.Is(err, test.cause) {
				t.Errorf("the node ended with %v, want: %v", err, test.cause)
			}
		})
	}
}
