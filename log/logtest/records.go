package logtest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"marmot/log"
	"marmot/txn"
)

var cluster = txn.UUID{0xc1, 15: 0x01}

func mustInit(t *testing.T, l log.Log) log.Genesis {
	t.Helper()
	g, err := log.Init(context30(t), l, log.Genesis{Cluster: cluster}, "a", 1, "test")
	if err != nil {
		t.Fatalf("init: %v", err)
	}
	return g
}

// readTo reads until the reader stands at p.
func readTo(t *testing.T, r *log.Reader, p txn.Position) []log.Read {
	t.Helper()
	var all []log.Read
	for r.Cursor().Position < p {
		reads, err := r.Next(context30(t), 1000)
		if err != nil {
			t.Fatalf("next after %s: %v", r.Cursor().Position, err)
		}
		all = append(all, reads...)
	}
	return all
}

func mustAppendRecord(t *testing.T, l log.Log, r *txn.Record) {
	t.Helper()
	value, err := txn.EncodeRecord(r)
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, l, log.Order, string(value))
}

func testGenesis(t *testing.T, f Factory) {
	l := f.New(t)
	ctx := context30(t)
	if _, err := log.ReadGenesis(ctx, l); !errors.Is(err, log.ErrNoGenesis) {
		t.Fatalf("genesis of an empty log: %v, want ErrNoGenesis", err)
	}
	g := log.Genesis{Cluster: cluster, Generation: 2, Base: 100, PreviousHash: txn.ChainHash{7}, Settings: txn.Settings{Rules: 1, WindowKeys: 9}}
	got, err := log.Init(ctx, l, g, "a", 1, "test")
	if err != nil {
		t.Fatalf("init: %v", err)
	}
	g.Partitions = Partitions
	if got != g {
		t.Fatalf("init returned %+v, want %+v", got, g)
	}
	second, err := log.Init(ctx, l, log.Genesis{Cluster: txn.UUID{9}}, "b", 2, "test")
	if err != nil || second != g {
		t.Fatalf("second init returned %+v, %v; want the first genesis", second, err)
	}
	for s := range log.Stream(Partitions) {
		entries := readAll(t, l, s, 0, 1)
		header, body, err := txn.DecodeStreamGenesis(entries[0].Value)
		if err != nil || header.Cluster != cluster || body.Partition != int32(s) || body.Base != 100 {
			t.Errorf("genesis of changes stream %d: %+v, %+v, %v", s, header, body, err)
		}
	}
}

func testReader(t *testing.T, f Factory) {
	l := f.New(t)
	g := mustInit(t, l)
	header := txn.Header{Cluster: cluster, Generation: 1, Node: "a", Epoch: 2}
	mustAppendRecord(t, l, &txn.Record{Header: header, Body: &txn.Barrier{}})
	mustAppend(t, l, log.Order, "not ours")
	other := header
	other.Cluster = txn.UUID{0xee}
	mustAppendRecord(t, l, &txn.Record{Header: other, Body: &txn.Barrier{}})
	mustAppendRecord(t, l, &txn.Record{Header: header, Body: &txn.Noop{}})

	reader := log.NewReader(l, g, log.Cursor{})
	reads := readTo(t, reader, 5)
	chain := txn.ChainHash{}
	for i, e := range readAll(t, l, log.Order, 0, 5) {
		chain = txn.NextChain(chain, e.Value)
		r := reads[i]
		if r.Position != txn.Position(i+1) || r.Chain != chain || r.Bytes != len(e.Value) || (r.Record == nil) != (i == 2 || i == 3) {
			t.Fatalf("read %d: %+v, want chain %s", i, r, chain)
		}
	}
	if reader.Foreign() != 2 {
		t.Errorf("%d foreign records, want 2", reader.Foreign())
	}
	// The chain is verified from what was read before, and by a new reader from the genesis.
	for _, r := range []*log.Reader{reader, log.NewReader(l, g, reader.Cursor())} {
		if err := r.Verify(context30(t)); err != nil {
			t.Errorf("verify: %v", err)
		}
	}
	wrong := reader.Cursor()
	wrong.Chain[0] ^= 1
	if err := log.NewReader(l, g, wrong).Verify(context30(t)); !errors.Is(err, log.ErrDiverged) {
		t.Errorf("verify with another chain: %v, want ErrDiverged", err)
	}
	future := []byte("MRMT\xff")
	mustAppend(t, l, log.Order, string(future))
	if _, err := reader.Next(context30(t), 1000); !errors.Is(err, txn.ErrFuture) {
		t.Errorf("record of a later release: %v, want ErrFuture", err)
	}
}

// testEvents writes a transaction over three partitions, one row of it larger than three chunks, and
// reads it back directly and through the cache of chunks.
func testEvents(t *testing.T, f Factory) {
	l := f.New(t)
	mustInit(t, l)
	const p = txn.Position(9)
	pending := map[int32][]byte{}
	var want []txn.RowEvent
	for i := range uint64(60) {
		e := txn.RowEvent{Ordinal: i * 2, Table: 3, Version: 3, Op: txn.Insert, After: []txn.Value{txn.Int(int64(i)), txn.Int(txn.HiddenBase + int64(i))}}
		if i == 31 {
			e.After[0] = txn.Blob(bytes.Repeat([]byte{byte(i)}, 3000))
		}
		partition := int32(i*7%11) % Partitions
		pending[partition] = txn.AppendRowEvent(pending[partition], &e)
		if i < 10 || i >= 15 {
			e.After = []txn.Value{e.After[0], txn.Int(txn.MapHidden(txn.HiddenBase+int64(i), p))}
			want = append(want, e)
		}
	}
	body := &txn.Transaction{Voided: []txn.OrdinalRange{{First: 20, End: 30}}, Events: uint64(len(want))}
	for partition := range int32(Partitions) {
		body.Chunks = append(body.Chunks, cutChunks(t, l, partition, pending[partition])...)
	}
	cached := log.NewChunks(l, 2000)
	for name, source := range map[string]log.Log{"direct": l, "cached": cached, "cached again": cached} {
		var got []txn.RowEvent
		err := log.Events(context30(t), source, p, body, func(e *txn.RowEvent) error {
			got = append(got, *e)
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s: row events\n%v\nwant\n%v", name, got, want)
		}
	}
	body.Chunks[1].Hash[3] ^= 1
	err := log.Events(context30(t), l, p, body, func(*txn.RowEvent) error { return nil })
	if !errors.Is(err, log.ErrDiverged) {
		t.Errorf("chunk with another hash: %v, want ErrDiverged", err)
	}
}

// cutChunks appends b in chunks of 700 bytes, wherever the events end.
func cutChunks(t *testing.T, l log.Log, partition int32, b []byte) []txn.ChunkRef {
	t.Helper()
	var refs []txn.ChunkRef
	inside := int64(0) // bytes of an event that the next chunk begins with
	for len(b) > 0 {
		payload := b[:min(700, len(b))]
		chunk := &txn.Chunk{Header: txn.Header{Cluster: cluster, Generation: 1, Node: "a", Epoch: 2}, Branch: 1,
			Kind: txn.ChunkRows, Continues: inside > 0, Payload: payload}
		for at := inside; ; {
			if at >= int64(len(payload)) {
				inside = at - int64(len(payload))
				break
			}
			size, err := txn.RowEventLength(b[at:])
			if err != nil || size == 0 {
				t.Fatalf("length of an event: %d, %v", size, err)
			}
			at += size
		}
		value, err := txn.EncodeChunk(chunk)
		if err != nil {
			t.Fatal(err)
		}
		offset := mustAppend(t, l, log.Stream(partition), string(value))
		refs = append(refs, txn.ChunkRef{Partition: partition, Offset: offset, Bytes: int32(len(value)), Hash: txn.HashChunk(value)})
		b = b[len(payload):]
	}
	return refs
}
