package mirror

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// gate is a listener that takes connections of this process at once, and those of the network
// from the time it is opened. Until then it closes them, so that clients try again soon.
type gate struct {
	network net.Listener
	address net.Addr
	conns   chan net.Conn
	done    chan struct{}
	close   func()
	opened  atomic.Bool
}

// newGate wraps a listener. advertised, if not nil, is the address told to clients.
func newGate(network net.Listener, advertised net.Addr) *gate {
	g := &gate{network: network, address: advertised, conns: make(chan net.Conn), done: make(chan struct{})}
	if g.address == nil {
		g.address = network.Addr()
	}
	g.close = sync.OnceFunc(func() {
		close(g.done)
		_ = network.Close()
	})
	go g.accept() // ends when close closes the listener
	return g
}

// open lets the network in.
func (g *gate) open() { g.opened.Store(true) }

// acceptPause is how long the gate waits after an accept that failed: the process may be out of descriptors.
const acceptPause = 50 * time.Millisecond

// accept passes the network's connections on.
func (g *gate) accept() {
	for {
		c, err := g.network.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			select {
			case <-time.After(acceptPause):
				continue
			case <-g.done:
				return
			}
		}
		if !g.opened.Load() {
			_ = c.Close()
			continue
		}
		select {
		case g.conns <- c:
		case <-g.done:
			_ = c.Close()
			return
		}
	}
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	select {
	case c := <-g.conns:
		return c, nil
	case <-g.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (g *gate) Close() error {
	g.close()
	return nil
}

// Addr implements net.Listener.
func (g *gate) Addr() net.Addr { return g.address }

// dial connects from within the process.
func (g *gate) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case g.conns <- far:
		return near, nil
	case <-g.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hostPort is an address that is told to clients.
type hostPort string

// Network implements net.Addr.
func (hostPort) Network() string { return "tcp" }

// String implements net.Addr.
func (h hostPort) String() string { return string(h) }
