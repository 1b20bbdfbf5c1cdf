package debezium

import (
	"context"

	"marmot/schemas"
	"marmot/txn"
)

// Tables is what snapshots read. Calls come from the emitter's goroutine.
type Tables interface {
	// Fresh reports whether nothing had been committed when the emission was taken over for the first time, so that the log tells
	// everything.
	Fresh(ctx context.Context) (bool, error)
	// First returns the first position that the log has.
	First(ctx context.Context) (txn.Position, error)
	// Position is one up to which all of this node's tables have come.
	Position() txn.Position
	// Catalog returns the definitions as they are now.
	Catalog() *schemas.Catalog
	// Charset returns the server's default character set and collation.
	Charset() (charset, collation string)
	// View opens a view of a database at a position that is not before at. nil: there is no such database any more.
	View(ctx context.Context, db txn.DatabaseID, at txn.Position) (View, error)
	// CreateText returns what SHOW CREATE TABLE prints.
	CreateText(ctx context.Context, database, name string) (string, error)
	// Query runs a statement in a session of the node's own, with the time zone UTC, and hands over the rows of its result, if it has
	// one. The values live until each returns.
	Query(ctx context.Context, sql string, each func(row []txn.Value) error) error
}

// View is the tables of one database at one position. It may end by itself when it is old.
type View interface {
	Position() txn.Position
	// Table returns a definition of the view, nil without one.
	Table(name string) *schemas.Table
	// Rows hands over the images of a table's rows, those of a span in its order. Values live until each returns.
	Rows(ctx context.Context, t *schemas.Table, span Span, each func(image []txn.Value) error) error
	// Row hands over the images of the rows with the values in the columns.
	Row(ctx context.Context, t *schemas.Table, columns []int, values []txn.Value, each func(image []txn.Value) error) error
	// Last hands over the image of the last row in the order in which InnoDB would keep them.
	Last(ctx context.Context, t *schemas.Table, each func(image []txn.Value) error) error
	// Count returns the number of rows, at most the limit.
	Count(ctx context.Context, t *schemas.Table, limit int64) (int64, error)
	// Cursor returns the place of a row in the order of an index, or as rows are kept, which shares no bytes with the image.
	Cursor(t *schemas.Table, by *schemas.Index, image []txn.Value) []txn.Value
	// Ended reports whether the view is gone; what its methods return then is an error.
	Ended() bool
	Close()
}

// Span is a part of a table's rows: those behind the row with the cursor After (nil: from the first), up to that with the cursor Upto (nil: to the
// last), at most Limit (0: all), in the order of the index By (nil: in which InnoDB would keep them).
type Span struct {
	After, Upto []txn.Value
	By          *schemas.Index
	Limit       int
}

// TableRef is a version of a table.
type TableRef struct {
	Table   txn.TableID
	Version txn.Position
}
