package log_test

import (
	"errors"
	"testing"

	"marmot/log"
	"marmot/txn"
)

// A chunk of the same size at the same place that is not the one which the order record names stops the reader.
func TestAChunkIsTheOneThatItsOrderRecordNames(t *testing.T) {
	l, _ := newLog(t, log.Genesis{})
	body := chunkAt(t, l, 0, 1)
	other := chunkAt(t, l, 0, 2)
	if body.Chunks[0].Bytes != other.Chunks[0].Bytes {
		t.Fatalf("chunks of %d and %d bytes, want equal sizes", body.Chunks[0].Bytes, other.Chunks[0].Bytes)
	}
	entries, err := l.Read(t.Context(), 0, other.Chunks[0].Offset, 1)
	if err != nil {
		t.Fatal(err)
	}
	l.Replace(0, body.Chunks[0].Offset, entries[0].Value)
	for name, reader := range map[string]log.Log{"log": l, "cache": log.NewChunks(l, 0)} {
		err := log.Events(t.Context(), reader, 5, body, func(*txn.RowEvent) error { return nil })
		if !errors.Is(err, log.ErrDiverged) {
			t.Errorf("%s: %v, want ErrDiverged", name, err)
		}
	}
}
