package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// errWrongEventValue is ER_WRONG_VALUE of AT, STARTS and ENDS.
const errWrongEventValue = mysql.ER_WRONG_VALUE

// eventSpec is CREATE or ALTER EVENT as written. Empty texts stand for what is not said.
type eventSpec struct {
	program      schemas.Program
	name         ObjectName
	ifNotExists  bool
	scheduled    bool
	at           *programExpr
	every        *programExpr
	unit         string
	starts, ends *programExpr
	completion   string // PRESERVE or NOT
	status       string
	comment      bool
	rename       *ObjectName
}

// planCreateEvent plans CREATE EVENT behind CREATE.
func planCreateEvent(c *Context, s *textReader) (*Plan, error) { return planEvent(c, s, true) }

// planAlterEvent plans ALTER EVENT behind ALTER.
func planAlterEvent(c *Context, s *textReader) (*Plan, error) { return planEvent(c, s, false) }

func planEvent(c *Context, s *textReader, create bool) (*Plan, error) {
	var w eventSpec
	p := &w.program
	p.Definer, p.Kind = s.definerAndKind(c)
	if create {
		w.ifNotExists = s.ifNotExists()
	}
	w.name = s.object()
	p.Database, p.Name, p.Mode, p.Security = w.name.Database, w.name.Name, uint64(c.Mode), "DEFINER"
	x := newProgramParser(c, s, p)
	if create {
		s.expect("ON", "SCHEDULE")
		s.at -= 2
	}
	w.clauses(x, create)
	if s.accept("DO") {
		p.Body = x.source(s.at, len(s.list)-1)
		if err := x.body(); err != nil {
			return nil, err
		}
	} else if create {
		s.wrong()
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	return planDefinition(c, s, []ObjectName{{Database: p.Database}}, func(d *definition) error {
		if create {
			return d.createEvent(&w)
		}
		return d.alterEvent(&w)
	}), nil
}

// clauses reads what stands between an event's name and DO.
func (w *eventSpec) clauses(x *programParser, create bool) {
	s := x.s
	if s.accept("ON", "SCHEDULE") {
		w.schedule(x)
	}
	if s.accept("ON", "COMPLETION") {
		w.completion = "PRESERVE"
		if s.accept("NOT") {
			w.completion = "NOT"
		}
		s.expect("PRESERVE")
	}
	if !create && s.accept("RENAME", "TO") {
		o := s.object()
		w.rename = &o
	}
	switch {
	case s.accept("ENABLE"):
		w.status = "ENABLED"
	case s.accept("DISABLE", "ON", "REPLICA"), s.accept("DISABLE", "ON", "SLAVE"):
		w.status = "REPLICA_SIDE_DISABLED"
	case s.accept("DISABLE"):
		w.status = "DISABLED"
	}
	if s.accept("COMMENT") {
		w.program.Comment, w.comment = s.str(), true
	}
}

// intervalUnits are the units of EVERY.
const intervalUnits = " YEAR QUARTER MONTH DAY HOUR MINUTE WEEK SECOND YEAR_MONTH DAY_HOUR DAY_MINUTE DAY_SECOND HOUR_MINUTE HOUR_SECOND MINUTE_SECOND "

// schedule reads AT, or EVERY with STARTS and ENDS.
func (w *eventSpec) schedule(x *programParser) {
	s := x.s
	w.scheduled = true
	words := []string{"STARTS", "ENDS", "ON", "ENABLE", "DISABLE", "COMMENT", "DO", "RENAME"}
	if s.accept("AT") {
		w.at = x.expression(words...)
		return
	}
	s.expect("EVERY")
	from := s.at
	for s.err == nil && !s.end() && !strings.Contains(intervalUnits, " "+strings.ToUpper(s.raw(s.token()))+" ") {
		s.at++
	}
	if s.err == nil && (s.end() || s.at == from) {
		s.at = min(from+1, len(s.list)-1)
		s.wrong()
		return
	}
	w.every = x.expressionOf(from, s.at)
	w.unit = strings.ToUpper(s.raw(s.advance()))
	if s.accept("STARTS") {
		w.starts = x.expression(words...)
	}
	if s.accept("ENDS") {
		w.ends = x.expression(words...)
	}
}

// moment computes a time of a schedule; word names it in the error.
func (d *definition) moment(e *programExpr, word string) (int64, error) {
	h, ok := d.e.(ProgramHost)
	if !ok {
		return 0, unsupported("EVENT")
	}
	a := newActivation(h, &routine{})
	v, err := a.evaluate(e, Local{Name: word, Type: schemas.Type{Kind: schemas.DateTime}})
	if err != nil || v.IsNull() {
		shown := "NULL"
		if text, _, rawErr := a.raw(e); rawErr == nil && !text.IsNull() {
			if shown = text.String(); text.Kind() == txn.KindText {
				shown = string(text.Bytes())
			}
		}
		return 0, mysqlerr.New(errWrongEventValue, word, shown)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", string(v.Bytes()), d.e.Zone())
	if err != nil {
		return 0, mysqlerr.New(errWrongEventValue, word, string(v.Bytes()))
	}
	return at.UnixMicro(), nil
}

// schedule works the times of an event out.
func (d *definition) schedule(w *eventSpec, e *schemas.EventPart) (err error) {
	now := d.e.Now().Truncate(time.Second).UnixMicro()
	e.AtUS, e.Every, e.Unit, e.StartsUS, e.EndsUS, e.LastRunUS = 0, "", "", 0, 0, 0
	if zone, zoneErr := d.e.SystemVariable("session", "time_zone"); zoneErr == nil {
		e.Zone = string(zone.Bytes())
	}
	if w.at != nil {
		e.AtUS, err = d.moment(w.at, "AT")
		return err
	}
	h, ok := d.e.(ProgramHost)
	if !ok {
		return unsupported("EVENT")
	}
	v, err := newActivation(h, &routine{}).evaluate(w.every, Local{Name: "EVERY", Type: varcharType(255)})
	if err != nil {
		return err
	}
	e.Every, e.Unit = string(v.Bytes()), w.unit
	if strings.Contains(w.unit, "_") {
		e.Every = "'" + e.Every + "'"
	} else if f, err := strconv.ParseFloat(e.Every, 64); err == nil {
		e.Every = strconv.FormatInt(int64(f), 10)
	}
	if months, us := eventInterval(e); months <= 0 && us <= 0 {
		return mysqlerr.Newf(mysql.ER_EVENT_INTERVAL_NOT_POSITIVE_OR_TOO_BIG, "INTERVAL is either not positive or too big")
	}
	e.StartsUS = now
	if w.starts != nil {
		if e.StartsUS, err = d.moment(w.starts, "STARTS"); err != nil {
			return err
		}
	}
	if w.ends != nil {
		if e.EndsUS, err = d.moment(w.ends, "ENDS"); err != nil {
			return err
		}
		if e.EndsUS <= e.StartsUS {
			return mysqlerr.Newf(mysql.ER_EVENT_ENDS_BEFORE_STARTS, "ENDS is either invalid or before STARTS")
		}
	}
	return nil
}

// isPast reports whether an event has no occurrence left at now.
func isPast(e *schemas.EventPart, now int64) bool {
	if e.Unit == "" {
		return e.AtUS < now
	}
	return e.EndsUS != 0 && e.EndsUS < now
}

func (d *definition) createEvent(w *eventSpec) error {
	db, err := d.database(w.name.Database)
	if err != nil {
		return err
	}
	if d.c.Catalog.Program(schemas.Event, db.Name, w.name.Name) != nil {
		exists := mysqlerr.New(mysql.ER_EVENT_ALREADY_EXISTS, w.name.Name)
		if w.ifNotExists {
			d.note(exists)
			d.programThere(db, &w.program)
			return nil
		}
		return exists
	}
	p := w.program
	p.Event = &schemas.EventPart{Status: "ENABLED", Preserve: w.completion == "PRESERVE"}
	if err := d.schedule(w, p.Event); err != nil {
		return err
	}
	if w.status != "" {
		p.Event.Status = w.status
	}
	if v, err := d.e.SystemVariable("global", "server_id"); err == nil {
		p.Event.Originator = uint64(integerOf(v, 1))
	}
	if isPast(p.Event, d.e.Now().Truncate(time.Second).UnixMicro()) {
		if !p.Event.Preserve {
			d.note(mysqlerr.New(mysql.ER_EVENT_CANNOT_CREATE_IN_THE_PAST))
			d.unlogged = true
			return nil
		}
		p.Event.Status = "DISABLED"
		d.note(mysqlerr.New(mysql.ER_EVENT_EXEC_TIME_IN_THE_PAST))
	}
	return d.addProgram(db, &p)
}

func (d *definition) alterEvent(w *eventSpec) error {
	old := d.c.Catalog.Program(schemas.Event, w.name.Database, w.name.Name)
	if old == nil {
		return missingProgram(schemas.Event, w.name)
	}
	p, e := *old, *old.Event
	p.Event = &e
	if w.scheduled {
		if err := d.schedule(w, &e); err != nil {
			return err
		}
	}
	if w.completion != "" {
		e.Preserve = w.completion == "PRESERVE"
	}
	if w.status != "" {
		e.Status = w.status
	}
	if w.comment {
		p.Comment = w.program.Comment
	}
	if w.program.Body != "" {
		p.Body, p.Mode, p.Collation = w.program.Body, w.program.Mode, d.c.Collation
	}
	if w.scheduled && isPast(&e, d.e.Now().Truncate(time.Second).UnixMicro()) {
		if !e.Preserve {
			return mysqlerr.New(mysql.ER_EVENT_CANNOT_ALTER_IN_THE_PAST)
		}
		e.Status = "DISABLED"
		d.note(mysqlerr.New(mysql.ER_EVENT_EXEC_TIME_IN_THE_PAST))
	}
	p.Definer = w.program.Definer
	p.AlteredUS = d.e.Now().UnixMicro()
	if w.rename != nil {
		return d.renameEvent(&p, *w.rename)
	}
	return d.changeProgram(&p, txn.Update)
}

// renameEvent gives an event another name in its database.
func (d *definition) renameEvent(p *schemas.Program, to ObjectName) error {
	switch {
	case to.Database != p.Database:
		return unsupported("ALTER EVENT … RENAME TO another database")
	case schemas.NewProgramKey(schemas.Event, to.Name) == p.Key():
		return mysqlerr.New(mysql.ER_EVENT_SAME_NAME)
	case d.c.Catalog.Program(schemas.Event, to.Database, to.Name) != nil:
		return mysqlerr.New(mysql.ER_EVENT_ALREADY_EXISTS, to.Name)
	}
	d.names(ObjectName{p.Database, programNameKey(p.Kind, p.Name)})
	p.Name = to.Name
	return d.changeProgram(p, txn.Update)
}

// eventInterval is the interval of a recurring event: months, or microseconds.
func eventInterval(e *schemas.EventPart) (months, us int64) {
	var parts []int64
	text := strings.Trim(e.Every, "'")
	for _, f := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.ParseInt(f, 10, 32)
		if err != nil {
			return 0, 0
		}
		parts = append(parts, n)
	}
	if len(parts) == 0 || strings.HasPrefix(text, "-") {
		return 0, 0
	}
	units := strings.Split(e.Unit, "_")
	scale := map[string]int64{"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400, "WEEK": 7 * 86400}
	last := units[len(units)-1]
	switch {
	case e.Unit == "YEAR_MONTH" && len(parts) == 2:
		return parts[0]*12 + parts[1], 0
	case last == "MONTH":
		return parts[0], 0
	case last == "QUARTER":
		return parts[0] * 3, 0
	case last == "YEAR":
		return parts[0] * 12, 0
	}
	order := []string{"SECOND", "MINUTE", "HOUR", "DAY"}
	at := 0
	for i, u := range order {
		if u == last {
			at = i
		}
	}
	if len(units) == 1 {
		return 0, parts[0] * scale[last] * 1e6
	}
	for i := len(parts) - 1; i >= 0 && at < len(order); i-- {
		us += parts[i] * scale[order[at]] * 1e6
		at++
	}
	return 0, us
}

// DueOccurrence returns the start of the last occurrence of an event that is not after now, in µs since 1970. It reports false if
// there is none that has not run yet.
func DueOccurrence(p *schemas.Program, now time.Time) (int64, bool) {
	e := p.Event
	if e == nil || e.Status != "ENABLED" {
		return 0, false
	}
	us := now.UnixMicro()
	if e.Unit == "" {
		return e.AtUS, e.AtUS <= us && e.LastRunUS < e.AtUS
	}
	if e.EndsUS != 0 {
		us = min(us, e.EndsUS)
	}
	if us < e.StartsUS {
		return 0, false
	}
	months, interval := eventInterval(e)
	var at int64
	switch {
	case interval > 0:
		at = e.StartsUS + (us-e.StartsUS)/interval*interval
	case months > 0:
		start := time.UnixMicro(e.StartsUS).In(eventZone(e.Zone))
		end := time.UnixMicro(us).In(eventZone(e.Zone))
		n := (int64(end.Year()-start.Year())*12 + int64(end.Month()-start.Month())) / months
		for n > 0 && addMonths(start, n*months).UnixMicro() > us {
			n--
		}
		at = addMonths(start, n*months).UnixMicro()
	default:
		return 0, false
	}
	return at, at > e.LastRunUS
}

// addMonths moves a time by months; a day that the month does not have becomes its last.
func addMonths(t time.Time, months int64) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// missedAfter is how late an occurrence may begin; a later one was missed and does not run, as in MySQL.
const missedAfter = 30 * time.Second

// ClaimEvent plans the claim of an occurrence, a change of the event's definition that only one node can commit: what of the event
// has run, and its end if that was the last. run is set to whether the occurrence is to run and is this node's. Of all that MySQL logs the end alone.
func ClaimEvent(c *Context, p *schemas.Program, at int64, run *bool) (Bound, error) {
	text := fmt.Sprintf("ALTER EVENT %s.%s", schemas.QuoteName(p.Database), schemas.QuoteName(p.Name))
	s := newTextReader(c, text)
	plan := planDefinition(c, s, []ObjectName{{Database: p.Database}}, func(d *definition) error {
		*run, d.unlogged = false, true
		d.out.Body.Text = ""
		now := d.c.Catalog.Program(schemas.Event, p.Database, p.Name)
		if now == nil || now.ID != p.ID {
			return nil
		}
		if due, ok := DueOccurrence(now, d.e.Now()); !ok || due != at {
			return nil
		}
		changed, e := *now, *now.Event
		changed.Event = &e
		e.LastRunUS = at
		*run = d.e.Now().Sub(time.UnixMicro(at)) <= missedAfter && at >= time.UnixMicro(now.AlteredUS).Truncate(time.Second).UnixMicro()
		months, interval := eventInterval(&e)
		last := e.Unit == "" || e.EndsUS != 0 && (interval > 0 && at+interval > e.EndsUS ||
			months > 0 && addMonths(time.UnixMicro(at).In(eventZone(e.Zone)), months).UnixMicro() > e.EndsUS)
		switch {
		case last && !e.Preserve:
			d.out.Body.Text = fmt.Sprintf("DROP EVENT %s.%s", schemas.QuoteName(p.Database), schemas.QuoteName(p.Name))
			return d.changeProgram(now, txn.Delete)
		case last:
			e.Status = "DISABLED"
		}
		return d.changeProgram(&changed, txn.Update)
	})
	return Bound{Plan: plan}, nil
}

// EventBody plans the execution of an event's body.
func (p *Planner) EventBody(event *schemas.Program) (Bound, error) {
	plan := &Plan{HasSideEffects: true, Command: Program{run: func(h ProgramHost, _ Binding, _ *ProgramCall) error {
		r, err := p.routine(h.ProgramCatalog(), event, nil)
		if err != nil {
			return err
		}
		return runProcedure(h, r, nil)
	}}}
	return Bound{Plan: plan}, nil
}
