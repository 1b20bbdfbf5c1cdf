package snapshot

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"marmot/txn"
)

// manifestFormat is what this release writes, and the newest that it reads.
const manifestFormat = 1

// manifestName is the manifest's name within a snapshot.
const manifestName = "manifest"

// maxManifestBytes bounds what is read as a manifest.
const maxManifestBytes = 64 << 20

// Errors of snapshots.
var (
	// ErrDamaged says that a snapshot is not what was saved.
	ErrDamaged = errors.New("the snapshot is damaged")
	// ErrFuture says that a newer release has written the snapshot.
	ErrFuture = errors.New("the snapshot was written by a newer release")
	// ErrForeign says that the place of a snapshot is taken by one of another history of the same length.
	ErrForeign = errors.New("a snapshot of another history has this name; move it away")
	// ErrNone says that there is no snapshot.
	ErrNone = errors.New("there is no snapshot")
)

// File is one file of a snapshot.
type File struct {
	Name   string `json:"name"` // system.db, or db/<name>.db
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Manifest says what a snapshot is.
type Manifest struct {
	Cluster    txn.UUID
	Generation uint32       // of the log
	Position   txn.Position // of every file
	Chain      txn.ChainHash
	CreatedUS  int64  // µs since 1970
	Version    string // release that saved it
	Files      []File // by name
}

// manifestText is a Manifest as it is written.
type manifestText struct {
	Format     int    `json:"format"`
	Cluster    string `json:"cluster"`
	Generation uint32 `json:"generation"`
	Position   uint64 `json:"position"`
	Chain      string `json:"chain"`
	CreatedUS  int64  `json:"created_us"`
	Version    string `json:"version"`
	Files      []File `json:"files"`
}

// Encode returns the manifest's bytes.
func (m *Manifest) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(manifestText{
		Format: manifestFormat, Cluster: m.Cluster.String(), Generation: m.Generation, Position: uint64(m.Position), Chain: hex.EncodeToString(m.Chain[:]),
		CreatedUS: m.CreatedUS, Version: m.Version, Files: m.Files,
	}, "", "  ")
	return append(b, '\n'), err
}

// DecodeManifest reads what Encode has written. Errors are ErrFuture and ErrDamaged.
func DecodeManifest(b []byte) (*Manifest, error) {
	var format struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &format); err != nil {
		return nil, damagedf("manifest: %v", err)
	}
	if format.Format > manifestFormat {
		return nil, fmt.Errorf("manifest has format %d, this release reads up to %d: %w; use that release, or a later one", format.Format, manifestFormat, ErrFuture)
	}
	if format.Format < 1 {
		return nil, damagedf("manifest has format %d", format.Format)
	}
	var t manifestText
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return nil, damagedf("manifest: %v", err)
	}
	return t.manifest()
}

func (t *manifestText) manifest() (*Manifest, error) {
	m := &Manifest{Generation: t.Generation, Position: txn.Position(t.Position), CreatedUS: t.CreatedUS, Version: t.Version, Files: t.Files}
	var err error
	if m.Cluster, err = txn.ParseUUID(t.Cluster); err != nil {
		return nil, damagedf("manifest: %v", err)
	}
	chain, err := hex.DecodeString(t.Chain)
	if err != nil || len(chain) != len(m.Chain) {
		return nil, damagedf("manifest: the chain is no hash")
	}
	copy(m.Chain[:], chain)
	for i, f := range m.Files {
		if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != 32 || f.Bytes < 0 || !fileName(f.Name) {
			return nil, damagedf("manifest: file %q", f.Name)
		}
		if i > 0 && m.Files[i-1].Name >= f.Name {
			return nil, damagedf("manifest: file %q is out of order", f.Name)
		}
	}
	if !slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == systemFile }) {
		return nil, damagedf("manifest: no %s", systemFile)
	}
	return m, nil
}

const systemFile = "system.db"

// fileName reports whether a name may stand in a manifest: nothing else may be written when it is restored.
func fileName(name string) bool {
	if name == systemFile {
		return true
	}
	dir, base := path.Split(name)
	return dir == "db/" && strings.HasSuffix(base, ".db") && base != ".db" && !strings.ContainsAny(base, "\\\x00")
}

func damagedf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
