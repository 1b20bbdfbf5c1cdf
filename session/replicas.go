package session

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"marmot/dialect"
	"marmot/txn"
)

// Replica is what a replica says of itself (COM_REGISTER_SLAVE).
type Replica struct {
	ServerID uint32
	Host     string
	Port     uint16
	UUID     string
}

// errReplaced ends a dump whose replica has come anew.
var errReplaced = errors.New("the replica has connected anew")

// replicas are the replicas that read from this node.
type replicas struct {
	mu         sync.Mutex
	registered map[*Session]Replica
	dumps      map[string]*replicaDump // by replicaKey
}

type replicaDump struct{ cancel context.CancelCauseFunc }

// join adds a dump; an earlier one of the same replica ends, whose connection nobody may have told of its end.
func (r *replicas) join(ctx context.Context, key string) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	d := &replicaDump{cancel}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dumps == nil {
		r.dumps = map[string]*replicaDump{}
	}
	if before := r.dumps[key]; before != nil {
		before.cancel(errReplaced)
	}
	r.dumps[key] = d
	return ctx, func() {
		cancel(nil)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.dumps[key] == d {
			delete(r.dumps, key)
		}
	}
}

// replicaKey tells replicas apart: by uuid, or by server id where they have none.
func (s *Session) replicaKey(id uint32) string {
	if uuid := s.userText("replica_uuid", "slave_uuid"); uuid != "" {
		return uuid
	}
	return strconv.FormatUint(uint64(id), 10)
}

// RegisterReplica is COM_REGISTER_SLAVE.
func (s *Session) RegisterReplica(ctx context.Context, replica Replica) error {
	_, end := s.begin(ctx, "Register Slave", "")
	defer end()
	if err := s.mayReplicate(); err != nil {
		return s.failed(err)
	}
	replica.UUID = s.userText("replica_uuid", "slave_uuid")
	r := &s.engine.replicas
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.registered == nil {
		r.registered = map[*Session]Replica{}
	}
	r.registered[s] = replica
	return nil
}

// forget drops the replica of a session that ends.
func (r *replicas) forget(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.registered, s)
}

// binlogFirst is the first position that the log has, 0 if that cannot be told.
func (e *Engine) binlogFirst() txn.Position {
	if e.options.Binlog == nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(e.background, binlogFirstTimeout)
	defer cancel()
	p, err := e.options.Binlog.First(ctx)
	if err != nil {
		return 0
	}
	return p
}

// binlogFirstTimeout bounds how long a variable waits for the log's answer.
const binlogFirstTimeout = 5 * time.Second

// BinaryLogFirst is the first position that the log has.
func (i serverInfo) BinaryLogFirst() txn.Position { return i.session.engine.binlogFirst() }

// Replicas lists them for SHOW REPLICAS.
func (i serverInfo) Replicas() []dialect.Replica {
	r := &i.session.engine.replicas
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]dialect.Replica, 0, len(r.registered))
	for _, x := range r.registered {
		list = append(list, dialect.Replica{ServerID: x.ServerID, Host: x.Host, Port: x.Port, UUID: x.UUID})
	}
	return list
}
