package session

import (
	"context"
	"errors"
	"time"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/schemas"
)

// eventPeriod is how often the scheduler looks for events that are due.
const eventPeriod = 250 * time.Millisecond

// maxRunningEvents bounds the events that run at once; what is due beyond that waits for the next look.
const maxRunningEvents = 16

// runEvents is the scheduler: it starts what is due until ctx ends, and waits for what runs.
func (e *Engine) runEvents(ctx context.Context) {
	running := make(chan struct{}, maxRunningEvents)
	defer func() {
		for range maxRunningEvents { // all have ended
			running <- struct{}{}
		}
	}()
	ticker := time.NewTicker(eventPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if !e.globals.isOn("event_scheduler") {
			continue
		}
		for _, due := range e.dueEvents() {
			select {
			case running <- struct{}{}:
			default:
				continue
			}
			if !e.claimEvent(ctx, due) {
				<-running
				continue
			}
			go func() {
				defer func() { <-running }()
				e.runEvent(ctx, due.program)
			}()
		}
	}
}

// dueEvent is an occurrence of an event.
type dueEvent struct {
	program *schemas.Program
	at      int64
}

// dueEvents lists the occurrences that are due and have not been claimed as far as this node knows.
func (e *Engine) dueEvents() []dueEvent {
	now := e.options.Now()
	var list []dueEvent
	for _, d := range e.options.Store.Catalog().SortedDatabases() {
		for _, p := range d.SortedPrograms(schemas.Event) {
			if at, ok := dialect.DueOccurrence(p, now); ok {
				list = append(list, dueEvent{p, at})
			}
		}
	}
	return list
}

// claimEvent makes an occurrence this node's by a record in the log, which only one node can commit. It reports whether the
// event is to run here.
func (e *Engine) claimEvent(ctx context.Context, due dueEvent) bool {
	s, err := e.NewSession(ConnInfo{})
	if err != nil {
		return false
	}
	defer s.Close()
	run := false
	err = s.runPlanned(ctx, "event scheduler", func(c *dialect.Context) (dialect.Bound, error) {
		return dialect.ClaimEvent(c, due.program, due.at, &run)
	})
	if err != nil {
		if ctx.Err() == nil {
			e.options.Logger.Warn("claim an event's occurrence", "database", due.program.Database, "event", due.program.Name, "error", err)
		}
		return false
	}
	return run
}

// runEvent runs the body of an event in a session of its definer's.
func (e *Engine) runEvent(ctx context.Context, p *schemas.Program) {
	definer := accounts.ParsePlain(p.Definer)
	s, err := e.NewSession(ConnInfo{Account: Account{User: definer.User, Host: definer.Host}, User: definer.User, Host: definer.Host, Database: p.Database})
	if err == nil {
		err = s.runPlanned(ctx, p.Body, func(*dialect.Context) (dialect.Bound, error) {
			planner := s.Planner()
			if planner == nil {
				return dialect.Bound{}, errors.New("the planner runs no programs")
			}
			return planner.EventBody(p)
		})
		s.Close()
	}
	if err != nil && ctx.Err() == nil {
		e.options.Logger.Warn("event", "database", p.Database, "event", p.Name, "definer", p.Definer, "error", err)
	}
}

// runPlanned runs a statement that is planned by a function and whose result nobody takes.
func (s *Session) runPlanned(ctx context.Context, text string, plan func(*dialect.Context) (dialect.Bound, error)) error {
	ctx, end := s.begin(ctx, "Daemon", text[:min(len(text), 1024)])
	defer end()
	return s.statement(ctx, &run{text: []byte("event"), writer: &heldAnswer{}, make: plan})
}
