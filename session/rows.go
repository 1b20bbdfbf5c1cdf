package session

import (
	"slices"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// batchBytes is how much of a result set is gathered before it goes to the client, whom SQLite's
// slot must not wait for.
const batchBytes = 32 << 10

// rowSink takes the rows of a query and hands them to the client in batches, without the slot.
type rowSink struct {
	session *Session
	of      *run
	columns []dialect.ResultColumn
	keep    bool // hold all rows back until end, up to maxKeptBytes
	headed  bool
	values  []txn.Value // of the rows gathered, one after another
	bytes   []byte      // what they hold
	size    int
	total   uint64
	found   uint64 // FOUND_ROWS(), when counted says that it is not total
	counted bool
}

// maxKeptBytes bounds the rows that a locking read with SKIP LOCKED holds back.
const maxKeptBytes = 64 << 20

func (s *Session) newRowSink(r *run) *rowSink {
	return &rowSink{session: s, of: r, columns: s.typed(r.bound.Columns)}
}

// typed gives columns that show a user variable the type of its value.
func (s *Session) typed(columns []dialect.ResultColumn) []dialect.ResultColumn {
	own := columns
	for i := range columns {
		name := columns[i].Variable
		if name == "" {
			continue
		}
		if &own[0] == &columns[0] {
			own = slices.Clone(columns)
		}
		switch s.UserVariable(name).Kind() {
		case txn.KindInteger:
			own[i].Type = schemas.Type{Kind: schemas.BigInt, Length: 21}
		case txn.KindReal:
			own[i].Type = schemas.Type{Kind: schemas.Double, Decimals: -1}
		case txn.KindBlob:
			own[i].Type = schemas.Type{Kind: schemas.LongBlob}
		}
	}
	return own
}

// run executes the query and takes its rows.
func (k *rowSink) run(x dialect.Executor) (err error) {
	q, b := k.of.bound.Query, k.of.binding()
	if err = q.Run(x, k.session, b, k.row); err == nil {
		k.found, k.counted, err = q.FoundRows(x, k.session, b)
	}
	return err
}

// row takes one row; it keeps nothing of values.
func (k *rowSink) row(values []txn.Value) error {
	k.total++
	for _, v := range values {
		b := v.Bytes()
		k.size += 16 + len(b)
		if b != nil {
			at := len(k.bytes)
			k.bytes = append(k.bytes, b...)
			b = k.bytes[at:len(k.bytes):len(k.bytes)]
			if v.Kind() == txn.KindText {
				v = txn.Text(b)
			} else {
				v = txn.Blob(b)
			}
		}
		k.values = append(k.values, v)
	}
	if k.keep {
		if k.size > maxKeptBytes {
			return mysqlerr.New(mysql.ER_OUT_OF_RESOURCES)
		}
		return nil
	}
	if k.size < batchBytes {
		return nil
	}
	return k.session.slot.outside(k.of.ctx, k.flush)
}

// flush hands the rows gathered to the client.
func (k *rowSink) flush() error {
	w := k.of.writer
	if !k.headed {
		k.headed = true
		if err := w.Columns(k.columns); err != nil {
			return err
		}
	}
	width := len(k.columns)
	for at := 0; at+width <= len(k.values) && width > 0; at += width {
		if err := w.Row(k.values[at : at+width]); err != nil {
			return err
		}
	}
	k.discard()
	return nil
}

func (k *rowSink) discard() {
	k.values, k.size = k.values[:0], 0
	if k.bytes != nil {
		k.bytes = k.bytes[:0]
	}
}

// restart forgets the rows of an attempt that is undone.
func (k *rowSink) restart() {
	k.discard()
	k.total = 0
}

// end answers the query.
func (k *rowSink) end() error {
	s := k.session
	s.slot.give()
	if q := k.of.bound.Query; q != nil && q.Exports { // what this package answers itself has none
		return s.ok(k.of, Result{Affected: k.total})
	}
	if k.columns == nil { // SELECT … INTO
		return s.ok(k.of, Result{Affected: k.total})
	}
	if err := k.flush(); err != nil {
		return err
	}
	s.last.foundRows, s.last.rowCount = k.total, -1
	if k.counted {
		s.last.foundRows = k.found
	}
	var result Result
	s.finish(k.of, &result)
	return k.of.writer.End(result)
}
