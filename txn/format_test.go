package txn

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"marmot/txn/txnpb"
)

// goldenBytes reads a golden file back.
func goldenBytes(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "golden", name+".hex"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestGoldenFilesAreReadAsWhatTheyWere is the way back from bytes that are in logs.
func TestGoldenFilesAreReadAsWhatTheyWere(t *testing.T) {
	for i, body := range testBodies() {
		r, err := DecodeRecord(goldenBytes(t, "record-"+bodyName(i, body)))
		if err != nil {
			t.Errorf("%s: %v", bodyName(i, body), err)
			continue
		}
		if want := (&Record{Header: testHeader(), Body: body}); !reflect.DeepEqual(r, want) {
			t.Errorf("%s is read as\n%+v, was\n%+v", bodyName(i, body), r, want)
		}
	}
	c, err := DecodeChunk(goldenBytes(t, "chunk"))
	if err != nil || c.Header != testHeader() || c.Branch != 8 || c.Ordinals != (OrdinalRange{First: 10, End: 20}) || !c.Continues || string(c.Payload) != "payload" {
		t.Errorf("chunk is read as %+v, %v", c, err)
	}
	h, g, err := DecodeStreamGenesis(goldenBytes(t, "stream-genesis"))
	if err != nil || h != testHeader() || g.Base != 99 || g.Partition != 5 || g.PreviousHash != testChain(3) {
		t.Errorf("genesis of a stream is read as %+v %+v, %v", h, g, err)
	}
	d, err := DecodeDDLBody(goldenBytes(t, "ddlbody"))
	if err != nil || !reflect.DeepEqual(d, testDDLBody()) {
		t.Errorf("body of a DDL is read as %+v, %v", d, err)
	}
	d, err = DecodeDDLBody(goldenBytes(t, "ddlbody-context"))
	if err != nil || !reflect.DeepEqual(d, testContextBody()) {
		t.Errorf("body of a DDL with its context is read as %+v, %v", d, err)
	}
	d, err = DecodeDDLBody(goldenBytes(t, "ddlbody-named"))
	if err != nil || !reflect.DeepEqual(d, testNamedBody()) {
		t.Errorf("body of a DDL without changes is read as %+v, %v", d, err)
	}
}

// TestEveryFieldOfEveryRecordHasGoldenBytes walks through the definition of the records: each type of body, each
// message and each field has to be in a golden file, so that none comes into the log without one.
func TestEveryFieldOfEveryRecordHasGoldenBytes(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	read := func(name string, prefix int, m proto.Message) {
		if err := proto.Unmarshal(goldenBytes(t, name)[prefix:], m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mark(m.ProtoReflect(), seen)
	}
	for i, body := range testBodies() {
		read("record-"+bodyName(i, body), prefixLength, &txnpb.Record{})
	}
	read("chunk", prefixLength, &txnpb.Chunk{})
	read("stream-genesis", prefixLength, &txnpb.StreamGenesis{})
	read("ddlbody", 0, &txnpb.DDLBody{})
	read("ddlbody-context", 0, &txnpb.DDLBody{})
	read("ddlbody-named", 0, &txnpb.DDLBody{})

	messages := txnpb.File_txn_txnpb_marmot_proto.Messages()
	for i := range messages.Len() {
		m := messages.Get(i)
		if !seen[m.FullName()] {
			t.Errorf("no golden file holds a %s", m.FullName())
		}
		for j := range m.Fields().Len() {
			if f := m.Fields().Get(j); !seen[f.FullName()] {
				t.Errorf("no golden file holds the field %s", f.FullName())
			}
		}
	}
}

// mark notes the message and those of its fields that are set, and goes into them.
func mark(m protoreflect.Message, seen map[protoreflect.FullName]bool) {
	seen[m.Descriptor().FullName()] = true
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		seen[f.FullName()] = true
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				mark(v.List().Get(i).Message(), seen)
			}
		default:
			mark(v.Message(), seen)
		}
		return true
	})
}

// TestANewerFormatIsRefusedWithWhatToDo: a record must never be skipped, and whoever sees the error has to know the way out.
func TestANewerFormatIsRefusedWithWhatToDo(t *testing.T) {
	newer := func(b []byte) []byte { b[len(magic)] = formatVersion + 1; return b }
	_, record := DecodeRecord(newer(goldenBytes(t, "record-05-noop")))
	_, chunk := DecodeChunk(newer(goldenBytes(t, "chunk")))
	_, _, genesis := DecodeStreamGenesis(newer(goldenBytes(t, "stream-genesis")))
	for name, err := range map[string]error{"record": record, "chunk": chunk, "genesis": genesis} {
		for _, word := range []string{"format version 2", "reads up to 1", "start a release that knows it"} {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v, want %q", name, err, word)
			}
		}
	}
}
