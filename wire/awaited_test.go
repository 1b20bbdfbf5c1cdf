package wire

import (
	"errors"
	"sync/atomic"
	"testing"

	"marmot/mysqlerr"

	driver "github.com/go-sql-driver/mysql"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// awaitedAccounts are accounts of which a node hears late.
type awaitedAccounts struct {
	fakeAccounts
	awaited *atomic.Int64
	err     error
}

func (a awaitedAccounts) AwaitAccounts() error {
	a.awaited.Add(1)
	return a.err
}

func TestLoginsWaitForAccounts(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want uint16
	}{
		{"in time", nil, 0},
		{"too late", mysqlerr.Newf(mysql.ER_LOCK_WAIT_TIMEOUT, "too late"), mysql.ER_LOCK_WAIT_TIMEOUT},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := awaitedAccounts{fakeAccounts: testAccounts(), awaited: &atomic.Int64{}, err: test.err}
			ts := startServer(t, &script{}, func(o *Options) { o.Accounts = list })
			db := connect(t, ts, "root", testPassword, "")
			defer func() { _ = db.Close() }()
			err := db.PingContext(t.Context())
			var told *driver.MySQLError
			if test.want == 0 && err != nil || test.want != 0 && (!errors.As(err, &told) || told.Number != test.want) {
				t.Errorf("the login ends with %v, want error %d", err, test.want)
			}
			if list.awaited.Load() == 0 {
				t.Error("the login did not wait for accounts")
			}
		})
	}
}

func TestConnectionIDsComeFromTheirGiver(t *testing.T) {
	var last atomic.Uint32
	last.Store(4194304)
	ts := startServer(t, &script{}, func(o *Options) { o.NextID = func() uint32 { return last.Add(1) } })
	for want := uint32(4194305); want <= 4194306; want++ {
		d := decoder{data: ts.dial().hello[1:]}
		d.zeroTerminated()
		if id := d.uint32(); id != want {
			t.Errorf("connection %d, want %d", id, want)
		}
	}
}
