package debezium

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kerr"
)

// The stages of an event at which it can be refused, as Kafka Connect names them.
const (
	StageTransformation  = "TRANSFORMATION"
	StageKeyConverter    = "KEY_CONVERTER"
	StageHeaderConverter = "HEADER_CONVERTER"
	StageValueConverter  = "VALUE_CONVERTER"
	StageProduce         = "KAFKA_PRODUCE"
)

// EventError is an event that cannot be emitted, whatever is tried again. With errors.tolerance = all it becomes a dead letter;
// else it ends the emitter.
type EventError struct {
	Topic string
	// Position is that of the record whose event it is; of a row of a snapshot, that of the snapshot.
	Position txn.Position
	Stage    string // one of the stages
	Class    string // of the transform or converter that refused it
	Cause    error
}

// Error says which event was refused where, and what can be done.
func (e *EventError) Error() string {
	return fmt.Sprintf("an event of %s at %s is refused at %s: %s; mend the cause, or set errors.tolerance = all to go on behind it", e.Topic, e.Position, e.Stage, e.Cause)
}

// Unwrap returns the cause.
func (e *EventError) Unwrap() error { return e.Cause }

// RecordError is a record that Kafka does not take, whatever is tried again. Nothing of its batch is stored, and the publisher
// takes another batch.
type RecordError struct {
	Index int // in the batch
	Cause error
}

// Error gives the cause.
func (e *RecordError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Cause }

// GivenUpError is what could not be done for the time being for longer than errors.max.retries and errors.retry.timeout allow.
type GivenUpError struct {
	Tries int
	Cause error
}

// Error says how often it was tried.
func (e *GivenUpError) Error() string {
	return fmt.Sprintf("given up after %d tries, as errors.max.retries and errors.retry.timeout say: %s", e.Tries, e.Cause)
}

// Unwrap returns the cause.
func (e *GivenUpError) Unwrap() error { return e.Cause }

// failures handles what cannot be emitted. Owned by the encoder's goroutine.
type failures struct {
	options  Failures
	name     string // topic.prefix
	position txn.Position
	warn     func(text string)
	failed   func(e *EventError)
	json     Format // of dead letters that have no other form
	classes  [3]string
}

func newFailures(o *Options) failures {
	return failures{
		options: o.Failures, name: o.TopicPrefix, warn: func(string) {}, failed: func(*EventError) {},
		json:    JSONFormat(JSONOptions{SchemasEnable: true}),
		classes: [3]string{converterClass(o.Formats.Key.Kind), converterClass(o.Formats.Value.Kind), converterClass(o.Formats.Header.Kind)},
	}
}

// OnFailure names those who are told what the log of the node should have, and of each event that becomes a dead letter or
// is left out.
func (e *Encoder) OnFailure(warn func(text string), failed func(e *EventError)) {
	e.failures.warn, e.failures.failed = warn, failed
}

// event makes an error of a message's: temporary ones stay as they are.
func (f *failures) event(m *Message, err error) error {
	var temporary *PublishError
	if errors.As(err, &temporary) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	refused := &EventError{Topic: m.Topic, Position: f.position, Cause: err}
	var transform *transformError
	var conversion *ConversionError
	switch {
	case errors.As(err, &transform):
		refused.Stage, refused.Class = StageTransformation, transform.class
	case errors.As(err, &conversion) && conversion.Part == "key":
		refused.Stage, refused.Class = StageKeyConverter, f.classes[0]
	case errors.As(err, &conversion) && conversion.Part == "header":
		refused.Stage, refused.Class = StageHeaderConverter, f.classes[2]
	default:
		refused.Stage, refused.Class = StageValueConverter, f.classes[1]
	}
	return refused
}

// tolerates tells of an event that is refused, and reports whether the emitter goes on.
func (f *failures) tolerates(e *EventError, key []byte) bool {
	if !f.options.Tolerate {
		return false
	}
	f.failed(e)
	if f.options.Log {
		text := fmt.Sprintf("an event of %s at %s is refused at %s: %s", e.Topic, e.Position, e.Stage, e.Cause)
		if f.options.LogMessages {
			text += "; its key is " + string(key[:min(len(key), maxLoggedKey)])
		}
		f.warn(text)
	}
	return true
}

// maxLoggedKey bounds what of a key stands in the log.
const maxLoggedKey = 1024

// message handles a message that was refused: original is the message before the transforms.
func (f *failures) message(ctx context.Context, original Message, err error, emit func(Record) error) error {
	err = f.event(&original, err)
	var refused *EventError
	if !errors.As(err, &refused) {
		return err
	}
	letter, jsonErr := f.json.record(ctx, original) // JSON has a form for all
	if jsonErr != nil {
		return jsonErr
	}
	if !f.tolerates(refused, letter.Key) {
		return refused
	}
	if f.options.DeadLetters == "" {
		return nil
	}
	return emit(f.letter(letter, refused))
}

// letter makes a dead letter of a record.
func (f *failures) letter(r Record, e *EventError) Record {
	out := Record{Topic: f.options.DeadLetters, Partition: -1, Key: r.Key, Value: r.Value, Headers: append([]Header{}, r.Headers...), Timestamp: r.Timestamp}
	if !f.options.DeadLetterHeaders {
		return out
	}
	add := func(name, value string) {
		if value != "" {
			out.Headers = append(out.Headers, Header{"__connect.errors." + name, []byte(value)})
		}
	}
	add("topic", e.Topic)
	add("offset", e.Position.String())
	add("connector.name", f.name)
	add("task.id", "0")
	add("stage", e.Stage)
	add("class.name", e.Class)
	add("exception.class.name", exceptionClass(e))
	add("exception.message", e.Cause.Error())
	return out
}

// exceptionClass is Kafka's class for what was wrong.
func exceptionClass(e *EventError) string {
	switch e.Stage {
	case StageProduce:
		if errors.Is(e.Cause, kerr.InvalidTopicException) {
			return "org.apache.kafka.common.errors.InvalidTopicException"
		}
		return "org.apache.kafka.common.errors.RecordTooLargeException"
	case StageTransformation:
		return "org.apache.kafka.connect.errors.ConnectException"
	}
	return "org.apache.kafka.connect.errors.DataException"
}

// converterClass is the class of a kind of converter.
func converterClass(kind string) string {
	best := ""
	for class, k := range converterKinds {
		if k == kind && len(class) > len(kind) && (best == "" || class > best) {
			best = class
		}
	}
	return best
}

// skips says what becomes of a row or a definition of which no event can be made: an error, or nil to go on behind it.
func (f *failures) skips(what string, err error) error {
	if f.options.Rows == FailureWarn {
		f.warn(fmt.Sprintf("%s at %s has no event: %s", what, f.position, err))
	}
	if f.options.Rows == FailureWarn || f.options.Rows == FailureSkip {
		return nil
	}
	return err
}

// deliver publishes the batch. A record that Kafka refuses becomes a dead letter if such are tolerated.
func (m *Emitter) deliver(ctx context.Context, p Progress) error {
	f := &m.encoder.failures
	for {
		err := m.publisher.Publish(ctx, m.batch, p)
		var record *RecordError
		if err == nil {
			m.retries = 0
		}
		if !errors.As(err, &record) {
			return err
		}
		r := m.batch[record.Index]
		refused := &EventError{Topic: r.Topic, Position: m.positions[record.Index], Stage: StageProduce, Cause: record.Cause}
		if f.options.DeadLetters != "" && r.Topic == f.options.DeadLetters || !f.tolerates(refused, r.Key) {
			return m.mixed(refused) // a dead letter that is refused itself has nowhere to go
		}
		if f.options.DeadLetters != "" {
			m.batch[record.Index] = f.letter(r, refused)
			continue
		}
		m.batch = slices.Delete(m.batch, record.Index, record.Index+1)
		m.positions = slices.Delete(m.positions, record.Index, record.Index+1)
	}
}

// errMixed says that a record is refused that shares its batch with those of others.
var errMixed = errors.New("a record is refused, and others that are in its batch leave before it")

// mixed is what ends an emitter whose batch has a refused event: not before all that committed earlier is out. Who goes on behind the event, with a
// reset, loses nothing else.
func (m *Emitter) mixed(refused *EventError) error {
	if m.alone > 0 || m.positions[0] == m.positions[len(m.positions)-1] {
		return refused
	}
	m.alone = refused.Position
	return errMixed
}

// separate publishes what is in the batch if what comes next is to have one for itself.
func (m *Emitter) separate(ctx context.Context) error {
	if m.alone == 0 {
		return nil
	}
	return m.flush(ctx, m.progress)
}

// refuse ends the emitter at a record of the log whose events cannot be made: the first records of the batch, which committed before, are published. Of
// the record itself nothing is, unless it was so large that it was parted (before is -1).
func (m *Emitter) refuse(ctx context.Context, before int, cause error) error {
	var temporary *PublishError
	if before < 0 || ctx.Err() != nil || errors.As(cause, &temporary) {
		return cause
	}
	clear(m.batch[before:])
	m.batch, m.positions = m.batch[:before], m.positions[:before]
	if err := m.flush(ctx, m.progress); err != nil {
		return err
	}
	return cause
}

// pauseFor is the pause before a try, or the error that ends trying.
func (m *Emitter) pauseFor(err error, now time.Time) (time.Duration, error) {
	o := &m.encoder.options.Failures
	if m.retries == 0 {
		m.retryingSince = now
	}
	m.retries++
	tooMany := o.MaxRetries != nil && *o.MaxRetries >= 0 && m.retries > *o.MaxRetries
	tooLong := o.RetryTimeout != nil && *o.RetryTimeout >= 0 && now.Sub(m.retryingSince) >= *o.RetryTimeout
	if tooMany || tooLong {
		tries := m.retries
		m.retries = 0
		return 0, &GivenUpError{tries, err}
	}
	pause, longest := m.pause, max(o.RetryLongest, m.pause)
	for range min(m.retries-1, 30) {
		if pause *= 2; pause >= longest {
			return longest, nil
		}
	}
	return pause, nil
}
