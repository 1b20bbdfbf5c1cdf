package debezium

import (
	"errors"
	"reflect"
	"testing"

	"marmot/txn"
)

// TestTheStateHasTheBytesThatItHad: it is stored with each batch, and read by later releases.
func TestTheStateHasTheBytesThatItHad(t *testing.T) {
	want := emissionState{
		Format: 1, Begun: true, Silent: true, Since: 7, Known: map[txn.TableID]txn.Position{3: 9},
		Scan:        &scan{Blocking: true, Only: true, Schema: -1, Tables: []wantedTable{{Name: "a.b", Filter: "x > 1", Surrogate: "s"}}, Started: true, After: []cell{{Kind: txn.KindInteger, Int: 5}, {Kind: txn.KindText, Data: []byte("t")}}, Rows: 3},
		Waiting:     []request{{ID: "i", Tables: []wantedTable{{Name: "c.d"}}}},
		Incremental: &incremental{ID: "j", Tables: []wantedTable{{Name: "e.f"}}, After: []cell{{Kind: txn.KindReal, Real: 1.5}}, Read: true, Max: "9", Rows: 2, Paused: true, Stop: []string{"e.f"}, StopAll: true},
		Offsets:     map[int32]int64{0: 4},
	}
	const golden = `{"format":1,"begun":true,"silent":true,"since":7,"known":{"3":9},"scan":{"blocking":true,"only":true,"schema":-1,"tables":[{"name":"a.b","filter":"x \u003e 1","surrogate":"s"}],"started":true,"after":[{"k":1,"i":5},{"k":3,"d":"dA=="}],"rows":3},"waiting":[{"id":"i","tables":[{"name":"c.d"}]}],"incremental":{"id":"j","tables":[{"name":"e.f"}],"after":[{"k":2,"r":1.5}],"read":true,"max":"9","rows":2,"paused":true,"stop":["e.f"],"stop_all":true},"offsets":{"0":4}}`
	text, err := want.encode()
	if err != nil || text != golden {
		t.Errorf("%s, %v\nwant %s", text, err, golden)
	}
	if got, err := decodeState(golden); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it is read as %+v, %v", got, err)
	}
	if got, err := decodeState(StreamingState); err != nil || !reflect.DeepEqual(got, emissionState{Format: 1, Begun: true}) {
		t.Errorf("the state of an emission that streams is read as %+v, %v", got, err)
	}
	if _, err := decodeState(`{"format":2}`); !errors.Is(err, txn.ErrFuture) {
		t.Errorf("a newer format: %v", err)
	}
	for _, bad := range []string{"x", `{"format":0}`, `{"format":1,"scan":{"table":3}}`} {
		if _, err := decodeState(bad); !errors.Is(err, txn.ErrCorrupt) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(StreamingState)
	f.Add(`{"format":1,"scan":{"tables":[{"name":"a.b"}],"after":[{"k":3,"d":"dA=="}]},"known":{"3":9},"offsets":{"0":4}}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := decodeState(text)
		if err != nil {
			if !errors.Is(err, txn.ErrFuture) && !errors.Is(err, txn.ErrCorrupt) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		encoded, err := s.encode()
		if err != nil {
			return // too long
		}
		again, err := decodeState(encoded)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		if text, err := again.encode(); err != nil || text != encoded { // an empty list is none
			t.Fatalf("%s comes back as %s, %v", encoded, text, err)
		}
	})
}
