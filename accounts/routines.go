package accounts

import (
	"slices"
	"strings"
)

// RoutineChange is a stored routine that may have come or gone; what it became, the catalog says.
type RoutineChange struct {
	Database, Name string
	Function       bool
	Gone           bool
}

// FollowRoutines is the statement that keeps grants in step with stored routines: whoever has created one may run and alter it, as MySQL's
// automatic_sp_privileges has it, and what was granted on one that is gone goes. exists asks the catalog.
func FollowRoutines(list []RoutineChange, exists func(database, name string, function bool) bool) *Statement {
	return &Statement{run: func(w *work) error {
		for _, c := range list {
			there := exists(c.Database, c.Name, c.Function)
			switch {
			case c.Gone && !there:
				w.forgetRoutine(c)
			case !c.Gone && there:
				w.ownRoutine(c)
			}
		}
		return nil
	}}
}

// forgetRoutine takes the grants on a routine away.
func (w *work) forgetRoutine(c RoutineChange) {
	for _, a := range w.Directory.list {
		if a.routine(c.Database, c.Name, c.Function) == nil {
			continue
		}
		own := w.edit(a.Name)
		own.Routines = slices.DeleteFunc(own.Routines, func(g RoutineGrant) bool {
			return g.Database == c.Database && strings.EqualFold(g.Name, c.Name) && g.Function == c.Function
		})
	}
}

// ownRoutine gives the creator what it lacks of a routine.
func (w *work) ownRoutine(c RoutineChange) {
	const both = Execute | AlterRoutine
	if w.Set.Routine(c.Database, c.Name, c.Function)&both == both {
		return
	}
	a := w.edit(w.Who.Name)
	if a == nil {
		return
	}
	w.give(&privilegeChange{level: levelRoutine, privileges: both, database: c.Database, name: c.Name, function: c.Function}, a)
}
