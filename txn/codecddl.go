package txn

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"marmot/txn/txnpb"
)

func ddlToProto(d *DDL) (*txnpb.DDL, error) {
	t, err := transactionToProto(&d.Transaction)
	if err != nil {
		return nil, err
	}
	return &txnpb.DDL{Transaction: t, Definition: chunkRefsToProto(d.Definition), InlineBody: d.InlineBody}, nil
}

func ddlFromProto(p *txnpb.DDL) (*DDL, error) {
	if p.Transaction == nil {
		return nil, corrupt("DDL without its transaction")
	}
	t, err := transactionFromProto(p.Transaction)
	if err != nil {
		return nil, err
	}
	definition, err := chunkRefsFromProto(p.Definition)
	if err != nil {
		return nil, err
	}
	return &DDL{Transaction: *t, Definition: definition, InlineBody: p.InlineBody}, nil
}

// EncodeDDLBody returns the bytes of a DDL's body, which travel in chunks of kind ChunkDDL or
// inside the order record. They carry no prefix of their own.
func EncodeDDLBody(d *DDLBody) ([]byte, error) {
	p := &txnpb.DDLBody{Text: strings.ToValidUTF8(d.Text, "\uFFFD"), Database: d.Database}
	if d.Context != nil {
		p.Context = contextToProto(d.Context)
	}
	for i := range d.Changes {
		c := &d.Changes[i]
		p.Changes = append(p.Changes, &txnpb.DefinitionChange{
			Kind: uint32(c.Kind), Op: uint32(c.Op), Id: c.ID, DatabaseId: uint64(c.DBID),
			Database: c.Database, Name: c.Name, Definition: c.Definition, Truncate: c.Truncate, Sqlite: c.SQLite,
		})
	}
	for i := range d.Conversions {
		c := &d.Conversions[i]
		p.Conversions = append(p.Conversions, &txnpb.Conversion{
			Name: c.Name, Version: c.Version, Table: uint64(c.Table), Args: c.Args,
		})
	}
	for _, n := range d.Named {
		p.Named = append(p.Named, &txnpb.NamedObject{Kind: uint32(n.Kind), Database: n.Database, Name: n.Name})
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode body of DDL: %w", err)
	}
	return b, nil
}

// DecodeDDLBody reads what EncodeDDLBody returns. An object or operation that this release does
// not know is ErrFuture, all other damage ErrCorrupt.
func DecodeDDLBody(b []byte) (*DDLBody, error) {
	var p txnpb.DDLBody
	if err := proto.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("body of DDL: %w: %w", ErrCorrupt, err)
	}
	d := &DDLBody{Text: p.Text, Database: p.Database}
	if p.Context != nil {
		c := contextFromProto(p.Context)
		d.Context = &c
	}
	for _, c := range p.Changes {
		if c.Kind > uint32(ObjectProgram) || c.Op > uint32(Delete) {
			return nil, fmt.Errorf("body of DDL: operation %d on object of kind %d: %w", c.Op, c.Kind, ErrFuture)
		}
		if c.Kind == 0 || c.Op == 0 {
			return nil, corrupt("body of DDL: change of %q without kind or operation", c.Name)
		}
		d.Changes = append(d.Changes, DefinitionChange{
			Kind: ObjectKind(c.Kind), Op: Op(c.Op), ID: c.Id, DBID: DatabaseID(c.DatabaseId),
			Database: c.Database, Name: c.Name, Definition: c.Definition, Truncate: c.Truncate, SQLite: c.Sqlite,
		})
	}
	for _, c := range p.Conversions {
		d.Conversions = append(d.Conversions, Conversion{
			Name: c.Name, Version: c.Version, Table: TableID(c.Table), Args: c.Args,
		})
	}
	for _, n := range p.Named {
		if n.Kind == 0 || n.Kind > uint32(ObjectProgram) {
			return nil, fmt.Errorf("body of DDL: name %q of an object of kind %d: %w", n.Name, n.Kind, ErrFuture)
		}
		d.Named = append(d.Named, NamedObject{Kind: ObjectKind(n.Kind), Database: n.Database, Name: n.Name})
	}
	return d, nil
}

func contextToProto(c *StatementContext) *txnpb.StatementContext {
	return &txnpb.StatementContext{SqlMode: c.SQLMode, TimeZone: c.TimeZone, NoForeignKeyChecks: c.NoForeignKeyChecks, NoUniqueChecks: c.NoUniqueChecks}
}

func contextFromProto(p *txnpb.StatementContext) StatementContext {
	return StatementContext{SQLMode: p.GetSqlMode(), TimeZone: p.GetTimeZone(), NoForeignKeyChecks: p.GetNoForeignKeyChecks(), NoUniqueChecks: p.GetNoUniqueChecks()}
}
