package debezium

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"marmot/txn"
)

// pickyConverter refuses what refuse says.
type pickyConverter struct {
	Converter
	refuse func(d Datum) error
}

// Convert implements Converter.
func (c *pickyConverter) Convert(ctx context.Context, topic string, d Datum) ([]byte, error) {
	if err := c.refuse(d); err != nil {
		return nil, err
	}
	return c.Converter.Convert(ctx, topic, d)
}

// refusing returns an encoder whose converter of values refuses rows with the key 100.
func refusing(t *testing.T, o Options, refusal error) *Encoder {
	t.Helper()
	f := JSONFormat(JSONOptions{})
	f.Value = &pickyConverter{f.Value, func(d Datum) error {
		if after, ok := d.Value.([]any); ok && len(after) > 1 {
			if row, ok := after[1].([]any); ok && row[0] == int64(100) {
				return refusal
			}
		}
		return nil
	}}
	e, err := NewEncoder(o, f, recordedTables(), func() time.Time { return time.UnixMicro(1_700_000_001_000_001) })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func poisoned() *Committed {
	events := append(recordedTransactions()[2], recordedTransactions()[4]...) // the key change inserts 100
	return commitOf(7, append(events, recordedTransactions()[5]...)...)
}

var errNoForm = errors.New("the value has no form")

func TestARefusedEventEndsTheEmitterUnlessItIsTolerated(t *testing.T) {
	e := refusing(t, recordedOptions(), errNoForm)
	err := e.Encode(t.Context(), poisoned(), 0, func(Record) error { return nil }, func(uint64) error { return nil })
	var refused *EventError
	if !errors.As(err, &refused) || refused.Topic != "gold.inv.k_comp" || refused.Stage != StageValueConverter || !errors.Is(err, errNoForm) {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"gold.inv.k_comp", "VALUE_CONVERTER", "the value has no form", "errors.tolerance = all"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestWhatIsWrongForTheTimeBeingIsNoDeadLetter(t *testing.T) {
	o := recordedOptions()
	o.Failures = Failures{Tolerate: true, DeadLetters: "dead"}
	e := refusing(t, o, &PublishError{errors.New("the registry is down")})
	err := e.Encode(t.Context(), poisoned(), 0, func(Record) error { return nil }, func(uint64) error { return nil })
	var temporary *PublishError
	if !errors.As(err, &temporary) {
		t.Errorf("%v, want a *PublishError", err)
	}
}

func TestARefusedEventBecomesADeadLetter(t *testing.T) {
	o := recordedOptions()
	o.Failures = Failures{Tolerate: true, DeadLetters: "dead", DeadLetterHeaders: true, Log: true, LogMessages: true}
	o.Formats.Value.Kind = "avro"
	e := refusing(t, o, errNoForm)
	var lines []string
	var failed int
	e.OnFailure(func(text string) { lines = append(lines, text) }, func(*EventError) { failed++ })
	records := encodeAll(t, e, poisoned(), 0)
	var topics []string
	var letter Record
	for _, r := range records {
		topics = append(topics, strings.TrimPrefix(r.Topic, "gold."))
		if r.Topic == "dead" {
			letter = r
		}
	}
	// BEGIN, insert, delete and tombstone of the key change, its insert as a dead letter, delete and tombstone, END.
	if got := strings.Join(topics, " "); got != "transaction inv.k_comp inv.k_comp inv.k_comp dead inv.k_comp inv.k_comp transaction" {
		t.Errorf("topics %s", got)
	}
	got := map[string]string{}
	for _, h := range letter.Headers {
		got[h.Name] = string(h.Value)
	}
	for name, want := range map[string]string{
		"__connect.errors.topic": "gold.inv.k_comp", "__connect.errors.stage": "VALUE_CONVERTER", "__connect.errors.offset": "7",
		"__connect.errors.class.name":           "io.confluent.connect.avro.AvroConverter",
		"__connect.errors.exception.class.name": "org.apache.kafka.connect.errors.DataException",
		"__connect.errors.exception.message":    "convert the value of an event of gold.inv.k_comp: the value has no form",
		"__debezium.context.connectorName":      "mysql", "__connect.errors.connector.name": "gold",
	} {
		if got[name] != want {
			t.Errorf("header %s is %q, want %q", name, got[name], want)
		}
	}
	if !strings.Contains(string(letter.Value), `"payload":{"before":null,"after":{"a":100,`) || !strings.Contains(string(letter.Key), `"payload":{"b":"x","a":100}`) {
		t.Errorf("the letter is %s = %s", letter.Key, letter.Value)
	}
	if failed != 1 || len(lines) != 1 || !strings.Contains(lines[0], "gold.inv.k_comp at 7 is refused at VALUE_CONVERTER") || !strings.Contains(lines[0], `"a":100`) {
		t.Errorf("%d failures, log %q", failed, lines)
	}
}

func TestARefusedEventIsLeftOutWithoutADeadLetterTopic(t *testing.T) {
	o := recordedOptions()
	o.Failures.Tolerate = true
	e := refusing(t, o, errNoForm)
	var failed int
	e.OnFailure(func(text string) { t.Errorf("logged %q", text) }, func(*EventError) { failed++ })
	if records := encodeAll(t, e, poisoned(), 0); len(records) != 7 || failed != 1 {
		t.Errorf("%d records, %d failures", len(records), failed)
	}
}

func TestATransformThatFailsIsNamed(t *testing.T) {
	o := recordedOptions()
	o.Transforms = []TransformOptions{{Name: "key", Type: connectTransforms + "ValueToKey", Properties: map[string]string{"fields": "none"}}}
	o.Failures = Failures{Tolerate: true, DeadLetters: "dead", DeadLetterHeaders: true}
	e := newPlainEncoder(t, o, recordedTables())
	for _, r := range encodeAll(t, e, commitOf(3, recordedTransactions()[2]...), 0) {
		text := fmt.Sprintf("%s", r.Headers)
		if r.Topic != "dead" || !strings.Contains(text, "TRANSFORMATION") || !strings.Contains(text, connectTransforms+"ValueToKey") || !strings.Contains(text, "transform key: field does not exist: none") {
			t.Errorf("%s: %s", r.Topic, text)
		}
	}
}

func TestRowsWithoutAnEventFollowTheMode(t *testing.T) {
	lost := txn.RowEvent{Table: 99, Op: txn.Insert, After: []txn.Value{txn.Int(1)}}
	events := []txn.RowEvent{recordedTransactions()[2][0], lost, recordedTransactions()[3][0]}
	for mode, want := range map[string]struct{ rows, lines int }{FailureFail: {1, 0}, FailureWarn: {2, 1}, FailureSkip: {2, 0}} {
		o := recordedOptions()
		o.TransactionMetadata = false
		o.Failures.Rows = mode
		e := newPlainEncoder(t, o, recordedTables())
		rows, lines := 0, 0
		e.OnFailure(func(string) { lines++ }, func(*EventError) { t.Error("a row without an event is no dead letter") })
		err := e.Encode(t.Context(), commitOf(4, events...), 0, func(Record) error { rows++; return nil }, func(uint64) error { return nil })
		if (err != nil) != (mode == FailureFail) || rows != want.rows || lines != want.lines {
			t.Errorf("%s: %d rows, %d lines, %v", mode, rows, lines, err)
		}
	}
}

// TestSkippingRowsHidesNoPublisher: an error of what takes the records is never about the row.
func TestSkippingRowsHidesNoPublisher(t *testing.T) {
	o := recordedOptions()
	o.Failures = Failures{Rows: FailureSkip, Tolerate: true}
	full := errors.New("no room")
	err := newPlainEncoder(t, o, recordedTables()).Encode(t.Context(), poisoned(), 0, func(Record) error { return full }, func(uint64) error { return nil })
	if !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

// smallPublisher takes no record whose value is longer than limit.
type smallPublisher struct {
	limit  int
	stored []Record
	done   func()
	want   int
	down   int // so many publishes fail first
	at     Progress
}

// Progress implements Publisher.
func (p *smallPublisher) Progress(context.Context) (Progress, error) { return p.at, nil }

// Publish implements Publisher.
func (p *smallPublisher) Publish(_ context.Context, batch []Record, at Progress) error {
	if p.down > 0 {
		p.down--
		return errors.New("the broker is away")
	}
	for i := range batch {
		if len(batch[i].Value) > p.limit {
			return &RecordError{i, errors.New("too large")}
		}
	}
	p.stored, p.at = append(p.stored, batch...), at
	if len(p.stored) >= p.want {
		p.done()
	}
	return nil
}

func emitSmall(t *testing.T, f Failures, p *smallPublisher) error {
	t.Helper()
	o := recordedOptions()
	o.TransactionMetadata = false
	o.Failures = f
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p.done = cancel
	long := recordedTransactions()[2][0]
	long.After = []txn.Value{txn.Int(6), txn.TextString(strings.Repeat("x", 5000)), txn.Int(0)}
	list := []*Committed{commitOf(2, recordedTransactions()[2][0], long), commitOf(5, recordedTransactions()[3][0])}
	m := NewEmitter(newPlainEncoder(t, o, recordedTables()), openFrom(list), p, Events{})
	m.pause = time.Microsecond
	return m.Run(ctx)
}

func TestARecordThatIsTooLargeIsRefused(t *testing.T) {
	var refused *EventError
	if err := emitSmall(t, Failures{}, &smallPublisher{limit: 4000, want: 2}); !errors.As(err, &refused) || refused.Stage != StageProduce || refused.Position != 2 || !strings.Contains(err.Error(), " at 2 ") {
		t.Errorf("%v", err)
	}
	p := &smallPublisher{limit: 4000, want: 2}
	if err := emitSmall(t, Failures{Tolerate: true}, p); !errors.Is(err, context.Canceled) || len(p.stored) != 2 {
		t.Errorf("%d records, %v", len(p.stored), err)
	}
	if err := emitSmall(t, Failures{Tolerate: true, DeadLetters: "dead"}, &smallPublisher{limit: 4000, want: 3}); !errors.As(err, &refused) || refused.Topic != "dead" {
		t.Errorf("a dead letter that is too large itself: %v", err)
	}
}

// TestWhatCommittedBeforeARefusedEventIsOut: who resets the emission to the position of the event loses nothing else. Of the transaction
// of the event nothing is out.
func TestWhatCommittedBeforeARefusedEventIsOut(t *testing.T) {
	first, second, third := recordedTransactions()[2][0], recordedTransactions()[2][0], recordedTransactions()[3][0]
	second.After = []txn.Value{txn.Int(100), txn.TextString(strings.Repeat("x", 5000)), txn.Int(0)}
	list := []*Committed{commitOf(2, first), commitOf(3, first), commitOf(5, first, second), commitOf(6, third)}
	o := recordedOptions()
	o.TransactionMetadata = false
	for name, c := range map[string]struct {
		refusal error
		limit   int
	}{"by a converter": {errNoForm, 1 << 20}, "by Kafka": {nil, 4000}} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		p := &smallPublisher{limit: c.limit, want: 99, done: cancel}
		e := newPlainEncoder(t, o, recordedTables())
		if c.refusal != nil {
			e = refusing(t, o, c.refusal)
		}
		m := NewEmitter(e, openFrom(list), p, Events{})
		m.pause = time.Microsecond
		m.wait = 5 * time.Second // all of them come into one batch
		err := m.Run(ctx)
		cancel()
		var refused *EventError
		if !errors.As(err, &refused) || refused.Position != 5 || len(p.stored) != 2 || p.at.Position < 3 || p.at.Position >= 5 || p.at.Events != 0 {
			t.Errorf("%s: %d records are out, up to %s; %v", name, len(p.stored), p.at.Position, err)
		}
	}
}

func TestTryingEndsWhenItIsToEnd(t *testing.T) {
	few, none := 3, time.Duration(0)
	var given *GivenUpError
	if err := emitSmall(t, Failures{MaxRetries: &few}, &smallPublisher{limit: 1 << 20, want: 3, down: 4}); !errors.As(err, &given) || given.Tries != 4 {
		t.Errorf("three tries of five: %v", err)
	}
	if err := emitSmall(t, Failures{MaxRetries: &few}, &smallPublisher{limit: 1 << 20, want: 3, down: 3}); !errors.Is(err, context.Canceled) {
		t.Errorf("three tries of three: %v", err)
	}
	if err := emitSmall(t, Failures{RetryTimeout: &none}, &smallPublisher{limit: 1 << 20, want: 3, down: 1}); !errors.As(err, &given) {
		t.Errorf("no time to try again: %v", err)
	}
}

func TestPausesGrow(t *testing.T) {
	o := recordedOptions()
	o.Failures.RetryFirst, o.Failures.RetryLongest = 300*time.Millisecond, time.Second
	m := NewEmitter(newPlainEncoder(t, o, recordedTables()), nil, nil, Events{})
	for i, want := range []time.Duration{300, 600, 1000, 1000} {
		if got, err := m.pauseFor(errNoForm, time.Now()); got != want*time.Millisecond || err != nil {
			t.Errorf("pause %d is %s, %v", i, got, err)
		}
	}
}

func TestFailurePropertiesAreRead(t *testing.T) {
	o, err := ParseOptions(map[string]string{"topic.prefix": "x", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dead", "errors.max.retries": "4",
		"errors.retry.timeout": "0", "errors.retry.delay.max.ms": "60000", "event.processing.failure.handling.mode": "ignore", "errors.deadletterqueue.topic.replication.factor": "1"})
	if err != nil {
		t.Fatal(err)
	}
	f := o.Failures
	if !f.Tolerate || f.DeadLetters != "dead" || *f.MaxRetries != 4 || *f.RetryTimeout != 0 || f.RetryLongest != time.Minute || f.Rows != FailureSkip || f.DeadLetterReplication != 1 || f.DeadLetterHeaders {
		t.Errorf("%+v", f)
	}
}
