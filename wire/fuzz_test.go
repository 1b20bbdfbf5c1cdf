package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/go-mysql-org/go-mysql/mysql"
)

func FuzzHandshakeResponse(f *testing.F) {
	c := &client{capabilities: clientCapabilities | mysql.CLIENT_CONNECT_WITH_DB, nonce: make([]byte, nonceBytes)}
	f.Add(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	c.capabilities = mysql.CLIENT_PROTOCOL_41 | mysql.CLIENT_SSL
	f.Add(c.response("", "", "")[:sslRequestBytes])
	f.Fuzz(func(t *testing.T, b []byte) {
		r, tls, err := parseResponse(b)
		switch {
		case err != nil && !errors.Is(err, errMalformed):
			t.Fatalf("error %v", err)
		case err == nil && !tls && len(r.user)+len(r.auth)+len(r.database) > len(b):
			t.Fatalf("%d bytes hold user %q, %d bytes and database %q", len(b), r.user, len(r.auth), r.database)
		}
	})
}

func FuzzChangeUser(f *testing.F) {
	f.Add((&client{}).changeUser("root", "shop"), uint32(clientCapabilities))
	f.Add([]byte("root\x00\x00\x00"), uint32(0))
	f.Fuzz(func(t *testing.T, b []byte, capabilities uint32) {
		if _, err := parseChangeUser(b, capabilities); err != nil && !errors.Is(err, errMalformed) {
			t.Fatalf("error %v", err)
		}
	})
}

func FuzzExecute(f *testing.F) {
	f.Add(allParams(), len(allParamTypes))
	f.Add([]byte{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}, 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		n &= maxParams
		d := decoder{data: b}
		readExecute(&d)
		values, types, err := parseParams(&d, n, nil, nil)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if len(values) != n || n > 0 && len(types) != n {
			t.Fatalf("%d values and %d types of %d parameters", len(values), len(types), n)
		}
		for _, v := range values {
			if len(v.Bytes()) > len(b)+32 {
				t.Fatalf("a value of %d bytes out of %d", len(v.Bytes()), len(b))
			}
		}
	})
}

// FuzzPackets reads payloads from any stream of bytes, however it is cut into pieces.
func FuzzPackets(f *testing.F) {
	f.Add(frame(0, []byte("SELECT 1")), 3)
	f.Add(append(frame(0, make([]byte, 9000)), frame(1, nil)...), 1)
	f.Add([]byte{0xff, 0xff, 0xff, 0, 1}, 2)
	f.Fuzz(func(t *testing.T, b []byte, piece int) {
		const limit = 10_000
		whole, err := readAll(t, bytes.NewReader(b), limit)
		pieces, pieceErr := readAll(t, &cutter{bytes.NewReader(b), 1 + piece&0xff}, limit)
		if !bytes.Equal(whole, pieces) || err.Error() != pieceErr.Error() {
			t.Fatalf("%d bytes and %v at once, %d bytes and %v in pieces", len(whole), err, len(pieces), pieceErr)
		}
	})
}

// readAll joins the payloads up to the stream's end or error.
func readAll(t *testing.T, r io.Reader, limit int) (all []byte, err error) {
	p := newPackets(&stream{in: r}, limit)
	for {
		payload, err := p.read()
		if err != nil {
			for _, known := range []error{io.EOF, io.ErrUnexpectedEOF, errTooLarge, errSequence} {
				if errors.Is(err, known) {
					return all, err
				}
			}
			t.Fatalf("error %v", err)
		}
		if len(payload) > limit {
			t.Fatalf("a payload of %d bytes", len(payload))
		}
		all = append(append(all, payload...), '|')
	}
}

// cutter hands out a stream in pieces of n bytes.
type cutter struct {
	r io.Reader
	n int
}

func (c *cutter) Read(b []byte) (int, error) { return c.r.Read(b[:min(len(b), c.n)]) }
