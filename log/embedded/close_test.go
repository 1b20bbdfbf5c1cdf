package embedded

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"marmot/log"
)

// TestAReadThatMeetsCloseIsRefused calls what Read does after it has seen the log open.
func TestAReadThatMeetsCloseIsRefused(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	end := fill(t, l, 3)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.readNow(log.Order, end-1, 1); !errors.Is(err, log.ErrClosed) {
		t.Errorf("read: %v, want ErrClosed", err)
	}
	if err := l.Trim(t.Context(), log.Order, end); !errors.Is(err, log.ErrClosed) {
		t.Errorf("trim: %v, want ErrClosed", err)
	}
}

func TestCloseRefusesAppendsThatWaitForRoom(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	if err := l.bytes.Acquire(t.Context(), maxQueuedBytes); err != nil {
		t.Fatal(err)
	}
	refused := make(chan error, 1)
	go l.Append(context.Background(), 0, []byte("x"), func(_ int64, err error) { refused <- err })
	for !waiting(l) {
		select {
		case err := <-refused:
			t.Fatalf("append: %v", err)
		default:
		}
	}
	closed := make(chan error, 1)
	go func() { closed <- l.Close() }()
	for range 2 {
		select {
		case err := <-refused:
			if !errors.Is(err, log.ErrClosed) {
				t.Errorf("append: %v, want ErrClosed", err)
			}
		case err := <-closed:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("Close and the append wait for one another")
		}
	}
}

// waiting tells whether an append waits inside the gate.
func waiting(l *Log) bool {
	if !l.gate.TryLock() {
		return true
	}
	l.gate.Unlock()
	return false
}

// TestTrimGoesOnAfterASegmentIsGone: a trim that stopped behind the removal of a segment is repeated.
func TestTrimGoesOnAfterASegmentIsGone(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	fill(t, l, 6)
	if err := os.Remove(l.segments[1].path); err != nil {
		t.Fatal(err)
	}
	for s, end := range l.end {
		if err := l.Trim(t.Context(), log.Stream(s-1), end); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.segments) != 1 {
		t.Errorf("%d segments are left, want 1", len(l.segments))
	}
}
