package golden

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Difference is an event that is not as recorded. Want or Got is empty where there is none.
type Difference struct{ Topic, Want, Got string }

// Result is the outcome of a comparison.
type Result struct {
	Identical  int
	Different  []Difference
	Missing    []Difference
	Extra      []Difference
	ByTopic    map[string][2]int // identical and all
	topicOrder []string
}

// Percent is the share of identical events.
func (r *Result) Percent() float64 {
	all := r.Identical + len(r.Different) + len(r.Missing) + len(r.Extra)
	if all == 0 {
		return 0
	}
	return 100 * float64(r.Identical) / float64(all)
}

// Summary is a line for each topic that is not all identical, and the sum.
func (r *Result) Summary() string {
	var b strings.Builder
	for _, topic := range r.topicOrder {
		if n := r.ByTopic[topic]; n[0] != n[1] {
			fmt.Fprintf(&b, "%-32s %d of %d\n", topic, n[0], n[1])
		}
	}
	fmt.Fprintf(&b, "%d identical, %d different, %d missing, %d extra: %.2f %%\n", r.Identical, len(r.Different), len(r.Missing), len(r.Extra), r.Percent())
	return b.String()
}

// Compare compares two lists of events for each topic. Heartbeats are paired; their number is not judged.
func Compare(want, got []Event) *Result { return compare(want, got, false) }

// CompareInOrder is Compare where all events of a topic stand in one order.
func CompareInOrder(want, got []Event) *Result { return compare(want, got, true) }

func compare(want, got []Event, inOrder bool) *Result {
	r := &Result{ByTopic: map[string][2]int{}}
	byTopic := func(list []Event) map[string][]string {
		m := map[string][]string{}
		for _, e := range list {
			if _, ok := r.ByTopic[e.Topic]; !ok {
				r.ByTopic[e.Topic] = [2]int{}
				r.topicOrder = append(r.topicOrder, e.Topic)
			}
			m[e.Topic] = append(m[e.Topic], masked(e))
		}
		return m
	}
	wanted, given := byTopic(want), byTopic(got)
	for _, topic := range r.topicOrder {
		a, b := wanted[topic], given[topic]
		if strings.HasPrefix(topic, "__debezium-heartbeat") && len(a) > 0 && len(b) > 0 {
			n := min(len(a), len(b))
			a, b = a[:n], b[:n]
		}
		r.compareTopic(topic, a, b, inOrder)
	}
	return r
}

// compareTopic aligns by the longest common subsequence for each key, or of all; what lies between two common events is paired in order.
func (r *Result) compareTopic(topic string, want, got []string, inOrder bool) {
	before := r.Identical
	others := len(r.Different) + len(r.Missing) + len(r.Extra)
	keys := []string{}
	group := func(list []string) map[string][]string {
		m := map[string][]string{}
		for _, e := range list {
			key, _, _ := strings.Cut(e, "\n")
			if inOrder {
				key = ""
			}
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
			m[key] = append(m[key], e)
		}
		return m
	}
	a, b := group(want), group(got)
	for _, key := range keys {
		r.align(topic, a[key], b[key])
	}
	r.ByTopic[topic] = [2]int{r.Identical - before, r.Identical - before + len(r.Different) + len(r.Missing) + len(r.Extra) - others}
}

func (r *Result) align(topic string, want, got []string) {
	length := make([][]int, len(want)+1)
	for i := range length {
		length[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			if want[i] == got[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		i0, j0 := i, j
		for i < len(want) && j < len(got) && want[i] != got[j] || i < len(want) != (j < len(got)) {
			if j >= len(got) || i < len(want) && length[i+1][j] >= length[i][j+1] {
				i++
			} else {
				j++
			}
		}
		for ; i0 < i && j0 < j; i0, j0 = i0+1, j0+1 {
			r.Different = append(r.Different, Difference{topic, want[i0], got[j0]})
		}
		for ; i0 < i; i0++ {
			r.Missing = append(r.Missing, Difference{topic, want[i0], ""})
		}
		for ; j0 < j; j0++ {
			r.Extra = append(r.Extra, Difference{topic, "", got[j0]})
		}
		if i < len(want) && j < len(got) {
			r.Identical++
			i, j = i+1, j+1
		}
	}
}

const uuid = `[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}`

// masks hide what differs between any two runs of the connector.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`"(ts_ms|ts_us|ts_ns|timestamp|pos|thread)":-?\d+`), `"$1":…`},
	{regexp.MustCompile(`"(server_id)":[1-9]\d*`), `"$1":…`},
	{regexp.MustCompile(`"(iodebezium(?:tsms|tsus|tsns|pos|thread))":"-?\d+"`), `"$1":"…"`}, // of CloudEvents
	{regexp.MustCompile(`"(iodebezium(?:version|file))":"[^"]*"`), `"$1":"…"`},
	{regexp.MustCompile(`"iodebeziumserverid":"[1-9]\d*"`), `"iodebeziumserverid":"…"`},
	{regexp.MustCompile(`"id":"name:(\w+);file:[^;"]*;pos:\d+"`), `"id":"$1;file;pos"`},
	{regexp.MustCompile(`"version":"[^"]*"`), `"version":"…"`},
	{regexp.MustCompile(`"file":"[^"]*"`), `"file":"…"`},
	{regexp.MustCompile(`"` + uuid + `:\d+"`), `"gtid"`},
	{regexp.MustCompile(`"file=[^,"]*,pos=\d+"`), `"file,pos"`},
	{regexp.MustCompile(uuid), `uuid`},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`), `stamp`}, // of a window, and CURRENT_TIMESTAMP
	{regexp.MustCompile(`20(?:2[6-9]|3[0-7])-\d\d-\d\dT\d\d:\d\d:\d\dZ`), `stamp`},
	{regexp.MustCompile(`\[B@[0-9a-f]+`), `[B@…`},
}

var (
	// blocking rows of a snapshot: thread and query are a race in the connector.
	blocking = regexp.MustCompile(`"snapshot":"(?:true|first|last|first_in_data_collection|last_in_data_collection)".*"server_id":…`)
	// blockingChange is a definition that a blocking snapshot is the first to read.
	blockingChange = regexp.MustCompile("\"snapshot\":\"false\".*\"ddl\":\"(?:DROP TABLE IF EXISTS `|CREATE TABLE `[^`]*` \\(\\\\n)")
	threadQuery    = regexp.MustCompile(`"thread":(?:null|…),"query":(?:null|"(?:[^"\\]|\\.)*")`)
	collections    = regexp.MustCompile(`"data_collections":\[(\{[^\]]*\})\]`)
	additional     = regexp.MustCompile(`"additional_data":\{([^}]*)\}`)
	clockNumber    = regexp.MustCompile(`[:,]\d{13,19}[,}]`)
	jsonColumns    = regexp.MustCompile(`"name":"io\.debezium\.data\.Json"[^}]*"field":"([^"]+)"`)
)

// masked returns key, headers and value as text without what no two runs have in common. The key comes first, up to a line's end.
func masked(e Event) string {
	var b strings.Builder
	b.WriteString(mask(e.Key))
	b.WriteByte('\n')
	for _, h := range e.Headers {
		value := h.Value
		if h.Name == "__debezium.context.runId" && value != "" {
			value = "…"
		}
		b.WriteString(h.Name + "=" + mask([]byte(value)) + "\n")
	}
	b.WriteString(mask(e.Value))
	return b.String()
}

func mask(b []byte) string {
	if b == nil {
		return "-"
	}
	// The schema in front of a payload is the same in any run.
	var schema []byte
	if at := bytes.Index(b, []byte(`,"payload":`)); at >= 0 && bytes.HasPrefix(b, []byte(`{"schema":`)) {
		schema, b = b[:at], b[at:]
	}
	b = clockNumber.ReplaceAllFunc(b, ownClock)
	for _, m := range masks {
		b = m.pattern.ReplaceAll(b, []byte(m.with))
	}
	if blocking.Match(b) || blockingChange.Match(b) {
		b = threadQuery.ReplaceAll(b, []byte(`"thread":?,"query":?`))
	}
	b = sorted(b, collections, "},{", "},{")
	b = sorted(b, additional, `","`, `","`)
	return string(schema) + string(compactJSON(schema, b))
}

// ownClock hides a number that is a clock of this year's runs: CURRENT_TIMESTAMP as milli-, micro- or nanoseconds.
func ownClock(number []byte) []byte {
	n, err := strconv.ParseInt(string(number[1:len(number)-1]), 10, 64)
	if err != nil {
		return number
	}
	for n > 1e14 {
		n /= 1000
	}
	if at := time.UnixMilli(n); at.Year() < 2026 || at.Year() > 2100 {
		return number
	}
	return slices.Concat(number[:1], []byte("…"), number[len(number)-1:])
}

// sorted puts the parts of a list that has no order into one.
func sorted(b []byte, list *regexp.Regexp, cut, join string) []byte {
	return list.ReplaceAllFunc(b, func(found []byte) []byte {
		inner := list.FindSubmatchIndex(found)
		head, body, tail := found[:inner[2]], found[inner[2]:inner[3]], found[inner[3]:]
		if len(body) < 2 {
			return found
		}
		parts := strings.Split(string(body[1:len(body)-1]), cut)
		for i, p := range parts {
			// A list of tables inside a notification has no order either.
			if name, tables, ok := strings.Cut(p, `":"`); ok && name == "data_collections" {
				t := strings.Split(tables, ",")
				sort.Strings(t)
				parts[i] = name + `":"` + strings.Join(t, ",")
			}
		}
		sort.Strings(parts)
		return slices.Concat(head, body[:1], []byte(strings.Join(parts, join)), body[len(body)-1:], tail)
	})
}

// compactJSON drops the blanks after colons and commas in the values of JSON columns: MySQL's text has them in a snapshot.
func compactJSON(schema, b []byte) []byte {
	if !bytes.Contains(schema, []byte("io.debezium.data.Json")) {
		return b
	}
	for _, column := range jsonColumns.FindAllSubmatch(schema, -1) {
		value := regexp.MustCompile(`"` + regexp.QuoteMeta(string(column[1])) + `":"(?:[^"\\]|\\.)*"`)
		b = value.ReplaceAllFunc(b, func(v []byte) []byte {
			v = bytes.ReplaceAll(v, []byte(`: `), []byte(`:`))
			return bytes.ReplaceAll(v, []byte(`, `), []byte(`,`))
		})
	}
	return b
}
