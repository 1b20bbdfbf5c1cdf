package debezium

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"marmot/debezium/registry"
)

// AvroConverter writes messages in Confluent's wire format, a zero byte, the schema's ID and the datum, as
// io.confluent.connect.avro.AvroConverter does. The datum is written from the event's own schema: goavro, which wants each row as
// maps, takes many times as long and refuses names that AvroData takes. Owned by one goroutine.
type AvroConverter struct {
	options  registryOptions
	registry *registry.Client
	known    map[avroUse]avroWire
	room     room
}

type avroUse struct {
	topic  string
	schema *Schema
}

type avroWire struct {
	head []byte
	made *avroType
}

// newAvroConverter returns a converter for keys or values.
func newAvroConverter(o registryOptions) *AvroConverter {
	return &AvroConverter{options: o, registry: registry.New(o.registry), known: map[avroUse]avroWire{}}
}

// Convert implements Converter. A registry that does not answer makes a *PublishError: the log waits.
func (c *AvroConverter) Convert(ctx context.Context, topic string, d Datum) ([]byte, error) {
	if d.IsZero() || d.Value == nil {
		return nil, nil
	}
	use := avroUse{topic, d.Schema}
	wire, ok := c.known[use]
	if !ok {
		var err error
		if wire, err = c.wire(ctx, topic, d.Schema); err != nil {
			return nil, err
		}
		if len(c.known) >= 2*maxTables {
			clear(c.known)
		}
		c.known[use] = wire
	}
	b, err := wire.made.appendAvro(append(c.room.of(len(wire.head)), wire.head...), d.Value)
	c.room.used(len(b))
	return b, err
}

// wire makes what is the same in all messages of a schema.
func (c *AvroConverter) wire(ctx context.Context, topic string, s *Schema) (avroWire, error) {
	made, text, err := avroSchema(s, c.options.avro)
	if err != nil {
		return avroWire{}, err
	}
	subject, err := c.options.subject(topic, made.name)
	if err != nil {
		return avroWire{}, err
	}
	id, err := registryID(ctx, c.registry, c.options.mode, subject, registry.Avro, text)
	if err != nil {
		return avroWire{}, err
	}
	return avroWire{binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), made}, nil
}

// registryID asks for an ID. What the registry refuses is the event's error; all else that goes wrong goes by.
func registryID(ctx context.Context, c *registry.Client, mode registry.Mode, subject string, t registry.Type, schema string) (registry.ID, error) {
	id, err := c.ID(ctx, mode, subject, t, schema)
	var refused *registry.RefusedError
	if err != nil && !errors.As(err, &refused) {
		return 0, &PublishError{err}
	}
	return id, err
}

// subject is the name under which the registry keeps a schema.
func (o *registryOptions) subject(topic, record string) (string, error) {
	if o.strategy != topicNames && record == "" {
		return "", fmt.Errorf("%s needs a struct", o.strategy)
	}
	switch o.strategy {
	case recordNames:
		return record, nil
	case topicRecordNames:
		return topic + "-" + record, nil
	}
	return topic + "-" + o.part, nil
}
