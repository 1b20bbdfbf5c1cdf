package txn

import (
	"errors"
	"fmt"
	"strings"

	"marmot/txn/txnpb"
)

func bodyToProto(p *txnpb.Record, body Body) error {
	switch b := body.(type) {
	case *Transaction:
		t, err := transactionToProto(b)
		p.Body = &txnpb.Record_Transaction{Transaction: t}
		return err
	case *DDL:
		d, err := ddlToProto(b)
		p.Body = &txnpb.Record_Ddl{Ddl: d}
		return err
	case nil:
		return errors.New("no body")
	default:
		return controlToProto(p, body)
	}
}

func controlToProto(p *txnpb.Record, body Body) error {
	switch b := body.(type) {
	case *Genesis:
		p.Body = &txnpb.Record_Genesis{Genesis: genesisToProto(b)}
	case *Opening:
		p.Body = &txnpb.Record_Opening{Opening: &txnpb.Opening{
			DataUuid: b.DataUUID[:], Version: b.Version, Rules: b.Rules}}
	case *Noop:
		p.Body = &txnpb.Record_Noop{Noop: &txnpb.Noop{}}
	case *Barrier:
		p.Body = &txnpb.Record_Barrier{Barrier: &txnpb.Barrier{}}
	case *Fence:
		p.Body = &txnpb.Record_Fence{Fence: &txnpb.Fence{Owner: b.Owner,
			Tables: positionsToProto(b.Tables), Databases: positionsToProto(b.Databases), Exclusive: b.Exclusive}}
	case *Unfence:
		p.Body = &txnpb.Record_Unfence{Unfence: &txnpb.Unfence{Owner: b.Owner}}
	case *EmissionOwner:
		p.Body = &txnpb.Record_EmissionOwner{EmissionOwner: &txnpb.EmissionOwner{
			Emission: b.Emission, Previous: uint64(b.Previous)}}
	case *Lease:
		p.Body = &txnpb.Record_Lease{Lease: &txnpb.Lease{
			Table: uint64(b.Table), Count: b.Count, AtLeast: b.AtLeast}}
	case *NamedLock:
		p.Body = &txnpb.Record_NamedLock{NamedLock: &txnpb.NamedLock{Name: b.Name, Owner: b.Owner, Take: b.Take}}
	case *EventOwner:
		p.Body = &txnpb.Record_EventOwner{EventOwner: &txnpb.EventOwner{Previous: uint64(b.Previous)}}
	default:
		return rareToProto(p, body)
	}
	return nil
}

func rareToProto(p *txnpb.Record, body Body) error {
	switch b := body.(type) {
	case *MemberChange:
		p.Body = &txnpb.Record_MemberChange{MemberChange: &txnpb.MemberChange{
			Node: string(b.Node), Removed: b.Removed}}
	case *SettingsChange:
		p.Body = &txnpb.Record_SettingsChange{SettingsChange: &txnpb.SettingsChange{
			Settings: settingsToProto(b.Settings)}}
	case *TrimFloor:
		p.Body = &txnpb.Record_TrimFloor{TrimFloor: &txnpb.TrimFloor{Floor: uint64(b.Floor)}}
	case *Checkpoint:
		p.Body = &txnpb.Record_Checkpoint{Checkpoint: &txnpb.Checkpoint{
			First: uint64(b.First), Last: uint64(b.Last), Aborted: positionsToProto(b.Aborted),
			Ledger: b.Ledger[:], Chain: b.Chain[:]}}
	case *Account:
		p.Body = &txnpb.Record_Account{Account: accountToProto(b)}
	case *Accounts:
		list := make([]*txnpb.Account, len(b.Changes))
		for i := range b.Changes {
			list[i] = accountToProto(&b.Changes[i])
		}
		p.Body = &txnpb.Record_Accounts{Accounts: &txnpb.Accounts{Seen: b.Seen[:], Changes: list, Statement: accountStatementToProto(b.Statement)}}
	case *Kill:
		p.Body = &txnpb.Record_Kill{Kill: &txnpb.Kill{Id: b.ID, Connection: b.Connection, User: b.User, Any: b.Any, Request: b.Request}}
	case *Killed:
		p.Body = &txnpb.Record_Killed{Killed: &txnpb.Killed{Epoch: uint64(b.Epoch), Request: b.Request, Code: b.Code}}
	case *EmissionSignal:
		p.Body = &txnpb.Record_EmissionSignal{EmissionSignal: &txnpb.EmissionSignal{Emission: b.Emission, Id: b.ID, Type: b.Type, Data: b.Data}}
	case *EmissionControl:
		p.Body = &txnpb.Record_EmissionControl{EmissionControl: &txnpb.EmissionControl{
			Emission: b.Emission, Action: uint32(b.Action), Position: uint64(b.Position), ResetAt: uint64(b.Reset)}}
	case *Resolve:
		p.Body = &txnpb.Record_Resolve{Resolve: &txnpb.Resolve{At: uint64(b.At), Reason: b.Reason}}
	default:
		return fmt.Errorf("body of type %T", body)
	}
	return nil
}

func bodyFromProto(p *txnpb.Record) (Body, error) {
	switch b := p.Body.(type) {
	case *txnpb.Record_Transaction:
		return orError(transactionFromProto(b.Transaction))
	case *txnpb.Record_Ddl:
		return orError(ddlFromProto(b.Ddl))
	case *txnpb.Record_Genesis:
		return orError(genesisFromProto(b.Genesis))
	case *txnpb.Record_Opening:
		o := &Opening{Version: b.Opening.Version, Rules: b.Opening.Rules}
		return orError(o, readFixed(o.DataUUID[:], b.Opening.DataUuid, "uuid of the data directory"))
	case *txnpb.Record_Noop:
		return &Noop{}, nil
	case *txnpb.Record_Barrier:
		return &Barrier{}, nil
	case *txnpb.Record_Fence:
		return &Fence{Owner: b.Fence.Owner, Tables: positionsFromProto[TableID](b.Fence.Tables),
			Databases: positionsFromProto[DatabaseID](b.Fence.Databases), Exclusive: b.Fence.Exclusive}, nil
	case *txnpb.Record_Unfence:
		return &Unfence{Owner: b.Unfence.Owner}, nil
	case *txnpb.Record_EmissionOwner:
		return &EmissionOwner{Emission: b.EmissionOwner.Emission, Previous: Epoch(b.EmissionOwner.Previous)}, nil
	case *txnpb.Record_Lease:
		return &Lease{Table: TableID(b.Lease.Table), Count: b.Lease.Count, AtLeast: b.Lease.AtLeast}, nil
	case *txnpb.Record_NamedLock:
		return &NamedLock{Name: b.NamedLock.Name, Owner: b.NamedLock.Owner, Take: b.NamedLock.Take}, nil
	case *txnpb.Record_EventOwner:
		return &EventOwner{Previous: Epoch(b.EventOwner.Previous)}, nil
	default:
		return rareFromProto(p)
	}
}

func rareFromProto(p *txnpb.Record) (Body, error) {
	switch b := p.Body.(type) {
	case *txnpb.Record_MemberChange:
		return &MemberChange{Node: NodeID(b.MemberChange.Node), Removed: b.MemberChange.Removed}, nil
	case *txnpb.Record_SettingsChange:
		return &SettingsChange{Settings: settingsFromProto(b.SettingsChange.Settings)}, nil
	case *txnpb.Record_TrimFloor:
		return &TrimFloor{Floor: Position(b.TrimFloor.Floor)}, nil
	case *txnpb.Record_Checkpoint:
		return orError(checkpointFromProto(b.Checkpoint))
	case *txnpb.Record_Account:
		a := accountFromProto(b.Account)
		return &a, nil
	case *txnpb.Record_Accounts:
		return orError(accountsFromProto(b.Accounts))
	case *txnpb.Record_Kill:
		k := b.Kill
		return &Kill{ID: k.Id, Connection: k.Connection, User: k.User, Any: k.Any, Request: k.Request}, nil
	case *txnpb.Record_Killed:
		return &Killed{Epoch: Epoch(b.Killed.Epoch), Request: b.Killed.Request, Code: b.Killed.Code}, nil
	case *txnpb.Record_EmissionSignal:
		s := b.EmissionSignal
		return &EmissionSignal{Emission: s.Emission, ID: s.Id, Type: s.Type, Data: s.Data}, nil
	case *txnpb.Record_EmissionControl:
		return orError(emissionControlFromProto(b.EmissionControl))
	case *txnpb.Record_Resolve:
		return &Resolve{At: Position(b.Resolve.At), Reason: b.Resolve.Reason}, nil
	}
	return nil, fmt.Errorf("order record of type %T: %w", p.Body, ErrFuture)
}

func emissionControlFromProto(p *txnpb.EmissionControl) (*EmissionControl, error) {
	if p.Action > uint32(EmissionRelease) {
		return nil, fmt.Errorf("action %d on emission %q: %w", p.Action, p.Emission, ErrFuture)
	}
	if p.Action == 0 {
		return nil, corrupt("no action on emission %q", p.Emission)
	}
	return &EmissionControl{Emission: p.Emission, Action: EmissionAction(p.Action), Position: Position(p.Position), Reset: Position(p.ResetAt)}, nil
}

func accountToProto(a *Account) *txnpb.Account {
	return &txnpb.Account{User: a.User, Host: a.Host, Statement: a.Statement, Verifier: a.Verifier, Plugin: a.Plugin, Removed: a.Removed}
}

func accountFromProto(a *txnpb.Account) Account {
	return Account{User: a.User, Host: a.Host, Statement: a.Statement, Verifier: a.Verifier, Plugin: a.Plugin, Removed: a.Removed}
}

func accountStatementToProto(s *AccountStatement) *txnpb.AccountStatement {
	if s == nil {
		return nil
	}
	return &txnpb.AccountStatement{Text: strings.ToValidUTF8(s.Text, "\uFFFD"), Database: s.Database, Context: contextToProto(&s.Context), ConnectionId: s.ConnectionID, User: s.User, Host: s.Host}
}

func accountsFromProto(p *txnpb.Accounts) (*Accounts, error) {
	b := &Accounts{Changes: make([]Account, len(p.Changes))}
	if x := p.Statement; x != nil {
		b.Statement = &AccountStatement{Text: x.Text, Database: x.Database, Context: contextFromProto(x.Context), ConnectionID: x.ConnectionId, User: x.User, Host: x.Host}
	}
	for i, a := range p.Changes {
		b.Changes[i] = accountFromProto(a)
	}
	return b, readFixed(b.Seen[:], p.Seen, "hash of the accounts")
}

// orError keeps a typed nil out of the interface.
func orError[B Body](body B, err error) (Body, error) {
	if err != nil {
		return nil, err
	}
	return body, nil
}

func settingsToProto(s Settings) *txnpb.Settings {
	return &txnpb.Settings{Rules: s.Rules, WindowRecords: s.WindowRecords,
		WindowKeys: s.WindowKeys, CheckpointGap: s.CheckpointGap}
}

func settingsFromProto(p *txnpb.Settings) Settings {
	return Settings{Rules: p.GetRules(), WindowRecords: p.GetWindowRecords(),
		WindowKeys: p.GetWindowKeys(), CheckpointGap: p.GetCheckpointGap()}
}

func genesisToProto(g *Genesis) *txnpb.Genesis {
	return &txnpb.Genesis{
		Base: uint64(g.Base), PreviousHash: g.PreviousHash[:], Partitions: g.Partitions,
		Partition: g.Partition, Settings: settingsToProto(g.Settings), CreatedBy: g.CreatedBy,
	}
}

func genesisFromProto(p *txnpb.Genesis) (*Genesis, error) {
	if p.Partitions < 1 || p.Partition < -1 || p.Partition >= p.Partitions {
		return nil, corrupt("genesis of stream %d of %d", p.Partition, p.Partitions)
	}
	g := &Genesis{Base: Position(p.Base), Partitions: p.Partitions, Partition: p.Partition,
		Settings: settingsFromProto(p.Settings), CreatedBy: p.CreatedBy}
	return g, readFixed(g.PreviousHash[:], p.PreviousHash, "previous hash")
}

func checkpointFromProto(p *txnpb.Checkpoint) (*Checkpoint, error) {
	c := &Checkpoint{First: Position(p.First), Last: Position(p.Last),
		Aborted: positionsFromProto[Position](p.Aborted)}
	for i, a := range c.Aborted {
		if a < c.First || a > c.Last || i > 0 && a <= c.Aborted[i-1] {
			return nil, corrupt("checkpoint %d-%d: aborted position %d", c.First, c.Last, a)
		}
	}
	if err := readFixed(c.Ledger[:], p.Ledger, "hash of the ledger"); err != nil {
		return nil, err
	}
	return c, readFixed(c.Chain[:], p.Chain, "chain hash")
}
