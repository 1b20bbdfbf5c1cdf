package session

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"marmot/txn"
)

// Persisted variables as the first release stored them, and as this one does.
const (
	persistedOne = `{"sql_mode":"STRICT_TRANS_TABLES","time_zone":"+02:00"}`
	persistedTwo = `{"format":2,"values":{"sql_mode":"STRICT_TRANS_TABLES","time_zone":"+02:00"}}`
)

func TestPersistedVariablesOfBothFormatsAreRead(t *testing.T) {
	want := map[string]string{"sql_mode": "STRICT_TRANS_TABLES", "time_zone": "+02:00"}
	for _, text := range []string{persistedOne, persistedTwo} {
		if got, err := decodePersisted([]byte(text)); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
	if b, err := encodePersisted(want); err != nil || string(b) != persistedTwo {
		t.Errorf("%s, %v\nwant %s", b, err, persistedTwo)
	}
	_, err := decodePersisted([]byte(`{"format":3,"groups":[]}`))
	if !errors.Is(err, txn.ErrFuture) || !strings.Contains(err.Error(), "format 3, this release reads up to 2; start the release that wrote them") {
		t.Errorf("a newer format: %v", err)
	}
}

// TestVariablesPersistedByTheFirstReleaseAreInForce puts the stored form of format 1 into a node's system.db: the engine
// begins with it, and the next SET PERSIST writes format 2 and keeps what was there.
func TestVariablesPersistedByTheFirstReleaseAreInForce(t *testing.T) {
	c := newCluster(t, 1, func(o *Options) {
		if err := o.Store.SetMeta(persistedKey, []byte(persistedOne)); err != nil {
			t.Fatal(err)
		}
	})
	a := c.session(0, "")
	a.want("SELECT @@global.sql_mode, @@time_zone", "STRICT_TRANS_TABLES | +02:00")
	a.want("SET PERSIST lock_wait_timeout = 77", "ok")
	stored, _, err := c.nodes[0].store.Meta(persistedKey)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"format":2,"values":{"lock_wait_timeout":"77","sql_mode":"STRICT_TRANS_TABLES","time_zone":"+02:00"}}`; string(stored) != want {
		t.Errorf("stored %s\nwant %s", stored, want)
	}
}

func FuzzDecodePersisted(f *testing.F) {
	for _, text := range []string{persistedOne, persistedTwo, `{"format":3}`, `null`, `{"format":2,"values":null}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		values, err := decodePersisted(b)
		if err != nil {
			if !errors.Is(err, txn.ErrFuture) && !errors.Is(err, txn.ErrCorrupt) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		encoded, err := encodePersisted(values)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := decodePersisted(encoded); err != nil || !maps.Equal(again, values) {
			t.Fatalf("%v comes back as %v, %v", values, again, err)
		}
	})
}
