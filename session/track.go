package session

import (
	"slices"
	"strings"

	"marmot/dialect"
)

// transactionTrack is what session_track_transaction_info tells of the open transaction.
type transactionTrack struct {
	begin               string // START TRANSACTION as it began; empty: it began by itself
	isolation, access   string // the parts of what SET TRANSACTION said
	read, wrote, sent   bool   // tables were read, written; a result set was sent
	toldState, toldText string // what the client was told last
}

// noTransaction is the state when nothing is open.
const noTransaction = "________"

// noteSet remembers what SET TRANSACTION says of the next transaction.
func (k *transactionTrack) noteSet(n nextTransaction) {
	k.isolation, k.access = n.isolation, n.access
}

// noteBegin remembers how a transaction began.
func (k *transactionTrack) noteBegin(c dialect.Begin, readOnly bool) {
	var words []string
	if c.ConsistentSnapshot {
		words, k.read = append(words, "WITH CONSISTENT SNAPSHOT"), true
	}
	switch {
	case readOnly:
		words = append(words, "READ ONLY")
	case k.access != "":
		words = append(words, k.access)
	}
	k.access = ""
	k.begin = "START TRANSACTION"
	if len(words) > 0 {
		k.begin += " " + strings.Join(words, ", ")
	}
}

// noteStatement remembers what a statement has done in the open transaction.
func (k *transactionTrack) noteStatement(p *dialect.Plan) {
	switch {
	case p == nil || p.Command != nil || p.DDL != nil:
	case p.Write != nil:
		k.wrote = true
	case p.Query != nil:
		k.read = k.read || len(p.Databases) > 0
		k.sent = true
	}
}

// forget clears what belongs to a transaction that has ended.
func (k *transactionTrack) forget(next nextTransaction) {
	*k = transactionTrack{isolation: next.isolation, access: next.access, toldState: k.toldState, toldText: k.toldText}
}

// state spells the state as the protocol has it: a place for each flag, in a fixed order.
func (k *transactionTrack) state(open, locked bool) string {
	b := []byte(noTransaction)
	flag := func(at int, c byte, on bool) {
		if on {
			b[at] = c
		}
	}
	if open {
		flag(0, 'I', true)
		flag(0, 'T', k.begin != "")
		flag(2, 'R', k.read)
		flag(4, 'W', k.wrote)
		flag(6, 'S', k.sent)
	}
	flag(7, 'L', locked)
	return string(b)
}

// text spells the statements that would begin such a transaction.
func (k *transactionTrack) text() string {
	var list []string
	if k.isolation != "" {
		list = append(list, "SET TRANSACTION ISOLATION LEVEL "+strings.ReplaceAll(strings.ToUpper(k.isolation), "-", " ")+";")
	}
	if k.access != "" {
		list = append(list, "SET TRANSACTION "+k.access+";")
	}
	if k.begin != "" {
		list = append(list, k.begin+";")
	}
	return strings.Join(list, " ")
}

// trackTransaction notes what the statement has done to the transaction, and tells the client that asked for it.
func (s *Session) trackTransaction(r *run, result *Result) {
	k := &s.following
	open := s.tx != nil && s.tx.explicit
	if open {
		k.noteStatement(r.bound.Plan)
	} else if k.begin != "" || k.read || k.wrote || k.sent || s.next == (nextTransaction{}) {
		k.forget(s.next)
	}
	mode := s.vars.wire.TrackTransaction
	if mode == "" || mode == "OFF" {
		return
	}
	if state := k.state(open, s.tables != nil && !s.tables.global); state != k.toldState {
		if k.toldState != "" || state != noTransaction {
			result.TransactionState = state
		}
		k.toldState = state
	}
	if mode != "CHARACTERISTICS" {
		return
	}
	if text := k.text() + "|"; text != k.toldText { // "|" stands behind what was told, be it nothing
		result.TransactionText, result.TransactionTextChanged = strings.TrimSuffix(text, "|"), true
		k.toldText = text
	}
}

// changesSession reports whether a statement changes the session's state, for session_track_state_change.
func changesSession(p *dialect.Plan) bool {
	if p == nil {
		return false
	}
	switch p.Command.(type) {
	case dialect.Set, dialect.Use, dialect.PrepareText, dialect.Deallocate:
		return true
	}
	return p.DDL != nil && p.DDL.Temporary
}

// trackNames tells of the variables that SET NAMES sets.
func (s *Session) trackNames(r *run) {
	for _, name := range []string{"character_set_client", "character_set_connection", "character_set_results"} {
		s.track(r, name, s.vars.get(name).text)
	}
}

// trackAll fills in what the client follows of the session besides the transaction.
func (s *Session) trackAll(r *run, result *Result) {
	result.GTID = s.gtid
	result.Variables = r.changed
	result.StateChanged = r.tracked && s.vars.wire.TrackState && changesSession(r.bound.Plan)
	slices.SortFunc(result.Variables, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	s.trackTransaction(r, result)
}
