package session

import (
	"context"
	"errors"
	"fmt"

	"marmot/applier/ledger"
	"marmot/txn"
)

// A connection id has 32 bits in the protocol. The high ones say which node gave it, so that KILL behind a proxy never ends the connection
// of another node that happens to have the same id; node 0 counts from 1, as MySQL does.
const (
	connectionBits = 22 // 4,194,304 connections of a node until its ids come again
	maxNumbers     = 1 << (32 - connectionBits)
	maxConnection  = 1<<connectionBits - 1
	// numberOwner holds the number's lock: no connection.
	numberOwner = ^uint64(0)
)

// numberLock is the named lock that stands for a node's number: it ends with the run of the node. No client can take it, whose locks have
// names in small letters.
func numberLock(n uint32) string { return fmt.Sprintf("CONNECTIONS OF NODE %d", n) }

var errNoNumber = errors.New("more than 1024 nodes have numbers for their connections; take nodes that are gone off the list of members")

// ClaimNumber takes the least number that no other node has for the ids of this node's connections. It comes before any session.
func (e *Engine) ClaimNumber(ctx context.Context) error {
	for n := uint32(0); n < maxNumbers; n++ {
		holder, held := e.lockOwner(numberLock(n))
		if held && holder != (ledger.Holder{Epoch: e.options.Epoch, Owner: numberOwner}) {
			continue
		}
		result, err := e.options.Origin.Control(ctx, &txn.NamedLock{Name: numberLock(n), Owner: numberOwner, Take: true})
		if err != nil {
			return fmt.Errorf("number for connections: %w", err)
		}
		if result.Decision.Taken {
			e.number = n
			return nil
		}
	}
	return errNoNumber
}

// NextID gives a connection its id, which no other one in the cluster has.
func (e *Engine) NextID() uint32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.newID()
}

// newID is NextID; the engine is locked. There are fewer sessions than ids.
func (e *Engine) newID() uint32 {
	for {
		e.nextID = e.nextID%maxConnection + 1
		if id := e.number<<connectionBits | e.nextID; e.sessions[uint64(id)] == nil {
			return id
		}
	}
}

// numberOf is the number of the node that gave a connection id; false: nobody has given it.
func numberOf(id uint64) (n uint32, ok bool) {
	return uint32(id >> connectionBits), id>>32 == 0 && id&maxConnection != 0 //nolint:gosec // what is beyond 32 bits is nobody's
}
