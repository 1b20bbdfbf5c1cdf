package dialect

import (
	"strings"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// eachProgram visits the stored programs of the given kinds, by database and name.
func eachProgram(c *schemas.Catalog, database string, f func(p *schemas.Program) error, kinds ...schemas.ProgramKind) error {
	for _, d := range c.SortedDatabases() {
		if database != "" && d.Name != database {
			continue
		}
		for _, kind := range kinds {
			for _, p := range d.SortedPrograms(kind) {
				if err := f(p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// showRoutines lists SHOW PROCEDURE STATUS or SHOW FUNCTION STATUS.
func showRoutines(kind schemas.ProgramKind) func(*schemas.Catalog, Environment, ObjectName, func([]txn.Value) error) error {
	return func(c *schemas.Catalog, _ Environment, _ ObjectName, row func([]txn.Value) error) error {
		return eachProgram(c, "", func(p *schemas.Program) error {
			return row([]txn.Value{text(p.Database), text(p.Name), text(string(kind)), text("SQL"), text(p.Definer), createdText(p.AlteredUS),
				createdText(p.CreatedUS), text(p.Security), text(p.Comment), text(p.Charset), text(p.Collation), text(p.DatabaseCollation)})
		}, kind)
	}
}

// typeOfText reads a type that a program holds as text.
func typeOfText(c *schemas.Catalog, p *schemas.Program, typeText string) (schemas.Type, bool) {
	own := &Context{Catalog: c, Mode: SQLMode(p.Mode)}
	x := newProgramParser(own, newTextReader(own, typeText), p)
	t, _ := x.dataType("")
	return t, x.s.err == nil
}

// typeFacts are DATA_TYPE up to DTD_IDENTIFIER of a type.
func typeFacts(t *schemas.Type) []txn.Value {
	characters, octets := textLimits(t)
	precision, scale := numericLimits(t)
	fraction := txn.Null()
	if t.Kind == schemas.DateTime || t.Kind == schemas.Timestamp || t.Kind == schemas.Time {
		fraction = count(t.Decimals)
	}
	return []txn.Value{text(t.Name()), characters, octets, precision, scale, fraction, optional(t.Charset), optional(t.Collation), text(t.String())}
}

func routineRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachProgram(c, "", func(p *schemas.Program) error {
		facts := []txn.Value{text(""), {}, {}, {}, {}, {}, {}, {}, {}}
		if p.Kind == schemas.Function {
			if t, ok := typeOfText(c, p, p.Returns); ok {
				facts = typeFacts(&t)
			}
		}
		values := append([]txn.Value{text(p.Name), text("def"), text(p.Database), text(p.Name), text(string(p.Kind))}, facts...)
		return row(append(values, text("SQL"), text(p.Body), txn.Null(), text("SQL"), text("SQL"), yes(p.Deterministic), text(p.Access), txn.Null(),
			text(p.Security), createdText(p.CreatedUS), createdText(p.AlteredUS), text(SQLMode(p.Mode).String()), text(p.Comment), text(p.Definer),
			text(p.Charset), text(p.Collation), text(p.DatabaseCollation)))
	}, schemas.Function, schemas.Procedure)
}

func parameterRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachProgram(c, "", func(p *schemas.Program) error {
		one := func(at int, mode, name txn.Value, t *schemas.Type) error {
			values := append([]txn.Value{text("def"), text(p.Database), text(p.Name), count(at), mode, name}, typeFacts(t)...)
			return row(append(values, text(string(p.Kind))))
		}
		if p.Kind == schemas.Function {
			if t, ok := typeOfText(c, p, p.Returns); ok {
				if err := one(0, txn.Null(), txn.Null(), &t); err != nil {
					return err
				}
			}
		}
		own := &Context{Catalog: c, Mode: SQLMode(p.Mode)}
		x := newProgramParser(own, newTextReader(own, p.Parameters), p)
		x.parameters(p.Kind == schemas.Function)
		if x.s.err != nil {
			return nil
		}
		for i := range x.r.params {
			param := &x.r.params[i]
			if err := one(i+1, text(param.mode), text(param.v.Name), &param.v.Type); err != nil {
				return err
			}
		}
		return nil
	}, schemas.Function, schemas.Procedure)
}

// eachTrigger visits the triggers of a database, or of all, table by table in the order of their activation.
func eachTrigger(c *schemas.Catalog, database string, f func(t *schemas.Table, p *schemas.Program, order int) error) error {
	for _, d := range c.SortedDatabases() {
		if database != "" && d.Name != database {
			continue
		}
		for _, t := range d.SortedTables() {
			order := 0
			var last *schemas.Program
			for _, p := range d.TriggersOf(t.ID) {
				if last == nil || last.Trigger.On != p.Trigger.On || last.Trigger.After != p.Trigger.After {
					order = 0
				}
				order++
				last = p
				if err := f(t, p, order); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func timing(p *schemas.Program) string {
	if p.Trigger.After {
		return "AFTER"
	}
	return "BEFORE"
}

// hundredths is a time with two digits of its fraction, as TIMESTAMP(2) stores it.
func hundredths(us int64) txn.Value {
	return text(time.UnixMicro(us).UTC().Format("2006-01-02 15:04:05.00"))
}

func showTriggers(c *schemas.Catalog, _ Environment, at ObjectName, row func([]txn.Value) error) error {
	return eachTrigger(c, at.Database, func(t *schemas.Table, p *schemas.Program, _ int) error {
		return row([]txn.Value{text(p.Name), text(p.Trigger.On), text(t.Name), text(p.Body), text(timing(p)), hundredths(p.CreatedUS),
			text(SQLMode(p.Mode).String()), text(p.Definer), text(p.Charset), text(p.Collation), text(p.DatabaseCollation)})
	})
}

func triggerRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachTrigger(c, "", func(t *schemas.Table, p *schemas.Program, order int) error {
		return row([]txn.Value{text("def"), text(p.Database), text(p.Name), text(p.Trigger.On), text("def"), text(t.Database), text(t.Name), count(order),
			txn.Null(), text(p.Body), text("ROW"), text(timing(p)), txn.Null(), txn.Null(), text("OLD"), text("NEW"), hundredths(p.CreatedUS),
			text(SQLMode(p.Mode).String()), text(p.Definer), text(p.Charset), text(p.Collation), text(p.DatabaseCollation)})
	})
}

// planShowCreateProgram plans SHOW CREATE PROCEDURE, FUNCTION, TRIGGER and EVENT behind the kind.
func planShowCreateProgram(c *Context, s *textReader, kind schemas.ProgramKind) (*Plan, error) {
	o := s.object()
	if err := s.finish(); err != nil {
		return nil, err
	}
	p := c.Catalog.Program(kind, o.Database, o.Name)
	if p == nil {
		if kind == schemas.Procedure || kind == schemas.Function {
			return nil, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, string(kind), o.Name)
		}
		return nil, missingProgram(kind, o)
	}
	const sets = ", character_set_client varchar(32)!, collation_connection varchar(32)!, 'Database Collation' varchar(64)!"
	mode := text(SQLMode(p.Mode).String())
	last := []txn.Value{text(p.Charset), text(p.Collation), text(p.DatabaseCollation)}
	columns, values := "", []txn.Value{text(p.Name), mode}
	switch kind {
	case schemas.Trigger:
		columns = "Trigger varchar(64)!, sql_mode varchar(520)!, 'SQL Original Statement' varchar(1024)!" + sets + ", Created timestamp(2)"
		values = append(append(append(values, text(createTriggerText(p, tableOf(c.Catalog, p)))), last...), hundredths(p.CreatedUS))
	case schemas.Event:
		columns = "Event varchar(64)!, sql_mode varchar(520)!, time_zone varchar(64)!, 'Create Event' varchar(1024)!" + sets
		values = append(append(values, text(p.Event.Zone), text(createEventText(p))), last...)
	default:
		title := string(kind[:1]) + strings.ToLower(string(kind[1:]))
		columns = title + " varchar(64)!, sql_mode varchar(520)!, 'Create " + title + "' varchar(1024)" + sets
		values = append(append(values, text(createRoutineText(p))), last...)
	}
	return definitionPlan(columns, func(_ Environment, row func([]txn.Value) error) error { return row(values) }), nil
}

// createTriggerText is the text of SHOW CREATE TRIGGER.
func createTriggerText(p *schemas.Program, t *schemas.Table) string {
	user, host, _ := strings.Cut(p.Definer, "@")
	name := ""
	if t != nil {
		name = t.Name
	}
	return "CREATE DEFINER=" + schemas.QuoteName(user) + "@" + schemas.QuoteName(host) + " TRIGGER " + schemas.QuoteName(p.Name) + " " + timing(p) + " " +
		p.Trigger.On + " ON " + schemas.QuoteName(name) + " FOR EACH ROW " + p.Body
}

// eventTime is a time of an event in its time zone; NULL for none.
func eventTime(us int64, zone string) txn.Value {
	if us == 0 {
		return txn.Null()
	}
	return text(eventTimeText(us, zone))
}

func eventTimeText(us int64, zone string) string {
	return time.UnixMicro(us).In(eventZone(zone)).Format("2006-01-02 15:04:05")
}

// eventZone is the time zone that an event was created in; SYSTEM is UTC on every node.
func eventZone(name string) *time.Location {
	if t, err := time.Parse("-07:00", name); err == nil {
		_, offset := t.Zone()
		return time.FixedZone(name, offset)
	}
	if name == "" || name == "SYSTEM" || name == "Local" {
		return time.UTC
	}
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return time.UTC
}

// createEventText is the text of SHOW CREATE EVENT.
func createEventText(p *schemas.Program) string {
	user, host, _ := strings.Cut(p.Definer, "@")
	e := p.Event
	var b strings.Builder
	b.WriteString("CREATE DEFINER=" + schemas.QuoteName(user) + "@" + schemas.QuoteName(host) + " EVENT " + schemas.QuoteName(p.Name) + " ON SCHEDULE ")
	if e.Unit == "" {
		b.WriteString("AT '" + eventTimeText(e.AtUS, e.Zone) + "'")
	} else {
		b.WriteString("EVERY " + e.Every + " " + e.Unit)
		if e.StartsUS != 0 {
			b.WriteString(" STARTS '" + eventTimeText(e.StartsUS, e.Zone) + "'")
		}
		if e.EndsUS != 0 {
			b.WriteString(" ENDS '" + eventTimeText(e.EndsUS, e.Zone) + "'")
		}
	}
	if e.Preserve {
		b.WriteString(" ON COMPLETION PRESERVE")
	} else {
		b.WriteString(" ON COMPLETION NOT PRESERVE")
	}
	switch e.Status {
	case "ENABLED":
		b.WriteString(" ENABLE")
	case "DISABLED":
		b.WriteString(" DISABLE")
	default:
		b.WriteString(" DISABLE ON REPLICA")
	}
	if p.Comment != "" {
		b.WriteString(" COMMENT " + quoteComment(p.Comment))
	}
	return b.String() + " DO " + p.Body
}

// eventFacts are Type up to Ends of an event.
func eventFacts(e *schemas.EventPart) (kind, at, value, field, starts, ends txn.Value) {
	if e.Unit == "" {
		return text("ONE TIME"), eventTime(e.AtUS, e.Zone), txn.Null(), txn.Null(), txn.Null(), txn.Null()
	}
	return text("RECURRING"), txn.Null(), text(e.Every), text(e.Unit), eventTime(e.StartsUS, e.Zone), eventTime(e.EndsUS, e.Zone)
}

func showEvents(c *schemas.Catalog, _ Environment, at ObjectName, row func([]txn.Value) error) error {
	return eachProgram(c, at.Database, func(p *schemas.Program) error {
		kind, when, value, field, starts, ends := eventFacts(p.Event)
		return row([]txn.Value{text(p.Database), text(p.Name), text(p.Definer), text(p.Event.Zone), kind, when, value, field, starts, ends,
			text(p.Event.Status), unsigned(p.Event.Originator), text(p.Charset), text(p.Collation), text(p.DatabaseCollation)})
	}, schemas.Event)
}

func eventRows(c *schemas.Catalog, _ Environment, row func([]txn.Value) error) error {
	return eachProgram(c, "", func(p *schemas.Program) error {
		kind, when, value, field, starts, ends := eventFacts(p.Event)
		completion := "NOT PRESERVE"
		if p.Event.Preserve {
			completion = "PRESERVE"
		}
		return row([]txn.Value{text("def"), text(p.Database), text(p.Name), text(p.Definer), text(p.Event.Zone), text("SQL"), text(p.Body), kind, when, value, field,
			text(SQLMode(p.Mode).String()), starts, ends, text(p.Event.Status), text(completion), createdText(p.CreatedUS), createdText(p.AlteredUS),
			eventTime(p.Event.LastRunUS, p.Event.Zone), text(p.Comment), unsigned(p.Event.Originator), text(p.Charset), text(p.Collation), text(p.DatabaseCollation)})
	}, schemas.Event)
}
