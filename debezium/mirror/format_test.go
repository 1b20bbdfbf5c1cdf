package mirror

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"marmot/debezium"
	"marmot/txn"
)

// What mirrors have stored: checkpoints, and the offsets of groups as the first release wrote them and as this one does.
const (
	goldenCheckpoints = `{"format":1,"partitions":2,"checkpoints":[{"position":7,"bytes":808,"ends":{"m.a":[1,0],"m.b":[0,3]}},{"position":19,"bytes":2000,"ends":{"m.a":[4,0],"m.b":[0,3]}}]}`
	goldenReset       = `{"format":2,"partitions":2,"checkpoints":[{"position":3,"bytes":0,"ends":{"m.a":[1,0]},"reset":9}]}`
	groupsOne         = `{"watcher":{"m.a":{"0":{"offset":4},"1":{"offset":2,"metadata":"x"}}}}`
	groupsTwo         = `{"format":2,"groups":{"watcher":{"m.a":{"0":{"offset":4},"1":{"offset":2,"metadata":"x"}}}}}`
)

func goldenOffsets() map[string]map[string]map[int32]committed {
	return map[string]map[string]map[int32]committed{"watcher": {"m.a": {0: {Offset: 4}, 1: {Offset: 2, Metadata: "x"}}}}
}

func TestCheckpointsHaveTheBytesThatTheyHad(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{}}
	s, err := loadState(meta, checkpointsKey, 2, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.add("m.a")
	s.add("m.b")
	step := func(position txn.Position, advance func()) {
		advance()
		s.progress = debezium.Progress{Position: position}
		if err := s.checkpoint(meta, checkpointsKey, false); err != nil {
			t.Fatal(err)
		}
	}
	step(7, func() { s.advance("m.a", 0, 1, 8); s.advance("m.b", 1, 3, 800) })
	step(19, func() { s.advance("m.a", 0, 4, 1192) })
	if got := string(meta.values[checkpointsKey]); got != goldenCheckpoints {
		t.Errorf("stored %s\nwant %s", got, goldenCheckpoints)
	}
	again, err := loadState(&memoryMeta{values: map[string][]byte{checkpointsKey: []byte(goldenCheckpoints)}}, checkpointsKey, 5, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	if again.Partitions != 2 || again.progress.Position != 7 || !reflect.DeepEqual(again.ends, map[string][]int64{"m.a": {1, 0}, "m.b": {0, 3}}) {
		t.Errorf("read as %+v", again)
	}
}

func TestCheckpointOfAResetIsTheOneThatAStartBeginsAt(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{checkpointsKey: []byte(goldenCheckpoints)}}
	s, err := loadState(meta, checkpointsKey, 2, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.ends, s.bytes = map[string][]int64{"m.a": {1, 0}}, 0
	s.progress = debezium.Progress{Position: 3, Reset: 9}
	if err := s.checkpoint(meta, checkpointsKey, true); err != nil {
		t.Fatal(err)
	}
	if got := string(meta.values[checkpointsKey]); got != goldenReset {
		t.Errorf("stored %s\nwant %s", got, goldenReset)
	}
	again, err := loadState(meta, checkpointsKey, 2, 1<<40, 0)
	if err != nil || again.progress != s.progress || again.resume() != 3 {
		t.Errorf("it begins after %+v, %v", again.progress, err)
	}
}

func TestOffsetsOfGroupsOfBothFormatsAreRead(t *testing.T) {
	for _, text := range []string{groupsOne, groupsTwo} {
		g, err := loadGroups(&memoryMeta{values: map[string][]byte{groupsKey: []byte(text)}})
		if err != nil || !reflect.DeepEqual(g.offsets, goldenOffsets()) {
			t.Errorf("%s is read as %v, %v", text, g, err)
		}
	}
	g := groups{offsets: goldenOffsets()}
	if b, err := g.encode(); err != nil || string(b) != groupsTwo {
		t.Errorf("%s, %v\nwant %s", b, err, groupsTwo)
	}
	// Groups may have any name.
	for _, text := range []string{`{"format":{"m.a":{"0":{"offset":4}}}}`, `{"groups":{}}`} {
		if err := g.decode([]byte(text)); err != nil || len(g.offsets) != 1 {
			t.Errorf("%s is read as %v, %v", text, g.offsets, err)
		}
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	for _, c := range []struct {
		key, text string
		want      error
		words     string
	}{
		{checkpointsKey, `{"format":4,"checkpoints":"elsewhere"}`, txn.ErrFuture, "format 4, this release reads up to 3; start the release that wrote it"},
		{checkpointsKey, `{"partitions":2}`, txn.ErrCorrupt, "format 0"},
		{checkpointsKey, `{"format":1,"partitions":0}`, txn.ErrCorrupt, "0 partitions"},
		{checkpointsKey, `{"format":1,"partitions":2,"checkpoints":[{"position":7,"ends":{"m.a":[1]}}]}`, txn.ErrCorrupt, `topic "m.a" ends at [1], and there are 2 partitions`},
		{groupsKey, `{"format":3,"groups":[]}`, txn.ErrFuture, "format 3, this release reads up to 2; start the release that wrote it"},
		{groupsKey, `{"format":2,"groups":[]}`, txn.ErrCorrupt, "groups"},
		{groupsKey, `[]`, txn.ErrCorrupt, "groups"},
	} {
		meta := &memoryMeta{values: map[string][]byte{c.key: []byte(c.text)}}
		_, err := loadState(meta, checkpointsKey, 2, 100, 0)
		if c.key == groupsKey {
			_, err = loadGroups(meta)
		}
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v, want %q", c.text, err, c.words)
		}
	}
}

// FuzzStored reads any bytes as checkpoints and as groups; what is read is worked with.
func FuzzStored(f *testing.F) {
	for _, text := range []string{goldenCheckpoints, goldenReset, groupsOne, groupsTwo, `null`, `{"format":1,"partitions":1}`} {
		f.Add([]byte(text), int64(0), uint64(0))
		f.Add([]byte(text), int64(500), uint64(18))
	}
	f.Fuzz(func(t *testing.T, b []byte, retention int64, first uint64) {
		meta := &memoryMeta{values: map[string][]byte{checkpointsKey: b, groupsKey: b}}
		known := func(err error) {
			if !errors.Is(err, txn.ErrFuture) && !errors.Is(err, txn.ErrCorrupt) {
				t.Fatalf("error of no kind: %v", err)
			}
		}
		if s, err := loadState(meta, checkpointsKey, 3, retention, txn.Position(first)); err != nil {
			known(err)
		} else {
			for _, topic := range s.topics() {
				s.advance(topic, s.Partitions-1, s.ends[topic][s.Partitions-1]+1, 1)
			}
			if err := s.checkpoint(meta, checkpointsKey, false); err != nil {
				t.Fatal(err)
			}
		}
		g, err := loadGroups(meta)
		if err != nil {
			known(err)
			return
		}
		encoded, err := g.encode()
		if err != nil {
			t.Fatal(err)
		}
		again := groups{}
		if err := again.decode(encoded); err != nil || !reflect.DeepEqual(again.offsets, g.offsets) {
			t.Fatalf("%v comes back as %v, %v", g.offsets, again.offsets, err)
		}
	})
}
