package ledger

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marmot/txn"
)

// everyBody is a history with something of everything that the ledger keeps.
func everyBody() []txn.Body {
	write := func(table txn.TableID, hashes ...uint64) *txn.Transaction {
		t := &txn.Transaction{Begin: 1, Tables: []txn.TableUse{{Table: table, Database: 3, Version: 1 << 40, Writes: true, AutoIncrement: 9}}}
		for i, h := range hashes {
			t.Keys = append(t.Keys, txn.Key{Table: table, Hash: h, Mode: txn.Mode(1 + i%3), At: 1 << 40})
		}
		return t
	}
	return []txn.Body{
		&txn.Opening{DataUUID: txn.UUID{1, 2, 3}, Version: "2.0.0", Rules: 1},
		&txn.MemberChange{Node: "paris"},
		&txn.Fence{Owner: 4, Tables: []txn.TableID{8, 9}, Databases: []txn.DatabaseID{3}, Exclusive: true},
		&txn.NamedLock{Name: "job", Owner: 5, Take: true},
		&txn.EmissionOwner{Emission: "main"},
		&txn.EventOwner{},
		&txn.Account{User: "app", Host: "%", Statement: "GRANT", Verifier: []byte{1, 2}, Plugin: "caching_sha2_password"},
		&txn.Lease{Table: 7, Count: 100, AtLeast: 1000},
		write(5, 0xdeadbeefcafef00d, 1, 2),
		&txn.DDL{Transaction: *write(6, 3)},
		&txn.SettingsChange{Settings: txn.Settings{Rules: 1, WindowRecords: 20, WindowKeys: 30, CheckpointGap: 40}},
		&txn.Resolve{At: 9, Reason: "a row that is gone"},
		&txn.TrimFloor{Floor: 2},
		&txn.Unfence{Owner: 4},
		&txn.NamedLock{Name: "job", Owner: 5},
		write(5, 77),
		&txn.Noop{}, &txn.Barrier{},
		&txn.Account{User: "app", Host: "%", Removed: true},
		write(6, 78, 79),
	}
}

// goldenDeltas decides everyBody and takes a delta after every fifth record.
func goldenDeltas() (*Ledger, [][]byte) {
	l := New(txn.Settings{Rules: 1, WindowRecords: 100, WindowKeys: 1000, CheckpointGap: 8})
	var deltas [][]byte
	for i, body := range everyBody() {
		h := txn.Header{Node: "paris", Epoch: 1, Sequence: txn.Sequence(i), TimeUS: 1_700_000_000_000_000 + int64(i)}
		if i == 0 {
			h.Epoch = 0
		}
		l.Decide(txn.Position(i+1), &txn.Record{Header: h, Body: body})
		if i%5 == 4 {
			deltas = append(deltas, l.AppendDelta(nil))
		}
	}
	return l, deltas
}

// readGolden reads a file of deltas: lines of hexadecimal digits, an empty line behind each delta.
func readGolden(t *testing.T, name string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var deltas [][]byte
	for part := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		b, err := hex.DecodeString(strings.ReplaceAll(part, "\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		deltas = append(deltas, b)
	}
	return deltas
}

func writeGolden(t *testing.T, name string, deltas [][]byte) {
	t.Helper()
	var text strings.Builder
	for _, b := range deltas {
		for s := hex.EncodeToString(b); s != ""; s = s[min(64, len(s)):] {
			text.WriteString(s[:min(64, len(s))] + "\n")
		}
		text.WriteString("\n")
	}
	if err := os.WriteFile(filepath.Join("testdata", name), []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDeltasHaveTheBytesThatTheyHad(t *testing.T) {
	l, deltas := goldenDeltas()
	const name = "delta.v2.hex"
	if *rewrite {
		writeGolden(t, name, deltas)
	}
	stored := readGolden(t, name)
	if len(stored) != len(deltas) {
		t.Fatalf("%d deltas, want %d", len(deltas), len(stored))
	}
	for i := range stored {
		if string(stored[i]) != string(deltas[i]) {
			t.Errorf("delta %d is\n%x, was\n%x", i+1, deltas[i], stored[i])
		}
	}
	again, err := Restore(txn.Settings{}, stored)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, 0, again, l)
}

// TestDeltasOfVersion1AreRead: testdata/delta.v1.hex was written by the release that knew no other. After an upgrade
// the first rows of the table are of that version and those that follow of the next.
func TestDeltasOfVersion1AreRead(t *testing.T) {
	l, deltas := goldenDeltas()
	old := readGolden(t, "delta.v1.hex")
	if old[0][0] != 1 || deltas[0][0] != 2 {
		t.Fatalf("versions %d and %d", old[0][0], deltas[0][0])
	}
	for upgraded := range len(old) + 1 {
		stored := append(append([][]byte{}, old[:upgraded]...), deltas[upgraded:]...)
		again, err := Restore(txn.Settings{}, stored)
		if err != nil {
			t.Fatalf("%d of %d deltas are old: %v", upgraded, len(old), err)
		}
		compare(t, 0, again, l)
	}
}

// TestEmissionsMakeADeltaOfVersion3: those of before have version 2 still, and both make one ledger.
func TestEmissionsMakeADeltaOfVersion3(t *testing.T) {
	l, deltas := goldenDeltas()
	if deltas[0][0] != 2 {
		t.Fatalf("version %d", deltas[0][0])
	}
	for i, b := range []txn.EmissionControl{
		{Emission: "main", Action: txn.EmissionNeeds, Position: 9}, {Emission: "main", Action: txn.EmissionPause},
		{Emission: "main", Action: txn.EmissionReset, Position: 5},
	} {
		p := l.Position() + 1
		d := l.Decide(p, &txn.Record{Header: txn.Header{Node: "paris", Epoch: 1, Sequence: txn.Sequence(100 + i)}, Body: &b})
		if !d.Taken {
			t.Fatalf("%+v: %s", b, d)
		}
	}
	deltas = append(deltas, l.AppendDelta(nil))
	const name = "delta.v3.hex"
	if *rewrite {
		writeGolden(t, name, deltas)
	}
	stored := readGolden(t, name)
	if last := stored[len(stored)-1]; last[0] != 3 || string(last) != string(deltas[len(deltas)-1]) {
		t.Errorf("the last delta is\n%x, was\n%x", deltas[len(deltas)-1], last)
	}
	again, err := Restore(txn.Settings{}, stored)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, 0, again, l)
	want := Emission{Name: "main", Paused: true, Needs: 5, ResetAt: 23, ResetTo: 5}
	if e, known := again.Emission("main"); !known || e != want {
		t.Errorf("the emission is %+v, want %+v", e, want)
	}
}

func TestDeltasThatCannotBeReadAreNamed(t *testing.T) {
	_, deltas := goldenDeltas()
	for _, c := range []struct {
		name   string
		change func(b []byte) []byte
		want   error
		words  string
	}{
		{"a newer version", func(b []byte) []byte { return append([]byte{4}, b[1:]...) }, txn.ErrFuture,
			"delta 2 of 4: it is of version 4, this release reads up to 3; start the release that wrote it"},
		{"a changed byte", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, errDamaged, "delta 2 of 4: its checksum is"},
		{"one that is cut", func(b []byte) []byte { return b[:len(b)-1] }, errDamaged, "delta 2 of 4"},
		{"two bytes", func(b []byte) []byte { return b[:2] }, errDamaged, "delta 2 of 4"},
		{"no byte", func([]byte) []byte { return nil }, errDamaged, "delta 2 of 4"},
	} {
		stored := append([][]byte{}, deltas...)
		stored[1] = c.change(append([]byte{}, deltas[1]...))
		_, err := Restore(txn.Settings{}, stored)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v, want %q", c.name, err, c.words)
		}
	}
}

// FuzzRestore reads any bytes as a delta of each version; that of version 2 gets its checksum.
func FuzzRestore(f *testing.F) {
	_, deltas := goldenDeltas()
	l, h := New(txn.Settings{WindowRecords: 30}), newHistory(4)
	for range 3 {
		for range 40 {
			l.Decide(h.next())
		}
		deltas = append(deltas, l.AppendDelta(nil))
	}
	for _, b := range deltas {
		f.Add(b[1 : len(b)-crc32.Size])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, rawErr := Restore(txn.Settings{}, [][]byte{b})
		if rawErr == nil {
			t.Log("whole as it is")
		}
		one, errOne := Restore(txn.Settings{}, [][]byte{append([]byte{1}, b...)})
		second := append([]byte{2}, b...)
		two, errTwo := Restore(txn.Settings{}, [][]byte{binary.BigEndian.AppendUint32(second, crc32.Checksum(second, castagnoli))})
		if (errOne == nil) != (errTwo == nil) {
			t.Fatalf("version 1: %v, version 2: %v", errOne, errTwo)
		}
		if errOne != nil {
			return
		}
		for _, l := range []*Ledger{one, two} {
			l.Decide(l.Position()+1, nil)
		}
		if one.Hash() != two.Hash() {
			t.Fatal("the same delta makes two states")
		}
	})
}
