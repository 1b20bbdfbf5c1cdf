package binlog

import (
	"encoding/binary"
	"fmt"

	"marmot/txn"
)

// xaKind is the kind that MySQL gives a name of an XA transaction whose client names none.
const xaKind = 1

// xaName is what the binary log calls the XA transaction of a position: clients may use a name again while a replica still has its predecessor.
func xaName(p txn.Position) []byte { return []byte("marmot-" + p.String()) }

// xaQuery is a statement on the XA transaction.
func xaQuery(r *Record, what string) *query {
	q := begin(r)
	q.text = fmt.Sprintf("XA %s X'%x',X'',%d", what, xaName(r.Position), xaKind)
	return q
}

// xaCommit ends an XA transaction that is prepared and committed at once. Here the rows of all are in the log at COMMIT only.
func (w *Writer) xaCommit(p txn.Position, seconds uint32) []byte {
	name := xaName(p)
	b := w.event(typeXAPrepare, 0, seconds)
	b = append(b, 1) // one phase
	b = binary.LittleEndian.AppendUint32(b, xaKind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(name)))
	b = binary.LittleEndian.AppendUint32(b, 0)
	return append(b, name...)
}
