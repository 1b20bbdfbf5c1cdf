package memory

import "sync"

// answers calls functions one after another, in the order in which they were given, from a
// goroutine that lives while there are any.
type answers struct {
	mu      sync.Mutex
	waiting []func()
	running bool
}

func (a *answers) give(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = append(a.waiting, f)
	if a.running {
		return
	}
	a.running = true
	go a.run()
}

func (a *answers) run() {
	for {
		a.mu.Lock()
		if len(a.waiting) == 0 {
			a.running = false
			a.mu.Unlock()
			return
		}
		next := a.waiting[0]
		a.waiting = a.waiting[1:]
		a.mu.Unlock()
		next()
	}
}
