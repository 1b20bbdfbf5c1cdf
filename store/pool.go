package store

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"

	"marmot/store/sqlite"
	"marmot/txn"
)

const (
	// maxIdleBranches bounds the connections kept for later; a branch costs about 1 MB a file.
	maxIdleBranches = 64
	// maxTempObjects is how many TEMP triggers an idle branch may carry along before it is closed.
	maxTempObjects = 256
)

// idleBranch is an open branch that nobody uses, and the files attached to it.
type idleBranch struct {
	branch *sqlite.Branch
	files  []*usedFile
	used   uint64 // when it came back, counted by pool
}

// pool keeps branches by the set of databases they have attached.
type pool struct {
	logger *slog.Logger
	mutex  sync.Mutex
	idle   map[string][]*idleBranch
	count  int
	clock  uint64
	closed bool
}

// poolKey names a set of databases.
func poolKey(files []*usedFile) string {
	ids := make([]txn.DatabaseID, len(files))
	for i, f := range files {
		ids[i] = f.database.id
	}
	slices.Sort(ids)
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(strconv.FormatUint(uint64(id), 36))
		b.WriteByte(' ')
	}
	return b.String()
}

// take returns an idle branch for exactly this set, the one used last, or nil.
func (p *pool) take(key string) *idleBranch {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	list := p.idle[key]
	if len(list) == 0 {
		return nil
	}
	b := list[len(list)-1]
	p.remove(key, len(list)-1)
	return b
}

func (p *pool) remove(key string, i int) {
	list := slices.Delete(p.idle[key], i, i+1)
	p.count--
	if len(list) == 0 {
		delete(p.idle, key)
		return
	}
	p.idle[key] = list
}

// put keeps a branch, and closes the one that has idled longest if there are too many.
func (p *pool) put(b *idleBranch) {
	p.mutex.Lock()
	// A database dropped meanwhile is marked before its branches are purged.
	if p.closed || slices.ContainsFunc(b.files, func(f *usedFile) bool { return f.database.gone.Load() }) {
		p.mutex.Unlock()
		p.drop(b)
		return
	}
	p.clock++
	b.used = p.clock
	key := poolKey(b.files)
	p.idle[key] = append(p.idle[key], b)
	p.count++
	var oldest *idleBranch
	if p.count > maxIdleBranches {
		oldest = p.takeOldest()
	}
	p.mutex.Unlock()
	if oldest != nil {
		p.drop(oldest)
	}
}

// drop closes a branch that is not kept.
func (p *pool) drop(b *idleBranch) {
	if err := b.branch.Close(); err != nil {
		p.logger.Warn("close branch", "error", err)
	}
}

func (p *pool) takeOldest() *idleBranch {
	var key string
	var oldest *idleBranch
	for k, list := range p.idle { // each list is in order of use
		if oldest == nil || list[0].used < oldest.used {
			key, oldest = k, list[0]
		}
	}
	p.remove(key, 0)
	return oldest
}

// purge closes the idle branches that have a database attached.
func (p *pool) purge(d *database) {
	p.closeIf(func(b *idleBranch) bool {
		return slices.ContainsFunc(b.files, func(f *usedFile) bool { return f.database == d })
	})
}

// close closes all, and those that come back later at once.
func (p *pool) close() {
	p.mutex.Lock()
	p.closed = true
	p.mutex.Unlock()
	p.closeIf(func(*idleBranch) bool { return true })
}

func (p *pool) closeIf(match func(*idleBranch) bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for key, list := range p.idle {
		kept := list[:0]
		for _, b := range list {
			if !match(b) {
				kept = append(kept, b)
				continue
			}
			p.drop(b)
			p.count--
		}
		if len(kept) == 0 {
			delete(p.idle, key)
			continue
		}
		p.idle[key] = kept
	}
}
