package dialect

import (
	"hash/maphash"
	"sync"
)

// planCache keeps plans by their keys. It is cut into shards, each with its own lock, and throws
// out by the clock algorithm: a plan that was used since the hand passed stays.
type planCache struct {
	seed   maphash.Seed
	shards [16]cacheShard
}

type cacheShard struct {
	mu      sync.Mutex
	entries map[string]*cacheEntry
	ring    []*cacheEntry
	hand    int
	size    int
}

type cacheEntry struct {
	key  string
	plan *Plan
	used bool
}

func newPlanCache(size int) *planCache {
	c := &planCache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].entries = map[string]*cacheEntry{}
		c.shards[i].size = max(size/len(c.shards), 1)
	}
	return c
}

func (c *planCache) shard(key []byte) *cacheShard {
	return &c.shards[maphash.Bytes(c.seed, key)%uint64(len(c.shards))]
}

func (c *planCache) get(key []byte) *Plan {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[string(key)]
	if e == nil {
		return nil
	}
	e.used = true
	return e.plan
}

func (c *planCache) put(key []byte, p *Plan) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[string(key)]; e != nil {
		e.plan = p
		return
	}
	e := &cacheEntry{key: string(key), plan: p}
	s.entries[e.key] = e
	if len(s.ring) < s.size {
		s.ring = append(s.ring, e)
		return
	}
	for s.ring[s.hand].used {
		s.ring[s.hand].used = false
		s.hand = (s.hand + 1) % len(s.ring)
	}
	delete(s.entries, s.ring[s.hand].key)
	s.ring[s.hand] = e
	s.hand = (s.hand + 1) % len(s.ring)
}
