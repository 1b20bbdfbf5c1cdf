package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
)

// options are the flags of all commands.
type options struct {
	address, password, brokers, topic, listen string
	ready                                     string
	rows, from, batch, rate, connections      int
	length, patience                          time.Duration
}

func main() {
	o := options{}
	flag.StringVar(&o.address, "address", "", "host:port of the server that speaks MySQL's protocol")
	flag.StringVar(&o.password, "password", "", "root's password")
	flag.StringVar(&o.brokers, "brokers", "", "addresses of the brokers, with commas")
	flag.StringVar(&o.topic, "topic", "", "topic of the events")
	flag.StringVar(&o.listen, "listen", "", "host:port of the registry")
	flag.StringVar(&o.ready, "ready", "", "file that drain makes once it looks")
	flag.IntVar(&o.rows, "rows", 1, "rows to fill in, or events to wait for")
	flag.IntVar(&o.from, "from", 0, "records that are on the topic before")
	flag.IntVar(&o.batch, "batch", 50, "rows of a transaction")
	flag.IntVar(&o.rate, "rate", 1000, "commits a second")
	flag.IntVar(&o.connections, "connections", 32, "connections that commit")
	flag.DurationVar(&o.length, "time", 10*time.Second, "how long to measure")
	flag.DurationVar(&o.patience, "patience", 3*time.Minute, "how long to wait for what does not come")
	flag.Parse()
	commands := map[string]func(context.Context, io.Writer) error{"fill": o.fill, "drain": o.drain, "reach": o.reach, "latency": o.latency, "registry": o.registry}
	run := commands[flag.Arg(0)]
	if run == nil {
		fmt.Fprintln(os.Stderr, "emit: want fill, drain, reach, latency or registry behind the flags")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "emit:", err)
		os.Exit(1)
	}
}

// columnText is what each of the six text columns holds.
var columnText = strings.Repeat("abcdefgh", 20)

// definition is a table whose rows are about 1 KB.
const definition = `CREATE TABLE IF NOT EXISTS orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, amount DECIMAL(10,2), at DATETIME(6), number INT,
 a VARCHAR(255), b VARCHAR(255), c VARCHAR(255), d VARCHAR(255), e VARCHAR(255), f VARCHAR(255))`

// database is where the table is.
const database = "marmot_bench"

// connect opens a connection, with the table there.
func (o *options) connect() (*client.Conn, error) {
	c, err := client.ConnectWithTimeout(o.address, "root", o.password, "", 30*time.Second)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{"CREATE DATABASE IF NOT EXISTS " + database, "USE " + database, definition} {
		if _, err := c.Execute(statement); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// row is the text of one row behind VALUES.
func row() string {
	return "(DEFAULT, 1234.50, '2024-01-01 10:20:30.123456', 7" + strings.Repeat(", '"+columnText+"'", 6) + ")"
}

// fill commits rows, batch rows at a time.
func (o *options) fill(_ context.Context, out io.Writer) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // the server sees it go
	began := time.Now()
	for left := o.rows; left > 0; {
		n := min(left, o.batch)
		if _, err := c.Execute("INSERT INTO orders VALUES " + strings.Repeat(row()+",", n-1) + row()); err != nil {
			return err
		}
		left -= n
	}
	_, err = fmt.Fprintf(out, "filled\t%d\t%.1f\n", o.rows, time.Since(began).Seconds())
	return err
}

// registry answers as a schema registry that knows every schema: its number is a hash of it.
func (o *options) registry(context.Context, io.Writer) error {
	server := http.Server{Addr: o.listen, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		h := fnv.New32a()
		_, _ = h.Write(body) // a hash takes everything
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		_ = json.NewEncoder(w).Encode(map[string]any{"id": h.Sum32()&0xffffff + 1, "version": 1}) // who hung up wants none
	})}
	return server.ListenAndServe()
}
