package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"marmot/internal/golden"
)

// options are the flags of all commands.
type options struct {
	nodes, password string
	ours, theirs    topics
	patience        time.Duration
	times, most     int
	part            int
	least           float64
	arguments       []string
}

// theirPrefix begins the connector's topics; the emitter's begin with the recordings'.
const theirPrefix = "connectors"

func main() {
	o := options{ours: topics{prefix: "gold"}, theirs: topics{prefix: theirPrefix}}
	flag.StringVar(&o.nodes, "nodes", "", "host:port of the nodes that take statements in turn, with commas")
	flag.StringVar(&o.password, "password", "", "root's password")
	flag.StringVar(&o.ours.brokers, "ours", "", "brokers of the Kafka that has the emitter's events, with commas")
	flag.StringVar(&o.theirs.brokers, "theirs", "", "brokers of the Kafka that has the connector's events, with commas")
	flag.DurationVar(&o.patience, "patience", 2*time.Minute, "how long to wait for what does not come")
	flag.IntVar(&o.times, "times", 1, "how many notifications to wait for")
	flag.IntVar(&o.part, "part", 0, "execute only this part of the script, from 1; parts are divided by DO SLEEP")
	flag.IntVar(&o.most, "most", 40, "how many differences to print")
	flag.Float64Var(&o.least, "least", 98, "the least share of identical events, in percent")
	flag.Parse()
	commands := map[string]func(context.Context, io.Writer) error{"setting": o.setting, "execute": o.execute, "await": o.await, "compare": o.compare}
	run := commands[flag.Arg(0)]
	if run == nil {
		fmt.Fprintln(os.Stderr, "twins: want setting, execute, await or compare behind the flags")
		os.Exit(2)
	}
	o.arguments = flag.Args()[1:]
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "twins:", err)
		os.Exit(1)
	}
}

// argument is the only one of a command.
func (o *options) argument(what string) (string, error) {
	if len(o.arguments) != 1 {
		return "", fmt.Errorf("want %s, have %d arguments", what, len(o.arguments))
	}
	return o.arguments[0], nil
}

// setting prints a recording's setting for both sides: "emitter KEY=VALUE", "connector KEY=VALUE", "variable NAME=VALUE", and rows_query.
func (o *options) setting(_ context.Context, out io.Writer) error {
	name, err := o.argument("the name of a setting")
	if err != nil {
		return err
	}
	runs := golden.Runs()
	at := slices.IndexFunc(runs, func(r golden.Run) bool { return r.Name == name })
	if at < 0 {
		return fmt.Errorf("there is no setting %q", name)
	}
	run := golden.Whole(runs[at])
	var lines []string
	for key, value := range run.Properties {
		lines = append(lines, "emitter "+key+"="+value)
		if key != "gtid" { // the server's, for the connector
			lines = append(lines, "connector "+key+"="+strings.Replace(value, o.ours.prefix, o.theirs.prefix, 1))
		}
	}
	variables := maps.Clone(run.Variables)
	if variables == nil {
		variables = map[string]string{}
	}
	if run.Properties["gtid"] == "off" {
		variables["gtid_mode"] = "OFF"
	}
	if run.RowsQuery {
		lines = append(lines, "node log.rows_query=true")
		variables["binlog_rows_query_log_events"] = "ON"
	}
	if run.Properties["include.schema.comments"] == "true" {
		variables["binlog_row_metadata"] = "FULL" // as the recording's server had
	}
	for key, value := range variables {
		lines = append(lines, "variable "+key+"="+value)
	}
	slices.Sort(lines)
	_, err = fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

// compare prints how the two streams compare; it fails if fewer events than asked for are identical.
func (o *options) compare(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	ours, err := o.ours.whole(ctx)
	if err != nil {
		return fmt.Errorf("the emitter's events: %w", err)
	}
	theirs, err := o.theirs.whole(ctx)
	if err != nil {
		return fmt.Errorf("the connector's events: %w", err)
	}
	r := golden.Compare(renamed(theirs, o.theirs.prefix, o.ours.prefix), ours)
	report(out, r, o.most)
	if r.Percent() < o.least {
		return fmt.Errorf("%.2f %% of the events are identical, want %g", r.Percent(), o.least)
	}
	return nil
}

// report prints differences, the connector's event first, and the sum.
func report(out io.Writer, r *golden.Result, most int) {
	for _, list := range []struct {
		name string
		of   []golden.Difference
	}{{"different", r.Different}, {"only the connector's", r.Missing}, {"only the emitter's", r.Extra}} {
		for i, d := range list.of {
			if i == most {
				fmt.Fprintf(out, "%s: and %d more\n", list.name, len(list.of)-most)
				break
			}
			want, got := d.Around()
			fmt.Fprintf(out, "%s, %s\n", list.name, d.Topic)
			if want != "" {
				fmt.Fprintf(out, "  connector %s\n", want)
			}
			if got != "" {
				fmt.Fprintf(out, "  emitter   %s\n", got)
			}
		}
	}
	fmt.Fprint(out, r.Summary())
}

// errNever is what a wait that is over ends with.
var errNever = errors.New("it has not come")
