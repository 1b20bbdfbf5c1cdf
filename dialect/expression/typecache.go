package expression

import (
	"encoding/json"
	"fmt"
	"sync"

	"marmot/schemas"
)

// typeArgument is a type as an argument of a function: its JSON. Functions that take one are
// marmot_assign, marmot_cast and marmot_typed_text.
func typeArgument(t schemas.Type) string {
	b, err := json.Marshal(t)
	if err != nil {
		return "''" // a Type holds nothing that JSON refuses
	}
	return quoteText(string(b))
}

// typeCacheLimit bounds a typeCache; a program has as many types as its schemas.
const typeCacheLimit = 10000

// typeCache holds the types that were read from arguments. It serves all connections of a Set.
type typeCache struct {
	mu    sync.RWMutex
	types map[string]*schemas.Type
}

func newTypeCache() *typeCache { return &typeCache{types: map[string]*schemas.Type{}} }

func (c *typeCache) get(text []byte) (*schemas.Type, error) {
	c.mu.RLock()
	t := c.types[string(text)]
	c.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	t = new(schemas.Type)
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("type argument: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.types) >= typeCacheLimit {
		clear(c.types)
	}
	c.types[string(text)] = t
	return t, nil
}
