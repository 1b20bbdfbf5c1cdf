package txn

import (
	"fmt"
	"strings"

	"marmot/txn/txnpb"
)

func transactionToProto(t *Transaction) (*txnpb.Transaction, error) {
	p := &txnpb.Transaction{
		ConnectionId: t.ConnectionID,
		Begin:        uint64(t.Begin),
		Chunks:       chunkRefsToProto(t.Chunks),
		Inline:       t.Inline,
		Voided:       rangesToProto(t.Voided),
		Events:       t.Events,
		Xa:           t.XA,
	}
	uses := make([]txnpb.TableUse, len(t.Tables))
	p.Tables = make([]*txnpb.TableUse, len(t.Tables))
	for i := range t.Tables {
		tableUseToProto(&uses[i], &t.Tables[i])
		p.Tables[i] = &uses[i]
	}
	if err := keysToProto(t, p.Tables); err != nil {
		return nil, err
	}
	for _, s := range t.Statements {
		p.Statements = append(p.Statements, &txnpb.Statement{
			First: s.Events.First, End: s.Events.End, Text: strings.ToValidUTF8(s.Text, "\uFFFD"),
		})
	}
	return p, nil
}

func tableUseToProto(p *txnpb.TableUse, u *TableUse) {
	p.Table = uint64(u.Table)
	p.Database = uint64(u.Database)
	p.Version = uint64(u.Version)
	p.Writes = u.Writes
	p.Read = u.Read
	p.ReadAt = uint64(u.ReadAt)
	p.Exclusive = u.Exclusive
	p.ExclusiveAt = uint64(u.ExclusiveAt)
	p.AutoIncrement = u.AutoIncrement
}

// keysToProto hands each key to the use of its table: hashes, modes and ages in parallel,
// modes and ages left out where all are alike.
func keysToProto(t *Transaction, uses []*txnpb.TableUse) error {
	index := make(map[TableID]int, len(uses))
	for i := range t.Tables {
		if _, twice := index[t.Tables[i].Table]; twice {
			return fmt.Errorf("table %d is named twice", t.Tables[i].Table)
		}
		index[t.Tables[i].Table] = i
	}
	groups := make([]keyGroup, len(uses))
	for i := range t.Keys {
		k := &t.Keys[i]
		at, found := index[k.Table]
		if !found {
			return fmt.Errorf("key %x is of table %d, which the transaction does not name", k.Hash, k.Table)
		}
		if k.Mode < Read || k.Mode > Exclusive {
			return fmt.Errorf("key %x of table %d has mode %d", k.Hash, k.Table, k.Mode)
		}
		groups[at].add(k)
	}
	for i := range groups {
		groups[i].write(t.Keys, uses[i])
	}
	return nil
}

// keyGroup measures the keys of one table.
type keyGroup struct {
	table      TableID
	count      int
	low, high  Position
	allWriters bool
}

func (g *keyGroup) add(k *Key) {
	if g.count == 0 {
		*g = keyGroup{table: k.Table, low: k.At, high: k.At, allWriters: true}
	}
	g.count++
	g.low = min(g.low, k.At)
	g.high = max(g.high, k.At)
	g.allWriters = g.allWriters && k.Mode == Exclusive
}

func (g *keyGroup) write(keys []Key, p *txnpb.TableUse) {
	if g.count == 0 {
		return
	}
	p.KeyAt = uint64(g.high)
	p.KeyHashes = make([]uint64, 0, g.count)
	for i := range keys {
		k := &keys[i]
		if k.Table != g.table {
			continue
		}
		p.KeyHashes = append(p.KeyHashes, k.Hash)
		if !g.allWriters {
			p.KeyModes = append(p.KeyModes, byte(k.Mode))
		}
		if g.low != g.high {
			p.KeyAges = append(p.KeyAges, uint64(g.high-k.At))
		}
	}
}

func transactionFromProto(p *txnpb.Transaction) (*Transaction, error) {
	t := &Transaction{
		ConnectionID: p.ConnectionId,
		Begin:        Position(p.Begin),
		Inline:       p.Inline,
		Events:       p.Events,
		XA:           p.Xa,
	}
	var err error
	if t.Chunks, err = chunkRefsFromProto(p.Chunks); err != nil {
		return nil, err
	}
	if t.Voided, err = rangesFromProto(p.Voided); err != nil {
		return nil, err
	}
	if err := t.tablesFromProto(p.Tables); err != nil {
		return nil, err
	}
	for _, s := range p.Statements {
		if s.First > s.End {
			return nil, corrupt("statement of ordinals %d to %d", s.First, s.End)
		}
		t.Statements = append(t.Statements, Statement{
			Events: OrdinalRange{First: s.First, End: s.End}, Text: s.Text,
		})
	}
	return t, nil
}

func (t *Transaction) tablesFromProto(uses []*txnpb.TableUse) error {
	if len(uses) == 0 {
		return nil
	}
	seen := make(map[TableID]struct{}, len(uses))
	keys := 0
	for _, u := range uses {
		keys += len(u.KeyHashes)
	}
	t.Tables = make([]TableUse, 0, len(uses))
	if keys > 0 {
		t.Keys = make([]Key, 0, keys)
	}
	for _, u := range uses {
		id := TableID(u.Table)
		if _, twice := seen[id]; twice {
			return corrupt("table %d is named twice", id)
		}
		seen[id] = struct{}{}
		t.Tables = append(t.Tables, TableUse{
			Table:         id,
			Database:      DatabaseID(u.Database),
			Version:       Position(u.Version),
			Writes:        u.Writes,
			Read:          u.Read,
			ReadAt:        Position(u.ReadAt),
			Exclusive:     u.Exclusive,
			ExclusiveAt:   Position(u.ExclusiveAt),
			AutoIncrement: u.AutoIncrement,
		})
		if err := t.keysFromProto(id, u); err != nil {
			return err
		}
	}
	return nil
}

func (t *Transaction) keysFromProto(table TableID, u *txnpb.TableUse) error {
	n := len(u.KeyHashes)
	if len(u.KeyModes) != 0 && len(u.KeyModes) != n || len(u.KeyAges) != 0 && len(u.KeyAges) != n {
		return corrupt("table %d has %d keys, %d modes and %d positions", table, n, len(u.KeyModes), len(u.KeyAges))
	}
	for i, hash := range u.KeyHashes {
		k := Key{Table: table, Hash: hash, Mode: Exclusive, At: Position(u.KeyAt)}
		if len(u.KeyModes) > 0 {
			k.Mode = Mode(u.KeyModes[i])
		}
		if k.Mode < Read || k.Mode > Exclusive {
			return corrupt("key %x of table %d has mode %d", hash, table, k.Mode)
		}
		if len(u.KeyAges) > 0 {
			if u.KeyAges[i] > u.KeyAt {
				return corrupt("key %x of table %d is older than the log", hash, table)
			}
			k.At = Position(u.KeyAt - u.KeyAges[i])
		}
		t.Keys = append(t.Keys, k)
	}
	return nil
}

func chunkRefsToProto(refs []ChunkRef) []*txnpb.ChunkRef {
	if len(refs) == 0 {
		return nil
	}
	out := make([]*txnpb.ChunkRef, len(refs))
	for i := range refs {
		c := &refs[i]
		out[i] = &txnpb.ChunkRef{Partition: c.Partition, Offset: c.Offset, Bytes: c.Bytes, Hash: c.Hash[:]}
	}
	return out
}

func chunkRefsFromProto(refs []*txnpb.ChunkRef) ([]ChunkRef, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	out := make([]ChunkRef, len(refs))
	for i, c := range refs {
		if c.Partition < 0 || c.Offset < 0 || c.Bytes < 0 {
			return nil, corrupt("chunk of %d bytes at offset %d of stream %d", c.Bytes, c.Offset, c.Partition)
		}
		out[i] = ChunkRef{Partition: c.Partition, Offset: c.Offset, Bytes: c.Bytes}
		if err := readFixed(out[i].Hash[:], c.Hash, "chunk hash"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func rangesToProto(ranges []OrdinalRange) []uint64 {
	if len(ranges) == 0 {
		return nil
	}
	out := make([]uint64, 0, 2*len(ranges))
	for _, r := range ranges {
		out = append(out, r.First, r.End)
	}
	return out
}

func rangesFromProto(list []uint64) ([]OrdinalRange, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list)%2 != 0 {
		return nil, corrupt("%d ends of voided ranges", len(list))
	}
	out := make([]OrdinalRange, 0, len(list)/2)
	for i := 0; i < len(list); i += 2 {
		if list[i] > list[i+1] {
			return nil, corrupt("voided ordinals %d to %d", list[i], list[i+1])
		}
		out = append(out, OrdinalRange{First: list[i], End: list[i+1]})
	}
	return out, nil
}
