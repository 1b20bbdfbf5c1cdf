package log

import "marmot/txn"

// Holds reports whether a chunk lies in the cache; asking is no use of it.
func (c *Chunks) Holds(ref txn.ChunkRef) bool {
	p := c.parts[ref.Partition]
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.entries[ref.Offset]
	return ok
}
