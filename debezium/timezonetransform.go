package debezium

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// timezoneConverter is TimezoneConverter: times of rows in another time zone.
type timezoneConverter struct {
	zone             *time.Location
	include, exclude bool
	// The fields of each topic or table that a list names; none: all.
	topics, tables, either map[string][]string
}

// timezoneLists is what include.list and exclude.list have to look like.
var timezoneLists = regexp.MustCompile(`^\[(source|topic|[".\w\s_]+):([".\w\s_]+(?::[".\w\s_]+)?(?:,|]$))+$`)

// timezoneEpochs are the times of the source block, which have no name.
var timezoneEpochs = map[string]int64{"ts_ms": 1000, "ts_us": 1_000_000, "ts_ns": 1_000_000_000}

func newTimezoneConverter(p *propertyReader, _ func(string)) Transform {
	t := &timezoneConverter{topics: map[string][]string{}, tables: map[string][]string{}, either: map[string][]string{}}
	name := p.required("converted.timezone")
	var err error
	if t.zone, err = javaZone(name); err != nil {
		p.fail("converted.timezone", err.Error())
	}
	include, exclude := p.list("include.list"), p.list("exclude.list")
	t.include, t.exclude = len(include) > 0, len(exclude) > 0
	for property, list := range map[string][]string{"include.list": include, "exclude.list": exclude} {
		if len(list) > 0 && !timezoneLists.MatchString("["+strings.Join(list, ", ")+"]") {
			p.fail(property, "want source:<table>[:<field>], topic:<topic>[:<field>], <name>:<field>")
		}
	}
	if t.include && t.exclude {
		p.fail("exclude.list", "give this or include.list, not both")
	}
	t.collect(append(include, exclude...))
	return transformFunc(t.apply)
}

// collect reads the rules. One without source: or topic: is of the kind of the rule before.
func (t *timezoneConverter) collect(rules []string) {
	to := t.either
	for _, rule := range rules {
		parts := strings.Split(rule, ":")
		switch parts[0] {
		case "source":
			to = t.tables
		case "topic":
			to = t.topics
		}
		if strings.EqualFold(parts[0], "source") || strings.EqualFold(parts[0], "topic") {
			parts = parts[1:]
		}
		if len(parts) == 0 {
			continue
		}
		if to[parts[0]] == nil {
			to[parts[0]] = []string{}
		}
		if len(parts) > 1 {
			to[parts[0]] = append(to[parts[0]], parts[1])
		}
	}
}

// javaOffset is an offset from UTC as a time zone.
var javaOffset = regexp.MustCompile(`^([+-])(\d{2}):(\d{2})(?::(\d{2}))?$`)

// javaZone finds a time zone by the name that Java gives it.
func javaZone(name string) (*time.Location, error) {
	if m := javaOffset.FindStringSubmatch(name); m != nil {
		seconds := 0
		for i, unit := range []int{3600, 60, 1} {
			n, _ := strconv.Atoi("0" + m[i+2]) // two digits, or none
			seconds += n * unit
		}
		if seconds > 18*3600 {
			return nil, fmt.Errorf("want an offset up to 18 hours")
		}
		if m[1] == "-" {
			seconds = -seconds
		}
		return time.FixedZone(name, seconds), nil
	}
	switch name {
	case "EST", "MST", "HST", "Local", "": // which java.time.ZoneId does not know
		return nil, fmt.Errorf("want a time zone as America/Los_Angeles, or an offset as +08:00")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("want a time zone as America/Los_Angeles, or an offset as +08:00: %w", err)
	}
	return zone, nil
}

// apply converts the rows of a change, and of its source block what a rule names.
func (t *timezoneConverter) apply(m Message) (Message, bool, error) {
	if m.Value.Value == nil || !m.isEnvelope() {
		return m, true, nil
	}
	source, _ := m.Value.get("source")
	table := ""
	if source.Schema != nil {
		named, _ := source.get("table")
		table, _ = named.Value.(string)
	}
	fields, matched := t.rule(m.Topic, table)
	var takes func(name string, explicit []string) bool
	switch {
	case t.include && !matched, t.exclude && matched && len(fields) == 0:
		return m, true, nil
	case t.include && len(fields) > 0:
		takes = func(name string, explicit []string) bool { return slices.Contains(explicit, name) }
	case t.exclude && matched:
		takes = func(name string, explicit []string) bool { return !slices.Contains(explicit, name) }
	default:
		takes = func(string, []string) bool { return true }
	}
	envelope, ok := m.Value.Value.([]any)
	if !ok {
		return m, true, nil
	}
	envelope = slices.Clone(envelope)
	for i, f := range m.Value.Schema.Fields {
		explicit := fieldsOf(f.Name, fields)
		if f.Name != "before" && f.Name != "after" && (f.Name != "source" || len(explicit) == 0) {
			continue
		}
		row, ok := envelope[i].([]any)
		if !ok || f.Schema.Kind != KindStruct {
			continue
		}
		changed, err := t.row(f.Name, f.Schema, row, func(name string) bool { return takes(name, explicit) })
		if err != nil {
			return m, false, err
		}
		envelope[i] = changed
	}
	m.Value.Value = envelope
	return m, true, nil
}

// fieldsOf are the fields that rules name of a part of the envelope: source.x, before.x, after.x, and x of both rows.
func fieldsOf(part string, fields []string) []string {
	var list []string
	for _, f := range fields {
		prefixed := false
		for _, known := range []string{"source", "before", "after"} {
			if name, ok := strings.CutPrefix(f, known+"."); ok {
				if prefixed = true; known == part {
					list = append(list, name)
				}
				break
			}
		}
		if !prefixed && part != "source" {
			list = append(list, f)
		}
	}
	return list
}

// rule finds the rule of a topic or a table.
func (t *timezoneConverter) rule(topic, table string) ([]string, bool) {
	for _, look := range []struct {
		in   map[string][]string
		name string
	}{{t.topics, topic}, {t.tables, table}, {t.either, topic}, {t.either, table}} {
		if fields, ok := look.in[look.name]; ok {
			return fields, true
		}
	}
	return nil, false
}

// row converts the times of a struct.
func (t *timezoneConverter) row(part string, s *Schema, row []any, takes func(string) bool) ([]any, error) {
	row = slices.Clone(row)
	for i, f := range s.Fields {
		if !takes(f.Name) {
			continue
		}
		v := Datum{f.Schema, row[i]}.orDefault()
		if v == nil {
			continue
		}
		n, isNumber := v.(int64)
		unit := timezoneEpochs[f.Name]
		switch {
		case f.Schema.Name == "" && part == "source" && unit != 0 && isNumber:
			seconds := floorDiv(n, unit)
			_, offset := time.Unix(seconds, 0).In(t.zone).Zone()
			row[i] = n + int64(offset)*unit
		case f.Schema.Name != "":
			var err error
			if row[i], err = t.value(f.Schema.Name, v, row[i]); err != nil {
				return nil, fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
	}
	return row, nil
}

// value converts a value of a semantic type; old is what there is of another.
func (t *timezoneConverter) value(name string, v, old any) (any, error) {
	switch n := v.(type) {
	case int64:
		unit := map[string]int64{"io.debezium.time.MicroTimestamp": 1_000_000, "io.debezium.time.NanoTimestamp": 1_000_000_000,
			"io.debezium.time.Timestamp": 1000, connectTimestamp: 1000}[name]
		if unit != 0 {
			return n - int64(localOffset(t.zone, floorDiv(n, unit)))*unit, nil
		}
	case string:
		switch name {
		case "io.debezium.time.ZonedTimestamp":
			at, err := time.Parse(time.RFC3339Nano, n)
			if err != nil {
				return nil, fmt.Errorf("no time: %s", n)
			}
			_, own := at.Zone()
			offset := localOffset(t.zone, at.Unix()+int64(own))
			return at.In(time.FixedZone("", offset)).Format("2006-01-02T15:04:05.999999999") + offsetText(offset), nil
		case "io.debezium.time.ZonedTime":
			return nil, fmt.Errorf("MySQL has no times of a zone")
		}
	}
	return old, nil
}

// offsetText is +01:30, or Z.
func offsetText(seconds int) string {
	if seconds == 0 {
		return "Z"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d:%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf(":%02d", seconds%60)
	}
	return text
}

// localOffset is the offset of a zone at a time of its clocks, in seconds since 1970. Where clocks show a time twice or not at all, it is the
// one of before the change, as in java.time.zone.ZoneRules.
func localOffset(zone *time.Location, local int64) int {
	at := time.Unix(local, 0).Add(-26 * time.Hour).In(zone) // no offset is larger
	_, before := at.Zone()
	for {
		_, offset := at.Zone()
		start, end := at.ZoneBounds()
		switch {
		case !start.IsZero() && local < start.Unix()+int64(offset):
			return before
		case end.IsZero() || local < end.Unix()+int64(offset):
			return offset
		}
		before, at = offset, end.In(zone)
	}
}
