package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// emitterSchema is where the procedures about emitters are. A procedure that a user has made there under the same name is
// the one that CALL means.
const emitterSchema = "marmot"

// Emitter is a row of CALL marmot.emitters().
type Emitter struct {
	Name, State, Node              string
	Position, Needs, Lag, LagBytes uint64
	LagSeconds                     float64
	Delivery, Target, Error        string
}

// EmitterLister is a ServerInfo that knows emitters.
type EmitterLister interface{ Emitters() []Emitter }

// OrderEmitter is CALL of a procedure of the schema marmot that changes what becomes of an emitter.
type OrderEmitter struct {
	Order     string
	Arguments []OrderArgument // the emitter's name is called emitter
}

// OrderArgument is an argument of such a CALL.
type OrderArgument struct {
	Name  string
	Value func(Executor, Environment, Binding) (txn.Value, error)
}

func (OrderEmitter) command() {}

// emitterProcedure is a procedure of the schema marmot.
type emitterProcedure struct {
	order     string // none: the list
	arguments []string
	optional  int // how many of the last arguments may be left out
}

func emitterProcedures() map[string]emitterProcedure {
	return map[string]emitterProcedure{
		"emitters":       {},
		"pause_emitter":  {order: "pause", arguments: []string{"emitter"}},
		"resume_emitter": {order: "resume", arguments: []string{"emitter"}},
		"drop_emitter":   {order: "drop", arguments: []string{"emitter"}},
		"reset_emitter":  {order: "reset", arguments: []string{"emitter", "to"}},
		"resnapshot":     {order: "resnapshot", arguments: []string{"emitter", "tables"}, optional: 1},
		"signal":         {order: "signal", arguments: []string{"id", "type", "data", "emitter"}, optional: 1},
	}
}

// lookupEmitterProcedure returns the procedure of the schema marmot that CALL names.
func lookupEmitterProcedure(c *Context, o ObjectName) (emitterProcedure, bool) {
	if !strings.EqualFold(o.Database, emitterSchema) || c.Catalog != nil && c.Catalog.Program(schemas.Procedure, o.Database, o.Name) != nil {
		return emitterProcedure{}, false
	}
	p, found := emitterProcedures()[strings.ToLower(o.Name)]
	return p, found
}

// emitterColumns are those of CALL marmot.emitters().
const emitterColumns = `name varchar(64)!, state varchar(16)!, node varchar(256), position bigint unsigned!, needed_position bigint unsigned!,
lag_positions bigint unsigned!, lag_bytes bigint unsigned!, lag_seconds double!, delivery varchar(16), target varchar(1024), last_error varchar(1024)`

// planEmitterCall plans CALL marmot.…, whose arguments begin behind the name.
func planEmitterCall(c *Context, s *textReader, o ObjectName, procedure emitterProcedure) (*Plan, error) {
	p := &Plan{HasSideEffects: true}
	order := OrderEmitter{Order: procedure.order}
	n := 0
	if s.accept("(") && !s.accept(")") {
		skip := programParser{s: s, c: c}
		s.commas(func() {
			from := s.at
			skip.skipExpression()
			if s.at == from {
				s.wrong()
				return
			}
			if n < len(procedure.arguments) {
				order.Arguments = append(order.Arguments, OrderArgument{Name: procedure.arguments[n], Value: s.expressionValue(c, p, from)})
			}
			n++
		})
		s.expect(")")
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	if n > len(procedure.arguments) || n < len(procedure.arguments)-procedure.optional {
		return nil, mysqlerr.New(mysql.ER_SP_WRONG_NO_OF_ARGS, "PROCEDURE", emitterSchema+"."+strings.ToLower(o.Name), len(procedure.arguments), n)
	}
	if procedure.order == "" {
		return rowsPlan(emitterColumns, emitterRows), nil
	}
	p.Command = order
	return p, nil
}

func emitterRows(e Environment, row func([]txn.Value) error) error {
	l, ok := e.Server().(EmitterLister)
	if !ok {
		return nil
	}
	for _, m := range l.Emitters() {
		err := row([]txn.Value{text(m.Name), text(m.State), optional(m.Node), unsigned(m.Position), unsigned(m.Needs), unsigned(m.Lag),
			unsigned(m.LagBytes), txn.Real(m.LagSeconds), optional(m.Delivery), optional(m.Target), optional(m.Error)})
		if err != nil {
			return err
		}
	}
	return nil
}

// emitterCall reports whether a CALL, behind the word, is one of the schema marmot's; nothing is read.
func (n *wordNeeds) emitterCall() bool {
	at := n.s.at
	defer func() { n.s.at = at }()
	o := ObjectName{Database: n.s.name()}
	if n.s.accept(".") {
		o.Name = n.s.anyName()
	} else {
		o = ObjectName{Database: n.c.Database, Name: o.Database}
	}
	_, found := lookupEmitterProcedure(n.c, o)
	return found
}
