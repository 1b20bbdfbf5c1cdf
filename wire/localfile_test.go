package wire

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	driver "github.com/go-sql-driver/mysql"
)

// loadLocal reads at most limit bytes of the client's file and answers with how many there were.
func loadLocal(limit int64) answer {
	return func(_ context.Context, w session.ResultWriter, _ []txn.Value) error {
		f, err := w.(session.ClientFiles).OpenClientFile("rows.csv")
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, io.LimitReader(f, limit))
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return err
		}
		return w.OK(session.Result{Affected: uint64(n)})
	}
}

func TestClientSendsItsFile(t *testing.T) {
	const large = 1 << 20
	ts := startServer(t, &script{queries: map[string]answer{"load": loadLocal(large), "load 5": loadLocal(5)}}, func(o *Options) {
		o.MaxAllowedPacket = 4096
	})
	for _, size := range []int{0, 1, 20, 5000} {
		for query, most := range map[string]int{"load": size, "load 5": min(size, 5)} {
			c := ts.login(mysql.CLIENT_LOCAL_FILES)
			if reply := c.ask(mysql.COM_QUERY, []byte(query)...); string(reply) != "\xfbrows.csv" {
				t.Fatalf("request %q", reply)
			}
			for rest := size; rest > 0; rest -= min(rest, 1000) {
				c.write(make([]byte, min(rest, 1000)))
			}
			c.write(nil)
			if ok := c.parseOK(c.read()); ok.affected != uint64(most) {
				t.Errorf("%s of %d bytes: read %d", query, size, ok.affected)
			}
			c.parseOK(c.ask(mysql.COM_PING)) // the sequence numbers still agree
		}
	}
	t.Run("without leave", func(t *testing.T) {
		c := ts.login(0)
		c.expectError(c.ask(mysql.COM_QUERY, []byte("load")...), errLocalFilesDisabled)
	})
	t.Run("a packet that is too large", func(t *testing.T) {
		c := ts.login(mysql.CLIENT_LOCAL_FILES)
		c.ask(mysql.COM_QUERY, []byte("load")...)
		c.write(make([]byte, 5000))
		c.write(make([]byte, 10))
		c.write(nil)
		c.expectError(c.read(), mysql.ER_NET_PACKET_TOO_LARGE)
		c.parseOK(c.ask(mysql.COM_PING))
	})
	t.Run("nothing comes", func(t *testing.T) {
		hasty := startServer(t, &script{queries: map[string]answer{"load": loadLocal(large)}}, func(o *Options) { o.ReadTimeout = 100 * time.Millisecond })
		c := hasty.login(mysql.CLIENT_LOCAL_FILES)
		c.ask(mysql.COM_QUERY, []byte("load")...)
		c.expectEnd()
	})
	t.Run("the client goes away", func(t *testing.T) {
		c := ts.login(mysql.CLIENT_LOCAL_FILES)
		c.ask(mysql.COM_QUERY, []byte("load")...)
		f := ts.session()
		c.write(make([]byte, 10))
		_ = c.conn.Close()
		<-f.closed
	})
}

func TestDriverSendsItsFile(t *testing.T) {
	driver.RegisterReaderHandler("wire_test", func() io.Reader { return bytes.NewReader(make([]byte, 3<<20)) })
	defer driver.DeregisterReaderHandler("wire_test")
	load := func(_ context.Context, w session.ResultWriter, _ []txn.Value) error {
		f, err := w.(session.ClientFiles).OpenClientFile("Reader::wire_test")
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, f)
		if err != nil {
			return mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "%v", err)
		}
		return w.OK(session.Result{Affected: uint64(n)})
	}
	ts := startServer(t, &script{queries: map[string]answer{"load": load}}, nil)
	db := connect(t, ts, "root", testPassword, "")
	r, err := db.Exec("load")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.RowsAffected(); n != 3<<20 || err != nil {
		t.Errorf("%d bytes, error %v", n, err)
	}
}
