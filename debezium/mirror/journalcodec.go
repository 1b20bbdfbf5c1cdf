package mirror

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"marmot/debezium"
	"marmot/txn"
)

// head is what a batch's frame tells before its records.
type head struct {
	Number uint64      `json:"number"`
	At     progressRow `json:"at"`
	After  progressRow `json:"after"`
}

type progressRow struct {
	Position uint64 `json:"position"`
	Events   uint64 `json:"events,omitempty"`
	Reset    uint64 `json:"reset,omitempty"`
	State    string `json:"state,omitempty"`
	Row      int64  `json:"row,omitempty"`
}

func rowOf(p debezium.Progress) progressRow {
	return progressRow{uint64(p.Position), p.Events, uint64(p.Reset), p.State, p.Row}
}

func (r progressRow) progress() debezium.Progress {
	return debezium.Progress{Position: txn.Position(r.Position), Events: r.Events, State: r.State, Reset: txn.Position(r.Reset), Row: r.Row}
}

// encodeFrame writes head and records: the head as JSON, all else with lengths before it.
func encodeFrame(h head, batch []debezium.Record) ([]byte, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	b := appendBytes(nil, text)
	b = binary.AppendUvarint(b, uint64(len(batch)))
	for i := range batch {
		r := &batch[i]
		b = appendBytes(b, []byte(r.Topic))
		b = binary.AppendVarint(b, int64(r.Partition))
		b = appendNullable(b, r.Key)
		b = appendNullable(b, r.Value)
		b = binary.AppendUvarint(b, uint64(len(r.Headers)))
		for _, header := range r.Headers {
			b = appendNullable(appendBytes(b, []byte(header.Name)), header.Value)
		}
	}
	return b, nil
}

func appendBytes(b, data []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(data))), data...)
}

// appendNullable writes one more than the length; 0 is null.
func appendNullable(b, data []byte) []byte {
	if data == nil {
		return append(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(data))+1), data...)
}

// decoder reads what encodeFrame writes.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = fmt.Errorf("a batch ends too soon: %w", txn.ErrCorrupt)
	}
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) take(n uint64) []byte {
	if d.err != nil || n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) nullable() []byte {
	n := d.number()
	if n == 0 {
		return nil
	}
	return d.take(n - 1)
}

func decodeHead(payload []byte) (h head, rest []byte, err error) {
	d := &decoder{rest: payload}
	text := d.take(d.number())
	if d.err != nil {
		return h, nil, d.err
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, nil, fmt.Errorf("head of a batch: %w: %w", err, txn.ErrCorrupt)
	}
	return h, d.rest, nil
}

func decodeRecords(rest []byte) ([]debezium.Record, error) {
	d := &decoder{rest: rest}
	n := d.number()
	if n > uint64(len(rest)) {
		return nil, fmt.Errorf("%d records in %d bytes: %w", n, len(rest), txn.ErrCorrupt)
	}
	list := make([]debezium.Record, 0, n)
	for range n {
		r := debezium.Record{Topic: string(d.take(d.number())), Extra: true}
		partition, size := binary.Varint(d.rest)
		if size <= 0 {
			d.fail()
			break
		}
		d.rest = d.rest[size:]
		r.Partition = int32(partition)
		r.Key, r.Value = d.nullable(), d.nullable()
		headers := d.number()
		for range headers {
			if d.err != nil {
				break
			}
			r.Headers = append(r.Headers, debezium.Header{Name: string(d.take(d.number())), Value: d.nullable()})
		}
		if d.err != nil {
			break
		}
		list = append(list, r)
	}
	return list, d.err
}
