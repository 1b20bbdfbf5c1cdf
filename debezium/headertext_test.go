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

// What Kafka Connect 4.3's Values.parseString and SimpleHeaderConverter make of literals.
func TestLiteralsOfHeadersAreNumbersWhereTheyCanBe(t *testing.T) {
	for text, want := range map[string]string{"1.50": "1.5", "007": "7", "1e3": "1000", "1.0": "1", "+5": "5", "-0.0": "0", "1.": "1", "0.1": "0.1", "-5": "-5",
		"12345678901234567890": "12345678901234567890", "v1.2": "v1.2", "10.0.0.1": "10.0.0.1", "1_000": "1_000", "12e": "12e", "1d": "1d", "0x1f": "0x1f", " x ": " x ", "true": "true"} {
		if got := string(headerText(headerLiteral(text))); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
}
