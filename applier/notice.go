package applier

import "sync"

// notice wakes everybody who waits for something to change. It costs nothing while nobody does.
type notice struct {
	mu      sync.Mutex
	channel chan struct{}
}

// wait returns a channel that the next tell closes. Whoever waits asks for it first and looks
// at the state after that.
func (n *notice) wait() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.channel == nil {
		n.channel = make(chan struct{})
	}
	return n.channel
}

func (n *notice) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.channel != nil {
		close(n.channel)
		n.channel = nil
	}
}
