package txn

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

// checkError says whether an error of a decoder is one that callers know.
func checkError(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ErrForeign) && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrFuture) {
		t.Fatalf("error of no kind: %v", err)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	for _, body := range testBodies() {
		b, err := EncodeRecord(&Record{Header: testHeader(), Body: body})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := DecodeRecord(b)
		if err != nil {
			checkError(t, err)
			return
		}
		encoded, err := EncodeRecord(r)
		if err != nil {
			t.Fatalf("decoded, but not encoded again: %v", err)
		}
		again, err := DecodeRecord(encoded)
		if err != nil {
			t.Fatal(err)
		}
		// Empty and absent bytes are the same on the wire, so compare what is written.
		twice, err := EncodeRecord(again)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encoded, twice) {
			t.Fatalf("got %+v\nwant %+v", again, r)
		}
	})
}

func FuzzDecodeChunk(f *testing.F) {
	b, err := EncodeChunk(&Chunk{Header: testHeader(), Branch: 1, Kind: ChunkDDL, Payload: []byte("x")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := DecodeChunk(b)
		if err != nil {
			checkError(t, err)
			return
		}
		encoded, err := EncodeChunk(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeChunk(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Payload, c.Payload) {
			t.Fatal("payload differs")
		}
		again.Payload, c.Payload = nil, nil
		if !reflect.DeepEqual(again, c) {
			t.Fatalf("got %+v, want %+v", again, c)
		}
	})
}

func FuzzDecodeStreamGenesis(f *testing.F) {
	b, err := EncodeStreamGenesis(testHeader(), &Genesis{Partitions: 2, Partition: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, g, err := DecodeStreamGenesis(b)
		if err != nil {
			checkError(t, err)
			return
		}
		encoded, err := EncodeStreamGenesis(h, g)
		if err != nil {
			t.Fatal(err)
		}
		h2, g2, err := DecodeStreamGenesis(encoded)
		if err != nil || h2 != h || *g2 != *g {
			t.Fatalf("got %+v %+v, %v; want %+v %+v", h2, g2, err, h, g)
		}
	})
}

func FuzzDecodeDDLBody(f *testing.F) {
	b, err := EncodeDDLBody(testDDLBody())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	moving := testDDLBody()
	moving.Conversions = append(moving.Conversions, testMove().Conversion(9))
	if b, err = EncodeDDLBody(moving); err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := DecodeDDLBody(b)
		if err != nil {
			checkError(t, err)
			return
		}
		if _, err := d.Moves(); err != nil {
			checkError(t, err)
		}
		encoded, err := EncodeDDLBody(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeDDLBody(encoded)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := EncodeDDLBody(again)
		if err != nil || !bytes.Equal(encoded, twice) {
			t.Fatalf("got %+v, %v; want %+v", again, err, d)
		}
	})
}

func FuzzReadRowEvent(f *testing.F) {
	for _, e := range testEvents() {
		f.Add(AppendRowEvent(nil, &e))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := RowEventLength(b); err != nil {
			checkError(t, err)
		}
		e, rest, err := ReadRowEvent(b)
		if err != nil {
			checkError(t, err)
			return
		}
		again, end, err := ReadRowEvent(append(AppendRowEvent(nil, &e), rest...))
		if err != nil {
			t.Fatal(err)
		}
		if !equalEvents(&again, &e) || !bytes.Equal(end, rest) {
			t.Fatalf("got %+v, want %+v", again, e)
		}
	})
}

func FuzzReadValue(f *testing.F) {
	for _, v := range testEvents()[0].After {
		f.Add(AppendValue(nil, v))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, rest, err := ReadValue(b)
		if err != nil {
			checkError(t, err)
			return
		}
		again, end, err := ReadValue(append(AppendValue(nil, v), rest...))
		if err != nil || !again.Equal(v) || !bytes.Equal(end, rest) {
			t.Fatalf("got %s, %v; want %s", again, err, v)
		}
	})
}

func FuzzParseUUID(f *testing.F) {
	f.Add(testUUID(1).String())
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseUUID(s)
		if err != nil {
			return
		}
		if again, err := ParseUUID(u.String()); err != nil || again != u {
			t.Fatalf("got %s, %v; want %s", again, err, u)
		}
	})
}
