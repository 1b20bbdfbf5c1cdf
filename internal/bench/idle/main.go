package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
)

const (
	// dialers open connections side by side.
	dialers = 32
	// samples of the node's memory are taken until two in a row are as good as equal, at most so many.
	samples = 15
	// settled is how much two samples in a row may differ: bytes of a connection.
	settled = 256
)

func main() {
	o := options{}
	flag.StringVar(&o.address, "address", "", "host:port of the node")
	flag.StringVar(&o.password, "password", "", "root's password")
	flag.StringVar(&o.admin, "admin", "", "the node's admin.listen, with admin.profiling")
	flag.StringVar(&o.name, "name", "", "what the line of the report is called")
	flag.StringVar(&o.query, "query", "SELECT 1", "what each connection has done before it idles")
	flag.IntVar(&o.connections, "connections", 10_000, "how many")
	flag.BoolVar(&o.tls, "tls", false, "with TLS")
	flag.IntVar(&o.most, "most", 50<<10, "bytes of resident memory that a connection may take; more is an error")
	flag.Parse()
	if err := o.run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

type options struct {
	address, password, admin, name, query string
	connections, most                     int
	tls                                   bool
}

// memory is what the node says of itself, in bytes.
type memory struct{ resident, heap, stacks int }

// run measures, and writes a line: name, connections, bytes of resident memory, heap and stacks for each, seconds that opening took.
func (o *options) run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	first, err := o.open() // what the first connection makes is no cost of each
	if err != nil {
		return err
	}
	defer func() { _ = first.Close() }() // the node sees it go
	before, err := o.rest(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	list, err := o.openAll(ctx)
	defer func() {
		for _, c := range list {
			_ = c.Close() // the node sees it go
		}
	}()
	if err != nil {
		return err
	}
	took := time.Since(began)
	after, err := o.rest(ctx)
	if err != nil {
		return err
	}
	each := func(before, after int) int { return (after - before) / o.connections }
	resident := each(before.resident, after.resident)
	if _, err := fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\t%.1f\n", o.name, o.connections, resident, each(before.heap, after.heap),
		each(before.stacks, after.stacks), took.Seconds()); err != nil {
		return err
	}
	if resident > o.most {
		return fmt.Errorf("%s: a connection takes %d bytes, at most %d are wanted", o.name, resident, o.most)
	}
	return nil
}

// openAll opens the connections, each of which runs the query and is idle then.
func (o *options) openAll(ctx context.Context) ([]*client.Conn, error) {
	list := make([]*client.Conn, o.connections)
	errs := make([]error, dialers)
	var group sync.WaitGroup
	for i := range dialers {
		group.Go(func() {
			for at := i; at < len(list) && errs[i] == nil && ctx.Err() == nil; at += dialers {
				list[at], errs[i] = o.open()
			}
		})
	}
	group.Wait()
	opened := list[:0]
	for _, c := range list {
		if c != nil {
			opened = append(opened, c)
		}
	}
	return opened, errors.Join(append(errs, ctx.Err())...)
}

func (o *options) open() (*client.Conn, error) {
	c, err := client.ConnectWithTimeout(o.address, "root", o.password, "", 30*time.Second, func(c *client.Conn) error {
		if o.tls {
			c.SetTLSConfig(&tls.Config{InsecureSkipVerify: true}) //nolint:gosec // the node's own certificate, on this machine
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := c.Execute(o.query); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// rest waits until the node's memory stands still.
func (o *options) rest(ctx context.Context) (last memory, err error) {
	for i := range samples {
		now, err := o.sample(ctx)
		if err != nil {
			return last, err
		}
		if moved := now.resident - last.resident; i > 1 && moved < settled*o.connections && moved > -settled*o.connections {
			return now, nil
		}
		last = now
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return last, nil
}

// sample reads the node's metrics, after a collection of its garbage.
func (o *options) sample(ctx context.Context) (m memory, err error) {
	if err := o.ask(ctx, "/debug/pprof/heap?gc=1", io.Discard); err != nil {
		return m, err
	}
	var text strings.Builder
	if err := o.ask(ctx, "/metrics", &text); err != nil {
		return m, err
	}
	wanted := map[string]*int{"process_resident_memory_bytes": &m.resident, "go_memstats_heap_inuse_bytes": &m.heap, "go_memstats_stack_inuse_bytes": &m.stacks}
	found := 0
	for line := range strings.Lines(text.String()) {
		name, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		into := wanted[name]
		if into == nil {
			continue
		}
		value, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return m, fmt.Errorf("%s: %w", name, err)
		}
		*into = int(value)
		found++
	}
	if found != len(wanted) {
		return m, fmt.Errorf("%s/metrics tells %d of the %d numbers that are wanted", o.admin, found, len(wanted))
	}
	return m, nil
}

// ask reads a page of the node's.
func (o *options) ask(ctx context.Context, path string, into io.Writer) (err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+o.admin+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", r.URL, answer.Status)
	}
	_, err = io.Copy(into, answer.Body)
	return err
}
