package node

import (
	"io"
	"log/slog"

	"marmot/internal/settings"
)

// NewLogger makes the logger that server.log_level and server.log_format ask for.
func NewLogger(c *settings.Config, out io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(c.String("server.log_level"))) != nil {
		level = slog.LevelInfo // the configuration has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	if c.String("server.log_format") == "json" {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
