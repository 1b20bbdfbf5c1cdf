package golden

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// AvroSchema is a schema of Avro that values can be read with.
type AvroSchema struct {
	text string
	root *avroNode
}

// avroNode is one type of a schema.
type avroNode struct {
	kind     string
	branches []*avroNode // of a union
	names    []string    // of a record's fields
	fields   []*avroNode
	items    *avroNode // of an array or a map
	isJSON   bool      // a column of JSON: MySQL's text has blanks in a snapshot
}

// ParseAvro reads a schema.
func ParseAvro(text string) (*AvroSchema, error) {
	named := map[string]*avroNode{}
	root, err := parseAvro(json.RawMessage(text), "", named)
	if err != nil {
		return nil, fmt.Errorf("avro schema %.200s: %w", text, err)
	}
	return &AvroSchema{text, root}, nil
}

func parseAvro(raw json.RawMessage, space string, named map[string]*avroNode) (*avroNode, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) < 2 {
		return nil, errors.New("no type")
	}
	switch raw[0] {
	case '"':
		return namedAvro(string(raw[1:len(raw)-1]), space, named)
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		union := &avroNode{kind: "union"}
		for _, branch := range list {
			n, err := parseAvro(branch, space, named)
			if err != nil {
				return nil, err
			}
			union.branches = append(union.branches, n)
		}
		return union, nil
	}
	var given struct {
		Type            json.RawMessage
		Name, Namespace string
		Items, Values   json.RawMessage
		Fields          []struct {
			Name string
			Type json.RawMessage
		}
		ConnectName string `json:"connect.name"`
	}
	if err := json.Unmarshal(raw, &given); err != nil {
		return nil, err
	}
	var kind string
	if err := json.Unmarshal(given.Type, &kind); err != nil {
		return parseAvro(given.Type, space, named)
	}
	n := &avroNode{kind: kind, isJSON: given.ConnectName == "io.debezium.data.Json"}
	var err error
	switch kind {
	case "array":
		n.items, err = parseAvro(given.Items, space, named)
	case "map":
		n.items, err = parseAvro(given.Values, space, named)
	case "record":
		if given.Namespace != "" {
			space = given.Namespace
		}
		named[space+"."+given.Name] = n
		for _, f := range given.Fields {
			var of *avroNode
			if of, err = parseAvro(f.Type, space, named); err != nil {
				return nil, fmt.Errorf("field %s: %w", f.Name, err)
			}
			n.names, n.fields = append(n.names, f.Name), append(n.fields, of)
		}
	}
	return n, err
}

func namedAvro(name, space string, named map[string]*avroNode) (*avroNode, error) {
	switch name {
	case "null", "boolean", "int", "long", "float", "double", "bytes", "string":
		return &avroNode{kind: name}, nil
	}
	if !strings.Contains(name, ".") {
		name = space + "." + name
	}
	if n := named[name]; n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("no type %s", name)
}

// Text writes a datum as JSON behind its schema, as a message of JsonConverter looks.
func (s *AvroSchema) Text(datum []byte) ([]byte, error) {
	r := avroReader{rest: datum, out: append([]byte(`{"schema":`+s.text), `,"payload":`...)}
	r.value(s.root)
	if r.bad || len(r.rest) > 0 {
		return nil, fmt.Errorf("a datum that does not fit its schema: %d bytes left after %s", len(r.rest), r.out[len(s.text):])
	}
	return append(r.out, '}'), nil
}

type avroReader struct {
	rest, out []byte
	depth     int
	bad       bool
}

// maxAvroDepth bounds how deep records nest: one may name itself.
const maxAvroDepth = 100

func (r *avroReader) long() int64 {
	v, n := binary.Varint(r.rest)
	r.take(n)
	return v
}

func (r *avroReader) take(n int) []byte {
	if n <= 0 && r.bad || n < 0 || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return make([]byte, 8)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *avroReader) value(n *avroNode) {
	if r.depth++; r.bad || r.depth > maxAvroDepth {
		r.bad = true
		return
	}
	defer func() { r.depth-- }()
	switch n.kind {
	case "null":
		r.out = append(r.out, "null"...)
	case "union":
		at := r.long()
		if at < 0 || at >= int64(len(n.branches)) {
			r.bad = true
			return
		}
		r.value(n.branches[at])
	case "boolean":
		r.out = strconv.AppendBool(r.out, r.take(1)[0] != 0)
	case "int", "long":
		r.out = strconv.AppendInt(r.out, r.long(), 10)
	case "float":
		r.number(float64(math.Float32frombits(binary.LittleEndian.Uint32(r.take(4)))), 32)
	case "double":
		r.number(math.Float64frombits(binary.LittleEndian.Uint64(r.take(8))), 64)
	case "bytes":
		r.text(base64.StdEncoding.EncodeToString(r.take(int(r.long()))))
	case "string":
		text := string(r.take(int(r.long())))
		if n.isJSON {
			text = strings.ReplaceAll(strings.ReplaceAll(text, ": ", ":"), ", ", ",")
		}
		r.text(text)
	case "record":
		r.out = append(r.out, '{')
		for i := range n.fields {
			if i > 0 {
				r.out = append(r.out, ',')
			}
			r.text(n.names[i])
			r.out = append(r.out, ':')
			r.value(n.fields[i])
		}
		r.out = append(r.out, '}')
	case "array", "map":
		r.blocks(n)
	default:
		r.bad = true
	}
}

func (r *avroReader) blocks(n *avroNode) {
	brackets := "[]"
	if n.kind == "map" {
		brackets = "{}"
	}
	r.out = append(r.out, brackets[0])
	for first := true; ; {
		count := r.long()
		if count <= 0 {
			break
		}
		if count > int64(len(r.rest)) { // items have at least a byte
			r.bad = true
		}
		for ; count > 0 && !r.bad; count-- {
			if !first {
				r.out = append(r.out, ',')
			}
			first = false
			if n.kind == "map" {
				r.text(string(r.take(int(r.long()))))
				r.out = append(r.out, ':')
			}
			r.value(n.items)
		}
	}
	r.out = append(r.out, brackets[1])
}

func (r *avroReader) number(f float64, bits int) {
	r.out = strconv.AppendFloat(r.out, f, 'g', -1, bits)
}

func (r *avroReader) text(s string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string has a form
	r.out = append(r.out, bytes.TrimRight(b.Bytes(), "\n")...)
}

// errUnconverted says that AvroData had no form for a value.
var errUnconverted = errors.New("the connector's converter refused the value")

// RecordedAvro returns the events of a run as AvroData wrote them, in the form of Text. Those that it refused are left out; so are
// all others of their topics.
func RecordedAvro(run string) (events []Event, refused map[string]bool, err error) {
	plain, err := Recorded(run)
	if err != nil {
		return nil, nil, err
	}
	schemas := map[string]*AvroSchema{}
	err = eachLine(run+".avsc.jsonl.gz", func(line []byte) error {
		var file struct {
			Name   string
			Schema json.RawMessage
		}
		if err := json.Unmarshal(line, &file); err != nil {
			return err
		}
		schemas[file.Name], err = ParseAvro(string(file.Schema))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	refused = map[string]bool{}
	err = eachLine(run+".avro.jsonl.gz", func(line []byte) error {
		var given struct {
			Topic      string
			Key, Value *recordedAvro
		}
		if err := json.Unmarshal(line, &given); err != nil {
			return err
		}
		e := Event{Topic: given.Topic, Headers: plain[len(events)].Headers}
		var keyErr, valueErr error
		e.Key, keyErr = given.Key.text(schemas)
		e.Value, valueErr = given.Value.text(schemas)
		if err := errors.Join(keyErr, valueErr); errors.Is(err, errUnconverted) {
			refused[e.Topic] = true
		} else if err != nil {
			return fmt.Errorf("event %d of %s: %w", len(events)+1, e.Topic, err)
		}
		events = append(events, e)
		return nil
	})
	return without(events, refused), refused, err
}

// without leaves out topics.
func without(events []Event, topics map[string]bool) []Event {
	var some []Event
	for _, e := range events {
		if !topics[e.Topic] {
			some = append(some, e)
		}
	}
	return some
}

type recordedAvro struct{ Schema, B64, Error string }

func (r *recordedAvro) text(schemas map[string]*AvroSchema) ([]byte, error) {
	if r == nil {
		return nil, nil
	}
	if r.Error != "" {
		return nil, errUnconverted
	}
	datum, err := base64.StdEncoding.DecodeString(r.B64)
	if err != nil {
		return nil, err
	}
	s := schemas[r.Schema]
	if s == nil {
		return nil, fmt.Errorf("no schema %s", r.Schema)
	}
	return s.Text(datum)
}
