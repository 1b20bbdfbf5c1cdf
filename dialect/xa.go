package dialect

import (
	"marmot/schemas"
)

// XID names an XA transaction.
type XID struct {
	Format              uint32
	Transaction, Branch string // bytes
}

// XAVerb is what a statement of XA does.
type XAVerb uint8

// The statements of XA.
const (
	XAStart XAVerb = iota + 1
	XAEnd
	XAPrepare
	XACommit
	XARollback
	XARecover
)

// XA is a statement of XA.
type XA struct {
	Verb XAVerb
	ID   XID
	// OnePhase: COMMIT of what was not prepared.
	OnePhase bool
	// Words: what no MySQL carries out was asked for: JOIN, RESUME, SUSPEND.
	Words bool
	// Convert: RECOVER shows identifiers in hexadecimal.
	Convert bool
}

func (XA) command() {}

// maxXID is the length of either part of an identifier.
const maxXID = 64

// planXA plans the statements of XA behind this word.
func planXA(_ *Context, s *textReader) (*Plan, error) {
	x := XA{}
	switch s.one("START", "BEGIN", "END", "PREPARE", "COMMIT", "ROLLBACK", "RECOVER") {
	case "START", "BEGIN":
		x.Verb, x.ID = XAStart, s.xid()
		x.Words = s.one("JOIN", "RESUME") != ""
	case "END":
		x.Verb, x.ID = XAEnd, s.xid()
		if x.Words = s.accept("SUSPEND"); x.Words {
			s.accept("FOR", "MIGRATE")
		}
	case "PREPARE":
		x.Verb, x.ID = XAPrepare, s.xid()
	case "COMMIT":
		x.Verb, x.ID = XACommit, s.xid()
		x.OnePhase = s.accept("ONE", "PHASE")
	case "ROLLBACK":
		x.Verb, x.ID = XARollback, s.xid()
	case "RECOVER":
		x.Verb = XARecover
		x.Convert = s.accept("CONVERT", "XID")
	default:
		s.wrong()
	}
	p, err := commandPlan(s, x)
	if err == nil && x.Verb == XARecover {
		number := schemas.Type{Kind: schemas.BigInt, Length: 12}
		p.Columns = []ResultColumn{{Name: "formatID", Type: number}, {Name: "gtrid_length", Type: number}, {Name: "bqual_length", Type: number},
			{Name: "data", Type: varcharType(2*(2*maxXID) + 2)}}
	}
	return p, err
}

// xid reads gtrid [, bqual [, format]].
func (s *textReader) xid() XID {
	id := XID{Format: 1, Transaction: s.xidPart()}
	if !s.accept(",") {
		return id
	}
	id.Branch = s.xidPart()
	if s.accept(",") {
		n := s.number()
		id.Format = uint32(min(n, 1<<32-1)) // MySQL's unsigned long, of which it keeps 32 bits
	}
	return id
}

func (s *textReader) xidPart() string {
	t, part := s.token(), ""
	if t.kind == tokenHex {
		part = s.hex()
	} else {
		part = s.str()
	}
	if s.err == nil && len(part) > maxXID {
		s.fail(syntaxError(s.src, t.end))
	}
	return part
}
