package golden

import (
	"maps"
	"regexp"
	"strings"
)

// Notifications is the topic of notifications behind the prefix.
const Notifications = ".notifications"

// Whole is a setting with the properties that its recording had beside those of Runs: signals, notifications, heartbeats.
func Whole(run Run) Run {
	run.Properties = maps.Clone(run.Properties)
	maps.Copy(run.Properties, map[string]string{
		"signal.data.collection": "inv.dbz_signal", "notification.enabled.channels": "sink",
		"notification.sink.topic.name": run.Properties["topic.prefix"] + Notifications, "incremental.snapshot.chunk.size": "2",
	})
	if run.Name == "default" {
		run.Properties["heartbeat.interval.ms"] = "2000" // the others have none
	}
	if run.Name == "alt2" {
		run.Properties["snapshot.mode"] = "no_data"
	}
	return run
}

// before and behind are how much of two events is shown on either side of the first byte that differs.
const before, behind = 100, 200

// Around are both events as one reads them: what lies around the first byte that differs, or of one alone what is no schema.
func (d *Difference) Around() (want, got string) {
	if d.Want == "" || d.Got == "" {
		return plain(d.Want), plain(d.Got)
	}
	at := 0
	for at < min(len(d.Want), len(d.Got)) && d.Want[at] == d.Got[at] {
		at++
	}
	part := func(s string) string {
		return "…" + strings.ReplaceAll(s[max(0, at-before):min(len(s), at+behind)], "\n", " | ")
	}
	return part(d.Want), part(d.Got)
}

var schemaInFront = regexp.MustCompile(`\{"schema":.*,"payload":`)

// plain is an event without schemas, on one line.
func plain(event string) string {
	const most = 700
	event = strings.ReplaceAll(schemaInFront.ReplaceAllString(event, ""), "\n", " | ")
	return event[:min(len(event), most)]
}
