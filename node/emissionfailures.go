package node

import "marmot/debezium"

// tellFailures has the log and the status of the node tell of events that cannot be emitted.
func (e *emission) tellFailures() {
	e.encoder.OnFailure(
		func(text string) { e.logger.Warn("an event is not emitted", "emitter", e.name, "reason", text) },
		func(*debezium.EventError) { e.refused.Add(1) },
	)
}

// deadLetterReplicas says how many replicas the topic of dead letters has, if others than the topics of events.
func deadLetterReplicas(o debezium.Options) map[string]int16 {
	if o.Failures.DeadLetters == "" || o.Failures.DeadLetterReplication == 0 {
		return nil
	}
	return map[string]int16{o.Failures.DeadLetters: int16(o.Failures.DeadLetterReplication)}
}
