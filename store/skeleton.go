package store

import (
	"context"
	"io"
	"log/slog"
	"time"

	"marmot/schemas"
	"marmot/sqlext"
	"marmot/store/sqlite"
	"marmot/txn"
)

// Options configures a Store. Dir is required; the zero value of the rest means the default.
type Options struct {
	Dir               string
	Set               sqlext.Set       // registered on every connection
	Now               func() time.Time // time.Now
	Random            io.Reader        // crypto/rand.Reader
	MaxSnapshotAge    time.Duration    // 5 minutes
	WALLimitBytes     int64            // 64 MiB
	BranchMemoryBytes int64            // private pages of one branch kept in memory; 64 MiB
	Logger            *slog.Logger
}

// Store is the set of files of one node.
type Store struct{}

// Cluster names the cluster and the generation of the log that the files follow.
type Cluster struct {
	UUID       txn.UUID
	Name       string
	Generation uint32
	Base       txn.Position
}

// Decided is what one batch of decisions adds to system.db.
type Decided struct {
	Last        txn.Position
	Chain       txn.ChainHash
	LedgerDelta []byte
	WindowStart txn.Position
	Aborted     []txn.Position
}

// Applied is what one committed record does to one database.
type Applied struct {
	Position    txn.Position
	TimeUS      int64
	Events      []txn.RowEvent         // of this database, hidden row ids mapped
	Changes     []txn.DefinitionChange // of this database
	Conversions []txn.Conversion
}

// Branch is a session's private view of a snapshot of some databases.
type Branch struct{}

func Open(o Options) (*Store, error)           { panic("not built yet") }
func (s *Store) Run(ctx context.Context) error { panic("not built yet") }
func (s *Store) Close() error                  { panic("not built yet") }
func (s *Store) DataUUID() txn.UUID            { panic("not built yet") }
func (s *Store) Catalog() *schemas.Catalog     { panic("not built yet") }
func (s *Store) History() schemas.History      { panic("not built yet") }
func (s *Store) Cluster() (Cluster, bool)      { panic("not built yet") }
func (s *Store) SetCluster(c Cluster) error    { panic("not built yet") }
func (s *Store) SaveDecided(d Decided) error   { panic("not built yet") }
func (s *Store) LoadDecided() (last txn.Position, chain txn.ChainHash, deltas [][]byte, err error) {
	panic("not built yet")
}
func (s *Store) Aborted(from, to txn.Position) ([]txn.Position, error) { panic("not built yet") }
func (s *Store) Apply(db txn.DatabaseID, batch []Applied) error        { panic("not built yet") }
func (s *Store) ApplyTogether(batch map[txn.DatabaseID]Applied) error  { panic("not built yet") }
func (s *Store) ApplyDatabase(p txn.Position, timeUS int64, c txn.DefinitionChange) error {
	panic("not built yet")
}
func (s *Store) Advance(db txn.DatabaseID, p txn.Position)   { panic("not built yet") }
func (s *Store) AdvanceAll(p txn.Position)                   { panic("not built yet") }
func (s *Store) FilePosition(db txn.DatabaseID) txn.Position { panic("not built yet") }
func (s *Store) Published(db txn.DatabaseID) txn.Position    { panic("not built yet") }
func (s *Store) PublishedAll() txn.Position                  { panic("not built yet") }
func (s *Store) WaitPublished(ctx context.Context, p txn.Position, dbs ...txn.DatabaseID) error {
	panic("not built yet")
}
func (s *Store) Databases() []txn.DatabaseID                       { panic("not built yet") }
func (s *Store) OpenBranch() (*Branch, error)                      { panic("not built yet") }
func (s *Store) OpenFileBranch(db txn.DatabaseID) (*Branch, error) { panic("not built yet") }
func (s *Store) Meta(key string) ([]byte, bool, error)             { panic("not built yet") }
func (s *Store) SetMeta(key string, value []byte) error            { panic("not built yet") }
func (b *Branch) Use(ids ...txn.DatabaseID) error                  { panic("not built yet") }
func (b *Branch) Snapshot(ctx context.Context) error               { panic("not built yet") }
func (b *Branch) Position() txn.Position                           { panic("not built yet") }
func (b *Branch) Schema(db txn.DatabaseID) txn.Position            { panic("not built yet") }
func (b *Branch) Conn() *sqlite.Conn                               { panic("not built yet") }
func (b *Branch) Reader() *sqlite.Conn                             { panic("not built yet") }
func (b *Branch) Mark() int                                        { panic("not built yet") }
func (b *Branch) Cut(mark int)                                     { panic("not built yet") }
func (b *Branch) Events(from int, c *schemas.Catalog) (events, matched []txn.RowEvent, err error) {
	panic("not built yet")
}
func (b *Branch) Replay(events []txn.RowEvent, c *schemas.Catalog) error { panic("not built yet") }
func (b *Branch) CapturedBytes() int64                                   { panic("not built yet") }
func (b *Branch) Release()                                               { panic("not built yet") }
func (b *Branch) Close()                                                 { panic("not built yet") }
