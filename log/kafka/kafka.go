// Package kafka is a log in Kafka.
package kafka

import (
	"context"
	"log/slog"

	"marmot/log"
)

// Options of a Log.
type Options struct {
	Brokers                 []string
	Cluster                 string // cluster.name
	AllowUnsafe             bool
	Partitions, Replication int
	Logger                  *slog.Logger
}

// Log is a log in Kafka.
type Log struct {
	log.Log
	log.Members
}

// Open opens.
func Open(ctx context.Context, o Options) (*Log, error) { panic("not built yet") }

// Create creates.
func Create(ctx context.Context, o Options) error { panic("not built yet") }
