package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/accounts"
	"marmot/binlog"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// ErrPurged says that the log no longer has what a replica needs.
var ErrPurged = errors.New("the log no longer has what the replica needs")

// ErrDumpEnded says that a dump ended before its replica left, for another reason than an error: its query or its connection was killed, or the server stops.
var ErrDumpEnded = errors.New("the dump has ended")

// BinlogSource gives what a replica asks for.
type BinlogSource interface {
	// First is the first position that the log still has.
	First(ctx context.Context) (txn.Position, error)
	// Follow gives the committed records after a position. Their rows are read under ctx, which outlives each Next.
	Follow(ctx context.Context, after txn.Position) BinlogFeed
	// History gives the definitions of rows of any age.
	History() schemas.History
}

// BinlogFeed gives committed records in the order of the log. Positions that it leaves out carry nothing for a replica, nor do records without
// DDL and rows.
type BinlogFeed interface {
	// Next waits for the next record. One that ends with its ctx has passed over nothing. ErrPurged: the log was trimmed meanwhile.
	Next(ctx context.Context) (*binlog.Record, error)
}

// BinlogRequest is COM_BINLOG_DUMP or COM_BINLOG_DUMP_GTID.
type BinlogRequest struct {
	ServerID    uint32 // of the replica
	File        string
	Offset      uint64
	GTID        bool   // Set says where to begin, not File and Offset
	Set         []byte // what the replica has, as it encodes it
	NonBlocking bool   // it ends where the log ends
}

// BinlogWriter takes events for a replica.
type BinlogWriter interface {
	Send(event []byte) error
	Flush() error
}

// dump is a replica's reading of the log.
type dump struct {
	session *Session
	request BinlogRequest
	out     BinlogWriter
	encoder *binlog.Encoder
	cluster txn.UUID
	version string

	next   txn.Position // the first that is not sent
	within uint64       // where in it the replica goes on
	own    bool         // the replica is in a file that holds nothing but next
	adds   bool         // the replica adds up the bytes that it gets to know where it is
	has    intervals    // transactions that the replica has
	begun  bool         // a record has been sent or passed over
	// described: a format description is out, or about to be.
	described bool
	beat      time.Duration // heartbeats come so often; 0: never
	listed    bool          // for SHOW BINLOG EVENTS: no replica has said what it wants
}

// DumpBinlog sends the log to a replica until it leaves, or ErrDumpEnded.
func (s *Session) DumpBinlog(ctx context.Context, r BinlogRequest, out BinlogWriter) error {
	command := "Binlog Dump"
	if r.GTID {
		command = "Binlog Dump GTID"
	}
	ctx, end := s.begin(ctx, command, "")
	defer end()
	source := s.engine.options.Binlog
	if source == nil {
		return s.failed(mysqlerr.New(mysql.ER_UNKNOWN_COM_ERROR))
	}
	if err := s.mayReplicate(); err != nil {
		return s.failed(err)
	}
	ctx, leave := s.engine.replicas.join(ctx, s.replicaKey(r.ServerID))
	defer leave()
	d := s.newDump(r, out)
	defer s.setState("")
	err := d.open(ctx)
	if err == nil {
		err = d.run(ctx, source.Follow(ctx, d.next-1))
	}
	switch cause := context.Cause(ctx); {
	case err == nil || cause == nil:
	case !errors.Is(cause, errReplaced):
		return fmt.Errorf("%w: %w", ErrDumpEnded, cause)
	default:
		err = replicationError("A replica with the same server_uuid/server_id as this replica has connected to the source; the first event '%s' at %d, the last event read from '%s' at %d, the last byte read from '%s' at %d.",
			r.File, r.Offset, txn.PlaceOf(d.next).Name(), txn.PlaceOf(d.next).Offset, txn.PlaceOf(d.next).Name(), txn.PlaceOf(d.next).Offset)
	}
	if errors.Is(err, ErrPurged) {
		err = replicationError("Cannot replicate because the source purged required binary logs. The transactions from %s:%d on are no longer there.", d.cluster, d.next)
	}
	return s.failed(err)
}

// mayReplicate refuses who lacks REPLICATION SLAVE.
func (s *Session) mayReplicate() error {
	if s.Privileges().Global()&accounts.ReplicationSlave == 0 {
		return mysqlerr.New(mysql.ER_SPECIFIC_ACCESS_DENIED_ERROR, "REPLICATION SLAVE")
	}
	return nil
}

// replicationError is ER_MASTER_FATAL_ERROR_READING_BINLOG, with which a replica stops.
func replicationError(format string, args ...any) error {
	return mysqlerr.Newf(mysql.ER_MASTER_FATAL_ERROR_READING_BINLOG, "%s", fmt.Sprintf(format, args...))
}

// userText is a user variable by one of its names, as text.
func (s *Session) userText(names ...string) string {
	for _, name := range names {
		if v := s.UserVariable(name); !v.IsNull() {
			return string(plainBytes(v))
		}
	}
	return ""
}

func (s *Session) newDump(r BinlogRequest, out BinlogWriter) *dump {
	e := s.engine
	c, _ := e.options.Store.Cluster()
	d := &dump{session: s, request: r, out: out, cluster: c.UUID, version: e.options.Version}
	if n, err := strconv.ParseInt(s.userText("source_heartbeat_period", "master_heartbeat_period"), 10, 64); err == nil && n > 0 {
		d.beat = time.Duration(n)
	}
	return d
}

// options are what the replica and the global variables say of the events.
func (d *dump) options() binlog.Options {
	e := d.session.engine
	// Who says anything of checksums knows what they are, and finds in the format description whether there are any.
	checksum := d.checksum() != "" && e.globalText("binlog_checksum") == "CRC32"
	return binlog.Options{
		Cluster: d.cluster, ServerID: uint32(e.globalCount("server_id")), Version: d.version, Checksum: checksum, MariaDB: d.mariaDB(), Adds: d.adds,
		Anonymous:    strings.HasPrefix(e.globalText("gtid_mode"), "OFF"),
		FullMetadata: e.globalText("binlog_row_metadata") == "FULL", RowsQuery: e.globalText("binlog_rows_query_log_events") == "ON",
		CreateTable: dialect.CreateTableText, Mode: func(m uint64) uint64 { return dialect.SQLMode(m).Bits() },
	}
}

// mariaDB reports whether the replica is a MariaDB, which says what it can do.
func (d *dump) mariaDB() bool { return d.session.userText("mariadb_slave_capability") != "" }

// goesByPlace reports whether the reader is a replica that goes by files and offsets. Other readers look into the events to know where they are.
func (d *dump) goesByPlace() bool {
	channel := func(a Attribute) bool { return a.Name == "_client_replication_channel_name" }
	return !d.request.GTID && (d.own || d.mariaDB() || slices.ContainsFunc(d.session.info.Attributes, channel))
}

// checksum is what the replica says of checksums.
func (d *dump) checksum() string {
	if d.listed {
		return "CRC32"
	}
	return strings.ToUpper(d.session.userText("source_binlog_checksum", "master_binlog_checksum"))
}

// rotate tells the replica where the next event lies. What comes before the first format description has the checksum that the replica asked for.
func (d *dump) rotate(file string, offset uint64) error {
	w := d.encoder.Writer
	if !d.described {
		w.Checksum = d.checksum() == "CRC32"
	}
	d.described = true
	return d.out.Send(w.FakeRotate(file, offset))
}

// open finds where to begin and sends what comes before the first event.
func (d *dump) open(ctx context.Context) error {
	first, err := d.session.engine.options.Binlog.First(ctx)
	if err != nil {
		return err
	}
	if d.request.GTID {
		err = d.openSet(first)
	} else {
		err = d.openFile(first)
	}
	if err != nil {
		return err
	}
	d.adds = d.goesByPlace()
	d.encoder = binlog.NewEncoder(d.options(), d.session.engine.options.Binlog.History(), d.next-1)
	place := txn.PlaceOf(d.next)
	switch {
	case d.own:
		return d.goOn(txn.OwnFile(d.next), d.request.Offset)
	case d.next == place.First() || !d.request.GTID && d.request.Offset < txn.BinlogSlot:
		return d.beginFile(place)
	}
	return d.goOn(place.Name(), place.Offset+d.within)
}

// goOn has the replica go on within a file.
func (d *dump) goOn(file string, offset uint64) error {
	if err := d.rotate(file, offset); err != nil {
		return err
	}
	return d.out.Send(d.encoder.FormatDescription(d.version, 0))
}

// leap has the replica go on elsewhere, after the first events. A MariaDB wants a format description for what follows, others keep the one they have.
func (d *dump) leap(file string, offset uint64) error {
	if d.mariaDB() {
		return d.goOn(file, offset)
	}
	return d.rotate(file, offset)
}

// beginFile sends the beginning of a file.
func (d *dump) beginFile(place txn.BinlogPlace) error {
	if err := d.rotate(place.Name(), binlog.FirstOffset); err != nil {
		return err
	}
	b := d.encoder.FormatDescription(d.version, binlog.FirstOffset)
	if err := d.out.Send(b); err != nil {
		return err
	}
	at := binlog.FirstOffset + uint64(len(b))
	if err := d.out.Send(d.encoder.PreviousGTIDs(d.cluster, uint64(d.next), at)); err != nil || !d.adds {
		return err
	}
	return d.leap(place.Name(), place.Offset)
}

// openSet begins with the first transaction that the replica lacks.
func (d *dump) openSet(first txn.Position) error {
	set, err := parseSet(d.request.Set)
	if err != nil {
		return err
	}
	d.has = set[d.cluster]
	d.next = d.has.skip(1)
	if d.next >= first {
		return nil
	}
	return replicationError("Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere, or provision a new replica from backup. "+
		"Consider increasing the source's binary log expiration period. The GTID set sent by the replica is '%s', and the missing transactions are '%s'",
		setText(set), d.cluster.String()+":"+intervals{{d.next, first}}.text())
}

// openFile begins at a place of a file.
func (d *dump) openFile(first txn.Position) error {
	last := d.session.engine.options.Store.PublishedAll()
	if d.request.File == "" {
		d.next = first
		return nil
	}
	if p, ok := txn.ParseOwnFile(d.request.File); ok {
		return d.openOwn(p, first, last)
	}
	file, ok := txn.ParseBinlogFile(d.request.File)
	place := txn.BinlogPlace{File: file, Offset: d.request.Offset}
	switch {
	case !ok || place.Last() < first || place.First() > max(last+1, first):
		return replicationError("Could not find first log file name in binary log index file")
	case d.request.Offset < binlog.FirstOffset:
		return replicationError("Client requested source to start replication from position < 4")
	}
	d.next, d.within = place.Position()
	if place.Offset < txn.BinlogSlot {
		d.next = max(d.next, first)
	}
	switch {
	case d.next < first:
		return replicationError("Could not find first log file name in binary log index file")
	case d.next > last+1:
		return replicationError("Client requested source to start replication from position > file size")
	}
	return nil
}

// openOwn begins in a file that holds one transaction.
func (d *dump) openOwn(p, first, last txn.Position) error {
	switch {
	case p < first || p > last:
		return replicationError("Could not find first log file name in binary log index file")
	case d.request.Offset < binlog.FirstOffset:
		return replicationError("Client requested source to start replication from position < 4")
	}
	d.next, d.within, d.own = p, d.request.Offset-binlog.FirstOffset, true
	return nil
}

// run sends records until the replica leaves, or the end is there for one that does not wait.
func (d *dump) run(ctx context.Context, feed BinlogFeed) error {
	for {
		if d.request.NonBlocking && d.next > d.session.engine.options.Store.PublishedAll() {
			return d.out.Flush()
		}
		r, err := d.await(ctx, feed)
		if err != nil {
			return err
		}
		for d.next < r.Position {
			if err := d.send(&binlog.Record{Position: d.next, TimeUS: r.TimeUS}); err != nil {
				return err
			}
		}
		if r.Position < d.next {
			continue
		}
		if err := d.send(r); err != nil {
			return err
		}
	}
}

// await returns the next record. While there is none, all that is sent arrives, and heartbeats do.
func (d *dump) await(ctx context.Context, feed BinlogFeed) (*binlog.Record, error) {
	if d.next > d.session.engine.options.Applier.Decided() {
		if err := d.out.Flush(); err != nil {
			return nil, err
		}
		d.session.setState("Source has sent all binlog to replica; waiting for more updates")
	}
	for {
		bounded, cancel := ctx, context.CancelFunc(func() {})
		if d.beat > 0 {
			bounded, cancel = context.WithTimeout(ctx, d.beat)
		}
		r, err := feed.Next(bounded)
		expired := bounded.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil || !expired {
			d.session.setState("Sending binlog event to replica")
			return r, err
		}
		file, offset := d.place()
		if err := d.out.Send(d.encoder.Heartbeat(file, offset, false)); err != nil {
			return nil, err
		}
		if err := d.out.Flush(); err != nil {
			return nil, err
		}
	}
}

// place is where the replica is.
func (d *dump) place() (file string, offset uint64) {
	place := txn.PlaceOf(d.next)
	switch {
	case d.own:
		return txn.OwnFile(d.next), d.request.Offset
	case d.begun && d.next == place.First():
		place = txn.EndOf(d.next - 1)
	}
	return place.Name(), place.Offset + d.within
}

// send sends a record, unless the replica has it.
func (d *dump) send(r *binlog.Record) error {
	p := r.Position
	if r.TimeUS == 0 { // nobody knows
		r.TimeUS = d.session.engine.options.Now().UnixMicro()
	}
	place := txn.PlaceOf(p)
	if p == place.First() && p > 1 && d.begun {
		end := txn.EndOf(p - 1)
		if err := d.out.Send(d.encoder.Rotate(place.Name(), end.Offset, d.session.engine.options.Now())); err != nil {
			return err
		}
		if err := d.beginFile(place); err != nil {
			return err
		}
	}
	d.next, d.begun = p+1, true
	within, own := d.within, d.own
	d.within, d.own = 0, false
	if d.has.contains(p) {
		return nil
	}
	var size uint64
	emit := func(e binlog.Event) error {
		size = e.At + uint64(len(e.Data))
		if e.Own && !own {
			own = true
			if err := d.leap(txn.OwnFile(p), binlog.FirstOffset); err != nil {
				return err
			}
		}
		if e.From < within {
			return nil
		}
		return d.out.Send(e.Data)
	}
	encode := d.encoder.Encode
	if r.DDL == nil && r.Accounts == nil && r.Rows == 0 {
		encode = func(r *binlog.Record, emit func(binlog.Event) error) error {
			return d.encoder.Empty(r.Position, r.TimeUS, emit)
		}
	}
	if err := encode(r, emit); err != nil {
		return err
	}
	if own || size > txn.BinlogSlot { // a replica that adds up what it gets is brought back to where the next transaction begins
		end := txn.EndOf(p)
		return d.leap(end.Name(), end.Offset)
	}
	return nil
}
