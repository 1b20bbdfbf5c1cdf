package applier

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"marmot/log"
	"marmot/log/memory"
	"marmot/txn"
)

// cluster is a log and one way to write to it.
type cluster struct {
	t        *testing.T
	log      *memory.Log
	genesis  log.Genesis
	sequence txn.Sequence
	epoch    txn.Epoch
	openings int64
}

func newCluster(t *testing.T, settings txn.Settings) *cluster {
	t.Helper()
	c := &cluster{t: t, log: memory.New(memory.Options{Partitions: 2})}
	g, err := log.Init(t.Context(), c.log, log.Genesis{Cluster: txn.UUID{1}, Settings: settings}, "n1", 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	c.genesis = g
	c.epoch = txn.Epoch(c.appendAs(0, 0, "n1", &txn.Opening{Rules: 1}))
	return c
}

func (c *cluster) append(body txn.Body) txn.Position {
	c.t.Helper()
	c.sequence++
	return c.appendAs(c.epoch, c.sequence, "n1", body)
}

func (c *cluster) appendAs(epoch txn.Epoch, sequence txn.Sequence, node txn.NodeID, body txn.Body) txn.Position {
	c.t.Helper()
	header := txn.Header{Cluster: c.genesis.Cluster, Generation: c.genesis.Generation, Node: node, Epoch: epoch, Sequence: sequence, TimeUS: 5}
	if _, opening := body.(*txn.Opening); opening {
		c.openings++
		header.TimeUS = c.openings
	}
	value, err := txn.EncodeRecord(&txn.Record{Header: header, Body: body})
	if err != nil {
		c.t.Fatal(err)
	}
	offset, err := log.AppendWait(c.t.Context(), c.log, log.Order, value)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.genesis.Position(offset)
}

// create appends CREATE DATABASE.
func (c *cluster) create(name string) txn.DatabaseID {
	return txn.DatabaseID(c.database(txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Insert, Database: name, Name: name}))
}

func (c *cluster) drop(db txn.DatabaseID) txn.Position {
	return c.database(txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Delete, ID: uint64(db)})
}

func (c *cluster) database(change txn.DefinitionChange) txn.Position {
	body, err := txn.EncodeDDLBody(&txn.DDLBody{Text: "DDL", Changes: []txn.DefinitionChange{change}})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.append(&txn.DDL{InlineBody: body})
}

// row is one row of the table 1000 + database.
type row struct {
	db    txn.DatabaseID
	key   int64
	value string
	at    txn.Position // where its key was read
}

// write appends a transaction that inserts rows.
func (c *cluster) write(rows ...row) txn.Position {
	c.t.Helper()
	return c.append(c.transaction(rows...))
}

func (c *cluster) transaction(rows ...row) *txn.Transaction {
	t := &txn.Transaction{ConnectionID: 1, Begin: 1}
	for i, r := range rows {
		id := txn.TableID(1000 + r.db)
		if !slices.ContainsFunc(t.Tables, func(u txn.TableUse) bool { return u.Table == id }) {
			t.Tables = append(t.Tables, txn.TableUse{Table: id, Database: r.db, Writes: true})
		}
		if r.at != 0 {
			t.Keys = append(t.Keys, txn.Key{Table: id, Hash: uint64(r.key), Mode: txn.Exclusive, At: r.at})
		}
		t.Inline = txn.AppendRowEvent(t.Inline, &txn.RowEvent{Ordinal: uint64(i), Table: id, Op: txn.Insert,
			After: []txn.Value{txn.Int(r.key), txn.TextString(r.value)}})
		t.Events++
	}
	return t
}

// node is one applier over a store.
type node struct {
	*Applier
	t     *testing.T
	store *fakeStore
	stop  context.CancelFunc
	ended chan error
}

func (c *cluster) node(s *fakeStore, change func(*Options)) *node {
	c.t.Helper()
	o := Options{Log: c.log, Genesis: c.genesis, Store: s, Node: "n1"}
	if change != nil {
		change(&o)
	}
	a, err := New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	n := &node{Applier: a, t: c.t, store: s, stop: cancel, ended: make(chan error, 1)}
	go func() { n.ended <- a.Run(ctx) }()
	c.t.Cleanup(func() {
		n.crash()
		if err := s.complaint(); err != nil {
			c.t.Error(err)
		}
	})
	return n
}

// crash ends the node and returns how Run ended.
func (n *node) crash() error {
	n.stop()
	err := <-n.ended
	n.ended <- err
	return err
}

// fails waits until the node ends by itself and takes from ended how.
func (n *node) fails() error {
	n.t.Helper()
	select {
	case err := <-n.ended:
		return err
	case <-n.context().Done():
		n.t.Fatal("Run goes on")
		return nil
	}
}

func (n *node) context() context.Context {
	ctx, cancel := context.WithTimeout(n.t.Context(), time.Minute)
	n.t.Cleanup(cancel)
	return ctx
}

// until waits until what happens makes f true.
func (n *node) until(what string, f func() bool) {
	n.t.Helper()
	ctx := n.context()
	for {
		progress := n.progress.wait()
		if f() {
			return
		}
		select {
		case <-progress:
		case err := <-n.ended:
			n.ended <- err
			n.t.Fatalf("waiting for %s: Run ended: %v", what, err)
		case <-ctx.Done():
			n.t.Fatalf("waiting for %s: nothing happens; decided %s, applied %s", what, n.Decided(), n.Applied())
		}
	}
}

func (n *node) applied(p txn.Position) {
	n.t.Helper()
	n.until("position "+p.String(), func() bool { return n.Applied() >= p })
}

func (n *node) row(db txn.DatabaseID, key int64) string {
	n.store.mu.Lock()
	defer n.store.mu.Unlock()
	d := n.store.databases[db]
	if d == nil {
		return "no database"
	}
	return d.rows[fmt.Sprintf("%d/%d", 1000+db, key)]
}

func (n *node) expect(db txn.DatabaseID, key int64, want string) {
	n.t.Helper()
	if want != "" {
		want = "['" + want + "']"
	}
	if got := n.row(db, key); got != want {
		n.t.Errorf("row %d of database %d: got %q, want %q", key, db, got, want)
	}
}
