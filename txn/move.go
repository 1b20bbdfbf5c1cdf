package txn

import (
	"fmt"
	"strconv"
)

const (
	moveName    = "move"
	moveVersion = 1
)

// MovedFrom is the schema under which the statements of a Move read the source's file.
const MovedFrom = "moved_from"

// Move is a conversion that copies rows from the file of one database into a table of another's, before the record is applied to
// either. The nodes run its statements as they stand, in the destination's file.
type Move struct {
	From, To DatabaseID
	Table    string // the table that is made, which the record's statements take over and do away with
	Create   string // makes it
	Insert   string // fills it from the schema MovedFrom
}

// Conversion is the move as a record holds it, for the table whose rows it moves.
func (m *Move) Conversion(table TableID) Conversion {
	return Conversion{Name: moveName, Version: moveVersion, Table: table, Args: []string{
		strconv.FormatUint(uint64(m.From), 10), strconv.FormatUint(uint64(m.To), 10), m.Table, m.Create, m.Insert}}
}

// Move returns the move that a conversion is, or nil for another one.
func (v *Conversion) Move() (*Move, error) {
	if v.Name != moveName {
		return nil, nil
	}
	if v.Version != moveVersion {
		return nil, fmt.Errorf("conversion %q version %d: %w", v.Name, v.Version, ErrFuture)
	}
	if len(v.Args) != 5 {
		return nil, corrupt("conversion %q of table %d with %d arguments", v.Name, v.Table, len(v.Args))
	}
	from, err := strconv.ParseUint(v.Args[0], 10, 64)
	to, again := strconv.ParseUint(v.Args[1], 10, 64)
	if err != nil || again != nil {
		return nil, corrupt("conversion %q of table %d between databases %q and %q", v.Name, v.Table, v.Args[0], v.Args[1])
	}
	return &Move{From: DatabaseID(from), To: DatabaseID(to), Table: v.Args[2], Create: v.Args[3], Insert: v.Args[4]}, nil
}

// Moves lists the moves of the body.
func (d *DDLBody) Moves() ([]*Move, error) {
	var list []*Move
	for i := range d.Conversions {
		m, err := d.Conversions[i].Move()
		if err != nil {
			return nil, err
		}
		if m != nil {
			list = append(list, m)
		}
	}
	return list, nil
}
