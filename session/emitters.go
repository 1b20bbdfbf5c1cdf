package session

import (
	"context"
	"errors"

	"marmot/dialect"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Emitters is what sessions ask of the emitters of events.
type Emitters interface {
	// List tells of all of them.
	List() []dialect.Emitter
	// Order has the log record what becomes of one, and returns once that is decided; the arguments are those of the procedures
	// of the schema marmot. An error that is an OrderError is of the asker's making.
	Order(ctx context.Context, emitter, order string, arguments map[string]string) error
}

// OrderError is why an order on an emitter is refused.
type OrderError struct{ Reason string }

// Error is the reason.
func (e *OrderError) Error() string { return e.Reason }

// Emitters lists the emitters.
func (i serverInfo) Emitters() []dialect.Emitter {
	if e := i.session.engine.options.Emitters; e != nil {
		return e.List()
	}
	return nil
}

// orderEmitter is CALL marmot.pause_emitter and its like.
func (s *Session) orderEmitter(r *run, c dialect.OrderEmitter) error {
	x := &lateReader{session: s, run: r}
	defer x.close()
	arguments := map[string]string{}
	for _, a := range c.Arguments {
		v, err := a.Value(x, s, r.binding())
		if err != nil {
			return err
		}
		if !v.IsNull() {
			arguments[a.Name] = string(plainBytes(v))
		}
	}
	if s.engine.options.Emitters == nil {
		return mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "this node has no emitters")
	}
	s.slot.give()
	name := arguments["emitter"]
	delete(arguments, "emitter")
	err := s.engine.options.Emitters.Order(r.ctx, name, c.Order, arguments)
	var refused *OrderError
	switch {
	case errors.As(err, &refused):
		return mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "%s", refused.Reason)
	case err != nil:
		return withoutOutcome(r.ctx, err)
	}
	return s.ok(r, Result{})
}
