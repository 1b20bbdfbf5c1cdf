package sqlite

import "container/list"

// cache holds the statements of a connection. An idle one waits in a list for its next use, the
// least recently used at the end; beyond the limit that one is dropped and, should its holder use
// it again, prepared again. Statements in use are not counted and never dropped.
type cache struct {
	byText map[string]*Stmt
	idles  *list.List // of *Stmt, most recently used first
	inUse  map[*Stmt]struct{}
}

func (c *cache) init() {
	c.byText, c.idles, c.inUse = map[string]*Stmt{}, list.New(), map[*Stmt]struct{}{}
}

// take returns the idle statement of the text, in use from now on, or nil.
func (c *cache) take(sql string) *Stmt {
	s := c.byText[sql]
	if s == nil || s.place == nil {
		return nil
	}
	c.use(s)
	return s
}

// use takes a statement out of the list of idle ones.
func (c *cache) use(s *Stmt) {
	if s.place != nil {
		c.idles.Remove(s.place)
		s.place = nil
	}
	c.inUse[s] = struct{}{}
}

// idle says that a statement is over. One that is not to be kept, or whose text the cache holds
// already, is dropped.
func (c *cache) idle(s *Stmt) {
	if _, ok := c.inUse[s]; !ok {
		return
	}
	delete(c.inUse, s)
	if s.c == nil {
		return
	}
	if s.keep && c.byText[s.sql] == nil {
		c.byText[s.sql] = s
		s.cached = true
	}
	if !s.cached {
		s.drop()
		return
	}
	s.place = c.idles.PushFront(s)
	if c.idles.Len() > cachedStatements {
		last := c.idles.Back().Value.(*Stmt)
		c.idles.Remove(last.place)
		last.place = nil
		delete(c.byText, last.sql)
		last.cached = false
		last.drop()
	}
}

// each visits every statement that holds something in C.
func (c *cache) each(f func(*Stmt)) {
	for e := c.idles.Front(); e != nil; e = e.Next() {
		f(e.Value.(*Stmt))
	}
	for s := range c.inUse {
		f(s)
	}
}

// running returns the text of a statement that has not come to its end in SQLite, if there is one.
func (c *cache) running() string {
	for s := range c.inUse {
		if s.begun && s.more {
			return s.sql
		}
	}
	return ""
}

// cancel ends every statement under its reader.
func (c *cache) cancel() {
	for s := range c.inUse {
		s.cancel()
	}
}
