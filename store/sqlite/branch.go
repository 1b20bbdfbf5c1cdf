package sqlite

import (
	"marmot/sqlext"
	"marmot/txn"
)

type BranchOptions struct {
	Set         sqlext.Set
	Main        string
	MemoryLimit int64
	SpillDir    string
}
type Branch struct{ held bool }

func (b *Branch) outOfMemory() bool { return false }

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

func CheckBuild() error { panic("not built yet") }
