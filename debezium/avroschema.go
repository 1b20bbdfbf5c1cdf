package debezium

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// avroOptions say how a Connect schema becomes one of Avro.
type avroOptions struct {
	// withoutMeta leaves out what Avro has no place for, connect.name and its like: connect.meta.data = false.
	withoutMeta bool
	// scrub replaces what may not stand in a name: scrub.invalid.names.
	scrub bool
	// fill writes the default in place of null: ignore.default.for.nullables = false.
	fill bool
}

// avroType is what writing a value needs to know of its Avro schema.
type avroType struct {
	kind Kind
	name string // full name of a struct
	// union: null is the branch nullAt, and the value the other one.
	union  bool
	nullAt byte
	absent any         // what stands for null; nil: null
	fields []avroField // of a struct
	items  *avroType   // of an array or a map
}

type avroField struct {
	name string
	of   *avroType
}

// avroSchema makes the Avro schema of s, as AvroData does, and its text as the serializer sends it to a registry.
func avroSchema(s *Schema, o avroOptions) (*avroType, string, error) {
	w := avroWriter{options: o, named: map[string]namedStruct{}}
	t, err := w.schema(s, "")
	if err != nil {
		return nil, "", err
	}
	return t, string(w.text), nil
}

// avroWriter writes a schema's text while it makes its types.
type avroWriter struct {
	options avroOptions
	text    []byte
	named   map[string]namedStruct
}

type namedStruct struct {
	schema *Schema
	made   *avroType
}

// schema writes s where the namespace is space; an optional one is a union with null. The first branch is that of the default.
func (w *avroWriter) schema(s *Schema, space string) (*avroType, error) {
	if !s.Optional {
		t, err := w.plain(s, space)
		if err == nil && w.options.fill && s.Default != nil {
			t.absent = s.Default // structs, which share a type, have no defaults
		}
		return t, err
	}
	null, sep := `["null",`, ""
	if s.Default != nil {
		null, sep = "[", `,"null"`
	}
	w.add(null)
	plain, err := w.plain(s, space)
	if err != nil {
		return nil, err
	}
	w.add(sep + "]")
	t := *plain
	t.union = true
	if s.Default != nil {
		t.nullAt = 1
		if w.options.fill {
			t.absent = s.Default
		}
	}
	return &t, nil
}

// avroPrimitives are Avro's types by Connect's.
var avroPrimitives = map[Kind]string{KindInt8: "int", KindInt16: "int", KindInt32: "int", KindInt64: "long", KindFloat32: "float",
	KindFloat64: "double", KindBoolean: "boolean", KindString: "string", KindBytes: "bytes"}

// plain writes s without regard to null.
func (w *avroWriter) plain(s *Schema, space string) (*avroType, error) {
	t := &avroType{kind: s.Kind}
	var err error
	switch s.Kind {
	case KindStruct:
		return w.record(s, space)
	case KindArray:
		w.add(`{"type":"array","items":`)
		t.items, err = w.schema(s.Items, space)
	case KindMap:
		w.add(`{"type":"map","values":`)
		t.items, err = w.schema(s.Items, space)
	default:
		name, ok := avroPrimitives[s.Kind]
		if !ok {
			return nil, fmt.Errorf("avro has no type %s", s.Kind)
		}
		begin := len(w.text)
		w.add(`{"type":"` + name + `"`)
		bare := len(w.text)
		if w.properties(s); len(w.text) == bare { // a type that has no properties is its name alone
			w.text = append(w.text[:begin], `"`+name+`"`...)
			return t, nil
		}
		w.add("}")
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	w.properties(s)
	w.add("}")
	return t, nil
}

// record writes a struct; where its name comes again the name stands for it.
func (w *avroWriter) record(s *Schema, space string) (*avroType, error) {
	full := s.Name
	if full == "" {
		full = "io.confluent.connect.avro.ConnectDefault"
	}
	if w.options.scrub {
		full = scrubFullName(full)
	}
	own, name := splitName(full)
	if known, ok := w.named[full]; ok {
		// Optional structs are told by their names alone.
		if !s.Optional && !sameSchema(known.schema, s) {
			return nil, fmt.Errorf("two structs have the name %s", full)
		}
		if own == space {
			full = name
		}
		w.quoted(full)
		return known.made, nil
	}
	if err := checkAvroName(name); err != nil {
		return nil, err
	}
	t := &avroType{kind: KindStruct, name: full}
	w.named[full] = namedStruct{s, t}
	w.add(`{"type":"record","name":`)
	w.quoted(name)
	if own != space {
		w.add(`,"namespace":`)
		w.quoted(own)
	}
	w.add(`,"fields":[`)
	seen := map[string]bool{}
	for i := range s.Fields {
		f := s.Fields[i]
		if w.options.scrub {
			f.Name = scrubName(f.Name)
		}
		if err := checkAvroName(f.Name); err != nil {
			return nil, err
		}
		if seen[f.Name] {
			return nil, fmt.Errorf("%s has two fields %s", full, f.Name)
		}
		seen[f.Name] = true
		if i > 0 {
			w.add(",")
		}
		of, err := w.field(f, own)
		if err != nil {
			return nil, err
		}
		t.fields = append(t.fields, avroField{f.Name, of})
	}
	w.add("]")
	w.properties(s)
	w.add("}")
	return t, nil
}

func (w *avroWriter) field(f Field, space string) (*avroType, error) {
	w.add(`{"name":`)
	w.quoted(f.Name)
	w.add(`,"type":`)
	of, err := w.schema(f.Schema, space)
	if err != nil {
		return nil, err
	}
	switch {
	case f.Schema.Default != nil:
		w.add(`,"default":`)
		w.value(f.Schema, f.Schema.Default, true)
	case f.Schema.Optional:
		w.add(`,"default":null`)
	}
	w.add("}")
	return of, nil
}

// properties writes what a type has besides, in AvroData's order.
func (w *avroWriter) properties(s *Schema) {
	logical := ""
	switch s.Name {
	case "org.apache.kafka.connect.data.Decimal":
		scale, precision := s.parameter("scale", "0"), s.parameter("connect.decimal.precision", "64")
		w.add(`,"scale":` + scale + `,"precision":` + precision)
		logical = "decimal"
	case "org.apache.kafka.connect.data.Date":
		logical = "date"
	case "org.apache.kafka.connect.data.Time":
		logical = "time-millis"
	case "org.apache.kafka.connect.data.Timestamp":
		logical = "timestamp-millis"
	}
	if !w.options.withoutMeta {
		w.metaData(s)
	}
	if logical != "" {
		w.add(`,"logicalType":"` + logical + `"`)
	}
}

// metaData writes what brings the Connect schema back.
func (w *avroWriter) metaData(s *Schema) {
	if s.Doc != "" {
		w.add(`,"connect.doc":`)
		w.quoted(s.Doc)
	}
	if s.Version != 0 {
		w.add(`,"connect.version":` + strconv.Itoa(s.Version))
	}
	for i, p := range s.Parameters {
		w.add([...]string{`,"connect.parameters":{`, `,`}[min(i, 1)])
		w.quoted(p.Name)
		w.add(":")
		if p.Value == nullParameter {
			w.add("null")
		} else {
			w.quoted(p.Value)
		}
	}
	if len(s.Parameters) > 0 {
		w.add("}")
	}
	if s.Default != nil {
		w.add(`,"connect.default":`)
		w.value(s, s.Default, false)
	}
	if s.Name != "" {
		w.add(`,"connect.name":`)
		w.quoted(s.Name)
	}
	if s.Kind == KindInt8 || s.Kind == KindInt16 {
		w.add(`,"connect.type":"` + string(s.Kind) + `"`)
	}
}

// parameter returns a parameter's value.
func (s *Schema) parameter(name, absent string) string {
	for _, p := range s.Parameters {
		if p.Name == name {
			return p.Value
		}
	}
	return absent
}

// value writes a default. Bytes are text of the characters with their numbers. The default of a field has been made a double
// of a float.
func (w *avroWriter) value(s *Schema, v any, ofField bool) {
	switch v := v.(type) {
	case bool:
		w.text = strconv.AppendBool(w.text, v)
	case int64:
		w.text = strconv.AppendInt(w.text, v, 10)
	case float32:
		bits := 32
		if ofField {
			bits = 64
		}
		w.text = appendDouble(w.text, float64(v), bits)
	case float64:
		w.text = appendDouble(w.text, v, 64)
	case string:
		w.quoted(v)
	case []byte:
		runes := make([]rune, len(v))
		for i, b := range v {
			runes[i] = rune(b)
		}
		w.quoted(string(runes))
	case []any:
		w.composite(s, v, ofField)
	default:
		w.add("null")
	}
}

func (w *avroWriter) composite(s *Schema, v []any, ofField bool) {
	if s.Kind == KindArray {
		w.add("[")
		for i := range v {
			if i > 0 {
				w.add(",")
			}
			w.value(s.Items, v[i], ofField)
		}
		w.add("]")
		return
	}
	w.add("{")
	for i := range v {
		if i > 0 {
			w.add(",")
		}
		w.quoted(s.Fields[i].Name)
		w.add(":")
		w.value(s.Fields[i].Schema, v[i], ofField)
	}
	w.add("}")
}

func (w *avroWriter) add(text string) { w.text = append(w.text, text...) }

// quoted writes text as Jackson writes it to text: what is no control character stays.
func (w *avroWriter) quoted(text string) {
	w.text = append(w.text, '"')
	for _, r := range text {
		if r < utf8.RuneSelf {
			w.text = appendASCII(w.text, byte(r))
		} else {
			w.text = utf8.AppendRune(w.text, r)
		}
	}
	w.text = append(w.text, '"')
}

// sameSchema reports whether two schemas are equal but for optionality.
func sameSchema(a, b *Schema) bool {
	return a == b || string(appendSchema(nil, a.required(), "")) == string(appendSchema(nil, b.required(), ""))
}

func splitName(full string) (space, name string) {
	at := strings.LastIndexByte(full, '.')
	return full[:max(at, 0)], full[at+1:]
}

// checkAvroName refuses a name that Avro does not take.
func checkAvroName(name string) error {
	for i, r := range name {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9' {
			continue
		}
		part := "character"
		if i == 0 {
			part = "initial character"
		}
		return fmt.Errorf("illegal %s in the name %q of Avro; field.name.adjustment.mode and schema.name.adjustment.mode = avro make names that it takes", part, name)
	}
	if name == "" {
		return fmt.Errorf("empty name")
	}
	return nil
}

// scrubFullName scrubs each part of a name.
func scrubFullName(full string) string {
	parts := strings.Split(full, ".")
	for i := range parts {
		parts[i] = scrubName(parts[i])
	}
	return strings.Join(parts, ".")
}

// scrubName does what AvroData does to a name with scrub.invalid.names: it writes it as in an address, and replaces what is left
// and no letter, digit or underscore.
func scrubName(name string) string {
	b := []byte(strings.ReplaceAll(url.QueryEscape(name), "~", "%7E"))
	if len(b) > 0 && b[0] != '_' && (b[0] < 'A' || b[0] > 'Z' && b[0] < 'a' || b[0] > 'z') {
		b = append([]byte("x"), b...)
	}
	for i, c := range b {
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			b[i] = '_'
		}
	}
	return string(b)
}
