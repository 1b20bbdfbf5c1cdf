package debezium

import (
	"fmt"
	"strconv"
	"time"
)

// What is done with rows of which no event can be made: event.processing.failure.handling.mode.
const (
	FailureFail = "fail"
	FailureWarn = "warn"
	FailureSkip = "skip"
)

// Failures says what becomes of events that cannot be emitted.
type Failures struct {
	Rows string // event.processing.failure.handling.mode: of rows without an event; empty: fail
	// Tolerate goes on behind an event that a transform, a converter or Kafka refuses: errors.tolerance = all.
	Tolerate bool
	// DeadLetters is the topic of such events; empty: they are left out. errors.deadletterqueue.topic.name.
	DeadLetters           string
	DeadLetterHeaders     bool // the cause in headers: errors.deadletterqueue.context.headers.enable
	DeadLetterReplication int  // errors.deadletterqueue.topic.replication.factor; 0: that of the other topics
	Log, LogMessages      bool // errors.log.enable, errors.log.include.messages
	// What cannot be done for the time being is tried again after RetryFirst, and longer pauses up to RetryLongest.
	RetryFirst, RetryLongest time.Duration // errors.retry.delay.initial.ms, errors.retry.delay.max.ms; 0: the default
	// MaxRetries and RetryTimeout give up trying; nil, negative: never.
	MaxRetries   *int           // errors.max.retries
	RetryTimeout *time.Duration // errors.retry.timeout
}

var failureProperties = []Property{
	{Name: "event.processing.failure.handling.mode", Default: FailureFail, Doc: "a row of which no event can be made: fail, or go on with (warn) or without (skip) a line in the log", Kind: WordProperty,
		Values: words(FailureFail, FailureWarn, FailureSkip, "ignore"), set: func(o *Options, v string) error { return o.setFailure(v) }},
	{Name: "errors.tolerance", Default: "none", Doc: "none, or all: go on behind an event that a transform, a converter or Kafka refuses", Kind: WordProperty, Values: words("none", "all"), set: func(o *Options, v string) error {
		switch v {
		case "all":
			o.Failures.Tolerate = true
		case "none":
		default:
			return fmt.Errorf("want none, all")
		}
		return nil
	}},
	textProperty("errors.deadletterqueue.topic.name", "", "topic of events that cannot be emitted, with errors.tolerance = all", func(o *Options) *string { return &o.Failures.DeadLetters }),
	flag("errors.deadletterqueue.context.headers.enable", "false", "the cause in headers of such a record", func(o *Options) *bool { return &o.Failures.DeadLetterHeaders }),
	integer("errors.deadletterqueue.topic.replication.factor", "0", "replicas of that topic; 0: those of the other topics", 0, 15, func(o *Options, n int) { o.Failures.DeadLetterReplication = n }).connectors("3"),
	flag("errors.log.enable", "true", "a line in the log for each event that is left out", func(o *Options) *bool { return &o.Failures.Log }).connectors("false"),
	flag("errors.log.include.messages", "false", "with its key", func(o *Options) *bool { return &o.Failures.LogMessages }),
	integer("errors.retry.delay.initial.ms", "300", "milliseconds before what cannot be done for the time being is tried again", 1, 3_600_000, func(o *Options, n int) { o.Failures.RetryFirst = milliseconds(n) }),
	integer("errors.retry.delay.max.ms", "1000", "the longest such pause", 1, 3_600_000, func(o *Options, n int) { o.Failures.RetryLongest = milliseconds(n) }).connectors("10000"),
	integer("errors.max.retries", "-1", "how often, before the emission counts as failed; -1: for ever", -1, 1<<31-1, func(o *Options, n int) { o.Failures.MaxRetries = &n }),
	integer("errors.retry.timeout", "-1", "milliseconds for which, before the emission counts as failed; -1: for ever", -1, 1<<31-1, func(o *Options, n int) {
		d := milliseconds(n)
		o.Failures.RetryTimeout = &d
	}).connectors("0"),
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// integer is a property with a number between two bounds.
func integer(name, def, doc string, low, high int, field func(*Options, int)) Property {
	return Property{Name: name, Default: def, Doc: doc, set: func(o *Options, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("want a number from %d to %d", low, high)
		}
		field(o, n)
		return nil
	}}
}

func (o *Options) setFailure(mode string) error {
	switch mode {
	case FailureFail, FailureWarn, FailureSkip:
		o.Failures.Rows = mode
	case "ignore":
		o.Failures.Rows = FailureSkip // its name before
	default:
		return fmt.Errorf("want fail, warn, skip")
	}
	return nil
}
