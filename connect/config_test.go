package connect

import (
	"errors"
	"strings"
	"testing"

	"marmot/internal/settings"
)

func TestAnAdminPortForEverybodyIsRefused(t *testing.T) {
	exposed := "MARMOT_CONNECT_ADMIN_LISTEN=0.0.0.0:8090"
	_, err := LoadConfig("", []string{exposed, "MARMOT_CONNECT_CONFIG=x"}, nil)
	if !errors.Is(err, settings.ErrConfiguration) || !strings.Contains(err.Error(), "admin.allow_insecure") {
		t.Errorf("got %v, want an error that names admin.allow_insecure", err)
	}
	if _, err := LoadConfig("", []string{exposed, "MARMOT_CONNECT_ADMIN_ALLOW_INSECURE=true"}, nil); err != nil {
		t.Errorf("allowed by name: %v", err)
	}
}

func TestTheSinkIsTheOneConfigured(t *testing.T) {
	c, err := LoadConfig("", []string{"MARMOT_CONNECT_SINK_DIR=" + t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSink(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
