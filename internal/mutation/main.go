package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

// listFile is where the mutations stand, below the module's root.
const listFile = "internal/mutation/mutations.txt"

func command(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutation", flag.ContinueOnError)
	name := flags.String("name", "", "regular expression; only mutations whose names match")
	tags := flags.String("tags", "", "build tags of the tests")
	parallel := flags.Int("parallel", 2, "mutations that are tried at a time")
	timeout := flags.Duration("timeout", 5*time.Minute, "limit of one test; one that hangs has noticed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *parallel < 1 {
		return errors.New("-parallel: at least 1")
	}
	pattern, err := regexp.Compile(*name)
	if err != nil {
		return fmt.Errorf("-name: %w", err)
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	list, err := choose(root, pattern)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutation")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // of temporary files
	r := &runner{root: root, scratch: scratch, tags: *tags, timeout: *timeout}
	if err := r.sound(ctx, list, *parallel, out); err != nil {
		return err
	}
	return r.tryAll(ctx, list, *parallel, out)
}

func choose(root string, pattern *regexp.Regexp) ([]mutation, error) {
	f, err := os.Open(filepath.Join(root, listFile))
	if err != nil {
		return nil, fmt.Errorf("%w; run it in the module's root", err)
	}
	all, err := readList(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", listFile, err)
	}
	var list []mutation
	for i := range all {
		if pattern.MatchString(all[i].name) {
			list = append(list, all[i])
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("-name: none of %d mutations has a name like %q", len(all), pattern)
	}
	return list, nil
}

// sound runs all tests that the mutations name on the source as it is: one that fails anyway says nothing.
func (r *runner) sound(ctx context.Context, list []mutation, parallel int, out io.Writer) error {
	var tests []test
	known := map[test]bool{}
	for i := range list {
		for _, t := range list[i].tests {
			if !known[t] {
				known[t] = true
				tests = append(tests, t)
			}
		}
	}
	fmt.Fprintf(out, "%d tests on the source as it is\n", len(tests))
	bad := make([]error, len(tests))
	each(parallel, len(tests), func(i int) {
		failed, err := r.test(ctx, tests[i])
		if err == nil && failed != "" {
			err = fmt.Errorf("go test %s fails without any mutation: %s", tests[i].arguments, failed)
		}
		bad[i] = err
	})
	return errors.Join(bad...)
}

// tryAll prints a line for each mutation as it ends.
func (r *runner) tryAll(ctx context.Context, list []mutation, parallel int, out io.Writer) error {
	var mu sync.Mutex
	survived, broken := 0, 0
	each(parallel, len(list), func(i int) {
		if ctx.Err() != nil {
			return
		}
		res := r.try(ctx, i, &list[i])
		mu.Lock()
		defer mu.Unlock()
		switch seconds := res.took.Seconds(); {
		case res.err != nil:
			broken++
			fmt.Fprintf(out, "BROKEN   %5.1f s  %-70s %v\n", seconds, res.mutation.name, res.err)
		case res.by == "":
			survived++
			fmt.Fprintf(out, "SURVIVED %5.1f s  %-70s %s\n", seconds, res.mutation.name, res.mutation.rule)
		default:
			fmt.Fprintf(out, "caught   %5.1f s  %-70s by %s\n", seconds, res.mutation.name, res.by)
		}
	})
	fmt.Fprintf(out, "%d mutations: %d caught, %d survived, %d could not be tried\n", len(list), len(list)-survived-broken, survived, broken)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case survived+broken > 0:
		return fmt.Errorf("%d mutations are not caught", survived+broken)
	}
	return nil
}

// each calls f for 0 to n-1, some at a time.
func each(parallel, n int, f func(int)) {
	numbers := make(chan int)
	var group sync.WaitGroup
	for range parallel {
		group.Go(func() {
			for i := range numbers {
				f(i)
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	group.Wait()
}
