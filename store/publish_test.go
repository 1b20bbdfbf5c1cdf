package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"marmot/txn"
)

func TestWaitersWakeInOrderOfPosition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w watermark
		var mutex sync.Mutex
		woken := map[txn.Position]bool{}
		for _, p := range rand.New(rand.NewPCG(1, 1)).Perm(100) {
			go func() {
				if _, err := w.wait(context.Background(), txn.Position(p), nil); err != nil {
					t.Error(err)
				}
				mutex.Lock()
				defer mutex.Unlock()
				woken[txn.Position(p)] = true
			}()
		}
		for p := txn.Position(0); p < 100; p += 7 {
			w.raise(p)
			synctest.Wait()
			mutex.Lock()
			if len(woken) != int(p)+1 {
				t.Fatalf("at %d: %d waiters are awake", p, len(woken))
			}
			mutex.Unlock()
		}
		w.raise(50) // never falls
		if w.get() != 98 {
			t.Errorf("watermark is %d", w.get())
		}
		w.end()
		synctest.Wait()
		if len(woken) != 100 {
			t.Errorf("after the end %d of 100 are awake", len(woken))
		}
	})
}

func TestWaitersLeaveWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w watermark
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := w.wait(ctx, 5, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if len(w.waiting) != 0 {
			t.Errorf("%d waiters are left", len(w.waiting))
		}
		changed := make(chan struct{})
		close(changed)
		if _, err := w.wait(context.Background(), 5, changed); err != nil || len(w.waiting) != 0 {
			t.Errorf("got %v, %d waiters", err, len(w.waiting))
		}
	})
}

func TestRaisingFromManyGoroutinesLosesNobody(t *testing.T) {
	var w watermark
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			if _, err := w.wait(t.Context(), txn.Position(i%50+1), nil); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() { w.raise(txn.Position(i%50 + 1)) })
	}
	group.Wait()
}
