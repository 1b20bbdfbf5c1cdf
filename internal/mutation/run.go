package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// runner runs go test in the tree at root.
type runner struct {
	root    string
	scratch string // for overlays
	tags    string
	timeout time.Duration // of one test
}

// result is what became of a mutation.
type result struct {
	mutation *mutation
	by       string // the test that failed; empty: none did
	took     time.Duration
	err      error // it could not be tried
}

// errBuild says that go could not build a test.
var errBuild = errors.New("does not compile")

// try runs the mutation's tests until one fails.
func (r *runner) try(ctx context.Context, number int, m *mutation) result {
	began := time.Now()
	end := func(by string, err error) result { return result{m, by, time.Since(began), err} }
	changed, err := m.apply(r.root)
	if err != nil {
		return end("", err)
	}
	overlay, err := r.overlay(number, changed)
	if err != nil {
		return end("", err)
	}
	for _, t := range m.tests {
		failed, err := r.test(ctx, t, "-overlay", overlay, "-count=1", "-failfast")
		if err != nil {
			return end("", err)
		}
		if failed != "" {
			return end(t.pkg()+" "+failed, nil)
		}
	}
	return end("", nil)
}

// overlay writes changed files and the list that go test takes.
func (r *runner) overlay(number int, changed map[string]string) (string, error) {
	dir := filepath.Join(r.scratch, fmt.Sprint(number))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range changed {
		place := filepath.Join(dir, fmt.Sprintf("%d_%s", len(replace), filepath.Base(path)))
		if err := os.WriteFile(place, []byte(text), 0o644); err != nil {
			return "", err
		}
		replace[path] = place
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, list, 0o644)
}

// test runs a test and returns the name of what failed, or nothing.
func (r *runner) test(ctx context.Context, t test, flags ...string) (failed string, err error) {
	args := append([]string{"test", "-vet=off", "-tags", r.tags, "-timeout", r.timeout.String()}, flags...)
	ctx, cancel := context.WithTimeout(ctx, r.timeout+buildLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", append(args, strings.Fields(t.arguments)...)...)
	cmd.Dir = r.root
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	switch text := out.String(); {
	case ctx.Err() != nil:
		return "", fmt.Errorf("go test %s: %w", t.arguments, ctx.Err())
	case err == nil && strings.Contains(text, "no tests to run"):
		return "", fmt.Errorf("go test %s: no tests to run", t.arguments)
	case err == nil:
		return "", nil
	case !errors.As(err, &exit):
		return "", fmt.Errorf("go test %s: %w", t.arguments, err)
	case strings.Contains(text, "[build failed]"), strings.Contains(text, "[setup failed]"):
		return "", fmt.Errorf("%w:\n%s", errBuild, text)
	default:
		return failure(text), nil
	}
}

// buildLimit is what building a test may take beside the test's own time.
const buildLimit = 10 * time.Minute

var (
	failLine  = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	panicLine = regexp.MustCompile(`(?m)^panic: (.*)$`)
)

// failure names what the output of a failed go test says first, as exactly as it says it.
func failure(output string) string {
	name := ""
	for _, f := range failLine.FindAllStringSubmatch(output, -1) {
		if name != "" && !strings.HasPrefix(f[1], name+"/") {
			break
		}
		name = f[1]
	}
	if p := panicLine.FindStringSubmatch(output); p != nil {
		name = strings.TrimSpace(name + " panic: " + p[1])
	}
	if name == "" {
		name = "failed without a name: " + strings.TrimSpace(output)
	}
	return name
}
