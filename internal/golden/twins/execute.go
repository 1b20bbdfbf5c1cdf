package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"marmot/internal/golden"

	_ "github.com/go-sql-driver/mysql" // the driver
)

// turns are sessions on several nodes that share the statements of a script.
type turns struct {
	sessions []*sql.Conn
	next     int
	held     bool // by a transaction or a temporary table
}

var (
	// everywhere is what each session has to know.
	everywhere = regexp.MustCompile(`(?i)^(?:USE|SET SESSION)\s`)
	// begins is what the following statements belong to.
	begins = regexp.MustCompile(`(?i)^(?:BEGIN|START TRANSACTION|XA START|CREATE TEMPORARY)\b`)
	// sleeps stands between the parts of a script: what follows counts on what is before.
	sleeps = regexp.MustCompile(`(?i)^DO SLEEP\(`)
	// ends is the end of that.
	ends = regexp.MustCompile(`(?i)^(?:COMMIT|ROLLBACK|XA COMMIT|XA ROLLBACK|DROP TEMPORARY TABLE)(?:\s+'\w+'.*|\s+\w+)?$`)
)

// run runs a statement where it belongs.
func (t *turns) run(ctx context.Context, statement string) error {
	on := t.sessions[t.next : t.next+1]
	switch {
	case everywhere.MatchString(statement):
		on = t.sessions
	case begins.MatchString(statement):
		t.held = true
	case ends.MatchString(statement):
		t.held = false
	}
	for _, session := range on {
		if _, err := session.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if t.held || len(t.sessions) == 1 {
		return nil
	}
	from := t.sessions[t.next]
	t.next = (t.next + 1) % len(t.sessions)
	return follow(ctx, from, t.sessions[t.next])
}

// follow has a session wait for all that another one's node has: an INSERT does not wait by itself for a parent that another node has just got.
func follow(ctx context.Context, leader, follower *sql.Conn) error {
	var set string
	if err := leader.QueryRowContext(ctx, "SELECT @@gtid_executed").Scan(&set); err != nil {
		return err
	}
	var late int
	err := follower.QueryRowContext(ctx, "SELECT WAIT_FOR_EXECUTED_GTID_SET('"+set+"', 60)").Scan(&late)
	if err == nil && late != 0 {
		err = fmt.Errorf("a node does not get to %s", set)
	}
	return err
}

// partOf is a part of a script, with what its session has to know of the parts before. Part 0 is all of it.
func (o *options) partOf(statements []string) (list []string) {
	if o.part == 0 {
		return statements
	}
	now := 1
	for _, one := range statements {
		switch {
		case sleeps.MatchString(one):
			now++
		case now == o.part, now < o.part && everywhere.MatchString(one):
			list = append(list, one)
		}
	}
	return list
}

// execute runs the statements of a script of the recordings. One that fails is told of, and fails the script at its end.
func (o *options) execute(ctx context.Context, out io.Writer) (err error) {
	name, err := o.argument("the name of a script")
	if err != nil {
		return err
	}
	text, err := golden.Script(name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	var t turns
	for address := range strings.SplitSeq(o.nodes, ",") {
		db, err := sql.Open("mysql", "root:"+o.password+"@tcp("+address+")/")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		session, err := db.Conn(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
		t.sessions = append(t.sessions, session)
	}
	failed := 0
	for _, statement := range o.partOf(golden.Statements(text)) {
		if err := t.run(ctx, statement); err != nil {
			failed++
			if _, err := fmt.Fprintf(out, "%s: %s\n  %v\n", name, statement, err); err != nil {
				return err
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d statements of %s failed", failed, name)
	}
	return nil
}
