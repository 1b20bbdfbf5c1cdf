package schemas

import (
	"errors"
	"reflect"
	"testing"

	"marmot/txn"
)

func TestProgramsKeepTheirDefinition(t *testing.T) {
	for _, p := range []*Program{
		{ID: 7, Version: 9, Database: "d", DBID: 3, Kind: Procedure, Name: "P", Parameters: "IN a INT", Body: "SELECT a", Access: "NO SQL", Mode: 5},
		{Kind: Trigger, Name: "t", Body: "SET NEW.a = 1", Trigger: &TriggerPart{Table: 4, After: true, On: "INSERT", Order: 2}},
		{Kind: Event, Name: "e", Body: "DO 1", Event: &EventPart{Every: "1", Unit: "HOUR", StartsUS: 5, Status: "ENABLED"}},
	} {
		b, err := EncodeProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeProgram(b); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%s became %+v, %v", b, got, err)
		}
	}
}

func TestProgramsOfOtherKindsAreRefused(t *testing.T) {
	for text, want := range map[string]error{
		`{"format":1,"program":{"kind":"PACKAGE","name":"p","mode":0}}`:                             txn.ErrFuture,
		`{"format":1,"program":{"kind":"TRIGGER","name":"p","mode":0}}`:                             txn.ErrCorrupt,
		`{"format":1,"program":{"kind":"PROCEDURE","name":"p","mode":0,"trigger":{"on":"INSERT"}}}`: txn.ErrCorrupt,
		`{"format":1,"program":{"kind":"PROCEDURE","name":"p","mode":0,"unheard_of":1}}`:            txn.ErrCorrupt,
		`{"format":2,"program":{"kind":"PROCEDURE","name":"p","mode":0}}`:                           txn.ErrFuture,
		`{"format":1,"table":{"name":"t","auto_increment":-1}}`:                                     txn.ErrCorrupt,
	} {
		if _, err := DecodeProgram([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

func TestTriggersAreActivatedInTheirOrder(t *testing.T) {
	d := &Database{Programs: map[ProgramKey]*Program{}}
	for i, name := range []string{"c", "a", "b"} {
		p := &Program{ID: txn.TableID(i + 1), Kind: Trigger, Name: name, Trigger: &TriggerPart{Table: 1, On: "INSERT", Order: 3 - i}}
		d.Programs[p.Key()] = p
	}
	var got []string
	for _, p := range d.TriggersOf(1) {
		got = append(got, p.Name)
	}
	if !reflect.DeepEqual(got, []string{"b", "a", "c"}) {
		t.Errorf("order %v", got)
	}
	if len(d.TriggersOf(2)) != 0 {
		t.Error("another table has triggers")
	}
}

func TestStatementsOnProgramsAreLoggedWithTheirDefiner(t *testing.T) {
	for text, want := range map[string]string{
		"create event e do select 1":                               "CREATE DEFINER=`ann`@`%` event e do select 1",
		" CREATE\n DEFINER = `a b`@'%' TRIGGER x BEFORE INSERT":    "CREATE DEFINER=`ann`@`%` TRIGGER x BEFORE INSERT",
		"CREATE DEFINER=CURRENT_USER() FUNCTION f() RETURNS INT":   "CREATE DEFINER=`ann`@`%` FUNCTION f() RETURNS INT",
		"CREATE DEFINER=root@localhost EVENT IF NOT EXISTS e DO 1": "CREATE DEFINER=`ann`@`%` EVENT IF NOT EXISTS e DO 1",
		"ALTER EVENT e DISABLE":                                    "ALTER EVENT e DISABLE",
		"DROP EVENT e":                                             "DROP EVENT e",
	} {
		if got := WithDefiner(text, "ann@%"); got != want {
			t.Errorf("%s is logged as %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"create event e do select 1": true, "CREATE DEFINER = 'a' @ `b` EVENT e DO SELECT 1": true, "ALTER DEFINER=CURRENT_USER() EVENT e DISABLE": true,
		"drop\nevent e": true, "DROP PROCEDURE event": false, "CREATE DEFINER=event@x FUNCTION event() RETURNS INT": false, "DROP EVENTS": false, "": false,
	} {
		if got := IsOfEvent(text); got != want {
			t.Errorf("%q is on an event: %v", text, got)
		}
	}
}
