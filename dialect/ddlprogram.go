package dialect

import (
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Marmot has no stored programs, triggers and events yet. What drops or calls one is answered
// truthfully, so that scripts which begin with DROP … IF EXISTS run.

// planDropProgram plans DROP PROCEDURE, FUNCTION, TRIGGER and EVENT behind these words.
func planDropProgram(kind string) rule {
	return func(_ *Context, s *textReader) (*Plan, error) {
		ifExists := s.ifExists()
		o := s.object()
		if err := s.finish(); err != nil {
			return nil, err
		}
		if !ifExists {
			return nil, missingProgram(kind, o)
		}
		note := mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, kind, o.Database+"."+o.Name)
		switch kind {
		case "TRIGGER":
			note = mysqlerr.New(mysql.ER_TRG_DOES_NOT_EXIST)
		case "EVENT":
			note = mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "Event", o.Name)
		}
		return nothingToDrop(note)
	}
}

func nothingToDrop(notes ...*mysqlerr.Error) (*Plan, error) {
	return &Plan{Command: NoOperation{}, HasSideEffects: true, Warnings: notes}, nil
}

func missingProgram(kind string, o ObjectName) error {
	switch kind {
	case "TRIGGER":
		return mysqlerr.New(mysql.ER_TRG_DOES_NOT_EXIST)
	case "EVENT":
		return mysqlerr.New(mysql.ER_EVENT_DOES_NOT_EXIST, o.Name)
	}
	return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, kind, o.Database+"."+o.Name)
}

// planCall plans CALL behind the word.
func planCall(_ *Context, s *textReader) (*Plan, error) {
	o := s.object()
	if s.err == nil && !s.end() {
		s.balanced()
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	return nil, missingProgram("PROCEDURE", o)
}
