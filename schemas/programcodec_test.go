package schemas

import (
	"os"
	"path/filepath"
	"testing"
)

func sampleProgram() *Program {
	return &Program{ID: 7, Version: 9, Database: "shop", DBID: 3, Kind: Event, Name: "nightly", Definer: "root@localhost", Body: "DELETE FROM cart", Security: "DEFINER",
		Comment: "it's late", Mode: 5, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci",
		Event: &EventPart{Every: "1:30", Unit: "HOUR_MINUTE", StartsUS: 1, EndsUS: 2, Preserve: true, Status: "ENABLED", Zone: "SYSTEM", LastRunUS: 3, Originator: 4}}
}

// The bytes of a stored program are for ever.
func TestProgramHasTheRecordedBytes(t *testing.T) {
	b, err := EncodeProgram(sampleProgram())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "program.v1.json", b)
	p, err := DecodeProgram(b)
	if err != nil {
		t.Fatal(err)
	}
	if *p.Event != *sampleProgram().Event || p.Body != sampleProgram().Body || p.Key() != sampleProgram().Key() {
		t.Errorf("%+v comes back", p)
	}
}

// FuzzDecodeProgram reads any bytes as a stored program: it is refused, or comes back as it is.
func FuzzDecodeProgram(f *testing.F) {
	for _, name := range []string{"program.v1.json", "table.v1.json", "view.v1.json"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"format":1,"program":{"kind":"TRIGGER","name":"t","trigger":{}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodeProgram(b)
		if err != nil {
			return
		}
		encoded, err := EncodeProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeProgram(encoded)
		if err != nil || again.Key() != p.Key() || again.Body != p.Body {
			t.Fatalf("%+v comes back as %+v, %v", p, again, err)
		}
	})
}
