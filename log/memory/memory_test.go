package memory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"marmot/log"
	"marmot/log/logtest"
	"marmot/log/memory"
)

func TestConformance(t *testing.T) {
	next := func(fault memory.Fault) func(*testing.T, log.Log) {
		return func(t *testing.T, l log.Log) {
			left := 1
			l.(*memory.Log).SetFaults(func(a memory.Append) memory.Fault {
				if a.Stream != log.Order || left == 0 {
					return memory.Fault{}
				}
				left--
				return fault
			})
		}
	}
	logtest.Run(t, logtest.Factory{
		New: func(t *testing.T) log.Log {
			l := memory.New(memory.Options{Partitions: logtest.Partitions})
			t.Cleanup(func() { l.Close() })
			return l
		},
		Recreate:     func(t *testing.T, l log.Log) { l.(*memory.Log).Recreate() },
		Truncate:     func(t *testing.T, l log.Log, end int64) { l.(*memory.Log).Truncate(log.Order, end) },
		LoseNextAck:  next(memory.Fault{LoseAck: true}),
		RefuseNext:   next(memory.Fault{Refuse: errors.New("refused")}),
		TrimsExactly: true,
		TooLarge:     memory.MaxValueBytes + 1,
	})
}

// content returns the values of the order stream, joined.
func content(t *testing.T, l log.Log) string {
	t.Helper()
	_, end, err := l.Bounds(t.Context(), log.Order)
	if err != nil {
		t.Fatal(err)
	}
	if end == 0 {
		return ""
	}
	entries, err := l.Read(t.Context(), log.Order, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]string, 0, len(entries))
	for _, e := range entries {
		values = append(values, string(e.Value))
	}
	return strings.Join(values, " ")
}

func TestFaults(t *testing.T) {
	faults := map[string]memory.Fault{
		"lose": {Lose: true}, "late": {Late: 2}, "hold": {Hold: 2}, "double": {Duplicate: true}, "second": {Duplicate: true, AckSecond: true},
		"noack": {LoseAck: true},
	}
	tests := []struct {
		appends, want, answers string
	}{
		{"a lose b", "a b", "0 ? 1"},
		{"late a b c", "a b late c", "? 0 1 3"},
		{"late a", "a late", "? 0"}, // by Settle
		{"hold a b c", "hold a b c", "0 1 2 3"},
		{"double a", "double double a", "0 2"},
		{"second a", "second second a", "1 2"},
		{"noack a", "noack a", "? 1"},
	}
	for _, test := range tests {
		t.Run(test.appends, func(t *testing.T) {
			l := memory.New(memory.Options{Partitions: 1})
			client := l.Client("a")
			client.SetFaults(func(a memory.Append) memory.Fault { return faults[string(a.Value)] })
			words := strings.Fields(test.appends)
			answers := make([]chan string, len(words))
			for i, w := range words {
				answers[i] = make(chan string, 1)
				client.Append(t.Context(), log.Order, []byte(w), func(offset int64, err error) {
					if errors.Is(err, log.ErrUnknown) {
						answers[i] <- "?"
						return
					}
					answers[i] <- fmt.Sprint(offset)
				})
			}
			l.Settle()
			got := make([]string, len(words))
			for i := range answers {
				got[i] = <-answers[i]
			}
			if c := content(t, l); c != test.want || strings.Join(got, " ") != test.answers {
				t.Errorf("log holds %q, answers %q; want %q, %q", c, strings.Join(got, " "), test.want, test.answers)
			}
		})
	}
}

func TestACutClientWaitsAndNothingOfItReachesTheLog(t *testing.T) {
	l := memory.New(memory.Options{Partitions: 1})
	a, b := l.Client("a"), l.Client("b")
	a.Cut(true)
	answers := make(chan error, 2)
	ctx, cancel := context.WithCancel(t.Context())
	a.Append(ctx, log.Order, []byte("lost"), func(_ int64, err error) { answers <- err })
	cancel()
	if err := <-answers; !errors.Is(err, log.ErrUnreachable) {
		t.Errorf("append of a cut client whose context ends: %v, want ErrUnreachable", err)
	}
	a.Append(t.Context(), log.Order, []byte("refused"), func(_ int64, err error) { answers <- err })
	read := make(chan []log.Entry, 1)
	go func() {
		entries, err := a.Read(t.Context(), log.Order, 0, 100)
		if err != nil {
			t.Error(err)
		}
		read <- entries
	}()
	if _, err := log.AppendWait(t.Context(), b, log.Order, []byte("of b")); err != nil {
		t.Fatal(err)
	}
	a.Cut(false)
	if err := <-answers; !errors.Is(err, log.ErrUnreachable) {
		t.Errorf("append of a cut client that is joined again: %v, want ErrUnreachable", err)
	}
	if entries := <-read; len(entries) != 1 || string(entries[0].Value) != "of b" {
		t.Errorf("the read returned %v", entries)
	}
}

func TestAStaleEndIsWaitedForAndNoTruncation(t *testing.T) {
	l := memory.New(memory.Options{Partitions: 1})
	c := l.Client("a")
	for i := range 3 {
		if _, err := log.AppendWait(t.Context(), c, log.Order, fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	c.StaleEnd(2)
	if _, end, err := c.Bounds(t.Context(), log.Order); err != nil || end != 1 {
		t.Errorf("end %d, %v; want 1", end, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Read(ended, log.Order, 2, 100); !errors.Is(err, context.Canceled) {
		t.Errorf("read beyond the stale end: %v, want to wait", err)
	}
	c.StaleEnd(0)
	if entries, err := c.Read(t.Context(), log.Order, 2, 100); err != nil || len(entries) != 1 {
		t.Errorf("read: %v, %v", entries, err)
	}
}

func TestRandomFaultsAreTheSameForASeed(t *testing.T) {
	run := func(seed uint64) string {
		l := memory.New(memory.Options{Partitions: 1})
		l.SetFaults(memory.Random(seed, memory.Rates{Refuse: 0.1, Lose: 0.1, Late: 0.1, Hold: 0.1, Duplicate: 0.1, LoseAck: 0.1}))
		for i := range 200 {
			l.Append(t.Context(), log.Order, fmt.Append(nil, i), func(int64, error) {})
		}
		l.Settle()
		return content(t, l)
	}
	if first, again := run(1), run(1); first != again || first == run(2) {
		t.Error("the seed does not decide the faults")
	}
}
