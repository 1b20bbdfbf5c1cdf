package snapshot

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"marmot/txn"
)

func golden() *Manifest {
	return &Manifest{
		Cluster: txn.UUID{1, 2, 3, 15: 9}, Generation: 2, Position: 1<<40 + 7, Chain: txn.ChainHash{0xab, 31: 0xcd}, CreatedUS: 1_700_000_000_000_001, Version: "1.2.3",
		Files: []File{
			{Name: "db/a@0020b.db", Bytes: 4096, SHA256: strings.Repeat("0f", 32)},
			{Name: "system.db", Bytes: 1 << 33, SHA256: strings.Repeat("a0", 32)},
		},
	}
}

// TestManifestBytes: what this release writes, byte by byte, is what every release reads.
func TestManifestBytes(t *testing.T) {
	want, err := os.ReadFile("testdata/manifest")
	if err != nil {
		t.Fatal(err)
	}
	got, err := golden().Encode()
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("the format has changed: %v\n%s", err, got)
	}
	m, err := DecodeManifest(want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.Encode(); err != nil || !bytes.Equal(again, want) {
		t.Errorf("read and written again: %v\n%s", err, again)
	}
}

func TestManifestsThatAreRefused(t *testing.T) {
	good, err := golden().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, from, to string
		want           error
		words          string
	}{
		{"a newer format", `"format": 1`, `"format": 2`, ErrFuture, "format 2, this release reads up to 1"},
		{"a newer format with more in it", `"format": 1`, `"format": 9, "compression": "zstd"`, ErrFuture, "newer release"},
		{"no format", `"format": 1`, `"format": 0`, ErrDamaged, "format 0"},
		{"a field that is not known", `"format": 1`, `"format": 1, "more": 1`, ErrDamaged, "more"},
		{"no cluster", `"cluster": "0`, `"cluster": "`, ErrDamaged, "uuid"},
		{"a short chain", `"chain": "ab`, `"chain": "`, ErrDamaged, "chain"},
		{"a file elsewhere", "db/a@0020b.db", "db/../../b.db", ErrDamaged, "file"},
		{"an absolute file", "db/a@0020b.db", "/etc/b.db", ErrDamaged, "file"},
		{"another kind of file", "db/a@0020b.db", "db/a.txt", ErrDamaged, "file"},
		{"a negative size", "4096", "-4096", ErrDamaged, "file"},
		{"no hash", strings.Repeat("0f", 32), strings.Repeat("0f", 31), ErrDamaged, "file"},
		{"a file twice", "db/a@0020b.db", "system.db", ErrDamaged, "out of order"},
		{"no system.db", `"system.db"`, `"db/z.db"`, ErrDamaged, "no system.db"},
		{"more behind it", "]\n}\n", "]\n}\n{}", ErrDamaged, "after"},
		{"nothing", string(good), "", ErrDamaged, ""},
	} {
		text := strings.Replace(string(good), c.from, c.to, 1)
		if text == string(good) {
			t.Fatalf("%s: nothing was changed", c.what)
		}
		if _, err := DecodeManifest([]byte(text)); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func FuzzDecodeManifest(f *testing.F) {
	good, err := golden().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format": 2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := DecodeManifest(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFuture) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		again, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		same, err := DecodeManifest(again)
		if err != nil {
			t.Fatalf("what was read is not read again: %v\n%s", err, again)
		}
		if third, err := same.Encode(); err != nil || !bytes.Equal(third, again) {
			t.Errorf("it changes each time it is written: %v\n%s\n%s", err, again, third)
		}
		for _, file := range m.Files {
			if strings.Contains(file.Name, "..") && strings.Contains(strings.TrimPrefix(file.Name, "db/"), "/") {
				t.Errorf("file %q leaves the directory", file.Name)
			}
		}
	})
}
