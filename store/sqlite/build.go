package sqlite

/*
#include "marmot.h"
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// ErrBuild is returned by CheckBuild.
var ErrBuild = errors.New("the program was not built with the tags and C flags it needs: build it with `make build`")

// SQLite's numbers of the limits that are checked: SQLITE_LIMIT_ATTACHED and SQLITE_LIMIT_VARIABLE_NUMBER.
const limitAttached, limitVariables = 7, 9

// MaxVariables is the number of parameters that a statement may have: what MySQL allows.
const MaxVariables = 65535

// CheckBuild reports how the SQLite in this program differs from the one it was written for: version,
// compile-time options, and that TEMP triggers may write to attached files.
func CheckBuild() error {
	if got := C.GoString(C.sqlite3_sourceid()); got != C.SQLITE_SOURCE_ID {
		return fmt.Errorf("%w (SQLite %d %.19s, want %s)", ErrBuild, int(C.sqlite3_libversion_number()), got, C.SQLITE_VERSION)
	}
	for _, option := range []string{"ENABLE_PREUPDATE_HOOK", "ENABLE_FTS5", "ENABLE_MATH_FUNCTIONS", "THREADSAFE=1"} {
		name := C.CString(option)
		used := C.sqlite3_compileoption_used(name)
		C.free(unsafe.Pointer(name))
		if used == 0 {
			return fmt.Errorf("%w (SQLite lacks %s)", ErrBuild, option)
		}
	}
	if C.marmot_preupdate_available() == 0 {
		return fmt.Errorf("%w (SQLite lacks the preupdate hook)", ErrBuild)
	}
	if C.marmot_counts_memory() != 0 {
		return fmt.Errorf("%w (SQLite counts its memory, under a lock that all connections share)", ErrBuild)
	}
	c, err := open(":memory:", openReadWrite, "")
	if err != nil {
		return fmt.Errorf("check of the build: %w", err)
	}
	if attached := int(C.sqlite3_limit(c.c.db, limitAttached, -1)); attached < MaxAttached {
		return fmt.Errorf("%w (SQLite attaches at most %d files, want %d)", ErrBuild, attached, MaxAttached)
	}
	if variables := int(C.sqlite3_limit(c.c.db, limitVariables, -1)); variables < MaxVariables {
		return fmt.Errorf("%w (SQLite takes at most %d parameters, want %d: -DSQLITE_MAX_VARIABLE_NUMBER=%d)", ErrBuild, variables, MaxVariables, MaxVariables)
	}
	return errors.Join(probeTempTrigger(c), c.Close())
}

// probeTempTrigger checks that a TEMP trigger on an attached table may write to another; older
// versions of SQLite refuse qualified names in its body.
func probeTempTrigger(c *Conn) error {
	err := c.Exec("ATTACH ':memory:' AS a; ATTACH ':memory:' AS b; CREATE TABLE a.parent(id); CREATE TABLE b.child(id); " +
		"INSERT INTO a.parent VALUES(1); INSERT INTO b.child VALUES(1); " +
		"CREATE TEMP TRIGGER cascade BEFORE DELETE ON a.parent BEGIN DELETE FROM b.child WHERE id=OLD.id; END; DELETE FROM a.parent")
	if err != nil {
		return fmt.Errorf("%w (TEMP triggers across files: %w)", ErrBuild, err)
	}
	s, err := c.Prepare("SELECT count(*) FROM b.child")
	if err != nil {
		return err
	}
	defer s.Reset()
	if _, err := s.Step(); err != nil {
		return err
	}
	if s.Row()[0].Int64() != 0 {
		return fmt.Errorf("%w (a TEMP trigger did not write to an attached file)", ErrBuild)
	}
	return nil
}
