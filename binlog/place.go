package binlog

import "marmot/txn"

// placing says where the events of a transaction lie. A transaction that fits into its slot lies there byte for byte. One that is larger has a place of
// the slot's second half for each event that is beyond the first half, so that a reader that stops within it can say where: up to slotHalf events,
// which is about 32 MiB. Events beyond have the last place in common; a reader that stops there gets them again.
//
// A replica that goes by files and offsets does not look at places: it adds up the bytes that it gets. For one (Options.Adds) a large transaction is a
// file of its own, and a filler brings a MySQL from the end of another one to the end of its slot. A MariaDB finds that in the last event.
type placing struct {
	start  uint64 // of the slot
	whole  uint64 // bytes of the transaction
	own    bool   // it is a file of its own
	at     uint64 // bytes that are placed
	within uint64 // where the next event begins, from the transaction's beginning
}

const (
	slotHalf = txn.BinlogSlot / 2
	// lastPlace is shared by the events that have none of their own.
	lastPlace = txn.BinlogSlot - 1
	// leastFiller is the size of a filler without content.
	leastFiller = headerBytes + checksumBytes
)

// place gives where the next event lies, which has so many bytes: its beginning from that of the transaction, and its end in the file.
func (p *placing) place(size uint64, last bool) (from, end uint64) {
	from = p.within
	p.at += size
	switch {
	case p.own:
		p.within = p.at
		return from, fileHeaderBytes + p.at
	case last:
		p.within = txn.BinlogSlot
	case p.whole <= txn.BinlogSlot || p.at <= slotHalf:
		p.within = min(p.at, lastPlace)
	default:
		p.within = min(max(from, slotHalf)+1, lastPlace)
	}
	return from, p.start + p.within
}

// filler is an event that readers pass over, of so many bytes when it is finished.
func (w *Writer) filler(bytes uint64, seconds uint32) []byte {
	b := w.event(typeIgnorable, flagIgnorable, seconds)
	return append(b, make([]byte, bytes-w.size(b))...)
}

// outlet hands over the events of a transaction at their places.
type outlet struct {
	encoder *Encoder
	placing placing
	left    int    // events to come
	filler  []byte // comes before the last one, if not empty
	emit    func(Event) error
}

// begin gives the first event of a transaction of r whose other events have rest bytes.
func (o *outlet) begin(g *gtid, r *Record, rest uint64) []byte {
	e, seconds := o.encoder, uint32(r.TimeUS/microseconds)
	first := g.event(&e.Writer, seconds, rest)
	o.placing = placing{start: txn.PlaceOf(r.Position).Offset, whole: e.size(first) + rest}
	if !e.options.Adds {
		return first
	}
	// A filler makes the transaction longer, and thereby the number that says how long it is.
	filled := e.size(g.event(&e.Writer, seconds, txn.BinlogSlot)) + rest
	o.placing.own = filled != txn.BinlogSlot && filled+leastFiller > txn.BinlogSlot
	if o.placing.own || e.options.MariaDB || filled == txn.BinlogSlot {
		return first
	}
	o.filler = e.filler(txn.BinlogSlot-filled, seconds)
	return g.event(&e.Writer, seconds, rest+txn.BinlogSlot-filled)
}

// event hands over an event that is not the first.
func (o *outlet) event(b []byte) error {
	if o.left == 1 && o.filler != nil {
		if err := o.write(o.filler); err != nil {
			return err
		}
	}
	o.left--
	return o.write(b)
}

func (o *outlet) write(b []byte) error {
	size := o.encoder.size(b)
	event := Event{At: o.placing.at, Own: o.placing.own}
	var end uint64
	event.From, end = o.placing.place(size, o.left == 0)
	event.Data = o.encoder.finish(b, end)
	return o.emit(event)
}
