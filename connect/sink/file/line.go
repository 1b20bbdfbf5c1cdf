package file

import (
	"bytes"
	"encoding/json"
	"fmt"

	"marmot/connect/sink"
)

// ParseLine reads a line of a file. Headers come in no order.
func ParseLine(line []byte) (sink.Record, error) {
	var l struct {
		Topic     string                     `json:"topic"`
		Partition int32                      `json:"partition"`
		Offset    *int64                     `json:"offset"`
		Timestamp int64                      `json:"timestamp"`
		Headers   map[string]json.RawMessage `json:"headers"`
		Key       json.RawMessage            `json:"key"`
		Value     json.RawMessage            `json:"value"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return sink.Record{}, fmt.Errorf("line of an event file: %w", err)
	}
	if l.Offset == nil || l.Topic == "" {
		return sink.Record{}, fmt.Errorf("line of an event file: topic or offset is missing")
	}
	r := sink.Record{Topic: l.Topic, Partition: l.Partition, Offset: *l.Offset, TimestampMS: l.Timestamp, Key: payload(l.Key), Value: payload(l.Value)}
	for name, value := range l.Headers {
		r.Headers = append(r.Headers, sink.Header{Name: name, Value: value})
	}
	return r, nil
}

// payload is nil of null.
func payload(raw json.RawMessage) []byte {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	return raw
}
