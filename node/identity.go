package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"marmot/internal/settings"
	"marmot/log"
	"marmot/store"
)

// identityKey is where the files keep the identity of the log that they follow.
const identityKey = "log.identity"

// genesis reads the log's genesis and checks that the data directory follows this log. A single
// node with an empty data directory makes its own.
func genesis(ctx context.Context, c *settings.Config, l log.Log, s *store.Store) (log.Genesis, error) {
	now, err := l.Identity(ctx)
	if err != nil {
		return log.Genesis{}, err
	}
	followed, err := followedIdentity(s)
	if err != nil {
		return log.Genesis{}, err
	}
	was, known := s.Cluster()
	g, err := log.ReadGenesis(ctx, l)
	if errors.Is(err, log.ErrNoGenesis) && c.String("log.kind") == "embedded" && !known {
		if g, err = newGenesis(l.Partitions()); err == nil {
			g, err = initialise(ctx, c, l, g)
		}
	}
	if followed != nil && (err != nil || g.Cluster == was.UUID && g.Generation == was.Generation) {
		if err := followed.Same(now); err != nil {
			return g, lostLog(c.String("data.dir"), err)
		}
	}
	if err != nil {
		return g, err
	}
	return g, adopt(c, c.String("data.dir"), g, s, now)
}

// lostLog says what can be done with a data directory whose log is not there any more, or is another one.
func lostLog(dir string, err error) error {
	return fmt.Errorf("data.dir = %q: %w; name the log that it has followed (log.kind, log.brokers, cluster.name, data/log), "+
		"or go on with its history in a new log: marmot log init --from %s", dir, err, dir)
}

// followedIdentity returns the identity of the log that the files follow, or nil.
func followedIdentity(s *store.Store) (*log.Identity, error) {
	text, ok, err := s.Meta(identityKey)
	if err != nil || !ok {
		return nil, err
	}
	var identity log.Identity
	if err := json.Unmarshal(text, &identity); err != nil {
		return nil, fmt.Errorf("system.db, %s: %w", identityKey, err)
	}
	return &identity, nil
}

// adopt checks that the data directory belongs to the log's cluster, and notes cluster and
// identity of the log in a new one, or in one whose history has moved to this log.
func adopt(c *settings.Config, dir string, g log.Genesis, s *store.Store, now log.Identity) error {
	was, known := s.Cluster()
	switch {
	case known && was.UUID != g.Cluster:
		return fmt.Errorf("data.dir = %q holds cluster %s (%s), the log belongs to cluster %s: name the right log, or an empty data.dir", dir, was.UUID, was.Name, g.Cluster)
	case known && was.Generation > g.Generation:
		return fmt.Errorf("data.dir = %q has followed generation %d of the log, this one is generation %d: the history has moved on to another log; name that one", dir, was.Generation, g.Generation)
	case !known && g.Base > 0:
		return fmt.Errorf("the log begins at position %s, and data.dir = %q is empty: copy the data directory of a stopped node here (db/ and system.db, without uuid)", g.Base, dir)
	case known && was.Generation < g.Generation:
		last, _, _, err := s.LoadDecided()
		if err != nil {
			return err
		}
		if last != g.Base {
			return fmt.Errorf("data.dir = %q stands at position %s, generation %d of the log goes on after %s: copy the data directory of a node that has followed it", dir, last, g.Generation, g.Base)
		}
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	// The identity comes first: with it alone a start goes on here, with the cluster alone the log would seem to be another one.
	if err := s.SetMeta(identityKey, text); err != nil {
		return err
	}
	return s.SetCluster(store.Cluster{UUID: g.Cluster, Name: c.String("cluster.name"), Generation: g.Generation, Base: g.Base})
}
