package sqlite

import (
	"marmot/sqlext"
	"marmot/txn"
)

type OpenOptions struct {
	Path             string
	ReadOnly, Create bool
}
type Conn struct{}

func Open(o OpenOptions) (*Conn, error)                { panic("not built yet") }
func (c *Conn) Register(set sqlext.Set) error          { panic("not built yet") }
func (c *Conn) SetState(state any)                     { panic("not built yet") }
func (c *Conn) Prepare(sql string) (*Stmt, error)      { panic("not built yet") }
func (c *Conn) Exec(sql string) error                  { panic("not built yet") }
func (c *Conn) Attach(path, alias string) error        { panic("not built yet") }
func (c *Conn) Detach(alias string) error              { panic("not built yet") }
func (c *Conn) Changes() int64                         { panic("not built yet") }
func (c *Conn) TotalChanges() int64                    { panic("not built yet") }
func (c *Conn) LastInsertRowID() int64                 { panic("not built yet") }
func (c *Conn) InTransaction() bool                    { panic("not built yet") }
func (c *Conn) Interrupt()                             { panic("not built yet") }
func (c *Conn) SetProgress(opcodes int, f func() bool) { panic("not built yet") }
func (c *Conn) Backup(alias string, to *Conn) error    { panic("not built yet") }
func (c *Conn) Close() error                           { panic("not built yet") }

type Stmt struct{}

func (s *Stmt) Bind(values []txn.Value) error { panic("not built yet") }
func (s *Stmt) Step() (row bool, err error)   { panic("not built yet") }
func (s *Stmt) Row() []txn.Value              { panic("not built yet") }
func (s *Stmt) ColumnCount() int              { panic("not built yet") }
func (s *Stmt) ColumnNames() []string         { panic("not built yet") }
func (s *Stmt) Reset()                        { panic("not built yet") }

func CheckBuild() error { panic("not built yet") }

type BranchOptions struct {
	Set         sqlext.Set
	Main        string
	MemoryLimit int64
	SpillDir    string
}
type Branch struct{}

func OpenBranch(o BranchOptions) (*Branch, error)               { panic("not built yet") }
func (b *Branch) Attach(alias, path string) error               { panic("not built yet") }
func (b *Branch) Detach(alias string) error                     { panic("not built yet") }
func (b *Branch) Snapshot() error                               { panic("not built yet") }
func (b *Branch) Release()                                      { panic("not built yet") }
func (b *Branch) Conn() *Conn                                   { panic("not built yet") }
func (b *Branch) Read() *Conn                                   { panic("not built yet") }
func (b *Branch) Mark() int                                     { panic("not built yet") }
func (b *Branch) Cut(mark int)                                  { panic("not built yet") }
func (b *Branch) CapturedBytes() int64                          { panic("not built yet") }
func (b *Branch) Captured(from int, each func(Row) error) error { panic("not built yet") }
func (b *Branch) SetCapture(on bool)                            { panic("not built yet") }
func (b *Branch) SetCaptureLimit(bytes int64)                   { panic("not built yet") }
func (b *Branch) ResetCascade()                                 { panic("not built yet") }
func (b *Branch) Memory() int64                                 { panic("not built yet") }
func (b *Branch) Close() error                                  { panic("not built yet") }

// Row is one captured change.
type Row struct {
	Alias, Table       string
	Op                 txn.Op
	Depth              int
	OldRowID, NewRowID int64
	Old, New           []txn.Value
}
