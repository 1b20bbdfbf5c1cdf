package debezium

import "fmt"

// predicate says of a message whether a transform takes it.
type predicate func(m *Message) (bool, error)

const connectPredicates = connectTransforms + "predicates."

// newPredicate builds a predicate of Kafka Connect.
func newPredicate(o *PredicateOptions) (predicate, error) {
	p := newPropertyReader("predicates."+o.Name+".", o.Properties)
	var made predicate
	switch o.Type {
	case connectPredicates + "TopicNameMatches", "TopicNameMatches":
		pattern := p.pattern("pattern", "", true)
		made = func(m *Message) (bool, error) { return pattern.matches(m.Topic) }
	case connectPredicates + "HasHeaderKey", "HasHeaderKey":
		name := p.required("name")
		made = func(m *Message) (bool, error) {
			for i := range m.Headers {
				if m.Headers[i].Name == name {
					return true, nil
				}
			}
			return false, nil
		}
	case connectPredicates + "RecordIsTombstone", "RecordIsTombstone":
		made = func(m *Message) (bool, error) { return m.Value.Value == nil, nil }
	default:
		return nil, &PropertyError{"predicates." + o.Name + ".type", o.Type, fmt.Sprintf("want %sTopicNameMatches, HasHeaderKey or RecordIsTombstone", connectPredicates)}
	}
	return made, p.finish()
}
