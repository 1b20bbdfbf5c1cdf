package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand"
	"strings"
	"testing"
	"time"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// wide answers with rows that compress well and one that does not.
func wide() answer {
	noise := make([]byte, 100_000)
	rand.New(rand.NewSource(1)).Read(noise)
	return rows(textColumns("a"), []txn.Value{txn.TextString(strings.Repeat("row ", 50_000))}, []txn.Value{txn.Blob(noise)}, []txn.Value{txn.TextString("x")})
}

// packedLogin logs in and compresses from then on.
func (ts *testServer) packedLogin(algorithm string) *client {
	ts.t.Helper()
	capability := uint32(mysql.CLIENT_COMPRESS)
	if algorithm == "zstd" {
		capability = clientZstd
	}
	c := ts.login(capability)
	c.conn = newCompressedConn(c.conn, nil, &compressors{}, algorithm, 3)
	return c
}

func (c *client) restart() {
	if p, ok := c.conn.(*compressedConn); ok {
		p.sequence = 0
	}
}

func TestCompressedConnections(t *testing.T) {
	var ts *testServer
	told := make(chan []dialect.NameValue, 1)
	status := func(_ context.Context, w session.ResultWriter, _ []txn.Value) error { // as a session asks: from its connection's goroutine
		told <- ts.session().info.Status()
		return w.OK(session.Result{})
	}
	ts = startServer(t, &script{queries: map[string]answer{"wide": wide(), "status": status}}, nil)
	for _, algorithm := range []string{"zlib", "zstd"} {
		t.Run(algorithm, func(t *testing.T) {
			c := ts.packedLogin(algorithm)
			for _, query := range []string{"short", strings.Repeat("long ", 100_000), strings.Repeat("x", 17<<20)} {
				c.restart()
				c.parseOK(c.ask(mysql.COM_QUERY, []byte(query)...))
				if noted := ts.session().noted(); !strings.HasSuffix(noted, "query "+query[:min(len(query), 60)]) {
					t.Errorf("noted %.80q", noted)
				}
			}
			c.restart()
			r := c.readResult(c.ask(mysql.COM_QUERY, []byte("wide")...))
			if len(r.rows) != 3 || len(r.rows[0]) < 200_000 {
				t.Errorf("%d rows", len(r.rows))
			}
			c.restart()
			c.parseOK(c.ask(mysql.COM_QUERY, []byte("status")...))
			values := map[string]string{}
			for _, v := range <-told {
				values[v.Name] = v.Value
			}
			if values["Compression"] != "ON" || values["Compression_algorithm"] != algorithm {
				t.Errorf("status %v", values)
			}
		})
	}
}

func TestDriversCompress(t *testing.T) {
	ts := startServer(t, &script{queries: map[string]answer{"wide": wide()}}, nil)
	db := connect(t, ts, "root", testPassword, "?compress=true")
	result, err := db.Query("wide")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for result.Next() {
		var b []byte
		if err := result.Scan(&b); err != nil {
			t.Fatal(err)
		}
		n += len(b)
	}
	if err := errors.Join(result.Err(), result.Close()); err != nil || n != 300_001 {
		t.Errorf("%d bytes, error %v", n, err)
	}
	if _, err := db.Exec(strings.Repeat("long ", 5_000_000)); err != nil {
		t.Error(err)
	}
}

// TestCompressionIsChosenByTheServer: the first of its list that the client takes.
func TestCompressionIsChosenByTheServer(t *testing.T) {
	const both = mysql.CLIENT_COMPRESS | clientZstd
	for _, c := range []struct {
		allowed      string
		capabilities uint32
		level        int
		want         string
		code         uint16
	}{
		{"zlib,zstd,uncompressed", both, 3, "zlib", 0},
		{"zstd,zlib,uncompressed", both, 3, "zstd", 0},
		{"zlib,zstd,uncompressed", clientZstd, 22, "zstd", 0},
		{"zlib,zstd,uncompressed", clientZstd, 0, "", errWrongCompressionLevel},
		{"zlib,zstd,uncompressed", clientZstd, 23, "", errWrongCompressionLevel},
		{"zlib,zstd,uncompressed", 0, 0, "", 0},
		{"uncompressed", both, 3, "", 0},
		{"zlib", 0, 0, "", errWrongCompression},
	} {
		allowed := strings.Split(c.allowed, ",")
		got, err := chooseCompression(allowed, &response{capabilities: c.capabilities, zstdLevel: c.level})
		if got != c.want || mysqlerr.Code(err) != c.code {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
	if flags := compressionCapabilities([]string{"zstd", "uncompressed"}); flags != clientZstd {
		t.Errorf("flags %#x", flags)
	}
}

// TestFramesThatLie: a frame that holds more, less or something else than it says breaks the connection.
func TestFramesThatLie(t *testing.T) {
	ts := startServer(t, &script{settings: session.WireSettings{IdleTimeout: time.Second}}, func(o *Options) { o.ReadTimeout = 200 * time.Millisecond })
	shared := &compressors{}
	packed, err := shared.deflate(nil, bytes.Repeat([]byte{0}, 1000))
	if err != nil {
		t.Fatal(err)
	}
	head := func(n, plain int) []byte {
		return []byte{byte(n), byte(n >> 8), byte(n >> 16), 0, byte(plain), byte(plain >> 8), byte(plain >> 16)}
	}
	for name, b := range map[string][]byte{
		"more than it says":  append(head(len(packed), 4), packed...),
		"less than it says":  append(head(len(packed), 16<<20-1), packed...),
		"no zlib at all":     append(head(8, 1000), "garbage!"...),
		"bytes behind":       append(append(head(len(packed)+3, 1000), packed...), "abc"...),
		"cut":                append(head(len(packed), 1000), packed[:5]...),
		"out of order":       {1, 0, 0, 7, 0, 0, 0, 1},
		"an announced flood": head(1<<24-1, 1<<24-1),
	} {
		t.Run(name, func(t *testing.T) {
			c := ts.packedLogin("zlib")
			f := ts.session()
			raw := c.conn.(*compressedConn).Conn
			if _, err := raw.Write(b); err != nil {
				t.Fatal(err)
			}
			_ = raw.SetReadDeadline(time.Now().Add(patience))
			if _, err := io.ReadAll(raw); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Error(err)
			}
			<-f.closed
		})
	}
}

// TestABombInflatesToNoMoreThanItsHeadSays: reading stops there, whatever the frame would come to.
func TestABombInflatesToNoMoreThanItsHeadSays(t *testing.T) {
	shared := &compressors{}
	for _, algorithm := range []string{"zlib", "zstd"} {
		bomb := bytes.Repeat([]byte{0}, 15<<20)
		var packed []byte
		var err error
		if algorithm == "zlib" {
			packed, err = shared.deflate(nil, bomb)
		} else if e, encErr := shared.encoder(3); encErr == nil {
			packed = e.EncodeAll(bomb, nil)
		} else {
			err = encErr
		}
		if err != nil {
			t.Fatal(err)
		}
		head := []byte{byte(len(packed)), byte(len(packed) >> 8), byte(len(packed) >> 16), 0, 100, 0, 0}
		c := newCompressedConn(&stream{in: bytes.NewReader(append(head, packed...))}, nil, shared, algorithm, 3)
		got, err := io.ReadAll(c)
		if len(got) != 100 || !errors.Is(err, errMalformed) {
			t.Errorf("%s: %d bytes, error %v", algorithm, len(got), err)
		}
	}
}

// attributeBody is a COM_QUERY with attributes of text.
func attributeBody(query string, pairs ...string) []byte {
	n := len(pairs) / 2
	b := append(appendLenenc(nil, uint64(n)), 1)
	if n > 0 {
		b = append(b, make([]byte, (n+7)/8)...)
		b = append(b, 1)
		for i := 0; i < len(pairs); i += 2 {
			b = appendLenencString(append(b, mysql.MYSQL_TYPE_STRING, 0), pairs[i])
		}
		for i := 1; i < len(pairs); i += 2 {
			b = appendLenencString(b, pairs[i])
		}
	}
	return append(b, query...)
}

func TestQueryAttributes(t *testing.T) {
	ts := startServer(t, &script{params: map[string]int{"p": 1}, columns: map[string][]dialect.ResultColumn{}}, nil)
	c := ts.login(clientQueryAttributes)
	c.parseOK(c.ask(mysql.COM_QUERY, attributeBody("none")...))
	c.parseOK(c.ask(mysql.COM_QUERY, attributeBody("two", "trace", "17", "", "empty name")...))
	if got, want := ts.session().noted(), "query none; attribute trace='17'; attribute ='empty name'; query two"; got != want {
		t.Errorf("noted %s", got)
	}
	p := c.prepare("p")
	// Two parameters are sent: the statement's, and an attribute; the second time without types and names.
	head := executeBody(p.id, parameterCountAvailable, 2, 0, 1, mysql.MYSQL_TYPE_TINY, 0, 0, mysql.MYSQL_TYPE_STRING, 0, 1, 'n', 7, 1, 'v')
	c.parseOK(c.ask(mysql.COM_STMT_EXECUTE, head...))
	again := executeBody(p.id, parameterCountAvailable, 2, 0, 0, 8, 1, 'w')
	c.parseOK(c.ask(mysql.COM_STMT_EXECUTE, again...))
	if got := ts.session().noted(); !strings.HasSuffix(got, "attribute n='v'; execute p [7]; attribute n='w'; execute p [8]") {
		t.Errorf("noted %s", got)
	}
	for _, b := range [][]byte{
		nil, {1}, {0, 2}, {1, 1, 0}, {1, 1, 0, 0}, {1, 1, 0, 1}, {0xfd, 0xff, 0xff, 0xff, 1}, append([]byte{0xfd, 0xff, 0xff, 0, 1}, make([]byte, 9000)...),
	} {
		d := decoder{data: b}
		if list, err := readQueryAttributes(&d); !errors.Is(err, errMalformed) {
			t.Errorf("% x: %v, %v", b[:min(len(b), 8)], list, err)
		}
	}
}
