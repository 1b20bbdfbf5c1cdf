package broker

import (
	"errors"
	"strings"
	"testing"

	"marmot/debezium"
	"marmot/txn"
)

const goldenProgress = `{"format":1,"position":4711,"events":3}`

func TestProgressHasTheBytesThatItHad(t *testing.T) {
	want := debezium.Progress{Position: 4711, Events: 3}
	if b, err := encodeProgress(want); err != nil || string(b) != goldenProgress {
		t.Errorf("%s, %v\nwant %s", b, err, goldenProgress)
	}
	if p, err := decodeProgress([]byte(goldenProgress)); err != nil || p != want {
		t.Errorf("it is read as %+v, %v", p, err)
	}
	_, err := decodeProgress([]byte(`{"format":2,"position":"17-3"}`))
	if err == nil {
		t.Error("a newer format was read")
	}
	_, err = decodeProgress([]byte(`{"format":2,"position":1}`))
	if !errors.Is(err, txn.ErrFuture) || !strings.Contains(err.Error(), "format 2, this release reads up to 1; start the release that wrote it") {
		t.Errorf("a newer format: %v", err)
	}
}

func FuzzDecodeProgress(f *testing.F) {
	f.Add([]byte(goldenProgress))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodeProgress(b)
		if err != nil {
			if !errors.Is(err, txn.ErrFuture) && !errors.Is(err, txn.ErrCorrupt) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		encoded, err := encodeProgress(p)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodeProgress(encoded); err != nil || again != p {
			t.Fatalf("%+v comes back as %+v, %v", p, again, err)
		}
	})
}
