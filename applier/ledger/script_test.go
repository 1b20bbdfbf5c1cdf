package ledger

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"marmot/txn"
)

var rewrite = flag.Bool("rewrite", false, "write the answers of the scripts anew")

// TestScripts runs testdata/*.txt. A script is blocks of records, each followed by ---- and the
// ledger's answers. Records, one a line:
//
//	open NODE [rules=N] [uuid=N] [time=N]
//	append NAME [on=NODE] [base=N] [begin=N] [connection=N] [USE …]   a transaction
//	ddl NAME …                                                        the same as a DDL
//	fence NAME OWNER shared|exclusive TABLE|DATABASE/ …
//	unfence, noop, barrier, lease, take, release, emit, events, member, remove, settings, trim, checkpoint, account, resolve
//	foreign [N]                                                       records of others
//	show WHAT …                                                       asks, appends nothing
//
// A USE is write=t/1, lock=t/1 (exclusive, no event), rows=t (events without a key), ref=t/1, read=t/1, scan=t, whole=t, version=t:7, auto=t:9, each
// with @N for a position other than base, which is the last position, or base=-N before it. Tables are named [database.]table. Options epoch=N and sequence=N override
// what the node would send.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runScript(t, string(text))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(text) {
				t.Errorf("%s: got\n%s", file, got)
			}
		})
	}
}

// runScript returns the script with the answers that the ledger gives.
func runScript(t *testing.T, text string) string {
	t.Helper()
	s := newScript(t)
	var out strings.Builder
	for i, block := range strings.Split(strings.TrimRight(text, "\n"), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		input, _, _ := strings.Cut(block, "\n----")
		out.WriteString(input + "\n")
		var answers []string
		for _, line := range strings.Split(input, "\n") {
			if line != "" && line[0] != '#' {
				answers = append(answers, s.line(line)...)
			}
		}
		if len(answers) > 0 {
			out.WriteString("----\n" + strings.Join(answers, "\n") + "\n")
		}
	}
	return out.String()
}

type script struct {
	t         *testing.T
	ledger    *Ledger
	names     map[txn.Position]string // of records
	ids       map[string]uint64       // of tables and databases
	byID      map[uint64]string
	epochs    map[string]txn.Epoch
	sequences map[txn.Epoch]txn.Sequence
}

func newScript(t *testing.T) *script {
	return &script{
		t: t, ledger: New(txn.Settings{}), names: map[txn.Position]string{}, ids: map[string]uint64{},
		byID: map[uint64]string{}, epochs: map[string]txn.Epoch{}, sequences: map[txn.Epoch]txn.Sequence{},
	}
}

func (s *script) id(name string) uint64 {
	if id, found := s.ids[name]; found {
		return id
	}
	id := uint64(1000 + len(s.ids))
	s.ids[name], s.byID[id] = id, name
	return id
}

func (s *script) table(name string) (txn.TableID, txn.DatabaseID) {
	database, _, found := strings.Cut(name, ".")
	if !found {
		database = "d"
	}
	return txn.TableID(s.id(name)), txn.DatabaseID(s.id(database + "/"))
}

func (s *script) number(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		s.t.Fatalf("%q is no number", text)
	}
	return n
}

// words is a line taken apart.
type words struct {
	verb    string
	plain   []string
	options map[string]string
	uses    []string
}

func parse(line string) words {
	fields := strings.Fields(line)
	w := words{verb: fields[0], options: map[string]string{}}
	for _, f := range fields[1:] {
		name, value, found := strings.Cut(f, "=")
		switch {
		case !found:
			w.plain = append(w.plain, f)
		case slices.Contains([]string{"write", "lock", "rows", "ref", "read", "scan", "whole", "version", "auto"}, name):
			w.uses = append(w.uses, f)
		default:
			w.options[name] = value
		}
	}
	return w
}

func (w words) option(name, otherwise string) string {
	if v, found := w.options[name]; found {
		return v
	}
	return otherwise
}

func (s *script) line(line string) []string {
	s.t.Helper()
	w := parse(line)
	switch w.verb {
	case "show":
		return s.show(w)
	case "foreign":
		n := uint64(1)
		if len(w.plain) > 0 {
			n = s.number(w.plain[0])
		}
		for range n {
			s.ledger.Decide(s.ledger.Position()+1, nil)
		}
		return nil
	case "open":
		return []string{s.open(w)}
	}
	return []string{s.append(w)}
}

func (s *script) open(w words) string {
	node := w.plain[0]
	b := &txn.Opening{Rules: uint32(s.number(w.option("rules", "1")))}
	b.DataUUID[0] = byte(s.number(w.option("uuid", "1")))
	p := s.ledger.Position() + 1
	s.names[p] = node
	opened := int64(s.number(w.option("time", p.String())))
	d := s.ledger.Decide(p, &txn.Record{Header: txn.Header{Node: txn.NodeID(node), TimeUS: opened}, Body: b})
	s.epochs[node] = d.Epoch
	return fmt.Sprintf("%s %s %s, epoch %d", p, node, d.Verdict, d.Epoch)
}

func (s *script) append(w words) string {
	s.t.Helper()
	name, rest := w.verb, w.plain
	if w.verb == "append" || w.verb == "ddl" {
		name, rest = w.plain[0], w.plain[1:]
	}
	node := w.option("on", "n1")
	epoch := s.epochs[node]
	if v, found := w.options["epoch"]; found {
		epoch = txn.Epoch(s.number(v))
	}
	sequence := s.sequences[epoch] + 1
	if v, found := w.options["sequence"]; found {
		sequence = txn.Sequence(s.number(v))
	}
	s.sequences[epoch] = max(sequence, s.sequences[epoch])
	p := s.ledger.Position() + 1
	s.names[p] = name
	r := &txn.Record{Header: txn.Header{Node: txn.NodeID(node), Epoch: epoch, Sequence: sequence}}
	r.Body = s.body(w, rest)
	d := s.ledger.Decide(p, r)
	return fmt.Sprintf("%s %s %s", p, name, s.describe(d, r.Body))
}

func (s *script) body(w words, args []string) txn.Body {
	s.t.Helper()
	arg := func(i int) string {
		if i >= len(args) {
			s.t.Fatalf("%s: argument %d is missing", w.verb, i+1)
		}
		return args[i]
	}
	switch w.verb {
	case "append":
		return s.transaction(w)
	case "ddl":
		return &txn.DDL{Transaction: *s.transaction(w)}
	case "noop":
		return &txn.Noop{}
	case "barrier":
		return &txn.Barrier{}
	case "fence":
		return s.fence(args)
	case "unfence":
		return &txn.Unfence{Owner: s.number(arg(0))}
	case "emit":
		return &txn.EmissionOwner{Emission: arg(0), Previous: txn.Epoch(s.number(w.option("previous", "0")))}
	case "needs", "pause", "resume", "reset", "drop", "disown":
		return s.emissionControl(w, arg(0))
	case "events":
		return &txn.EventOwner{Previous: txn.Epoch(s.number(w.option("previous", "0")))}
	case "lease":
		id, _ := s.table(arg(0))
		return &txn.Lease{Table: id, Count: s.number(arg(1)), AtLeast: s.number(w.option("least", "0"))}
	case "take", "release":
		return &txn.NamedLock{Name: arg(0), Owner: s.number(arg(1)), Take: w.verb == "take"}
	}
	return s.rareBody(w, args)
}

func (s *script) emissionControl(w words, name string) *txn.EmissionControl {
	actions := map[string]txn.EmissionAction{"needs": txn.EmissionNeeds, "pause": txn.EmissionPause, "resume": txn.EmissionResume,
		"reset": txn.EmissionReset, "drop": txn.EmissionDrop, "disown": txn.EmissionRelease}
	return &txn.EmissionControl{Emission: name, Action: actions[w.verb],
		Position: txn.Position(s.number(w.option("to", "0"))), Reset: txn.Position(s.number(w.option("since", "0")))}
}

func (s *script) rareBody(w words, args []string) txn.Body {
	switch w.verb {
	case "member", "remove":
		return &txn.MemberChange{Node: txn.NodeID(args[0]), Removed: w.verb == "remove"}
	case "settings":
		return &txn.SettingsChange{Settings: txn.Settings{
			Rules: uint32(s.number(w.option("rules", "0"))), WindowRecords: s.number(w.option("records", "0")),
			WindowKeys: s.number(w.option("keys", "0")), CheckpointGap: s.number(w.option("gap", "0"))}}
	case "trim":
		return &txn.TrimFloor{Floor: txn.Position(s.number(args[0]))}
	case "checkpoint":
		first, last, hash, _ := s.ledger.CheckpointDue()
		if v, found := w.options["last"]; found {
			last = txn.Position(s.number(v))
		}
		if slices.Contains(args, "wrong") {
			hash[0]++
		}
		return &txn.Checkpoint{First: first, Last: last, Ledger: hash}
	case "account":
		return &txn.Account{User: args[0], Host: "%", Statement: strings.Join(args[1:], " "), Removed: len(args) == 1}
	case "accounts":
		b := &txn.Accounts{Seen: s.ledger.AccountsHash()}
		for _, change := range args {
			user, statement, _ := strings.Cut(change, ":")
			b.Changes = append(b.Changes, txn.Account{User: user, Host: "%", Statement: statement, Removed: statement == ""})
		}
		if w.options["seen"] == "other" {
			b.Seen[0]++
		}
		return b
	case "resolve":
		return &txn.Resolve{At: txn.Position(s.number(args[0])), Reason: strings.Join(args[1:], " ")}
	}
	s.t.Fatalf("unknown record %q", w.verb)
	return nil
}

func (s *script) fence(args []string) *txn.Fence {
	f := &txn.Fence{Owner: s.number(args[0]), Exclusive: args[1] == "exclusive"}
	for _, name := range args[2:] {
		if strings.HasSuffix(name, "/") {
			f.Databases = append(f.Databases, txn.DatabaseID(s.id(name)))
		} else {
			id, _ := s.table(name)
			f.Tables = append(f.Tables, id)
		}
	}
	return f
}

func (s *script) transaction(w words) *txn.Transaction {
	base := uint64(s.ledger.Position())
	if v, found := w.options["base"]; found {
		if back, relative := strings.CutPrefix(v, "-"); relative {
			base -= s.number(back)
		} else {
			base = s.number(v)
		}
	}
	t := &txn.Transaction{
		ConnectionID: s.number(w.option("connection", "0")),
		Begin:        txn.Position(s.number(w.option("begin", strconv.FormatUint(base, 10)))),
	}
	for _, use := range w.uses {
		s.use(t, use, txn.Position(base))
	}
	return t
}

func (s *script) use(t *txn.Transaction, text string, at txn.Position) {
	kind, rest, _ := strings.Cut(text, "=")
	if before, n, found := strings.Cut(rest, "@"); found {
		rest, at = before, txn.Position(s.number(n))
	}
	name, value, _ := strings.Cut(rest, "/")
	if kind == "version" || kind == "auto" {
		name, value, _ = strings.Cut(rest, ":")
	}
	id, database := s.table(name)
	i := slices.IndexFunc(t.Tables, func(u txn.TableUse) bool { return u.Table == id })
	if i < 0 {
		i = len(t.Tables)
		t.Tables = append(t.Tables, txn.TableUse{Table: id, Database: database, Version: at})
	}
	u := &t.Tables[i]
	key := txn.Key{Table: id, At: at}
	switch kind {
	case "scan":
		u.Read, u.ReadAt = true, at
	case "whole":
		u.Exclusive, u.ExclusiveAt = true, at
	case "version":
		u.Version = txn.Position(s.number(value))
	case "auto":
		u.AutoIncrement = s.number(value)
	case "rows":
		u.Writes = true
	case "write":
		u.Writes = true
		key.Mode = txn.Exclusive
	default:
		key.Mode = map[string]txn.Mode{"lock": txn.Exclusive, "ref": txn.Reference, "read": txn.Read}[kind]
	}
	if key.Mode != 0 {
		key.Hash = s.number(value)
		t.Keys = append(t.Keys, key)
	}
}

// describe prints a decision with the names of the script.
func (s *script) describe(d Decision, body txn.Body) string {
	out := d.Verdict.String()
	switch {
	case d.Verdict == txn.Void:
		return out + ": " + d.Reason.String()
	case d.Verdict == txn.Conflict:
		return out + s.against(d)
	case d.Reason != 0:
		return out + ", not taken: " + d.Reason.String() + s.against(Decision{Against: d.Against})
	}
	if _, lease := body.(*txn.Lease); lease {
		return out + fmt.Sprintf(", %d from %d", d.LeaseCount, d.LeaseFirst)
	}
	if d.Taken {
		out += ", taken"
	}
	return out
}

func (s *script) against(d Decision) string {
	out := ""
	if d.Reason != 0 {
		out = ": " + d.Reason.String()
	}
	if d.Against != 0 {
		name := s.names[d.Against]
		if name == "" || d.Reason == ReasonWindow || d.Reason == ReasonFloor {
			name = d.Against.String()
		}
		out += " with " + name
	}
	if d.Table != 0 {
		out += " on " + s.byID[uint64(d.Table)]
	}
	if d.Reason == ReasonKey {
		out += fmt.Sprintf("/%d", d.Hash)
	}
	return out
}

func (s *script) show(w words) []string {
	l := s.ledger
	one := func(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }
	switch w.plain[0] {
	case "window":
		return one("window: %d keys after %s", l.window.keys, l.WindowStart())
	case "epochs":
		var out []string
		for _, run := range l.Epochs() {
			out = append(out, fmt.Sprintf("epoch %d: %s, sequence %d", run.Epoch, run.Node, run.Sequence))
		}
		return out
	case "members":
		return one("members: %v", l.Members())
	case "fences":
		var out []string
		for _, f := range l.Fences() {
			out = append(out, fmt.Sprintf("fence at %s of %d/%d", f.At, f.Epoch, f.Owner))
		}
		return append(out, fmt.Sprintf("fences: %d", len(l.Fences())))
	case "lock":
		h, found := l.LockOwner(w.plain[1])
		return one("lock %s: %d/%d %v", w.plain[1], h.Epoch, h.Owner, found)
	case "emitter":
		epoch, node := l.Emitter(w.plain[1])
		return one("emitter of %s: %d %q", w.plain[1], epoch, node)
	case "emissions":
		var out []string
		for _, e := range l.Emissions() {
			out = append(out, fmt.Sprintf("emission %+v", e))
		}
		return append(out, fmt.Sprintf("emissions: %d", len(out)))
	case "events":
		epoch, node := l.EventOwner()
		return one("runner of events: %d %q", epoch, node)
	}
	return s.showRest(w)
}

func (s *script) showRest(w words) []string {
	l := s.ledger
	switch w.plain[0] {
	case "counter":
		id, _ := s.table(w.plain[1])
		return []string{fmt.Sprintf("counter of %s: %d", w.plain[1], l.AutoIncrement(id))}
	case "floor":
		return []string{"floor: " + l.TrimFloor().String()}
	case "settings":
		return []string{fmt.Sprintf("settings: %+v", l.Settings())}
	case "accounts":
		var out []string
		for _, a := range l.Accounts() {
			out = append(out, fmt.Sprintf("account %s@%s: %s", a.User, a.Host, a.Statement))
		}
		return append(out, fmt.Sprintf("accounts: %d", len(out)))
	case "due":
		first, last, _, due := l.CheckpointDue()
		return []string{fmt.Sprintf("checkpoint due: %v %s-%s", due, first, last)}
	case "resolved":
		reason, resolved := l.Resolved(txn.Position(s.number(w.plain[1])))
		return []string{fmt.Sprintf("resolved: %v %q", resolved, reason)}
	case "conflict":
		d, _ := l.Conflict(s.transaction(w), s.epochs[w.option("on", "n1")])
		if d.Verdict == 0 {
			return []string{"would commit"}
		}
		return []string{"would be a " + s.describe(d, nil)}
	case "taken", "written":
		return s.showTaken(w)
	}
	s.t.Fatalf("show what? %v", w.plain)
	return nil
}

func (s *script) showTaken(w words) []string {
	name, key, _ := strings.Cut(w.plain[1], "/")
	id, _ := s.table(name)
	after := txn.Position(s.number(w.plain[len(w.plain)-1]))
	p, found := s.ledger.WrittenAfter(id, after)
	if w.plain[0] == "taken" {
		mode := map[string]txn.Mode{"exclusive": txn.Exclusive, "reference": txn.Reference, "read": txn.Read}[w.plain[2]]
		p, found = s.ledger.TakenAfter(id, s.number(key), mode, after)
	}
	if !found {
		return []string{"no"}
	}
	return []string{"yes, at " + p.String()}
}
