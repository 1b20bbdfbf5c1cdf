package broker

import (
	"errors"
	"strings"
	"testing"

	"marmot/debezium"
	"marmot/txn"
)

const (
	goldenProgress = `{"format":1,"position":4711,"events":3}`
	goldenReset    = `{"format":3,"position":4711,"events":3,"reset":4000}`
	goldenCluster  = `{"format":1,"position":4711,"events":3,"cluster":"c1"}`
	goldenState    = `{"format":2,"position":4711,"events":3,"state":"{\"format\":1}"}`
)

func TestProgressHasTheBytesThatItHad(t *testing.T) {
	for golden, want := range map[string]debezium.Progress{
		goldenProgress: {Position: 4711, Events: 3},
		goldenReset:    {Position: 4711, Events: 3, Reset: 4000},
		goldenState:    {Position: 4711, Events: 3, State: `{"format":1}`},
	} {
		if b, err := encodeProgress(want, ""); err != nil || string(b) != golden {
			t.Errorf("%s, %v\nwant %s", b, err, golden)
		}
		if p, _, err := decodeProgress([]byte(golden)); err != nil || p != want {
			t.Errorf("it is read as %+v, %v", p, err)
		}
	}
	if b, err := encodeProgress(debezium.Progress{Position: 4711, Events: 3}, "c1"); err != nil || string(b) != goldenCluster {
		t.Errorf("%s, %v", b, err)
	}
	if _, cluster, err := decodeProgress([]byte(goldenCluster)); err != nil || cluster != "c1" {
		t.Errorf("it is of %q, %v", cluster, err)
	}
	_, _, err := decodeProgress([]byte(`{"format":4,"position":"17-3"}`))
	if err == nil {
		t.Error("a newer format was read")
	}
	_, _, err = decodeProgress([]byte(`{"format":4,"position":1}`))
	if !errors.Is(err, txn.ErrFuture) || !strings.Contains(err.Error(), "format 4, this release reads up to 3; start the release that wrote it") {
		t.Errorf("a newer format: %v", err)
	}
}

func FuzzDecodeProgress(f *testing.F) {
	f.Add([]byte(goldenProgress))
	f.Add([]byte(goldenState))
	f.Add([]byte(goldenReset))
	f.Add([]byte(`{"format":4}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, _, err := decodeProgress(b)
		if err != nil {
			if !errors.Is(err, txn.ErrFuture) && !errors.Is(err, txn.ErrCorrupt) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		encoded, err := encodeProgress(p, "")
		if err != nil {
			t.Fatal(err)
		}
		if again, _, err := decodeProgress(encoded); err != nil || again != p {
			t.Fatalf("%+v comes back as %+v, %v", p, again, err)
		}
	})
}
