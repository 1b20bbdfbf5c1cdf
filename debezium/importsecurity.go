package debezium

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"marmot/internal/kafkaclient"
)

// importedSecurity is what becomes of a connector's settings for reaching Kafka.
type importedSecurity struct {
	taken    []kafkaclient.Translation
	comments strings.Builder
	refused  int
}

// importSecurity takes out of given how the connector's clients reach Kafka. What its producer is told holds for the emitter; what the consumer of signals
// is told for that. The producer of the schema history writes to no topic here: its settings are shown, since events mostly go to the same Kafka.
func importSecurity(given map[string]string) *importedSecurity {
	s := &importedSecurity{}
	if brokers := given["producer.override.bootstrap.servers"]; brokers != "" {
		s.taken = append(s.taken, kafkaclient.Translation{Name: "brokers", Value: brokers})
		delete(given, "producer.override.bootstrap.servers")
	}
	producer := takeClient("producer.override.", given, true)
	s.translate("", "producer.override.", producer)
	s.translate("signal.consumer.", "signal.consumer.", takeClient("signal.consumer.", given, true))
	history := takeClient("schema.history.internal.producer.", given, false)
	if len(producer) > 0 || len(history) == 0 {
		return s
	}
	list, err := kafkaclient.Translate(history)
	if err != nil {
		return s // nobody needs it here
	}
	s.comments.WriteString("# schema.history.internal.producer.: every node keeps the history of all definitions. If the events go to the same Kafka, set this too:\n")
	if brokers := given["schema.history.internal.kafka.bootstrap.servers"]; brokers != "" {
		fmt.Fprintf(&s.comments, "#   brokers = %q\n", brokers)
	}
	for _, t := range list {
		fmt.Fprintf(&s.comments, "#   %s\n", t)
	}
	return s
}

// takeClient returns the settings of one client; take: they are removed.
func takeClient(prefix string, given map[string]string, take bool) map[string]string {
	found := map[string]string{}
	for _, property := range slices.Sorted(maps.Keys(given)) {
		if name, ok := strings.CutPrefix(property, prefix); ok && kafkaclient.IsSetting(name) {
			found[name] = given[property]
			if take {
				delete(given, property)
			}
		}
	}
	return found
}

// translate notes settings by their own names behind a prefix, or why they cannot be taken over.
func (s *importedSecurity) translate(prefix, from string, client map[string]string) {
	list, err := kafkaclient.Translate(client)
	if err != nil {
		var wrong *kafkaclient.SettingError
		name, reason := "", err.Error()
		if errors.As(err, &wrong) {
			name, reason = wrong.Name, wrong.Reason
		}
		s.refused++
		fmt.Fprintf(&s.comments, "# %s%s: not taken over, nor the others of %s: %s\n", from, name, from, reason)
		return
	}
	for _, t := range list {
		if !t.Secret {
			t.Name = prefix + t.Name
			s.taken = append(s.taken, t)
			continue
		}
		s.refused++
		fmt.Fprintf(&s.comments, "# %s%s: not taken over: a secret; write it into a file and name that in %q\n", prefix, t.Name, prefix+fileOf(t.Name))
	}
}

// fileOf is the setting that names a file with a secret.
func fileOf(name string) string {
	if name == "ssl.keystore.key" {
		return "ssl.key_file"
	}
	return name + "_file"
}
