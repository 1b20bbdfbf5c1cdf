package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"marmot/mysqlerr"

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
	f.Add(allParams(), len(allParamTypes), false)
	f.Add([]byte{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}, 1, false)
	f.Add([]byte("000000000\x00"), 1, true) // fewer values than parameters
	f.Add([]byte{1, 0, 0, 0, parameterCountAvailable, 1, 0, 0, 0, 1, 0, 1, mysql.MYSQL_TYPE_TINY, 0, 1, 'a', 7}, 0, true)
	f.Fuzz(func(t *testing.T, b []byte, n int, named bool) {
		n &= maxParams
		d := decoder{data: b}
		_, flags := readExecute(&d)
		e, err := parseParams(&d, n, flags, named, execution{}, nil)
		if err != nil {
			fewer := named && mysqlerr.Code(err) == mysql.ER_WRONG_ARGUMENTS
			if !fewer && !errors.Is(err, errMalformed) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if len(e.values) != n || len(e.types) != n+len(e.attributes) {
			t.Fatalf("%d values, %d attributes and %d types of %d parameters", len(e.values), len(e.attributes), len(e.types), n)
		}
		for _, v := range e.values {
			if len(v.Bytes()) > len(b)+32 {
				t.Fatalf("a value of %d bytes out of %d", len(v.Bytes()), len(b))
			}
		}
	})
}

func FuzzQueryAttributes(f *testing.F) {
	f.Add([]byte("\x00\x01SELECT 1"))
	f.Add(attributeBody("SELECT 1", "a", "b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoder{data: b}
		list, err := readQueryAttributes(&d)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Fatalf("error %v", err)
			}
			return
		}
		for _, a := range list {
			if len(a.Name)+len(a.Value.Bytes()) > len(b)+32 {
				t.Fatalf("an attribute of %d bytes out of %d", len(a.Name)+len(a.Value.Bytes()), len(b))
			}
		}
	})
}

// FuzzProxyHeader: a header is as long as it says, and its beginning is none.
func FuzzProxyHeader(f *testing.F) {
	f.Add([]byte("PROXY TCP4 192.0.2.7 127.0.0.1 12345 3306\r\n"))
	f.Add(binaryHeader(1, 0x11, fourAddresses))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := parseProxyHeader(b)
		if err != nil {
			if !errors.Is(err, errProxyHeader) && !errors.Is(err, errProxyShort) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if h.length <= 0 || h.length > len(b) || h.length > proxyBinaryBytes {
			t.Fatalf("%d bytes of %d", h.length, len(b))
		}
		if again, err := parseProxyHeader(b[:h.length]); err != nil || again != h {
			t.Fatalf("alone it is %+v, %v", again, err)
		}
		if _, err := parseProxyHeader(b[:h.length-1]); !errors.Is(err, errProxyShort) {
			t.Fatalf("a byte less: %v", err)
		}
	})
}

// FuzzFrames reads a compressed stream, which must end in a known way, hold no more than its frames say, and be the same
// however it is cut into pieces.
func FuzzFrames(f *testing.F) {
	for _, algorithm := range []string{"zlib", "zstd"} {
		var sent stream
		c := newCompressedConn(&sent, nil, &compressors{}, algorithm, 3)
		_, _ = c.Write(frame(0, bytes.Repeat([]byte("SELECT 1"), 100)))
		_, _ = c.Write(frame(1, []byte("SELECT 2")))
		f.Add(sent.out.Bytes(), algorithm == "zstd", 5)
	}
	f.Add([]byte{1, 0, 0, 0, 0xff, 0xff, 0xff, 'x'}, false, 1)
	f.Fuzz(func(t *testing.T, b []byte, zstd bool, piece int) {
		algorithm := "zlib"
		if zstd {
			algorithm = "zstd"
		}
		whole, err := readFrames(t, bytes.NewReader(b), algorithm)
		pieces, pieceErr := readFrames(t, &cutter{bytes.NewReader(b), 1 + piece&0xff}, algorithm)
		if !bytes.Equal(whole, pieces) || (err == nil) != (pieceErr == nil) {
			t.Fatalf("%d bytes and %v at once, %d bytes and %v in pieces", len(whole), err, len(pieces), pieceErr)
		}
	})
}

// readFrames joins what the frames hold, up to a limit.
func readFrames(t *testing.T, r io.Reader, algorithm string) ([]byte, error) {
	c := newCompressedConn(&stream{in: r}, nil, &compressors{}, algorithm, 3)
	all, err := io.ReadAll(io.LimitReader(c, 1<<20))
	for _, known := range []error{nil, io.ErrUnexpectedEOF, errMalformed, errSequence} {
		if errors.Is(err, known) {
			return all, err
		}
	}
	t.Fatalf("error %v", err)
	return nil, nil
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
