package debezium

import "testing"

// TestHeadersAreWrittenAsSimpleHeaderConverterDoes: a decimal is a number there, not the bytes of JsonConverter.
func TestHeadersAreWrittenAsSimpleHeaderConverterDoes(t *testing.T) {
	price := &Schema{Kind: KindBytes, Name: "org.apache.kafka.connect.data.Decimal", Version: 1, Parameters: []Parameter{{"scale", "2"}}}
	key := &Schema{Kind: KindStruct, Fields: []Field{{"id", &Schema{Kind: KindInt64}}, {"price", price}, {"name", &Schema{Kind: KindString}}}}
	for want, d := range map[string]Datum{
		`{"id":7,"price":6.51,"name":"a\"b"}`:  {key, []any{int64(7), []byte{0x02, 0x8b}, `a"b`}},
		`{"id":-1,"price":-0.01,"name":"\\n"}`: {key, []any{int64(-1), []byte{0xff}, `\n`}},
		`as it "is"`:                           {&Schema{Kind: KindString}, `as it "is"`},
	} {
		if got := string(headerText(d)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
