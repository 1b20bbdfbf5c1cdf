package ledger

import (
	"encoding/binary"
	"errors"
	"slices"

	"marmot/txn"
)

// The values of rows: numbers as uvarints, texts and lists behind their length.

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendNumbers[T ~uint64](b []byte, list []T) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, v := range list {
		b = binary.AppendUvarint(b, uint64(v))
	}
	return b
}

func appendRun(b []byte, r *Run) []byte {
	b = appendText(b, string(r.Node))
	b = append(b, r.DataUUID[:]...)
	b = appendText(b, r.Version)
	b = binary.AppendUvarint(b, uint64(r.Rules))
	return binary.AppendVarint(b, r.OpenedUS)
}

func appendFence(b []byte, f *Fence) []byte {
	b = binary.AppendUvarint(b, uint64(f.At))
	if f.Exclusive {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return appendNumbers(appendNumbers(b, f.Tables), f.Databases)
}

func appendLock(b []byte, k lock) []byte {
	b = binary.AppendUvarint(b, uint64(k.Epoch))
	b = binary.AppendUvarint(b, k.Owner)
	return binary.AppendUvarint(b, uint64(k.at))
}

func appendOwner(b []byte, o owner) []byte {
	b = binary.AppendUvarint(b, uint64(o.epoch))
	return binary.AppendUvarint(b, uint64(o.at))
}

func appendEmission(b []byte, e *Emission) []byte {
	flags := byte(0)
	if e.Paused {
		flags |= emissionPaused
	}
	if e.Dropped {
		flags |= emissionDropped
	}
	b = append(b, flags)
	for _, p := range [...]txn.Position{e.Needs, e.ResetAt, e.ResetTo} {
		b = binary.AppendUvarint(b, uint64(p))
	}
	return b
}

// Flags of a stored emission.
const (
	emissionPaused byte = 1 << iota
	emissionDropped
)

func appendAccount(b []byte, a *txn.Account) []byte {
	b = appendText(b, a.User)
	b = appendText(b, a.Host)
	b = appendText(b, a.Statement)
	b = appendText(b, string(a.Verifier))
	return appendText(b, a.Plugin)
}

var errDamaged = errors.New("stored state of the ledger is damaged")

// byteReader reads forward; after damage it gives zeros and bad is set.
type byteReader struct {
	b   []byte
	bad bool
}

func (r *byteReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *byteReader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *byteReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *byteReader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *byteReader) text() string { return string(r.take(r.uvarint())) }

func numbers[T ~uint64](r *byteReader) []T {
	count := r.uvarint()
	if count > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	list := make([]T, count)
	for i := range list {
		list[i] = T(r.uvarint())
	}
	return list
}

// view builds the typed views from the rows.
func (l *Ledger) view() error {
	for name, value := range l.rows.values {
		r := byteReader{b: value}
		switch name[0] {
		case kindRun:
			l.viewRun(name, &r)
		case kindFence:
			l.viewFence(name, &r)
		case kindLock:
			l.locks[name[1:]] = lock{
				Holder: Holder{Epoch: txn.Epoch(r.uvarint()), Owner: r.uvarint()}, at: txn.Position(r.uvarint())}
		case kindEmitter, kindEventOwner:
			l.owners[name] = owner{epoch: txn.Epoch(r.uvarint()), at: txn.Position(r.uvarint())}
		case kindEmission:
			l.viewEmission(name, &r)
		case kindAccount:
			l.accountsVersion++
			l.accountsSum.add(rowElement(name, value))
			l.accounts[name] = txn.Account{User: r.text(), Host: r.text(), Statement: r.text(),
				Verifier: []byte(r.text()), Plugin: r.text()}
		case kindMember, kindResolved:
			r.b = nil
		default:
			return errDamaged
		}
		if r.bad || len(r.b) > 0 {
			return errDamaged
		}
	}
	slices.SortFunc(l.fences, func(a, b Fence) int {
		if a.At < b.At {
			return -1
		}
		return 1
	})
	return nil
}

func (l *Ledger) viewRun(name string, r *byteReader) {
	key := byteReader{b: []byte(name[1:])}
	run := &Run{Epoch: txn.Epoch(key.uint64()), Node: txn.NodeID(r.text())}
	copy(run.DataUUID[:], r.take(uint64(len(run.DataUUID))))
	run.Version = r.text()
	run.Rules = uint32(r.uvarint())
	run.OpenedUS = r.varint()
	r.bad = r.bad || key.bad
	l.runs[run.Epoch] = run
}

func (l *Ledger) viewEmission(name string, r *byteReader) {
	e := Emission{Name: name[1:]}
	if b := r.take(1); b != nil {
		e.Paused, e.Dropped = b[0]&emissionPaused != 0, b[0]&emissionDropped != 0
		r.bad = b[0] > emissionPaused|emissionDropped
	}
	e.Needs, e.ResetAt, e.ResetTo = txn.Position(r.uvarint()), txn.Position(r.uvarint()), txn.Position(r.uvarint())
	l.emissions[name] = e
}

func (l *Ledger) viewFence(name string, r *byteReader) {
	key := byteReader{b: []byte(name[1:])}
	f := Fence{Holder: Holder{Epoch: txn.Epoch(key.uint64()), Owner: key.uint64()}, At: txn.Position(r.uvarint())}
	if b := r.take(1); b != nil {
		f.Exclusive = b[0] == 1
	}
	f.Tables = numbers[txn.TableID](r)
	f.Databases = numbers[txn.DatabaseID](r)
	r.bad = r.bad || key.bad
	l.fences = append(l.fences, f)
}
